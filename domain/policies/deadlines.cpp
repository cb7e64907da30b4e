#include "domain/policies/deadlines.hpp"

#include "domain/calendar.hpp"
#include "domain/policies/rules.hpp"

namespace domain {

namespace {

using Deadlines = std::vector<Deadline>;

Time later(Time from, std::chrono::milliseconds by) { return {from.milliseconds + by.count()}; }

template <class Aggregate, class Command>
void expect(Deadlines& all, std::string_view purpose, Time due, std::string_view id,
            Command command) {
    all.push_back({purpose, due, stream_of<Aggregate>(id), std::move(command)});
}

// Most events have no deadline.
template <class Event>
void set(const Event&, const Cause&, Deadlines&) {}

// Orders.

void set(const CapacityReserved& event, const Cause& cause, Deadlines& all) {
    expect<Node>(all, "reservation_lapses", event.until, cause.id,
                 ExpireReservation{event.deployment, event.role, event.attempt});
}

void set(const AttemptStarted& event, const Cause& cause, Deadlines& all) {
    expect<Deployment>(
        all, "attempt_times_out", later(event.at, provisioning_time), cause.id,
        RecordWorkload{event.place.role, event.place.attempt, false, "timed_out", {}});
}

void set(const DomainRequested& event, const Cause& cause, Deadlines& all) {
    expect<Deployment>(all, "domain_times_out", later(cause.time, provisioning_time), cause.id,
                       RecordDomain{event.number, false, {}, {}, "timed_out"});
}

void give_back_again(const GiveBack& give_back, std::string_view reason, const Cause& cause,
                     Deadlines& all) {
    if (give_back.charge != ChargeState::charged || give_back.terms.gross.minor == 0) return;
    expect<Invoice>(
        all, "credit_note_retry", later(cause.time, credit_note_retry), give_back.invoice.value,
        IssueCreditNote{std::string{reason}, give_back.terms.gross, std::string{reason}});
}

void set(const DeploymentFailed& event, const Cause& cause, Deadlines& all) {
    give_back_again(event.give_back, deployment_failed, cause, all);
}

void set(const CancellationRequested& event, const Cause& cause, Deadlines& all) {
    if (!event.ran) give_back_again(event.give_back, cancelled_before_it_ran, cause, all);
}

// The last bill comes with the end of the contract or soon after; later what is missing is missed.
void close_usage(const GridContract& contract, const Cause& cause, Deadlines& all) {
    expect<Usage>(all, "usage_closes", later(cause.time, billing_cycle), contract.contract.value,
                  CloseUsage{cause.time});
    expect<Usage>(all, "usage_closes_at_last", later(cause.time, last_bills_time),
                  contract.contract.value, CloseUsage{cause.time});
}

void set(const ContractCancelled& event, const Cause& cause, Deadlines& all) {
    close_usage(event.contract, cause, all);
}

void set(const OrphanContractCancelled& event, const Cause& cause, Deadlines& all) {
    close_usage(event.contract, cause, all);
}

// Payments.

// A renewal is dunned instead.
void wait_for_payer(std::uint32_t attempt, const Cause& cause, Deadlines& all) {
    const auto period = period_of(cause.id);
    if (period && period->number == 1)
        expect<Payment>(all, "payment_abandoned", later(cause.time, payer_patience), cause.id,
                        VoidPayment{"payment_abandoned", attempt});
}

void set(const PaymentDeclined& event, const Cause& cause, Deadlines& all) {
    wait_for_payer(event.attempt, cause, all);
}

void set(const PaymentActionRequired& event, const Cause& cause, Deadlines& all) {
    wait_for_payer(event.attempt, cause, all);
}

void set(const PaymentOutcomeUnknown& event, const Cause& cause, Deadlines& all) {
    RecordPaymentOutcome outcome;
    outcome.outcome = PaymentOutcome::declined;
    outcome.attempt = event.attempt;
    outcome.reason = "outcome_unknown";
    expect<Payment>(all, "payment_stays_unknown", later(cause.time, unknown_payment_time), cause.id,
                    std::move(outcome));
}

void set(const PaymentHeld& event, const Cause& cause, Deadlines& all) {
    if (event.capture_before)
        expect<Payment>(all, "hold_expires", *event.capture_before, cause.id, ExpireHold{});
}

void end_unpaid_order(const Cause& cause, Deadlines& all) {
    const auto period = period_of(cause.id);
    if (period && period->number == 1)
        expect<Deployment>(all, "order_stays_unpaid", add_days(cause.time, unpaid_order_days),
                           period->deployment, CancelDeployment{CancellationReason::unpaid, true});
}

void set(const CaptureFailed& event, const Cause& cause, Deadlines& all) {
    if (event.capture == 0 || event.capture > capture_retries.size())
        return end_unpaid_order(cause, all);
    expect<Payment>(all, "capture_retry", later(cause.time, capture_retries[event.capture - 1]),
                    cause.id, CapturePayment{event.amount});
}

void set(const HoldExpired&, const Cause& cause, Deadlines& all) { end_unpaid_order(cause, all); }

// Subscriptions.

void set(const SubscriptionStarted& event, const Cause& cause, Deadlines& all) {
    expect<Subscription>(all, "renewal", event.renew_at, cause.id, OpenRenewal{event.period + 1});
}

void set(const SubscriptionRenewed& event, const Cause& cause, Deadlines& all) {
    expect<Subscription>(all, "renewal", event.renew_at, cause.id, OpenRenewal{event.period + 1});
}

void set(const RenewalFailed& event, const Cause& cause, Deadlines& all) {
    if (event.next_try)
        expect<Payment>(all, "payment_retry", *event.next_try, period_id(cause.id, event.period),
                        ConfirmPayment{{}, event.attempt});
}

void set(const SubscriptionSuspended& event, const Cause& cause, Deadlines& all) {
    expect<Subscription>(all, "suspension_ends", event.cancel_at, cause.id,
                         CancelSubscription{SubscriptionMoment::now, CancellationReason::unpaid});
}

void set(const CancellationScheduled& event, const Cause& cause, Deadlines& all) {
    expect<Subscription>(all, "subscription_ends", event.end_at, cause.id, EndSubscription{});
}

// Others.

void set(const CreditGranted& event, const Cause& cause, Deadlines& all) {
    if (event.expires)
        expect<CustomerCredit>(all, "credit_expires", *event.expires, cause.id, ExpireCredit{});
}

void set(const CardAttached& event, const Cause& cause, Deadlines& all) {
    expect<Card>(all, "card_expires", event.expires, cause.id, RecordCardUpdate{});
}

void set(const CardUpdated& event, const Cause& cause, Deadlines& all) {
    expect<Card>(all, "card_expires", event.expires, cause.id, RecordCardUpdate{});
}

void set(const ImpersonationStarted& event, const Cause& cause, Deadlines& all) {
    expect<Account>(all, "impersonation_ends", event.expires, cause.id,
                    EndImpersonation{event.staff});
}

void set(const TftPriceRecorded& event, const Cause& cause, Deadlines& all) {
    expect<MarketData>(all, "feed_goes_stale", event.stale_at, cause.id,
                       MarkFeedStale{event.observed});
}

template <class Event>
Deadlines all_of(const Event& event, const Cause& cause) {
    Deadlines all;
    std::visit([&](const auto& one) { set(one, cause, all); }, event);
    return all;
}

} // namespace

Deadlines deadlines(const AccountEvent& event, const Cause& cause) { return all_of(event, cause); }
Deadlines deadlines(const CardEvent& event, const Cause& cause) { return all_of(event, cause); }
Deadlines deadlines(const CustomerCreditEvent& event, const Cause& cause) {
    return all_of(event, cause);
}
Deadlines deadlines(const DeploymentEvent& event, const Cause& cause) {
    return all_of(event, cause);
}
Deadlines deadlines(const MarketDataEvent& event, const Cause& cause) {
    return all_of(event, cause);
}
Deadlines deadlines(const NodeEvent& event, const Cause& cause) { return all_of(event, cause); }
Deadlines deadlines(const PaymentEvent& event, const Cause& cause) { return all_of(event, cause); }
Deadlines deadlines(const SubscriptionEvent& event, const Cause& cause) {
    return all_of(event, cause);
}

} // namespace domain
