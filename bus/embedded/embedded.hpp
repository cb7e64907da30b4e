// The log in this process: segment files in one folder, one fdatasync per batch. The bytes
// on disk are described in FORMAT.md.
//
// One process at a time may write: an exclusive lock on the folder says so. Within it the
// newest owner takes all partitions, and older owners learn that they lost them.

#pragma once

#include "bus/bus.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace bus::embedded {

struct Options {
    std::filesystem::path folder; // Made when missing.
    int partitions = 0;           // 0: what the log has, 8 for a new one. 1 to 1024.
    // The size a segment file is given. A batch larger than it gets a file of its own size.
    std::size_t segment_bytes = std::size_t{64} << 20;
    // Bytes waiting behind post(), past which it answers false.
    std::size_t posted_bytes_max = std::size_t{16} << 20;
    // Takes no lock, writes nothing, sees what was there at opening: for tools beside a running
    // server. own(), append() and post() throw.
    bool read_only = false;
    // Where things worth an operator's attention are told, as a cut tail.
    std::function<void(const std::string&)> notice{};
};

// Throws Error when the folder is locked, is not a log, has another number of partitions, or
// is damaged in the middle. A torn end, which a crash leaves behind, is cut.
std::unique_ptr<Log> open(Options options);

} // namespace bus::embedded
