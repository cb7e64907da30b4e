// Connections, order, answers from elsewhere, and the end of a server.

#include "gateways/http/client.hpp"
#include "tests/gateways/http_wire.hpp"

#include <thread>

namespace tests::wire {
namespace {

using std::chrono::milliseconds;

TEST(HttpServer, AnswersAndKeepsTheConnection) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    Wire wire{server.port()};
    for (const char* body : {"one", "two", "three"}) {
        wire.send(post("/a/b?c=d", body));
        const auto response = wire.receive();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "POST /a/b c=d " + std::string{body});
        EXPECT_TRUE(response.has("Request-Id: "));
        EXPECT_TRUE(response.has("Date: "));
        EXPECT_FALSE(response.has("Connection: close"));
    }
    EXPECT_EQ(server.counts().accepted, 1U);
    EXPECT_EQ(server.counts().requests, 3U);
}

TEST(HttpServer, AnswersABurstInOrder) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    Wire wire{server.port()};
    std::string burst;
    for (int i = 0; i < 500; ++i)
        burst += post("/" + std::to_string(i), std::string(200, 'x'));
    std::thread sender{[&] { wire.send(burst); }};
    for (int i = 0; i < 500; ++i) {
        const auto response = wire.receive();
        ASSERT_TRUE(response.body.starts_with("POST /" + std::to_string(i) + " ")) << i;
    }
    sender.join();
}

TEST(HttpServer, TakesABurstOneByOneWhenAnswersComeLater) {
    Later handler;
    http::Server server{{}, handler};
    server.start();
    Wire wire{server.port()};
    std::string burst;
    for (int i = 0; i < 20; ++i)
        burst += get("/");
    wire.send(burst);
    for (int i = 0; i < 20; ++i) {
        const auto questions = handler.take(1);
        ASSERT_EQ(questions.size(), 1U);
        server.answer({answer_to(questions[0], std::to_string(i))});
        ASSERT_EQ(wire.receive().body, std::to_string(i));
    }
}

TEST(HttpServer, AnswersManyConnectionsFromOneBatchOnEveryThread) {
    Later handler;
    http::Options options;
    options.threads = 3;
    http::Server server{options, handler};
    server.start();
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < 50; ++i) {
        wires.push_back(std::make_unique<Wire>(server.port()));
        wires.back()->send(get("/"));
    }
    std::vector<http::Answer> batch;
    for (const auto& question : handler.take(50))
        batch.push_back(answer_to(question, "done"));
    server.answer(std::move(batch));
    for (const auto& wire : wires)
        EXPECT_EQ(wire->receive().body, "done");
}

TEST(HttpServer, AnAnswerThatComesTwiceOrTooLateDoesNothing) {
    Later handler;
    http::Server server{{}, handler};
    server.start();
    auto gone = std::make_unique<Wire>(server.port());
    gone->send(get("/"));
    const auto first = handler.take(1)[0];
    gone.reset();
    server.answer({answer_to(first, "nobody hears it"), answer_to(first, "twice")});
    eventually([&] { return server.counts().connections == 0; });

    // The next connection has the same place; an old answer must not reach it.
    Wire wire{server.port()};
    wire.send(get("/"));
    const auto second = handler.take(1)[0];
    server.answer({answer_to(first, "old"), answer_to(second, "new"), answer_to(second, "again")});
    server.answer(http::Exchange{~0ULL}, "nonsense");
    EXPECT_EQ(wire.receive().body, "new");
    wire.send(get("/"));
    server.answer({answer_to(second, "old")});
    server.answer({answer_to(handler.take(1)[0], "third")});
    EXPECT_EQ(wire.receive().body, "third");
}

// Gathers on handle(), answers on handled().
class Gathering : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange exchange, std::string&) override {
        gathered_.push_back(answer_to({exchange, request.reply}, request.body));
    }
    void handled() override { server->answer(std::exchange(gathered_, {})); }
    http::Server* server = nullptr;

private:
    std::vector<http::Answer> gathered_;
};

TEST(HttpServer, TellsWhenWhatArrivedTogetherIsThrough) {
    Gathering handler;
    http::Server server{{}, handler};
    handler.server = &server;
    server.start();
    std::vector<std::unique_ptr<Wire>> wires;
    for (int i = 0; i < 10; ++i)
        wires.push_back(std::make_unique<Wire>(server.port()));
    for (int round = 0; round < 20; ++round) {
        for (const auto& wire : wires)
            wire->send(post("/", std::to_string(round)));
        for (const auto& wire : wires)
            ASSERT_EQ(wire->receive().body, std::to_string(round));
    }
}

TEST(HttpServer, AnswersHeadWithoutABody) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    Wire wire{server.port()};
    wire.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get("/b"));
    const auto head = wire.receive(false);
    EXPECT_EQ(head.status, 200);
    EXPECT_TRUE(head.has("Content-Length: 9"));
    EXPECT_EQ(wire.receive().body, "GET /b  ");
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    for (const char* request :
         {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
        Wire wire{server.port()};
        wire.send(request);
        const auto response = wire.receive();
        EXPECT_EQ(response.status, 200);
        EXPECT_TRUE(response.has("Connection: close"));
        EXPECT_TRUE(wire.ended());
    }
}

TEST(HttpServer, StopsWhenWhatIsInFlightIsAnswered) {
    Later handler;
    http::Server server{{}, handler};
    server.start();
    Wire idle{server.port()}, busy{server.port()};
    eventually([&] { return server.counts().connections == 2; });
    busy.send(get("/"));
    const auto question = handler.take(1)[0];
    const auto port = server.port();
    std::thread stopping{[&] { server.stop(std::chrono::seconds{20}); }};
    EXPECT_TRUE(idle.ended());
    server.answer({answer_to(question, "still answered")});
    EXPECT_EQ(busy.receive().body, "still answered");
    EXPECT_TRUE(busy.ended());
    stopping.join();
    EXPECT_EQ(server.counts().connections, 0U);
    server.answer({answer_to(question, "harmless")});

    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_NE(::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    ::close(socket);
}

TEST(HttpServer, CutsWhatIsNotAnsweredWithinTheGrace) {
    Later handler;
    http::Server server{{}, handler};
    server.start();
    Wire busy{server.port()}, half{server.port()};
    busy.send(get("/"));
    half.send("POST / HTTP/1.1\r\nHost:");
    handler.take(1);
    eventually([&] { return server.counts().connections == 2; });
    server.stop(milliseconds{1});
    EXPECT_TRUE(busy.ended());
    EXPECT_EQ(server.counts().connections, 0U);
}

TEST(HttpServer, ThePortIsForOneServer) {
    Echo handler;
    http::Server server{{}, handler};
    http::Options options;
    options.port = server.port();
    EXPECT_THROW((http::Server{options, handler}), std::exception);
}

TEST(HttpClient, GetsAndPosts) {
    Echo handler;
    http::Server server{{}, handler};
    server.start();
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
    const auto got = http::get(url + "/a?b", {});
    ASSERT_TRUE(got) << got.error().reason;
    EXPECT_EQ(got->body, "GET /a b ");
    EXPECT_EQ(got->header("content-TYPE"), "text/plain");
    const auto posted = http::post(url, "hello", {});
    ASSERT_TRUE(posted) << posted.error().reason;
    EXPECT_EQ(posted->body, "POST /  hello");
    EXPECT_FALSE(http::get(url, {.body_bytes_max = 3}));
    for (const char* wrong : {"ftp://x", "http://", "http://a b/", "http://u@x/", "x"})
        EXPECT_FALSE(http::get(wrong, {})) << wrong;
}

TEST(HttpClient, DoesNotWaitForEver) {
    Later handler;
    http::Server server{{}, handler};
    server.start();
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
    EXPECT_FALSE(http::get(url, {.time_max = milliseconds{50}}));
    server.stop(milliseconds{0});
    EXPECT_FALSE(http::get(url, {}));
}

} // namespace
} // namespace tests::wire
