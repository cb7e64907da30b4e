// Random commands at random invoices: whatever comes, the amounts add up.

#include "domain/invoice.hpp"
#include "tests/support/given.hpp"

#include <map>
#include <random>

namespace domain {

namespace {

using Status = InvoiceStatus;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }
    std::uint32_t number() { return static_cast<std::uint32_t>(draw(4)); }
    std::string name() { return std::to_string(draw(4)); }
    ActorId who() { return {draw(2) == 0 ? "a" : "b"}; }

    Money amount() {
        if (draw(20) == 0) return {10, Currency::eur};
        return {draw(3) == 0 ? 605 : draw(700) - 20, Currency::usd};
    }

    BillingTerms terms() {
        BillingTerms all;
        all.payer = {"user-a"};
        const std::int64_t net = draw(10) == 0 ? 0 : 500, tax = net == 0 ? 0 : 105;
        all.price = all.net = {net, Currency::usd};
        all.tax = {tax, Currency::usd};
        all.gross = {net + tax, Currency::usd};
        if (draw(10) != 0) all.tax_country = "BE";
        return all;
    }

    InvoiceCommand command() {
        switch (draw(14)) {
        case 0:
        case 1: return DraftInvoice{{{"d1"}, 1, {0}, {1}}, terms()};
        case 2:
        case 3: return IssueInvoice{static_cast<std::uint64_t>(draw(12) == 0 ? 2 : 1)};
        case 4: return ApplyCredit{name(), amount()};
        case 5:
        case 6: return RecordInvoicePayment{{name()}, amount()};
        case 7: return RecordInvoiceRefund{{name()}, number(), amount(), draw(3) == 0};
        case 8: return MarkPastDue{};
        case 9: return IssueCreditNote{name(), amount(), {}};
        case 10:
            if (draw(2) == 0) return ProposeWriteOff{{}, "unpaid"};
            return ProposeWriteOff{amount(), "unpaid"};
        case 11:
        case 12: return WriteOffInvoice{};
        default:
            if (draw(6) != 0) return MarkPastDue{};
            return VoidInvoice{};
        }
    }

private:
    std::mt19937_64 random_;
};

std::int64_t sum(const auto& entries) {
    std::int64_t total = 0;
    for (const auto& one : entries)
        total += one.amount.minor;
    return total;
}

void check(const Invoice& invoice) {
    if (invoice.status == Status::none) return;
    EXPECT_EQ(invoice.issued.minor, invoice.paid.minor + invoice.credit.minor +
                                        invoice.notes.minor + invoice.written_off.minor +
                                        invoice.voided.minor + due_of(invoice).minor);
    EXPECT_EQ(invoice.issued.minor, invoice.number ? invoice.terms.gross.minor : 0);
    if (invoice.status != Status::drafted) {
        std::int64_t returned = 0;
        for (const InvoiceRefund& one : invoice.refunds)
            returned += one.failed ? 0 : one.amount.minor;
        EXPECT_EQ(invoice.paid.minor, sum(invoice.payments) - returned);
    } else {
        EXPECT_EQ(invoice.paid.minor, 0);
    }
    EXPECT_EQ(invoice.credit.minor, sum(invoice.credits));
    EXPECT_EQ(invoice.notes.minor, sum(invoice.credit_notes));
    EXPECT_GE(invoice.paid.minor, 0);
    EXPECT_LE(invoice.notes.minor + invoice.written_off.minor, invoice.issued.minor);
    EXPECT_EQ(invoice.notes_tax.minor, invoice.terms.gross.minor == 0
                                           ? 0
                                           : scale(invoice.notes, invoice.terms.tax.minor,
                                                   invoice.terms.gross.minor, Rounding::half_up)
                                                 .minor);
    if (invoice.status == Status::issued || invoice.status == Status::past_due) {
        EXPECT_GE(due_of(invoice).minor, 0);
    }
}

// What an event says is due is what is.
void check_due(const InvoiceEvent& event, const Invoice& invoice) {
    std::visit(
        [&](const auto& one) {
            if constexpr (requires { one.due; }) {
                EXPECT_EQ(one.due, due_of(invoice));
            }
            if constexpr (requires { one.net + one.tax; }) {
                EXPECT_EQ(one.net + one.tax, one.amount);
            }
        },
        event);
}

TEST(InvoiceWalk, AddsUp) {
    std::map<std::size_t, int> events_seen;
    std::map<InvoiceRejection, int> rejections_seen;
    std::map<Status, int> ends;
    for (std::uint64_t seed = 0; seed < 3'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Invoice invoice;
        int settled = 0;
        for (int step = 0; step < 40; ++step) {
            const auto command = walk.command();
            const ActorId by = walk.who();
            const auto decision = decide(invoice, command, tests::some_time, by);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const InvoiceEvent& event : *decision) {
                ++events_seen[event.index()];
                invoice = evolve(std::move(invoice), event);
                check(invoice);
                check_due(event, invoice);
                if (const auto* paid = std::get_if<InvoicePaid>(&event); paid && paid->settled) {
                    EXPECT_EQ(++settled, 1);
                }
            }
            const auto again = decide(invoice, command, tests::some_time, by);
            EXPECT_TRUE(!again || again->empty()) << tests::print(*again);
        }
        ++ends[invoice.status];
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<InvoiceEvent>);
    EXPECT_GE(rejections_seen.size(), 15U);
    EXPECT_GE(ends.size(), 6U);
}

} // namespace

} // namespace domain
