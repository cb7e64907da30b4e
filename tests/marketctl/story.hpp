// Logs written by hand, so that faults can be planted in them.

#pragma once

#include "bus/embedded/embedded.hpp"
#include "projections/chain.hpp"
#include "schemas/envelope.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tests {

// One event as it is meant.
struct Draft {
    std::string stream, command;
    std::uint64_t sequence = 0; // 0: a command.answered.
    int number = 1;             // Within its command.
    std::string tenant = "acme";
    std::string id = {}; // Empty: as it should be.
    int partition = -1;  // -1: where it should be.
};

// One record as it is stored.
struct Written {
    int partition = 0;
    std::string key, value;
};

inline constexpr int story_partitions = 2;

// Ten streams with three commands each: two events, a refusal, one event.
inline std::vector<Draft> drafts() {
    std::vector<Draft> all;
    for (int round = 0; round < 3; ++round)
        for (int i = 0; i < 10; ++i) {
            const std::string stream = "tally-" + std::to_string(i);
            const std::string command = stream + "/" + std::to_string(round);
            if (round == 0) {
                all.push_back({stream, command, 1, 1});
                all.push_back({stream, command, 2, 2});
            } else {
                all.push_back({stream, command, round == 1 ? 0U : 3U, 1});
            }
        }
    return all;
}

// With their hashes, each partition's in the order of the drafts.
inline std::vector<Written> chained(const std::vector<Draft>& drafts) {
    std::vector<Written> all;
    std::map<int, projections::ChainHash> heads;
    for (const Draft& draft : drafts) {
        const int partition = draft.partition >= 0
                                  ? draft.partition
                                  : bus::partition_of(draft.stream, story_partitions);
        const std::string id =
            draft.id.empty() ? draft.command + "." + std::to_string(draft.number) : draft.id;
        schemas::EventView head;
        head.id = id;
        head.type = draft.sequence == 0 ? "command.answered" : "tally.added";
        head.stream = draft.stream;
        head.sequence = draft.sequence;
        head.time = {1'800'000'000'000 + static_cast<std::int64_t>(all.size())};
        head.tenant = draft.tenant;
        head.actor = "tester";
        head.command = draft.command;
        head.fingerprint = "0123456789abcdef";
        head.correlation = draft.command;
        head.previous = heads[partition].text();
        Written one{partition, draft.stream, {}};
        schemas::write_event(head, draft.sequence == 0 ? "{}" : R"({"amount":5})", one.value);
        heads[partition] = projections::chain_hash(one.value);
        all.push_back(std::move(one));
    }
    return all;
}

inline std::unique_ptr<bus::Log> small_log(const std::filesystem::path& folder, int partitions) {
    bus::embedded::Options options;
    options.folder = folder;
    options.partitions = partitions;
    options.segment_bytes = 1 << 20;
    return bus::embedded::open(options);
}

inline std::unique_ptr<bus::Log> log_of(const std::filesystem::path& folder,
                                        const std::vector<Written>& records) {
    auto log = small_log(folder, story_partitions);
    bus::Transaction transaction;
    for (const Written& one : records)
        transaction.append(bus::Topic::events, one.partition, one.key, one.value);
    log->append(transaction);
    return log;
}

} // namespace tests
