// Stripe's objects, as far as they are read here. What is not known is skipped; what is known and
// has another form than it must have is Unreadable: an amount is never guessed.

#pragma once

#include "domain/money.hpp"
#include "domain/stored_card.hpp"
#include "domain/time.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::stripe {

namespace json = boost::json;

// `what()` names the field, and never quotes its value.
class Unreadable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The body of an answer or a message. Throws Unreadable.
json::object parse_object(std::string_view text);

// Fields; absent and null are the same.
const json::object* object_in(const json::object& from, std::string_view name);
const json::array* array_in(const json::object& from, std::string_view name);
std::string text_in(const json::object& from, std::string_view name); // Empty when absent.
std::optional<std::int64_t> number_in(const json::object& from, std::string_view name);
bool flag_in(const json::object& from, std::string_view name); // False when absent.
// Of a link, which may be an id or the object itself.
std::string id_in(const json::object& from, std::string_view name);
// Empty when it has none of that name.
std::string metadata_in(const json::object& from, std::string_view name);
std::optional<std::uint32_t> metadata_number_in(const json::object& from, std::string_view name);
domain::Money money_in(const json::object& from, std::string_view amount);
std::optional<domain::Time> seconds_in(const json::object& from, std::string_view name);

std::optional<std::string> if_any(std::string text); // Nothing when it is empty.

// What an answer or an intent says went wrong. Its message is left out: it may quote what a person
// typed.
struct Problem {
    std::string type, code, decline_code, advice_code, param;
    std::string payment_method; // Which was tried.

    // In the most exact word there is.
    const std::string& reason() const { return decline_code.empty() ? code : decline_code; }
};
Problem problem_of(const json::object& error);

// Brand, last four digits and expiry of a payment method.
domain::CardFace face_of(const json::object& payment_method);

} // namespace gateways::stripe
