// From effects to requests, and from answers to conclusions. Pure: no socket, clock or memory. A
// worker keeps an effect until it is concluded or parked:
//
//     verdict = begin(effect, standing);
//     while (verdict is Ask) verdict = conclude(effect, ask.step, sent(ask.step.request),
//     standing);
//
// Repeat means to begin again later; the request, and with it the key, will be the same.

#pragma once

#include "gateways/http/request.hpp"
#include "gateways/stripe/directive.hpp"

#include <boost/describe/enum.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gateways::stripe {

using std::chrono::milliseconds;

struct StripeRequest {
    http::Verb verb = http::Verb::get;
    std::string path;
    std::string form; // Of a GET: the query.
    std::string idempotency_key;

    friend bool operator==(const StripeRequest&, const StripeRequest&) = default;
};

enum class Came {
    answered,
    maybe_sent, // No whole answer: it may have happened.
    not_sent,   // It has not happened.
};

struct Answer {
    Came came = Came::maybe_sent;
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string_view header(std::string_view name) const; // Empty when there is none.
};

enum class Operation {
    confirm,
    capture,
    cancel,
    refund,
    accept_dispute,
    submit_evidence,
    make_customer,
    set_up_card,
    cancel_setup,
    detach_card,
    // These only look.
    find_intent, // By metadata.
    read_intent,
    read_refunds, // All of an intent.
    read_dispute,
    read_setup,
    find_setup, // That attached a card; for messages, which do not say whose it is.
    read_fee,
};
BOOST_DESCRIBE_ENUM(Operation, confirm, capture, cancel, refund, accept_dispute, submit_evidence,
                    make_customer, set_up_card, cancel_setup, detach_card, find_intent, read_intent,
                    read_refunds, read_dispute, read_setup, find_setup, read_fee)

struct Step {
    Operation operation = Operation::read_intent;
    StripeRequest request;
    std::string intent = {};  // Which it is about, when the effect does not know.
    std::string refusal = {}; // Why the change itself did not conclude; empty: not tried.
};

// Something to look at because a message told of it.
struct Reading {
    Operation operation = Operation::read_intent; // One that only looks.
    std::string object;                           // Its id; of refunds, the intent's.
};

struct Effect {
    std::string id;    // Of the payment or the card that its stream names.
    std::string event; // Id of the event that asks.
    std::variant<domain::PaymentEvent, domain::CardEvent, Reading> what;

    // What earlier events said, and this one does not repeat.
    std::optional<std::string> intent = {};   // The payment's at Stripe.
    std::optional<std::string> customer = {}; // Whose card it is.
    std::optional<domain::CardId> card = {};  // The payer's default.
    bool off_session = false;                 // The payer is not there.
    bool waits_for_payer = false; // The payment's latest attempt was answered, and he has to act.
    std::optional<std::string> evidence = {}; // What the document says.
};

struct Standing {
    unsigned tries = 0;  // Of this effect, before this one.
    milliseconds age{0}; // Since its first request may have been sent.
};

struct Conclude {
    Directives commands; // None: it is done, and nobody needs to hear of it.
};
struct Repeat {
    milliseconds after{0};
};
struct Ask {
    Step step;
};
struct Park {
    std::string reason; // For an operator. Never quotes what Stripe says in words.
};
// We are not let in: no call will go well until an operator has done something. The effect waits.
struct Halt {
    std::string reason;
};
using Verdict = std::variant<Conclude, Repeat, Ask, Park, Halt>;

// A key may be forgotten when it is a day old, and then a repetition is a new request.
inline constexpr milliseconds key_life = std::chrono::hours{23};
// What is new may be missing from a search for so long.
inline constexpr milliseconds search_lag_max = std::chrono::hours{1};
// Lists lag by nothing; this is for what may still be under way at Stripe.
inline constexpr milliseconds absence_is_certain_after = std::chrono::minutes{10};
// Nobody answers: it is for an operator.
inline constexpr milliseconds give_up_after = std::chrono::hours{72};
// When to look again what became of an intent; then it is for an operator.
inline constexpr std::array<milliseconds, 9> look_again_after{
    std::chrono::seconds{5}, std::chrono::minutes{1}, std::chrono::minutes{5},
    std::chrono::hours{1},   std::chrono::hours{24},  std::chrono::hours{24},
    std::chrono::hours{24},  std::chrono::hours{24},  std::chrono::hours{24}};

// Whether somebody outside has to do something about it.
bool asks_stripe(const domain::PaymentEvent& event);
bool asks_stripe(const domain::CardEvent& event);

Verdict begin(const Effect& effect, const Standing& standing);
Verdict conclude(const Effect& effect, const Step& step, const Answer& answer,
                 const Standing& standing);

} // namespace gateways::stripe
