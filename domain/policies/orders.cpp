// The first period of a deployment: its money is asked for with the order, and taken when it runs.

#include "domain/calendar.hpp"
#include "domain/policies/rules.hpp"

namespace domain {

namespace {

DraftInvoice first_invoice(const BillingTerms& terms, const Cause& cause, Time from) {
    return {{{std::string{cause.id}}, 1, from, period_start(from, 2)}, terms};
}

// The money of an order that came to nothing.
void give_money_back(const Policy& policy, ChargeState charge, const BillingTerms& terms,
                     const PaymentId& payment, std::string_view reason) {
    if (charge == ChargeState::charged && terms.gross.minor > 0)
        policy.ask<Payment>(payment.value, RequestRefund{terms.gross, std::string{reason}});
    if (charge == ChargeState::requested || charge == ChargeState::held)
        policy.ask<Payment>(payment.value, VoidPayment{std::string{reason}});
}

} // namespace

void request_payment(const AllReserved& event, FollowUps& all) {
    const BillingTerms& terms = event.terms;
    if (terms.gross.minor == 0) return;
    Policy{"request_payment", all}.ask<Payment>(
        event.payment.value,
        RequestPayment{terms.payer, terms.gross, terms.card, "invoice " + event.invoice.value,
                       event.charge_first, terms.fraud_refund_limit});
}

void charge_order(const DeploymentRunning& event, const Cause& cause, FollowUps& all) {
    // What was charged before has its invoice.
    if (event.charge == ChargeState::charged) return;
    const Policy policy{"charge_order", all};
    policy.ask<Invoice>(event.invoice.value, first_invoice(event.terms, cause, event.period_start));
    if (event.charge == ChargeState::held)
        policy.ask<Payment>(event.payment.value, CapturePayment{});
}

// The invoice hears of the money through the deployment, and so after it was drafted.
void invoice_charge(const OrderPaymentRecorded& event, const Cause& cause, FollowUps& all) {
    if (event.kind != OrderPayment::charged) return;
    // An order that ended before it ran is not invoiced: its money is given back.
    if (!event.ran && event.over.value_or(false)) return;
    const Policy policy{"invoice_charge", all};
    if (!event.ran)
        policy.ask<Invoice>(event.invoice.value, first_invoice(event.terms, cause, cause.time));
    policy.ask<Invoice>(event.invoice.value,
                        RecordInvoicePayment{event.payment, event.terms.gross});
}

void start_subscription(const DeploymentPaid& event, const Cause& cause, FollowUps& all) {
    Policy{"start_subscription", all}.ask<Subscription>(
        cause.id, StartSubscription{true, event.terms, event.period_start, event.dunning});
}

void give_back(const GiveBack& give_back, std::string_view reason, const Cause& cause,
               FollowUps& all) {
    release_capacity(give_back.reservations, cause, all);
    if (give_back.discount_code)
        release_discount(give_back.terms.dashboard, *give_back.discount_code, cause, all);
    const Policy policy{"give_back", all};
    if (give_back.charge == ChargeState::charged && give_back.terms.gross.minor > 0)
        policy.ask<Invoice>(
            give_back.invoice.value,
            IssueCreditNote{std::string{reason}, give_back.terms.gross, std::string{reason}});
    give_money_back(policy, give_back.charge, give_back.terms, give_back.payment, reason);
}

void return_payment(const PaymentReturnRequested& event, FollowUps& all) {
    give_money_back({"return_payment", all}, event.charge, event.terms, event.payment,
                    "order_ended");
}

void settle_cancellation(const CancellationRequested& event, const Cause& cause, FollowUps& all) {
    if (!event.ran) return give_back(event.give_back, cancelled_before_it_ran, cause, all);
    release_capacity(event.give_back.reservations, cause, all);
    const Policy policy{"settle_cancellation", all};
    policy.ask<Subscription>(cause.id, CancelSubscription{SubscriptionMoment::now, event.reason});
    // The first period was served, and could not be captured.
    if (event.reason != CancellationReason::unpaid || event.give_back.charge != ChargeState::held)
        return;
    policy.ask<Payment>(event.give_back.payment.value, VoidPayment{"unpaid"});
    policy.ask<Invoice>(event.give_back.invoice.value, ProposeWriteOff{{}, "unpaid"});
}

// The period that runs stays as it was ordered.
void change_terms(const BillingTerms& terms, const Cause& cause, FollowUps& all) {
    Policy{"change_terms", all}.ask<Subscription>(
        cause.id, ChangePlan{terms, SubscriptionMoment::now, true, false, false});
}

} // namespace domain
