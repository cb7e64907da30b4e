// Periods after the first: renewed, or dunned until they are paid or the service ends.

#include "domain/policies/rules.hpp"

namespace domain {

namespace {

// A period that was served, whole or in part, and is not paid. Two people write it off.
template <class End>
void give_up_claim(const Policy& policy, const End& event, const Cause& cause) {
    const std::string name = period_id(cause.id, event.period);
    policy.ask<Payment>(name, VoidPayment{"unpaid"});
    policy.ask<CustomerCredit>(credit_of(event.terms.payer, event.terms.dashboard),
                               ReleaseCredit{name});
}

} // namespace

void invoice_renewal(const RenewalDue& event, const Cause& cause, FollowUps& all) {
    Policy{"invoice_renewal", all}.ask<Invoice>(
        period_id(cause.id, event.period),
        DraftInvoice{{{std::string{cause.id}}, event.period, event.from, event.until},
                     event.terms});
}

void end_dunning(const RenewalFailed& event, const Cause& cause, FollowUps& all) {
    if (event.next_try) return;
    const Policy policy{"end_dunning", all};
    if (event.cancels)
        policy.ask<Subscription>(
            cause.id, CancelSubscription{SubscriptionMoment::now, CancellationReason::unpaid});
    else
        policy.ask<Subscription>(cause.id, SuspendSubscription{});
}

void mark_past_due(const SubscriptionPastDue& event, const Cause& cause, FollowUps& all) {
    Policy{"mark_past_due", all}.ask<Invoice>(period_id(cause.id, event.period), MarkPastDue{});
}

void suspend_deployment(const SubscriptionSuspended&, const Cause& cause, FollowUps& all) {
    Policy{"suspend_deployment", all}.ask<Deployment>(cause.id,
                                                      SuspendDeployment{SuspensionReason::unpaid});
}

void resume_deployment(const SubscriptionRecovered& event, const Cause& cause, FollowUps& all) {
    if (!event.was_suspended) return;
    Policy{"resume_deployment", all}.ask<Deployment>(cause.id,
                                                     ResumeDeployment{SuspensionReason::unpaid});
}

void end_service(const SubscriptionCancelled& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"end_service", all};
    policy.ask<Deployment>(cause.id, CancelDeployment{event.reason});
    const std::string name = period_id(cause.id, event.period);
    // A customer who leaves in mid-period has paid for all of it; we, and who erases an account,
    // settle by time. What a dispute took back is not given back once more.
    const bool by_time = !event.paid || event.reason == CancellationReason::erasure ||
                         event.reason == CancellationReason::staff;
    if (!event.paid) give_up_claim(policy, event, cause);
    if (by_time && event.unused_gross.minor > 0) {
        policy.ask<Invoice>(
            name, IssueCreditNote{"unused_period", event.unused_gross, "not served until its end"});
        if (event.paid)
            policy.ask<Payment>(name, RequestRefund{event.unused_gross, "unused_period"});
    }
    if (!event.paid && event.used.minor > 0)
        policy.ask<Invoice>(name, ProposeWriteOff{{}, "unpaid"});
}

void end_service(const SubscriptionEnded& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"end_service", all};
    policy.ask<Deployment>(cause.id, CancelDeployment{event.reason});
    if (event.paid) return;
    give_up_claim(policy, event, cause);
    policy.ask<Invoice>(period_id(cause.id, event.period), ProposeWriteOff{{}, "unpaid"});
}

} // namespace domain
