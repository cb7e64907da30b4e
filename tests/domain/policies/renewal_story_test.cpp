// Deployments that run: periods that are renewed, dunned, ended; disputes.

#include "tests/domain/policies/story.hpp"

namespace domain::stories {

namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::IsSupersetOf;

const std::string deployment = "deployment-d1", subscription = "subscription-d1",
                  payment = "payment-d1.2", invoice = "invoice-d1.2",
                  credit = "customer_credit-user-a.operator-t", account = "account-user-a";

constexpr std::chrono::milliseconds days(std::int64_t count) {
    return std::chrono::hours{24 * count};
}

class ADeployment : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Stories, ADeployment, testing::Range(0U, 12U));

// Up to the moment when the card has been asked for the second period.
Story renewing(std::uint32_t seed = 0, std::int64_t credit_cents = 0) {
    Story story = market(seed);
    run_single(story);
    if (credit_cents > 0) {
        GrantCredit grant;
        grant.account = {"user-a"};
        grant.dashboard = {"operator-t"};
        grant.amount = usd(credit_cents);
        story.tell(credit, grant);
    }
    story.advance_to(story.state<Subscription>("d1").until);
    EXPECT_THAT(story.history(invoice), IsSupersetOf({"drafted", "issued"}));
    // Of the time-outs of what had come in time.
    EXPECT_THAT(story.refusals(),
                Each("deployment-d1 deployment.record_workload outcome_older_than_state"));
    story.forget();
    return story;
}

TEST_P(ADeployment, SpendsCreditBeforeTheCardIsAskedForTheRest) {
    Story story = renewing(GetParam(), 300);
    EXPECT_EQ(story.state<Payment>("d1.2").amount, usd(1515));
    EXPECT_EQ(story.state<CustomerCredit>("user-a.operator-t").available, usd(0));
    charge(story, payment);
    EXPECT_THAT(story.history(credit), ElementsAre("spent"));
    EXPECT_THAT(story.history(invoice), ElementsAre("paid", "credit_applied", "paid"));
    EXPECT_THAT(story.history(subscription), ElementsAre("renewed"));
    EXPECT_EQ(due_of(story.state<Invoice>("d1.2")), usd(0));
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(ADeployment, IsPaidByCreditAlone) {
    Story story = renewing(GetParam(), 2000);
    EXPECT_EQ(story.state<Payment>("d1.2").status, PaymentStatus::none);
    EXPECT_EQ(story.state<Invoice>("d1.2").status, InvoiceStatus::paid);
    EXPECT_TRUE(story.state<Subscription>("d1").paid);
    EXPECT_EQ(story.state<Subscription>("d1").period, 2U);
    EXPECT_EQ(story.state<CustomerCredit>("user-a.operator-t").available, usd(185));
}

TEST(RenewalStory, ChargesNoLessThanACardCanBe) {
    Story story = renewing(0, 1800);
    EXPECT_EQ(story.state<Payment>("d1.2").amount, usd(50));
    charge(story, payment);
    EXPECT_EQ(story.state<Invoice>("d1.2").status, InvoiceStatus::paid);
    EXPECT_EQ(story.state<CustomerCredit>("user-a.operator-t").available, usd(35));
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(ADeployment, TriesTheCardAgainAndRecovers) {
    Story story = renewing(GetParam());
    decline(story, payment);
    EXPECT_THAT(story.history(subscription), ElementsAre("renewal_failed", "past_due"));
    EXPECT_THAT(story.history(invoice), ElementsAre("past_due"));
    story.advance(days(1));
    EXPECT_THAT(story.history(payment), ElementsAre("declined", "requested"));
    charge(story, payment);
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "recovered", "renewed"));
    EXPECT_THAT(story.history(deployment), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(ADeployment, EndsWhenNobodyEverPays) {
    Story story = renewing(GetParam(), 300);
    decline(story, payment);
    story.advance(days(1));
    decline(story, payment);
    story.advance(days(2));
    decline(story, payment);
    EXPECT_EQ(story.history(subscription).back(), "suspended");
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended"));
    EXPECT_THAT(story.refusals(), IsEmpty());

    story.advance(days(7));
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "renewal_failed", "renewal_failed",
                            "suspended", "cancelled"));
    story.tell(deployment, RecordRelease{{"9001"}});
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended", "cancellation_requested",
                                                       "contract_cancelled", "cancelled"));
    EXPECT_THAT(story.history(payment), ElementsAre("declined", "requested", "declined",
                                                    "requested", "declined", "voided"));
    EXPECT_THAT(story.history(invoice),
                ElementsAre("past_due", "credit_note_issued", "write_off_proposed"));
    EXPECT_THAT(story.history(credit), ElementsAre("released"));
    EXPECT_THAT(story.history("node-11"), ElementsAre("capacity_released"));
    // Each of the two told the other.
    EXPECT_THAT(story.refusals(),
                ElementsAre("subscription-d1 subscription.cancel already_cancelled"));

    // Another person approves what the policy proposed.
    story.tell(invoice, WriteOffInvoice{});
    EXPECT_EQ(story.state<Invoice>("d1.2").status, InvoiceStatus::written_off);
    EXPECT_EQ(due_of(story.state<Invoice>("d1.2")), usd(0));
}

TEST_P(ADeployment, ComesBackWhenThePayerPaysDuringTheSuspension) {
    Story story = renewing(GetParam());
    decline(story, payment);
    story.advance(days(1));
    decline(story, payment);
    story.advance(days(2));
    decline(story, payment);
    story.advance(days(2));
    story.tell(payment, ConfirmPayment{{"pm_2"}});
    charge(story, payment);
    EXPECT_EQ(story.history(subscription).back(), "renewed");
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended", "resumed"));
    EXPECT_EQ(story.state<Invoice>("d1.2").status, InvoiceStatus::paid);
    // The end of the suspension comes, and finds none.
    story.advance(days(10));
    EXPECT_EQ(story.state<Subscription>("d1").status, SubscriptionStatus::active);
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(ADeployment, StopsTryingWhenTheBankSaysSo) {
    Story story = renewing(GetParam());
    decline(story, payment, "stolen_card", "do_not_try_again");
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "suspended"));
    story.advance(days(6));
    EXPECT_THAT(story.history(payment), ElementsAre("declined"));
}

TEST_P(ADeployment, IsCancelledByDunningWhereTheDashboardWantsIt) {
    Story story = market(GetParam());
    auto order = order_now(story, single_quote());
    order.dunning = {{}, true};
    story.tell(deployment, order);
    hold(story, "payment-d1.1");
    deploy(story, primary, 1, "9001");
    capture(story, "payment-d1.1");
    story.advance_to(story.state<Subscription>("d1").until);
    story.forget();
    decline(story, payment);
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "cancelled"));
    EXPECT_THAT(story.history(deployment), ElementsAre("cancellation_requested"));
}

TEST(RenewalStory, CapturesAHoldAtOnce) {
    Story story = renewing();
    hold(story, payment);
    EXPECT_THAT(story.history(payment), ElementsAre("held", "capture_requested"));
    capture(story, payment);
    EXPECT_THAT(story.history(subscription), ElementsAre("renewed"));
    story.forget();
    story.advance(days(8));
    EXPECT_THAT(story.history(payment), IsEmpty());
}

TEST(RenewalStory, FailsWithACaptureThatNeverWorks) {
    Story story = renewing();
    hold(story, payment);
    for (std::uint32_t i = 1; i <= 4; ++i) {
        story.tell(payment,
                   RecordCaptureOutcome{CaptureOutcome::failed, i, {}, "processing_error"});
        if (i < 4) story.advance(capture_retries[i - 1]);
    }
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "suspended"));
}

TEST(RenewalStory, FailsWithAPaymentThatIsVoided) {
    Story story = renewing();
    story.tell(payment, VoidPayment{"by hand"});
    EXPECT_THAT(story.history(subscription),
                ElementsAre("renewal_failed", "past_due", "suspended"));
}

TEST_P(ADeployment, EndsWithItsPeriod) {
    Story story = market(GetParam());
    run_single(story);
    story.tell(subscription, CancelSubscription{});
    story.advance_to(story.state<Subscription>("d1").until);
    story.tell(deployment, RecordRelease{{"9001"}});
    EXPECT_THAT(story.history(subscription), ElementsAre("cancellation_scheduled", "ended"));
    EXPECT_EQ(story.history(deployment).back(), "cancelled");
    EXPECT_THAT(story.history("payment-d1.1"), IsEmpty());
    EXPECT_THAT(story.history(payment), IsEmpty());
    EXPECT_THAT(story.refusals(),
                IsSubsetOf({"deployment-d1 deployment.record_workload outcome_older_than_state",
                            "subscription-d1 subscription.open_renewal not_active",
                            "subscription-d1 subscription.cancel already_cancelled"}));
}

TEST_P(ADeployment, GivesBackWhatIsNotServedWhenTheAccountIsErased) {
    Story story = market(GetParam());
    run_single(story);
    story.advance(days(10));
    story.tell(subscription,
               CancelSubscription{SubscriptionMoment::now, CancellationReason::erasure});
    story.tell("payment-d1.1", RecordRefundOutcome{1, RefundOutcome::succeeded, {}});
    const auto cancelled = story.last<SubscriptionCancelled>(subscription);
    EXPECT_EQ(story.last<RefundSucceeded>("payment-d1.1").amount, cancelled.unused_gross);
    EXPECT_EQ(story.last<CreditNoteIssued>("invoice-d1.1").net, cancelled.unused);
    EXPECT_EQ(due_of(story.state<Invoice>("d1.1")), usd(0));
    EXPECT_THAT(story.history(deployment), ElementsAre("cancellation_requested"));
}

TEST_P(ADeployment, KeepsThePeriodOfACustomerWhoLeaves) {
    Story story = market(GetParam());
    run_single(story);
    story.tell(deployment, CancelDeployment{});
    EXPECT_THAT(story.history(subscription), ElementsAre("cancelled"));
    EXPECT_THAT(story.history("payment-d1.1"), IsEmpty());
    EXPECT_THAT(story.history("invoice-d1.1"), IsEmpty());
    EXPECT_THAT(story.refusals(), ElementsAre("deployment-d1 deployment.cancel already_cancelled"));
}

TEST_P(ADeployment, StopsWhileItsPaymentIsDisputed) {
    Story story = market(GetParam());
    run_single(story);
    story.tell("payment-d1.1", RecordDispute{{"du_1"}, usd(1815), "fraudulent", {}});
    EXPECT_THAT(story.history(account), ElementsAre("spending_suspended"));
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended"));
    story.tell("payment-d1.1", RecordDisputeOutcome{{"du_1"}, DisputeOutcome::won});
    EXPECT_THAT(story.history(account), ElementsAre("spending_suspended", "spending_resumed"));
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended", "resumed"));
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(ADeployment, IsCancelledWhenItsDisputeIsLost) {
    Story story = market(GetParam());
    run_single(story);
    story.tell("payment-d1.1", RecordDispute{{"du_1"}, usd(1815), "fraudulent", {}});
    story.tell("payment-d1.1", RecordDisputeOutcome{{"du_1"}, DisputeOutcome::lost});
    EXPECT_THAT(story.history(account), ElementsAre("spending_suspended"));
    EXPECT_THAT(story.history(subscription), ElementsAre("cancelled"));
    EXPECT_THAT(story.history(deployment), ElementsAre("suspended", "cancellation_requested"));
    EXPECT_THAT(story.history("payment-d1.1"), ElementsAre("dispute_opened", "dispute_lost"));
    EXPECT_THAT(story.refusals(), Each(testing::HasSubstr("already_cancelled")));
}

TEST(DisputeStory, RunsOnWhereTheDashboardWantsIt) {
    Story story = market();
    auto quote = single_quote();
    quote.suspends_on_dispute = false;
    story.tell(deployment, order_now(story, quote));
    hold(story, "payment-d1.1");
    deploy(story, primary, 1, "9001");
    capture(story, "payment-d1.1");
    story.forget();
    story.tell("payment-d1.1", RecordDispute{{"du_1"}, usd(1815), "fraudulent", {}});
    EXPECT_THAT(story.history(deployment), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST(FraudStory, GivesSmallPaymentsBackBeforeTheyAreDisputed) {
    for (const std::int64_t limit : {0, 1814, 1815}) {
        Story story = market();
        auto quote = single_quote();
        quote.fraud_refund_limit = usd(limit);
        story.tell(deployment, order_now(story, quote));
        hold(story, "payment-d1.1");
        deploy(story, primary, 1, "9001");
        capture(story, "payment-d1.1");
        story.tell("payment-d1.1", RecordFraudWarning{{"issfr_1"}, "stolen_card"});
        EXPECT_EQ(story.state<Payment>("d1.1").refunds.size(), limit == 1815 ? 1U : 0U);
        story.advance_to(story.state<Subscription>("d1").until);
        EXPECT_EQ(story.state<Payment>("d1.2").fraud_refund_limit, usd(limit));
    }
}

TEST_P(ADeployment, GrowsAndGetsABackup) {
    Story story = market(GetParam());
    run_single(story);
    auto larger = order_now(story, single_quote()).quote;
    larger.workloads = {{primary, large}};
    larger.price = larger.net = usd(3000);
    larger.tax = usd(630);
    larger.gross = usd(3630);
    story.tell(deployment, ResizeDeployment{larger, true});
    story.tell(deployment, RecordResize{1, true, {}});
    EXPECT_EQ(story.state<Node>("11").holds.front().resources, large);
    auto with_backup = larger;
    with_backup.workloads = {{primary, large}, {backup, small}};
    story.tell(deployment, AddBackup{with_backup});
    deploy(story, backup, 1, "9002");
    EXPECT_THAT(story.history("node-21"), ElementsAre("capacity_reserved", "capacity_confirmed"));
    story.tell(deployment, RemoveBackup{larger});
    EXPECT_TRUE(story.state<Node>("21").holds.empty());
    EXPECT_THAT(story.refusals(), IsEmpty());
    story.advance_to(story.state<Subscription>("d1").until);
    EXPECT_EQ(story.last<InvoiceIssued>(invoice).due, usd(3630));
}

TEST(ProviderStory, HidesTheNodesOfAProviderWhoMayNotServe) {
    Story story = market();
    const std::string provider = "provider-provider-h";
    story.tell(provider, RegisterProvider{{"user-h"}, true});
    story.tell(provider, SubmitProviderKyc{"vault/1"});
    story.tell(provider, RecordKycResult{1, true, {}});
    story.tell(provider, ApproveProvider{});
    story.tell(provider, SuspendProvider{"complaints", {{"11"}, {"12"}}});
    for (const char* node : {"node-11", "node-12"})
        EXPECT_THAT(story.history(node), ElementsAre("excluded", "hidden"));
    EXPECT_THAT(story.history("node-21"), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

} // namespace

} // namespace domain::stories
