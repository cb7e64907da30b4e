// A subscription: the periods of a deployment, each of a month, and whether they are paid.
//
//     active --> past_due --> suspended --> cancelled
//       ^-----------'-------------'
//     active --> ended, with the period in which that was asked for
//
// Periods are counted from the first start: the n-th begins n - 1 months after it. The stream has
// the deployment's id, and a period's payment and invoice are named by that and its number.

#pragma once

#include "domain/result.hpp"
#include "domain/subscription_messages.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace domain {

// How long it may be suspended: the grid costs money meanwhile.
inline constexpr std::int64_t suspension_days_max = 7;
// Later retries are left out: with the suspension they would reach into the next period.
inline constexpr std::uint32_t retry_days_max = 20;

// `none`: never started.
enum class SubscriptionStatus { none, active, past_due, suspended, cancelled, ended };
BOOST_DESCRIBE_ENUM(SubscriptionStatus, none, active, past_due, suspended, cancelled, ended)

struct Subscription {
    static constexpr std::string_view name = "subscription";
    using Command = SubscriptionCommand;
    using Event = SubscriptionEvent;
    using Rejection = SubscriptionRejection;

    SubscriptionStatus status = SubscriptionStatus::none;
    BillingTerms terms;        // Of what is invoiced next.
    BillingTerms period_terms; // Of the period that runs.
    std::optional<BillingTerms> scheduled_terms;
    DunningTerms dunning;
    Time first; // When the first period began.
    std::uint32_t period = 0;
    Time from;
    Time until;
    bool paid = false;            // The period that runs.
    std::uint32_t attempt = 0;    // The last one that failed, of the period's payment.
    std::optional<Time> next_try; // Of a payment that failed.
    std::optional<Time> suspended_at;
    std::optional<Time> cancel_at;
    std::optional<Time> end_at;
    std::optional<CancellationReason> reason; // Why it is, or shall be, over.
};
BOOST_DESCRIBE_STRUCT(Subscription, (),
                      (status, terms, period_terms, scheduled_terms, dunning, first, period, from,
                       until, paid, attempt, next_try, suspended_at, cancel_at, end_at, reason))

inline bool exists(const Subscription& subscription) {
    return subscription.status != SubscriptionStatus::none;
}
inline bool is_over(SubscriptionStatus status) { return status >= SubscriptionStatus::cancelled; }

// A part of the terms' net price with its tax: an amount that leaves `net`, when tax is taken out
// of it as out of a refund.
Money with_tax(const BillingTerms& terms, const Money& net);

// No events: accepted, and nothing changes.
using SubscriptionDecision = Result<std::vector<SubscriptionEvent>, SubscriptionRejection>;

SubscriptionDecision decide(const Subscription& subscription, const SubscriptionCommand& command,
                            Time now);
Subscription evolve(Subscription subscription, const SubscriptionEvent& event);

// Who pays it.
inline std::string_view owner(const Subscription& subscription) {
    return subscription.terms.payer.value;
}

} // namespace domain
