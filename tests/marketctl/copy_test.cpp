// A million events go from the embedded log to Kafka and back, and are the same.

#include "bus/embedded/embedded.hpp"
#include "gateways/market_registry.hpp"
#include "gateways/marketctl/log_copy.hpp"
#include "gateways/marketctl/log_verify.hpp"
#include "gateways/marketctl/state.hpp"
#include "gateways/marketctl/stores.hpp"
#include "projections/processor.hpp"
#include "tests/bench/payments.hpp"
#include "tests/support/kafka_broker.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

using gateways::market_registry;
using gateways::marketctl::copy_log;
using gateways::marketctl::CopyReport;
using gateways::marketctl::NoProgress;
using gateways::marketctl::Positions;
using gateways::marketctl::StateDigest;
using projections::Store;

constexpr int partitions = 4;

// MARKETCTL_COPY_EVENTS=20000 for a quick look.
std::uint64_t events_wanted() {
    const char* text = std::getenv("MARKETCTL_COPY_EVENTS");
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 1'000'000;
}

class Counted final : public projections::Answerer {
public:
    void answered(std::vector<projections::Answer>& answers) override {
        for (const projections::Answer& answer : answers)
            if (answer.kind == projections::Answer::Kind::accepted) ++accepted;
    }
    std::uint64_t accepted = 0;
};

projections::Submission submission(const bench::Command& command, simdjson::dom::parser& parser) {
    projections::Submission made;
    made.id = command.id;
    made.stream = command.stream;
    made.partition = bus::partition_of(command.stream, partitions);
    made.tenant = "acme";
    made.actor = "tester";
    made.time = {1'800'000'000'000};
    made.command = market_registry()
                       .of_stream(command.stream)
                       ->read_command(command.type, parser.parse(command.data), "data")
                       .value();
    return made;
}

// Each command of the story leaves one event.
void generate(bus::Log& log, std::uint64_t events) {
    const auto scratch = gateways::marketctl::scratch_store(market_registry());
    Counted answers;
    projections::Processor processor{
        log, "test/0", *scratch.store, market_registry(), answers, {.milliseconds_now = [] {
            return std::int64_t{0};
        }}};
    bench::Story story{(events + bench::Story::steps - 1) / bench::Story::steps, "run"};
    simdjson::dom::parser parser;
    for (std::uint64_t sent = 0; sent < story.size();) {
        std::vector<projections::Submission> some;
        for (; some.size() < 4096 && sent < story.size(); ++sent)
            some.push_back(submission(story.next(), parser));
        const std::uint64_t goal = answers.accepted + some.size();
        ASSERT_TRUE(processor.submit(std::move(some)));
        const std::uint64_t batches = processor.meter().batches;
        while (answers.accepted < goal) {
            processor.turn(bus::milliseconds{10});
            ASSERT_LT(processor.meter().batches, batches + 1000);
        }
    }
    processor.leave();
}

StateDigest digest(bus::Log& log) {
    const auto scratch = gateways::marketctl::scratch_store(market_registry());
    NoProgress progress;
    gateways::marketctl::bring_up(log, *scratch.store, market_registry(), -1, progress);
    return gateways::marketctl::state_digest([&](int) -> Store& { return *scratch.store; },
                                             market_registry(), log.partitions(),
                                             Positions::left_out);
}

class Timed {
public:
    void tell(const char* what) {
        const auto now = std::chrono::steady_clock::now();
        const std::chrono::duration<double> passed = now - since_;
        std::printf("%s: %.1f s\n", what, passed.count());
        std::fflush(stdout);
        since_ = now;
    }

private:
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

TEST(Copy, AMillionEventsToKafkaAndBack) {
    const tests::TemporaryFolder folder;
    const auto embedded = [&](const char* name) {
        bus::embedded::Options options;
        options.folder = folder.path() / name;
        options.partitions = partitions;
        return bus::embedded::open(options);
    };
    NoProgress progress;
    Timed timed;
    const auto source = embedded("source");
    generate(*source, events_wanted());
    if (HasFatalFailure()) return;
    timed.tell("generated");

    const tests::KafkaTopics topics{partitions};
    const auto kafka = bus::kafka::open(topics.options());
    const CopyReport there = copy_log(*source, *kafka, {}, progress);
    timed.tell("copied to Kafka");
    const auto back = embedded("back");
    const CopyReport again = copy_log(*kafka, *back, {}, progress);
    timed.tell("copied back");

    EXPECT_GE(there.copied, events_wanted());
    EXPECT_EQ(again.copied, there.copied);
    const auto verified = gateways::marketctl::verify(*back, {}, progress);
    EXPECT_TRUE(verified.whole);
    EXPECT_GE(verified.records, events_wanted());
    for (std::size_t i = 0; i < partitions; ++i) {
        EXPECT_EQ(there.partitions[i].head, again.partitions[i].head);
        EXPECT_EQ(there.partitions[i].head, verified.partitions[i].head);
    }
    timed.tell("verified");

    const StateDigest before = digest(*source);
    EXPECT_GE(before.rows, events_wanted() / bench::Story::steps);
    EXPECT_EQ(before, digest(*kafka));
    EXPECT_EQ(before, digest(*back));
    timed.tell("folded three times");

    const CopyReport nothing = copy_log(*source, *kafka, {}, progress);
    EXPECT_EQ(nothing.copied, 0U);
    EXPECT_EQ(nothing.found, there.copied);
    timed.tell("compared once more");
}

} // namespace
