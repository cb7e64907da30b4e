// Effects and answers to tell with, and commands in words that can be compared.

#pragma once

#include "gateways/stripe/translate.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tests::stripe {

using namespace gateways::stripe;
using namespace std::chrono_literals;

// "payment-p1 payment.record_outcome outcome=held attempt=1 ...": empty fields are left out.
template <class Value>
std::string words(const Value& value) {
    if constexpr (std::is_same_v<Value, std::string>) {
        return value;
    } else if constexpr (std::is_same_v<Value, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<Value>) {
        return boost::describe::enum_to_string(value, "?");
    } else if constexpr (std::is_integral_v<Value>) {
        return std::to_string(value);
    } else if constexpr (std::is_same_v<Value, domain::Money>) {
        return std::to_string(value.minor) + words(value.currency);
    } else if constexpr (std::is_same_v<Value, domain::Time>) {
        return std::to_string(value.milliseconds);
    } else if constexpr (std::is_same_v<Value, domain::CardFace>) {
        return value.brand + "/" + value.last4 + "/" + std::to_string(value.expiry_month) + "/" +
               std::to_string(value.expiry_year);
    } else {
        return value.value; // An id.
    }
}

template <class Value>
bool is_there(const Value&) {
    return true;
}
template <class Value>
bool is_there(const std::optional<Value>& value) {
    return value.has_value();
}
template <class Value>
std::string words(const std::optional<Value>& value) {
    return words(*value);
}

template <class Command>
std::string command_words(const Command& command) {
    std::string text{Command::type};
    using Fields = boost::describe::describe_members<Command, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Fields>([&](auto field) {
        const auto& value = command.*field.pointer;
        if (is_there(value)) text.append(" ").append(field.name).append("=").append(words(value));
    });
    return text;
}

inline std::string words_of(const Directive& directive) {
    return directive.stream + " " +
           std::visit(
               [](const auto& commands) {
                   return std::visit([](const auto& one) { return command_words(one); }, commands);
               },
               directive.command);
}

inline std::vector<std::string> words_of(const Directives& directives) {
    std::vector<std::string> all;
    for (const Directive& one : directives)
        all.push_back(words_of(one));
    return all;
}

// One line each, so that a wrong verdict is read at a glance.
inline std::vector<std::string> words_of(const Verdict& verdict) {
    if (const auto* done = std::get_if<Conclude>(&verdict)) return words_of(done->commands);
    if (const auto* later = std::get_if<Repeat>(&verdict))
        return {"repeat after " + std::to_string(later->after.count())};
    if (const auto* parked = std::get_if<Park>(&verdict)) return {"park: " + parked->reason};
    if (const auto* halted = std::get_if<Halt>(&verdict)) return {"halt: " + halted->reason};
    const StripeRequest& request = std::get<Ask>(verdict).step.request;
    std::string line{request.verb == gateways::http::Verb::get ? "GET " : "POST "};
    line.append(request.path);
    if (!request.idempotency_key.empty()) line.append(" ").append(request.idempotency_key);
    return {line};
}

inline Step step_of(const Verdict& verdict) {
    const auto* ask = std::get_if<Ask>(&verdict);
    if (ask != nullptr) return ask->step;
    ADD_FAILURE() << "nothing is asked: " << testing::PrintToString(words_of(verdict));
    return {};
}

inline domain::Money usd(std::int64_t cents) { return {cents, domain::Currency::usd}; }

inline domain::PaymentRequested request(std::uint32_t attempt = 1, const char* card = "pm_1") {
    domain::PaymentRequested event;
    event.payer = {"user-a"};
    event.amount = usd(1000);
    event.attempt = attempt;
    event.card = domain::CardId{card};
    return event;
}

template <class Event>
Effect payment_effect(Event event) {
    Effect effect;
    effect.id = "p1";
    effect.event = "e1";
    effect.what = domain::PaymentEvent{std::move(event)};
    return effect;
}
template <class Event>
Effect intent_effect(Event event) { // The payment has its intent.
    Effect effect = payment_effect(std::move(event));
    effect.intent = "pi_1";
    return effect;
}
template <class Event>
Effect card_effect(Event event) {
    Effect effect;
    effect.id = "c1";
    effect.event = "e1";
    effect.what = domain::CardEvent{std::move(event)};
    return effect;
}

inline Answer answer(unsigned status, std::string body,
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {Came::answered, status, std::move(headers), std::move(body)};
}

// What an effect's first request is answered with, and what follows from that.
inline Verdict after(const Effect& effect, const Answer& given, const Standing& standing = {}) {
    return conclude(effect, step_of(begin(effect, standing)), given, standing);
}

} // namespace tests::stripe
