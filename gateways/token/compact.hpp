// A token's text, before any key is looked at: strict where two parsers could disagree (RFC 7515,
// RFC 8725). Pure.

#pragma once

#include "gateways/token/refusal.hpp"

#include <jansson.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gateways::token {

struct ReleaseJson {
    void operator()(json_t* json) const { json_decref(json); }
};
using JsonPointer = std::unique_ptr<json_t, ReleaseJson>;

// A whole text that is one JSON object, without a member twice. Null otherwise.
JsonPointer parse_object(std::string_view text);
// Null when it is absent.
inline const json_t* member(const JsonPointer& object, const char* name) {
    return json_object_get(object.get(), name);
}
// Nothing when it is absent or no string.
std::optional<std::string_view> text_member(const json_t* object, const char* name);

// Without padding, and nothing but the alphabet; unused bits must be zero. Nothing otherwise.
std::optional<std::string> decode_base64url(std::string_view text);
std::string encode_base64url(std::string_view bytes);

struct Compact {
    std::string_view signed_part; // The bytes the signature is over.
    std::string signature;
    JsonPointer payload; // Not to be looked at before the signature was verified.
    std::string algorithm = {}, type = {};
    std::optional<std::string> key_id = {};
};

inline constexpr std::size_t key_id_bytes_max = 256;

// Views point into `token`.
Accepted<Compact> read_compact(std::string_view token, std::size_t bytes_max);

} // namespace gateways::token
