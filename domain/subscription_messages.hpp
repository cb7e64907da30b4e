// What can be asked of a subscription, what can happen to it, and why it is refused. Stored names
// are never renamed or reused; a new field is optional.

#pragma once

#include "domain/billing_terms.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace domain {

// Commands of people and policies.

struct StartSubscription {
    static constexpr std::string_view type = "subscription.start";
    bool deployment_running = false;
    BillingTerms terms; // Of the first period, which is paid, and of those that follow.
    Time start;
    DunningTerms dunning;
};
BOOST_DESCRIBE_STRUCT(StartSubscription, (), (deployment_running, terms, start, dunning))

// The timer's: a period begins.
struct OpenRenewal {
    static constexpr std::string_view type = "subscription.open_renewal";
    std::uint32_t period = 0;
};
BOOST_DESCRIBE_STRUCT(OpenRenewal, (), (period))

struct RenewSubscription {
    static constexpr std::string_view type = "subscription.renew";
    std::uint32_t period = 0;
    bool invoice_paid = false;
};
BOOST_DESCRIBE_STRUCT(RenewSubscription, (), (period, invoice_paid))

struct RecordRenewalFailure {
    static constexpr std::string_view type = "subscription.record_renewal_failure";
    std::uint32_t period = 0;
    std::uint32_t attempt = 0; // Of the period's payment: 1, 2, 3 ...
    std::optional<std::string> reason;
    bool do_not_try_again = false; // The card's bank says so.
};
BOOST_DESCRIBE_STRUCT(RecordRenewalFailure, (), (period, attempt, reason, do_not_try_again))

struct SuspendSubscription {
    static constexpr std::string_view type = "subscription.suspend";
};
BOOST_DESCRIBE_STRUCT(SuspendSubscription, (), ())

struct RecoverSubscription {
    static constexpr std::string_view type = "subscription.recover";
    bool invoice_paid = false;
};
BOOST_DESCRIBE_STRUCT(RecoverSubscription, (), (invoice_paid))

enum class SubscriptionMoment { now, period_end };
BOOST_DESCRIBE_ENUM(SubscriptionMoment, now, period_end)

// The period that runs is paid as it was ordered: new terms are for those that follow. What is
// changed at the period's end may still be changed again until then.
struct ChangePlan {
    static constexpr std::string_view type = "subscription.change_plan";
    BillingTerms terms;
    SubscriptionMoment when = SubscriptionMoment::period_end;
    bool plan_offered = false;
    bool loses_data = false;
    bool loss_accepted = false;
};
BOOST_DESCRIBE_STRUCT(ChangePlan, (), (terms, when, plan_offered, loses_data, loss_accepted))

struct CancelSubscription {
    static constexpr std::string_view type = "subscription.cancel";
    SubscriptionMoment when = SubscriptionMoment::period_end;
    CancellationReason reason = CancellationReason::customer;
};
BOOST_DESCRIBE_STRUCT(CancelSubscription, (), (when, reason))

// The timer's: the last period is over.
struct EndSubscription {
    static constexpr std::string_view type = "subscription.end";
};
BOOST_DESCRIBE_STRUCT(EndSubscription, (), ())

using SubscriptionCommand =
    std::variant<StartSubscription, OpenRenewal, RenewSubscription, RecordRenewalFailure,
                 SuspendSubscription, RecoverSubscription, ChangePlan, CancelSubscription,
                 EndSubscription>;

// Events. A period's payment and invoice are named by the stream's id and the period's number.

struct SubscriptionStarted {
    static constexpr std::string_view type = "subscription.started";
    BillingTerms terms;
    std::uint32_t period = 0;
    Time from;
    Time until;
    Time renew_at; // When the next renewal has to be opened.
    DunningTerms dunning;
};
BOOST_DESCRIBE_STRUCT(SubscriptionStarted, (), (terms, period, from, until, renew_at, dunning))

// Asks for the period's invoice and payment.
struct RenewalDue {
    static constexpr std::string_view type = "subscription.renewal_due";
    std::uint32_t period = 0;
    Time from;
    Time until;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(RenewalDue, (), (period, from, until, terms))

struct SubscriptionRenewed {
    static constexpr std::string_view type = "subscription.renewed";
    std::uint32_t period = 0;
    Time from;
    Time until;
    Time renew_at;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(SubscriptionRenewed, (), (period, from, until, renew_at, terms))

// Without a next try the dunning has come to its end.
struct RenewalFailed {
    static constexpr std::string_view type = "subscription.renewal_failed";
    std::uint32_t period = 0;
    std::uint32_t attempt = 0;
    std::optional<Time> next_try;
    std::optional<std::string> reason;
    bool cancels = false; // What follows when there is no next try; otherwise it is suspended.
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(RenewalFailed, (), (period, attempt, next_try, reason, cancels, terms))

struct SubscriptionPastDue {
    static constexpr std::string_view type = "subscription.past_due";
    std::uint32_t period = 0;
    Time since; // When the period began.
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(SubscriptionPastDue, (), (period, since, terms))

struct SubscriptionSuspended {
    static constexpr std::string_view type = "subscription.suspended";
    std::uint32_t period = 0;
    Time at;
    Time cancel_at; // Costs run on, so not for ever.
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(SubscriptionSuspended, (), (period, at, cancel_at, terms))

struct SubscriptionRecovered {
    static constexpr std::string_view type = "subscription.recovered";
    std::uint32_t period = 0;
    bool was_suspended = false;
};
BOOST_DESCRIBE_STRUCT(SubscriptionRecovered, (), (period, was_suspended))

struct PlanChangeScheduled {
    static constexpr std::string_view type = "subscription.plan_change_scheduled";
    BillingTerms terms;
    Time from;
};
BOOST_DESCRIBE_STRUCT(PlanChangeScheduled, (), (terms, from))

struct PlanChanged {
    static constexpr std::string_view type = "subscription.plan_changed";
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(PlanChanged, (), (terms))

struct CancellationScheduled {
    static constexpr std::string_view type = "subscription.cancellation_scheduled";
    CancellationReason reason = CancellationReason::customer;
    Time end_at;
};
BOOST_DESCRIBE_STRUCT(CancellationScheduled, (), (reason, end_at))

// Ended within a period. What was served of it and what was not add up to its net price;
// `unused_gross` is the same with its tax, as a credit note gives it back.
struct SubscriptionCancelled {
    static constexpr std::string_view type = "subscription.cancelled";
    CancellationReason reason = CancellationReason::customer;
    Time at;
    std::uint32_t period = 0;
    Time from;
    Time until;
    bool paid = false; // The period.
    BillingTerms terms;
    Money used;
    Money unused;
    Money unused_gross;
};
BOOST_DESCRIBE_STRUCT(SubscriptionCancelled, (),
                      (reason, at, period, from, until, paid, terms, used, unused, unused_gross))

// Ended with its period, as was scheduled.
struct SubscriptionEnded {
    static constexpr std::string_view type = "subscription.ended";
    CancellationReason reason = CancellationReason::customer;
    std::uint32_t period = 0;
    Time at;
    bool paid = false;
    BillingTerms terms;
};
BOOST_DESCRIBE_STRUCT(SubscriptionEnded, (), (reason, period, at, paid, terms))

using SubscriptionEvent =
    std::variant<SubscriptionStarted, RenewalDue, SubscriptionRenewed, RenewalFailed,
                 SubscriptionPastDue, SubscriptionSuspended, SubscriptionRecovered,
                 PlanChangeScheduled, PlanChanged, CancellationScheduled, SubscriptionCancelled,
                 SubscriptionEnded>;

enum class SubscriptionRejection {
    not_found,
    already_started,
    deployment_not_running,
    terms_invalid,
    not_active,
    renewal_pending,
    period_unknown,
    not_due,
    invoice_unpaid,
    not_past_due,
    plan_not_offered,
    downgrade_data_loss,
    already_cancelled,
    not_scheduled,
};
BOOST_DESCRIBE_ENUM(SubscriptionRejection, not_found, already_started, deployment_not_running,
                    terms_invalid, not_active, renewal_pending, period_unknown, not_due,
                    invoice_unpaid, not_past_due, plan_not_offered, downgrade_data_loss,
                    already_cancelled, not_scheduled)

} // namespace domain
