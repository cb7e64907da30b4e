// The HTTP/1.1 server's core: connections in, whole requests to a handler, ready-made answers
// out. It knows no route.
//
// One request of a connection is being answered at a time; those pipelined behind it wait in the
// connection's buffer, so answers are in order and a client cannot pile up work. An I/O thread
// never waits for anything but its sockets.

#pragma once

#include "gateways/http/request.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gateways::http {

// A request that waits for its answer: a plain number, to be kept and copied at will. Answering
// twice, or a connection that has gone, does nothing.
class Exchange {
public:
    Exchange() = default;
    explicit Exchange(std::uint64_t number) : number_{number} {}
    std::uint64_t number() const { return number_; }
    friend bool operator==(Exchange, Exchange) = default;

private:
    std::uint64_t number_ = 0; // 8 bits thread, 24 bits connection, 32 bits generation.
};

struct Answer {
    Exchange exchange;
    std::string bytes; // One whole response, as write_response() makes it, or a part of one.
    // More of the same response follows. Its first part begins with write_stream_head(); the
    // connection ends with it.
    bool goes_on = false;
};

class Handler {
public:
    // On an I/O thread; must not wait. Either appends one whole response to `answer`, or leaves
    // it as it is and answers later through Server::answer(), from any thread. Until then the
    // request's views stay valid, and its connection is not read any further. A request that is
    // never answered keeps its connection until the server stops. A response that goes on comes
    // in several answers to the same exchange.
    virtual void handle(const Request& request, Exchange exchange, std::string& answer) = 0;

    // After one or more calls of handle() on this thread that left the answer for later, once
    // for all requests that had arrived together: the place to hand over what was gathered.
    virtual void handled() {}

    // Of a response that goes on, on its I/O thread: all that was said has been written, so more
    // may be said; and it is over, because it was ended, its client has gone or read too slowly, or
    // the server stops. The latter comes once, and last.
    virtual void written(Exchange) {}
    virtual void gone(Exchange) {}

protected:
    ~Handler() = default;
};

struct Options {
    std::string address = "127.0.0.1"; // IPv4 or IPv6.
    unsigned short port = 0;           // 0: any that is free.
    unsigned threads = 1;              // At most 255.

    // Past this many a client gets 503 and is disconnected.
    std::size_t connections_max = 4096;
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 1024 * 1024;
    std::size_t input_bytes = 8 * 1024; // Of each connection; more while a request needs it,
    std::size_t input_bytes_grown_max = 256 * 1024 * 1024; // and this for all of them together.
    // Of a response that goes on, not written yet; the connection of a slower client is cut.
    std::size_t stream_bytes_max = 1024 * 1024;

    // Checked once in `sweep_every`, so they are exact to that.
    std::chrono::milliseconds header_time_max{10'000}; // From connecting or its first byte on.
    std::chrono::milliseconds body_time_max{30'000};   // From the end of the header on.
    std::chrono::milliseconds idle_time_max{75'000};   // Between two requests.
    std::chrono::milliseconds write_time_max{15'000};  // For an answer, and a second for each of
    std::size_t write_bytes_each_second = 16 * 1024;   // so many bytes.
    std::chrono::milliseconds sweep_every{1'000};

    // PEM files; both or none. TLS 1.2 and later.
    std::filesystem::path tls_certificate, tls_key;
};

// All but `connections` only grow.
struct Counts {
    std::uint64_t connections = 0; // Open now.
    std::uint64_t accepted = 0;
    std::uint64_t over_limit = 0; // Refused for connections_max.
    std::uint64_t requests = 0;   // Given to the handler.
    std::uint64_t refused = 0;    // Not understood, too large, or too slow.
    std::uint64_t timed_out = 0;  // Connections closed because their client was too slow.
};

class Server {
public:
    // `handler` outlives the server. Throws std::exception when the address cannot be used or
    // the certificate cannot be read.
    Server(const Options& options, Handler& handler);
    // Stops without grace.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    // The one it listens on, also before start().
    unsigned short port() const;

    // Stops accepting, closes connections that wait for a request, lets the others finish within
    // `grace`, then cuts them; responses that go on end at once. Returns when all threads have
    // ended; not to be called on one of them. answer() stays harmless after it.
    void stop(std::chrono::milliseconds grace);

    // Any thread. One wake-up for each I/O thread, and none while one is under way.
    void answer(std::vector<Answer>&& answers);
    void answer(Exchange exchange, std::string bytes);

    Counts counts() const;

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::http
