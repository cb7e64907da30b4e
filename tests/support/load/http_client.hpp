// A small HTTP/1.1 client for load: many keep-alive connections on one epoll, one thread, requests
// given as ready bytes. It costs little, so that it can share the processor with what it measures,
// and it tells exactly how a request ended: that is what a caller needs to know whether to repeat.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <vector>

namespace tests::load {

using Clock = std::chrono::steady_clock;

struct Address {
    std::string host = "127.0.0.1"; // An IPv4 address.
    std::uint16_t port = 0;
};

// "127.0.0.1:8080". Throws std::invalid_argument for anything else.
Address parse_address(std::string_view text);

// Valid during the call it is handed to.
struct Response {
    int status = 0;
    std::string_view head{}; // Status line and headers.
    std::string_view body{};

    // The value of the first header of that name, in any case of letters; empty when there is
    // none.
    std::string_view header(std::string_view name) const;
};

enum class Failure {
    not_connected, // Nothing was sent: nobody listens there.
    cut,           // Sent, at least in part; the connection ended before the whole answer.
    timed_out,     // Likewise, and nobody ended it. The connection is closed now.
    malformed,     // The answer is not HTTP as it is understood here.
};
const char* name_of(Failure failure);

class Connection;

class Handler {
public:
    virtual void answered(Connection& connection, const Response& response) = 0;
    virtual void failed(Connection& connection, Failure failure) = 0;

protected:
    ~Handler() = default;
};

// What all connections of a thread share.
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Handles what has happened; waits up to `wait` for it. Handlers are called from here only.
    void turn(std::chrono::milliseconds wait);

    // Of the last turn: saves everybody a look at the clock.
    Clock::time_point now() const { return now_; }

private:
    friend class Connection;
    void end_late();

    int epoll_ = -1;
    Clock::time_point now_ = Clock::now();
    Clock::time_point next_look_ = now_;
    std::vector<Connection*> connections_;
};

// One request at a time. Connects when there is something to send, and again after a failure. Not
// to be destroyed by a handler's call.
class Connection {
public:
    // `loop` and `handler` outlive it.
    Connection(Loop& loop, Handler& handler, Address address,
               std::chrono::milliseconds time_out = std::chrono::seconds{30});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Writes the request; `answered` or `failed` is called once for it, from Loop::turn() or, when
    // the request could not even begin, from the next turn. May be called from either of the two.
    // The bytes are copied only as far as the socket does not take them at once.
    void send(std::string_view request);
    bool busy() const { return busy_; }

    // For the next request; ends the connection to the old address.
    void move_to(Address address);
    const Address& address() const { return address_; }

    Clock::time_point sent_at() const { return sent_at_; }

private:
    friend class Loop;

    void connect();
    void close();
    void happened(std::uint32_t events);
    void write_rest();
    void read_some();
    bool take_answer();
    void fail(Failure failure);
    void watch(std::uint32_t events);

    Loop& loop_;
    Handler& handler_;
    Address address_;
    std::chrono::milliseconds time_out_;
    int socket_ = -1;
    bool connecting_ = false, busy_ = false, failed_early_ = false;
    std::uint32_t watched_ = 0; // Events the epoll looks for.
    Clock::time_point sent_at_, late_at_;
    std::string unsent_;
    std::string input_;
    std::size_t input_size_ = 0;  // Bytes of input_ that were read.
    std::size_t answer_size_ = 0; // Head and body; 0 while the head is incomplete.
    std::size_t head_size_ = 0;
    bool closing_ = false; // The server said that it closes after this answer.
};

} // namespace tests::load
