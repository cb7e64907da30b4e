#include "gateways/http/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <optional>

namespace gateways::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Outgoing = beast::http::request<beast::http::string_body>;

struct Url {
    bool tls = false;
    std::string host, port, target;
};

std::optional<Url> parse(std::string_view text) {
    Url url;
    if (text.starts_with("https://"))
        url.tls = true;
    else if (!text.starts_with("http://"))
        return std::nullopt;
    text.remove_prefix(url.tls ? 8 : 7);
    const auto slash = text.find_first_of("/?");
    std::string_view authority = text.substr(0, slash);
    url.target = slash == text.npos ? "/" : std::string{text.substr(slash)};
    if (url.target[0] == '?') url.target.insert(0, 1, '/');
    url.port = url.tls ? "443" : "80";
    if (authority.starts_with('[')) { // An IPv6 address.
        const auto end = authority.find(']');
        if (end == authority.npos) return std::nullopt;
        url.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
        if (authority.starts_with(':'))
            url.port = authority.substr(1);
        else if (!authority.empty())
            return std::nullopt;
    } else {
        const auto colon = authority.find(':');
        url.host = authority.substr(0, colon);
        if (colon != authority.npos) url.port = authority.substr(colon + 1);
    }
    // A name with "@" would be a user's name at another host; nothing of ours has that.
    const bool bad = url.host.empty() || url.port.empty() || url.host.find('@') != url.host.npos ||
                     text.find_first_of(" \r\n\t#") != text.npos;
    if (bad) return std::nullopt;
    return url;
}

template <class Stream>
asio::awaitable<ClientResponse> exchange(Stream& stream, const Outgoing& request,
                                         const ClientOptions& options) {
    co_await beast::http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    parser.body_limit(options.body_bytes_max);
    if (request.method() == beast::http::verb::head) parser.skip(true);
    co_await beast::http::async_read(stream, buffer, parser, asio::use_awaitable);
    ClientResponse response;
    response.status = parser.get().result_int();
    for (const auto& field : parser.get())
        response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(parser.get().body());
    co_return response;
}

asio::awaitable<ClientResponse> fetch(const Url& url, const Outgoing& request,
                                      const ClientOptions& options) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver{executor};
    const auto addresses = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
    if (!url.tls) {
        beast::tcp_stream stream{executor};
        stream.expires_after(options.time_max);
        co_await stream.async_connect(addresses, asio::use_awaitable);
        co_return co_await exchange(stream, request, options);
    }
    asio::ssl::context context{asio::ssl::context::tls_client};
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (options.tls_authorities.empty())
        context.set_default_verify_paths();
    else
        context.load_verify_file(options.tls_authorities.string());
    context.set_verify_mode(asio::ssl::verify_peer);
    TlsStream stream{executor, context};
    stream.set_verify_callback(asio::ssl::host_name_verification{url.host});
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    beast::get_lowest_layer(stream).expires_after(options.time_max);
    co_await beast::get_lowest_layer(stream).async_connect(addresses, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_return co_await exchange(stream, request, options);
}

ClientResult run(beast::http::verb verb, std::string_view url_text, std::string_view body,
                 const ClientOptions& options, std::span<const Header> headers) {
    const auto url = parse(url_text);
    if (!url) return ClientError{"not a URL that can be asked: " + std::string{url_text}};
    Outgoing request{verb, url->target, 11};
    request.set(beast::http::field::host, url->host + ":" + url->port);
    request.set(beast::http::field::user_agent, "marketplace");
    request.set(beast::http::field::connection, "close");
    for (const Header& header : headers)
        request.set(beast::string_view{header.name.data(), header.name.size()},
                    beast::string_view{header.value.data(), header.value.size()});
    request.body() = body;
    if (verb == beast::http::verb::post) request.prepare_payload();

    ClientResult result = ClientError{"no answer in time"};
    asio::io_context context{1};
    asio::co_spawn(context, fetch(*url, request, options),
                   [&result](const std::exception_ptr& error, ClientResponse response) {
                       try {
                           if (error) std::rethrow_exception(error);
                           result = std::move(response);
                       } catch (const std::exception& fault) {
                           result = ClientError{fault.what()};
                       }
                   });
    context.run_for(options.time_max);
    return result;
}

} // namespace

std::string_view ClientResponse::header(std::string_view name) const {
    for (const auto& [field, value] : headers)
        if (beast::iequals(field, beast::string_view{name.data(), name.size()})) return value;
    return {};
}

ClientResult get(std::string_view url, const ClientOptions& options,
                 std::span<const Header> headers) {
    return run(beast::http::verb::get, url, {}, options, headers);
}

ClientResult post(std::string_view url, std::string_view body, const ClientOptions& options,
                  std::span<const Header> headers) {
    return run(beast::http::verb::post, url, body, options, headers);
}

} // namespace gateways::http
