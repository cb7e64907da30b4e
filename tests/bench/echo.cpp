// The reference for everything that is measured over HTTP: what plain Beast reaches with
// string_body and one thread. It answers every request with 201 and the request's own body.
//
//     bench_echo --port 8080

// The libraries are compiled here, so that nothing of ours is part of the reference.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/src.hpp>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;

class Session : public std::enable_shared_from_this<Session> {
public:
    explicit Session(Socket socket) : socket_{std::move(socket)} {}

    void read() {
        request_ = {};
        beast::http::async_read(socket_, buffer_, request_,
                                [self = shared_from_this()](beast::error_code error, std::size_t) {
                                    if (!error) self->write();
                                });
    }

private:
    void write() {
        response_ = {};
        response_.result(beast::http::status::created);
        response_.version(request_.version());
        response_.keep_alive(request_.keep_alive());
        response_.set(beast::http::field::content_type, "application/json");
        response_.body() = std::move(request_.body());
        response_.prepare_payload();
        beast::http::async_write(socket_, response_,
                                 [self = shared_from_this()](beast::error_code error, std::size_t) {
                                     if (!error && self->response_.keep_alive()) self->read();
                                 });
    }

    Socket socket_;
    beast::flat_buffer buffer_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response<beast::http::string_body> response_;
};

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

void accept(Acceptor& acceptor) {
    acceptor.async_accept([&acceptor](beast::error_code error, Socket socket) {
        if (!error) {
            socket.set_option(tcp::no_delay{true}, error);
            std::make_shared<Session>(std::move(socket))->read();
        }
        accept(acceptor);
    });
}

std::optional<unsigned short> port_of(int argc, char** argv) {
    if (argc != 3 || std::strcmp(argv[1], "--port") != 0) return std::nullopt;
    unsigned short port = 0;
    const char* const end = argv[2] + std::strlen(argv[2]);
    const auto [stop, error] = std::from_chars(argv[2], end, port);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return port;
}

} // namespace

int main(int argc, char** argv) {
    const auto port = port_of(argc, argv);
    if (!port) {
        std::fputs("usage: bench_echo --port PORT   (0: any; the port is printed)\n", stderr);
        return 2;
    }
    asio::io_context context{1};
    Acceptor acceptor{context, {asio::ip::address_v4::loopback(), *port}};
    std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    accept(acceptor);
    context.run();
}
