// What one of Stripe's objects says, as commands. Answers and messages say it in the same objects,
// so both are read here; whichever comes first concludes, and the other changes nothing.

#pragma once

#include "gateways/stripe/directive.hpp"
#include "gateways/stripe/objects.hpp"

namespace gateways::stripe {

// What an intent that nobody waits for any more is declined with.
inline constexpr std::string_view intent_canceled = "payment_intent_canceled";
inline constexpr std::string_view do_not_try_again = "do_not_try_again";

struct IntentFacts {
    Directives commands;
    // Its hold was read without its charge, so when it ends is not known.
    bool deadline_missing = false;
    // "processing", or a status that is new to us: nothing is clear yet.
    bool unclear = false;
};

// Of a payment intent. `attempt`: which was confirmed last, if that is known.
IntentFacts intent_facts(const domain::PaymentId& payment, std::optional<std::uint32_t> attempt,
                         const json::object& intent);

// Of a charge that was captured: the money, and the fee where its balance transaction is at hand.
Directives captured_facts(const domain::PaymentId& payment, const json::object& charge);
// Of a charge that holds money.
Directive held_fact(const domain::PaymentId& payment, const json::object& charge);
Directive fee_fact(const domain::PaymentId& payment, const json::object& balance_transaction);

Directive refund_fact(const domain::PaymentId& payment, std::uint32_t number,
                      const json::object& refund);

// Of a dispute. Nothing but `inquiry` when a bank only asks and no money has moved; nothing at all
// when that came to an end.
struct DisputeFacts {
    Directives commands;
    bool inquiry = false;
    bool over = false; // Won, lost, or an inquiry that was closed.
};
DisputeFacts dispute_facts(const domain::PaymentId& payment, const json::object& dispute);

Directive fraud_fact(const domain::PaymentId& payment, const json::object& warning);

// Of a setup intent whose payment method is at hand; `status` "succeeded" without it is Unreadable.
Directive setup_fact(const domain::StoredCardId& card, const json::object& setup);
Directive face_fact(const domain::StoredCardId& card, const json::object& payment_method);

} // namespace gateways::stripe
