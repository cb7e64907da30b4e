// Folding stored events into streams: what a start, a takeover and a rebuild do.

#pragma once

#include "bus/bus.hpp"
#include "projections/streams.hpp"

#include <span>
#include <stdexcept>
#include <vector>

namespace projections {

// The log contradicts itself: a record is missing, repeated with other content, or changed.
// Nobody may decide on such a log; a person has to look.
class BrokenLog : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Checks the chain and the sequence of each record, and brings the stream up to it. Drops what
// a stream contains already. Moves the stamp. One thread.
class EventFold {
public:
    explicit EventFold(Streams& streams) : streams_{streams} {}

    // Records as a reader hands them out, with the stamps by partition. Throws BrokenLog.
    void fold(std::span<const bus::Record> records, const std::vector<Stamp*>& stamps);

    std::uint64_t unreadable() const { return unreadable_; } // Events that could not be read.

    // One, for who reads one by one.
    void fold(const bus::Record& record, Stamp& stamp) {
        fold(record, chain_hash(record.value), stamp);
    }

private:
    void fold(const bus::Record& record, const ChainHash& hash, Stamp& stamp);

    Streams& streams_;
    schemas::EnvelopeReader reader_;
    std::uint64_t unreadable_ = 0;
};

// A partition that has to be brought from its stamp to `end`.
struct Behind {
    int partition = 0;
    bus::Offset end = 0;
    Stamp stamp;
};

// Brings the streams of these partitions to their ends, and their stamps with them, all in one
// pass over the log. Writes rows when many wait. `progress` is called from time to time, with
// the number of events folded.
void catch_up(bus::Log& log, std::vector<Behind>& behind, Streams& streams, EventFold& fold,
              std::size_t dirty_max, const std::function<void(std::uint64_t)>& progress);

} // namespace projections
