// Any bytes, read as every kind of record. What can be read must be written, read back, and be
// written again as the same bytes.

#include "domain/contract.hpp"
#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using domain::expects;
using schemas::Json;
using schemas::Unknown;

// Its bytes stay when the reader goes on to the next record.
std::string json_text(const Json& json) { return simdjson::minify(json); }

template <class Message>
std::string message_text(const Message& message) {
    std::string text;
    schemas::write_data(message, text);
    return text;
}

template <class Variant>
void check_message(std::string_view type, const Json& data) {
    const auto lenient = schemas::read_data<Variant>(type, data, Unknown::skip);
    const auto strict = schemas::read_data<Variant>(type, data, Unknown::refuse);
    if (strict) expects(lenient && *lenient == *strict, "the strict reader accepts no other");
    if (!lenient) return;
    const std::string text = message_text(*lenient);
    thread_local schemas::Parser parser;
    const auto json = parser.parse(text, text.size());
    expects(json.has_value(), "what was written is JSON");
    const auto again =
        schemas::read_data<Variant>(schemas::type_of(*lenient), *json, Unknown::refuse);
    expects(again && *again == *lenient, "what was written reads back equal");
    expects(message_text(*again) == text, "what was read back is written as before");
}

template <class Value>
void check_value(const Json& json) {
    const auto value = schemas::read<Value>(json, Unknown::skip);
    if (!value) return;
    std::string text, text_again;
    schemas::write(*value, text);
    const auto again = schemas::read_text<Value>(text, Unknown::refuse, text.size());
    expects(again && *again == *value, "what was written reads back equal");
    schemas::write(*again, text_again);
    expects(text_again == text, "what was read back is written as before");
}

template <class Read, class Write>
void check_envelope(const Read& read, const Write& write, std::string_view record) {
    thread_local schemas::EnvelopeReader first, second;
    const auto head = read(first, record);
    if (!head) return;
    std::string text, text_again;
    write(*head, text);
    const auto again = read(second, text);
    // Escapes may make the new record larger than a record may be.
    if (!again && text.size() > schemas::record_bytes_max) return;
    expects(again.has_value(), "an envelope that was written can be read");
    write(*again, text_again);
    expects(text_again == text, "an envelope that was read back is written as before");
}

void check_envelopes(std::string_view record) {
    using Reader = schemas::EnvelopeReader;
    check_envelope([](Reader& reader, std::string_view text) { return reader.event(text); },
                   [](const schemas::EventView& head, std::string& out) {
                       schemas::write_event(head, json_text(head.data), out);
                   },
                   record);
    check_envelope([](Reader& reader, std::string_view text) { return reader.command(text); },
                   [](const schemas::CommandView& head, std::string& out) {
                       schemas::write_command(head, json_text(head.data), out);
                   },
                   record);
    check_envelope([](Reader& reader, std::string_view text) { return reader.outcome(text); },
                   [](const schemas::OutcomeView& head, std::string& out) {
                       schemas::write_outcome(head, out);
                   },
                   record);
}

// As every message there is, whatever type it says it has.
template <class Variant>
void check_as_all(const Json& data) {
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Variant>>>([&](auto at) {
        check_message<Variant>(std::variant_alternative_t<at, Variant>::type, data);
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view record{reinterpret_cast<const char*>(bytes), size};
    check_envelopes(record);

    thread_local schemas::Parser parser;
    const auto json = parser.parse(record, schemas::record_bytes_max);
    if (!json) return 0;
    check_value<domain::Payment>(*json);
    check_value<schemas::CommandAnswered>(*json);
    check_as_all<domain::PaymentCommand>(*json);
    check_as_all<domain::PaymentEvent>(*json);
    Json data;
    if (!json->at_key("data").get(data)) {
        check_as_all<domain::PaymentCommand>(data);
        check_as_all<domain::PaymentEvent>(data);
    }
    return 0;
}
