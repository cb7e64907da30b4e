#include "tests/support/tcp_proxy.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tests {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

void set_no_delay(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

} // namespace

TcpProxy::TcpProxy(int listen_port, int target_port) : target_port_{target_port} {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0) fail("socket");
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(listen_port);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, SOMAXCONN) != 0) {
        close(listener_);
        fail("the proxy's port cannot be listened on");
    }
    wake_ = eventfd(0, EFD_CLOEXEC);
    if (wake_ < 0) fail("eventfd");
    thread_ = std::thread{[this] { run(); }};
}

TcpProxy::~TcpProxy() {
    stopping_ = true;
    eventfd_write(wake_, 1);
    thread_.join();
    close_all();
    close(listener_);
    close(wake_);
}

void TcpProxy::judge(std::function<Verdict(std::string_view sent)> judge) {
    const std::lock_guard lock{mutex_};
    judge_ = std::move(judge);
}

void TcpProxy::cut() {
    cut_ = true;
    eventfd_write(wake_, 1);
}

void TcpProxy::close_all() {
    for (const Line& line : lines_) {
        close(line.client);
        close(line.server);
    }
    lines_.clear();
    held_ = 0;
}

void TcpProxy::accept_one() {
    Line line;
    line.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (line.client < 0) return;
    line.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_port_);
    if (refuse_ || line.server < 0 ||
        connect(line.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(line.client);
        if (line.server >= 0) close(line.server);
        return;
    }
    set_no_delay(line.client);
    set_no_delay(line.server);
    lines_.push_back(line);
}

bool TcpProxy::forward(Line& line, bool from_client) {
    std::array<char, 64 * 1024> buffer;
    const ssize_t count =
        recv(from_client ? line.client : line.server, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    const std::string_view bytes{buffer.data(), static_cast<std::size_t>(count)};
    if (from_client && line.verdict == Verdict::pass) {
        const std::lock_guard lock{mutex_};
        if (judge_) line.verdict = judge_(bytes);
        if (line.verdict != Verdict::pass) ++held_;
    }
    const bool swallowed = line.verdict == Verdict::hold_all ||
                           (line.verdict == Verdict::hold_answers && !from_client);
    if (swallowed) return true;
    return send_all(from_client ? line.server : line.client, bytes);
}

void TcpProxy::run() {
    while (!stopping_) {
        std::vector<pollfd> waiting{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
        for (const Line& line : lines_) {
            waiting.push_back({line.client, POLLIN, 0});
            waiting.push_back({line.server, POLLIN, 0});
        }
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
        if (waiting[1].revents != 0) {
            eventfd_t ignored = 0;
            eventfd_read(wake_, &ignored);
        }
        if (cut_.exchange(false)) {
            close_all();
            continue;
        }
        std::vector<Line> kept;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            Line& line = lines_[i];
            bool open = true;
            if (waiting[2 + 2 * i].revents != 0) open = forward(line, true);
            if (open && waiting[3 + 2 * i].revents != 0) open = forward(line, false);
            if (open) {
                kept.push_back(line);
                continue;
            }
            if (line.verdict != Verdict::pass) --held_;
            close(line.client);
            close(line.server);
        }
        lines_ = std::move(kept);
        if (waiting[0].revents != 0) accept_one();
    }
}

} // namespace tests
