// Payments that are disputed, or that the card's network warns of.

#include "domain/policies/rules.hpp"

namespace domain {

void stop_disputed(const DisputeOpened& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"stop_disputed", all};
    if (event.payer)
        policy.ask<Account>(event.payer->value, SuspendSpending{SpendingReason::dispute});
    if (const auto period = period_of(cause.id))
        policy.ask<Deployment>(period->deployment, SuspendDeployment{SuspensionReason::dispute});
}

void resume_after_dispute(const DisputeWon& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"resume_after_dispute", all};
    if (event.payer)
        policy.ask<Account>(event.payer->value, ResumeSpending{SpendingReason::dispute});
    if (const auto period = period_of(cause.id))
        policy.ask<Deployment>(period->deployment, ResumeDeployment{SuspensionReason::dispute});
}

// The payer's spending stays suspended. A deployment that still waits for its subscription is
// cancelled by itself.
void cancel_after_dispute(const DisputeLost&, const Cause& cause, FollowUps& all) {
    const auto period = period_of(cause.id);
    if (!period) return;
    const Policy policy{"cancel_after_dispute", all};
    policy.ask<Subscription>(period->deployment, CancelSubscription{SubscriptionMoment::now,
                                                                    CancellationReason::dispute});
    policy.ask<Deployment>(period->deployment, CancelDeployment{CancellationReason::dispute});
}

void refund_warned_payment(const FraudWarningReceived& event, const Cause& cause, FollowUps& all) {
    if (!event.refund) return;
    Policy{"refund_warned_payment", all}.ask<Payment>(
        cause.id, RequestRefund{*event.refund, "fraud_warning"});
}

} // namespace domain
