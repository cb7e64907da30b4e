#include "tests/support/load/http_client.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tests::load {
namespace {

using namespace std::chrono_literals;

// A server for one connection, which it reads a request from and gives ready bytes to.
class OneServer {
public:
    OneServer() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size);
        ::listen(listener_, 1);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
        port_ = ntohs(at.sin_port);
    }
    ~OneServer() {
        if (line_ >= 0) ::close(line_);
        ::close(listener_);
    }

    Address address() const { return {"127.0.0.1", port_}; }
    void accept() { line_ = ::accept(listener_, nullptr, nullptr); }
    std::string receive() {
        std::string text(4096, 0);
        text.resize(static_cast<std::size_t>(::recv(line_, text.data(), text.size(), 0)));
        return text;
    }
    void send(std::string_view bytes) {
        EXPECT_EQ(::send(line_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    void end() {
        ::close(line_);
        line_ = -1;
    }

private:
    int listener_, line_ = -1;
    std::uint16_t port_ = 0;
};

class HttpClientTest : public testing::Test, protected Handler {
protected:
    void answered(Connection&, const Response& response) override {
        status_ = response.status;
        body_ = response.body;
        header_ = response.header("x-what");
    }
    void failed(Connection&, Failure failure) override { failure_ = failure; }

    void until_told() {
        status_ = 0;
        failure_.reset();
        for (int i = 0; i < 1000 && status_ == 0 && !failure_; ++i)
            loop_.turn(10ms);
    }

    OneServer server_;
    Loop loop_;
    int status_ = 0;
    std::string body_, header_;
    std::optional<Failure> failure_;
};

TEST_F(HttpClientTest, ReadsAnAnswerThatComesInPieces) {
    Connection connection{loop_, *this, server_.address()};
    connection.send("GET / HTTP/1.1\r\n\r\n");
    server_.accept();
    loop_.turn(100ms);
    EXPECT_EQ(server_.receive(), "GET / HTTP/1.1\r\n\r\n");
    for (const char* piece :
         {"HTTP/1.1 20", "1 Created\r\nX-What: this \r\nContent-Le", "ngth: 5\r\n\r\nhe", "ll"}) {
        server_.send(piece);
        loop_.turn(100ms);
        EXPECT_TRUE(connection.busy());
    }
    server_.send("o");
    until_told();
    EXPECT_EQ(status_, 201);
    EXPECT_EQ(body_, "hello");
    EXPECT_EQ(header_, "this");
    EXPECT_FALSE(connection.busy());

    // The connection is used again.
    connection.send("second");
    EXPECT_EQ(server_.receive(), "second");
    server_.send("HTTP/1.1 204 No Content\r\n\r\n");
    until_told();
    EXPECT_EQ(status_, 204);
    EXPECT_EQ(body_, "");
}

TEST_F(HttpClientTest, TellsHowARequestFailed) {
    Connection nobody{loop_, *this, {"127.0.0.1", 1}};
    nobody.send("x");
    until_told();
    EXPECT_EQ(failure_, Failure::not_connected);

    Connection connection{loop_, *this, server_.address(), 50ms};
    connection.send("x");
    server_.accept();
    until_told();
    EXPECT_EQ(failure_, Failure::timed_out);
    server_.end();

    connection.send("x");
    server_.accept();
    loop_.turn(100ms); // Connected now, and sent.
    server_.receive();
    server_.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    server_.end();
    until_told();
    EXPECT_EQ(failure_, Failure::cut);

    connection.send("x");
    server_.accept();
    server_.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ntoo much");
    until_told();
    EXPECT_EQ(failure_, Failure::malformed);
}

TEST_F(HttpClientTest, GoesToAnotherServer) {
    Connection connection{loop_, *this, {"127.0.0.1", 1}};
    connection.send("x");
    until_told();
    connection.move_to(server_.address());
    connection.send("x");
    server_.accept();
    server_.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    until_told();
    EXPECT_EQ(status_, 200);
}

TEST(AddressTest, HasAnAddressAndAPort) {
    EXPECT_EQ(parse_address("127.0.0.1:8080").port, 8080);
    EXPECT_EQ(parse_address("127.0.0.1:8080").host, "127.0.0.1");
    for (const char* wrong : {"", "8080", "localhost:80", "127.0.0.1:", "127.0.0.1:99999"})
        EXPECT_THROW(parse_address(wrong), std::invalid_argument) << wrong;
}

} // namespace
} // namespace tests::load
