// What the tests of the HTTP server share: a socket that sends exactly the bytes it is given, and
// handlers that answer at once, or when they are told to.

#pragma once

#include "gateways/http/server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <condition_variable>
#include <mutex>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tests::wire {

namespace http = gateways::http;

// Answers with what it saw: "<method> <path> <query> <body>".
class Echo : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        std::string text{request.method};
        text.append(" ").append(request.path).append(" ").append(request.query);
        text.append(" ").append(request.body);
        http::write_response(request.reply, http::Status::ok, "text/plain", text, answer);
    }
};

// Keeps every request until the test answers it.
class Later : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange exchange, std::string&) override {
        const std::lock_guard lock{mutex_};
        waiting_.emplace_back(exchange, request.reply);
        changed_.notify_all();
    }
    std::vector<std::pair<http::Exchange, http::Reply>> take(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return waiting_.size() >= count; });
        return std::exchange(waiting_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<http::Exchange, http::Reply>> waiting_;
};

inline http::Answer answer_to(const std::pair<http::Exchange, http::Reply>& question,
                              std::string_view body) {
    http::Answer answer{question.first, {}};
    http::write_response(question.second, http::Status::ok, "text/plain", body, answer.bytes);
    return answer;
}

// Fails the test rather than waiting for ever.
class Wire {
public:
    explicit Wire(unsigned short port, int receive_bytes = 0)
        : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval patience{20, 0};
        const int on = 1;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (receive_bytes > 0)
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { close(); }

    void close() {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    }
    // Nothing more will be sent.
    void finish() { ::shutdown(socket_, SHUT_WR); }

    // False when the server has gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    struct Response {
        int status = 0; // 0: the connection ended first.
        std::string head, body;
        bool has(std::string_view text) const { return head.find(text) != head.npos; }
    };

    Response receive(bool with_body = true) {
        std::size_t end;
        while ((end = input_.find("\r\n\r\n")) == input_.npos)
            if (!more()) return {};
        Response response;
        response.head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        response.status = std::stoi(response.head.substr(9, 3));
        const auto length = response.head.find("Content-Length: ");
        const std::size_t size =
            !with_body || length == response.head.npos
                ? 0
                : static_cast<std::size_t>(std::stoul(response.head.substr(length + 16)));
        while (input_.size() < size)
            if (!more()) return {};
        response.body = input_.substr(0, size);
        input_.erase(0, size);
        return response;
    }

    // What comes up to and with `end`; empty when the connection ends before.
    std::string receive_until(std::string_view end) {
        std::size_t at;
        while ((at = input_.find(end)) == input_.npos)
            if (!more()) return {};
        std::string text = input_.substr(0, at + end.size());
        input_.erase(0, at + end.size());
        return text;
    }

    // True when the server has ended the connection and sent nothing before.
    bool ended() { return input_.empty() && !more() && !timed_out_; }

private:
    bool more() {
        char bytes[4096];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        timed_out_ = got < 0 && errno == EAGAIN;
        EXPECT_FALSE(timed_out_) << "no answer";
        if (got <= 0) return false;
        input_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    bool timed_out_ = false;
    std::string input_;
};

inline std::string get(std::string_view target) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n\r\n";
}
inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = {}) {
    return "POST " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

template <class Condition>
void eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        ::usleep(1000);
    }
}

} // namespace tests::wire
