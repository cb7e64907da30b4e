// Takes one request out of a connection's buffer, without copying: it keeps places, not bytes.
// No I/O. Stricter than Beast where two readers of one connection could disagree (RFC 9112, 11.2).

#pragma once

#include "gateways/http/input.hpp"
#include "gateways/http/request.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>

namespace gateways::http {

struct ParseLimits {
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
};

class RequestParser final : private boost::beast::http::basic_parser<true> {
public:
    explicit RequestParser(const ParseLimits& limits);

    enum class Progress { needs_more, complete, refused };
    Progress parse(Input& input);

    // The client waits for a "100 Continue" before it sends the body. True once.
    bool wants_continue();

    using basic_parser::got_some;
    using basic_parser::is_header_done;
    bool closes() const;

    // How much of the request's front is needed, and how large it may become: for Input::room().
    std::size_t kept(const Input& input) const;
    std::size_t bytes_max() const;

    // Room was refused, or time was up: what to say.
    void refuse_for_size(bool out_of_budget);
    void refuse_for_time();

    // Of a complete one. Fills all but `remote` and `reply`. `headers` has room for
    // header_fields_max and stays as long as the request.
    void describe(Input& input, std::span<Header> headers, Request& request);
    // Of a refused one.
    const Problem& problem() const { return problem_; }

private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;

    struct Place {
        std::uint32_t begin, size;
    };

    void on_request_impl(Verb verb, Text method, Text target, int version, Error& error) override;
    void on_response_impl(int, Text, int, Error&) override {}
    void on_field_impl(boost::beast::http::field field, Text name, Text value,
                       Error& error) override;
    void on_header_impl(Error& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override;
    std::size_t on_body_impl(Text body, Error&) override;
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override;
    void on_finish_impl(Error&) override {}

    Place place_of(Text text) const;
    bool remember(Known name, Place value);
    void refuse(Error& error, Status status, std::string_view code, std::string_view detail);
    void refuse(Status status, std::string_view code, std::string_view detail);
    Problem problem_of(Error error) const;

    const ParseLimits limits_;
    char* base_ = nullptr;      // Where the request begins, during parse().
    const char* end_ = nullptr; // Of what was received, likewise.
    std::size_t parsed_ = 0;
    Verb verb_ = Verb::unknown;
    Place method_{}, target_{}, body_{};
    bool has_host_ = false, has_length_ = false, has_encoding_ = false, old_version_ = false;
    bool expects_continue_ = false, trace_doubled_ = false, body_begun_ = false;
    std::uint8_t known_seen_ = 0;
    std::array<std::uint8_t, known_headers> known_{}; // Index in fields_.
    std::size_t count_ = 0;
    struct Field {
        Place name, value;
    };
    Field fields_[header_fields_max]; // Only the first count_ have a value.
    Problem problem_;
};

} // namespace gateways::http
