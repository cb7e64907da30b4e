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

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>

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

// What cannot be sent as it is: a line's end would begin another header.
bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

std::unique_ptr<asio::ssl::context> tls_context(const Url& url, const ClientOptions& options) {
    if (!url.tls) return nullptr;
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    if (options.tls_authorities.empty())
        context->set_default_verify_paths();
    else
        context->load_verify_file(options.tls_authorities.string());
    context->set_verify_mode(asio::ssl::verify_peer);
    return context;
}

// One connection, and the loop that runs while it is used.
class Line {
public:
    // `tls` is null for http, and outlives the line otherwise.
    Line(const Url& url, asio::ssl::context* tls) : url_{url} {
        if (tls == nullptr) {
            plain_ = std::make_unique<beast::tcp_stream>(context_);
            return;
        }
        secure_ = std::make_unique<TlsStream>(context_, *tls);
        secure_->set_verify_callback(asio::ssl::host_name_verification{url.host});
        SSL_set_tlsext_host_name(secure_->native_handle(), url.host.c_str());
    }

    ClientResult send(const Outgoing& request, const ClientOptions& options) {
        ClientResult result = ClientError{"no answer in time"};
        maybe_sent_ = reusable_ = false;
        context_.restart();
        asio::co_spawn(context_, talk(request, options),
                       [&result](const std::exception_ptr& error, ClientResponse response) {
                           try {
                               if (error) std::rethrow_exception(error);
                               result = std::move(response);
                           } catch (const std::exception& fault) {
                               result = ClientError{fault.what()};
                           }
                       });
        context_.run_for(options.time_max);
        if (!result) return ClientError{result.error().reason, maybe_sent_};
        return result;
    }

    // Whether another request may follow. A server that has closed it meanwhile, or said
    // something unasked, will not answer.
    bool is_good() {
        char next = 0;
        return reusable_ &&
               ::recv(socket().native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
               (errno == EAGAIN || errno == EWOULDBLOCK);
    }

private:
    tcp::socket& socket() {
        return plain_ ? plain_->socket() : beast::get_lowest_layer(*secure_).socket();
    }

    asio::awaitable<void> connect() {
        tcp::resolver resolver{context_};
        const auto addresses =
            co_await resolver.async_resolve(url_.host, url_.port, asio::use_awaitable);
        beast::tcp_stream& lowest = plain_ ? *plain_ : beast::get_lowest_layer(*secure_);
        co_await lowest.async_connect(addresses, asio::use_awaitable);
        lowest.socket().set_option(tcp::no_delay{true});
        if (secure_)
            co_await secure_->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
        connected_ = true;
    }

    asio::awaitable<ClientResponse> talk(const Outgoing& request, const ClientOptions& options) {
        if (!connected_) co_await connect();
        maybe_sent_ = true;
        if (plain_) co_return co_await exchange(*plain_, request, options);
        co_return co_await exchange(*secure_, request, options);
    }

    template <class Stream>
    asio::awaitable<ClientResponse> exchange(Stream& stream, const Outgoing& request,
                                             const ClientOptions& options) {
        co_await beast::http::async_write(stream, request, asio::use_awaitable);
        beast::http::response_parser<beast::http::string_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
        parser.body_limit(options.body_bytes_max);
        if (request.method() == beast::http::verb::head) parser.skip(true);
        co_await beast::http::async_read(stream, buffer_, parser, asio::use_awaitable);
        reusable_ = request.keep_alive() && parser.keep_alive() && buffer_.size() == 0;
        ClientResponse response;
        response.status = parser.get().result_int();
        for (const auto& field : parser.get())
            response.headers.emplace_back(field.name_string(), field.value());
        response.body = std::move(parser.get().body());
        co_return response;
    }

    const Url url_;
    asio::io_context context_{1};
    std::unique_ptr<beast::tcp_stream> plain_;
    std::unique_ptr<TlsStream> secure_;
    beast::flat_buffer buffer_;
    bool connected_ = false, maybe_sent_ = false, reusable_ = false;
};

// Nothing, and why, when it cannot be sent as it is.
boost::system::result<Outgoing, ClientError> written(beast::http::verb verb, const Url& url,
                                                     std::string_view target, std::string_view body,
                                                     std::span<const Header> headers) {
    Outgoing request{verb, beast::string_view{target.data(), target.size()}, 11};
    request.set(beast::http::field::host, url.host + ":" + url.port);
    request.set(beast::http::field::user_agent, "marketplace");
    for (const Header& header : headers) {
        if (has_control(header.name) || has_control(header.value))
            return ClientError{"a header with a control character"};
        request.set(beast::string_view{header.name.data(), header.name.size()},
                    beast::string_view{header.value.data(), header.value.size()});
    }
    request.body() = body;
    if (!body.empty() || verb == beast::http::verb::post) request.prepare_payload();
    return request;
}

ClientResult run(beast::http::verb verb, std::string_view url_text, std::string_view body,
                 const ClientOptions& options, std::span<const Header> headers) {
    const auto url = parse(url_text);
    if (!url) return ClientError{"not a URL that can be asked: " + std::string{url_text}};
    auto request = written(verb, *url, url->target, body, headers);
    if (!request) return request.error();
    request->keep_alive(false);
    try {
        const auto tls = tls_context(*url, options);
        return Line{*url, tls.get()}.send(*request, options);
    } catch (const std::exception& fault) { // Authorities that cannot be read.
        return ClientError{fault.what()};
    }
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

// More than are used at once are closed.
constexpr std::size_t idle_max = 8;

struct Client::Content {
    Content(Url to, ClientOptions given)
        : url{std::move(to)}, options{std::move(given)}, tls{tls_context(url, options)} {}

    // The one that was used last: it is the least likely to have been closed.
    std::unique_ptr<Line> take() {
        const std::lock_guard lock{mutex};
        while (!lines.empty()) {
            std::unique_ptr<Line> line = std::move(lines.back());
            lines.pop_back();
            if (line->is_good()) return line;
        }
        return std::make_unique<Line>(url, tls.get());
    }

    void give_back(std::unique_ptr<Line> line) {
        if (!line->is_good()) return;
        const std::lock_guard lock{mutex};
        if (lines.size() < idle_max) lines.push_back(std::move(line));
    }

    const Url url;
    const ClientOptions options;
    const std::unique_ptr<asio::ssl::context> tls;
    mutable std::mutex mutex;
    std::vector<std::unique_ptr<Line>> lines; // Idle; closed before `tls` goes.
};

Client::Client(std::string_view origin, ClientOptions options) {
    const auto url = parse(origin);
    if (!url || url->target != "/") throw std::invalid_argument{"not an origin that can be asked"};
    content_ = std::make_unique<Content>(*url, std::move(options));
}

Client::~Client() = default;

ClientResult Client::send(Verb verb, std::string_view target, std::string_view body,
                          std::span<const Header> headers) {
    if (!target.starts_with('/') || has_control(target) || target.find(' ') != target.npos)
        return ClientError{"not a target that can be asked"};
    const auto request = written(verb, content_->url, target, body, headers);
    if (!request) return request.error();
    std::unique_ptr<Line> line = content_->take();
    ClientResult result = line->send(*request, content_->options);
    if (result) content_->give_back(std::move(line));
    return result;
}

std::size_t Client::idle() const {
    const std::lock_guard lock{content_->mutex};
    return content_->lines.size();
}

} // namespace gateways::http
