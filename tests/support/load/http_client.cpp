#include "tests/support/load/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tests::load {

namespace {

constexpr std::chrono::milliseconds look_every{20}; // For requests that are late.
constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::size_t answer_bytes_max = 64 << 20;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_letters(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

} // namespace

Address parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    Address address;
    in_addr ignored{};
    if (colon == std::string_view::npos) throw std::invalid_argument{"an address is host:port"};
    address.host = text.substr(0, colon);
    const auto [end, error] =
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port);
    if (error != std::errc{} || end != text.data() + text.size() ||
        ::inet_pton(AF_INET, address.host.c_str(), &ignored) != 1)
        throw std::invalid_argument{std::string{text} + " is not an IPv4 address and a port"};
    return address;
}

std::string_view Response::header(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !same_letters(line.substr(0, colon), name)) continue;
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
            value.remove_prefix(1);
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
            value.remove_suffix(1);
        return value;
    }
    return {};
}

const char* name_of(Failure failure) {
    switch (failure) {
    case Failure::not_connected: return "not_connected";
    case Failure::cut: return "cut";
    case Failure::timed_out: return "timed_out";
    case Failure::malformed: return "malformed";
    }
    return "unknown";
}

Loop::Loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    if (epoll_ < 0) throw std::system_error{errno, std::generic_category(), "epoll"};
}

Loop::~Loop() { ::close(epoll_); }

void Loop::turn(std::chrono::milliseconds wait) {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(std::min(wait, look_every).count()));
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        static_cast<Connection*>(event.data.ptr)->happened(event.events);
    }
    if (now_ >= next_look_) end_late();
}

void Loop::end_late() {
    next_look_ = now_ + look_every;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        Connection& connection = *connections_[i];
        if (connection.failed_early_)
            connection.fail(Failure::not_connected);
        else if (connection.busy_ && now_ >= connection.late_at_)
            connection.fail(connection.connecting_ ? Failure::not_connected : Failure::timed_out);
    }
}

Connection::Connection(Loop& loop, Handler& handler, Address address,
                       std::chrono::milliseconds time_out)
    : loop_{loop}, handler_{handler}, address_{std::move(address)}, time_out_{time_out} {
    loop_.connections_.push_back(this);
}

Connection::~Connection() {
    close();
    std::erase(loop_.connections_, this);
}

void Connection::move_to(Address address) {
    if (!busy_) close();
    address_ = std::move(address);
}

void Connection::connect() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) throw std::system_error{errno, std::generic_category(), "socket"};
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address_.port);
    ::inet_pton(AF_INET, address_.host.c_str(), &to.sin_addr);
    connecting_ = true;
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0)
        connecting_ = false;
    else if (errno != EINPROGRESS) {
        close();
        failed_early_ = true;
        return;
    }
    epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.ptr = this}};
    watched_ = event.events;
    ::epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, socket_, &event);
}

void Connection::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    connecting_ = closing_ = false;
    unsent_.clear();
    input_size_ = answer_size_ = head_size_ = 0;
}

void Connection::watch(std::uint32_t wanted) {
    if (wanted == watched_) return;
    watched_ = wanted;
    epoll_event event{.events = wanted, .data = {.ptr = this}};
    ::epoll_ctl(loop_.epoll_, EPOLL_CTL_MOD, socket_, &event);
}

void Connection::send(std::string_view request) {
    busy_ = true;
    sent_at_ = Clock::now();
    late_at_ = sent_at_ + time_out_;
    if (socket_ < 0) connect();
    if (failed_early_) return;
    if (connecting_) {
        unsent_ = request;
        return;
    }
    const ssize_t written = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    const std::size_t taken = written < 0 ? 0 : static_cast<std::size_t>(written);
    // An error is told by the epoll, in its own time.
    if (taken == request.size()) return;
    unsent_ = request.substr(taken);
    watch(EPOLLIN | EPOLLOUT);
}

void Connection::happened(std::uint32_t events) {
    if (socket_ < 0) return;
    if (connecting_) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return fail(Failure::not_connected);
        connecting_ = false;
    }
    if ((events & EPOLLOUT) != 0) write_rest();
    if (socket_ >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some();
}

void Connection::write_rest() {
    if (!unsent_.empty()) {
        const ssize_t written = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (written < 0) {
            if (errno == EAGAIN || errno == EINTR) return;
            return fail(Failure::cut);
        }
        unsent_.erase(0, static_cast<std::size_t>(written));
    }
    if (unsent_.empty()) watch(EPOLLIN);
}

void Connection::read_some() {
    for (;;) {
        if (input_.size() < input_size_ + read_bytes) input_.resize(2 * (input_size_ + read_bytes));
        const std::size_t room = input_.size() - input_size_;
        const ssize_t got = ::recv(socket_, input_.data() + input_size_, room, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            // Between two requests a server may close as it likes.
            if (!busy_) return close();
            return fail(Failure::cut);
        }
        input_size_ += static_cast<std::size_t>(got);
        if (!busy_ || input_size_ > answer_bytes_max) return fail(Failure::malformed);
        // One request, one answer: when it is whole there is nothing more to read.
        if (take_answer() || static_cast<std::size_t>(got) < room) return;
    }
}

// True when the answer was handed out, or the connection ended.
bool Connection::take_answer() {
    const std::string_view input{input_.data(), input_size_};
    if (answer_size_ == 0) {
        const auto end = input.find("\r\n\r\n");
        if (end == std::string_view::npos) return false;
        head_size_ = end + 4;
        Response head{.head = input.substr(0, end + 2)};
        const std::string_view length = head.header("Content-Length");
        std::size_t body_size = 0;
        std::from_chars(length.data(), length.data() + length.size(), body_size);
        if (!input.starts_with("HTTP/1.") || body_size > answer_bytes_max ||
            !head.header("Transfer-Encoding").empty()) {
            fail(Failure::malformed);
            return true;
        }
        closing_ = same_letters(head.header("Connection"), "close");
        answer_size_ = head_size_ + body_size;
    }
    if (input_size_ < answer_size_) return false;
    if (input_size_ > answer_size_) {
        fail(Failure::malformed);
        return true;
    }
    Response response;
    const std::string_view status = input.substr(input.find(' ') + 1);
    std::from_chars(status.data(), status.data() + std::min<std::size_t>(status.size(), 3),
                    response.status);
    // The handler may send the next request at once: its answer goes into a fresh buffer while
    // this one is still looked at.
    std::string held = std::move(input_);
    response.head = std::string_view{held}.substr(0, head_size_ - 2);
    response.body = std::string_view{held}.substr(head_size_, answer_size_ - head_size_);
    input_.clear();
    input_size_ = answer_size_ = head_size_ = 0;
    busy_ = false;
    if (closing_) close();
    handler_.answered(*this, response);
    if (input_.empty()) input_ = std::move(held);
    return true;
}

void Connection::fail(Failure failure) {
    const bool was_busy = busy_;
    close();
    busy_ = failed_early_ = false;
    if (was_busy) handler_.failed(*this, failure);
}

} // namespace tests::load
