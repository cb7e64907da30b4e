#include "domain/payment.hpp"

#include <utility>

namespace domain {

namespace {

using Events = std::vector<PaymentEvent>;
using Rejection = PaymentRejection;
using Status = PaymentStatus;

// An initializer list would copy the event.
template <class Event>
PaymentDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

PaymentDecision nothing() { return Events{}; }

bool was_captured(const Payment& payment) { return rank(payment.status) >= rank(Status::captured); }

bool is_open(const std::optional<PaymentDispute>& dispute) {
    return dispute &&
           (dispute->status == DisputeStatus::open || dispute->status == DisputeStatus::accepted);
}

// What is still ours, when `but` of the refunds that wait are not counted.
Money refundable(const Payment& payment, const Money& but) {
    return payment.captured - payment.refunded - payment.lost - (payment.refunds_pending - but);
}

std::optional<Rejection> wrong(const Payment& payment, const Money& amount) {
    if (amount.currency != payment.amount.currency) return Rejection::wrong_currency;
    if (amount.minor <= 0) return Rejection::amount_zero;
    return std::nullopt;
}

// The cards.

PaymentDecision handle(const Payment& payment, const RequestPayment& command, Time) {
    if (exists(payment)) return Rejection::already_requested;
    if (command.payer.value.empty()) return Rejection::payer_missing;
    if (command.card && command.card->value.empty()) return Rejection::card_missing;
    if (command.amount.minor <= 0) return Rejection::amount_zero;
    return decided(PaymentRequested{command.payer, command.amount, 1, command.card,
                                    command.reference, command.charge_first,
                                    command.fraud_refund_limit});
}

// Whether this attempt is the latest, and its payer has not paid.
bool waits_for_payer(const Payment& payment, std::uint32_t attempt) {
    return payment.attempt == attempt &&
           (payment.status == Status::declined || payment.status == Status::action_required);
}

PaymentDecision handle(const Payment& payment, const ConfirmPayment& command, Time) {
    if (command.after_attempt && !waits_for_payer(payment, *command.after_attempt))
        return nothing();
    if (rank(payment.status) >= rank(Status::held)) return Rejection::payment_settled;
    // Its first card may be charged yet.
    if (payment.status == Status::requested || payment.status == Status::unknown)
        return Rejection::outcome_pending;
    PaymentRequested again{
        payment.payer,     payment.amount,       payment.attempt + 1,       command.card,
        payment.reference, payment.charge_first, payment.fraud_refund_limit};
    if (command.card.value.empty()) {
        if (!command.after_attempt) return Rejection::card_missing;
        if (payment.retries >= payment_retries_max) return Rejection::attempts_exhausted;
        again.card = payment.card;
        again.retry = true;
    } else if (payment.attempt - payment.retries >= payment_attempts_max) {
        return Rejection::attempts_exhausted;
    }
    return decided(std::move(again));
}

Status status_of(PaymentOutcome outcome) {
    switch (outcome) {
    case PaymentOutcome::held: return Status::held;
    case PaymentOutcome::action_required: return Status::action_required;
    case PaymentOutcome::declined: return Status::declined;
    case PaymentOutcome::unknown: return Status::unknown;
    case PaymentOutcome::charged: return Status::captured;
    }
    return Status::unknown;
}

PaymentDecision handle(const Payment& payment, const RecordPaymentOutcome& command, Time) {
    if (payment.provider_reference && command.provider_reference &&
        *payment.provider_reference != *command.provider_reference)
        return Rejection::intent_differs;
    const std::uint32_t attempt = command.attempt.value_or(payment.attempt);
    if (attempt == 0 || attempt > payment.attempt) return Rejection::attempt_unknown;

    const Status status = status_of(command.outcome);
    // Money that is held or taken is, whichever attempt it was.
    const bool money = rank(status) >= rank(Status::held);
    if (attempt < payment.attempt && !money) return Rejection::outcome_older_than_state;
    if (rank(status) < rank(payment.status)) return Rejection::outcome_older_than_state;
    if (rank(status) == rank(payment.status)) return nothing();

    const Money amount = command.amount.value_or(
        payment.capture_pending && status == Status::captured ? payment.capture_pending->amount
                                                              : payment.amount);
    if (money) {
        if (const auto reason = wrong(payment, amount)) return *reason;
        if (amount > payment.amount) return Rejection::amount_exceeds_payment;
    }
    switch (command.outcome) {
    case PaymentOutcome::held:
        return decided(
            PaymentHeld{amount, attempt, command.provider_reference, command.capture_before});
    case PaymentOutcome::action_required:
        return decided(PaymentActionRequired{attempt, command.provider_reference, command.action});
    case PaymentOutcome::declined:
        return decided(
            PaymentDeclined{attempt, command.provider_reference, command.reason, command.advice});
    case PaymentOutcome::unknown:
        return decided(PaymentOutcomeUnknown{attempt, command.provider_reference});
    case PaymentOutcome::charged: break;
    }
    PaymentCaptured captured{amount, std::nullopt, command.provider_reference};
    if (payment.capture_pending) captured.capture = payment.capture_pending->number;
    return decided(std::move(captured));
}

// The hold and its capture.

PaymentDecision handle(const Payment& payment, const CapturePayment& command, Time now) {
    if (was_captured(payment)) return Rejection::already_captured;
    if (payment.status != Status::held) return Rejection::not_held;
    if (payment.capture_pending) return Rejection::capture_pending;
    const Money amount = command.amount.value_or(payment.held);
    if (const auto reason = wrong(payment, amount)) return *reason;
    if (amount > payment.held) return Rejection::amount_exceeds_hold;
    if (payment.capture_before &&
        now.milliseconds + capture_margin.count() >= payment.capture_before->milliseconds)
        return Rejection::hold_too_old;
    return decided(CaptureRequested{payment.captures + 1, amount});
}

PaymentDecision handle(const Payment& payment, const RecordCaptureOutcome& command, Time) {
    const std::uint32_t number = command.capture.value_or(payment.captures);
    if (number == 0 || number > payment.captures) return Rejection::capture_unknown;
    if (!payment.capture_pending || number < payment.captures) {
        const bool repeated = was_captured(payment) ? command.outcome == CaptureOutcome::captured
                                                    : command.outcome == CaptureOutcome::failed;
        if (repeated && number == payment.captures) return nothing();
        return Rejection::outcome_older_than_state;
    }
    if (command.outcome == CaptureOutcome::failed)
        return decided(CaptureFailed{number, payment.capture_pending->amount, command.reason});
    const Money amount = command.amount.value_or(payment.capture_pending->amount);
    if (const auto reason = wrong(payment, amount)) return *reason;
    if (amount > payment.held) return Rejection::amount_exceeds_hold;
    return decided(PaymentCaptured{amount, number, payment.provider_reference});
}

PaymentDecision handle(const Payment& payment, const VoidPayment& command, Time) {
    if (command.after_attempt && !waits_for_payer(payment, *command.after_attempt))
        return nothing();
    if (was_captured(payment)) return Rejection::already_captured;
    if (payment.capture_pending) return Rejection::capture_pending;
    if (payment.status == Status::voided || payment.status == Status::hold_expired)
        return nothing();
    return decided(PaymentVoided{command.reason});
}

PaymentDecision handle(const Payment& payment, const ExpireHold&, Time) {
    // The timer may come when the hold has long found its end.
    if (payment.status != Status::held) return nothing();
    return decided(HoldExpired{payment.held});
}

PaymentDecision handle(const Payment& payment, const RecordCardFee& command, Time) {
    if (!was_captured(payment)) return Rejection::not_captured;
    if (command.fee.minor < 0) return Rejection::amount_zero;
    if (!payment.card_fee) return decided(CardFeeRecorded{command.fee});
    if (*payment.card_fee == command.fee) return nothing();
    return Rejection::fee_differs;
}

// Money that goes back.

PaymentDecision handle(const Payment& payment, const RequestRefund& command, Time) {
    if (!was_captured(payment)) return Rejection::not_captured;
    if (is_open(payment.dispute)) return Rejection::payment_disputed;
    if (const auto reason = wrong(payment, command.amount)) return *reason;
    if (command.amount > refundable(payment, {0, payment.amount.currency}))
        return Rejection::refund_exceeds_payment;
    if (payment.refunds.size() >= payment_refunds_max) return Rejection::too_many_refunds;
    return decided(RefundRequested{static_cast<std::uint32_t>(payment.refunds.size() + 1),
                                   command.amount, command.reason});
}

PaymentDecision handle(const Payment& payment, const RecordRefundOutcome& command, Time) {
    if (command.refund == 0 || command.refund > payment.refunds.size())
        return Rejection::refund_unknown;
    const PaymentRefund& refund = payment.refunds[command.refund - 1];
    const RefundStatus was = refund.status;
    switch (command.outcome) {
    case RefundOutcome::pending:
        if (was == RefundStatus::pending) return nothing();
        if (was != RefundStatus::requested) return Rejection::outcome_older_than_state;
        return decided(RefundPending{refund.number, refund.amount, command.reason});
    case RefundOutcome::succeeded:
        if (was == RefundStatus::succeeded) return nothing();
        if (was == RefundStatus::failed) return Rejection::outcome_older_than_state;
        // A dispute that was lost meanwhile may have taken the money first.
        if (refund.amount > refundable(payment, payment.refunds_pending))
            return Rejection::refund_exceeds_payment;
        return decided(RefundSucceeded{refund.number, refund.amount});
    case RefundOutcome::failed: break;
    }
    if (was == RefundStatus::failed) return nothing();
    return decided(RefundFailed{refund.number, refund.amount, command.reason});
}

// Disputes.

PaymentDecision handle(const Payment& payment, const RecordDispute& command, Time) {
    if (!was_captured(payment)) return Rejection::not_captured;
    if (payment.dispute) {
        if (payment.dispute->id == command.dispute) return nothing();
        return Rejection::dispute_differs;
    }
    if (const auto reason = wrong(payment, command.amount)) return *reason;
    if (command.amount > payment.captured - payment.refunded)
        return Rejection::dispute_exceeds_payment;
    return decided(DisputeOpened{command.dispute, command.amount, command.reason,
                                 command.evidence_due, payment.payer});
}

// Why the other side cannot be answered now.
std::optional<Rejection> unanswerable(const Payment& payment, Time now) {
    if (!is_open(payment.dispute)) return Rejection::not_disputed;
    if (payment.dispute->evidence_due && now > *payment.dispute->evidence_due)
        return Rejection::past_due;
    return std::nullopt;
}

PaymentDecision handle(const Payment& payment, const SubmitEvidence& command, Time now) {
    if (const auto reason = unanswerable(payment, now)) return *reason;
    if (payment.dispute->status == DisputeStatus::accepted) return Rejection::dispute_accepted;
    if (command.document.empty()) return Rejection::evidence_missing;
    return decided(EvidenceSubmitted{payment.dispute->id, command.document});
}

PaymentDecision handle(const Payment& payment, const AcceptDispute&, Time now) {
    if (is_open(payment.dispute) && payment.dispute->status == DisputeStatus::accepted)
        return nothing();
    if (const auto reason = unanswerable(payment, now)) return *reason;
    return decided(DisputeAccepted{payment.dispute->id});
}

PaymentDecision handle(const Payment& payment, const RecordDisputeOutcome& command, Time) {
    if (!payment.dispute) return Rejection::not_disputed;
    const PaymentDispute& dispute = *payment.dispute;
    if (dispute.id != command.dispute) return Rejection::dispute_differs;
    const bool lost = command.outcome == DisputeOutcome::lost;
    if (!is_open(payment.dispute)) {
        if ((dispute.status == DisputeStatus::lost) == lost) return nothing();
        return Rejection::outcome_older_than_state;
    }
    if (!lost) return decided(DisputeWon{dispute.id, dispute.amount, payment.payer});
    // A refund that succeeded meanwhile may have given the money back first.
    if (dispute.amount > refundable(payment, payment.refunds_pending))
        return Rejection::dispute_exceeds_payment;
    return decided(DisputeLost{dispute.id, dispute.amount, payment.payer});
}

PaymentDecision handle(const Payment& payment, const RecordFraudWarning& command, Time) {
    if (payment.fraud_warning == command.warning) return nothing();
    FraudWarningReceived received{command.warning, command.reason};
    const Money ours = refundable(payment, {0, payment.amount.currency});
    const auto& limit = payment.fraud_refund_limit;
    // What is given back in time is not disputed.
    if (was_captured(payment) && !is_open(payment.dispute) && ours.minor > 0 && limit &&
        limit->currency == ours.currency && payment.captured <= *limit)
        received.refund = ours;
    return decided(std::move(received));
}

} // namespace

PaymentDecision decide(const Payment& payment, const PaymentCommand& command, Time now) {
    if (!exists(payment) && !std::holds_alternative<RequestPayment>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(payment, one, now); }, command);
}

} // namespace domain
