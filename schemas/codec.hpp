// Described structs to and from JSON: the one reader and the one writer.

#pragma once

#include "domain/described.hpp"
#include "schemas/decoded.hpp"
#include "schemas/parser.hpp"
#include "schemas/upcast.hpp"
#include "schemas/values.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace schemas {

// Appends `value` as compact JSON, fields in their described order.
template <class T>
void write(const T& value, std::string& out) {
    write_value(value, out);
}

// An error at `inner`, seen from the document that has it at `where`.
DecodeError located(std::string_view where, DecodeError inner);

// `where` is the path of `json` in its document, for errors ("" at the root, "data" below it).
template <class T>
Decoded<T> read(const Json& json, Unknown unknown, std::string_view where = {}) {
    Decoded<T> value;
    Reading reading{unknown, {}};
    if (!read_value(json, *value, reading)) return located(where, std::move(reading.error));
    return value;
}

// Parses and reads a whole document of at most `bytes_max` bytes.
template <class T>
Decoded<T> read_text(std::string_view text, Unknown unknown, std::size_t bytes_max) {
    const auto json = thread_parser().parse(text, bytes_max);
    if (!json) return json.error();
    return read<T>(*json, unknown);
}

// Messages: Variant is a closed set of structs, each with a `static constexpr
// std::string_view type`, as domain::PaymentEvent. type_of(variant) tells which.
template <class Variant>
void write_data(const Variant& message, std::string& out) {
    std::visit([&](const auto& one) { write_record(one, out); }, message);
}

// An old form of an event is brought into today's first.
template <class Variant>
Decoded<Variant> read_data(std::string_view type, const Json& data, Unknown unknown,
                           std::string_view where = "data") {
    Decoded<Variant> message;
    Reading reading{unknown, {}};
    if (const auto changed = upcast(type, data)) [[unlikely]] {
        Parser parser;
        const auto json = parser.parse(changed->data, changed->data.size());
        if (!json) return located(where, json.error());
        return read_data<Variant>(changed->type, *json, unknown, where);
    }
    if (!read_message(type, data, *message, reading))
        return located(where, std::move(reading.error));
    return message;
}

} // namespace schemas
