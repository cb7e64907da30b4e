// A small HTTP(S) client that waits: one request, one connection. For key sets and tests, not for
// load. Certificates are verified; redirects are not followed.

#pragma once

#include "gateways/http/response.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <utility>
#include <vector>

namespace gateways::http {

struct ClientOptions {
    std::chrono::milliseconds time_max{5000}; // For all of it.
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
    // PEM file of who is trusted; empty: whom the system trusts.
    std::filesystem::path tls_authorities = {};
};

struct ClientResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // The first of that name, in any case of letters; empty when there is none.
    std::string_view header(std::string_view name) const;
};

// Why there is no response; for logs.
struct ClientError {
    std::string reason;
};

using ClientResult = boost::system::result<ClientResponse, ClientError>;

// `url` is http:// or https://, with a host, and maybe a port, path and query.
ClientResult get(std::string_view url, const ClientOptions& options,
                 std::span<const Header> headers = {});
ClientResult post(std::string_view url, std::string_view body, const ClientOptions& options,
                  std::span<const Header> headers = {});

} // namespace gateways::http
