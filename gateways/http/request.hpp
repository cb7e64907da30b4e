// A request as a handler sees it.

#pragma once

#include "gateways/http/response.hpp"

#include <boost/beast/http/verb.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace gateways::http {

using Verb = boost::beast::http::verb;

// Headers that are looked for so often that they have their own place. A request that has one
// of them twice is refused; a doubled `traceparent` counts as none.
enum class Known : unsigned char {
    authorization,
    idempotency_key,
    if_match,
    if_none_match,
    min_position,
    content_type,
    traceparent,
    last_event_id,
};
inline constexpr std::size_t known_headers = 8;

inline constexpr std::size_t header_fields_max = 100;

// Readable bytes behind every body, so that simdjson can parse it where it is.
inline constexpr std::size_t body_padding = 64;

// All views point into the connection's buffer and stay valid until the request is answered.
// The body is followed by at least `body_padding` readable bytes.
struct Request {
    Verb verb = Verb::unknown;
    std::string_view method; // As sent; tells what an unknown verb was.
    std::string_view target; // As sent.
    std::string_view path; // Of the target, percent-encoding untouched; begins with "/", or is "*".
    std::string_view query; // What follows the "?".
    std::string_view body;
    std::string_view remote; // The client's address without port.
    Reply reply;             // What the answer needs.

    std::array<std::string_view, known_headers> known{};
    std::span<const Header> headers; // All, in their order.

    // Empty when the request does not have it.
    std::string_view header(Known name) const { return known[static_cast<std::size_t>(name)]; }
    // The first of that name, in any case of letters; empty when there is none.
    std::string_view header(std::string_view name) const;
};

} // namespace gateways::http
