// The command processor: takes the commands that wait, decides them in one batch, commits the
// batch as one transaction, and only then lets the new state be the state and gives the answers.
//
// One processor serves all partitions its owner is given, in one thread. Several can share the
// work of one log, in one process or in many.

#pragma once

#include "bus/bus.hpp"
#include "projections/fold.hpp"
#include "projections/streams.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace projections {

// A command handed over in memory, well-formed and allowed.
struct Submission {
    std::string id; // 1 to 200 bytes.
    std::string stream;
    std::string tenant, actor, correlation, trace;
    std::string owner;       // Only if the stream is this one's; empty: whosever it is.
    std::string fingerprint; // What a repetition is known by; empty: of the command itself.
    domain::Time time;
    int partition = 0; // Of the stream.
    std::unique_ptr<AnyCommand> command;
    std::uint64_t expected_sequence = 0; // The stream has to stand there; 0: anywhere.
    bool creates = false;                // For the asker: a new resource is meant.
    bool want_state = false;             // The answer shall hold the state as decided.
    void* asker = nullptr;               // The answerer's own.
    std::uint64_t asker_item = 0;        // Likewise.
};

struct Answer {
    enum class Kind : std::uint8_t {
        accepted,
        refused,     // `rejection` says why; as lasting as an acceptance.
        conflict,    // The id was used before, for another command. Nothing was done.
        elsewhere,   // The partition is not owned here. Nothing was done.
        unavailable, // Not done, or unclear: ask again with the same id. `reason` says why.
    };
    Kind kind = Kind::unavailable;
    bool replayed = false;      // Decided before; the answer is that of then.
    std::uint64_t sequence = 0; // The stream's after the command.
    // Of the stream's last event after the command: where its version can be read. An offset
    // of -1: it has none.
    bus::PartitionOffset position;
    bool approximate = false;      // The position may lie beyond that; only remote answers.
    domain::Time created, updated; // Of the stream; only with a state.
    std::string rejection, reason;
    std::string state; // JSON; when wanted, accepted and not replayed.
    void* asker = nullptr;
    std::uint64_t asker_item = 0;
};

// Hears all answers of a batch at once, in the processor's thread. Must not block.
class Answerer {
public:
    virtual void answered(std::vector<Answer>& answers) = 0;

protected:
    ~Answerer() = default;
};

// What an operator sees of a processor. Written by its thread, read by any.
struct ProcessorMeter {
    std::atomic<std::uint64_t> commands{0}, accepted{0}, refused{0}, replayed{0}, conflicts{0};
    std::atomic<std::uint64_t> parked{0}, unreadable_events{0};
    std::atomic<std::uint64_t> batches{0}, batch_records{0}, batch_bytes{0};
    std::atomic<std::uint64_t> commits_refused{0}, commits_lost{0};
    std::atomic<std::uint64_t> commit_nanoseconds{0}, decide_nanoseconds{0};
    std::atomic<std::uint64_t> streams{0}, streams_dirty{0};
    std::atomic<int> partitions_owned{0}, partitions_restoring{0};
};

struct ProcessorOptions {
    std::size_t batch_commands_max = 8192; // From the log and from memory, each.
    std::size_t batch_bytes_max = 8 << 20; // Of a transaction, about.
    std::size_t waiting_max = 65536;       // Submissions, past which submit() answers false.
    std::size_t streams_kept_max = 32768;
    std::size_t streams_dirty_max = 16384; // Past which they are written.
    std::int64_t flush_after_milliseconds = 1000;
    // The wall clock, for how often to write. Only decides when, never what.
    std::function<std::int64_t()> milliseconds_now{};
    // Called between any two steps that a crash could separate.
    std::function<void(const char*)> step{};
    // Leaves a safety out, so that a test can show that the simulation notices.
    enum class Plant { none, apply_before_commit, no_dedupe, position_outside_transaction };
    Plant plant = Plant::none;
};

class Processor {
public:
    // All of these outlive the processor. `name` tells its owner from others.
    Processor(bus::Log& log, std::string name, Store& store, const Registry& registry,
              Answerer& answerer, ProcessorOptions options);
    ~Processor();

    // Thread-safe. False when too many wait; then nothing was taken.
    bool submit(std::vector<Submission>&& submissions);

    // True for a partition whose commands are decided here, now. Thread-safe.
    bool owns(int partition) const;
    // All partitions that are owned are caught up, and none is being handed over. Thread-safe.
    bool ready() const;

    // One round: take, decide, commit, apply, answer. Waits up to `wait` for something to do.
    // Throws BrokenLog and bus::Error.
    void turn(bus::milliseconds wait);

    // Rounds until stop(), then gives the partitions back and writes what is not written.
    void run();
    void stop(); // Thread-safe.
    void leave();

    const ProcessorMeter& meter() const { return meter_; }
    Streams& streams() { return streams_; } // For tests, between rounds.

private:
    class Batch;
    struct Partition {
        bool owned = false;
        Stamp stamp, committed; // With and without the batch.
    };
    struct Waiting {
        int partition;
        bus::Offset offset;
        std::string key, value;
    };

    void end_tenures(const std::vector<int>& partitions);
    void begin_tenures(const std::vector<bus::Tenure>& tenures);
    void take(bus::milliseconds wait);
    void decide_batch();
    void finish(bus::Commit commit);
    std::size_t waiting() const;
    void keep_waiting(std::size_t decided);
    void write_lazily();
    std::int64_t now() const { return options_.milliseconds_now(); }
    void step(const char* name) const {
        if (options_.step) options_.step(name);
    }

    bus::Log& log_;
    Store& store_;
    Answerer& answerer_;
    const ProcessorOptions options_;
    const std::unique_ptr<bus::Owner> owner_;
    Streams streams_;
    EventFold fold_;
    std::vector<Partition> partitions_;
    const std::unique_ptr<std::atomic<bool>[]> owned_;
    std::unique_ptr<Batch> batch_;

    bus::Turn turn_;
    std::vector<Waiting> again_; // Commands of the log whose batch was refused.
    std::vector<Submission> taken_;
    std::vector<Answer> answers_;
    std::size_t decided_from_log_ = 0; // Of again_, by the batch at hand.
    std::size_t decided_last_ = 0;     // Commands of the last batch.
    std::int64_t flushed_at_ = 0;
    bool commit_refused_ = false;

    mutable std::mutex mutex_;
    std::vector<Submission> submitted_;
    bool sleeping_ = false, stopping_ = false;
    std::atomic<bool> handing_over_ = true;
    ProcessorMeter meter_;
};

} // namespace projections
