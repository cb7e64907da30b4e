// Complete HTTP/1.1 responses as bytes, appended to a string. Any thread.

#pragma once

#include <boost/beast/http/status.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateways::http {

using Status = boost::beast::http::status;

// Ours, never the client's: 24 hexadecimal digits.
using RequestId = std::array<char, 24>;

// What a response must know of its request. Cheap to keep until the answer is known.
struct Reply {
    RequestId request_id{};
    bool close = false; // The connection ends after this answer.
    bool head = false;  // To a HEAD: the header alone.

    std::string_view id() const { return {request_id.data(), request_id.size()}; }
};

struct Header {
    std::string_view name, value;
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";

// `content_type` empty: the header is left out. Control characters in a value become spaces,
// so no value can add a header. 204 and 304 carry no body.
void write_response(const Reply& reply, Status status, std::string_view content_type,
                    std::span<const Header> headers, std::string_view body, std::string& out);

inline void write_response(const Reply& reply, Status status, std::string_view content_type,
                           std::string_view body, std::string& out) {
    write_response(reply, status, content_type, std::span<const Header>{}, body, out);
}

// The head of a response that goes on: what follows is the body, and it ends with the connection.
void write_stream_head(const Reply& reply, Status status, std::string_view content_type,
                       std::span<const Header> headers, std::string& out);

// What is wrong with one part of a request: "/amount/minor", "must be positive". A pointer
// without a leading slash names a header or a query parameter and is written as `field`.
struct PartProblem {
    std::string pointer;
    std::string detail;
};

// A refusal as RFC 9457 has it.
struct Problem {
    Status status = Status::bad_request;
    std::string_view code;        // snake_case, never reused for something else.
    std::string_view detail = {}; // For people. May quote the request; never secrets.
    bool retryable = false;       // The same request may succeed later.
    std::optional<std::chrono::seconds> retry_after = {};
    std::span<const PartProblem> errors = {};
    std::span<const Header> headers = {};
};

// The document alone; `id` is the request's.
void write_problem_body(const Problem& problem, std::string_view id, std::string& out);
void write_problem(const Reply& reply, const Problem& problem, std::string& out);

} // namespace gateways::http
