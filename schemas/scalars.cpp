#include "schemas/scalars.hpp"

#include <array>
#include <cstring>

namespace schemas {

namespace {

using domain::Currency;
using domain::Money;
using domain::Time;

constexpr std::string_view hex = "0123456789abcdef";

// Eight characters at once: is one of them below a space, a quote, or a backslash?
bool needs_escape(std::uint64_t word) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = 0x8080808080808080U;
    const auto has_zero = [](std::uint64_t value) { return (value - ones) & ~value & tops; };
    const std::uint64_t control = (word - ones * 0x20) & ~word & tops;
    return (control | has_zero(word ^ (ones * '"')) | has_zero(word ^ (ones * '\\'))) != 0;
}

bool needs_escape(char one) {
    return static_cast<unsigned char>(one) < 0x20 || one == '"' || one == '\\';
}

void write_escaped(char one, std::string& out) {
    switch (one) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
    }
    const auto code = static_cast<unsigned char>(one);
    out += "\\u00";
    out += hex[code >> 4];
    out += hex[code & 15];
}

bool counts_in_text(Currency currency) {
    return currency == Currency::usdc || currency == Currency::tft;
}

bool is_exact(std::int64_t minor) {
    return minor >= -exact_number_max && minor <= exact_number_max;
}

// "-12", but not "-0", "+1", "01" or "1 ".
std::optional<std::int64_t> parse_minor(std::string_view text) {
    std::int64_t minor = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minor);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
    if (digits.front() == '0' && text.size() > 1) return std::nullopt;
    return minor;
}

} // namespace

void write_text(std::string_view text, std::string& out) {
    // Almost every text goes out as it is, in one piece.
    std::size_t plain = 0;
    for (; plain + 8 <= text.size(); plain += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + plain, 8);
        if (needs_escape(word)) break;
    }
    while (plain < text.size() && !needs_escape(text[plain]))
        ++plain;
    out += '"';
    out.append(text.data(), plain);
    for (; plain < text.size(); ++plain) {
        if (needs_escape(text[plain]))
            write_escaped(text[plain], out);
        else
            out += text[plain];
    }
    out += '"';
}

std::string_view currency_name(Currency currency) {
    switch (currency) {
    case Currency::usd: return "USD";
    case Currency::eur: return "EUR";
    case Currency::usdc: return "USDC";
    case Currency::tft: return "TFT";
    }
    return "";
}

std::optional<Currency> currency_of(std::string_view name) {
    for (const Currency one : {Currency::usd, Currency::eur, Currency::usdc, Currency::tft})
        if (name == currency_name(one)) return one;
    return std::nullopt;
}

void write_money(const Money& money, std::string& out) {
    out += R"({"minor":)";
    if (counts_in_text(money.currency)) {
        out += '"';
        write_number(money.minor, out);
        out += '"';
    } else {
        domain::expects(is_exact(money.minor), "cents on the wire are below 2^53");
        write_number(money.minor, out);
    }
    out += R"(,"currency":")";
    out += currency_name(money.currency);
    out += R"("})";
}

bool Reading::fail(std::string_view problem) {
    error.where.clear();
    error.problem = problem;
    return false;
}

bool Reading::fail_at(std::string_view field, std::string_view problem) {
    error.where = field;
    error.problem = problem;
    return false;
}

bool Reading::inside(std::string_view field) {
    std::string where{field};
    if (!error.where.empty() && error.where.front() != '[') where += '.';
    error.where.insert(0, where);
    return false;
}

bool Reading::inside(std::size_t element) {
    std::string where = "[" + std::to_string(element) + "]";
    if (!error.where.empty() && error.where.front() != '[') where += '.';
    error.where.insert(0, where);
    return false;
}

bool read_text_view(const Json& json, std::string_view& out, Reading& reading) {
    if (json.get(out)) return reading.fail("is not a string");
    return true;
}

bool read_integer(const Json& json, std::int64_t& out, std::int64_t min, std::int64_t max,
                  Reading& reading) {
    switch (json.type()) {
    case simdjson::dom::element_type::INT64: break;
    case simdjson::dom::element_type::UINT64: return reading.fail("is out of range");
    default: return reading.fail("is not an integer");
    }
    out = json.get_int64().value_unsafe();
    return (out >= min && out <= max) || reading.fail("is out of range");
}

bool read_integer(const Json& json, std::uint64_t& out, std::uint64_t max, Reading& reading) {
    switch (json.type()) {
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64: break;
    default: return reading.fail("is not an integer");
    }
    if (json.get(out) || out > max) return reading.fail("is out of range");
    return true;
}

bool read_money(const Json& json, Money& out, Reading& reading) {
    simdjson::dom::object object;
    if (json.get(object)) return reading.fail("is not an object");
    std::optional<Json> minor;
    std::optional<Currency> currency;
    for (const auto [key, value] : object) {
        if (key == "minor") {
            if (minor) return reading.fail_at(key, "is given twice");
            minor = value;
        } else if (key == "currency") {
            if (currency) return reading.fail_at(key, "is given twice");
            std::string_view name;
            if (!read_text_view(value, name, reading)) return reading.inside("currency");
            currency = currency_of(name);
            if (!currency) return reading.fail_at(key, "is not one of USD, EUR, USDC, TFT");
        } else if (reading.unknown == Unknown::refuse) {
            return reading.fail_at(key, "is unknown");
        }
    }
    if (!minor) return reading.fail_at("minor", "is missing");
    if (!currency) return reading.fail_at("currency", "is missing");
    out.currency = *currency;
    if (counts_in_text(*currency)) {
        std::string_view digits;
        if (minor->get(digits))
            return reading.fail_at("minor", "is not a string, as amounts of tokens are");
        const auto number = digits.empty() ? std::nullopt : parse_minor(digits);
        if (!number) return reading.fail_at("minor", "is not a whole number of 64 bits");
        out.minor = *number;
        return true;
    }
    if (!read_integer(*minor, out.minor, -exact_number_max, exact_number_max, reading))
        return reading.inside("minor");
    return true;
}

} // namespace schemas
