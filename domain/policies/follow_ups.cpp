// Which policies answer which event.

#include "domain/policies/rules.hpp"

namespace domain {

namespace {

// Most events are for views, the ledger or the outside alone.
template <class Event>
void answer(const Event&, const Cause&, FollowUps&) {}

// Deployments.

void answer(const DeploymentOrdered&, const Cause& cause, FollowUps& all) {
    place_workloads(cause, all);
}
void answer(const PlacementChosen& event, const Cause& cause, FollowUps& all) {
    release_capacity(event.released, cause, all);
    reserve_capacity(event, cause, all);
    reserve_discount(event, cause, all);
}
void answer(const ReservationRequested& event, const Cause& cause, FollowUps& all) {
    reserve_capacity(event, cause, all);
}
void answer(const ReservationsReleased& event, const Cause& cause, FollowUps& all) {
    release_capacity(event.released, cause, all);
}
void answer(const DiscountReleaseRequested& event, const Cause& cause, FollowUps& all) {
    release_discount(event.dashboard, event.discount_code, cause, all);
}
void answer(const AllReserved& event, const Cause&, FollowUps& all) { request_payment(event, all); }
void answer(const OrderPaymentRecorded& event, const Cause& cause, FollowUps& all) {
    invoice_charge(event, cause, all);
}
void answer(const PaymentReturnRequested& event, const Cause&, FollowUps& all) {
    return_payment(event, all);
}
void answer(const WorkloadFailed& event, const Cause& cause, FollowUps& all) {
    release_capacity({event.place}, cause, all);
}
void answer(const BackupReady& event, const Cause& cause, FollowUps& all) {
    // The first backup is confirmed with all that runs.
    if (!event.terms) return;
    confirm_capacity({event.workload}, cause, all);
    change_terms(*event.terms, cause, all);
}
void answer(const BackupRemoved& event, const Cause& cause, FollowUps& all) {
    release_capacity({event.place}, cause, all);
    change_terms(event.terms, cause, all);
}
void answer(const DeploymentResized& event, const Cause& cause, FollowUps& all) {
    confirm_capacity(event.after, cause, all);
    change_terms(event.terms, cause, all);
}
void answer(const DeploymentRunning& event, const Cause& cause, FollowUps& all) {
    confirm_capacity(event.workloads, cause, all);
    consume_discount(event, cause, all);
    charge_order(event, cause, all);
}
void answer(const DeploymentPaid& event, const Cause& cause, FollowUps& all) {
    start_subscription(event, cause, all);
}
void answer(const DeploymentFailed& event, const Cause& cause, FollowUps& all) {
    give_back(event.give_back, deployment_failed, cause, all);
}
void answer(const CancellationRequested& event, const Cause& cause, FollowUps& all) {
    settle_cancellation(event, cause, all);
}

// Nodes, and who offers them.

void answer(const CapacityReserved& event, const Cause& cause, FollowUps& all) {
    tell_order(event, cause, all);
}
void answer(const CapacityRefused& event, const Cause& cause, FollowUps& all) {
    tell_order(event, cause, all);
}
void answer(const NodeExcluded& event, const Cause& cause, FollowUps& all) {
    hide_excluded_node(event, cause, all);
}
void answer(const ParticipationEnded& event, const Cause&, FollowUps& all) {
    hide_nodes(event, all);
}
void answer(const ProviderSuspended& event, const Cause&, FollowUps& all) {
    exclude_nodes(event.nodes, "provider_suspended", all);
}
void answer(const FarmProofExpired& event, const Cause&, FollowUps& all) {
    exclude_nodes(event.nodes, "farm_proof_expired", all);
}

// Discount codes.

void answer(const DiscountReserved& event, const Cause&, FollowUps& all) { tell_order(event, all); }
void answer(const DiscountRefused& event, const Cause&, FollowUps& all) { tell_order(event, all); }

// Payments.

void answer(const PaymentHeld& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const PaymentActionRequired& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const PaymentDeclined& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const PaymentOutcomeUnknown& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const PaymentCaptured& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const PaymentVoided& event, const Cause& cause, FollowUps& all) {
    tell_payer_side(event, cause, all);
}
void answer(const CaptureFailed& event, const Cause& cause, FollowUps& all) {
    stop_unpaid(event, cause, all);
}
void answer(const HoldExpired& event, const Cause& cause, FollowUps& all) {
    stop_unpaid(event, cause, all);
}
void answer(const RefundSucceeded& event, const Cause& cause, FollowUps& all) {
    tell_invoice(event, cause, all);
}
void answer(const RefundFailed& event, const Cause& cause, FollowUps& all) {
    tell_invoice(event, cause, all);
}
void answer(const DisputeOpened& event, const Cause& cause, FollowUps& all) {
    stop_disputed(event, cause, all);
}
void answer(const DisputeWon& event, const Cause& cause, FollowUps& all) {
    resume_after_dispute(event, cause, all);
}
void answer(const DisputeLost& event, const Cause& cause, FollowUps& all) {
    cancel_after_dispute(event, cause, all);
}
void answer(const FraudWarningReceived& event, const Cause& cause, FollowUps& all) {
    refund_warned_payment(event, cause, all);
}

// Invoices and credit.

void answer(const InvoiceDrafted& event, const Cause& cause, FollowUps& all) {
    number_invoice(event, cause, all);
}
void answer(const NumberAssigned& event, const Cause&, FollowUps& all) {
    issue_invoice(event, all);
}
void answer(const InvoiceIssued& event, const Cause& cause, FollowUps& all) {
    hold_credit(event, cause, all);
}
void answer(const InvoicePaid& event, const Cause& cause, FollowUps& all) {
    spend_credit(event, cause, all);
    renew_subscription(event, all);
    return_overpayment(event, all);
}
void answer(const CreditHeld& event, const Cause&, FollowUps& all) { collect_renewal(event, all); }
void answer(const CreditUnavailable& event, const Cause&, FollowUps& all) {
    collect_renewal(event, all);
}
void answer(const CreditSpent& event, const Cause&, FollowUps& all) { apply_credit(event, all); }

// Subscriptions.

void answer(const RenewalDue& event, const Cause& cause, FollowUps& all) {
    invoice_renewal(event, cause, all);
}
void answer(const RenewalFailed& event, const Cause& cause, FollowUps& all) {
    end_dunning(event, cause, all);
}
void answer(const SubscriptionPastDue& event, const Cause& cause, FollowUps& all) {
    mark_past_due(event, cause, all);
}
void answer(const SubscriptionSuspended& event, const Cause& cause, FollowUps& all) {
    suspend_deployment(event, cause, all);
}
void answer(const SubscriptionRecovered& event, const Cause& cause, FollowUps& all) {
    resume_deployment(event, cause, all);
}
void answer(const SubscriptionCancelled& event, const Cause& cause, FollowUps& all) {
    end_service(event, cause, all);
}
void answer(const SubscriptionEnded& event, const Cause& cause, FollowUps& all) {
    end_service(event, cause, all);
}

// Cards.

void answer(const DefaultCardChosen& event, const Cause& cause, FollowUps& all) {
    record_default_card(event, cause, all);
}
void answer(const CardRemoved& event, const Cause& cause, FollowUps& all) {
    forget_default_card(event, cause, all);
}

template <class Event>
FollowUps answers(const Event& event, const Cause& cause) {
    FollowUps all;
    std::visit([&](const auto& one) { answer(one, cause, all); }, event);
    return all;
}

} // namespace

FollowUps follow_ups(const CardEvent& event, const Cause& cause) { return answers(event, cause); }
FollowUps follow_ups(const CustomerCreditEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const DeploymentEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const DiscountCodeEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const InvoiceEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const InvoiceBookEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const NodeEvent& event, const Cause& cause) { return answers(event, cause); }
FollowUps follow_ups(const ParticipationEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const PaymentEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const ProviderEvent& event, const Cause& cause) {
    return answers(event, cause);
}
FollowUps follow_ups(const SubscriptionEvent& event, const Cause& cause) {
    return answers(event, cause);
}

} // namespace domain
