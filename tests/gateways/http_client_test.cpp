// The client that keeps its connections, against a server that does as it is told.

#include "gateways/http/client.hpp"
#include "gateways/http/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tests {
namespace {

using namespace std::chrono_literals;
namespace http = gateways::http;

class Echo final : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        if (request.path == "/silent") return;
        http::write_response(request.reply, http::Status::ok, http::json_type,
                             std::string{request.method} + " " + std::string{request.body}, answer);
    }
};

class HttpClientConnection : public testing::Test {
protected:
    HttpClientConnection() : server{with_short_idle(), handler} { server.start(); }
    static http::Options with_short_idle() {
        http::Options options;
        options.idle_time_max = 300ms;
        options.sweep_every = 20ms;
        return options;
    }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server.port()); }

    Echo handler;
    http::Server server;
};

TEST_F(HttpClientConnection, SendsAnyVerbOnOneConnection) {
    http::Client client{origin()};
    EXPECT_EQ(client.send(http::Verb::post, "/", "a")->body, "POST a");
    EXPECT_EQ(client.send(http::Verb::put, "/", "b")->body, "PUT b");
    EXPECT_EQ(client.send(http::Verb::delete_, "/", {})->body, "DELETE ");
    EXPECT_EQ(client.send(http::Verb::head, "/", {})->body, "");
    EXPECT_EQ(client.send(http::Verb::get, "/", {})->body, "GET ");
    EXPECT_EQ(server.counts().accepted, 1U);
    EXPECT_EQ(client.idle(), 1U);
}

TEST_F(HttpClientConnection, AConnectionThatTheServerClosedIsNotUsed) {
    http::Client client{origin()};
    ASSERT_TRUE(client.send(http::Verb::get, "/", {}));
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (server.counts().connections > 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(10ms);
    ASSERT_EQ(server.counts().connections, 0U);
    EXPECT_TRUE(client.send(http::Verb::post, "/", "a"));
    EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(HttpClientConnection, AnAnswerThatDoesNotComeEndsItsConnectionAlone) {
    http::ClientOptions options;
    options.time_max = 200ms;
    http::Client client{origin(), options};
    ASSERT_TRUE(client.send(http::Verb::get, "/", {}));
    const auto lost = client.send(http::Verb::post, "/silent", "a");
    ASSERT_FALSE(lost);
    EXPECT_TRUE(lost.error().maybe_sent);
    EXPECT_EQ(client.idle(), 0U);
    EXPECT_TRUE(client.send(http::Verb::get, "/", {}));
}

TEST_F(HttpClientConnection, ManyThreadsEachHaveTheirOwnAnswer) {
    http::Client client{origin()};
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const std::string body = std::to_string(t * 1000 + i);
                const auto answer = client.send(http::Verb::post, "/", body);
                if (!answer || answer->body != "POST " + body) ++wrong;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(server.counts().accepted, 300U / 2);
}

TEST_F(HttpClientConnection, WhereNobodyListensNothingIsSent) {
    http::Client client{origin()};
    server.stop(0ms);
    const auto refused = client.send(http::Verb::post, "/", "a");
    ASSERT_FALSE(refused);
    EXPECT_FALSE(refused.error().maybe_sent);
}

TEST_F(HttpClientConnection, WhatWouldSayTwoThingsIsNotSent) {
    http::Client client{origin()};
    const http::Header forged[]{{"A", "b\r\nC: d"}};
    EXPECT_FALSE(client.send(http::Verb::get, "/", {}, forged));
    for (const char* target : {"", "a", "/a b", "/a\r\nX: y"})
        EXPECT_FALSE(client.send(http::Verb::get, target, {})) << target;
    EXPECT_EQ(server.counts().accepted, 0U);
    for (const char* bad : {"", "ftp://a", "http://", "http://a/b", "http://a@b"})
        EXPECT_THROW((http::Client{bad}), std::invalid_argument) << bad;
}

} // namespace
} // namespace tests
