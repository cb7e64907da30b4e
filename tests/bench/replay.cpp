// The engine without the door: makes a log of payments through a command processor in this
// process, and reads one from its first event to its last as a start without a store does.

#include "bus/embedded/embedded.hpp"
#include "gateways/market_registry.hpp"
#include "projections/processor.hpp"
#include "tests/bench/payments.hpp"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <iostream>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::filesystem::path folder;
    std::uint64_t payments = 350'000;
    std::size_t batch = 500;
    std::size_t streams_kept = 32768;
};

std::unique_ptr<bus::Log> open_log(const std::filesystem::path& folder, bool read_only) {
    bus::embedded::Options options;
    options.folder = folder / "log";
    options.read_only = read_only;
    return bus::embedded::open(options);
}

// CLOCK_PROCESS_CPUTIME_ID: of all threads. CLOCK_THREAD_CPUTIME_ID: of this one.
double cpu_seconds(clockid_t whose) {
    timespec used{};
    ::clock_gettime(whose, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class Counted final : public projections::Answerer {
public:
    void answered(std::vector<projections::Answer>& answers) override {
        for (const projections::Answer& answer : answers)
            if (answer.kind != projections::Answer::Kind::accepted)
                throw std::runtime_error{"a command was not accepted: " + answer.rejection +
                                         answer.reason};
        count += answers.size();
    }
    std::uint64_t count = 0;
};

projections::Submission submission(const Command& command, const projections::Registry& registry,
                                   simdjson::dom::parser& parser, int partitions) {
    projections::Submission made;
    made.id = command.id;
    made.stream = command.stream;
    made.partition = bus::partition_of(command.stream, partitions);
    made.tenant = "acme";
    made.actor = "bench";
    made.time = {std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count()};
    made.command = registry.of_stream(made.stream)
                       ->read_command(command.type, parser.parse(command.data), "data")
                       .value();
    return made;
}

// Every batch is submitted whole and decided before the next.
void make(const Options& options) {
    const auto log = open_log(options.folder, false);
    const auto& registry = gateways::market_registry();
    const auto store =
        projections::open_rocksdb_store(options.folder / "state", registry.layout(), 32 << 20);
    Counted answers;
    projections::ProcessorOptions settings;
    settings.streams_kept_max = options.streams_kept;
    projections::Processor processor{*log, "bench/0", *store, registry, answers, settings};
    while (!processor.ready())
        processor.turn(bus::milliseconds{100});

    simdjson::dom::parser parser;
    Story story{options.payments, "replay"};
    std::vector<projections::Submission> batch;
    const auto begin = Clock::now();
    const double cpu_begin = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    // Making the commands is not the processor's work.
    double preparing = 0, cpu_preparing = 0;
    for (std::uint64_t sent = 0; sent < story.size();) {
        const auto prepared = Clock::now();
        const double cpu_prepared = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        for (; batch.size() < options.batch && sent < story.size(); ++sent)
            batch.push_back(submission(story.next(), registry, parser, log->partitions()));
        preparing += seconds_since(prepared);
        cpu_preparing += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_prepared;
        if (!processor.submit(std::move(batch)))
            throw std::runtime_error{"the processor takes no more"};
        batch.clear();
        while (answers.count < sent)
            processor.turn(bus::milliseconds{100});
    }
    const double elapsed = seconds_since(begin) - preparing;
    const double cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin - cpu_preparing;
    processor.leave();
    const auto commands = static_cast<double>(story.size());
    std::cout << "{\"commands\": " << story.size() << ", \"per_second\": " << commands / elapsed
              << ", \"cpu_us\": " << cpu / commands * 1e6
              << ", \"batches\": " << processor.meter().batches << "}\n";
}

void read(const Options& options) {
    const auto log = open_log(options.folder, true);
    projections::MemoryStore store;
    // Everything stays in memory: what is measured is the log, not a store.
    projections::Streams streams{store, gateways::market_registry(), SIZE_MAX};
    projections::EventFold fold{streams};
    std::vector<projections::Stamp> stamps(static_cast<std::size_t>(log->partitions()));
    std::vector<projections::Stamp*> by_partition;
    for (projections::Stamp& stamp : stamps)
        by_partition.push_back(&stamp);
    std::vector<bus::PartitionOffset> from;
    std::uint64_t events = 0, folded = 0;
    for (int partition = 0; partition < log->partitions(); ++partition) {
        from.push_back({partition, 0});
        events += static_cast<std::uint64_t>(log->end(bus::Topic::events, partition));
    }
    const auto begin = Clock::now();
    const double cpu_begin = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const auto reader = log->read(bus::Topic::events, from);
    while (folded < events) {
        const auto records = reader->read(1 << 20, bus::milliseconds{1000});
        fold.fold(records, by_partition);
        folded += records.size();
    }
    const double elapsed = seconds_since(begin);
    const double cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin;
    if (fold.unreadable() != 0) throw std::runtime_error{"some events could not be read"};
    const auto count = static_cast<double>(events);
    std::cout << "{\"events\": " << events << ", \"streams\": " << streams.size()
              << ", \"per_second\": " << count / elapsed << ", \"per_cpu_second\": " << count / cpu
              << "}\n";
}

} // namespace

} // namespace bench

int main(int argc, char** argv) {
    bench::Options options;
    CLI::App app{"The engine without HTTP, on the embedded log.", "bench_replay"};
    app.require_subcommand(1);
    auto* make = app.add_subcommand("make", "Decide commands in process; prints commands/s");
    make->add_option("folder", options.folder, "New folder for the log and the store")->required();
    make->add_option("--payments", options.payments, "Of three commands each")
        ->capture_default_str();
    make->add_option("--batch", options.batch, "Commands that wait at a time")
        ->capture_default_str();
    make->add_option("--streams-kept", options.streams_kept, "In the processor's memory")
        ->capture_default_str();
    auto* read = app.add_subcommand("read", "Fold a log from its first event; prints events/s");
    read->add_option("folder", options.folder, "What make made")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        make->parsed() ? bench::make(options) : bench::read(options);
    } catch (const std::exception& error) {
        std::cerr << "bench_replay: " << error.what() << "\n";
        return 1;
    }
}
