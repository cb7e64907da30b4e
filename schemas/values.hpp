// The rules by type: how each kind of value is written and read. Included by codec.hpp.

#pragma once

#include "domain/id.hpp"
#include "schemas/reflect.hpp"
#include "schemas/scalars.hpp"

#include <boost/mp11/algorithm.hpp>

#include <map>
#include <type_traits>
#include <vector>

namespace schemas {

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<domain::Id<Tag>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

template <class T>
inline constexpr bool is_unsupported = false;

template <Message... Messages>
std::string_view type_of(const std::variant<Messages...>& message) {
    return std::visit([]<class One>(const One&) { return std::string_view{One::type}; }, message);
}

template <Choice T>
std::string_view name_of(T value) {
    std::string_view found;
    for_each_name<T>([&](auto name) {
        if (name.value == value) found = name.name;
    });
    domain::expects(!found.empty(), "a choice on the wire is one of its names");
    return found;
}

template <class T>
void write_value(const T& value, std::string& out);

// `,"name":`, to be appended in one piece.
template <class Field>
inline constexpr auto member_head = [] {
    constexpr std::string_view name = Field::name;
    std::array<char, name.size() + 4> text{};
    text[0] = ',';
    text[1] = '"';
    for (std::size_t i = 0; i < name.size(); ++i)
        text[i + 2] = name[i];
    text[name.size() + 2] = '"';
    text[name.size() + 3] = ':';
    return text;
}();

// The first member goes without the comma.
template <class Field>
void write_member_head(bool first, std::string& out) {
    constexpr const auto& head = member_head<Field>;
    out.append(head.data() + (first ? 1 : 0), head.size() - (first ? 1 : 0));
}

template <Record T>
void write_record(const T& record, std::string& out) {
    out += '{';
    bool first = true;
    for_each_field<T>([&](auto field) {
        const auto& value = record.*field.pointer;
        if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>)
            if (!value) return;
        write_member_head<decltype(field)>(first, out);
        first = false;
        write_value(value, out);
    });
    out += '}';
}

template <class T>
void write_value(const T& value, std::string& out) {
    if constexpr (std::is_same_v<T, bool>) {
        out += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        write_number(value, out);
    } else if constexpr (std::is_same_v<T, std::string>) {
        write_text(value, out);
    } else if constexpr (is_id<T>) {
        write_text(value.value, out);
    } else if constexpr (std::is_same_v<T, domain::Money>) {
        write_money(value, out);
    } else if constexpr (std::is_same_v<T, domain::Time>) {
        write_time(value, out);
    } else if constexpr (std::is_same_v<T, domain::Currency>) {
        write_text(currency_name(value), out);
    } else if constexpr (Choice<T>) {
        out += '"';
        out += name_of(value);
        out += '"';
    } else if constexpr (is_optional<T>) {
        if (value)
            write_value(*value, out);
        else
            out += "null";
    } else if constexpr (is_vector<T>) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ',';
            write_value(value[i], out);
        }
        out += ']';
    } else if constexpr (is_map<T>) {
        out += '{';
        bool first = true;
        for (const auto& [key, one] : value) {
            if (!first) out += ',';
            first = false;
            write_text(key, out);
            out += ':';
            write_value(one, out);
        }
        out += '}';
    } else if constexpr (is_message_set<T>) {
        out += R"({"type":)";
        write_text(type_of(value), out);
        out += R"(,"data":)";
        std::visit([&](const auto& one) { write_record(one, out); }, value);
        out += '}';
    } else if constexpr (Record<T>) {
        write_record(value, out);
    } else {
        static_assert(is_unsupported<T>, "this type has no form on the wire");
    }
}

template <class T>
bool read_value(const Json& json, T& out, Reading& reading);

template <Choice T>
bool read_choice(const Json& json, T& out, Reading& reading) {
    std::string_view text;
    if (!read_text_view(json, text, reading)) return false;
    bool found = false;
    for_each_name<T>([&](auto name) {
        if (!found && text == std::string_view{name.name}) {
            out = name.value;
            found = true;
        }
    });
    if (found) return true;
    std::string names;
    for_each_name<T>([&](auto name) { names.append(names.empty() ? "" : ", ").append(name.name); });
    return reading.fail("is not one of " + names);
}

// The place of `key` among the names, which usually come in order.
template <std::size_t count>
std::size_t find_name(const std::array<std::string_view, count>& names, std::string_view key,
                      std::size_t expected) {
    if (expected < count && names[expected] == key) return expected;
    for (std::size_t i = 0; i < count; ++i)
        if (names[i] == key) return i;
    return count;
}

template <Record T>
inline constexpr std::uint64_t required_fields = [] {
    std::uint64_t required = 0, bit = 1;
    for_each_field<T>([&](auto field) {
        using Value = std::remove_cvref_t<decltype(std::declval<T>().*field.pointer)>;
        if (!is_optional<Value>) required |= bit;
        bit <<= 1;
    });
    return required;
}();

template <Record T>
bool read_field(std::size_t at, const Json& json, T& out, Reading& reading) {
    return boost::mp11::mp_with_index<count_fields<T>()>(at, [&](auto index) {
        using Field = boost::mp11::mp_at_c<Fields<T>, index>;
        return read_value(json, out.*Field::pointer, reading);
    });
}

// A member nobody knows may come twice where it is skipped: it means nothing.
template <Record T>
bool read_record(const Json& json, T& out, Reading& reading) {
    constexpr const auto& names = field_names<T>;
    simdjson::dom::object object;
    if (json.get(object)) return reading.fail("is not an object");
    std::uint64_t seen = 0;
    std::size_t expected = 0;
    for (const auto [key, value] : object) {
        const std::size_t at = find_name(names, key, expected);
        if (at == names.size()) {
            if (reading.unknown == Unknown::skip) continue;
            return reading.fail_at(key, "is unknown");
        }
        const std::uint64_t bit = std::uint64_t{1} << at;
        if ((seen & bit) != 0) return reading.fail_at(key, "is given twice");
        seen |= bit;
        expected = at + 1;
        if constexpr (count_fields<T>() > 0)
            if (!read_field(at, value, out, reading)) return reading.inside(names[at]);
    }
    const std::uint64_t missing = required_fields<T> & ~seen;
    if (missing == 0) return true;
    return reading.fail_at(names[static_cast<std::size_t>(std::countr_zero(missing))],
                           "is missing");
}

// The one of the set that `type` names.
template <class Variant>
bool read_message(std::string_view type, const Json& data, Variant& out, Reading& reading) {
    bool known = false, good = false;
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Variant>>>([&](auto at) {
        using One = std::variant_alternative_t<at, Variant>;
        if (known || type != One::type) return;
        known = true;
        good = read_record(data, out.template emplace<at>(), reading);
    });
    return known ? good : reading.fail("is of a type that is not known");
}

template <class Variant>
bool read_typed(const Json& json, Variant& out, Reading& reading) {
    simdjson::dom::object object;
    if (json.get(object)) return reading.fail("is not an object");
    std::optional<std::string_view> type;
    std::optional<Json> data;
    for (const auto [key, value] : object) {
        if (key == "type") {
            if (type) return reading.fail_at(key, "is given twice");
            if (!read_text_view(value, type.emplace(), reading)) return reading.inside("type");
        } else if (key == "data") {
            if (data) return reading.fail_at(key, "is given twice");
            data = value;
        } else if (reading.unknown == Unknown::refuse) {
            return reading.fail_at(key, "is unknown");
        }
    }
    if (!type) return reading.fail_at("type", "is missing");
    if (!data) return reading.fail_at("data", "is missing");
    return read_message(*type, *data, out, reading) || reading.inside("data");
}

template <class T>
bool read_value(const Json& json, T& out, Reading& reading) {
    if constexpr (std::is_same_v<T, bool>) {
        return !json.get(out) || reading.fail("is not true or false");
    } else if constexpr (std::is_integral_v<T>) {
        return read_number(json, out, reading);
    } else if constexpr (std::is_same_v<T, std::string> || is_id<T>) {
        std::string_view text;
        if (!read_text_view(json, text, reading)) return false;
        if constexpr (is_id<T>)
            out.value = text;
        else
            out = text;
        return true;
    } else if constexpr (std::is_same_v<T, domain::Money>) {
        return read_money(json, out, reading);
    } else if constexpr (std::is_same_v<T, domain::Time>) {
        return read_time(json, out, reading);
    } else if constexpr (std::is_same_v<T, domain::Currency>) {
        std::string_view name;
        if (!read_text_view(json, name, reading)) return false;
        const auto currency = currency_of(name);
        if (currency) out = *currency;
        return currency || reading.fail("is not one of USD, EUR, USDC, TFT");
    } else if constexpr (Choice<T>) {
        return read_choice(json, out, reading);
    } else if constexpr (is_optional<T>) {
        out.reset();
        return json.is_null() || read_value(json, out.emplace(), reading);
    } else if constexpr (is_vector<T>) {
        simdjson::dom::array array;
        if (json.get(array)) return reading.fail("is not an array");
        out.clear();
        for (const Json element : array)
            if (!read_value(element, out.emplace_back(), reading))
                return reading.inside(out.size() - 1);
        return true;
    } else if constexpr (is_map<T>) {
        simdjson::dom::object object;
        if (json.get(object)) return reading.fail("is not an object");
        out.clear();
        for (const auto [key, value] : object) {
            const auto [place, fresh] = out.try_emplace(std::string{key});
            if (!fresh) return reading.fail_at(key, "is given twice");
            if (!read_value(value, place->second, reading)) return reading.inside(key);
        }
        return true;
    } else if constexpr (is_message_set<T>) {
        return read_typed(json, out, reading);
    } else if constexpr (Record<T>) {
        return read_record(json, out, reading);
    } else {
        static_assert(is_unsupported<T>, "this type has no form on the wire");
        return false;
    }
}

} // namespace schemas
