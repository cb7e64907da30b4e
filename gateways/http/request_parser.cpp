#include "gateways/http/request_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

namespace gateways::http {

namespace {

namespace beast = boost::beast;
using beast::http::field;

std::optional<Known> known(field name, beast::string_view text) {
    switch (name) {
    case field::authorization: return Known::authorization;
    case field::if_match: return Known::if_match;
    case field::if_none_match: return Known::if_none_match;
    case field::content_type: return Known::content_type;
    case field::unknown:
        if (beast::iequals(text, "idempotency-key")) return Known::idempotency_key;
        if (beast::iequals(text, "min-position")) return Known::min_position;
        if (beast::iequals(text, "traceparent")) return Known::traceparent;
        if (beast::iequals(text, "last-event-id")) return Known::last_event_id;
        return {};
    default: return {};
    }
}

// Path and query of a target in any of the forms a server has to take (RFC 9112, 3.2).
bool split(std::string_view target, std::string_view& path, std::string_view& query) {
    if (const auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
        const auto slash = target.find_first_of("/?", scheme + 3);
        target = slash == target.npos ? std::string_view{"/"} : target.substr(slash);
        if (!target.starts_with('/')) return false;
    }
    const auto mark = target.find('?');
    path = target.substr(0, mark);
    query = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
    return (path.starts_with('/') || path == "*") && target.find('#') == target.npos;
}

} // namespace

RequestParser::RequestParser(const ParseLimits& limits) : limits_{limits} {
    eager(true);
    // Beast counts only the part it has not consumed; the whole is counted in parse().
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
}

RequestParser::Progress RequestParser::parse(Input& input) {
    base_ = input.request();
    const std::string_view unparsed = input.unparsed();
    if (unparsed.empty()) return Progress::needs_more;
    end_ = unparsed.data() + unparsed.size();
    Error error;
    input.consume(put(boost::asio::buffer(unparsed.data(), unparsed.size()), error));
    parsed_ = input.parsed();
    if (error && error != beast::http::error::need_more) {
        if (problem_.code.empty()) problem_ = problem_of(error);
        return Progress::refused;
    }
    if (is_done()) return Progress::complete;
    // A line of a chunk's size and the trailer are not longer than a header either.
    const std::size_t open =
        is_header_done() ? input.unparsed().size() : parsed_ + input.unparsed().size();
    if (open > limits_.header_bytes_max && (!is_header_done() || has_encoding_)) {
        refuse(Status::request_header_fields_too_large, "header_too_large",
               "the header is larger than the server takes");
        return Progress::refused;
    }
    return Progress::needs_more;
}

bool RequestParser::wants_continue() {
    const bool wanted = expects_continue_ && is_header_done() && body_.size == 0;
    expects_continue_ = expects_continue_ && !is_header_done();
    return wanted;
}

bool RequestParser::closes() const { return old_version_ || !keep_alive(); }

std::size_t RequestParser::kept(const Input& input) const {
    return has_encoding_ && body_.size > 0 ? body_.begin + body_.size : input.parsed();
}

std::size_t RequestParser::bytes_max() const {
    // Twice the header: there is room for a chunk's line or the trailer behind the body.
    return 2 * limits_.header_bytes_max + limits_.body_bytes_max;
}

void RequestParser::refuse_for_size(bool out_of_budget) {
    if (out_of_budget) {
        refuse(Status::service_unavailable, "too_much_input",
               "the server holds as many unfinished bodies as it can");
        problem_.retryable = true;
        problem_.retry_after = std::chrono::seconds{1};
    } else {
        refuse(Status::payload_too_large, "body_too_large",
               "the body is larger than the server takes");
    }
}

void RequestParser::refuse_for_time() {
    refuse(Status::request_timeout, "request_too_slow", "the request did not arrive in time");
    problem_.retryable = true;
}

void RequestParser::describe(Input& input, std::span<Header> headers, Request& request) {
    const char* const base = input.request();
    const auto text = [base](Place place) {
        return std::string_view{base + place.begin, place.size};
    };
    request.verb = verb_;
    request.method = text(method_);
    request.target = text(target_);
    split(request.target, request.path, request.query);
    request.body = text(body_);
    for (std::size_t i = 0; i < count_; ++i)
        headers[i] = {text(fields_[i].name), text(fields_[i].value)};
    request.headers = headers.first(count_);
    for (std::size_t i = 0; i < known_headers; ++i)
        request.known[i] =
            (known_seen_ >> i & 1U) != 0 ? headers[known_[i]].value : std::string_view{};
    if (trace_doubled_) request.known[static_cast<std::size_t>(Known::traceparent)] = {};
}

void RequestParser::on_request_impl(Verb verb, Text method, Text target, int version,
                                    Error& error) {
    verb_ = verb;
    method_ = place_of(method);
    target_ = place_of(target);
    old_version_ = version < 11;
    std::string_view path, query;
    if (!split({target.data(), target.size()}, path, query))
        refuse(error, Status::bad_request, "bad_target", "the request's target is not understood");
}

void RequestParser::on_field_impl(field name, Text name_text, Text value, Error& error) {
    if (body_begun_) return; // A trailer; nobody needs one, and it must not look like a header.
    // Beast takes values that are folded over lines and joins their parts somewhere else, or gives
    // the second line when the first is empty. RFC 9112, 5.2: refuse.
    const char* const name_end = name_text.data() + name_text.size();
    const bool elsewhere =
        !value.empty() && (std::less<>{}(value.data(), static_cast<const char*>(base_)) ||
                           !std::less<>{}(value.data(), end_));
    if (elsewhere || (!value.empty() && std::find(name_end, value.data(), '\n') != value.data()))
        return refuse(error, Status::bad_request, "folded_header",
                      "a header must not go on in the next line");
    if (count_ == header_fields_max)
        return refuse(error, Status::request_header_fields_too_large, "too_many_headers",
                      "the request has too many headers");
    const auto index = static_cast<std::uint8_t>(count_);
    fields_[count_++] = {place_of(name_text), place_of(value)};

    switch (name) {
    case field::host:
        if (std::exchange(has_host_, true))
            refuse(error, Status::bad_request, "bad_host", "the request has more than one Host");
        return;
    case field::content_length:
        if (std::exchange(has_length_, true) || has_encoding_ ||
            !std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }))
            refuse(error, Status::bad_request, "bad_length",
                   "the body's length must be said once, as one number");
        return;
    case field::transfer_encoding:
        if (std::exchange(has_encoding_, true) || has_length_ || old_version_ ||
            !beast::iequals(value, "chunked"))
            refuse(error, Status::bad_request, "bad_transfer_encoding",
                   "the only transfer encoding is chunked, said once and without a length");
        return;
    case field::expect:
        expects_continue_ = beast::iequals(value, "100-continue") && !old_version_;
        return;
    default: break;
    }
    const auto which = known(name, name_text);
    if (!which) return;
    const auto bit = static_cast<std::size_t>(*which);
    if ((known_seen_ >> bit & 1U) != 0) {
        trace_doubled_ = trace_doubled_ || *which == Known::traceparent;
        if (*which != Known::traceparent)
            refuse(error, Status::bad_request, "doubled_header",
                   "a header that may stand once stands twice");
        return;
    }
    known_seen_ = static_cast<std::uint8_t>(known_seen_ | (1U << bit));
    known_[bit] = index;
}

void RequestParser::on_header_impl(Error& error) {
    body_begun_ = true;
    if (!has_host_ && !old_version_)
        refuse(error, Status::bad_request, "bad_host", "the request has no Host");
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) {}

std::size_t RequestParser::on_body_impl(Text body, Error&) {
    // Pieces of one body lie behind each other already.
    if (body_.size == 0)
        body_ = place_of(body);
    else
        body_.size += static_cast<std::uint32_t>(body.size());
    return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text body, Error&) {
    if (body_.size == 0) {
        body_ = place_of(body);
    } else {
        // Beast is done with these bytes: the body is put together where it begins.
        std::memmove(base_ + body_.begin + body_.size, body.data(), body.size());
        body_.size += static_cast<std::uint32_t>(body.size());
    }
    return body.size();
}

RequestParser::Place RequestParser::place_of(Text text) const {
    if (text.empty()) return {};
    return {static_cast<std::uint32_t>(text.data() - base_),
            static_cast<std::uint32_t>(text.size())};
}

void RequestParser::refuse(Error& error, Status status, std::string_view code,
                           std::string_view detail) {
    refuse(status, code, detail);
    error = beast::http::error::bad_value; // Any: the problem says what it was.
}

void RequestParser::refuse(Status status, std::string_view code, std::string_view detail) {
    problem_ = {.status = status, .code = code, .detail = detail};
}

Problem RequestParser::problem_of(Error error) const {
    namespace http = beast::http;
    if (error == http::error::header_limit)
        return {.status = Status::request_header_fields_too_large,
                .code = "header_too_large",
                .detail = "the header is larger than the server takes"};
    if (error == http::error::body_limit)
        return {.status = Status::payload_too_large,
                .code = "body_too_large",
                .detail = "the body is larger than the server takes"};
    if (error == http::error::bad_version)
        return {.status = Status::http_version_not_supported,
                .code = "version_not_supported",
                .detail = "the server speaks HTTP/1.1"};
    return {.status = Status::bad_request,
            .code = "malformed_request",
            .detail = "the request is not HTTP/1.1 as RFC 9112 has it"};
}

} // namespace gateways::http
