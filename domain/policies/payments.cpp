// What came of a payment, for who asked for it: the order for the first period, the subscription
// for those that follow.

#include "domain/policies/deadlines.hpp"
#include "domain/policies/rules.hpp"

namespace domain {

namespace {

void tell(std::string_view payment, RecordPayment order, RecordRenewalFailure renewal,
          FollowUps& all) {
    const auto period = period_of(payment);
    if (!period) return;
    const Policy policy{"tell_payer_side", all};
    if (period->number == 1) return policy.ask<Deployment>(period->deployment, std::move(order));
    renewal.period = period->number;
    policy.ask<Subscription>(period->deployment, std::move(renewal));
}

// No money will come for a period that is served.
void stop(std::string_view payment, std::string reason, FollowUps& all) {
    const auto period = period_of(payment);
    if (!period) return;
    const Policy policy{"stop_unpaid", all};
    if (period->number > 1)
        return policy.ask<Subscription>(period->deployment,
                                        last_failure(period->number, std::move(reason)));
    policy.ask<Invoice>(payment, MarkPastDue{});
    policy.ask<Deployment>(period->deployment, SuspendDeployment{SuspensionReason::unpaid});
}

} // namespace

void tell_payer_side(const PaymentHeld& event, const Cause& cause, FollowUps& all) {
    const auto period = period_of(cause.id);
    if (!period) return;
    const Policy policy{"tell_payer_side", all};
    if (period->number == 1)
        policy.ask<Deployment>(period->deployment,
                               RecordPayment{OrderPayment::held, event.capture_before});
    else // Its service is there already.
        policy.ask<Payment>(cause.id, CapturePayment{});
}

void tell_payer_side(const PaymentActionRequired& event, const Cause& cause, FollowUps& all) {
    tell(cause.id, {OrderPayment::action_required, {}},
         {0, event.attempt, "authentication_required", false}, all);
}

void tell_payer_side(const PaymentDeclined& event, const Cause& cause, FollowUps& all) {
    tell(cause.id, {OrderPayment::declined, {}},
         {0, event.attempt, event.reason, event.advice == "do_not_try_again"}, all);
}

void tell_payer_side(const PaymentOutcomeUnknown&, const Cause& cause, FollowUps& all) {
    const auto period = period_of(cause.id);
    if (!period || period->number != 1) return;
    Policy{"tell_payer_side", all}.ask<Deployment>(period->deployment,
                                                   RecordPayment{OrderPayment::unknown, {}});
}

void tell_payer_side(const PaymentCaptured& event, const Cause& cause, FollowUps& all) {
    const auto period = period_of(cause.id);
    if (!period) return;
    const Policy policy{"tell_payer_side", all};
    if (period->number == 1)
        policy.ask<Deployment>(period->deployment, RecordPayment{OrderPayment::charged, {}});
    else
        policy.ask<Invoice>(cause.id, RecordInvoicePayment{{std::string{cause.id}}, event.amount});
}

void tell_payer_side(const PaymentVoided& event, const Cause& cause, FollowUps& all) {
    tell(cause.id, {OrderPayment::abandoned, {}},
         last_failure(0, event.reason.value_or("payment_voided")), all);
}

void stop_unpaid(const CaptureFailed& event, const Cause& cause, FollowUps& all) {
    // The earlier ones are tried again.
    if (event.capture > capture_retries.size())
        stop(cause.id, event.reason.value_or("capture_failed"), all);
}

void stop_unpaid(const HoldExpired&, const Cause& cause, FollowUps& all) {
    stop(cause.id, "hold_expired", all);
}

void tell_invoice(const RefundSucceeded& event, const Cause& cause, FollowUps& all) {
    if (!period_of(cause.id)) return;
    Policy{"tell_invoice", all}.ask<Invoice>(
        cause.id, RecordInvoiceRefund{{std::string{cause.id}}, event.refund, event.amount, false});
}

void tell_invoice(const RefundFailed& event, const Cause& cause, FollowUps& all) {
    if (!period_of(cause.id)) return;
    Policy{"tell_invoice", all}.ask<Invoice>(
        cause.id, RecordInvoiceRefund{{std::string{cause.id}}, event.refund, event.amount, true});
}

} // namespace domain
