// What workers have still to do is listed from the log, and what was parked is decided on.

#include "gateways/marketctl/effects.hpp"

#include "domain/effect.hpp"
#include "projections/chain.hpp"
#include "schemas/messages.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gateways::marketctl::NoProgress;
using gateways::marketctl::NotOpen;
using gateways::marketctl::OpenEffect;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr domain::Time now{1'800'000'000'000};
constexpr int effect_partitions = 3;
const std::string stream = "effect-1";

// Asks for something with every addition.
class AdditionsTodo final : public projections::TodoFold {
public:
    std::string_view name() const override { return "additions"; }
    std::uint64_t version() const override { return 1; }
    void open(const schemas::EventView& event, std::vector<Opening>& openings) const override {
        if (event.type == "tally.added")
            openings.push_back({"tell", "addition", R"({"amount":1})", event.time});
    }
};

const projections::Registry& effect_registry() {
    static const projections::Registry registry = [] {
        projections::Registry all;
        all.add<domain::Effect>();
        return all;
    }();
    return registry;
}

class Effects : public testing::Test {
protected:
    Effects() { folds_.push_back(std::make_unique<AdditionsTodo>()); }

    void happened(std::string_view of, std::uint64_t sequence, std::string_view type,
                  std::string_view data, domain::Time time = now) {
        const std::string command = "c" + std::to_string(++count_), id = command + ".1";
        const int partition = bus::partition_of(of, effect_partitions);
        auto& head = heads_[static_cast<std::size_t>(partition)];
        const projections::ChainHash previous = head;
        std::string record;
        schemas::write_event({.id = id,
                              .type = type,
                              .stream = of,
                              .sequence = sequence,
                              .time = time,
                              .tenant = "acme",
                              .actor = "tester",
                              .command = command,
                              .fingerprint = "0000000000000000",
                              .correlation = command,
                              .trace = {},
                              .data = {},
                              .previous = previous.text()},
                             data, record);
        head = projections::chain_hash(record);
        bus::Transaction transaction;
        transaction.append(bus::Topic::events, partition, of, record);
        log_->append(transaction);
    }
    // An addition asks for "c1.1/additions/tell", and its worker gives up.
    void park(std::uint64_t sequence = 1) {
        happened(stream, sequence, "effect.parked",
                 R"({"effect":"c1.1/additions/tell","worker":"additions","stream":"tally-1",)"
                 R"("kind":"addition","reason":"no\nanswer"})");
    }
    void ask() { happened("tally-1", 1, "tally.added", R"({"amount":1})"); }

    std::vector<std::string> states() {
        std::vector<std::string> all;
        for (const OpenEffect& one : gateways::marketctl::open_effects(*log_, folds_, progress_))
            all.push_back(one.name + " " + one.state);
        return all;
    }
    OpenEffect one(std::string_view name) {
        return gateways::marketctl::open_effect(*log_, folds_, name, progress_);
    }
    void retry(std::string_view name) {
        gateways::marketctl::retry_effect(*log_, folds_, name, now, progress_);
    }
    void drop(std::string_view name, std::string_view reason) {
        gateways::marketctl::drop_effect(*log_, folds_, name, reason, now, progress_);
    }
    // As a server decides what stands in `commands`.
    void decide() {
        projections::MemoryStore store;
        tests::KeptAnswers answers;
        projections::Processor processor{*log_, "test/0", store, effect_registry(), answers, {}};
        for (int partition = 0; partition < effect_partitions; ++partition)
            while (log_->consumed(partition) < log_->end(bus::Topic::commands, partition))
                processor.turn(bus::milliseconds{10});
    }
    bus::Offset commands() {
        return log_->end(bus::Topic::commands, bus::partition_of(stream, effect_partitions));
    }

    tests::TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_ = tests::small_log(folder_.path() / "log", effect_partitions);
    std::vector<projections::ChainHash> heads_{effect_partitions};
    gateways::marketctl::Folds folds_;
    NoProgress progress_;
    int count_ = 0;
};

TEST_F(Effects, AreListedTheLongestDueFirst) {
    EXPECT_THAT(states(), IsEmpty());
    ask();
    happened("tally-2", 1, "tally.added", R"({"amount":1})", {now.milliseconds - 1});
    EXPECT_THAT(states(), ElementsAre("c2.1/additions/tell open", "c1.1/additions/tell open"));
    const OpenEffect first = one("c1.1/additions/tell");
    EXPECT_EQ(first.worker, "additions");
    EXPECT_EQ(first.kind, "addition");
    EXPECT_EQ(first.stream, "tally-1");
    EXPECT_EQ(first.tenant, "acme");
    EXPECT_EQ(first.due, now);
    EXPECT_EQ(first.data, R"({"amount":1})");
}

TEST_F(Effects, AreGoneWithTheirConclusion) {
    ask();
    happened("effect-1", 1, "effect.concluded", R"({"effect":"c1.1/additions/tell"})");
    EXPECT_THAT(states(), IsEmpty());
    EXPECT_THROW(one("c1.1/additions/tell"), NotOpen);
}

TEST_F(Effects, SayWhyTheyWereParkedAndHowOften) {
    ask();
    park();
    happened(stream, 2, "effect.retried", R"({"effect":"c1.1/additions/tell"})");
    EXPECT_THAT(states(), ElementsAre("c1.1/additions/tell retried"));
    park(3);
    EXPECT_THAT(states(), ElementsAre("c1.1/additions/tell parked"));
    const OpenEffect parked = one(stream);
    EXPECT_EQ(parked.reason, "no\nanswer");
    EXPECT_EQ(parked.parked, 2u);
    EXPECT_EQ(parked.effect, stream);
}

TEST_F(Effects, ARetriedOneIsOpenAgain) {
    ask();
    park();
    retry("c1.1/additions/tell");
    retry("c1.1/additions/tell");
    EXPECT_EQ(commands(), 2);
    decide();
    EXPECT_THAT(states(), ElementsAre("c1.1/additions/tell retried"));
    EXPECT_THROW(retry("c1.1/additions/tell"), NotOpen) << "its worker is at it";
}

TEST_F(Effects, ADroppedOneIsGoneAndItsReasonKept) {
    ask();
    park();
    EXPECT_THROW(drop(stream, ""), std::invalid_argument);
    drop(stream, "by hand");
    decide();
    EXPECT_THAT(states(), IsEmpty());
    EXPECT_THAT(tests::records(*log_, bus::Topic::events),
                testing::Contains(testing::HasSubstr(R"("reason":"by hand")")));
}

TEST_F(Effects, WhatIsNotParkedIsLeftAlone) {
    EXPECT_THROW(retry("c1.1/additions/tell"), NotOpen);
    ask();
    EXPECT_THROW(retry("c1.1/additions/tell"), NotOpen);
    EXPECT_THROW(drop("c1.1/additions/tell", "why"), NotOpen);
    EXPECT_EQ(commands(), 0);
}

} // namespace
