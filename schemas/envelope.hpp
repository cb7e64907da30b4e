// The envelopes around what travels on the log: event, command, outcome, parked record.
// Views point into the record and into the reader's parsed document, and stay valid as long as the
// one and until the next call of the other.

#pragma once

#include "domain/time.hpp"
#include "schemas/codec.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schemas {

using boost::describe::operators::operator==;

// One record of `events`. Refusals and commands that changed nothing are remembered as an
// event of type `command.answered`, which has sequence 0: it belongs to no stream's history.
struct EventView {
    std::string_view id;          // "<command>.<n>", n = 1, 2, ... within its command.
    std::string_view type;        // "payment.requested"
    std::string_view stream;      // "payment-<id>"
    std::uint64_t sequence = 0;   // 1, 2, 3 ... in its stream; 0: not part of it.
    domain::Time time;            // That of the command.
    std::string_view tenant;      // Whose it is; a stream never changes it.
    std::string_view actor;       // Who asked: the token's subject, or the policy's name.
    std::string_view command;     // Id of the command that caused it.
    std::string_view fingerprint; // Of that command's type and data; 16 hex digits.
    std::string_view correlation; // Id of the first command of the whole story.
    std::string_view trace;       // W3C traceparent, or empty: then the field is left out.
    Json data;
    std::string_view previous; // SHA-256 of the partition's previous record, 64 hex digits.
};

// The data of `command.answered`: {"rejection":"not_held"}, or {} when nothing changed.
struct CommandAnswered {
    static constexpr std::string_view type = "command.answered";
    std::optional<std::string> rejection;
};
BOOST_DESCRIBE_STRUCT(CommandAnswered, (), (rejection))

// One record of `commands`.
struct CommandView {
    std::string_view id;
    std::string_view type;
    std::string_view stream;
    domain::Time time;
    std::string_view tenant;
    std::string_view actor;
    std::string_view owner;       // Only if the stream is this one's; empty: whosever it is.
    std::string_view fingerprint; // What a repetition is known by; empty: type and data.
    std::string_view correlation; // Empty: the command's own id.
    std::string_view trace;       // May be empty.
    std::string_view reply;       // Key in `outcomes` the answer goes to; empty: nobody asks.
    std::uint64_t expected = 0;   // Sequence the stream has to stand at; 0: any.
    Json data;
};

// One record of `outcomes`: the answer to a command.
struct OutcomeView {
    std::string_view command;
    std::string_view fingerprint; // Of that command; empty in records of older programs.
    std::string_view stream;
    std::uint64_t sequence = 0; // The stream's after the command.
    std::int64_t position = 0;  // Offset in `events` of the stream's last event; -1: not known.
    std::string_view rejection; // Empty when accepted.
    bool replayed = false;      // The command had been decided before.
};

// No record is larger.
inline constexpr std::size_t record_bytes_max = 1024 * 1024;

// Reads envelopes; keeps its buffers between calls. One thread. Fields nobody knows are refused
// in commands and skipped in events and outcomes.
class EnvelopeReader {
public:
    Decoded<EventView> event(std::string_view record);
    Decoded<CommandView> command(std::string_view record);
    Decoded<OutcomeView> outcome(std::string_view record);

private:
    Parser parser_;
};

// Fields come in the order above, and empty ones that may be empty are left out. `data` is the
// JSON text of the data member, as written by write_data().
void write_event(const EventView& head, std::string_view data, std::string& out);
void write_command(const CommandView& head, std::string_view data, std::string& out);
void write_outcome(const OutcomeView& outcome, std::string& out);

// XXH3 (64 bits, seed 0) of type, a zero byte and the canonical data, as 16 hex digits. Tells
// a repeated command from another one under the same id; it is no defence against forgery,
// and needs none: ids are scoped to their caller.
std::array<char, 16> fingerprint(std::string_view type, std::string_view data);

// A record set aside: what it was, where it stood, why. `payload` is the record's bytes;
// base64 when they are not valid UTF-8.
struct Parked {
    std::string id; // "<topic>/<partition>/<offset>", or the command's id from a door.
    std::string topic;
    int partition = 0;
    std::int64_t offset = 0;
    std::string reason;
    std::string time; // RFC 3339
    std::string payload;
    bool base64 = false;
    std::string resolution; // "" open, "retried", "dropped": a later record with the same id.
};
BOOST_DESCRIBE_STRUCT(Parked, (),
                      (id, topic, partition, offset, reason, time, payload, base64, resolution))

} // namespace schemas
