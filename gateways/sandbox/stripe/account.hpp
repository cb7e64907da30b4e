// Everything one Stripe account holds, and the few things all of its parts need: ids, the time,
// what is due later, events.

#pragma once

#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/stripe/objects.hpp"
#include "gateways/sandbox/stripe/shelf.hpp"

#include <functional>

namespace gateways::sandbox::stripe {

inline constexpr std::string_view api_version = "2026-10-28.endive";

struct Terms {
    // Stripe's fee for a captured payment: so many thousandths of it, rounded half up, and this.
    Amount fee_per_mille = 29, fee_fixed = 30;
    Amount dispute_fee = 1500;
    bool dispute_fee_returned = false; // When the dispute is won.
    // Refunds fail with balance_insufficient when the available money does not cover them.
    bool refunds_need_balance = false;
    std::chrono::seconds available_after{std::chrono::days{2}}; // What a payment brought.
    std::chrono::seconds hold{std::chrono::days{7}};
    std::chrono::seconds hold_off_session_visa{std::chrono::days{4} + std::chrono::hours{18}};
    // What follows a payment by itself: the fee of an automatic_async capture, a test card's
    // dispute, the end of a pending refund.
    std::chrono::seconds aftermath{1};
    std::chrono::seconds dispute_due{std::chrono::days{7}};
    // What is new or changed is not found by search for so long.
    std::chrono::seconds search_lag{0};
    std::size_t events_kept = 100'000;
};

// Who makes something happen; empty when Stripe itself does.
struct Cause {
    std::string request_id, idempotency_key;
};

// Where events go.
class Mail {
public:
    // How many endpoints want events of a type.
    virtual unsigned subscribers(std::string_view type) const = 0;
    virtual void send(const Event& event) = 0;
    // Endpoints that an event has not reached yet.
    virtual unsigned pending(std::string_view event_id) const = 0;

protected:
    ~Mail() = default;
};

// Not thread-safe.
class Account {
public:
    // `mail` outlives it.
    Account(const Terms& terms, std::uint64_t seed, Mail& mail);

    Shelf<Customer> customers;
    Shelf<PaymentMethod> payment_methods;
    Shelf<SetupIntent> setup_intents;
    Shelf<PaymentIntent> payment_intents;
    Shelf<Charge> charges;
    Shelf<Refund> refunds;
    Shelf<Dispute> disputes;
    Shelf<BalanceTransaction> balance_transactions;
    Shelf<FraudWarning> fraud_warnings;
    std::deque<Event> events; // Oldest first; no more than Terms::events_kept.

    const Terms terms;
    Cause cause;
    // Set while a scripted decline is to meet the next charge.
    std::optional<CardProblem> decline;

    // Does what was due until then, each thing at its own time.
    void move_to(Time now);
    Seconds now() const { return unix_seconds(now_); }
    void at(Seconds when, std::function<void(Account&)> action);

    std::string new_id(std::string_view prefix);
    std::string new_secret(std::string_view id); // A client_secret.

    // `previous`: what changed, with its old values; only for "updated" events.
    void emit(std::string_view type, const boost::json::object& object,
              const boost::json::object& previous = {});

    unsigned pending(const Event& event) const { return mail_.pending(event.id); }
    // As it is read: pending_webhooks is what it is now.
    boost::json::object shown(const Event& event) const;

    BalanceTransaction& book(std::string_view type, std::string_view category, Amount amount,
                             Amount fee, std::string_view currency, std::string_view source,
                             Seconds available_on);
    Amount available(std::string_view currency) const;

private:
    std::string random_text(std::size_t size);

    Time now_{};
    std::uint64_t seed_, drawn_ = 0;
    std::multimap<Seconds, std::function<void(Account&)>> alarms_;
    Mail& mail_;
};

} // namespace gateways::sandbox::stripe
