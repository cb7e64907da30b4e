// Folding stored events into streams: what a start, a takeover and a rebuild do.

#pragma once

#include "bus/bus.hpp"
#include "projections/streams.hpp"

#include <stdexcept>

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

    // Throws BrokenLog.
    void fold(const bus::Record& record, Stamp& stamp);

    std::uint64_t unreadable() const { return unreadable_; } // Events that could not be read.

private:
    Streams& streams_;
    schemas::EnvelopeReader reader_;
    std::uint64_t unreadable_ = 0;
};

// Brings a partition's streams from its stamp to `end`. `progress` hears of the next offset
// from time to time. Writes rows when many wait.
void catch_up(bus::Log& log, int partition, bus::Offset end, Streams& streams, EventFold& fold,
              Stamp& stamp, std::size_t dirty_max,
              const std::function<void(bus::Offset)>& progress);

} // namespace projections
