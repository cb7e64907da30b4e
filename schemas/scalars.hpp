// How the values that are no records look in JSON: texts, numbers, money, time.

#pragma once

#include "domain/money.hpp"
#include "domain/time.hpp"
#include "schemas/decoded.hpp"
#include "schemas/parser.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace schemas {

// Numbers of magnitude below this are kept exactly by every reader of JSON: 2^53.
inline constexpr std::int64_t exact_number_max = (std::int64_t{1} << 53) - 1;

// Writing.

void write_text(std::string_view text, std::string& out); // With quotes and escapes.
void write_money(const domain::Money& money, std::string& out);
void write_time(domain::Time time, std::string& out); // With quotes.

template <std::integral Number>
void write_number(Number number, std::string& out) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

// Upper case as ISO 4217 has it: "USD".
std::string_view currency_name(domain::Currency currency);
std::optional<domain::Currency> currency_of(std::string_view name);

// "2026-04-01T12:00:00.000Z". The year has four digits, or a contract is broken.
void append_time(domain::Time time, std::string& out);
// UTC with Z, and up to nine decimals, of which three are kept.
std::optional<domain::Time> parse_time(std::string_view text);

// Reading. What goes wrong is kept in a Reading, and its path is put together on the way out.

// Fields nobody knows: refused in commands, skipped in events.
enum class Unknown { refuse, skip };

struct Reading {
    Unknown unknown = Unknown::refuse;
    DecodeError error;

    // Always false, so that `return reading.fail(...)` reads well.
    [[gnu::cold]] bool fail(std::string_view problem);
    [[gnu::cold]] bool fail_at(std::string_view field, std::string_view problem);
    // The failure was inside this field, or element.
    [[gnu::cold]] bool inside(std::string_view field);
    [[gnu::cold]] bool inside(std::size_t element);
};

// The view is valid as long as the document.
bool read_text_view(const Json& json, std::string_view& out, Reading& reading);
bool read_money(const Json& json, domain::Money& out, Reading& reading);
bool read_time(const Json& json, domain::Time& out, Reading& reading);
bool read_integer(const Json& json, std::int64_t& out, std::int64_t min, std::int64_t max,
                  Reading& reading);
bool read_integer(const Json& json, std::uint64_t& out, std::uint64_t max, Reading& reading);

template <std::integral Number>
bool read_number(const Json& json, Number& out, Reading& reading) {
    using Limits = std::numeric_limits<Number>;
    if constexpr (std::is_signed_v<Number>) {
        std::int64_t number = 0;
        if (!read_integer(json, number, Limits::min(), Limits::max(), reading)) return false;
        out = static_cast<Number>(number);
    } else {
        std::uint64_t number = 0;
        if (!read_integer(json, number, Limits::max(), reading)) return false;
        out = static_cast<Number>(number);
    }
    return true;
}

} // namespace schemas
