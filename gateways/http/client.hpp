// A small HTTP(S) client that waits. get() and post() take a connection for each request: for key
// sets and tests. Client keeps its connections: for those whom we ask all day. Certificates are
// verified; redirects are not followed.

#pragma once

#include "gateways/http/request.hpp"
#include "gateways/http/response.hpp"

#include <boost/system/result.hpp>

#include <filesystem>
#include <memory>
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

// Why there is no response.
struct ClientError {
    std::string reason; // For logs.
    // Something of the request may have left us, so the other side may have acted on it.
    bool maybe_sent = false;
};

using ClientResult = boost::system::result<ClientResponse, ClientError>;

// `url` is http:// or https://, with a host, and maybe a port, path and query.
ClientResult get(std::string_view url, const ClientOptions& options,
                 std::span<const Header> headers = {});
ClientResult post(std::string_view url, std::string_view body, const ClientOptions& options,
                  std::span<const Header> headers = {});

// Asks one server. Thread-safe: each request has a connection of its own while it lasts.
class Client {
public:
    // `origin` is http:// or https://, a host, and maybe a port. Throws std::invalid_argument when
    // it is not, and std::exception when the authorities cannot be read.
    explicit Client(std::string_view origin, ClientOptions options = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // `target` begins with a slash. Never repeats by itself: who asks knows whether he may.
    ClientResult send(Verb verb, std::string_view target, std::string_view body,
                      std::span<const Header> headers = {});

    std::size_t idle() const; // Connections that wait for a request.

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::http
