// A payment from its hold on: capture, fee, refunds.

#include "tests/domain/payment_samples.hpp"

namespace domain {

namespace {

const RecordCaptureOutcome capture_succeeded{CaptureOutcome::captured, 1, {}, {}};
const RecordCaptureOutcome capture_refused{CaptureOutcome::failed, 1, {}, "processing_error"};

RecordRefundOutcome refund(std::uint32_t number, RefundOutcome outcome) {
    return {number, outcome, {}};
}

TEST(PaymentCapture, IsOfAllOrAPart) {
    given<Payment>(held).when(CapturePayment{}).then({CaptureRequested{1, usd(1000)}});
    given<Payment>(held).when(CapturePayment{usd(600)}).then({CaptureRequested{1, usd(600)}});
}

TEST(PaymentCapture, MayBeTriedAgain) {
    given<Payment>(capture_failed).when(CapturePayment{}).then({CaptureRequested{2, usd(1000)}});
    EXPECT_EQ(given<Payment>(capture_failed).state().reason, "processing_error");
}

TEST(PaymentCapture, NeedsAHold) {
    for (const History& history :
         {requested, unknown, action_required, declined, voided, hold_expired})
        given<Payment>(history).when(CapturePayment{}).then_rejected(Rejection::not_held);
}

TEST(PaymentCapture, HappensOnce) {
    for (const History& history : {captured, captured_in_part, refunded})
        given<Payment>(history).when(CapturePayment{}).then_rejected(Rejection::already_captured);
    given<Payment>(capturing).when(CapturePayment{}).then_rejected(Rejection::capture_pending);
}

TEST(PaymentCapture, StaysWithinTheHold) {
    const auto payment = given<Payment>(requested + PaymentHeld{usd(900), 1, intent, {}});
    payment.when(CapturePayment{usd(900)}).then({CaptureRequested{1, usd(900)}});
    payment.when(CapturePayment{usd(901)}).then_rejected(Rejection::amount_exceeds_hold);
    payment.when(CapturePayment{usd(0)}).then_rejected(Rejection::amount_zero);
    payment.when(CapturePayment{eur(900)}).then_rejected(Rejection::wrong_currency);
}

TEST(PaymentCapture, EndsTwelveHoursBeforeTheHold) {
    const Time last{later(168 - 12).milliseconds - 1};
    given<Payment>(held).when(CapturePayment{}, last).then({CaptureRequested{1, usd(1000)}});
    given<Payment>(held)
        .when(CapturePayment{}, later(168 - 12))
        .then_rejected(Rejection::hold_too_old);
}

TEST(PaymentCaptureOutcome, IsRecorded) {
    given<Payment>(capturing).when(capture_succeeded).then({PaymentCaptured{usd(1000), 1, intent}});
    given<Payment>(capturing)
        .when(RecordCaptureOutcome{CaptureOutcome::captured, {}, usd(999), {}})
        .then({PaymentCaptured{usd(999), 1, intent}});
    given<Payment>(capturing)
        .when(capture_refused)
        .then({CaptureFailed{1, usd(1000), "processing_error"}});
}

TEST(PaymentCaptureOutcome, CountsAfterTheHoldRanOut) {
    const History late = capturing + HoldExpired{usd(1000)};
    given<Payment>(late).when(capture_succeeded).then({PaymentCaptured{usd(1000), 1, intent}});
    given<Payment>(late)
        .when(capture_refused)
        .then({CaptureFailed{1, usd(1000), "processing_error"}});
}

TEST(PaymentCaptureOutcome, SaysNothingNewTheSecondTime) {
    for (const History& history : {captured, partly_refunded, refunded})
        given<Payment>(history).when(capture_succeeded).then_nothing();
    given<Payment>(capture_failed).when(capture_refused).then_nothing();
}

TEST(PaymentCaptureOutcome, OlderThanTheStateChangesNothing) {
    given<Payment>(captured)
        .when(capture_refused)
        .then_rejected(Rejection::outcome_older_than_state);
    given<Payment>(capture_failed)
        .when(capture_succeeded)
        .then_rejected(Rejection::outcome_older_than_state);
    given<Payment>(capture_failed + CaptureRequested{2, usd(1000)})
        .when(capture_refused)
        .then_rejected(Rejection::outcome_older_than_state);
}

TEST(PaymentCaptureOutcome, IsOfACaptureThatWasRequested) {
    given<Payment>(held).when(capture_succeeded).then_rejected(Rejection::capture_unknown);
    for (const std::uint32_t number : {0U, 2U})
        given<Payment>(capturing)
            .when(RecordCaptureOutcome{CaptureOutcome::captured, number, {}, {}})
            .then_rejected(Rejection::capture_unknown);
}

TEST(PaymentCaptureOutcome, StaysWithinTheHold) {
    const auto with = [](const Money& amount) {
        return given<Payment>(capturing).when(
            RecordCaptureOutcome{CaptureOutcome::captured, 1, amount, {}});
    };
    with(usd(1001)).then_rejected(Rejection::amount_exceeds_hold);
    with(usd(0)).then_rejected(Rejection::amount_zero);
    with(eur(1000)).then_rejected(Rejection::wrong_currency);
}

TEST(PaymentCardFee, IsRecordedOnce) {
    given<Payment>(captured).when(RecordCardFee{eur(59)}).then({CardFeeRecorded{eur(59)}});
    given<Payment>(captured).when(RecordCardFee{usd(0)}).then({CardFeeRecorded{usd(0)}});
    const auto booked = given<Payment>(captured + CardFeeRecorded{eur(59)});
    booked.when(RecordCardFee{eur(59)}).then_nothing();
    booked.when(RecordCardFee{eur(60)}).then_rejected(Rejection::fee_differs);
    EXPECT_EQ(booked.state().card_fee, eur(59));
}

TEST(PaymentCardFee, BelongsToACharge) {
    given<Payment>(held).when(RecordCardFee{usd(59)}).then_rejected(Rejection::not_captured);
    given<Payment>(captured).when(RecordCardFee{usd(-1)}).then_rejected(Rejection::amount_zero);
}

TEST(PaymentRefund, ComesInParts) {
    given<Payment>(captured)
        .when(RequestRefund{usd(400), "goodwill"})
        .then({refund_requested(1, 400)});
    given<Payment>(refunding)
        .when(RequestRefund{usd(600), "goodwill"})
        .then({refund_requested(2, 600)});
    given<Payment>(won)
        .when(RequestRefund{usd(1000), {}})
        .then({RefundRequested{1, usd(1000), {}}});
}

TEST(PaymentRefund, StaysWithinWhatWasCaptured) {
    const auto beyond = [](const History& history, std::int64_t cents) {
        given<Payment>(history)
            .when(RequestRefund{usd(cents), {}})
            .then_rejected(Rejection::refund_exceeds_payment);
    };
    beyond(captured, 1001);
    beyond(captured_in_part, 601);
    beyond(refunding, 601);
    beyond(partly_refunded, 601);
    beyond(refunded, 1);
    beyond(lost, 1);
}

TEST(PaymentRefund, ThatFailedMayBeAskedAgain) {
    given<Payment>(refunding + RefundFailed{1, usd(400), {}})
        .when(RequestRefund{usd(1000), {}})
        .then({RefundRequested{2, usd(1000), {}}});
}

TEST(PaymentRefund, NeedsACapture) {
    for (const History& history : {requested, declined, held, capturing, voided, hold_expired})
        given<Payment>(history)
            .when(RequestRefund{usd(1), {}})
            .then_rejected(Rejection::not_captured);
}

TEST(PaymentRefund, NeedsAnAmountOfThePayment) {
    given<Payment>(captured).when(RequestRefund{usd(0), {}}).then_rejected(Rejection::amount_zero);
    given<Payment>(captured).when(RequestRefund{usd(-5), {}}).then_rejected(Rejection::amount_zero);
    given<Payment>(captured)
        .when(RequestRefund{eur(5), {}})
        .then_rejected(Rejection::wrong_currency);
}

TEST(PaymentRefund, WaitsForTheEndOfADispute) {
    for (const History& history : {disputed, accepted})
        given<Payment>(history)
            .when(RequestRefund{usd(1), {}})
            .then_rejected(Rejection::payment_disputed);
}

TEST(PaymentRefund, IsNotRepeatedWithoutEnd) {
    History history = captured;
    for (std::uint32_t number = 1; number <= payment_refunds_max; ++number)
        history = history + refund_requested(number, 1);
    given<Payment>(history)
        .when(RequestRefund{usd(1), {}})
        .then_rejected(Rejection::too_many_refunds);
}

TEST(PaymentRefundOutcome, IsRecorded) {
    const auto payment = given<Payment>(refunding);
    payment.when(refund(1, RefundOutcome::succeeded)).then({refund_succeeded(1, 400)});
    payment.when(RecordRefundOutcome{1, RefundOutcome::pending, "insufficient_funds"})
        .then({RefundPending{1, usd(400), "insufficient_funds"}});
    payment.when(RecordRefundOutcome{1, RefundOutcome::failed, "lost_or_stolen_card"})
        .then({RefundFailed{1, usd(400), "lost_or_stolen_card"}});
}

TEST(PaymentRefundOutcome, MayComeAfterAWait) {
    const auto payment = given<Payment>(refunding + RefundPending{1, usd(400), {}});
    payment.when(refund(1, RefundOutcome::succeeded)).then({refund_succeeded(1, 400)});
    payment.when(refund(1, RefundOutcome::failed)).then({RefundFailed{1, usd(400), {}}});
    payment.when(refund(1, RefundOutcome::pending)).then_nothing();
}

TEST(PaymentRefundOutcome, MayTurnToFailureLater) {
    given<Payment>(refunded)
        .when(refund(1, RefundOutcome::failed))
        .then({RefundFailed{1, usd(400), {}}});
    const Payment payment = given<Payment>(refunded + RefundFailed{1, usd(400), {}}).state();
    EXPECT_EQ(payment.status, PaymentStatus::partly_refunded);
    EXPECT_EQ(payment.refunded, usd(600));
    EXPECT_EQ(rank(payment.status), rank(PaymentStatus::refunded));
}

TEST(PaymentRefundOutcome, SaysNothingNewTheSecondTime) {
    given<Payment>(partly_refunded).when(refund(1, RefundOutcome::succeeded)).then_nothing();
    given<Payment>(refunding + RefundFailed{1, usd(400), {}})
        .when(refund(1, RefundOutcome::failed))
        .then_nothing();
}

TEST(PaymentRefundOutcome, OlderThanTheStateChangesNothing) {
    given<Payment>(partly_refunded)
        .when(refund(1, RefundOutcome::pending))
        .then_rejected(Rejection::outcome_older_than_state);
    const auto failed = given<Payment>(refunding + RefundFailed{1, usd(400), {}});
    failed.when(refund(1, RefundOutcome::pending))
        .then_rejected(Rejection::outcome_older_than_state);
    failed.when(refund(1, RefundOutcome::succeeded))
        .then_rejected(Rejection::outcome_older_than_state);
}

TEST(PaymentRefundOutcome, IsOfARefundThatWasRequested) {
    for (const std::uint32_t number : {0U, 2U})
        given<Payment>(refunding)
            .when(refund(number, RefundOutcome::succeeded))
            .then_rejected(Rejection::refund_unknown);
}

TEST(PaymentRefundOutcome, CannotTakeWhatALostDisputeTook) {
    const History both = refunding + DisputeOpened{dispute, usd(1000), "fraudulent", {}} +
                         DisputeLost{dispute, usd(1000)};
    given<Payment>(both)
        .when(refund(1, RefundOutcome::succeeded))
        .then_rejected(Rejection::refund_exceeds_payment);
}

TEST(PaymentState, ShowsWhereTheMoneyIs) {
    const auto expect = [](const History& history, PaymentStatus status, std::int64_t taken,
                           std::int64_t waiting, std::int64_t returned) {
        const Payment payment = given<Payment>(history).state();
        EXPECT_EQ(payment.status, status);
        EXPECT_EQ(payment.captured, usd(taken));
        EXPECT_EQ(payment.refunds_pending, usd(waiting));
        EXPECT_EQ(payment.refunded, usd(returned));
    };
    expect(held, PaymentStatus::held, 0, 0, 0);
    expect(capturing, PaymentStatus::held, 0, 0, 0);
    expect(captured_in_part, PaymentStatus::captured, 600, 0, 0);
    expect(refunding, PaymentStatus::captured, 1000, 400, 0);
    expect(refunding + RefundPending{1, usd(400), {}}, PaymentStatus::captured, 1000, 400, 0);
    expect(refunding + RefundFailed{1, usd(400), {}}, PaymentStatus::captured, 1000, 0, 0);
    expect(partly_refunded, PaymentStatus::partly_refunded, 1000, 0, 400);
    expect(refunded, PaymentStatus::refunded, 1000, 0, 1000);
    EXPECT_EQ(given<Payment>(capturing).state().capture_pending->amount, usd(1000));
    EXPECT_FALSE(given<Payment>(captured).state().capture_pending);
}

} // namespace

} // namespace domain
