// A told story as an embedded log.

#pragma once

#include "bus/embedded/embedded.hpp"
#include "tests/ledger/told_story.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace tests {

inline std::unique_ptr<bus::Log> ledger_log(const std::filesystem::path& folder) {
    bus::embedded::Options options;
    options.folder = folder;
    options.partitions = ToldStory::partitions;
    options.segment_bytes = 4 << 20;
    return bus::embedded::open(options);
}

inline void append(bus::Log& log, const std::vector<ToldRecord>& records) {
    constexpr std::size_t at_once = 500;
    for (std::size_t at = 0; at < records.size();) {
        bus::Transaction transaction;
        for (std::size_t i = 0; i < at_once && at < records.size(); ++i, ++at)
            transaction.append(bus::Topic::events, records[at].partition, records[at].stream,
                               records[at].value);
        log.append(transaction);
    }
}

} // namespace tests
