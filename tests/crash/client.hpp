// The client of a campaign: many connections with mixed commands, each of them repeated with its
// key until it is answered, whatever happens to the servers meanwhile.

#pragma once

#include "tests/crash/audit.hpp"
#include "tests/crash/workload.hpp"
#include "tests/support/load/http_client.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace tests::crash {

struct ClientOptions {
    std::vector<load::Address> servers;
    std::string token;
    Identity identity;
    std::uint64_t seed = 1;
    std::string name = "run"; // Put before all keys.
    std::size_t connections = 16;
    std::chrono::milliseconds time_out{5000};
    std::uint64_t commands_per_second = 2000; // About.
    int partitions = 8;
};

// A journal file that is appended to. flush() is one write: what went to the kernel outlives us.
class Journal {
public:
    // Throws std::system_error.
    explicit Journal(const std::string& path);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    std::string& lines() { return lines_; }
    void flush();

private:
    int file_ = -1;
    std::string lines_;
};

struct Tally {
    std::uint64_t commands = 0, acknowledged = 0, repeats = 0, retries = 0, batches = 0, reads = 0;
};

class Client {
public:
    Client(load::Loop& loop, Journal& journal, ClientOptions options);
    ~Client();

    // Starts what may start. To be called after every turn of the loop.
    void drive();

    // Paused, nothing new is begun; what is under way is finished first.
    void pause(bool paused) { paused_ = paused; }
    bool idle() const;

    // From now on: when does each partition accept a command that was sent after now?
    void mark();
    // Milliseconds from the mark for each partition; nothing while one is still missing.
    std::optional<std::vector<double>> recovered() const;

    const Tally& tally() const { return tally_; }
    std::string describe() const;

private:
    class Worker;
    struct Known { // A command to be repeated.
        std::string key, path, type, body, other_body, payment_id;
    };

    bool may_begin(std::size_t commands);
    void twin(const Step& step);
    void remember(const Step& step);
    void accepted_at(std::string_view position, load::Clock::time_point sent_at);

    load::Loop& loop_;
    Journal& journal_;
    const ClientOptions options_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Known> known_; // A fair sample of all that were acknowledged.
    std::uint64_t known_seen_ = 0;
    std::deque<Known> twins_; // To be sent a second time while the first is under way.
    simdjson::dom::parser parser_;
    Tally tally_;
    bool paused_ = false;
    double budget_ = 0; // Commands that may begin.
    load::Clock::time_point filled_at_;

    load::Clock::time_point marked_at_;
    std::map<int, double> recovered_;
};

} // namespace tests::crash
