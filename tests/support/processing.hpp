// A processor over tallies, for tests: submits commands, runs rounds, keeps the answers.

#pragma once

#include "projections/processor.hpp"
#include "tests/support/tally.hpp"

#include <map>

namespace tests {

inline projections::Submission submission(int partitions, std::string id, std::string stream,
                                          Tally::Command command) {
    projections::Submission made;
    made.id = std::move(id);
    made.partition = bus::partition_of(stream, partitions);
    made.stream = std::move(stream);
    made.tenant = "acme";
    made.actor = "tester";
    made.time = {1'800'000'000'000};
    made.command =
        std::make_unique<projections::Aggregate<Tally>::KnownCommand>(std::move(command));
    made.want_state = true;
    return made;
}

class KeptAnswers final : public projections::Answerer {
public:
    void answered(std::vector<projections::Answer>& answers) override {
        for (auto& answer : answers)
            all.push_back(std::move(answer));
    }
    std::vector<projections::Answer> all;
};

// One running processor.
class Processing {
public:
    Processing(bus::Log& log, projections::Store& store, projections::ProcessorOptions options = {})
        : log_{log}, processor{log,     "test/0",          store, tally_registry(),
                               answers, std::move(options)} {}

    // Sends one command and runs until it is answered.
    projections::Answer ask(std::string id, std::string stream, Tally::Command command,
                            std::string tenant = "acme") {
        std::vector<projections::Submission> one;
        one.push_back(
            submission(log_.partitions(), std::move(id), std::move(stream), std::move(command)));
        one.back().tenant = std::move(tenant);
        processor.submit(std::move(one));
        const std::size_t before = answers.all.size();
        while (answers.all.size() == before)
            processor.turn(bus::milliseconds{10});
        return answers.all.back();
    }

    // Rounds until all commands on the log are consumed.
    void settle() {
        for (int partition = 0; partition < log_.partitions(); ++partition)
            while (log_.consumed(partition) < log_.end(bus::Topic::commands, partition))
                processor.turn(bus::milliseconds{10});
    }

private:
    bus::Log& log_;

public:
    KeptAnswers answers;
    projections::Processor processor;
};

// All records of a topic, as text, in the order of partition and offset.
inline std::vector<std::string> records(bus::Log& log, bus::Topic topic) {
    std::vector<std::string> all;
    for (int partition = 0; partition < log.partitions(); ++partition) {
        const auto reader = log.read(topic, {{partition, 0}});
        while (reader->position().front().offset < log.end(topic, partition))
            for (const bus::Record& record : reader->read(1 << 20, bus::milliseconds{1000}))
                all.emplace_back(record.value);
    }
    return all;
}

// The rows of a store, as they are.
inline std::map<std::string, std::string> rows(projections::Store& store, int partitions) {
    std::map<std::string, std::string> all;
    for (int partition = 0; partition < partitions; ++partition)
        store.for_each(partition,
                       [&](std::string_view key, std::string_view row) { all.emplace(key, row); });
    return all;
}

// Folds all of the log into the streams, and writes them.
inline void fold_all(bus::Log& log, projections::Streams& streams, projections::EventFold& fold) {
    std::vector<projections::Behind> behind;
    for (int partition = 0; partition < log.partitions(); ++partition)
        behind.push_back({partition, log.end(bus::Topic::events, partition), {}});
    projections::catch_up(log, behind, streams, fold, 1000, {});
    std::map<int, projections::Stamp> stamps;
    for (const auto& one : behind)
        stamps[one.partition] = one.stamp;
    streams.flush_all(std::move(stamps));
}

// What a fold of the whole log from nothing gives.
inline std::map<std::string, std::string> replayed_rows(bus::Log& log) {
    projections::MemoryStore store;
    projections::Streams streams{store, tally_registry(), 1000};
    projections::EventFold fold{streams};
    fold_all(log, streams, fold);
    return rows(store, log.partitions());
}

} // namespace tests
