#include "gateways/http/server.hpp"

#include "domain/contract.hpp"
#include "gateways/http/connection.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <openssl/ssl.h>

namespace gateways::http {

namespace {

// A few clients past the limit are still told so.
constexpr std::size_t refusing_max = 64;
// After an error of accept(), as when the process has no free descriptor.
constexpr std::chrono::milliseconds accept_pause{100};

std::unique_ptr<asio::ssl::context> tls_context(const Options& options) {
    if (options.tls_certificate.empty()) return nullptr;
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                                      SSL_OP_CIPHER_SERVER_PREFERENCE);
    context->use_certificate_chain_file(options.tls_certificate.string());
    context->use_private_key_file(options.tls_key.string(), asio::ssl::context::pem);
    return context;
}

} // namespace

struct Server::Content {
    Content(const Options& options, Handler& handler);

    void start();
    void stop(std::chrono::milliseconds grace);
    Awaitable<> accept();

    Shared shared;
    std::vector<std::unique_ptr<IoThread>> threads;
    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor;
    Timer pause;
    bool started = false, stopped = false;
};

Server::Content::Content(const Options& options, Handler& handler)
    : shared{options, handler},
      threads{[&] {
          domain::expects(options.threads >= 1 && options.threads <= 255, "1 to 255 threads");
          std::vector<std::unique_ptr<IoThread>> all;
          for (unsigned i = 0; i < options.threads; ++i)
              all.push_back(std::make_unique<IoThread>(shared, i));
          return all;
      }()},
      acceptor{threads[0]->context()},
      pause{threads[0]->context()} {
    shared.tls = tls_context(options);
    const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(options.address), options.port};
    acceptor.open(endpoint.protocol());
    // To listen again while old connections fade away. It shares the port with nobody.
    acceptor.set_option(asio::socket_base::reuse_address{true});
    acceptor.bind(endpoint);
    acceptor.listen(asio::socket_base::max_listen_connections);
}

void Server::Content::start() {
    domain::expects(!started, "a server starts once");
    started = true;
    for (const auto& thread : threads)
        thread->start();
    asio::co_spawn(threads[0]->context(), accept(), asio::detached);
}

Awaitable<> Server::Content::accept() {
    for (std::size_t next = 0; acceptor.is_open(); next = (next + 1) % threads.size()) {
        IoThread& thread = *threads[next];
        auto [error, socket] =
            co_await acceptor.async_accept(thread.context().get_executor(), no_throw);
        if (!acceptor.is_open()) break;
        if (error) {
            pause.expires_after(accept_pause);
            co_await pause.async_wait(no_throw);
            continue;
        }
        shared.accepted.fetch_add(1, std::memory_order_relaxed);
        const std::size_t before = shared.connections.fetch_add(1, std::memory_order_relaxed);
        const bool over_limit = before >= shared.options.connections_max;
        if (over_limit) shared.over_limit.fetch_add(1, std::memory_order_relaxed);
        boost::system::error_code ignored, gone;
        const auto remote = socket.remote_endpoint(gone);
        socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
        socket.non_blocking(true, ignored);
        if (gone || before >= shared.options.connections_max + refusing_max) {
            shared.connections.fetch_sub(1, std::memory_order_relaxed);
            continue; // The socket closes itself.
        }
        thread.add(std::move(socket), remote.address().to_string(), over_limit);
    }
}

void Server::Content::stop(std::chrono::milliseconds grace) {
    if (!started || stopped) return;
    stopped = true;
    asio::post(threads[0]->context(), [this] {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
    });
    const auto until = std::chrono::steady_clock::now() + grace;
    for (const auto& thread : threads)
        thread->drain();
    for (const auto& thread : threads)
        if (!thread->wait_until(until)) thread->abort();
    for (const auto& thread : threads)
        thread->join();
}

Server::Server(const Options& options, Handler& handler)
    : content_{std::make_unique<Content>(options, handler)} {}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

void Server::start() { content_->start(); }

unsigned short Server::port() const { return content_->acceptor.local_endpoint().port(); }

void Server::stop(std::chrono::milliseconds grace) { content_->stop(grace); }

void Server::answer(std::vector<Answer>&& answers) {
    const auto& threads = content_->threads;
    const auto thread_of = [](const Answer& answer) { return answer.exchange.number() >> 56; };
    // Neighbours of one thread go together; with one thread that is all of them.
    for (Answer *begin = answers.data(), *const end = begin + answers.size(); begin != end;) {
        const std::size_t index = thread_of(*begin);
        Answer* next = begin + 1;
        while (next != end && thread_of(*next) == index)
            ++next;
        if (index < threads.size()) threads[index]->answer(begin, next);
        begin = next;
    }
}

void Server::answer(Exchange exchange, std::string bytes) {
    Answer one{exchange, std::move(bytes)};
    const std::size_t index = exchange.number() >> 56;
    if (index < content_->threads.size()) content_->threads[index]->answer(&one, &one + 1);
}

Counts Server::counts() const {
    Counts counts;
    counts.connections = content_->shared.connections.load(std::memory_order_relaxed);
    counts.accepted = content_->shared.accepted.load(std::memory_order_relaxed);
    counts.over_limit = content_->shared.over_limit.load(std::memory_order_relaxed);
    for (const auto& thread : content_->threads) {
        counts.requests += thread->count.requests.load(std::memory_order_relaxed);
        counts.refused += thread->count.refused.load(std::memory_order_relaxed);
        counts.timed_out += thread->count.timed_out.load(std::memory_order_relaxed);
    }
    return counts;
}

} // namespace gateways::http
