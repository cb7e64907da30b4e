// Slow, large and too many: each gets its clear refusal, and nobody else notices.

#include "tests/gateways/http_wire.hpp"

#include <thread>

namespace tests::wire {
namespace {

using std::chrono::milliseconds;

http::Options impatient() {
    http::Options options;
    options.sweep_every = milliseconds{10};
    options.header_time_max = milliseconds{100};
    options.body_time_max = milliseconds{150};
    options.idle_time_max = milliseconds{100};
    options.write_time_max = milliseconds{100};
    return options;
}

class HttpLimits : public testing::Test {
protected:
    http::Server& serve(const http::Options& options) {
        server_ = std::make_unique<http::Server>(options, handler_);
        server_->start();
        return *server_;
    }
    // Somebody else's request, while one behaves badly.
    void expect_others_served() {
        Wire other{server_->port()};
        other.send(get("/"));
        EXPECT_EQ(other.receive().status, 200);
    }

    Echo handler_;
    std::unique_ptr<http::Server> server_;
};

TEST_F(HttpLimits, ASlowHeaderIsGivenUp) {
    Wire wire{serve(impatient()).port()};
    std::atomic<bool> over = false;
    // A byte now and then does not buy more time.
    std::thread dripping{[&] {
        for (const char c : std::string{"GET / HTTP/1.1\r\nHost: "} + std::string(100'000, 'x')) {
            if (over || !wire.send({&c, 1})) return;
            ::usleep(2000);
        }
    }};
    EXPECT_EQ(wire.receive().status, 408);
    over = true;
    dripping.join();
    expect_others_served();
    EXPECT_EQ(server_->counts().timed_out, 1U);
}

TEST_F(HttpLimits, ASlowBodyIsGivenUp) {
    Wire wire{serve(impatient()).port()};
    wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    const auto response = wire.receive();
    EXPECT_EQ(response.status, 408);
    EXPECT_TRUE(response.has("Connection: close"));
    EXPECT_NE(response.body.find("\"code\":\"request_too_slow\""), response.body.npos);
    expect_others_served();
}

TEST_F(HttpLimits, ASilentConnectionIsClosed) {
    Wire never{serve(impatient()).port()}, once{server_->port()};
    once.send(get("/"));
    EXPECT_EQ(once.receive().status, 200);
    EXPECT_TRUE(never.ended());
    EXPECT_TRUE(once.ended());
    expect_others_served();
}

class Large : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        http::write_response(request.reply, http::Status::ok, "text/plain",
                             request.path == "/large" ? std::string(16'000'000, 'x') : "small",
                             answer);
    }
};

TEST(HttpSlowReader, MakesNobodyElseWait) {
    Large handler;
    http::Options options = impatient();
    options.idle_time_max = std::chrono::seconds{20};
    http::Server server{options, handler};
    server.start();
    Wire slow{server.port(), 4096}, other{server.port()};
    slow.send(get("/large"));
    for (int i = 0; i < 100; ++i) {
        other.send(get("/"));
        ASSERT_EQ(other.receive().body, "small");
    }
    // Large answers arrive whole when they are read.
    Wire fast{server.port()};
    fast.send(get("/large"));
    EXPECT_EQ(fast.receive().body.size(), 16'000'000U);
    // The slow one is not given up yet: an answer of this size has its time.
    EXPECT_EQ(server.counts().timed_out, 0U);
}

TEST(HttpSlowReader, IsGivenUp) {
    Large handler;
    http::Options options = impatient();
    options.write_bytes_each_second = 1'000'000'000;
    http::Server server{options, handler};
    server.start();
    Wire slow{server.port(), 4096};
    slow.send(get("/large"));
    eventually([&] { return server.counts().timed_out == 1 && server.counts().connections == 0; });
}

TEST_F(HttpLimits, ALineOfTenThousandBytesIsFine) {
    Wire wire{serve({}).port()};
    wire.send("GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(10'000, 'c') + "\r\n\r\n");
    EXPECT_EQ(wire.receive().status, 200);
}

TEST_F(HttpLimits, ALargerHeaderIsRefused) {
    serve({});
    for (const std::string& request :
         {"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + std::string(20'000, 'c') + "\r\n\r\n",
          "GET /" + std::string(20'000, 'p') + " HTTP/1.1\r\nHost: x\r\n\r\n",
          std::string(20'000, 'M'), "GET / HTTP/1.1\r\n" + std::string(20'000, 'n')}) {
        Wire wire{server_->port()};
        wire.send(request);
        const auto response = wire.receive();
        EXPECT_EQ(response.status, 431) << request.substr(0, 30);
        EXPECT_NE(response.body.find("header_too_large"), response.body.npos);
    }
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 200; ++i)
        many += "A: b\r\n";
    Wire wire{server_->port()};
    wire.send(many + "\r\n");
    EXPECT_EQ(wire.receive().status, 431);
    expect_others_served();
}

TEST_F(HttpLimits, ABodyUpToTheLimitIsTakenAndTheNextRequestToo) {
    Wire wire{serve({}).port()};
    const std::string body(1024 * 1024, 'b');
    for (int i = 0; i < 2; ++i) {
        std::thread sender{[&] { wire.send(post("/", body) + get("/after")); }};
        const auto response = wire.receive();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body.size(), body.size() + 8);
        EXPECT_EQ(wire.receive().body, "GET /after  ");
        sender.join();
    }
}

TEST_F(HttpLimits, ALargerBodyIsRefusedBeforeItIsSent) {
    Wire wire{serve({}).port()};
    wire.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
              "Content-Length: 1048577\r\n\r\n");
    EXPECT_EQ(wire.receive().status, 413);
    EXPECT_TRUE((wire.finish(), wire.ended()));
    Wire chunked{server_->port()};
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::thread sender{[&] {
        const std::string chunk = "1000\r\n" + std::string(0x1000, 'c') + "\r\n";
        for (int i = 0; i < 300 && chunked.send(chunk); ++i) {
        }
    }};
    EXPECT_EQ(chunked.receive().status, 413);
    sender.join();
    expect_others_served();
}

TEST_F(HttpLimits, AllBodiesTogetherHaveALimit) {
    http::Options options;
    options.input_bytes_grown_max = 100'000;
    Wire wire{serve(options).port()};
    std::thread sender{[&] { wire.send(post("/", std::string(500'000, 'b'))); }};
    const auto response = wire.receive();
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.has("Retry-After: 1"));
    sender.join();
    // What was taken is given back.
    Wire next{server_->port()};
    next.send(post("/", std::string(40'000, 'b')));
    EXPECT_EQ(next.receive().status, 200);
}

TEST_F(HttpLimits, TooManyConnectionsAreToldSo) {
    http::Options options;
    options.connections_max = 2;
    Wire first{serve(options).port()};
    auto second = std::make_unique<Wire>(server_->port());
    first.send(get("/"));
    second->send(get("/"));
    EXPECT_EQ(first.receive().status, 200);
    EXPECT_EQ(second->receive().status, 200);
    Wire third{server_->port()};
    const auto response = third.receive();
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.has("Retry-After: 1"));
    EXPECT_TRUE(response.has("Connection: close"));
    third.close();
    second.reset();
    eventually([&] { return server_->counts().connections == 1; });
    Wire fourth{server_->port()};
    fourth.send(get("/"));
    EXPECT_EQ(fourth.receive().status, 200);
}

TEST_F(HttpLimits, AHalfOpenClientIsAnswered) {
    Wire wire{serve({}).port()};
    wire.send(post("/", "all I had to say"));
    wire.finish();
    EXPECT_EQ(wire.receive().body, "POST /  all I had to say");
    EXPECT_TRUE(wire.ended());
    Wire half{server_->port()};
    half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    half.finish();
    EXPECT_TRUE(half.ended());
}

} // namespace
} // namespace tests::wire
