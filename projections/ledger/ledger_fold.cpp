#include "projections/ledger/ledger_fold.hpp"

#include "projections/fold.hpp"
#include "projections/ledger/ledger_posting.hpp"
#include "schemas/messages.hpp"

#include <string>

namespace projections {

namespace {

using namespace ledger;
using domain::JournalEntry;

// Nothing is learnt from the streams of customers' credit, of contracts and of books.
struct NoFacts {};
BOOST_DESCRIBE_STRUCT(NoFacts, (), ())

struct DeploymentFacts {
    std::string book;
};
BOOST_DESCRIBE_STRUCT(DeploymentFacts, (), (book))

template <class Event>
void learn(NoFacts&, const Event&) {}

void learn(DeploymentFacts& facts, const domain::DeploymentEvent& event) {
    if (const auto* ordered = std::get_if<domain::DeploymentOrdered>(&event))
        facts.book = ordered->quote.dashboard.value;
}

// What one stream's event does, beside what its facts are. `id` is the stream's, without the
// aggregate's name.

void book(Posting& posting, std::string_view id, const domain::PaymentEvent& event,
          const domain::PaymentFacts& facts, const schemas::EventView&) {
    auto entry = journal_entry(event, facts);
    if (!entry) return;
    const Draft draft = posting.draft(std::move(*entry), {});
    if (const auto deployment = domain::deployment_of(id))
        posting.post_with(FactKind::deployment, deployment->value, draft);
    else
        posting.post(draft);
}

std::string book_of(const domain::InvoiceEvent& event) {
    return std::visit(
        []<class Event>(const Event& one) -> std::string {
            if constexpr (requires { one.dashboard; })
                return one.dashboard.value;
            else if constexpr (requires { one.terms; })
                return one.terms.dashboard.value;
            else
                return {};
        },
        event);
}

void book(Posting& posting, std::string_view, const domain::InvoiceEvent& event,
          const domain::InvoiceFacts& facts, const schemas::EventView& head) {
    if (auto entry = journal_entry(event))
        posting.post(posting.draft(std::move(*entry), book_of(event)));
    if (const auto share = domain::credit_note_share(event, facts)) {
        Draft draft = posting.draft({head.type, {}}, book_of(event));
        draft.share = share;
        posting.post_with(FactKind::period,
                          domain::period_id(share->deployment.value, share->period), draft);
    }
}

void book(Posting& posting, std::string_view id, const domain::SubscriptionEvent& event,
          const domain::SubscriptionFacts& facts, const schemas::EventView& head) {
    const auto earned = domain::period_earned(event, facts);
    if (!earned) return;
    std::string book_name;
    for (const domain::PeriodFacts& period : facts.periods)
        if (period.number == earned->period) book_name = period.dashboard.value;
    if (auto entry = journal_entry(event, domain::DeploymentId{std::string{id}}, facts))
        posting.post(posting.draft(std::move(*entry), book_name));
    Fact fact;
    fact.tenant = head.tenant;
    fact.book = book_name;
    fact.earned = earned->amount;
    fact.time = head.time;
    posting.make_known(FactKind::period, domain::period_id(id, earned->period), std::move(fact));
}

void book(Posting& posting, std::string_view id, const domain::DeploymentEvent& event,
          const DeploymentFacts& facts, const schemas::EventView& head) {
    Fact fact;
    fact.tenant = head.tenant;
    fact.book = facts.book;
    fact.deployment = {std::string{id}};
    fact.time = head.time;
    if (std::holds_alternative<domain::DeploymentOrdered>(event))
        posting.make_known(FactKind::deployment, id, fact);
    for (const domain::ContractFate& fate : domain::contract_fates(event)) {
        fact.served = fate.served;
        posting.make_known(FactKind::contract, fate.contract.value, fact);
    }
}

void book(Posting& posting, std::string_view, const domain::CustomerCreditEvent& event,
          const NoFacts&, const schemas::EventView&) {
    auto entry = journal_entry(event);
    if (!entry) return;
    const auto dashboard = std::visit([](const auto& one) { return one.dashboard.value; }, event);
    posting.post(posting.draft(std::move(*entry), dashboard));
}

void book(Posting& posting, std::string_view id, const domain::UsageEvent& event, const NoFacts&,
          const schemas::EventView&) {
    const auto* bill = std::get_if<domain::ChainBillObserved>(&event);
    if (bill != nullptr && !bill->deployment) {
        // It served nobody, so it is in nobody's book.
        if (auto entry = journal_entry(event, "grid.waste"))
            posting.post(posting.draft(std::move(*entry), {}));
    } else if (auto entry = journal_entry(event, {})) {
        posting.post_with(FactKind::contract, id, posting.draft(std::move(*entry), {}));
    }
}

void book(Posting& posting, std::string_view id, const domain::BookEvent& event, const NoFacts&,
          const schemas::EventView& head) {
    auto entry = journal_entry(event);
    if (!entry) return;
    Draft draft = posting.draft(std::move(*entry), std::string{id});
    draft.time = domain::posting_time(event, head.time);
    posting.post(draft);
}

template <class Event, class Facts>
void follow(std::string_view id, const schemas::EventView& event, int partition, bus::Offset offset,
            LedgerRows& rows) {
    const std::string key = stream_key(event.stream);
    StreamPlace place;
    Facts facts;
    // Nothing can be known of a new one; if a crash left its row ahead, it is made again.
    if (event.sequence > 1)
        if (const auto stored = rows.get(key)) {
            schemas::Packed in{*stored};
            schemas::unpack(in, place);
            schemas::unpack(in, facts);
        }
    const bool contained = offset <= place.offset;
    if (!contained && event.sequence != place.sequence + 1)
        throw BrokenLog{"events/" + std::to_string(partition) + "/" + std::to_string(offset) +
                        ": " + std::string{event.stream} + " has " +
                        std::to_string(place.sequence) + " events, and this one says it is " +
                        std::to_string(event.sequence)};
    // One that cannot be read moves no money: its neighbours go on.
    const auto happened = schemas::read_data<Event>(event.type, event.data, schemas::Unknown::skip);
    if (!contained) {
        if (happened) learn(facts, *happened);
        place = {event.sequence, offset};
        std::string row;
        schemas::pack(place, row);
        schemas::pack(facts, row);
        rows.put(key, std::move(row));
    }
    if (!happened) return;
    Posting posting{event, partition, offset, rows};
    book(posting, id, *happened, facts, event);
    posting.finish();
}

} // namespace

void fold_ledger(const schemas::EventView& event, int partition, bus::Offset offset,
                 LedgerRows& rows) {
    if (event.sequence == 0) return;
    const std::size_t dash = event.stream.find('-');
    if (dash == event.stream.npos) return;
    const std::string_view aggregate = event.stream.substr(0, dash);
    const std::string_view id = event.stream.substr(dash + 1);
    if (aggregate == "payment")
        follow<domain::PaymentEvent, domain::PaymentFacts>(id, event, partition, offset, rows);
    else if (aggregate == "invoice")
        follow<domain::InvoiceEvent, domain::InvoiceFacts>(id, event, partition, offset, rows);
    else if (aggregate == "subscription")
        follow<domain::SubscriptionEvent, domain::SubscriptionFacts>(id, event, partition, offset,
                                                                     rows);
    else if (aggregate == "usage")
        follow<domain::UsageEvent, NoFacts>(id, event, partition, offset, rows);
    else if (aggregate == "deployment")
        follow<domain::DeploymentEvent, DeploymentFacts>(id, event, partition, offset, rows);
    else if (aggregate == "customer_credit")
        follow<domain::CustomerCreditEvent, NoFacts>(id, event, partition, offset, rows);
    else if (aggregate == "book")
        follow<domain::BookEvent, NoFacts>(id, event, partition, offset, rows);
}

} // namespace projections
