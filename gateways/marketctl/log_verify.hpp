// What an auditor asks of the log: is it whole, in order, and unchanged?

#pragma once

#include "bus/bus.hpp"
#include "domain/described.hpp"
#include "gateways/marketctl/progress.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gateways::marketctl {

struct VerifiedPartition {
    int partition = 0;
    std::uint64_t records = 0;
    std::string first, last; // Times of the first and the last record; empty without records.
    std::string head;        // SHA-256 of the last record; 64 zeros without records.
};
BOOST_DESCRIBE_STRUCT(VerifiedPartition, (), (partition, records, first, last, head))

struct Fault {
    std::string place; // "events/3/17": topic, partition, offset.
    std::string problem;
};
BOOST_DESCRIBE_STRUCT(Fault, (), (place, problem))

struct Verification {
    bool whole = false; // No fault was found.
    std::uint64_t records = 0, streams = 0, commands = 0;
    std::vector<VerifiedPartition> partitions;
    std::vector<Fault> faults; // The first one found, or none.
};
BOOST_DESCRIBE_STRUCT(Verification, (), (whole, records, streams, commands, partitions, faults))

struct VerifyOptions {
    // For telling repeated commands: 16 bytes each. With more commands than fit the log is read
    // several times. The streams take about 50 bytes each beside it.
    std::size_t command_bytes = std::size_t{256} << 20;
};

// Reads all of `events`. Each record is a well-formed envelope in the partition of its stream,
// carries the SHA-256 of the one before it, the next sequence of its stream and that stream's
// tenant; a command's records stand together, numbered from 1, and no command comes twice.
Verification verify(bus::Log& log, const VerifyOptions& options, Progress& progress);

} // namespace gateways::marketctl
