#include "gateways/http/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

namespace gateways::http {

namespace {

// Answers to pipelined requests are gathered up to here before they are written.
constexpr std::size_t output_bytes_gathered = 64 * 1024;
// A buffer that has become larger is given back.
constexpr std::size_t output_bytes_kept = 256 * 1024;
// What a refused client may still send before the connection is cut under its answer.
constexpr std::size_t discarded_bytes_max = 4 * 1024 * 1024;
constexpr std::chrono::milliseconds leave_time_max{2000};

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

ParseLimits limits_of(const Options& options) {
    return {.header_bytes_max = options.header_bytes_max, .body_bytes_max = options.body_bytes_max};
}

} // namespace

Connection::Connection(IoThread& thread, Socket socket, std::string remote)
    : thread_{thread},
      socket_{std::move(socket)},
      remote_{std::move(remote)},
      slot_{thread.enter(*this)},
      input_{thread.shared_.options.input_bytes, thread.shared_.budget} {
    if (thread_.shared_.tls) tls_.emplace(socket_, *thread_.shared_.tls);
}

Connection::~Connection() {
    if (streaming_) thread_.shared_.handler.gone(exchange_);
    thread_.leave(slot_);
    thread_.shared_.connections.fetch_sub(1, std::memory_order_relaxed);
}

Awaitable<> Connection::serve(std::unique_ptr<Connection> connection, bool over_limit) {
    if (over_limit) {
        // Under TLS there is nobody to talk to before a handshake, which costs too much here.
        if (connection->tls_) co_return;
        connection->refuse_for_limit();
        co_await connection->leave();
    } else {
        if (connection->tls_) {
            connection->enter(Phase::handshaking);
            const auto [error] = co_await connection->tls_->async_handshake(
                asio::ssl::stream_base::server, no_throw);
            if (error) co_return;
        }
        co_await connection->serve_requests();
    }
    boost::system::error_code ignored;
    connection->socket_.shutdown(asio::socket_base::shutdown_both, ignored);
    connection->socket_.close(ignored);
}

Awaitable<> Connection::serve_requests() {
    const ParseLimits limits = limits_of(thread_.shared_.options);
    for (;;) {
        parser_.emplace(limits);
        RequestParser::Progress progress;
        while ((progress = parser_->parse(input_)) == RequestParser::Progress::needs_more) {
            if (parser_->wants_continue()) output_.append(continue_line);
            if (!send_now() && !co_await send_rest()) co_return;
            if (cut_ || (thread_.draining_ && !parser_->got_some())) co_return;
            if (!co_await receive()) {
                if (!parser_->problem().code.empty()) {
                    progress = RequestParser::Progress::refused;
                    break;
                }
                co_return;
            }
        }
        if (progress == RequestParser::Progress::refused) {
            refuse(parser_->problem());
            co_await leave();
            co_return;
        }
        if (!hand_over()) {
            // Once around, and once for each part of a response that goes on.
            do {
                if (!send_now() && !co_await send_rest()) co_return;
                if (streaming_ && waiting_ && output_.empty())
                    thread_.shared_.handler.written(exchange_);
                if (waiting_ && output_.empty()) co_await wait_for_answer();
                if (cut_) co_return;
            } while (waiting_ || (streaming_ && !output_.empty()));
        }
        const bool last = request_.reply.close;
        input_.next_request();
        first_ = false;
        if (last) {
            co_await leave();
            co_return;
        }
        if (output_.size() > output_bytes_gathered && !send_now() && !co_await send_rest())
            co_return;
    }
}

// Gives the request to the handler. False: the answer is not there yet.
bool Connection::hand_over() {
    parser_->describe(input_, headers_, request_);
    request_.remote = remote_;
    request_.reply = reply(parser_->closes() || thread_.draining_);
    request_.reply.head = request_.verb == Verb::head;
    thread_.count.requests.fetch_add(1, std::memory_order_relaxed);

    IoThread::Slot& slot = thread_.slots_[slot_];
    ++slot.generation;
    exchange_ = Exchange{std::uint64_t{thread_.index_} << 56 | std::uint64_t{slot_} << 32 |
                         slot.generation};
    const std::size_t before = output_.size();
    waiting_ = true;
    enter(Phase::answering);
    thread_.shared_.handler.handle(request_, exchange_, output_);
    if (output_.size() != before) {
        ++slot.generation; // Whatever else is said to this exchange comes too late.
        waiting_ = false;
        return true;
    }
    thread_.notice_handled();
    return false;
}

Awaitable<> Connection::wait_for_answer() {
    enter(Phase::answering);
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [this](auto&& handler) { resume_.emplace(std::move(handler)); },
        asio::use_awaitable_t<Executor>{});
}

void Connection::answered(std::string&& bytes, bool goes_on) {
    if (goes_on) {
        streaming_ = true;
        request_.reply.close = true;
    } else {
        ++thread_.slots_[slot_].generation;
        waiting_ = false;
    }
    if (output_.empty())
        output_.swap(bytes);
    else
        output_.append(bytes);
    if (goes_on && output_.size() > thread_.shared_.options.stream_bytes_max) return cut();
    // Not there yet when earlier answers are still being written.
    if (!resume_) return;
    Resume resume = std::move(*resume_);
    resume_.reset();
    std::move(resume)();
}

// False: the connection is over, or the parser has a problem now.
Awaitable<bool> Connection::receive() {
    const auto room = input_.room(parser_->kept(input_), parser_->bytes_max());
    if (room.empty()) {
        parser_->refuse_for_size(input_.out_of_budget());
        co_return false;
    }
    enter(!parser_->got_some()        ? Phase::idle
          : parser_->is_header_done() ? Phase::body
                                      : Phase::header);
    const auto buffer = asio::buffer(room.data(), room.size());
    boost::system::error_code error;
    std::size_t bytes = 0;
    if (tls_)
        std::tie(error, bytes) = co_await tls_->async_read_some(buffer, no_throw);
    else
        std::tie(error, bytes) = co_await socket_.async_read_some(buffer, no_throw);
    if (!error) {
        input_.received(bytes);
        co_return true;
    }
    if (late_) {
        thread_.count.timed_out.fetch_add(1, std::memory_order_relaxed);
        if (parser_->got_some()) parser_->refuse_for_time();
    }
    co_return false;
}

// True when all was sent.
bool Connection::send_now() {
    if (output_.empty()) return true;
    if (tls_) return false;
    boost::system::error_code error;
    sent_ = socket_.write_some(asio::buffer(output_), error);
    if (sent_ < output_.size()) return false;
    output_.clear();
    sent_ = 0;
    return true;
}

Awaitable<bool> Connection::send_rest() {
    enter(Phase::writing);
    // An answer may be appended meanwhile, so what is being written is set apart.
    std::string sending;
    sending.swap(output_);
    const auto buffer = asio::buffer(sending) + std::exchange(sent_, 0);
    boost::system::error_code error;
    std::size_t bytes = 0;
    if (tls_)
        std::tie(error, bytes) = co_await asio::async_write(*tls_, buffer, no_throw);
    else
        std::tie(error, bytes) = co_await asio::async_write(socket_, buffer, no_throw);
    if (late_) thread_.count.timed_out.fetch_add(1, std::memory_order_relaxed);
    if (output_.empty() && sending.capacity() <= output_bytes_kept) {
        output_.swap(sending);
        output_.clear();
    }
    co_return !error;
}

// Sends what there is, and waits for the client to end too: closing while it still sends would
// make its system drop the answer unread.
Awaitable<> Connection::leave() {
    if (!send_now() && !co_await send_rest()) co_return;
    enter(Phase::leaving);
    boost::system::error_code ignored;
    if (tls_) co_await tls_->async_shutdown(no_throw);
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    std::array<char, 4096> discarded;
    for (std::size_t all = 0; all < discarded_bytes_max && !late_;) {
        const auto [error, bytes] =
            co_await socket_.async_read_some(asio::buffer(discarded), no_throw);
        if (error) co_return;
        all += bytes;
    }
}

void Connection::refuse(const Problem& problem) {
    thread_.count.refused.fetch_add(1, std::memory_order_relaxed);
    input_.forget();
    write_problem(reply(true), problem, output_);
}

void Connection::refuse_for_limit() {
    refuse({.status = Status::service_unavailable,
            .code = "too_many_connections",
            .detail = "the server has as many connections as it can",
            .retryable = true,
            .retry_after = std::chrono::seconds{1}});
}

Reply Connection::reply(bool close) { return {.request_id = thread_.next_id(), .close = close}; }

void Connection::enter(Phase phase) {
    // A client that sends a little now and then does not get more time for it.
    if (phase == phase_ && (phase == Phase::header || phase == Phase::body)) return;
    phase_ = phase;
    late_ = false;
    const Options& options = thread_.shared_.options;
    std::chrono::milliseconds time{};
    switch (phase) {
    case Phase::answering: late_at_ = UINT64_MAX; return;
    case Phase::idle: time = first_ ? options.header_time_max : options.idle_time_max; break;
    case Phase::handshaking:
    case Phase::header: time = options.header_time_max; break;
    case Phase::body: time = options.body_time_max; break;
    case Phase::writing:
        time = options.write_time_max +
               std::chrono::seconds{output_.size() / options.write_bytes_each_second};
        break;
    case Phase::leaving: time = leave_time_max; break;
    }
    // One more: the next sweep may be due at once.
    late_at_ =
        thread_.tick_ + 1 +
        static_cast<std::uint64_t>((time + options.sweep_every - std::chrono::milliseconds{1}) /
                                   options.sweep_every);
}

void Connection::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

// Ends it, wherever it is.
void Connection::cut() {
    cut_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
    cancel();
    if (waiting_) answered({}, false);
}

} // namespace gateways::http
