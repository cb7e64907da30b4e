// Our HTTP server's core with a handler that does nothing but answer 201 with the request's body:
// what is left of the bare echo's speed before anything is decided.
//
//     bench_http_core --port 8080 [--later]
//
// --later answers as a command is answered: from another thread, all that wait at once.

#include "gateways/http/server.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace {

namespace http = gateways::http;

class AtOnce : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        write_response(request.reply, http::Status::created, http::json_type, request.body, answer);
    }
};

class Later : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange exchange, std::string&) override {
        std::string bytes;
        write_response(request.reply, http::Status::created, http::json_type, request.body, bytes);
        gathered_.push_back({exchange, std::move(bytes)});
    }
    void handled() override {
        {
            const std::lock_guard lock{mutex_};
            for (auto& answer : gathered_)
                waiting_.push_back(std::move(answer));
        }
        gathered_.clear();
        there_.notify_one();
    }
    void run(http::Server& server) {
        for (std::vector<http::Answer> batch;;) {
            {
                std::unique_lock lock{mutex_};
                there_.wait(lock, [this] { return !waiting_.empty(); });
                batch.swap(waiting_);
            }
            server.answer(std::move(batch));
            batch.clear();
        }
    }

private:
    std::vector<http::Answer> gathered_; // Of the one I/O thread.
    std::mutex mutex_;
    std::condition_variable there_;
    std::vector<http::Answer> waiting_;
};

} // namespace

int main(int argc, char** argv) {
    http::Options options;
    bool later = false;
    CLI::App app{"The HTTP core without anything behind it"};
    app.add_option("--port", options.port, "0: any; the port is printed");
    app.add_flag("--later", later, "Answer from another thread");
    CLI11_PARSE(app, argc, argv);

    AtOnce at_once;
    Later other;
    http::Handler& handler = later ? static_cast<http::Handler&>(other) : at_once;
    http::Server server{options, handler};
    server.start();
    std::printf("%u\n", static_cast<unsigned>(server.port()));
    std::fflush(stdout);
    if (later) other.run(server);
    for (;;)
        ::pause();
}
