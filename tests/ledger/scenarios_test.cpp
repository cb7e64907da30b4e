// Whole stories with the balances that they have to end with. Opening balances and the value of the
// TFT stock are left out.

#include "tests/ledger/customer_events.hpp"
#include "tests/ledger/told_story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests {

namespace {

using domain::BillingTerms;
using projections::MemoryLedgerRows;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Story : public testing::Test {
protected:
    void order(const std::string& deployment, const BillingTerms& terms, Time time) {
        story_.tell("deployment-" + deployment, ordered(deployment, terms), time);
    }
    void pay(const std::string& id, const Money& amount, std::int64_t fee, Time time) {
        story_.tell("payment-" + id, captured(amount), time);
        story_.tell("payment-" + id,
                    domain::PaymentEvent{domain::CardFeeRecorded{{fee, amount.currency}}}, time);
    }
    // Invoice 1 of the deployment, paid by card.
    void sell(const std::string& deployment, const BillingTerms& terms, std::int64_t fee,
              Time time) {
        story_.tell("payment-" + deployment + ".1", requested(terms), time);
        story_.tell("invoice-" + deployment + ".1",
                    domain::InvoiceEvent{domain::InvoiceDrafted{period_of(deployment, 1), terms}},
                    time);
        story_.tell("invoice-" + deployment + ".1", issued(deployment, 1, terms), time);
        pay(deployment + ".1", terms.gross, fee, time);
    }
    Balances ledger() {
        fold(story_.records(), rows_);
        for (const auto& total : projections::trial_balance(projections::balances(rows_, {})))
            EXPECT_TRUE(total.sum() == 0);
        return balances_of(rows_, {"acme", "operator-t"});
    }

    ToldStory story_;
    MemoryLedgerRows rows_;
};

// A month of a VM, its backup and a name: 720 hourly bills each, and what the chain paid of them.
TEST_F(Story, AMonthThatGoesWell) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    order("d1", terms, after(0));
    story_.tell("deployment-d1", ready("9001"), after(0));
    story_.tell("deployment-d1", ready("9002"), after(0));
    story_.tell("deployment-d1",
                domain::DeploymentEvent{domain::DomainAttached{1, {}, {"9003"}, "acme.gw"}},
                after(0));
    sell("d1", terms, 59, after(0));
    story_.tell("subscription-d1", started(terms), after(0));
    for (int i = 1; i <= 720; ++i) {
        const Time time = after(i * hour);
        story_.tell("usage-9001", bill(time, 4'500'000, "d1"), time);
        story_.tell("usage-9002", bill(time, 4'500'000, "d1"), time);
        story_.tell("usage-9003", bill(time, 100'000, "d1"), time);
        if (i % 24 != 0) continue;
        story_.tell("usage-9001", reward(time, "7", 54'000'000, 43'200'000, 10'800'000), time);
        story_.tell("usage-9002", reward(time, "9", 54'000'000, 43'200'000, 10'800'000), time);
        story_.tell("usage-9003", reward(time, {}, 0, 2'160'000, 240'000), time);
    }
    story_.tell("subscription-d1", renewal(2, terms), after(30 * day));

    EXPECT_EQ(ledger(), (Balances{{"fees.card USD", 59},
                                  {"revenue:operator-t USD", -1000},
                                  {"stripe.balance USD", 941},
                                  {"grid.cost:d1 TFT", 6'552'000'000},
                                  {"tft.chain TFT", -6'552'000'000},
                                  {"memo.chain_out TFT", -6'552'000'000},
                                  {"memo.farm:7 TFT", 1'620'000'000},
                                  {"memo.farm:9 TFT", 1'620'000'000},
                                  {"memo.foundation TFT", 2'656'800'000},
                                  {"memo.staking_pool TFT", 655'200'000}}));
    const auto journal = journal_of(rows_);
    EXPECT_EQ(journal.size(), 3U + 2160 + 90 + 1);
    EXPECT_THAT(journal,
                Contains("invoice.issued receivable:user-a +1000 USD deferred:d1 -1000 USD"));
    EXPECT_EQ(journal.back(),
              "subscription.renewal_due deferred:d1 +1000 USD revenue:operator-t -1000 USD");
    EXPECT_EQ(projections::postings_waiting(rows_), 0U);
}

TEST_F(Story, ASecondCardPaysWithTax) {
    const BillingTerms terms = terms_of("user-b", cents(1500), 315);
    order("d2", terms, after(day));
    story_.tell("payment-d2.1", requested(terms), after(day));
    story_.tell("payment-d2.1",
                domain::PaymentEvent{domain::PaymentDeclined{1, {}, "insufficient_funds", {}}},
                after(day));
    story_.tell("payment-d2.1", requested(terms), after(day + hour));
    story_.tell("payment-d2.1", domain::PaymentEvent{domain::PaymentHeld{terms.gross, 2, {}, {}}},
                after(day + 2 * hour));
    story_.tell("invoice-d2.1",
                domain::InvoiceEvent{domain::InvoiceDrafted{period_of("d2", 1), terms}},
                after(day + 2 * hour));
    story_.tell("invoice-d2.1", issued("d2", 1, terms), after(day + 2 * hour));
    pay("d2.1", terms.gross, 83, after(day + 2 * hour));

    EXPECT_EQ(ledger(), (Balances{{"deferred:d2 USD", -1500},
                                  {"fees.card USD", 83},
                                  {"stripe.balance USD", 1732},
                                  {"tax:BE USD", -315}}));
    EXPECT_THAT(
        journal_of(rows_),
        testing::UnorderedElementsAre(
            "invoice.issued receivable:user-b +1815 USD deferred:d2 -1500 USD tax:BE -315 USD",
            "payment.captured stripe.balance +1815 USD receivable:user-b -1815 USD",
            "payment.card_fee_recorded fees.card +83 USD stripe.balance -83 USD"));
}

// Two nodes fail, each after the chain billed a little.
void both_nodes_fail(ToldStory& story) {
    for (const char* contract : {"9001", "9002"}) {
        story.tell("deployment-d4",
                   domain::DeploymentEvent{domain::ContractCreated{contract_of(contract)}},
                   after(60'000));
        story.tell("deployment-d4", failed(contract), after(300'000));
        story.tell("deployment-d4",
                   domain::DeploymentEvent{domain::ContractCancelled{contract_of(contract)}},
                   after(360'000));
        story.tell("usage-" + std::string{contract}, bill(after(360'000), 450'000, "d4"),
                   after(360'000));
    }
}

TEST_F(Story, BothNodesFailBehindAHold) {
    const BillingTerms terms = terms_of("user-d", cents(1500), 0);
    order("d4", terms, after(0));
    story_.tell("payment-d4.1", requested(terms), after(0));
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::PaymentHeld{terms.gross, 1, {}, {}}},
                after(0));
    both_nodes_fail(story_);
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::PaymentVoided{"not delivered"}},
                after(800'000));
    EXPECT_EQ(ledger(), (Balances{{"grid.waste TFT", 900'000}, {"tft.chain TFT", -900'000}}));
    EXPECT_THAT(
        journal_of(rows_),
        ElementsAre("usage.chain_bill_observed grid.waste +450000 TFT tft.chain -450000 TFT",
                    "usage.chain_bill_observed grid.waste +450000 TFT tft.chain -450000 "
                    "TFT"));
}

TEST_F(Story, BothNodesFailAfterTheChargeAndTheMoneyGoesBack) {
    const BillingTerms terms = terms_of("user-d", cents(1500), 0);
    order("d4", terms, after(0));
    sell("d4", terms, 74, after(0));
    both_nodes_fail(story_);
    story_.tell("invoice-d4.1", noted("d4", 1, terms, 1, cents(1500), cents(0)), after(780'000));
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::RefundRequested{1, cents(1500), {}}},
                after(780'000));
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::RefundSucceeded{1, cents(1500)}},
                after(780'000));
    const Balances all{{"fees.card USD", 74},
                       {"stripe.balance USD", -74},
                       {"grid.waste TFT", 900'000},
                       {"tft.chain TFT", -900'000}};
    EXPECT_EQ(ledger(), all);
    EXPECT_THAT(journal_of(rows_),
                testing::UnorderedElementsAre(
                    "invoice.issued receivable:user-d +1500 USD deferred:d4 -1500 USD",
                    "payment.captured stripe.balance +1500 USD receivable:user-d -1500 USD",
                    "payment.card_fee_recorded fees.card +74 USD stripe.balance -74 USD",
                    "usage.chain_bill_observed grid.waste +450000 TFT tft.chain -450000 TFT",
                    "usage.chain_bill_observed grid.waste +450000 TFT tft.chain -450000 TFT",
                    "invoice.credit_note_issued deferred:d4 +1500 USD receivable:user-d -1500 USD",
                    "payment.refund_succeeded receivable:user-d +1500 USD stripe.balance -1500 "
                    "USD"));
}

TEST_F(Story, ARefundThatComesBackIsKeptAsCredit) {
    const BillingTerms terms = terms_of("user-d", cents(1500), 0);
    order("d4", terms, after(0));
    sell("d4", terms, 74, after(0));
    story_.tell("invoice-d4.1", noted("d4", 1, terms, 1, cents(1500), cents(0)), after(1));
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::RefundRequested{1, cents(1500), {}}},
                after(1));
    story_.tell("payment-d4.1", domain::PaymentEvent{domain::RefundSucceeded{1, cents(1500)}},
                after(2));
    story_.tell("payment-d4.1",
                domain::PaymentEvent{domain::RefundFailed{1, cents(1500), "card_closed"}},
                after(3));
    domain::CreditGranted credit;
    credit.account = terms.payer;
    credit.dashboard = terms.dashboard;
    credit.kind = domain::CreditKind::refund_as_credit;
    credit.amount = cents(1500);
    story_.tell("customer_credit-user-d.operator-t", domain::CustomerCreditEvent{credit}, after(4));
    EXPECT_EQ(ledger(), (Balances{{"credit:user-d USD", -1500},
                                  {"fees.card USD", 74},
                                  {"stripe.balance USD", 1426}}));
}

TEST_F(Story, ARenewalIsPaidInPartWithCredit) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    const Time may = after(30 * day);
    order("d1", terms, after(0));
    sell("d1", terms, 59, after(0));
    story_.tell("subscription-d1", started(terms), after(0));
    story_.tell("subscription-d1", renewal(2, terms), may);
    domain::CreditGranted credit;
    credit.account = terms.payer;
    credit.dashboard = terms.dashboard;
    credit.kind = domain::CreditKind::sla;
    credit.amount = cents(100);
    story_.tell("customer_credit-user-a.operator-t", domain::CustomerCreditEvent{credit}, may);
    story_.tell("invoice-d1.2",
                domain::InvoiceEvent{domain::InvoiceDrafted{period_of("d1", 2), terms}}, may);
    story_.tell("invoice-d1.2", issued("d1", 2, terms), may);
    story_.tell("invoice-d1.2",
                domain::InvoiceEvent{domain::CreditApplied{"d1.2", cents(100), cents(900),
                                                           terms.payer, terms.dashboard}},
                may);
    story_.tell("payment-d1.2", requested(terms), may);
    pay("d1.2", cents(900), 56, may);
    domain::CreditSpent spent;
    spent.account = terms.payer;
    spent.dashboard = terms.dashboard;
    spent.amount = cents(100);
    spent.parts = {{1, domain::CreditKind::sla, cents(100)}};
    story_.tell("customer_credit-user-a.operator-t", domain::CustomerCreditEvent{spent}, may);
    EXPECT_EQ(ledger(), (Balances{{"deferred:d1 USD", -1000},
                                  {"fees.card USD", 115},
                                  {"revenue:operator-t USD", -1000},
                                  {"sla.credits USD", 100},
                                  {"stripe.balance USD", 1785}}));
}

TEST_F(Story, AnErasedCustomerIsPaidTheUnusedPart) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    const Time gone = after(17 * day);
    order("d1", terms, after(0));
    sell("d1", terms, 59, after(0));
    story_.tell("subscription-d1", started(terms), after(0));
    domain::CreditGranted credit;
    credit.account = terms.payer;
    credit.dashboard = terms.dashboard;
    credit.amount = cents(250);
    story_.tell("customer_credit-user-a.operator-t", domain::CustomerCreditEvent{credit},
                after(4 * day));
    story_.tell("subscription-d1", cancelled(1, terms, cents(566)), gone);
    story_.tell("invoice-d1.1", noted("d1", 1, terms, 1, cents(434), cents(0)), gone);
    domain::CreditForfeited forfeited;
    forfeited.account = terms.payer;
    forfeited.dashboard = terms.dashboard;
    forfeited.amount = cents(250);
    forfeited.parts = {{1, domain::CreditKind::goodwill, cents(250)}};
    story_.tell("customer_credit-user-a.operator-t", domain::CustomerCreditEvent{forfeited}, gone);
    story_.tell("payment-d1.1", domain::PaymentEvent{domain::RefundRequested{1, cents(434), {}}},
                gone);
    story_.tell("payment-d1.1", domain::PaymentEvent{domain::RefundSucceeded{1, cents(434)}}, gone);
    EXPECT_EQ(ledger(), (Balances{{"fees.card USD", 59},
                                  {"revenue:operator-t USD", -566},
                                  {"stripe.balance USD", 507}}));
    EXPECT_THAT(journal_of(rows_), Not(Contains(testing::HasSubstr("refunds"))));
}

// Goodwill for a month that was delivered: what was earned is given back, and nothing stays
// deferred.
TEST_F(Story, ACreditNoteAfterThePeriodIsARefundOfRevenue) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 210);
    order("d1", terms, after(0));
    sell("d1", terms, 65, after(0));
    story_.tell("subscription-d1", started(terms), after(0));
    story_.tell("invoice-d1.1", noted("d1", 1, terms, 1, cents(121), cents(21)), after(day));
    story_.tell("subscription-d1", renewal(2, terms), after(30 * day));
    story_.tell("invoice-d1.1", noted("d1", 1, terms, 2, cents(605), cents(105)), after(40 * day));
    EXPECT_EQ(ledger(), (Balances{{"fees.card USD", 65},
                                  {"receivable:user-a USD", -726},
                                  {"refunds USD", 600},
                                  {"revenue:operator-t USD", -1000},
                                  {"stripe.balance USD", 1145},
                                  {"tax:BE USD", -84}}));
    std::vector<std::pair<Time, std::string>> moved;
    for (const auto& entry : entries_of(rows_))
        if (entry.event.ends_with("/earned"))
            moved.emplace_back(entry.time, text_of(entry.cause, entry.lines));
    EXPECT_THAT(
        moved,
        ElementsAre(
            std::pair{after(30 * day), std::string{"invoice.credit_note_issued refunds +100 USD "
                                                   "deferred:d1 -100 USD"}},
            std::pair{after(40 * day), std::string{"invoice.credit_note_issued refunds +500 USD "
                                                   "deferred:d1 -500 USD"}}));
}

TEST_F(Story, OpeningBalancesComeAsAdjustments) {
    const std::vector<domain::AdjustmentLine> lines{{"tft.chain", tft(200'000'000'000)},
                                                    {"opening", tft(-200'000'000'000)},
                                                    {"tft.stock", cents(20'000)},
                                                    {"equity", cents(-20'000)}};
    story_.tell("book-operator-t",
                domain::BookEvent{domain::AdjustmentProposed{1, "2027-03", lines, "opening", {}}},
                after(0));
    story_.tell(
        "book-operator-t",
        domain::BookEvent{domain::AdjustmentApproved{1, "2027-03", lines, "opening", {}, {}}},
        after(0));
    EXPECT_EQ(ledger(), (Balances{{"equity USD", -20'000},
                                  {"opening TFT", -200'000'000'000},
                                  {"tft.chain TFT", 200'000'000'000},
                                  {"tft.stock USD", 20'000}}));
    EXPECT_EQ(entries_of(rows_).front().time, after(-1));
}

// What the log does not explain is in no book, and is told.
TEST_F(Story, APaymentWaitsForItsOrderAndABillForItsAttempt) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    sell("d1", terms, 59, after(0));
    story_.tell("usage-9001", bill(after(hour), 100, "d1"), after(hour));
    EXPECT_EQ(ledger(), (Balances{{"receivable:user-a USD", 1000}, {"deferred:d1 USD", -1000}}));
    EXPECT_EQ(projections::postings_waiting(rows_), 3U);

    ToldStory rest;
    rest.tell("deployment-d1", ordered("d1", terms), after(0));
    rest.tell("deployment-d1", ready("9001"), after(0));
    fold(rest.records(), rows_);
    EXPECT_EQ(projections::postings_waiting(rows_), 0U);
    EXPECT_EQ(balances_of(rows_, {"acme", "operator-t"}), (Balances{{"deferred:d1 USD", -1000},
                                                                    {"fees.card USD", 59},
                                                                    {"stripe.balance USD", 941},
                                                                    {"grid.cost:d1 TFT", 100},
                                                                    {"tft.chain TFT", -100}}));
    // Dated as it happened, whenever it was posted.
    EXPECT_EQ(entries_of(rows_).back().time, after(hour));
}

TEST_F(Story, WhatBelongsToNoDashboardIsInTheTenantsOwnBook) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    story_.tell("payment-0192ab", requested(terms), after(0));
    pay("0192ab", cents(1000), 59, after(0));
    story_.tell("usage-77", bill(after(hour), 100, {}), after(hour));
    EXPECT_THAT(ledger(), IsEmpty());
    EXPECT_EQ(balances_of(rows_, {"acme", ""}), (Balances{{"receivable:user-a USD", -1000},
                                                          {"fees.card USD", 59},
                                                          {"stripe.balance USD", 941},
                                                          {"grid.waste TFT", 100},
                                                          {"tft.chain TFT", -100}}));
}

TEST_F(Story, TheFirstWordAboutAContractCounts) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    order("d1", terms, after(0));
    story_.tell("deployment-d1", ready("9001"), after(0));
    story_.tell("deployment-d1",
                domain::DeploymentEvent{domain::ContractCancelled{contract_of("9001")}},
                after(hour));
    story_.tell("usage-9001", bill(after(2 * hour), 100, "d1"), after(2 * hour));
    EXPECT_EQ(ledger(), (Balances{{"grid.cost:d1 TFT", 100}, {"tft.chain TFT", -100}}));
}

TEST_F(Story, BooksAndTenantsAreKeptApart) {
    const BillingTerms here = terms_of("user-a", cents(1000), 0),
                       there = terms_of("user-a", cents(500), 0, "operator-u");
    order("d1", here, after(0));
    sell("d1", here, 59, after(0));
    order("d2", there, after(0));
    sell("d2", there, 45, after(0));
    story_.tell("invoice-d3.1",
                domain::InvoiceEvent{domain::InvoiceDrafted{period_of("d3", 1), here}}, after(0),
                "other");
    story_.tell("invoice-d3.1", issued("d3", 1, here), after(0), "other");
    EXPECT_EQ(ledger().at("stripe.balance USD"), 941);
    EXPECT_EQ(balances_of(rows_, {"acme", "operator-u"}).at("stripe.balance USD"), 455);
    EXPECT_EQ(balances_of(rows_, {"acme", {}}).at("stripe.balance USD"), 1396);
    EXPECT_EQ(balances_of(rows_, {"other", {}}),
              (Balances{{"receivable:user-a USD", 1000}, {"deferred:d3 USD", -1000}}));
    EXPECT_EQ(entries_of(rows_, {{}, "operator-u"}).size(), 3U);
}

TEST_F(Story, AGapInAStreamStopsTheFold) {
    story_.tell("payment-1", requested(terms_of("user-a", cents(1000), 0)), after(0));
    story_.tell("payment-1", captured(cents(1000)), after(0));
    story_.tell("payment-1", domain::PaymentEvent{domain::CardFeeRecorded{cents(59)}}, after(0));
    fold(story_.records()[0], rows_);
    EXPECT_ANY_THROW(fold(story_.records()[2], rows_));
}

TEST_F(Story, AnEventThatNobodyKnowsChangesNothing) {
    story_.tell("payment-1", requested(terms_of("user-a", cents(1000), 0)), after(0));
    story_.tell_data("payment-1", "payment.invented_later", "{}", after(0));
    story_.tell("payment-1", captured(cents(1000)), after(0));
    story_.tell_data("tally-1", "tally.added", R"({"amount":5})", after(0));
    fold(story_.records(), rows_);
    EXPECT_THAT(journal_of(rows_), ElementsAre(StartsWith("payment.captured")));
}

TEST_F(Story, StatementsAndEntriesComeInPages) {
    const BillingTerms terms = terms_of("user-a", cents(1000), 0);
    for (int i = 0; i < 25; ++i) {
        const std::string id = "x" + std::to_string(i);
        story_.tell("payment-" + id, requested(terms), after(i * day));
        pay(id, cents(1000 + i), 10, after(i * day));
    }
    fold(story_.records(), rows_);
    std::string next;
    std::size_t pages = 0;
    std::vector<projections::LedgerEntry> entries;
    do {
        const auto page = projections::list_entries(rows_, {"acme", {}}, next, 7, next);
        EXPECT_LE(page.size(), 7U);
        entries.insert(entries.end(), page.begin(), page.end());
        ++pages;
    } while (!next.empty());
    EXPECT_EQ(entries, entries_of(rows_));
    EXPECT_EQ(pages, 8U);

    const projections::StatementOf wanted{"acme", "", "stripe.balance", after(5 * day),
                                          after(20 * day)};
    std::int64_t sum = 0;
    std::vector<projections::StatementLine> lines;
    do {
        auto page = projections::statement(rows_, wanted, next, 7);
        next = std::move(page.next);
        ASSERT_EQ(page.opening.size(), 1U);
        ASSERT_EQ(page.closing.size(), 1U);
        for (auto& line : page.lines) {
            sum += line.amount.minor;
            EXPECT_TRUE(line.balance == page.opening.front().minor + sum);
            lines.push_back(std::move(line));
        }
        if (next.empty()) {
            EXPECT_TRUE(page.closing.front().minor == page.opening.front().minor + sum);
        }
    } while (!next.empty());
    EXPECT_EQ(lines.size(), 30U);
    EXPECT_EQ(lines.front().time, after(5 * day));
    EXPECT_EQ(lines.back().time, after(19 * day));
    EXPECT_TRUE(std::ranges::is_sorted(lines, {}, &projections::StatementLine::time));
    EXPECT_EQ(sum, 15 * (1000 - 10) + (5 + 19) * 15 / 2);
    EXPECT_EQ(projections::balances(rows_, {"acme", ""}, "stripe").size(), 1U);
    EXPECT_EQ(projections::balances(rows_, {}, "receivable:").size(), 1U);
}

} // namespace

} // namespace tests
