// Each rule of the ledger, with one event given.

#include "domain/ledger_entries.hpp"
#include "tests/ledger/customer_events.hpp"
#include "tests/ledger/told_story.hpp"

#include <gtest/gtest.h>

namespace domain {

namespace {

using namespace tests;

std::string text(const std::optional<JournalEntry>& entry) {
    return entry ? text_of(entry->cause, entry->lines) : "nothing";
}

const PaymentFacts of_user_a{{"user-a"}, {}};
const BillingTerms taxed = terms_of("user-b", cents(1500), 315);
const BillingTerms untaxed = terms_of("user-a", cents(1000), 0);

std::string paid(const PaymentEvent& event, const PaymentFacts& facts = of_user_a) {
    return text(journal_entry(event, facts));
}

TEST(PaymentEntry, ACaptureFillsTheProcessorsBalanceAndSettlesWhatIsOwed) {
    EXPECT_EQ(paid(captured(cents(1000))),
              "payment.captured stripe.balance +1000 USD receivable:user-a -1000 USD");
}

TEST(PaymentEntry, AHoldOrADeclineMovesNothing) {
    EXPECT_EQ(paid(requested(untaxed)), "nothing");
    EXPECT_EQ(paid(PaymentHeld{cents(1000), 1, {}, {}}), "nothing");
    EXPECT_EQ(paid(PaymentDeclined{1, {}, {}, {}}), "nothing");
    EXPECT_EQ(paid(PaymentVoided{}), "nothing");
    EXPECT_EQ(paid(RefundRequested{1, cents(1000), {}}), "nothing");
}

TEST(PaymentEntry, TheCardsFeeIsTakenOffTheProcessorsBalanceInItsCurrency) {
    EXPECT_EQ(paid(CardFeeRecorded{cents(59, Currency::eur)}),
              "payment.card_fee_recorded fees.card +59 EUR stripe.balance -59 EUR");
    EXPECT_EQ(paid(CardFeeRecorded{cents(0)}), "nothing");
}

TEST(PaymentEntry, ARefundIsOwedAgain) {
    EXPECT_EQ(paid(RefundSucceeded{1, cents(434)}),
              "payment.refund_succeeded receivable:user-a +434 USD stripe.balance -434 USD");
}

TEST(PaymentEntry, ARefundThatFailsIsReversedOnlyIfItHadSucceeded) {
    EXPECT_EQ(paid(RefundFailed{1, cents(434), {}}), "nothing");
    EXPECT_EQ(paid(RefundFailed{2, cents(434), {}}, {{"user-a"}, {1}}), "nothing");
    EXPECT_EQ(paid(RefundFailed{1, cents(434), {}}, {{"user-a"}, {1}}),
              "payment.refund_failed stripe.balance +434 USD receivable:user-a -434 USD");
}

TEST(PaymentEntry, FactsAreThePayerAndTheRefundsThatSucceeded) {
    PaymentFacts facts;
    for (const PaymentEvent& event :
         {requested(untaxed), PaymentEvent{RefundSucceeded{1, cents(1)}},
          PaymentEvent{RefundFailed{1, cents(1), {}}}, PaymentEvent{RefundSucceeded{2, cents(1)}}})
        learn(facts, event);
    EXPECT_TRUE(facts == (PaymentFacts{{"user-a"}, {1, 2}}));
}

TEST(PaymentEntry, ADisputedAmountIsAwayUntilItIsWonOrLost) {
    EXPECT_EQ(paid(DisputeOpened{{"du_1"}, cents(1000), "fraudulent", {}, {}}),
              "payment.dispute_opened dispute.receivable +1000 USD stripe.balance -1000 USD");
    EXPECT_EQ(paid(DisputeWon{{"du_1"}, cents(1000), {}}),
              "payment.dispute_won stripe.balance +1000 USD dispute.receivable -1000 USD");
    EXPECT_EQ(paid(DisputeLost{{"du_1"}, cents(1000), {}}),
              "payment.dispute_lost dispute.losses +1000 USD dispute.receivable -1000 USD");
}

std::string invoiced(const InvoiceEvent& event) { return text(journal_entry(event)); }

TEST(InvoiceEntry, AnInvoiceIsOwedAndNotYetEarned) {
    EXPECT_EQ(invoiced(issued("d2", 1, taxed)),
              "invoice.issued receivable:user-b +1815 USD deferred:d2 -1500 USD tax:BE -315 USD");
    EXPECT_EQ(invoiced(issued("d1", 1, untaxed)),
              "invoice.issued receivable:user-a +1000 USD deferred:d1 -1000 USD");
    EXPECT_EQ(invoiced(issued("d1", 1, terms_of("user-a", cents(0), 0))), "nothing");
}

TEST(InvoiceEntry, WhatIsDraftedOrPaidMovesNothing) {
    EXPECT_EQ(invoiced(InvoiceDrafted{period_of("d1", 1), untaxed}), "nothing");
    InvoicePaid settled;
    settled.amount = settled.due = cents(1000);
    settled.terms = untaxed;
    EXPECT_EQ(invoiced(settled), "nothing");
}

TEST(InvoiceEntry, CreditTakesThePlaceOfMoney) {
    EXPECT_EQ(invoiced(CreditApplied{"d1.2", cents(100), cents(900), {"user-a"}, {"operator-t"}}),
              "invoice.credit_applied credit:user-a +100 USD receivable:user-a -100 USD");
}

TEST(InvoiceEntry, ACreditNoteTakesNetAndTaxBack) {
    EXPECT_EQ(invoiced(noted("d2", 1, taxed, 1, cents(1000), cents(174))),
              "invoice.credit_note_issued deferred:d2 +826 USD tax:BE +174 USD "
              "receivable:user-b -1000 USD");
}

TEST(InvoiceEntry, AWrittenOffInvoiceIsBadDebt) {
    InvoiceWrittenOff event;
    event.amount = cents(566);
    event.payer = {"user-a"};
    event.due = cents(0);
    event.period = period_of("d1", 2);
    EXPECT_EQ(invoiced(event), "invoice.written_off bad_debt +566 USD receivable:user-a -566 USD");
}

TEST(InvoiceEntry, AVoidedInvoiceIsTakenBackIfItHadBeenIssued) {
    EXPECT_EQ(invoiced(InvoiceVoided{cents(0), {}, period_of("d2", 1), taxed}), "nothing");
    EXPECT_EQ(invoiced(InvoiceVoided{cents(1815), {}, period_of("d2", 1), taxed}),
              "invoice.voided deferred:d2 +1500 USD tax:BE +315 USD receivable:user-b -1815 USD");
}

std::string subscribed(const std::vector<SubscriptionEvent>& events) {
    SubscriptionFacts facts;
    for (const SubscriptionEvent& event : events)
        learn(facts, event);
    return text(journal_entry(events.back(), {"d1"}, facts));
}

TEST(SubscriptionEntry, ARenewalEarnsThePeriodBefore) {
    const BillingTerms dearer = terms_of("user-a", cents(2000), 0);
    EXPECT_EQ(subscribed({started(untaxed)}), "nothing");
    EXPECT_EQ(subscribed({started(untaxed), renewal(2, dearer)}),
              "subscription.renewal_due deferred:d1 +1000 USD revenue:operator-t -1000 USD");
    EXPECT_EQ(subscribed({started(untaxed), renewal(2, dearer), renewal(3, untaxed)}),
              "subscription.renewal_due deferred:d1 +2000 USD revenue:operator-t -2000 USD");
}

TEST(SubscriptionEntry, TheLastPeriodIsEarnedWithItsEnd) {
    SubscriptionEnded ended;
    ended.period = 1;
    ended.terms = taxed;
    EXPECT_EQ(subscribed({started(taxed), ended}),
              "subscription.ended deferred:d1 +1500 USD revenue:operator-t -1500 USD");
}

TEST(SubscriptionEntry, ACancelledPeriodIsEarnedAsFarAsItWasServed) {
    EXPECT_EQ(subscribed({started(untaxed), cancelled(1, untaxed, cents(566))}),
              "subscription.cancelled deferred:d1 +566 USD revenue:operator-t -566 USD");
    EXPECT_EQ(subscribed({started(untaxed), cancelled(1, untaxed, cents(0))}), "nothing");
}

TEST(CreditNoteShare, TakesOfRevenueWhatThePeriodDoesNotLeaveUnearned) {
    const auto part = [](std::int64_t before, std::int64_t net, std::int64_t earned) {
        return text(earned_part({{"d1"}, 1, cents(1000), cents(before), cents(net)}, cents(earned),
                                "invoice.credit_note_issued"));
    };
    const auto refunds = [](const std::string& amount) {
        return "invoice.credit_note_issued refunds +" + amount + " USD deferred:d1 -" + amount +
               " USD";
    };
    EXPECT_EQ(part(0, 434, 566), "nothing");
    EXPECT_EQ(part(0, 435, 566), refunds("1"));
    EXPECT_EQ(part(0, 1000, 566), refunds("566"));
    EXPECT_EQ(part(0, 300, 1000), refunds("300"));
    EXPECT_EQ(part(400, 100, 566), refunds("66"));
    EXPECT_EQ(part(500, 100, 566), refunds("100"));
    EXPECT_EQ(part(0, 1000, 0), "nothing");
}

TEST(CreditNoteShare, CountsTheNotesBeforeItAlone) {
    InvoiceFacts facts;
    const std::vector<InvoiceEvent> events{issued("d2", 1, taxed),
                                           noted("d2", 1, taxed, 1, cents(1000), cents(174)),
                                           noted("d2", 1, taxed, 2, cents(815), cents(141))};
    for (const InvoiceEvent& event : events)
        learn(facts, event);
    EXPECT_FALSE(credit_note_share(events[0], facts));
    EXPECT_TRUE(*credit_note_share(events[1], facts) ==
                (CreditNoteShare{{"d2"}, 1, cents(1500), cents(0), cents(826)}));
    EXPECT_TRUE(*credit_note_share(events[2], facts) ==
                (CreditNoteShare{{"d2"}, 1, cents(1500), cents(826), cents(674)}));
    EXPECT_TRUE(
        *credit_note_share(InvoiceVoided{cents(1815), {}, period_of("d2", 1), taxed}, facts) ==
        (CreditNoteShare{{"d2"}, 1, cents(1500), cents(0), cents(1500)}));
    EXPECT_FALSE(credit_note_share(InvoiceVoided{cents(0), {}, period_of("d2", 1), taxed}, facts));
}

CustomerCreditEvent granted(CreditKind kind) {
    CreditGranted event;
    event.account = {"user-a"};
    event.dashboard = {"operator-t"};
    event.kind = kind;
    event.amount = cents(150);
    return event;
}

TEST(CreditEntry, AGrantIsOwedForItsReason) {
    const auto from = [](CreditKind kind) { return text(journal_entry(granted(kind))); };
    const std::string to = " +150 USD credit:user-a -150 USD";
    EXPECT_EQ(from(CreditKind::goodwill), "customer_credit.granted goodwill" + to);
    EXPECT_EQ(from(CreditKind::sla), "customer_credit.granted sla.credits" + to);
    EXPECT_EQ(from(CreditKind::promo), "customer_credit.granted promo" + to);
    EXPECT_EQ(from(CreditKind::refund_as_credit), "customer_credit.granted receivable:user-a" + to);
}

TEST(CreditEntry, WhatIsSpentIsBookedWithTheInvoice) {
    CreditSpent event;
    event.account = {"user-a"};
    event.amount = cents(100);
    event.parts = {{1, CreditKind::sla, cents(100)}};
    EXPECT_EQ(text(journal_entry(CustomerCreditEvent{event})), "nothing");
}

TEST(CreditEntry, WhatLapsesGoesBackToWhereItCameFrom) {
    CreditForfeited forfeited;
    forfeited.account = {"user-a"};
    forfeited.amount = cents(250);
    forfeited.parts = {{1, CreditKind::goodwill, cents(250)}};
    EXPECT_EQ(text(journal_entry(CustomerCreditEvent{forfeited})),
              "customer_credit.forfeited credit:user-a +250 USD goodwill -250 USD");
    CreditExpired expired;
    expired.account = {"user-a"};
    expired.amount = cents(300);
    expired.parts = {{1, CreditKind::promo, cents(100)},
                     {2, CreditKind::sla, cents(150)},
                     {3, CreditKind::refund_as_credit, cents(50)}};
    EXPECT_EQ(text(journal_entry(CustomerCreditEvent{expired})),
              "customer_credit.expired credit:user-a +300 USD promo -100 USD sla.credits -150 USD "
              "credit.lapsed -50 USD");
}

TEST(GridEntry, ABillIsACostOfWhatItServedOrWaste) {
    EXPECT_EQ(grid_cost_account({"d1"}, true), "grid.cost:d1");
    EXPECT_EQ(grid_cost_account({"d1"}, false), "grid.waste");
    EXPECT_EQ(text(journal_entry(bill(april, 450'000, "d1"), "grid.cost:d1")),
              "usage.chain_bill_observed grid.cost:d1 +450000 TFT tft.chain -450000 TFT");
}

TEST(GridEntry, ARewardIsAMemoOfWhoWasPaid) {
    EXPECT_EQ(text(journal_entry(reward(april, "7", 54, 43, 11), {})),
              "usage.reward_observed memo.farm:7 +54 TFT memo.foundation +43 TFT "
              "memo.staking_pool +11 TFT memo.chain_out -108 TFT");
    EXPECT_EQ(text(journal_entry(reward(april, {}, 0, 9, 1), {})),
              "usage.reward_observed memo.foundation +9 TFT memo.staking_pool +1 TFT "
              "memo.chain_out -10 TFT");
}

using Fates = std::vector<ContractFate>;

TEST(ContractFate, AReadyWorkloadOrNameServes) {
    EXPECT_TRUE(contract_fates(ready("9001")) == (Fates{{{"9001"}, true}}));
    EXPECT_TRUE(contract_fates(DomainAttached{1, {}, {"9003"}, "acme.gw.example"}) ==
                (Fates{{{"9003"}, true}}));
}

TEST(ContractFate, WhatFailedOrNobodyWantsIsWasted) {
    const Fates wasted{{{"9001"}, false}};
    const GridContract contract = contract_of("9001");
    EXPECT_TRUE(contract_fates(failed("9001")) == wasted);
    EXPECT_TRUE(contract_fates(DomainRefused{1, {}, contract, {}}) == wasted);
    EXPECT_TRUE(contract_fates(ContractReleaseRequested{contract}) == wasted);
    EXPECT_TRUE(contract_fates(ContractCancelled{contract}) == wasted);
    EXPECT_TRUE(contract_fates(OrphanContractFound{contract}) == wasted);
    DeploymentFailed given_up;
    given_up.give_back.contracts = {contract};
    EXPECT_TRUE(contract_fates(given_up) == wasted);
    CancellationRequested over;
    over.give_back.contracts = {contract};
    EXPECT_TRUE(contract_fates(over) == wasted);
}

TEST(ContractFate, ANewContractOrAFailureWithoutOneSaysNothing) {
    EXPECT_TRUE(contract_fates(ContractCreated{contract_of("9001")}).empty());
    EXPECT_TRUE(contract_fates(DomainRefused{1, {}, {}, {}}).empty());
    EXPECT_TRUE(contract_fates(ordered("d1", untaxed)).empty());
}

TEST(BookEntry, AnApprovedAdjustmentIsPostedAsItStands) {
    const std::vector<AdjustmentLine> lines{{"tft.chain", tft(200)},
                                            {"opening", tft(-200)},
                                            {"tft.stock", cents(20)},
                                            {"equity", cents(-20)}};
    EXPECT_EQ(text(journal_entry(BookEvent{AdjustmentProposed{1, "2027-04", lines, "x", {}}})),
              "nothing");
    EXPECT_EQ(text(journal_entry(BookEvent{AdjustmentApproved{1, "2027-04", lines, "x", {}, {}}})),
              "book.adjustment_approved tft.chain +200 TFT opening -200 TFT tft.stock +20 USD "
              "equity -20 USD");
    EXPECT_EQ(text(journal_entry(BookEvent{BooksClosed{"2027-04"}})), "nothing");
}

TEST(BookEntry, AnAdjustmentIsDatedInItsMonth) {
    const auto dated = [](const std::string& month) {
        return posting_time(AdjustmentApproved{1, month, {}, "x", {}, {}}, after(day));
    };
    EXPECT_EQ(dated("2027-04"), after(day));
    EXPECT_EQ(dated("2027-03"), after(-1));
    EXPECT_EQ(dated("2026-12"), after(-90 * day - 1));
}

TEST(JournalDeathTest, AnEntryThatDoesNotBalanceIsABug) {
    const std::vector<AdjustmentLine> lines{{"tft.chain", tft(200)}, {"opening", tft(-199)}};
    EXPECT_DEATH(static_cast<void>(journal_entry(
                     BookEvent{AdjustmentApproved{1, "2027-04", lines, "x", {}, {}}})),
                 "sums to zero");
    // Not even when other currencies do, or the sum over all does.
    EXPECT_FALSE(is_balanced(std::vector<JournalLine>{{"a", cents(1)}, {"b", tft(-1)}}));
    EXPECT_TRUE(is_balanced(std::vector<JournalLine>{
        {"a", cents(1)}, {"b", tft(5)}, {"c", cents(-1)}, {"d", tft(-5)}}));
}

TEST(AccountName, KeepsWhatIsAWordAndEncodesTheRest) {
    EXPECT_EQ(account_name("receivable", "user-a_1.B"), "receivable:user-a_1.B");
    EXPECT_EQ(account_name("receivable", "auth0|a:b c"), "receivable:auth0%7Ca%3Ab%20c");
    EXPECT_EQ(account_name("receivable", "\xc3\xa9"), "receivable:%C3%A9");
    EXPECT_EQ(account_name("tax", ""), "tax:unknown");
}

TEST(PeriodId, NamesItsDeployment) {
    EXPECT_EQ(deployment_of("d1.12")->value, "d1");
    EXPECT_EQ(deployment_of("a.b.2")->value, "a.b");
    for (const char* id : {"d1", "d1.", ".1", "d1.x", "", "d1.1x"})
        EXPECT_FALSE(deployment_of(id)) << id;
}

} // namespace

} // namespace domain
