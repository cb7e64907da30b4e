// Responses that go on.

#include "tests/gateways/http_wire.hpp"

#include <map>
#include <memory>
#include <set>
#include <thread>

namespace tests::wire {
namespace {

using std::chrono::milliseconds;

class Streams : public Later {
public:
    void written(http::Exchange exchange) override {
        const std::lock_guard lock{mutex_};
        ++written_[exchange.number()];
    }
    void gone(http::Exchange exchange) override {
        const std::lock_guard lock{mutex_};
        EXPECT_TRUE(gone_.insert(exchange.number()).second) << "gone comes once";
    }
    int written_times(http::Exchange exchange) {
        const std::lock_guard lock{mutex_};
        return written_[exchange.number()];
    }
    bool is_gone(http::Exchange exchange) {
        const std::lock_guard lock{mutex_};
        return gone_.contains(exchange.number());
    }

private:
    std::mutex mutex_;
    std::map<std::uint64_t, int> written_;
    std::set<std::uint64_t> gone_;
};

class HttpStream : public testing::Test {
protected:
    void start(http::Options options = {}) {
        options.sweep_every = milliseconds{50};
        server = std::make_unique<http::Server>(options, handler);
        server->start();
    }
    // Begins a response that goes on, and returns its exchange.
    http::Exchange begin(Wire& wire) {
        wire.send(get("/"));
        const auto question = handler.take(1).at(0);
        std::string head;
        http::write_stream_head(question.second, http::Status::ok, "text/plain", {}, head);
        say(question.first, head);
        return question.first;
    }
    void say(http::Exchange exchange, std::string bytes, bool goes_on = true) {
        std::vector<http::Answer> answers(1);
        answers[0] = {exchange, std::move(bytes), goes_on};
        server->answer(std::move(answers));
    }

    Streams handler;
    std::unique_ptr<http::Server> server;
};

TEST_F(HttpStream, PartsComeAsTheyAreSaidAndTheConnectionEndsWithThem) {
    start();
    Wire wire{server->port()};
    const auto exchange = begin(wire);
    const std::string head = wire.receive_until("\r\n\r\n");
    EXPECT_NE(head.find("HTTP/1.1 200 OK"), head.npos);
    EXPECT_NE(head.find("Connection: close"), head.npos);
    EXPECT_EQ(head.find("Content-Length"), head.npos);
    for (const std::string part : {"one.", "two.", "three."}) {
        const int before = handler.written_times(exchange);
        say(exchange, part);
        EXPECT_EQ(wire.receive_until("."), part);
        eventually([&] { return handler.written_times(exchange) > before; });
    }
    EXPECT_FALSE(handler.is_gone(exchange));
    say(exchange, "end.", false);
    EXPECT_EQ(wire.receive_until("."), "end.");
    EXPECT_TRUE(wire.ended());
    wire.close();
    eventually([&] { return handler.is_gone(exchange); });
    say(exchange, "too late"); // Changes nothing.
    EXPECT_EQ(server->counts().connections, 0U);
}

TEST_F(HttpStream, AClientThatHasGoneIsNoticedWhenSomethingIsSaid) {
    start();
    Wire wire{server->port()};
    const auto exchange = begin(wire);
    wire.receive_until("\r\n\r\n");
    wire.close();
    eventually([&] {
        say(exchange, "x");
        return handler.is_gone(exchange);
    });
    eventually([&] { return server->counts().connections == 0; });
}

TEST_F(HttpStream, ASlowReaderIsCutAndOthersGoOn) {
    http::Options options;
    options.stream_bytes_max = 64 * 1024;
    start(options);
    Wire slow{server->port(), 4096}, quick{server->port()};
    const auto left = begin(slow), goes_on = begin(quick);
    quick.receive_until("\r\n\r\n");
    const std::string part(32 * 1024, 'x');
    eventually([&] {
        say(left, part);
        return handler.is_gone(left);
    });
    say(goes_on, "still here.");
    EXPECT_EQ(quick.receive_until("."), "still here.");
    EXPECT_FALSE(handler.is_gone(goes_on));
}

TEST_F(HttpStream, TheServersEndIsTheirEnd) {
    start();
    Wire wire{server->port()};
    const auto exchange = begin(wire);
    wire.receive_until("\r\n\r\n");
    say(exchange, "last.");
    EXPECT_EQ(wire.receive_until("."), "last.");
    std::thread client{[&] {
        EXPECT_TRUE(wire.ended());
        wire.close();
    }};
    const auto before = std::chrono::steady_clock::now();
    server->stop(milliseconds{20'000});
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds{10'000});
    client.join();
    EXPECT_TRUE(handler.is_gone(exchange));
}

} // namespace
} // namespace tests::wire
