// One client connection, and the I/O thread it belongs to. Everything here happens on that thread
// unless it says otherwise.

#pragma once

#include "gateways/http/request_parser.hpp"
#include "gateways/http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace gateways::http {

namespace asio = boost::asio;

// Types with the executor's own type: calls through any_io_executor would cost more.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T = void>
using Awaitable = asio::awaitable<T, Executor>;

// A client that goes away is not exceptional: errors come back as values.
inline constexpr auto no_throw = asio::as_tuple(asio::deferred);

class Connection;

// What all connections of a server share.
struct Shared {
    Shared(const Options& given, Handler& handles)
        : options{given}, handler{handles}, budget{given.input_bytes_grown_max} {}

    const Options options;
    Handler& handler;
    Budget budget;
    std::unique_ptr<asio::ssl::context> tls;
    std::atomic<std::size_t> connections = 0; // With those that are being refused.
    std::atomic<std::uint64_t> accepted = 0, over_limit = 0;
};

class IoThread {
public:
    IoThread(Shared& shared, unsigned index);

    // Any thread.
    void start();
    bool wait_until(std::chrono::steady_clock::time_point time); // True when it has ended.
    void join();
    asio::io_context& context() { return context_; }
    void answer(Answer* begin, Answer* end);
    void add(Socket socket, std::string remote, bool over_limit);
    void drain(); // Ends when the last connection has.
    void abort(); // Cuts them all.

    struct Count {
        std::atomic<std::uint64_t> requests = 0, refused = 0, timed_out = 0;
    };
    Count count;

private:
    friend class Connection;

    struct Slot {
        Connection* connection = nullptr;
        std::uint32_t generation = 0; // Grows with every request and every connection.
    };

    void run();
    void deliver();
    void sweep();
    void notice_handled();
    std::uint32_t enter(Connection& connection);
    void leave(std::uint32_t slot);
    RequestId next_id();

    Shared& shared_;
    const unsigned index_;
    asio::io_context context_{1}; // One thread runs it.
    asio::executor_work_guard<Executor> work_;
    Timer timer_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::uint64_t tick_ = 0; // Sweeps so far.
    std::uint64_t id_prefix_, id_next_ = 0;
    bool draining_ = false, handled_pending_ = false;

    std::mutex mutex_;
    std::condition_variable has_ended_;
    bool ended_ = false; // Guarded by mutex_, as are the next two.
    std::vector<Answer> inbox_;
    bool delivery_pending_ = false;
    std::vector<Answer> delivered_; // Kept for its memory.

    std::thread thread_;
};

class Connection {
public:
    Connection(IoThread& thread, Socket socket, std::string remote);
    ~Connection();

    // Lives in its own coroutine until the connection ends.
    static Awaitable<> serve(std::unique_ptr<Connection> connection, bool over_limit);

private:
    friend class IoThread;

    enum class Phase { handshaking, idle, header, body, answering, writing, leaving };

    Awaitable<> serve_requests();
    Awaitable<bool> receive();
    Awaitable<bool> send_rest();
    Awaitable<> leave();
    Awaitable<> wait_for_answer();

    bool hand_over();
    bool send_now();
    void refuse(const Problem& problem);
    void refuse_for_limit();
    void enter(Phase phase);
    void answered(std::string&& bytes, bool goes_on);
    void cut();
    void cancel();
    Reply reply(bool close);

    using Resume = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

    IoThread& thread_;
    Socket socket_;
    std::optional<asio::ssl::stream<Socket&>> tls_;
    const std::string remote_;
    const std::uint32_t slot_;

    Phase phase_ = Phase::idle;
    std::uint64_t late_at_ = 0; // Sweep from which on the phase has lasted too long.
    bool late_ = false, first_ = true, cut_ = false;

    Input input_;
    std::optional<RequestParser> parser_;
    Request request_;
    std::array<Header, header_fields_max> headers_;
    std::string output_;
    std::size_t sent_ = 0;

    bool waiting_ = false;   // The handler answers later, or goes on answering.
    bool streaming_ = false; // It has begun a response that goes on.
    Exchange exchange_;
    std::optional<Resume> resume_;
};

} // namespace gateways::http
