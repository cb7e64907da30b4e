// Messages that Stripe sends: is it Stripe, what is kept, and what does it mean. The door calls
// verify() and receive(), and answers when the command is durable; a worker that folds what was
// received calls meaning(). No clock: the door says what time it is.

#pragma once

#include "domain/result.hpp"
#include "gateways/stripe/translate.hpp"

namespace gateways::stripe {

inline constexpr std::string_view api_version = "2026-10-28.endive";
// An event is a few kilobytes; more is nobody's we know.
inline constexpr std::size_t message_bytes_max = 1024 * 1024;

enum class MessageFault {
    signature_missing, // No header, no time or no v1 in it, or one that cannot be read.
    signature_invalid,
    timestamp_outside,
    no_secret, // We have none: nothing can be believed.
    too_large,
    unreadable, // Not an event: no JSON, no id, or one of the "thin" kind.
};
BOOST_DESCRIBE_ENUM(MessageFault, signature_missing, signature_invalid, timestamp_outside,
                    no_secret, too_large, unreadable)

// When it was signed. `header` is Stripe-Signature; `body` the bytes as they came. Any of the
// secrets and any v1 will do: two are live while one takes the place of the other.
domain::Result<domain::Time, MessageFault> verify(std::string_view header, std::string_view body,
                                                  const std::vector<std::string>& secrets,
                                                  domain::Time now);

struct Received {
    Directive directive;        // inbound_event.receive; the stream carries the event's id.
    bool other_version = false; // Not the one we asked for: to be looked at.
};
// Of a body that was verified. What is kept of it is what meaning() reads, and nothing else:
// neither a client secret nor what a person typed.
domain::Result<Received, MessageFault> receive(std::string_view body, domain::Time signed_at,
                                               domain::Time now, bool live_expected);

struct KnownPayment {
    domain::PaymentId id;
    std::uint32_t attempt = 1;
    bool waits_for_payer = false; // See Effect.
};

// Whose an object is. May ask and wait; throws std::exception when that cannot be told now.
class Directory {
public:
    // By Stripe's name of the intent; empty: by ours.
    virtual std::optional<KnownPayment> payment(std::string_view intent,
                                                std::string_view payment_id) const = 0;
    virtual std::optional<domain::StoredCardId> card(std::string_view payment_method) const = 0;

protected:
    ~Directory() = default;
};

struct Meaning {
    Directives commands;
    std::vector<Effect> readings; // To be begun and concluded as other effects are.
    // When all of that is done: inbound_event.apply, or .park when it cannot be carried out.
    Directive last;
};

// `body` as receive() kept it, or as it came.
Meaning meaning(std::string_view body, const Directory& directory);

} // namespace gateways::stripe
