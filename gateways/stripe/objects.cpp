#include "gateways/stripe/objects.hpp"

#include "gateways/stripe/currency.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <limits>

namespace gateways::stripe {

namespace {

// Nothing when it is absent or null.
const json::value* find(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

[[noreturn]] void unreadable(std::string_view name, const char* what) {
    throw Unreadable{std::string{name} + what};
}

std::uint32_t small_number_in(const json::object& from, std::string_view name) {
    const auto number = number_in(from, name);
    if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max())
        unreadable(name, " is no small number");
    return static_cast<std::uint32_t>(*number);
}

} // namespace

json::object parse_object(std::string_view text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error) throw Unreadable{"not JSON"};
    if (!value.is_object()) throw Unreadable{"not an object"};
    return std::move(value.get_object());
}

const json::object* object_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) unreadable(name, " is no object");
    return &value->get_object();
}

const json::array* array_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) unreadable(name, " is no list");
    return &value->get_array();
}

std::string text_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return {};
    if (!value->is_string()) unreadable(name, " is no text");
    return std::string{value->get_string()};
}

std::optional<std::int64_t> number_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_int64()) unreadable(name, " is no whole number");
    return value->get_int64();
}

bool flag_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return false;
    if (!value->is_bool()) unreadable(name, " is neither true nor false");
    return value->get_bool();
}

std::string id_in(const json::object& from, std::string_view name) {
    const json::value* value = find(from, name);
    if (value == nullptr) return {};
    if (value->is_object()) return text_in(value->get_object(), "id");
    return text_in(from, name);
}

std::string metadata_in(const json::object& from, std::string_view name) {
    const json::object* metadata = object_in(from, "metadata");
    return metadata == nullptr ? std::string{} : text_in(*metadata, name);
}

std::optional<std::uint32_t> metadata_number_in(const json::object& from, std::string_view name) {
    const std::string text = metadata_in(from, name);
    if (text.empty()) return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0)
        unreadable(name, " is no number of ours");
    return number;
}

domain::Money money_in(const json::object& from, std::string_view amount) {
    const auto minor = number_in(from, amount);
    if (!minor) unreadable(amount, " is missing");
    const auto currency = currency_named(text_in(from, "currency"));
    if (!currency) throw Unreadable{"currency is none of ours"};
    return {*minor, *currency};
}

std::optional<domain::Time> seconds_in(const json::object& from, std::string_view name) {
    const auto seconds = number_in(from, name);
    if (!seconds) return std::nullopt;
    constexpr std::int64_t year_9999 = 253'402'300'799;
    if (*seconds < 0 || *seconds > year_9999) unreadable(name, " is no time");
    return domain::Time{*seconds * 1000};
}

std::optional<std::string> if_any(std::string text) {
    if (text.empty()) return std::nullopt;
    return text;
}

Problem problem_of(const json::object& error) {
    Problem problem;
    problem.type = text_in(error, "type");
    problem.code = text_in(error, "code");
    problem.decline_code = text_in(error, "decline_code");
    problem.advice_code = text_in(error, "advice_code");
    problem.param = text_in(error, "param");
    problem.payment_method = id_in(error, "payment_method");
    return problem;
}

domain::CardFace face_of(const json::object& payment_method) {
    const json::object* card = object_in(payment_method, "card");
    if (card == nullptr) throw Unreadable{"card is missing"};
    return {text_in(*card, "brand"), text_in(*card, "last4"), small_number_in(*card, "exp_month"),
            small_number_in(*card, "exp_year")};
}

} // namespace gateways::stripe
