// Compares what clients were told with what stands in the log. It knows nothing of how the server
// works: only which command was sent, what was answered, and the bytes of `events`.
//
// It follows both as they grow. What it finds wrong stays found.

#pragma once

#include "tests/crash/journal.hpp"

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tests::crash {

// The door's rule for the id of a command, and of the resource that a creating command makes.
struct Identity {
    std::function<std::string(std::string_view path, std::string_view key)> command;
    std::function<std::string(std::string_view command)> resource;
};

class Audit final : private JournalReader {
public:
    Audit(int partitions, Identity identity);

    // A line of the journal, without its end. Lines come in the order they were written.
    void journal(std::string_view line) { read_line(line, *this); }

    // A record of `events`. Those of one partition come in their order, from the first one on.
    void logged(int partition, std::int64_t offset, std::string_view record);

    // Looks at every answer that was read before this call: the log was read to its end after the
    // journal was. Commands that were sent and not answered may or may not have happened. What is
    // in the log and was never sent is found by the second call after it.
    void compare();

    // What is wrong, the first thousand in words; `violations` counts all.
    const std::vector<std::string>& findings() const { return findings_; }
    std::uint64_t violations() const { return violations_; }

    struct Counts {
        std::uint64_t sent = 0, acknowledged = 0, accepted = 0, refused = 0, repeats = 0;
        std::uint64_t reused = 0, events = 0, unanswered_done = 0, unanswered_not_done = 0;
    };
    Counts counts() const;

private:
    // What a command left in the log.
    struct Effect {
        std::uint32_t records = 0;
        int partition = -1;
        // Of its stream, after it: where the last event is, and its sequence.
        std::int64_t last_offset = -1;
        std::uint64_t last_sequence = 0;
        bool answered_only = false; // A `command.answered` record: no event of the stream.
        std::string stream, rejection, type;
        bool has_amount = false;
        std::int64_t amount = 0;
    };
    struct Command {
        std::string name; // Key and path, for findings; empty: never sent.
        std::string type;
        bool has_amount = false;
        std::int64_t amount = 0;
        // The first answer.
        int status = 0;
        std::uint64_t version = 0;
        std::string id, position, code, hash;
        std::uint32_t answers = 0;
        Effect effect;
    };
    struct Stream {
        int partition = -1;
        std::int64_t offset = -1; // Of its last event.
        std::uint64_t sequence = 0;
        std::string tenant;
    };
    struct Partition {
        std::int64_t offset = -1;
        std::string previous; // SHA-256 of the last record.
        std::string command;  // That caused it.
    };

    void sent(const Sent& sent) override;
    void answered(const Answered& answered) override;
    void reused(const Reused& reused) override;
    void complaint(std::string_view text) override;

    void check_chain(Partition& partition, int number, std::int64_t offset, std::string_view record,
                     std::string_view previous);
    void check_stream(int partition, std::int64_t offset, std::string_view stream,
                      std::uint64_t sequence, std::string_view type, std::string_view tenant);
    void check_answer(const std::string& id, const Command& command);
    void check_repeat(const Command& command, const Answered& answered);
    void found(std::string text);

    const int partitions_;
    const Identity identity_;
    simdjson::dom::parser parser_;
    std::unordered_map<std::string, Command> commands_;
    std::unordered_map<std::string, Stream> streams_;
    std::vector<Partition> places_;
    std::vector<std::string> to_compare_; // Answered since the last compare().
    std::vector<std::string> unsent_;     // In the log, before the journal said they were sent,
    std::vector<std::string> suspects_;   // and still so at the last compare().
    std::vector<std::string> findings_;
    std::uint64_t violations_ = 0;
    Counts counts_;
};

} // namespace tests::crash
