#include "domain/subscription.hpp"

#include "domain/calendar.hpp"
#include "domain/payment.hpp"
#include "domain/pricing.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<SubscriptionEvent>;
using Rejection = SubscriptionRejection;
using Status = SubscriptionStatus;

// An initializer list would copy the events.
template <class... Some>
SubscriptionDecision decided(Some&&... some) {
    Events events;
    (events.emplace_back(std::forward<Some>(some)), ...);
    return events;
}

SubscriptionDecision nothing() { return Events{}; }

DunningTerms usable(const DunningTerms& dunning) {
    DunningTerms terms{{}, dunning.cancels};
    for (const std::uint32_t day : dunning.retry_days)
        if (day > (terms.retry_days.empty() ? 0 : terms.retry_days.back()) && day <= retry_days_max)
            terms.retry_days.push_back(day);
    return terms;
}

// The first step of the dunning that is still to come, counting one step for each failure.
std::optional<Time> next_try(const Subscription& subscription, std::uint32_t attempt, Time now) {
    const auto& days = subscription.dunning.retry_days;
    // A try that the payment refuses would end in nothing.
    if (attempt >= payment_attempts_max) return std::nullopt;
    for (std::size_t step = attempt - 1; step < days.size(); ++step) {
        const Time at = add_days(subscription.from, days[step]);
        if (at > now) return at;
    }
    return std::nullopt;
}

SubscriptionRenewed renewed(const Subscription& subscription) {
    return {subscription.period, subscription.from, subscription.until, subscription.until,
            subscription.period_terms};
}

SubscriptionDecision pay(const Subscription& subscription) {
    if (subscription.status == Status::active) return decided(renewed(subscription));
    return decided(
        SubscriptionRecovered{subscription.period, subscription.status == Status::suspended},
        renewed(subscription));
}

SubscriptionDecision handle(const Subscription& subscription, const StartSubscription& command,
                            Time) {
    if (exists(subscription)) return Rejection::already_started;
    if (!command.deployment_running) return Rejection::deployment_not_running;
    if (command.terms.payer.value.empty() || !adds_up(command.terms))
        return Rejection::terms_invalid;
    const Time until = period_start(command.start, 2);
    return decided(SubscriptionStarted{command.terms, 1, command.start, until, until,
                                       usable(command.dunning)});
}

SubscriptionDecision handle(const Subscription& subscription, const OpenRenewal& command,
                            Time now) {
    if (command.period <= subscription.period) return nothing();
    if (subscription.status != Status::active || subscription.end_at) return Rejection::not_active;
    if (command.period != subscription.period + 1) return Rejection::period_unknown;
    if (!subscription.paid) return Rejection::renewal_pending;
    if (now < subscription.until) return Rejection::not_due;
    const BillingTerms& terms = subscription.scheduled_terms.value_or(subscription.terms);
    RenewalDue due{command.period, subscription.until,
                   period_start(subscription.first, command.period + 1), terms};
    if (!subscription.scheduled_terms) return decided(std::move(due));
    return decided(PlanChanged{terms}, std::move(due));
}

SubscriptionDecision handle(const Subscription& subscription, const RenewSubscription& command,
                            Time) {
    if (command.period == 0 || command.period > subscription.period)
        return Rejection::period_unknown;
    if (command.period < subscription.period || subscription.paid) return nothing();
    if (is_over(subscription.status)) return Rejection::not_active;
    if (!command.invoice_paid) return Rejection::invoice_unpaid;
    return pay(subscription);
}

SubscriptionDecision handle(const Subscription& subscription, const RecoverSubscription& command,
                            Time) {
    if (is_over(subscription.status)) return Rejection::not_active;
    if (subscription.status == Status::active) return nothing();
    if (!command.invoice_paid) return Rejection::invoice_unpaid;
    return pay(subscription);
}

SubscriptionDecision handle(const Subscription& subscription, const RecordRenewalFailure& command,
                            Time now) {
    if (command.period == 0 || command.period > subscription.period || command.attempt == 0)
        return Rejection::period_unknown;
    const bool of_now = command.period == subscription.period && !subscription.paid &&
                        command.attempt > subscription.attempt;
    // A suspended one waits for its payer, and not for a card.
    if (!of_now || is_over(subscription.status) || subscription.status == Status::suspended)
        return nothing();
    RenewalFailed failed{
        command.period,           command.attempt, {}, command.reason, subscription.dunning.cancels,
        subscription.period_terms};
    if (!command.do_not_try_again) failed.next_try = next_try(subscription, command.attempt, now);
    if (subscription.status == Status::past_due) return decided(std::move(failed));
    return decided(std::move(failed), SubscriptionPastDue{command.period, subscription.from,
                                                          subscription.period_terms});
}

SubscriptionDecision handle(const Subscription& subscription, const SuspendSubscription&,
                            Time now) {
    if (is_over(subscription.status)) return Rejection::not_active;
    if (subscription.status == Status::suspended) return nothing();
    if (subscription.status != Status::past_due) return Rejection::not_past_due;
    return decided(SubscriptionSuspended{
        subscription.period, now, add_days(now, suspension_days_max), subscription.period_terms});
}

SubscriptionDecision handle(const Subscription& subscription, const ChangePlan& command, Time) {
    if (is_over(subscription.status)) return Rejection::not_active;
    const BillingTerms& terms = command.terms;
    if (!adds_up(terms) || terms.payer != subscription.terms.payer ||
        terms.dashboard != subscription.terms.dashboard ||
        terms.gross.currency != subscription.terms.gross.currency)
        return Rejection::terms_invalid;
    if (!command.plan_offered) return Rejection::plan_not_offered;
    if (command.loses_data && !command.loss_accepted) return Rejection::downgrade_data_loss;
    if (terms == subscription.scheduled_terms.value_or(subscription.terms) &&
        (command.when == SubscriptionMoment::period_end || !subscription.scheduled_terms))
        return nothing();
    if (command.when == SubscriptionMoment::now) return decided(PlanChanged{terms});
    return decided(PlanChangeScheduled{terms, subscription.until});
}

SubscriptionDecision handle(const Subscription& subscription, const CancelSubscription& command,
                            Time now) {
    if (is_over(subscription.status)) return Rejection::already_cancelled;
    if (command.when == SubscriptionMoment::period_end) {
        if (subscription.end_at) return Rejection::already_cancelled;
        return decided(CancellationScheduled{command.reason, subscription.until});
    }
    // The timer of a suspension may come when the period has long been paid.
    if (command.reason == CancellationReason::unpaid && subscription.paid) return nothing();
    constexpr std::int64_t second = 1000;
    const Time served_until = subscription.suspended_at.value_or(now);
    const std::int64_t length =
        (subscription.until.milliseconds - subscription.from.milliseconds) / second;
    const std::int64_t served = std::max<std::int64_t>(
        0, (served_until.milliseconds - subscription.from.milliseconds) / second);
    const BillingTerms& terms = subscription.period_terms;
    const Money used = earned_of(terms.net, served, length);
    const Money unused = terms.net - used;
    return decided(SubscriptionCancelled{command.reason, now, subscription.period,
                                         subscription.from, subscription.until, subscription.paid,
                                         terms, used, unused, with_tax(terms, unused)});
}

SubscriptionDecision handle(const Subscription& subscription, const EndSubscription&, Time now) {
    if (is_over(subscription.status)) return nothing();
    if (!subscription.end_at) return Rejection::not_scheduled;
    if (now < *subscription.end_at) return Rejection::not_due;
    return decided(SubscriptionEnded{subscription.reason.value_or(CancellationReason::customer),
                                     subscription.period, *subscription.end_at, subscription.paid,
                                     subscription.period_terms});
}

} // namespace

Money with_tax(const BillingTerms& terms, const Money& net) {
    if (terms.net.minor == 0) return {0, net.currency};
    // Rounded to the nearest, it is less than half a unit of net off, and the tax is as well.
    return scale(terms.gross, net.minor, terms.net.minor, Rounding::half_up);
}

SubscriptionDecision decide(const Subscription& subscription, const SubscriptionCommand& command,
                            Time now) {
    if (!exists(subscription) && !std::holds_alternative<StartSubscription>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(subscription, one, now); }, command);
}

} // namespace domain
