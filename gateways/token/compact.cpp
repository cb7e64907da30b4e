#include "gateways/token/compact.hpp"

#include <algorithm>
#include <array>

namespace gateways::token {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> values = [] {
    std::array<signed char, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
    return table;
}();

// Keys are taken from the configured key set only; a token that brings or names its own is an
// attack or a mistake (RFC 8725, 3.10).
constexpr std::array foreign_keys{"jwk", "jku", "x5u", "x5c"};

} // namespace

JsonPointer parse_object(std::string_view text) {
    JsonPointer json{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (json && !json_is_object(json.get())) json.reset();
    return json;
}

std::optional<std::string_view> text_member(const json_t* object, const char* name) {
    const json_t* const value = json_object_get(object, name);
    if (!json_is_string(value)) return std::nullopt;
    return std::string_view{json_string_value(value), json_string_length(value)};
}

std::optional<std::string> decode_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned bits = 0, held = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        held = held << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(held >> bits & 0xffU));
        }
    }
    // Otherwise one token would have several texts.
    if ((held & ((1U << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

std::string encode_base64url(std::string_view bytes) {
    std::string text;
    unsigned bits = 0, held = 0;
    for (const char c : bytes) {
        held = held << 8 | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6;) {
            bits -= 6;
            text.push_back(alphabet[held >> bits & 63U]);
        }
    }
    if (bits > 0) text.push_back(alphabet[held << (6 - bits) & 63U]);
    return text;
}

Accepted<Compact> read_compact(std::string_view token, std::size_t bytes_max) {
    if (token.size() > bytes_max) return Refusal::too_long;
    if (std::ranges::count(token, '.') != 2) return Refusal::malformed;
    const auto first = token.find('.'), second = token.rfind('.');
    const auto header_text = decode_base64url(token.substr(0, first));
    const auto payload_text = decode_base64url(token.substr(first + 1, second - first - 1));
    auto signature = decode_base64url(token.substr(second + 1));
    if (!header_text || !payload_text || !signature) return Refusal::malformed;
    const JsonPointer header = parse_object(*header_text);
    Compact compact{.signed_part = token.substr(0, second),
                    .signature = std::move(*signature),
                    .payload = parse_object(*payload_text)};
    if (!header || !compact.payload) return Refusal::malformed;

    const auto algorithm = text_member(header.get(), "alg");
    if (!algorithm) return Refusal::algorithm_not_allowed;
    compact.algorithm = *algorithm;
    const auto type = text_member(header.get(), "typ");
    if (!type) return Refusal::type_not_allowed;
    compact.type = *type;
    if (member(header, "crit") != nullptr) return Refusal::header_not_allowed;
    for (const char* name : foreign_keys)
        if (member(header, name) != nullptr) return Refusal::header_not_allowed;
    if (member(header, "kid") != nullptr) {
        const auto key_id = text_member(header.get(), "kid");
        if (!key_id || key_id->empty() || key_id->size() > key_id_bytes_max)
            return Refusal::malformed;
        compact.key_id = *key_id;
    }
    return compact;
}

} // namespace gateways::token
