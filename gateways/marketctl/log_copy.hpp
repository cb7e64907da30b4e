// Moves a stopped system's log to another one, of the same kind or not, byte for byte.

#pragma once

#include "bus/bus.hpp"
#include "domain/described.hpp"
#include "gateways/marketctl/progress.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace gateways::marketctl {

// The two logs are no pair of source and (unfinished) copy; the target is as it was.
class NoCopy : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct CopyOptions {
    // Of one transaction, about.
    std::size_t bytes_max = std::size_t{4} << 20;
    std::size_t records_max = 20'000;
};

struct CopiedPartition {
    int partition = 0;
    std::uint64_t events = 0, parked = 0, commands = 0; // Records the target has now.
    std::string head;                                   // SHA-256 of the last event, in both logs.
};
BOOST_DESCRIBE_STRUCT(CopiedPartition, (), (partition, events, parked, commands, head))

struct CopyReport {
    std::uint64_t found = 0;  // Records that a former run had brought over.
    std::uint64_t copied = 0; // By this run.
    std::vector<CopiedPartition> partitions;
};
BOOST_DESCRIBE_STRUCT(CopyReport, (), (found, copied, partitions))

// Brings all of `events` and `parked`, and those of `commands` that are not consumed, with their
// keys and in the order of their partitions. What the target has already is compared; when that
// is the beginning of what it shall have, the copy goes on behind it, so that a copy that ended
// at any moment is finished by the next. In the end the target is read again and compared.
// Nobody else may write to either. Throws NoCopy before anything was written, and bus::Error
// when a log fails or the source's chain is broken.
CopyReport copy_log(bus::Log& from, bus::Log& to, const CopyOptions& options, Progress& progress);

} // namespace gateways::marketctl
