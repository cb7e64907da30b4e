// campaign_client: see --help.

#include "gateways/market/identity.hpp"
#include "tests/crash/client.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

constexpr const char* footer = R"(
Takes orders on stdin, one a line, and answers each on stdout:
  pause    begins nothing new, finishes what is under way; then "paused ..." with its counts
  resume   goes on
  mark     from now on: how long until each partition accepts a command sent after now; then
           "recovered MS MS ..." (one for each partition)
  status   "status ..." with its counts
  quit     like pause, then ends with 0
The end of stdin ends it at once, with 1.)";

// What there is of stdin, in lines. Does not wait.
class Orders {
public:
    Orders() { ::fcntl(0, F_SETFL, ::fcntl(0, F_GETFL) | O_NONBLOCK); }

    // False when there is no whole line. `ended` says that there will never be one.
    bool next(std::string& line, bool& ended) {
        char buffer[4096];
        for (ssize_t got = 0; (got = ::read(0, buffer, sizeof buffer)) >= 0;) {
            if (got == 0) {
                ended = true;
                break;
            }
            text_.append(buffer, static_cast<std::size_t>(got));
        }
        const auto end = text_.find('\n');
        if (end == std::string::npos) return false;
        line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return true;
    }

private:
    std::string text_;
};

int run(tests::load::Loop& loop, tests::crash::Client& client, std::uint64_t commands_max) {
    Orders orders;
    bool pausing = false, marked = false, quitting = false, ended = false;
    for (;;) {
        loop.turn(1ms);
        client.drive();
        for (std::string order; orders.next(order, ended);) {
            if (order == "pause" || order == "quit") {
                client.pause(true);
                pausing = true;
                quitting = quitting || order == "quit";
            } else if (order == "resume") {
                client.pause(false);
            } else if (order == "mark") {
                client.mark();
                marked = true;
            } else if (order == "status") {
                std::cout << "status " << client.describe() << std::endl;
            } else {
                std::cout << "unknown " << order << std::endl;
            }
        }
        if (ended && commands_max == 0) return 1;
        if (commands_max != 0 && client.tally().commands >= commands_max && !quitting) {
            client.pause(true);
            pausing = quitting = true;
        }
        if (marked)
            if (const auto recovered = client.recovered()) {
                std::cout << "recovered";
                for (const double milliseconds : *recovered)
                    std::cout << ' ' << milliseconds;
                std::cout << std::endl;
                marked = false;
            }
        if (pausing && client.idle()) {
            std::cout << "paused " << client.describe() << std::endl;
            pausing = false;
            if (quitting) return 0;
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Posts mixed commands to marketd, repeats each until it is answered, and writes "
                 "down what it was told.",
                 "campaign_client"};
    app.footer(footer);
    tests::crash::ClientOptions options;
    std::vector<std::string> servers;
    std::string journal, tenant, subject;
    std::uint64_t commands_max = 0;
    int time_out = 5000;
    app.add_option("--server", servers, "host:port; repeatable")->required();
    app.add_option("--journal", journal, "File to append to")->required();
    app.add_option("--token", options.token, "With the role service")->required();
    app.add_option("--tenant", tenant, "Of the token")->required();
    app.add_option("--subject", subject, "Of the token")->required();
    app.add_option("--seed", options.seed, "Of the commands")->capture_default_str();
    app.add_option("--name", options.name, "Put before all keys; unlike that of any other run")
        ->capture_default_str();
    app.add_option("--connections", options.connections, "Used at the same time")
        ->capture_default_str();
    app.add_option("--rate", options.commands_per_second, "Commands a second, about")
        ->capture_default_str();
    app.add_option("--partitions", options.partitions, "Of the log")->capture_default_str();
    app.add_option("--time-out", time_out, "Milliseconds an answer may take")
        ->capture_default_str();
    app.add_option("--commands", commands_max, "Ends by itself after so many")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        for (const std::string& server : servers)
            options.servers.push_back(tests::load::parse_address(server));
        options.time_out = std::chrono::milliseconds{time_out};
        options.identity = {
            [=](std::string_view path, std::string_view key) {
                return gateways::market::command_id(tenant, subject, path, key);
            },
            [](std::string_view command) { return gateways::market::resource_id(command); }};
        tests::crash::Journal file{journal};
        tests::load::Loop loop;
        tests::crash::Client client{loop, file, std::move(options)};
        return run(loop, client, commands_max);
    } catch (const std::exception& error) {
        std::cerr << "campaign_client: " << error.what() << '\n';
        return 2;
    }
}
