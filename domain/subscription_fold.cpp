// How events change a subscription. No rule is here: what happened, happened.

#include "domain/subscription.hpp"

namespace domain {

namespace {

using Status = SubscriptionStatus;

void apply(Subscription& subscription, const SubscriptionStarted& event) {
    subscription.status = Status::active;
    subscription.terms = subscription.period_terms = event.terms;
    subscription.dunning = event.dunning;
    subscription.first = event.from;
    subscription.period = event.period;
    subscription.from = event.from;
    subscription.until = event.until;
    subscription.paid = true;
}

void apply(Subscription& subscription, const RenewalDue& event) {
    subscription.period_terms = event.terms;
    subscription.period = event.period;
    subscription.from = event.from;
    subscription.until = event.until;
    subscription.paid = false;
    subscription.attempt = 0;
}

void apply(Subscription& subscription, const SubscriptionRenewed&) {
    subscription.paid = true;
    subscription.next_try.reset();
}

void apply(Subscription& subscription, const RenewalFailed& event) {
    subscription.attempt = event.attempt;
    subscription.next_try = event.next_try;
}

void apply(Subscription& subscription, const SubscriptionPastDue&) {
    subscription.status = Status::past_due;
}

void apply(Subscription& subscription, const SubscriptionSuspended& event) {
    subscription.status = Status::suspended;
    subscription.suspended_at = event.at;
    subscription.cancel_at = event.cancel_at;
    subscription.next_try.reset();
}

void apply(Subscription& subscription, const SubscriptionRecovered&) {
    subscription.status = Status::active;
    subscription.suspended_at.reset();
    subscription.cancel_at.reset();
}

void apply(Subscription& subscription, const PlanChangeScheduled& event) {
    subscription.scheduled_terms = event.terms;
}

void apply(Subscription& subscription, const PlanChanged& event) {
    subscription.terms = event.terms;
    subscription.scheduled_terms.reset();
}

void apply(Subscription& subscription, const CancellationScheduled& event) {
    subscription.end_at = event.end_at;
    subscription.reason = event.reason;
}

void close(Subscription& subscription, Status status, CancellationReason reason) {
    subscription.status = status;
    subscription.reason = reason;
    subscription.scheduled_terms.reset();
    subscription.next_try.reset();
    subscription.cancel_at.reset();
}

void apply(Subscription& subscription, const SubscriptionCancelled& event) {
    close(subscription, Status::cancelled, event.reason);
}

void apply(Subscription& subscription, const SubscriptionEnded& event) {
    close(subscription, Status::ended, event.reason);
}

} // namespace

Subscription evolve(Subscription subscription, const SubscriptionEvent& event) {
    std::visit([&](const auto& one) { apply(subscription, one); }, event);
    return subscription;
}

} // namespace domain
