// Each deadline by itself: an event in, exactly this command at exactly that time.

#include "domain/calendar.hpp"
#include "tests/domain/deployment_samples.hpp"
#include "tests/domain/policies/follow_up_text.hpp"

namespace domain::stories {

using namespace deployment_samples;

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Time then = minutes_later(1000);

Time after_now(std::chrono::milliseconds by) { return {some_time.milliseconds + by.count()}; }

template <class Event>
auto set_by(const Event& event, std::string_view id) {
    return texts_of(deadlines(event, {id, "event-1", some_time}));
}

TEST(Deadlines, EndReservationsAndAttempts) {
    EXPECT_THAT(set_by(NodeEvent{CapacityReserved{{"d1"}, primary, 2, small, then, {"7"}}}, "11"),
                ElementsAre(due("reservation_lapses", then, "node-11",
                                ExpireReservation{{"d1"}, primary, 2})));
    AttemptStarted started;
    started.place = placed(backup, 2, node_21);
    started.at = some_time;
    EXPECT_THAT(set_by(DeploymentEvent{started}, "d1"),
                ElementsAre(due("attempt_times_out", minutes_later(45), "deployment-d1",
                                RecordWorkload{backup, 2, false, "timed_out", {}})));
    EXPECT_THAT(set_by(DeploymentEvent{DomainRequested{3, {}, {}}}, "d1"),
                ElementsAre(due("domain_times_out", minutes_later(45), "deployment-d1",
                                RecordDomain{3, false, {}, {}, "timed_out"})));
}

TEST(Deadlines, WaitADayForThePayerOfAnOrder) {
    for (const PaymentEvent& event : {PaymentEvent{PaymentDeclined{2, {}, {}, {}}},
                                      PaymentEvent{PaymentActionRequired{2, {}, {}}}}) {
        EXPECT_THAT(set_by(event, "d1.1"),
                    ElementsAre(due("payment_abandoned", minutes_later(24 * 60), "payment-d1.1",
                                    VoidPayment{"payment_abandoned", 2})));
        EXPECT_THAT(set_by(event, "d1.2"), IsEmpty());
        EXPECT_THAT(set_by(event, "p1"), IsEmpty());
    }
}

TEST(Deadlines, EndWhatStaysUnknown) {
    RecordPaymentOutcome outcome;
    outcome.outcome = PaymentOutcome::declined;
    outcome.attempt = 2;
    outcome.reason = "outcome_unknown";
    EXPECT_THAT(
        set_by(PaymentEvent{PaymentOutcomeUnknown{2, {}}}, "d1.2"),
        ElementsAre(due("payment_stays_unknown", after_now(std::chrono::milliseconds{435'965'000}),
                        "payment-d1.2", outcome)));
}

TEST(Deadlines, EndHolds) {
    EXPECT_THAT(set_by(PaymentEvent{PaymentHeld{usd(1), 1, {}, then}}, "p1"),
                ElementsAre(due("hold_expires", then, "payment-p1", ExpireHold{})));
    EXPECT_THAT(set_by(PaymentEvent{PaymentHeld{usd(1), 1, {}, {}}}, "p1"), IsEmpty());
}

TEST(Deadlines, TryCapturesAgain) {
    const auto fails = [](std::uint32_t number) {
        return set_by(PaymentEvent{CaptureFailed{number, usd(700), {}}}, "d1.1");
    };
    const std::vector<std::int64_t> minutes{5, 60, 480};
    for (std::uint32_t number = 1; number <= 3; ++number)
        EXPECT_THAT(fails(number),
                    ElementsAre(due("capture_retry", minutes_later(minutes[number - 1]),
                                    "payment-d1.1", CapturePayment{usd(700)})));
    const std::string end = due("order_stays_unpaid", add_days(some_time, 7), "deployment-d1",
                                CancelDeployment{CancellationReason::unpaid, true});
    EXPECT_THAT(fails(4), ElementsAre(end));
    EXPECT_THAT(set_by(PaymentEvent{HoldExpired{usd(700)}}, "d1.1"), ElementsAre(end));
    EXPECT_THAT(set_by(PaymentEvent{HoldExpired{usd(700)}}, "d1.2"), IsEmpty());
}

TEST(Deadlines, AskForACreditNoteAgain) {
    GiveBack all;
    all.charge = ChargeState::charged;
    all.terms.gross = usd(1815);
    all.invoice = {"d1.1"};
    EXPECT_THAT(
        set_by(DeploymentEvent{DeploymentFailed{FailureReason::no_capacity, all}}, "d1"),
        ElementsAre(due("credit_note_retry", minutes_later(10), "invoice-d1.1",
                        IssueCreditNote{"deployment_failed", usd(1815), "deployment_failed"})));
    EXPECT_THAT(
        set_by(DeploymentEvent{CancellationRequested{CancellationReason::customer, true, all}},
               "d1"),
        IsEmpty());
    all.charge = ChargeState::held;
    EXPECT_THAT(set_by(DeploymentEvent{DeploymentFailed{FailureReason::no_capacity, all}}, "d1"),
                IsEmpty());
}

TEST(Deadlines, RenewAndEndSubscriptions) {
    const std::string renewal = due("renewal", then, "subscription-d1", OpenRenewal{3});
    EXPECT_THAT(
        set_by(SubscriptionEvent{SubscriptionStarted{{}, 2, some_time, then, then, {}}}, "d1"),
        ElementsAre(renewal));
    EXPECT_THAT(set_by(SubscriptionEvent{SubscriptionRenewed{2, some_time, then, then, {}}}, "d1"),
                ElementsAre(renewal));
    EXPECT_THAT(
        set_by(SubscriptionEvent{CancellationScheduled{CancellationReason::customer, then}}, "d1"),
        ElementsAre(due("subscription_ends", then, "subscription-d1", EndSubscription{})));
}

TEST(Deadlines, DunStepByStep) {
    RenewalFailed failed{2, 1, then, {}, false, {}};
    EXPECT_THAT(set_by(SubscriptionEvent{failed}, "d1"),
                ElementsAre(due("payment_retry", then, "payment-d1.2", ConfirmPayment{{}, 1})));
    failed.next_try.reset();
    EXPECT_THAT(set_by(SubscriptionEvent{failed}, "d1"), IsEmpty());
    EXPECT_THAT(
        set_by(SubscriptionEvent{SubscriptionSuspended{2, some_time, then, {}}}, "d1"),
        ElementsAre(due("suspension_ends", then, "subscription-d1",
                        CancelSubscription{SubscriptionMoment::now, CancellationReason::unpaid})));
}

TEST(Deadlines, CloseTheUsageOfAContract) {
    const GridContract contract{{"9001"}, ContractKind::node, {}, {}, {}, {}};
    for (const DeploymentEvent& event : {DeploymentEvent{ContractCancelled{contract}},
                                         DeploymentEvent{OrphanContractCancelled{contract}}})
        EXPECT_THAT(
            set_by(event, "d1"),
            ElementsAre(due("usage_closes", minutes_later(60), "usage-9001", CloseUsage{some_time}),
                        due("usage_closes_at_last", minutes_later(72 * 60), "usage-9001",
                            CloseUsage{some_time})));
}

TEST(Deadlines, EndWhatIsLentForATime) {
    CreditGranted granted;
    EXPECT_THAT(set_by(CustomerCreditEvent{granted}, "a.b"), IsEmpty());
    granted.expires = then;
    EXPECT_THAT(set_by(CustomerCreditEvent{granted}, "a.b"),
                ElementsAre(due("credit_expires", then, "customer_credit-a.b", ExpireCredit{})));
    EXPECT_THAT(set_by(AccountEvent{ImpersonationStarted{{"staff-1"}, "help", then}}, "a"),
                ElementsAre(due("impersonation_ends", then, "account-a",
                                EndImpersonation{ActorId{"staff-1"}})));
    CardAttached attached;
    attached.expires = then;
    CardUpdated updated;
    updated.expires = then;
    for (const CardEvent& event : {CardEvent{attached}, CardEvent{updated}})
        EXPECT_THAT(set_by(event, "c1"),
                    ElementsAre(due("card_expires", then, "card-c1", RecordCardUpdate{})));
    EXPECT_THAT(
        set_by(MarketDataEvent{TftPriceRecorded{10, some_time, then, {}, false}}, "grid"),
        ElementsAre(due("feed_goes_stale", then, "market_data-grid", MarkFeedStale{some_time})));
}

} // namespace

} // namespace domain::stories
