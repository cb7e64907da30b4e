// The log: ordered, durable topics with transactions. Every implementation keeps the
// promises written here; tests/bus/contract.hpp checks them on each.
//
//   order        Records of one partition are read in the order of their offsets, by every
//                reader the same, for ever.
//   whole        A transaction's records, in all topics and partitions, and the consumed
//                positions it carries become visible together or not at all. What was
//                aborted is never seen by anyone.
//   kept         What commit() called committed, append() returned from, survives the death
//                of the process and of the machine.
//   one owner    At most one owner at a time can commit for a partition. Who lost it learns
//                so from commit() or poll(), never by a silent success.
//   fixed count  The number of partitions is set when the log is made. Opening it with
//                another is refused.
//   refusal      What cannot be taken (disk full, record too large, broker gone) is refused
//                with a reason and harms nothing that was there.
//
// `outcomes` may be delivered from memory only, to readers of the same process: answers have
// no value once their asker is gone.

#pragma once

#include "bus/topic.hpp"
#include "bus/transaction.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bus {

using std::chrono::milliseconds;

// The outside failed us: no disk, no broker, a damaged or foreign log. The message says what
// to do about it.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The largest key and value that are taken. A bound every implementation can keep: Kafka's
// default message.max.bytes is 1,048,588 with the headers of its batch.
inline constexpr std::size_t key_bytes_max = 1024;
inline constexpr std::size_t value_bytes_max = 1'000'000;

struct Record {
    Topic topic{};
    int partition = 0;
    Offset offset = 0;
    std::string_view key, value;
};

// Follows partitions of one topic from given offsets on. One thread at a time, except wake().
class Reader {
public:
    virtual ~Reader() = default;

    // The next committed records, at most about `bytes_max` bytes of them but at least one.
    // Waits up to `wait` while there are none, then answers with an empty span. The views stay
    // valid until the next call. Throws Error when the log is damaged; a broker that cannot be
    // reached is waited for (Log::trouble() tells).
    virtual std::span<const Record> read(std::size_t bytes_max, milliseconds wait) = 0;

    // The offset after the last record handed out, a partition, and after what takes places
    // behind it without being a record: a reader that has all of them stands at Log::end().
    virtual std::vector<PartitionOffset> position() const = 0;

    // Ends a read() that waits, from any thread.
    virtual void wake() = 0;
};

// A partition that begins to be owned.
struct Tenure {
    int partition = 0;
    Offset commands = 0;   // The next command to be consumed.
    Offset events_end = 0; // Everything committed to `events` before this tenure is below.
};

// What poll() brings. The records' views stay valid until the next poll().
struct Turn {
    std::vector<int> lost;      // Tenures that ended, in the order they did. Dealt with first.
    std::vector<Tenure> gained; // Tenures that begin; whoever owned before is fenced by now.
    std::vector<Record> commands;
};

struct Commit {
    enum class State {
        committed, // Durable, visible.
        refused,   // Nothing became visible, the tenures go on: the same can be tried again.
        lost       // Fenced, or the answer is unclear. Every tenure of this owner has ended,
                   // and what the transaction held may or may not be in the log. poll() will
                   // hand partitions out again, whose events then have to be read to the end.
    };
    State state = State::refused;
    std::vector<Offset> offsets; // When committed: the offset of each entry, by index.
    std::string reason;          // When not.
};

// Takes part in the ownership of the partitions. One thread, except wake().
class Owner {
public:
    // Leaves as if killed when leave() was not called: the partitions are handed on only
    // after the time the implementation needs to notice.
    virtual ~Owner() = default;

    // Lets memberships change, and brings up to `commands_max` records of `commands` from the
    // owned partitions. Waits up to `wait` while nothing happens; wake() ends the wait.
    virtual void poll(Turn& turn, std::size_t commands_max, milliseconds wait) = 0;

    // Only for partitions whose tenure lasts. Blocks until the outcome is known or is known to
    // be unclear. An empty transaction commits (and, where that is how ownership is checked,
    // checks it).
    virtual Commit commit(const Transaction& transaction) = 0;

    virtual void wake() = 0; // Thread-safe.

    // Gives all partitions back at once, for a clean end.
    virtual void leave() = 0;
};

// All functions may be called from any thread.
class Log {
public:
    virtual ~Log() = default;

    virtual int partitions() const = 0;

    // The offset after the last committed record.
    virtual Offset end(Topic topic, int partition) = 0;
    // At or beyond the end of all that is committed, also of what can be read only a moment later.
    virtual Offset end_bound(Topic topic, int partition) { return end(topic, partition); }

    // The position committed for `commands` by the last owner of the partition.
    virtual Offset consumed(int partition) = 0;

    // Starts below the first record kept are raised to it.
    virtual std::unique_ptr<Reader> read(Topic topic, std::vector<PartitionOffset> from) = 0;

    // Single records by offset, ascending; for looking up a few. Throws Error when one is not
    // there. Blocks.
    virtual std::vector<std::string> fetch(Topic topic, int partition,
                                           std::span<const Offset> offsets) = 0;

    // Takes part in owning partitions. `name` tells this instance from others and is stable
    // over restarts ("market-1/0").
    virtual std::unique_ptr<Owner> own(std::string name) = 0;

    // Appends outside of any tenure, whole and durable when it returns; throws Error when it
    // did not happen or is unclear. For tools and for what has no owner. `consumed` positions
    // are set too when nobody owns the partition.
    virtual void append(const Transaction& transaction) = 0;

    // Hands records to whoever owns the partition or waits for the reply (`commands`,
    // `outcomes`), without waiting. May be lost with the process: their sender repeats them.
    // False when the bounded queue behind it is full.
    virtual bool post(Topic topic, int partition, std::string_view key, std::string_view value) = 0;

    // Why the log cannot be used just now, in words; empty when all is well.
    virtual std::string trouble() const = 0;
};

} // namespace bus
