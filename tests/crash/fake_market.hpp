// A small server with the routes the campaign's client uses, in this process: it cuts connections
// and answers 503 from a seed, and can be told to break a promise, so that a test sees whether the
// client and the audit notice.

#pragma once

#include "domain/payment.hpp"
#include "tests/crash/audit.hpp"

#include <atomic>
#include <map>
#include <random>
#include <thread>

namespace tests::crash {

std::string sha256(std::string_view bytes); // In hex.

class FakeMarket {
public:
    enum class Plant {
        none,
        lose,          // Forgets some commands it has acknowledged.
        twice,         // Decides a repeated request again, and answers as at first.
        change_answer, // Tells a repeated command something else.
        take_reused    // Accepts another body under an old key.
    };

    static constexpr int partitions = 4;

    FakeMarket(Identity identity, std::uint64_t seed, Plant plant);
    ~FakeMarket();
    FakeMarket(const FakeMarket&) = delete;
    FakeMarket& operator=(const FakeMarket&) = delete;

    std::uint16_t port() const { return port_; }
    void stop(); // Ends the thread; the log can be looked at then.
    void tell(Audit& audit) const;

private:
    struct Answer {
        std::string fingerprint; // Of the command: its type and body.
        int status = 0;
        std::string id, code, position, body;
        std::uint64_t version = 0;
    };
    struct Payment {
        std::uint64_t version = 0;
        domain::Payment state;
        std::string position; // Of its last event.
    };
    struct Record {
        int partition;
        std::int64_t offset;
        std::string value;
    };
    struct Line {
        int socket = -1;
        std::string input;
    };

    void run();
    bool serve(Line& line); // False when the line is to be ended.
    bool one_request(Line& line, std::string_view head, std::string_view body);
    std::string handle(std::string_view head, std::string_view body, int& status, bool& replayed);
    std::string batch(std::string_view body);
    Answer take(const std::string& path, const std::string& key, std::string_view body,
                bool& replayed);
    Answer decide(const std::string& path, const std::string& command, std::string_view body);
    std::string append(const std::string& payment, const std::string& id, const std::string& type,
                       const std::string& data, std::uint64_t sequence);

    const Identity identity_;
    const Plant plant_;
    std::mt19937_64 random_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::map<std::string, Answer> answers_; // By command.
    std::map<std::string, Payment> payments_;
    std::vector<Record> log_;
    std::map<int, Record> last_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace tests::crash
