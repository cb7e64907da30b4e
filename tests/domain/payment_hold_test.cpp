// A payment up to its hold: asking, what cards answer, other cards, giving up.

#include "tests/domain/payment_samples.hpp"

namespace domain {

namespace {

RecordPaymentOutcome outcome(PaymentOutcome what, std::uint32_t number = 1) {
    RecordPaymentOutcome command;
    command.outcome = what;
    command.attempt = number;
    command.provider_reference = intent;
    return command;
}

TEST(PaymentRequest, IsTheFirstAttempt) {
    given<Payment>({})
        .when(RequestPayment{payer, usd(1000), first_card, "invoice 7", {}})
        .then(requested);
}

TEST(PaymentRequest, NeedsNoCardWhenThePayerHasADefault) {
    given<Payment>({})
        .when(RequestPayment{payer, eur(1), {}, {}, true})
        .then({PaymentRequested{payer, eur(1), 1, {}, {}, true}});
}

TEST(PaymentRequest, IsMadeOnce) {
    for (const History& history : {requested, declined, voided, refunded})
        given<Payment>(history)
            .when(RequestPayment{payer, usd(1000), first_card, {}, {}})
            .then_rejected(Rejection::already_requested);
}

TEST(PaymentRequest, NeedsAnAmountAPayerAndANamedCard) {
    const auto nobody = given<Payment>({});
    for (const std::int64_t cents : {0, -1})
        nobody.when(RequestPayment{payer, usd(cents), first_card, {}, {}})
            .then_rejected(Rejection::amount_zero);
    nobody.when(RequestPayment{{}, usd(1), first_card, {}, {}})
        .then_rejected(Rejection::payer_missing);
    nobody.when(RequestPayment{payer, usd(1), CardId{}, {}, {}})
        .then_rejected(Rejection::card_missing);
}

TEST(PaymentThatWasNeverRequested, RefusesEverythingElse) {
    const std::vector<PaymentCommand> commands{
        RecordPaymentOutcome{}, ConfirmPayment{},     CapturePayment{}, RecordCaptureOutcome{},
        VoidPayment{},          ExpireHold{},         RecordCardFee{},  RequestRefund{},
        RecordRefundOutcome{},  RecordDispute{},      SubmitEvidence{}, AcceptDispute{},
        RecordDisputeOutcome{}, RecordFraudWarning{},
    };
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<PaymentCommand>);
    EXPECT_FALSE(exists(given<Payment>({}).state()));
    for (const PaymentCommand& command : commands)
        given<Payment>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(PaymentOutcomes, AreRecorded) {
    auto command = outcome(PaymentOutcome::held);
    command.capture_before = later(168);
    given<Payment>(requested).when(command).then({PaymentHeld{usd(1000), 1, intent, later(168)}});

    command = outcome(PaymentOutcome::action_required);
    command.action = "redirect_to_url";
    given<Payment>(requested).when(command).then(
        {PaymentActionRequired{1, intent, "redirect_to_url"}});

    command = outcome(PaymentOutcome::declined);
    command.reason = "insufficient_funds";
    command.advice = "try_again_later";
    given<Payment>(requested).when(command).then(
        {PaymentDeclined{1, intent, "insufficient_funds", "try_again_later"}});

    given<Payment>(requested)
        .when(outcome(PaymentOutcome::unknown))
        .then({PaymentOutcomeUnknown{1, intent}});
}

TEST(PaymentOutcomes, MayLeaveOutWhatIsAsAsked) {
    RecordPaymentOutcome command;
    command.outcome = PaymentOutcome::held;
    given<Payment>(retried).when(command).then({PaymentHeld{usd(1000), 2, {}, {}}});
}

TEST(PaymentOutcomes, FollowEachOtherUpTheRanks) {
    for (const History& history : {unknown, action_required, declined, retried})
        given<Payment>(history)
            .when(outcome(PaymentOutcome::held))
            .then({PaymentHeld{usd(1000), 1, intent, {}}});
    for (const History& history : {unknown, action_required})
        given<Payment>(history)
            .when(outcome(PaymentOutcome::declined))
            .then({PaymentDeclined{1, intent, {}, {}}});
    given<Payment>(unknown)
        .when(outcome(PaymentOutcome::action_required))
        .then({PaymentActionRequired{1, intent, {}}});
}

TEST(PaymentOutcomes, SayNothingNewTheSecondTime) {
    given<Payment>(unknown).when(outcome(PaymentOutcome::unknown)).then_nothing();
    given<Payment>(action_required).when(outcome(PaymentOutcome::action_required)).then_nothing();
    given<Payment>(declined).when(outcome(PaymentOutcome::declined)).then_nothing();
    given<Payment>(held).when(outcome(PaymentOutcome::held)).then_nothing();
    for (const History& history : {captured, partly_refunded, refunded})
        given<Payment>(history).when(outcome(PaymentOutcome::charged)).then_nothing();
}

TEST(PaymentOutcomes, OlderThanTheStateChangeNothing) {
    const auto older = [](const History& history, RecordPaymentOutcome command) {
        given<Payment>(history).when(command).then_rejected(Rejection::outcome_older_than_state);
    };
    older(action_required, outcome(PaymentOutcome::unknown));
    older(declined, outcome(PaymentOutcome::action_required));
    for (const History& history : {held, capturing, voided, hold_expired, captured, refunded})
        older(history, outcome(PaymentOutcome::declined));
    for (const History& history : {voided, hold_expired, captured, refunded})
        older(history, outcome(PaymentOutcome::held));
    // Of the attempt before.
    older(retried, outcome(PaymentOutcome::declined, 1));
    older(retried, outcome(PaymentOutcome::action_required, 1));
}

TEST(PaymentOutcomes, AreOfAnAttemptThatWasMade) {
    for (const std::uint32_t number : {0U, 3U})
        given<Payment>(retried)
            .when(outcome(PaymentOutcome::held, number))
            .then_rejected(Rejection::attempt_unknown);
}

TEST(PaymentOutcomes, AreOfTheOneIntent) {
    auto command = outcome(PaymentOutcome::held, 2);
    command.provider_reference = "pi_2";
    given<Payment>(retried).when(command).then_rejected(Rejection::intent_differs);
}

TEST(PaymentOutcomes, HoldSomethingOfWhatWasAsked) {
    auto command = outcome(PaymentOutcome::held);
    command.amount = usd(999);
    given<Payment>(requested).when(command).then({PaymentHeld{usd(999), 1, intent, {}}});
    command.amount = usd(0);
    given<Payment>(requested).when(command).then_rejected(Rejection::amount_zero);
    command.amount = usd(1001);
    given<Payment>(requested).when(command).then_rejected(Rejection::amount_exceeds_payment);
    command.amount = eur(1000);
    given<Payment>(requested).when(command).then_rejected(Rejection::wrong_currency);
}

TEST(PaymentOutcomes, MayBeAChargeAtOnce) {
    given<Payment>(requested)
        .when(outcome(PaymentOutcome::charged))
        .then({PaymentCaptured{usd(1000), {}, intent}});
    const Payment charged =
        given<Payment>(requested + PaymentCaptured{usd(900), {}, intent}).state();
    EXPECT_EQ(charged.held, usd(900));
    EXPECT_EQ(charged.captured, usd(900));

    // It may be the answer to a capture, and money that was taken is seen even after the end.
    given<Payment>(held + CaptureRequested{1, usd(600)})
        .when(outcome(PaymentOutcome::charged))
        .then({PaymentCaptured{usd(600), 1, intent}});
    for (const History& history : {voided, hold_expired})
        given<Payment>(history)
            .when(outcome(PaymentOutcome::charged))
            .then({PaymentCaptured{usd(1000), {}, intent}});
}

TEST(PaymentConfirm, TriesAnotherCardOnTheSamePayment) {
    for (const History& history : {declined, action_required})
        given<Payment>(history).when(ConfirmPayment{second_card}).then({attempt(2, second_card)});
}

TEST(PaymentConfirm, WaitsForTheOutcomeOfTheLastAttempt) {
    for (const History& history : {requested, unknown, retried})
        given<Payment>(history)
            .when(ConfirmPayment{second_card})
            .then_rejected(Rejection::outcome_pending);
}

TEST(PaymentConfirm, EndsAfterThreeAttempts) {
    const History third = retried + PaymentDeclined{2, intent, {}, {}} + attempt(3, first_card) +
                          PaymentDeclined{3, intent, {}, {}};
    given<Payment>(third)
        .when(ConfirmPayment{second_card})
        .then_rejected(Rejection::attempts_exhausted);
}

TEST(PaymentConfirm, IsRetriedByATimerWithTheSameCard) {
    PaymentRequested again{payer, usd(1000), 2, first_card, "invoice 7", {}};
    again.retry = true;
    const ConfirmPayment timer{{}, 1};
    for (const History& history : {declined, action_required})
        given<Payment>(history).when(timer).then({again});
    // The payer tried another card meanwhile, or nothing failed.
    for (const History& history :
         {requested, unknown, retried, retried + PaymentDeclined{2, intent, {}, {}}, held, voided,
          captured})
        given<Payment>(history).when(timer).then_nothing();
}

TEST(PaymentConfirm, LeavesThePayersAttemptsToThePayer) {
    History history = declined;
    for (std::uint32_t number = 2; number <= 4; ++number) {
        given<Payment>(history)
            .when(ConfirmPayment{second_card})
            .then({attempt(number, second_card)});
        PaymentRequested again{payer, usd(1000), number, first_card, "invoice 7", {}};
        again.retry = true;
        history = history + again + PaymentDeclined{number, intent, {}, {}};
    }
    given<Payment>(history)
        .when(ConfirmPayment{{}, 4})
        .then_rejected(Rejection::attempts_exhausted);
    given<Payment>(history).when(ConfirmPayment{second_card}).then({attempt(5, second_card)});
}

TEST(PaymentConfirm, NeedsACard) {
    given<Payment>(declined).when(ConfirmPayment{}).then_rejected(Rejection::card_missing);
}

TEST(PaymentConfirm, ComesTooLateOnceSettled) {
    for (const History& history : {held, capturing, voided, hold_expired, captured, refunded})
        given<Payment>(history)
            .when(ConfirmPayment{second_card})
            .then_rejected(Rejection::payment_settled);
}

TEST(PaymentVoid, EndsWhatIsNotCaptured) {
    for (const History& history :
         {requested, unknown, action_required, declined, retried, held, capture_failed})
        given<Payment>(history)
            .when(VoidPayment{"not delivered"})
            .then({PaymentVoided{"not delivered"}});
}

TEST(PaymentVoid, EndsTheWaitForThePayer) {
    const VoidPayment timer{"payment_abandoned", 1};
    for (const History& history : {declined, action_required})
        given<Payment>(history).when(timer).then({PaymentVoided{"payment_abandoned"}});
    for (const History& history :
         {requested, unknown, retried, retried + PaymentDeclined{2, intent, {}, {}}, held,
          capturing, captured, voided})
        given<Payment>(history).when(timer).then_nothing();
}

TEST(PaymentVoid, HasNothingToDoTwice) {
    for (const History& history : {voided, hold_expired})
        given<Payment>(history).when(VoidPayment{}).then_nothing();
}

TEST(PaymentVoid, ComesTooLateForACapture) {
    for (const History& history : {captured, partly_refunded, refunded})
        given<Payment>(history).when(VoidPayment{}).then_rejected(Rejection::already_captured);
    given<Payment>(capturing).when(VoidPayment{}).then_rejected(Rejection::capture_pending);
}

TEST(PaymentHold, Expires) {
    given<Payment>(held).when(ExpireHold{}).then({HoldExpired{usd(1000)}});
    // The capture on its way is concluded by what the provider says of it.
    given<Payment>(capturing).when(ExpireHold{}).then({HoldExpired{usd(1000)}});
}

TEST(PaymentHold, ThatIsNoMoreDoesNotExpire) {
    for (const History& history :
         {requested, unknown, action_required, declined, voided, hold_expired, captured, refunded})
        given<Payment>(history).when(ExpireHold{}).then_nothing();
}

TEST(PaymentState, ShowsTheCourseOfTheAttempts) {
    const Payment now = given<Payment>(retried).state();
    EXPECT_EQ(now.status, PaymentStatus::requested);
    EXPECT_EQ(now.attempt, 2U);
    EXPECT_EQ(now.card, second_card);
    EXPECT_EQ(now.provider_reference, intent);
    EXPECT_EQ(now.reason, std::nullopt);
    EXPECT_EQ(given<Payment>(declined).state().reason, "insufficient_funds");
    EXPECT_EQ(given<Payment>(action_required).state().action, "redirect_to_url");
    EXPECT_EQ(given<Payment>(held).state().capture_before, later(168));
    EXPECT_EQ(given<Payment>(voided).state().status, PaymentStatus::voided);
    EXPECT_EQ(given<Payment>(hold_expired).state().status, PaymentStatus::hold_expired);
}

} // namespace

} // namespace domain
