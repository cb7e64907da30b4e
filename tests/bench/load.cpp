// The load generator: one thread, one epoll, keep-alive connections, each with one request at a
// time. It shares the processor with what it measures, so all it does for a request is one
// send, one receive and a look at the answer's status.

#include "tests/bench/histogram.hpp"
#include "tests/bench/process.hpp"
#include "tests/bench/requests.hpp"

#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <map>
#include <memory>
#include <netinet/tcp.h>
#include <random>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string address = "127.0.0.1:8080";
    RequestText request{"/v1/payments", {}, {}, "payment.request", 0};
    int connections = 64;
    double warm_seconds = 1, seconds = 5;
    std::uint64_t commands = 0; // Instead of the time: stop when so many were accepted.
    std::uint64_t payers = 100'000;
    int pid = 0; // Of the server, for its CPU time.
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

int connect_to(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1)
        throw std::invalid_argument{"'" + address + "' is not an IPv4 address and a port"};
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
        fail("connect to " + address);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

// Reads the number after the name of a header; 0 when it is not there.
std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "content-length:";
    for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
        const std::string_view line = head.substr(at + 1);
        if (line.size() < name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0)
            continue;
        return std::strtoul(line.data() + name.size(), nullptr, 10);
    }
    return 0;
}

struct Connection {
    Connection(int socket, const RequestText& text) : fd{socket}, request{text} {}
    ~Connection() { ::close(fd); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    const int fd;
    Request request;
    std::size_t sent = 0, received = 0;
    std::size_t wanted = 0; // Bytes of the answer, as soon as its head is there; else 0.
    Clock::time_point sent_at;
    std::string input = std::string(64 * 1024, '\0');
};

class Load {
public:
    explicit Load(const Options& options)
        : options_{options},
          run_{std::uint64_t{std::random_device{}()} << 32U | std::random_device{}()},
          epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
        for (int i = 0; i < options_.connections; ++i) {
            connections_.push_back(
                std::make_unique<Connection>(connect_to(options_.address), options_.request));
            epoll_event interest{};
            interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
            interest.data.ptr = connections_.back().get();
            if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back()->fd, &interest) != 0)
                fail("epoll_ctl");
        }
    }
    ~Load() { ::close(epoll_); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    void run() {
        const bool counted = options_.commands != 0;
        const auto seconds = [](double s) {
            return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{s});
        };
        auto now = Clock::now();
        auto next = now + seconds(counted ? 0 : options_.warm_seconds);
        for (const auto& connection : connections_)
            send_next(*connection, now);
        std::array<epoll_event, 256> events{};
        while (true) {
            now = Clock::now();
            if (!measuring_ && now >= next) {
                begin(now);
                next = now + seconds(options_.seconds);
            } else if (measuring_ && (counted ? in_flight_ == 0 : now >= next)) {
                break;
            }
            const int count = ::epoll_wait(epoll_, events.data(), events.size(), 100);
            if (count < 0 && errno != EINTR) fail("epoll_wait");
            for (int i = 0; i < count; ++i)
                happened(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
        report(now);
    }

private:
    void begin(Clock::time_point now) {
        measuring_ = true;
        begun_at_ = now;
        own_cpu_ = own_cpu();
        if (options_.pid != 0) server_cpu_ = cpu_seconds(options_.pid);
    }

    void send_next(Connection& connection, Clock::time_point now) {
        if (options_.commands != 0 && sent_ >= options_.commands) return;
        const std::uint64_t before = sent_;
        sent_ = connection.request.renew(run_, sent_, options_.payers);
        in_flight_ += sent_ - before;
        connection.sent = connection.received = connection.wanted = 0;
        connection.sent_at = now;
        send_rest(connection);
    }

    void send_rest(Connection& connection) {
        const std::string_view bytes = connection.request.bytes();
        while (connection.sent < bytes.size()) {
            const ssize_t taken = ::send(connection.fd, bytes.data() + connection.sent,
                                         bytes.size() - connection.sent, MSG_NOSIGNAL);
            if (taken < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (taken < 0) fail("send");
            connection.sent += static_cast<std::size_t>(taken);
        }
    }

    void happened(Connection& connection) {
        if (connection.sent < connection.request.bytes().size()) send_rest(connection);
        while (true) {
            if (connection.received == connection.input.size())
                connection.input.resize(2 * connection.input.size());
            const std::size_t room = connection.input.size() - connection.received;
            const ssize_t got =
                ::recv(connection.fd, connection.input.data() + connection.received, room, 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (got < 0) fail("receive");
            if (got == 0) throw std::runtime_error{"the server closed a connection"};
            connection.received += static_cast<std::size_t>(got);
            if (complete(connection)) {
                const auto now = Clock::now();
                answered(connection, now);
                send_next(connection, now);
            }
            // Less than asked for: what comes later raises another event.
            if (static_cast<std::size_t>(got) < room) return;
        }
    }

    static bool complete(Connection& connection) {
        const std::string_view input{connection.input.data(), connection.received};
        if (connection.wanted == 0) {
            const auto end = input.find("\r\n\r\n");
            if (end == input.npos) return false;
            connection.wanted = end + 4 + content_length(input.substr(0, end + 4));
        }
        return connection.received >= connection.wanted;
    }

    void answered(Connection& connection, Clock::time_point now) {
        const std::string_view answer{connection.input.data(), connection.wanted};
        const auto commands = static_cast<std::uint64_t>(std::max(1, options_.request.batch));
        in_flight_ -= commands;
        const int status = std::atoi(answer.data() + sizeof "HTTP/1.1");
        std::uint64_t accepted = 0;
        if (options_.request.batch == 0) {
            accepted = status == 201 ? 1 : 0;
        } else {
            for (auto at = answer.find(accepted_); at != answer.npos;
                 at = answer.find(accepted_, at + accepted_.size()))
                ++accepted;
        }
        if (accepted < commands) {
            if (others_.empty())
                std::cerr << "bench_load: first answer of another kind:\n" << answer << "\n";
            others_[status] += commands - accepted;
        }
        if (!measuring_ || accepted == 0) return;
        accepted_count_ += accepted;
        latencies_.add(static_cast<std::uint64_t>((now - connection.sent_at).count()));
    }

    static double own_cpu() {
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    }

    void report(Clock::time_point now) const {
        const double elapsed = std::chrono::duration<double>(now - begun_at_).count();
        const double count = std::max(1.0, static_cast<double>(accepted_count_));
        std::uint64_t others = 0;
        for (const auto& [status, times] : others_)
            others += times;
        std::cout << "{\"accepted\": " << accepted_count_ << ", \"others\": " << others
                  << ", \"seconds\": " << elapsed << ", \"per_second\": " << count / elapsed
                  << ", \"p50_ms\": " << latencies_.quantile_ms(0.5)
                  << ", \"p99_ms\": " << latencies_.quantile_ms(0.99)
                  << ", \"max_ms\": " << latencies_.quantile_ms(1)
                  << ", \"client_cpu_us\": " << (own_cpu() - own_cpu_) / count * 1e6;
        if (options_.pid != 0)
            std::cout << ", \"server_cpu_us\": "
                      << (cpu_seconds(options_.pid) - server_cpu_) / count * 1e6;
        std::cout << "}\n";
    }

    const Options& options_;
    const std::uint64_t run_;
    const std::string accepted_ = "\"status\":201";
    const int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::uint64_t sent_ = 0, in_flight_ = 0; // Commands.

    bool measuring_ = false;
    Clock::time_point begun_at_;
    double own_cpu_ = 0, server_cpu_ = 0;
    std::uint64_t accepted_count_ = 0;
    std::map<int, std::uint64_t> others_; // By the status of the whole answer.
    Histogram latencies_;
};

} // namespace

} // namespace bench

int main(int argc, char** argv) {
    bench::Options options;
    CLI::App app{"Posts commands over HTTP as fast as they are accepted, and prints one line of "
                 "JSON.\nOnly accepted commands count. Latencies are those of whole requests.",
                 "bench_load"};
    app.add_option("--address", options.address, "IPv4 address and port")->capture_default_str();
    app.add_option("--path", options.request.path, "Where to post")->capture_default_str();
    app.add_option("--token", options.request.token, "Bearer token")->required();
    app.add_option("--data", options.request.data,
                   "JSON of a command, with ######## for the payer's number")
        ->required();
    app.add_option("--batch", options.request.batch, "Commands in one POST; 0: one, no array")
        ->capture_default_str();
    app.add_option("--connections", options.connections, "At the same time")->capture_default_str();
    app.add_option("--warm", options.warm_seconds, "Seconds before measuring")
        ->capture_default_str();
    app.add_option("--seconds", options.seconds, "Seconds to measure")->capture_default_str();
    app.add_option("--commands", options.commands,
                   "Send so many instead, and measure from the first");
    app.add_option("--payers", options.payers, "Different payers")->capture_default_str();
    app.add_option("--pid", options.pid, "The server's, to print its CPU time");
    CLI11_PARSE(app, argc, argv);
    try {
        bench::Load{options}.run();
    } catch (const std::exception& error) {
        std::cerr << "bench_load: " << error.what() << "\n";
        return 1;
    }
}
