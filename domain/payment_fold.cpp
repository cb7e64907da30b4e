// How events change a payment. No rule is here: what happened, happened.

#include "domain/payment.hpp"

#include <utility>

namespace domain {

namespace {

using Status = PaymentStatus;

// Numbers in a log come from decide(); one that is not there changes nothing.
PaymentRefund* find(Payment& payment, std::uint32_t number) {
    if (number == 0 || number > payment.refunds.size()) return nullptr;
    return &payment.refunds[number - 1];
}

void count_refunds(Payment& payment) {
    payment.status = payment.refunded.minor == 0           ? Status::captured
                     : payment.refunded < payment.captured ? Status::partly_refunded
                                                           : Status::refunded;
}

// Takes the refund's amount out of where its status had put it.
void take_out(Payment& payment, const PaymentRefund& refund) {
    if (refund.status == RefundStatus::succeeded)
        payment.refunded = payment.refunded - refund.amount;
    else if (refund.status != RefundStatus::failed)
        payment.refunds_pending = payment.refunds_pending - refund.amount;
}

void learn_reference(Payment& payment, const std::optional<std::string>& reference) {
    if (reference) payment.provider_reference = reference;
}

void apply(Payment& payment, const PaymentRequested& event) {
    const Money none{0, event.amount.currency};
    payment.status = Status::requested;
    payment.payer = event.payer;
    payment.amount = event.amount;
    payment.held = payment.captured = payment.refunded = none;
    payment.refunds_pending = payment.lost = none;
    payment.attempt = event.attempt;
    if (event.retry.value_or(false)) ++payment.retries;
    payment.card = event.card;
    payment.reference = event.reference;
    payment.charge_first = event.charge_first;
    payment.fraud_refund_limit = event.fraud_refund_limit;
    payment.reason.reset();
    payment.action.reset();
}

void apply(Payment& payment, const PaymentHeld& event) {
    payment.status = Status::held;
    payment.held = event.amount;
    payment.capture_before = event.capture_before;
    payment.reason.reset();
    payment.action.reset();
    learn_reference(payment, event.provider_reference);
}

void apply(Payment& payment, const PaymentActionRequired& event) {
    payment.status = Status::action_required;
    payment.action = event.action;
    learn_reference(payment, event.provider_reference);
}

void apply(Payment& payment, const PaymentDeclined& event) {
    payment.status = Status::declined;
    payment.reason = event.reason;
    payment.action.reset();
    learn_reference(payment, event.provider_reference);
}

void apply(Payment& payment, const PaymentOutcomeUnknown& event) {
    payment.status = Status::unknown;
    learn_reference(payment, event.provider_reference);
}

void apply(Payment& payment, const CaptureRequested& event) {
    payment.captures = event.capture;
    payment.capture_pending = PendingCapture{event.capture, event.amount};
    payment.reason.reset();
}

void apply(Payment& payment, const PaymentCaptured& event) {
    payment.status = Status::captured;
    payment.captured = event.amount;
    // Charged without a hold of its own: what was taken was held in the same moment.
    if (payment.held < event.amount) payment.held = event.amount;
    payment.capture_pending.reset();
    payment.reason.reset();
    payment.action.reset();
    learn_reference(payment, event.provider_reference);
}

void apply(Payment& payment, const CaptureFailed& event) {
    payment.capture_pending.reset();
    payment.reason = event.reason;
}

void apply(Payment& payment, const PaymentVoided& event) {
    payment.status = Status::voided;
    payment.reason = event.reason;
    payment.action.reset();
}

void apply(Payment& payment, const HoldExpired&) { payment.status = Status::hold_expired; }

void apply(Payment& payment, const CardFeeRecorded& event) { payment.card_fee = event.fee; }

void apply(Payment& payment, const RefundRequested& event) {
    payment.refunds.push_back({event.refund, event.amount, RefundStatus::requested, {}});
    payment.refunds_pending = payment.refunds_pending + event.amount;
}

void apply(Payment& payment, const RefundSucceeded& event) {
    PaymentRefund* refund = find(payment, event.refund);
    if (refund == nullptr) return;
    take_out(payment, *refund);
    refund->status = RefundStatus::succeeded;
    refund->reason.reset();
    payment.refunded = payment.refunded + refund->amount;
    count_refunds(payment);
}

void apply(Payment& payment, const RefundPending& event) {
    PaymentRefund* refund = find(payment, event.refund);
    if (refund == nullptr) return;
    refund->status = RefundStatus::pending;
    refund->reason = event.reason;
}

void apply(Payment& payment, const RefundFailed& event) {
    PaymentRefund* refund = find(payment, event.refund);
    if (refund == nullptr) return;
    take_out(payment, *refund);
    refund->status = RefundStatus::failed;
    refund->reason = event.reason;
    count_refunds(payment);
}

void apply(Payment& payment, const DisputeOpened& event) {
    payment.dispute = PaymentDispute{event.dispute,       event.amount,       event.reason,
                                     DisputeStatus::open, event.evidence_due, 0};
}

void apply(Payment& payment, const EvidenceSubmitted&) {
    if (payment.dispute) ++payment.dispute->evidence;
}

void apply(Payment& payment, const DisputeAccepted&) {
    if (payment.dispute) payment.dispute->status = DisputeStatus::accepted;
}

void apply(Payment& payment, const DisputeWon&) {
    if (payment.dispute) payment.dispute->status = DisputeStatus::won;
}

void apply(Payment& payment, const DisputeLost& event) {
    if (payment.dispute) payment.dispute->status = DisputeStatus::lost;
    payment.lost = payment.lost + event.amount;
}

void apply(Payment& payment, const FraudWarningReceived& event) {
    payment.fraud_warning = event.warning;
}

} // namespace

int rank(PaymentStatus status) {
    switch (status) {
    case Status::none: return 0;
    case Status::requested: return 1;
    case Status::unknown: return 2;
    case Status::action_required: return 3;
    case Status::declined: return 4;
    case Status::held: return 5;
    case Status::hold_expired:
    case Status::voided: return 6;
    case Status::captured:
    case Status::partly_refunded:
    case Status::refunded: return 7;
    }
    return 0;
}

void change(Payment& payment, const PaymentEvent& event) {
    std::visit([&](const auto& one) { apply(payment, one); }, event);
}

Payment evolve(Payment payment, const PaymentEvent& event) {
    change(payment, event);
    return payment;
}

} // namespace domain
