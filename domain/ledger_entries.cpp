#include "domain/ledger_entries.hpp"

#include "domain/book.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace domain {

namespace {

using Lines = std::vector<JournalLine>;
using Entry = std::optional<JournalEntry>;

constexpr std::string_view card_processor = "stripe.balance";
constexpr std::string_view disputed = "dispute.receivable";

Money negative(const Money& amount) { return Money{0, amount.currency} - amount; }

std::string receivable(const AccountId& payer) { return account_name("receivable", payer.value); }
std::string deferred(const DeploymentId& deployment) {
    return account_name("deferred", deployment.value);
}
std::string revenue(const DashboardId& dashboard) {
    return account_name("revenue", dashboard.value);
}
std::string tax(const std::optional<std::string>& country) {
    return account_name("tax", country.value_or("unknown"));
}
std::string credit(const AccountId& account) { return account_name("credit", account.value); }

// Lines of nothing are left out, and so is an entry without lines.
Entry entry(std::string_view cause, Lines lines) {
    std::erase_if(lines, [](const JournalLine& line) { return line.amount.minor == 0; });
    if (lines.empty()) return std::nullopt;
    expects(is_balanced(lines), "a journal entry sums to zero in each currency");
    return JournalEntry{cause, std::move(lines)};
}

// From one account to another.
template <class Event>
Entry moved(const Event&, const Money& amount, std::string_view debit, std::string_view credit_to) {
    return entry(Event::type,
                 {{std::string{debit}, amount}, {std::string{credit_to}, negative(amount)}});
}

// Payments.

template <class Event>
Entry book(const Event&, const PaymentFacts&) {
    return std::nullopt;
}

Entry book(const PaymentCaptured& event, const PaymentFacts& facts) {
    return moved(event, event.amount, card_processor, receivable(facts.payer));
}

Entry book(const CardFeeRecorded& event, const PaymentFacts&) {
    return moved(event, event.fee, "fees.card", card_processor);
}

Entry book(const RefundSucceeded& event, const PaymentFacts& facts) {
    return moved(event, event.amount, receivable(facts.payer), card_processor);
}

Entry book(const RefundFailed& event, const PaymentFacts& facts) {
    // Otherwise the money never left.
    if (std::ranges::find(facts.refunds, event.refund) == facts.refunds.end()) return std::nullopt;
    return moved(event, event.amount, card_processor, receivable(facts.payer));
}

// The processor takes the money at once, and gives it back when the dispute is won.
Entry book(const DisputeOpened& event, const PaymentFacts&) {
    return moved(event, event.amount, disputed, card_processor);
}

Entry book(const DisputeWon& event, const PaymentFacts&) {
    return moved(event, event.amount, card_processor, disputed);
}

Entry book(const DisputeLost& event, const PaymentFacts&) {
    return moved(event, event.amount, "dispute.losses", disputed);
}

// Invoices. What was paid is booked with the payment.

template <class Event>
Entry book(const Event&) {
    return std::nullopt;
}

Entry book(const InvoiceIssued& event) {
    const BillingTerms& terms = event.terms;
    return entry(event.type, {{receivable(terms.payer), terms.gross},
                              {deferred(event.period.deployment), negative(terms.net)},
                              {tax(terms.tax_country), negative(terms.tax)}});
}

Entry book(const CreditApplied& event) {
    return moved(event, event.amount, credit(event.payer), receivable(event.payer));
}

Entry book(const CreditNoteIssued& event) {
    return entry(event.type, {{deferred(event.period.deployment), event.net},
                              {tax(event.tax_country), event.tax},
                              {receivable(event.payer), negative(event.amount)}});
}

Entry book(const InvoiceWrittenOff& event) {
    return moved(event, event.amount, "bad_debt", receivable(event.payer));
}

Entry book(const InvoiceVoided& event) {
    // It had not been issued.
    if (event.amount.minor == 0) return std::nullopt;
    const BillingTerms& terms = event.terms;
    expects(event.amount == terms.gross, "an invoice is voided whole");
    return entry(event.type, {{deferred(event.period.deployment), terms.net},
                              {tax(terms.tax_country), terms.tax},
                              {receivable(terms.payer), negative(terms.gross)}});
}

// A customer's credit. What is spent is booked where it is applied to an invoice.

// Refunds that are kept as credit are the customer's money; the other kinds are a gift.
std::string source(CreditKind kind, const AccountId& account) {
    switch (kind) {
    case CreditKind::goodwill: return "goodwill";
    case CreditKind::sla: return "sla.credits";
    case CreditKind::promo: return "promo";
    case CreditKind::refund_as_credit: return receivable(account);
    }
    return {};
}

Entry book(const CreditGranted& event) {
    return moved(event, event.amount, source(event.kind, event.account), credit(event.account));
}

template <class Event>
Entry lapsed(const Event& event) {
    Lines lines{{credit(event.account), event.amount}};
    for (const CreditPart& part : event.parts)
        lines.push_back({part.kind == CreditKind::refund_as_credit
                             ? "credit.lapsed"
                             : source(part.kind, event.account),
                         negative(part.amount)});
    return entry(event.type, std::move(lines));
}

Entry book(const CreditExpired& event) { return lapsed(event); }

Entry book(const CreditForfeited& event) { return lapsed(event); }

// The book.

Entry book(const AdjustmentApproved& event) {
    Lines lines;
    for (const AdjustmentLine& line : event.lines)
        lines.push_back({line.account, line.amount});
    return entry(event.type, std::move(lines));
}

// The grid.

template <class Event>
Entry book(const Event&, std::string_view) {
    return std::nullopt;
}

Entry book(const ChainBillObserved& event, std::string_view cost_account) {
    return moved(event, event.amount, cost_account, "tft.chain");
}

Entry book(const RewardObserved& event, std::string_view) {
    const Money all = event.farmer + event.foundation + event.staking_pool;
    const std::string farm = event.farm ? account_name("memo.farm", event.farm->value)
                                        : std::string{"memo.farm:unknown"};
    return entry(event.type, {{farm, event.farmer},
                              {"memo.foundation", event.foundation},
                              {"memo.staking_pool", event.staking_pool},
                              {"memo.chain_out", negative(all)}});
}

// Subscriptions.

const PeriodFacts* find(const SubscriptionFacts& facts, std::uint32_t number) {
    const auto found = std::ranges::find(facts.periods, number, &PeriodFacts::number);
    return found == facts.periods.end() ? nullptr : &*found;
}

void add_period(SubscriptionFacts& facts, std::uint32_t number, const BillingTerms& terms) {
    facts.periods.push_back({number, terms.net, terms.dashboard});
}

// Contracts.

using Fates = std::vector<ContractFate>;

void waste(Fates& fates, const std::optional<GridContract>& contract) {
    if (contract) fates.push_back({contract->contract, false});
}

template <class Event>
Fates fates_of(const Event&) {
    return {};
}

Fates fates_of(const WorkloadReady& event) { return {{event.workload.contract, true}}; }
Fates fates_of(const DomainAttached& event) { return {{event.contract, true}}; }

template <class Event>
requires requires(const Event& event) { event.give_back.contracts; }
Fates fates_of(const Event& event) {
    Fates fates;
    for (const GridContract& contract : event.give_back.contracts)
        waste(fates, contract);
    return fates;
}

// Every other event that names a contract that is over, or that nobody wants.
template <class Event>
requires requires(const Event& event) { std::optional<GridContract>{event.contract}; }
Fates fates_of(const Event& event) {
    Fates fates;
    waste(fates, event.contract);
    return fates;
}

Fates fates_of(const ContractCreated&) { return {}; } // It begins.

} // namespace

std::string account_word(std::string_view id) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    if (id.empty()) return "unknown";
    std::string word;
    for (const char c : id) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (plain) {
            word += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        word += '%';
        word += hex[byte >> 4];
        word += hex[byte & 15];
    }
    return word;
}

std::string account_name(std::string_view kind, std::string_view owner) {
    return std::string{kind} + ':' + account_word(owner);
}

bool is_balanced(std::span<const JournalLine> lines) {
    std::array<Int128, 4> sums{};
    for (const JournalLine& line : lines)
        sums[static_cast<std::size_t>(line.amount.currency)] += line.amount.minor;
    return std::ranges::all_of(sums, [](Int128 sum) { return sum == 0; });
}

void learn(PaymentFacts& facts, const PaymentEvent& event) {
    if (const auto* requested = std::get_if<PaymentRequested>(&event))
        facts.payer = requested->payer;
    else if (const auto* refund = std::get_if<RefundSucceeded>(&event))
        facts.refunds.push_back(refund->refund);
}

void learn(InvoiceFacts& facts, const InvoiceEvent& event) {
    if (const auto* issued = std::get_if<InvoiceIssued>(&event))
        facts.net = issued->terms.net;
    else if (const auto* note = std::get_if<CreditNoteIssued>(&event))
        facts.notes.push_back(note->net);
}

void learn(SubscriptionFacts& facts, const SubscriptionEvent& event) {
    if (const auto* started = std::get_if<SubscriptionStarted>(&event))
        add_period(facts, started->period, started->terms);
    else if (const auto* due = std::get_if<RenewalDue>(&event))
        add_period(facts, due->period, due->terms);
}

Entry journal_entry(const PaymentEvent& event, const PaymentFacts& facts) {
    return std::visit([&](const auto& one) { return book(one, facts); }, event);
}

Entry journal_entry(const InvoiceEvent& event) {
    return std::visit([](const auto& one) { return book(one); }, event);
}

Entry journal_entry(const CustomerCreditEvent& event) {
    return std::visit([](const auto& one) { return book(one); }, event);
}

Entry journal_entry(const BookEvent& event) {
    return std::visit([](const auto& one) { return book(one); }, event);
}

Entry journal_entry(const UsageEvent& event, std::string_view cost_account) {
    return std::visit([&](const auto& one) { return book(one, cost_account); }, event);
}

Entry journal_entry(const SubscriptionEvent& event, const DeploymentId& deployment,
                    const SubscriptionFacts& facts) {
    const auto earned = period_earned(event, facts);
    if (!earned) return std::nullopt;
    const PeriodFacts* period = find(facts, earned->period);
    return std::visit(
        [&](const auto& one) {
            return moved(one, earned->amount, deferred(deployment), revenue(period->dashboard));
        },
        event);
}

std::optional<PeriodEarned> period_earned(const SubscriptionEvent& event,
                                          const SubscriptionFacts& facts) {
    std::uint32_t number = 0;
    std::optional<Money> amount;
    if (const auto* due = std::get_if<RenewalDue>(&event)) {
        number = due->period - 1;
    } else if (const auto* ended = std::get_if<SubscriptionEnded>(&event)) {
        number = ended->period;
    } else if (const auto* cancelled = std::get_if<SubscriptionCancelled>(&event)) {
        number = cancelled->period;
        amount = cancelled->used;
    }
    const PeriodFacts* period = find(facts, number);
    if (period == nullptr) return std::nullopt;
    return PeriodEarned{number, amount.value_or(period->net)};
}

std::string grid_cost_account(const DeploymentId& deployment, bool served) {
    return served ? account_name("grid.cost", deployment.value) : std::string{"grid.waste"};
}

Time posting_time(const BookEvent& event, Time now) {
    using namespace std::chrono;
    const auto* approved = std::get_if<AdjustmentApproved>(&event);
    if (approved == nullptr || !is_month(approved->month) || approved->month == month_of(now))
        return now;
    const auto digit = [&](std::size_t at) { return approved->month[at] - '0'; };
    const year year_of{digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3)};
    const month month_in{static_cast<unsigned>(digit(5) * 10 + digit(6))};
    const sys_days next{year_of / month_in / day{1} + months{1}};
    const sys_time<milliseconds> last = next - milliseconds{1};
    return {last.time_since_epoch().count()};
}

std::optional<DeploymentId> deployment_of(std::string_view period_id) {
    const std::size_t dot = period_id.rfind('.');
    if (dot == period_id.npos || dot == 0 || dot + 1 == period_id.size()) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(period_id.substr(dot + 1), is_digit)) return std::nullopt;
    return DeploymentId{std::string{period_id.substr(0, dot)}};
}

Fates contract_fates(const DeploymentEvent& event) {
    return std::visit([](const auto& one) { return fates_of(one); }, event);
}

std::optional<CreditNoteShare> credit_note_share(const InvoiceEvent& event,
                                                 const InvoiceFacts& facts) {
    if (const auto* voided = std::get_if<InvoiceVoided>(&event)) {
        if (voided->amount.minor == 0) return std::nullopt;
        const Money& net = voided->terms.net;
        return CreditNoteShare{
            voided->period.deployment, voided->period.number, net, {0, net.currency}, net};
    }
    const auto* note = std::get_if<CreditNoteIssued>(&event);
    if (note == nullptr || note->net.minor == 0) return std::nullopt;
    Money before{0, note->net.currency};
    for (std::size_t i = 0; i + 1 < note->note && i < facts.notes.size(); ++i)
        before = before + facts.notes[i];
    return CreditNoteShare{note->period.deployment, note->period.number, facts.net, before,
                           note->net};
}

Entry earned_part(const CreditNoteShare& share, const Money& earned, std::string_view cause) {
    const Money none{0, share.net.currency};
    const Money unearned = std::max(none, share.issued - earned - share.before);
    const Money part = share.net - std::min(unearned, share.net);
    return entry(cause, {{"refunds", part}, {deferred(share.deployment), negative(part)}});
}

} // namespace domain
