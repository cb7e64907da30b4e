// What tests of copies share: a log with something in every topic, and a look at all of it.

#pragma once

#include "projections/processor.hpp"
#include "tests/support/processing.hpp"

#include <string>
#include <vector>

namespace tests {

// Processes some tallies, and leaves parked records and commands that nobody has consumed.
inline void fill(bus::Log& log, int commands) {
    {
        projections::MemoryStore store;
        Processing processing{log, store};
        for (int i = 0; i < commands; ++i) {
            const std::string stream = "tally-" + std::to_string(i % 17);
            const std::string id = "c" + std::to_string(i);
            if (i % 5 == 4)
                processing.ask(id, stream, Send{"tally-" + std::to_string((i + 1) % 17), 1});
            else
                processing.ask(id, stream, Add{i % 7});
        }
        bus::Transaction bad;
        bad.append(bus::Topic::commands, 0, "key-of-it", "no command at all");
        bad.append(bus::Topic::commands, 1, "binary", "\xff\xfe\x01");
        log.append(bad);
        processing.settle();
        processing.processor.leave();
    }
    bus::Transaction waiting;
    for (int partition = 0; partition < log.partitions(); ++partition)
        waiting.append(bus::Topic::commands, partition, "later", "asked, not yet consumed");
    log.append(waiting);
}

// Key and value of all that a copy has to have, by topic and partition.
inline std::vector<std::vector<std::string>> content(bus::Log& log) {
    std::vector<std::vector<std::string>> all;
    for (const bus::Topic topic : {bus::Topic::events, bus::Topic::parked, bus::Topic::commands})
        for (int partition = 0; partition < log.partitions(); ++partition) {
            auto& records = all.emplace_back();
            const bus::Offset from =
                topic == bus::Topic::commands ? log.consumed(partition) : bus::Offset{0};
            const auto reader = log.read(topic, {{partition, from}});
            while (reader->position().front().offset < log.end(topic, partition))
                for (const bus::Record& record : reader->read(1 << 20, bus::milliseconds{1000}))
                    records.push_back(std::string{record.key} + "\n" + std::string{record.value});
        }
    return all;
}

} // namespace tests
