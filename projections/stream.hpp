// One stream as the command processor keeps it: its state, and which commands it has seen.

#pragma once

#include "bus/transaction.hpp"
#include "projections/aggregate.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

// XXH3 (128 bits) of a command's id.
struct CommandHash {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const CommandHash&, const CommandHash&) = default;
};
CommandHash command_hash(std::string_view id);
// The id as part of another one: itself, or, when it has grown long, 32 digits that stand for it.
// Otherwise ids would grow with every step of a story.
std::string short_id(std::string_view id);

// A command the stream has answered, and how: what a repeated command is told.
struct Seen {
    CommandHash command;
    std::array<char, 16> fingerprint{};
    std::uint64_t sequence = 0; // The stream's after the command.
    bus::Offset position = -1;  // Of the stream's last event after the command.
    std::string rejection;      // Empty when it was accepted.
};

// Most streams see a few commands.
inline constexpr std::size_t seen_at_first = 4;
// How many answers a stream keeps beside its state. Older ones have rows of their own.
inline constexpr std::size_t seen_kept_max = 64;
inline constexpr std::size_t seen_moved = 32; // Moved out at once when there are more.

struct Stream {
    // As the fold of the log says.
    std::string name;
    int partition = 0;
    const AnyAggregate* aggregate = nullptr;
    std::unique_ptr<AnyState> state;
    std::string tenant; // Of its first event; empty before.
    std::uint64_t sequence = 0;
    bus::Offset position = -1;       // The last record of `events` it contains.
    bus::Offset event_position = -1; // Its last event: where its present version is.
    domain::Time created, updated;
    std::vector<Seen> seen; // In the order of the log.
    std::uint64_t seen_moved_out = 0;
    bool unreadable = false; // An event could not be read; nothing is decided any more.

    // The cache's own.
    bool used = false;     // Since it was last looked at for letting go.
    bool dirty = false;    // Differs from its row.
    bool flushing = false; // Is about to be written.
    bool touched = false;  // Changed by the batch that is not committed yet.
};

// The row of a stream: everything above but the cache's own. Two folds of one log give the
// same bytes.
void write_row(const Stream& stream, std::string& out);
// Throws std::runtime_error when the row cannot be read.
void read_row(std::string_view row, Stream& stream);

// The key and row of an answer that was moved out.
std::string seen_key(std::string_view stream, CommandHash command);
void write_seen(const Seen& seen, std::string& out);
Seen read_seen(std::string_view row);

} // namespace projections
