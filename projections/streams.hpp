// The processor's bounded cache of streams over its store: loads them, takes back what a batch
// changed when it was not committed, and writes them lazily. One thread.

#pragma once

#include "projections/name_filter.hpp"
#include "projections/store.hpp"
#include "projections/stream.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace projections {

class Streams {
public:
    // `kept_max`: streams in memory; more only while they wait to be written.
    Streams(Store& store, const Registry& registry, std::size_t kept_max);
    // The stream, as new when nothing is known of it. Null when no aggregate has its name.
    // Valid until the next trim() or forget().
    Stream* load(int partition, std::string_view name);

    // It will be loaded soon: begins to fetch it from memory if it is there.
    void expect(std::string_view name) const;

    // Learns which streams have rows, if they are few
    // enough for that not to take long.
    void learn(int partition);

    // How the stream answered this command before, if it did.
    std::optional<Seen> answered(Stream& stream, CommandHash command);

    // Before a batch changes it: remembers what it is now.
    void touch(Stream& stream);
    // The batch is part of the log.
    void keep_batch();
    // The batch is not: all touched streams are as they were.
    void undo_batch();

    // It differs from its row now, for good. Moves its oldest answers out when there are many.
    void changed(Stream& stream);

    // Lets go of streams that were not used lately and are written.
    void trim();
    // Forgets all streams of a partition, written or not.
    void forget(int partition);

    std::size_t size() const { return streams_.size(); }
    std::size_t dirty() const { return dirty_.size() + flushing_.size() - flushed_; }

    // Writing, in steps, so that no command waits for all of it. A flush writes every stream
    // that was dirty when it began, and then the stamps given to it.
    bool flushing() const { return flush_running_; }
    void begin_flush(std::map<int, Stamp> stamps);
    void flush_step();
    void flush_all(std::map<int, Stamp> stamps);

private:
    struct Undo {
        Stream* stream;
        std::unique_ptr<AnyState> state;
        std::string tenant;
        std::uint64_t sequence;
        bus::Offset position, event_position;
        domain::Time created, updated;
        std::size_t seen;
    };

    bool learned(int partition) const;
    void move_out(Stream& stream);
    void write(int partition, const std::optional<Stamp>& stamp);

    Store& store_;
    const Registry& registry_;
    const std::size_t kept_max_;
    boost::unordered_flat_map<std::string_view, std::unique_ptr<Stream>> streams_;
    // All of them, in a ring for the clock algorithm: one that was used since the hand last passed
    // gets another round. A look-up marks the stream and touches nothing else.
    std::vector<Stream*> ring_;
    std::size_t hand_ = 0;
    NameFilter known_;
    std::vector<bool> learned_; // By partition; others are looked up always.
    std::vector<Undo> undo_;
    std::vector<Stream*> dirty_, flushing_;
    // Answers that get rows of their own, by partition and key. Whoever writes a stream's row
    // writes them with it: the row no longer has them.
    std::map<int, std::map<std::string, std::string, std::less<>>> moved_out_;
    std::size_t flushed_ = 0;
    bool flush_running_ = false;
    std::map<int, Stamp> stamps_;
    std::vector<RowWrite> rows_;
    std::string row_;
};

} // namespace projections
