// Orders from the first click to the first invoice, or to the last cent given back.

#include "tests/domain/policies/story.hpp"

namespace domain::stories {

namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

const std::string deployment = "deployment-d1", payment = "payment-d1.1", invoice = "invoice-d1.1",
                  subscription = "subscription-d1", code = "discount_code-operator-t.SPRING";
// A timer that has lost its race.
const std::string too_late = "deployment-d1 deployment.record_workload outcome_older_than_state";

constexpr std::chrono::milliseconds minutes(std::int64_t count) {
    return std::chrono::minutes{count};
}

// Orders in which commands to several streams may arrive.
class AnOrder : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Stories, AnOrder, testing::Range(0U, 12U));

CreateDiscountCode spring(DiscountAudience audience = DiscountAudience::anybody) {
    CreateDiscountCode command;
    command.dashboard = {"operator-t"};
    command.code = "SPRING";
    command.terms.basis_points = 1'000;
    command.limits.audience = audience;
    command.limits.uses = 1;
    return command;
}

QuoteTerms quote_on(std::initializer_list<Candidate> candidates) {
    QuoteTerms quote = single_quote();
    quote.candidates = candidates;
    return quote;
}

TEST_P(AnOrder, IsThereWithBackupAndNameAndRenews) {
    Story story = market(GetParam());
    story.tell(deployment, order_now(story, double_quote()));
    hold(story, payment);
    deploy(story, primary, 1, "9001");
    deploy(story, backup, 1, "9002");
    EXPECT_THAT(story.history(payment), ElementsAre("requested", "held"));
    story.tell(deployment, attached(1, "9003"));
    capture(story, payment);
    story.tell(payment, RecordCardFee{usd(59)});

    EXPECT_THAT(story.history(deployment),
                ElementsAre("ordered", "placement_chosen", "reservation_held", "reservation_held",
                            "capacity_reserved", "payment_recorded", "attempt_started",
                            "attempt_started", "contract_created", "workload_ready",
                            "contract_created", "workload_ready", "backup_ready",
                            "domain_requested", "contract_created", "domain_attached", "running",
                            "payment_recorded", "paid"));
    for (const char* node : {"node-11", "node-21"})
        EXPECT_THAT(story.history(node), ElementsAre("capacity_reserved", "capacity_confirmed"));
    EXPECT_THAT(story.history(payment), ElementsAre("requested", "held", "capture_requested",
                                                    "captured", "card_fee_recorded"));
    EXPECT_THAT(story.history(invoice), ElementsAre("drafted", "issued", "paid"));
    EXPECT_THAT(story.history(subscription), ElementsAre("started"));
    EXPECT_EQ(story.last<InvoiceIssued>(invoice).number, 1U);
    EXPECT_EQ(due_of(story.state<Invoice>("d1.1")), usd(0));
    EXPECT_THAT(story.refusals(), IsEmpty());

    story.forget();
    story.advance_to(story.state<Subscription>("d1").until);
    EXPECT_THAT(story.history(subscription), ElementsAre("renewal_due"));
    EXPECT_THAT(story.history("payment-d1.2"), ElementsAre("requested"));
    EXPECT_EQ(story.last<PaymentRequested>("payment-d1.2").charge_first, true);
    charge(story, "payment-d1.2");
    EXPECT_THAT(story.history("invoice-d1.2"), ElementsAre("drafted", "issued", "paid"));
    EXPECT_THAT(story.history(subscription), ElementsAre("renewal_due", "renewed"));
    EXPECT_EQ(story.last<InvoiceIssued>("invoice-d1.2").number, 2U);
    EXPECT_THAT(story.refusals(), ElementsAre(too_late, too_late));
    EXPECT_THAT(story.history(deployment), IsEmpty());
}

TEST_P(AnOrder, ReservesAgainWhenThePayerTookTooLong) {
    Story story = market(GetParam());
    story.tell(deployment, order_now(story, single_quote()));
    decline(story, payment);
    story.advance(minutes(20));
    EXPECT_THAT(story.history("node-11"), ElementsAre("capacity_reserved", "capacity_released"));

    story.tell(payment, ConfirmPayment{{"pm_2"}});
    RecordPaymentOutcome challenge;
    challenge.outcome = PaymentOutcome::action_required;
    story.tell(payment, challenge);
    story.advance(minutes(20));
    hold(story, payment);
    deploy(story, primary, 1, "9004");
    capture(story, payment);

    EXPECT_THAT(story.history(payment),
                ElementsAre("requested", "declined", "requested", "action_required", "held",
                            "capture_requested", "captured"));
    EXPECT_THAT(story.history("node-11"), ElementsAre("capacity_reserved", "capacity_released",
                                                      "capacity_reserved", "capacity_confirmed"));
    EXPECT_THAT(story.history(deployment),
                ElementsAre("ordered", "placement_chosen", "reservation_held", "capacity_reserved",
                            "payment_recorded", "payment_recorded", "payment_recorded",
                            "reservation_requested", "reservation_held", "attempt_started",
                            "contract_created", "workload_ready", "running", "payment_recorded",
                            "paid"));
    EXPECT_THAT(story.history(invoice), ElementsAre("drafted", "issued", "paid"));
    EXPECT_EQ(story.last<InvoicePaid>(invoice).amount, usd(1815));

    // What is told late of the first attempt, and the timers of all of them, change nothing.
    RecordPaymentOutcome late;
    late.outcome = PaymentOutcome::declined;
    late.attempt = 1;
    EXPECT_EQ(story.refusal(payment, late), "outcome_older_than_state");
    story.forget();
    story.advance(std::chrono::hours{48});
    EXPECT_THAT(story.history(payment), IsEmpty());
    EXPECT_THAT(story.history(deployment), IsEmpty());
    EXPECT_THAT(story.refusals(), ElementsAre(too_late));
}

TEST_P(AnOrder, EndsWhenThePayerDoesNotComeBack) {
    Story story = market(GetParam());
    story.tell(code, spring());
    story.tell(deployment, order_now(story, with_code(single_quote())));
    decline(story, payment);
    story.advance(std::chrono::hours{23});
    EXPECT_EQ(story.state<Deployment>("d1").status, DeploymentStatus::awaiting_payment);
    story.advance(std::chrono::hours{1});
    EXPECT_THAT(story.history(payment), ElementsAre("requested", "declined", "voided"));
    EXPECT_EQ(story.last<DeploymentFailed>(deployment).reason, FailureReason::payment_abandoned);
    EXPECT_THAT(story.history("node-11"), ElementsAre("capacity_reserved", "capacity_released"));
    EXPECT_THAT(story.history(code), ElementsAre("created", "reserved", "released"));
    EXPECT_THAT(story.history(invoice), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST(OrderStory, WaitsADayForEachCard) {
    Story story = market();
    story.tell(deployment, order_now(story, single_quote()));
    decline(story, payment);
    story.advance(std::chrono::hours{23});
    story.tell(payment, ConfirmPayment{{"pm_2"}});
    decline(story, payment);
    story.advance(std::chrono::hours{23});
    EXPECT_THAT(story.history(payment),
                ElementsAre("requested", "declined", "requested", "declined"));
    story.advance(std::chrono::hours{1});
    EXPECT_EQ(story.state<Deployment>("d1").status, DeploymentStatus::failed);
}

TEST(OrderStory, TakesAPaymentThatStaysUnknownForDeclined) {
    Story story = market();
    story.tell(deployment, order_now(story, single_quote()));
    RecordPaymentOutcome unknown;
    unknown.outcome = PaymentOutcome::unknown;
    story.tell(payment, unknown);
    story.advance(unknown_payment_time);
    EXPECT_THAT(story.history(payment), ElementsAre("requested", "outcome_unknown", "declined"));
    story.advance(payer_patience);
    EXPECT_THAT(story.history(payment),
                ElementsAre("requested", "outcome_unknown", "declined", "voided"));
    // It had been taken after all.
    charge(story, payment);
    EXPECT_EQ(story.last<RefundRequested>(payment).amount, usd(1815));
    EXPECT_THAT(story.history(invoice), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(AnOrder, TakesAnotherNodeAfterAFailure) {
    Story story = market(GetParam());
    story.tell(deployment, order_now(story, double_quote()));
    hold(story, payment);
    deploy(story, backup, 1, "9002");
    fail(story, primary, 1, "9001");
    deploy(story, primary, 2, "9003");
    story.tell(deployment, attached(1, "9004"));
    capture(story, payment);
    EXPECT_THAT(story.history("node-11"), ElementsAre("capacity_reserved", "capacity_released"));
    EXPECT_THAT(story.history("node-21"), ElementsAre("capacity_reserved", "capacity_confirmed"));
    const auto second = story.last<AttemptStarted>(deployment).place.node;
    EXPECT_THAT(story.history("node-" + second.value),
                ElementsAre("capacity_reserved", "capacity_confirmed"));
    EXPECT_THAT(story.history(subscription), ElementsAre("started"));
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(AnOrder, ReleasesTheHoldWhenBothNodesFail) {
    Story story = market(GetParam());
    story.tell(code, spring());
    story.tell(deployment, order_now(story, with_code(quote_on({node_11, node_12}))));
    hold(story, payment);
    fail(story, primary, 1, "9001");
    fail(story, primary, 2, "9002");
    EXPECT_THAT(story.history(deployment),
                IsSupersetOf({"workload_failed", "placement_failed", "failed"}));
    EXPECT_EQ(story.last<DeploymentFailed>(deployment).reason, FailureReason::no_node_could_deploy);
    EXPECT_THAT(story.history(payment), ElementsAre("requested", "held", "voided"));
    for (const char* node : {"node-11", "node-12"})
        EXPECT_THAT(story.history(node), ElementsAre("capacity_reserved", "capacity_released"));
    EXPECT_THAT(story.history(code), ElementsAre("created", "reserved", "released"));
    EXPECT_THAT(story.history(invoice), IsEmpty());
    EXPECT_THAT(story.refusals(), IsEmpty());

    story.advance(std::chrono::hours{72});
    for (const char* usage : {"usage-9001", "usage-9002"})
        EXPECT_THAT(story.history(usage), ElementsAre("closed"));
}

TEST_P(AnOrder, GivesTheMoneyBackWhenBothNodesFail) {
    Story story = market(GetParam());
    story.tell(code, spring());
    auto order = order_now(story, with_code(quote_on({node_11, node_12})));
    order.charge_first = true;
    story.tell(deployment, order);
    charge(story, payment);
    EXPECT_THAT(story.history(invoice), Contains("paid"));
    fail(story, primary, 1, "9001");
    fail(story, primary, 2, "9002");
    story.tell(payment, RecordRefundOutcome{1, RefundOutcome::succeeded, {}});
    EXPECT_THAT(story.history(payment),
                ElementsAre("requested", "captured", "refund_requested", "refund_succeeded"));
    EXPECT_THAT(story.history(invoice),
                IsSupersetOf({"drafted", "issued", "paid", "credit_note_issued", "refunded"}));
    EXPECT_EQ(story.last<CreditNoteIssued>(invoice).tax, usd(315));
    EXPECT_EQ(due_of(story.state<Invoice>("d1.1")), usd(0));
    EXPECT_THAT(story.history(code), ElementsAre("created", "reserved", "released"));
    EXPECT_THAT(story.refusals(), IsEmpty());

    // The bank sends it back to us: it is owed again, and the credit note stays.
    story.tell(payment, RecordRefundOutcome{1, RefundOutcome::failed, {}});
    EXPECT_EQ(due_of(story.state<Invoice>("d1.1")), usd(-1815));
}

TEST_P(AnOrder, CorrectsTheInvoiceHoweverFastTheOrderFails) {
    Story story = market(GetParam());
    auto order = order_now(story, quote_on({node_11}));
    order.charge_first = true;
    story.tell(deployment, order);
    story.advance(minutes(20));
    story.tell("node-11", ExcludeNode{"broken"});
    charge(story, payment);
    EXPECT_EQ(story.state<Deployment>("d1").status, DeploymentStatus::failed);
    story.tell(payment, RecordRefundOutcome{1, RefundOutcome::succeeded, {}});
    story.advance(minutes(20));
    EXPECT_EQ(due_of(story.state<Invoice>("d1.1")), usd(0));
    EXPECT_EQ(story.state<Invoice>("d1.1").notes, usd(1815));
}

TEST_P(AnOrder, TakesTheNextNodeWhenOneRefuses) {
    Story story = market(GetParam());
    story.tell("node-11", ExcludeNode{"broken"});
    story.tell(deployment, order_now(story, single_quote()));
    EXPECT_THAT(story.history(deployment),
                ElementsAre("ordered", "placement_chosen", "reservation_refused",
                            "placement_chosen", "reservation_held", "capacity_reserved"));
    EXPECT_EQ(story.history("node-11").back(), "capacity_refused");
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(AnOrder, EndsWhereNoNodeHasRoom) {
    Story story = market(GetParam());
    for (const char* node : {"node-11", "node-12"})
        story.tell(node, ExcludeNode{"broken"});
    story.tell(code, spring());
    story.tell(deployment, order_now(story, with_code(quote_on({node_11, node_12}))));
    EXPECT_EQ(story.last<DeploymentFailed>(deployment).reason, FailureReason::no_capacity);
    EXPECT_THAT(story.history(payment), IsEmpty());
    EXPECT_EQ(story.state<DiscountCode>("operator-t.SPRING").uses.size(), 0U);
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(AnOrder, UsesADiscountCodeUpWhenItRuns) {
    Story story = market(GetParam());
    story.tell(code, spring(DiscountAudience::first_order));
    auto order = order_now(story, with_code(single_quote()));
    order.first_order = true;
    story.tell(deployment, order);
    hold(story, payment);
    EXPECT_THAT(story.history(code), ElementsAre("created", "reserved"));
    deploy(story, primary, 1, "9001");
    EXPECT_THAT(story.history(code), ElementsAre("created", "reserved", "consumed"));
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST_P(AnOrder, EndsWithoutTheDiscountItWasPromised) {
    Story story = market(GetParam());
    story.tell(code, spring(DiscountAudience::first_order));
    story.tell(deployment, order_now(story, with_code(single_quote())));
    EXPECT_EQ(story.last<DeploymentFailed>(deployment).reason, FailureReason::discount_refused);
    EXPECT_THAT(story.history(payment), IsEmpty());
    EXPECT_TRUE(story.state<Node>("11").holds.empty());
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST(OrderStory, CostsNothingWhenNothingIsAsked) {
    Story story = market();
    QuoteTerms quote = single_quote();
    quote.price = quote.net = quote.tax = quote.gross = usd(0);
    story.tell(deployment, order_now(story, quote));
    deploy(story, primary, 1, "9001");
    EXPECT_THAT(story.history(payment), IsEmpty());
    EXPECT_THAT(story.history(invoice), ElementsAre("drafted", "issued", "paid"));
    EXPECT_THAT(story.history(subscription), ElementsAre("started"));
    story.advance_to(story.state<Subscription>("d1").until);
    EXPECT_THAT(story.history(subscription), ElementsAre("started", "renewal_due", "renewed"));
}

TEST(OrderStory, GivesUpOnAGridThatNeverAnswers) {
    Story story = market();
    story.tell(deployment, order_now(story, single_quote()));
    hold(story, payment);
    story.advance(provisioning_time);
    EXPECT_EQ(story.last<DeploymentFailed>(deployment).reason, FailureReason::no_node_could_deploy);
    EXPECT_EQ(story.history(payment).back(), "voided");
}

TEST(OrderStory, RunsWithoutANameThatNeverComes) {
    Story story = market();
    story.tell(deployment, order_now(story, double_quote()));
    hold(story, payment);
    deploy(story, primary, 1, "9001");
    deploy(story, backup, 1, "9002");
    EXPECT_EQ(story.history(deployment).back(), "domain_requested");
    story.advance(provisioning_time);
    EXPECT_THAT(story.history(deployment), IsSupersetOf({"domain_refused", "running"}));
}

TEST_P(AnOrder, IsGivenBackWhenItIsCancelledBeforeItRuns) {
    Story story = market(GetParam());
    story.tell(deployment, order_now(story, single_quote()));
    hold(story, payment);
    story.tell(deployment, contract(primary, 1, "9001"));
    story.tell(deployment, CancelDeployment{});
    story.tell(deployment, RecordRelease{{"9001"}});
    EXPECT_EQ(story.history(deployment).back(), "cancelled");
    EXPECT_EQ(story.history(payment).back(), "voided");
    EXPECT_EQ(story.history("node-11").back(), "capacity_released");
    EXPECT_THAT(story.refusals(), IsEmpty());
}

TEST(OrderStory, TriesTheCaptureAgain) {
    Story story = market();
    story.tell(deployment, order_now(story, single_quote()));
    hold(story, payment);
    deploy(story, primary, 1, "9001");
    for (std::uint32_t i = 1; i <= capture_retries.size(); ++i) {
        story.tell(payment,
                   RecordCaptureOutcome{CaptureOutcome::failed, i, {}, "processing_error"});
        story.advance(capture_retries[i - 1]);
        EXPECT_EQ(story.history(payment).back(), "capture_requested");
    }
    EXPECT_EQ(story.state<Deployment>("d1").status, DeploymentStatus::running);
    capture(story, payment);
    EXPECT_EQ(story.history(deployment).back(), "paid");
}

TEST_P(AnOrder, LosesItsServiceWhenItCannotBeCaptured) {
    Story story = market(GetParam());
    story.tell(deployment, order_now(story, single_quote()));
    hold(story, payment);
    deploy(story, primary, 1, "9001");
    for (std::uint32_t i = 1; i <= 4; ++i) {
        story.tell(payment,
                   RecordCaptureOutcome{CaptureOutcome::failed, i, {}, "processing_error"});
        if (i < 4) story.advance(capture_retries[i - 1]);
    }
    EXPECT_EQ(story.history(deployment).back(), "suspended");
    EXPECT_EQ(story.history(invoice).back(), "past_due");
    story.advance(std::chrono::hours{24 * 7});
    story.tell(deployment, RecordRelease{{"9001"}});
    EXPECT_EQ(story.history(deployment).back(), "cancelled");
    EXPECT_EQ(story.history(invoice).back(), "write_off_proposed");
    EXPECT_THAT(story.history("node-11"),
                ElementsAre("capacity_reserved", "capacity_confirmed", "capacity_released"));
}

} // namespace

} // namespace domain::stories
