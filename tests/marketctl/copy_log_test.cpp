// A copy is byte for byte, is finished by the next run after every kill, and touches nothing
// that is no copy.

#include "bus/simulated/simulated.hpp"
#include "gateways/marketctl/log_copy.hpp"
#include "gateways/marketctl/log_verify.hpp"
#include "gateways/marketctl/state.hpp"
#include "tests/marketctl/copies.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using gateways::marketctl::copy_log;
using gateways::marketctl::CopyOptions;
using gateways::marketctl::CopyReport;
using gateways::marketctl::NoCopy;
using gateways::marketctl::NoProgress;
using gateways::marketctl::Positions;
using gateways::marketctl::replayed_digest;
using testing::HasSubstr;

constexpr int partitions = 3;

// A log whose appends end the process that asked: before they are made, or behind that.
class Deadly final : public bus::Log {
public:
    struct Died {};

    Deadly(bus::Log& log, int appends, bool before)
        : log_{log}, appends_{appends}, before_{before} {}

    int partitions() const override { return log_.partitions(); }
    bus::Offset end(bus::Topic topic, int partition) override { return log_.end(topic, partition); }
    bus::Offset consumed(int partition) override { return log_.consumed(partition); }
    std::unique_ptr<bus::Reader> read(bus::Topic topic,
                                      std::vector<bus::PartitionOffset> from) override {
        return log_.read(topic, std::move(from));
    }
    std::vector<std::string> fetch(bus::Topic topic, int partition,
                                   std::span<const bus::Offset> offsets) override {
        return log_.fetch(topic, partition, offsets);
    }
    std::unique_ptr<bus::Owner> own(std::string name) override { return log_.own(std::move(name)); }
    void append(const bus::Transaction& transaction) override {
        const bool last = appends_-- == 0;
        if (last && before_) throw Died{};
        log_.append(transaction);
        if (last) throw Died{};
    }
    bool post(bus::Topic topic, int partition, std::string_view key,
              std::string_view value) override {
        return log_.post(topic, partition, key, value);
    }
    std::string trouble() const override { return log_.trouble(); }

private:
    bus::Log& log_;
    int appends_;
    const bool before_;
};

class Copy : public testing::Test {
protected:
    std::unique_ptr<bus::Log> embedded(const std::string& name, int count = partitions) {
        return tests::small_log(folder_.path() / name, count);
    }
    static CopyReport copied(bus::Log& from, bus::Log& to, CopyOptions options = {}) {
        NoProgress progress;
        return copy_log(from, to, options, progress);
    }
    static void expect_copy(bus::Log& from, bus::Log& to) {
        EXPECT_EQ(tests::content(from), tests::content(to));
        EXPECT_EQ(replayed_digest(from, tests::tally_registry(), Positions::left_out).all,
                  replayed_digest(to, tests::tally_registry(), Positions::left_out).all);
    }
    static void expect_refused(bus::Log& from, bus::Log& to, const std::string& reason) {
        const auto before = tests::content(to);
        try {
            copied(from, to);
            FAIL() << "it was not refused";
        } catch (const NoCopy& refusal) {
            EXPECT_THAT(refusal.what(), HasSubstr(reason));
        }
        EXPECT_EQ(tests::content(to), before);
    }

    tests::TemporaryFolder folder_;
};

TEST_F(Copy, BothWaysBetweenKindsWithTheSameHeads) {
    const auto source = embedded("source");
    tests::fill(*source, 200);
    // Like Kafka's markers, gaps give the records other offsets.
    bus::simulated::Options options;
    options.partitions = partitions;
    options.faults.leave_gaps = 1;
    bus::simulated::World world{7, options};
    const auto middle = bus::simulated::open(world);
    const auto back = embedded("back");

    const CopyReport there = copied(*source, *middle, {.bytes_max = 4000, .records_max = 20});
    EXPECT_EQ(there.found, 0U);
    EXPECT_GT(there.copied, 200U);
    expect_copy(*source, *middle);
    EXPECT_NE(replayed_digest(*source, tests::tally_registry(), Positions::included),
              replayed_digest(*middle, tests::tally_registry(), Positions::included));

    const CopyReport again = copied(*middle, *back);
    expect_copy(*source, *back);
    EXPECT_EQ(replayed_digest(*source, tests::tally_registry(), Positions::included),
              replayed_digest(*back, tests::tally_registry(), Positions::included));
    ASSERT_EQ(there.partitions.size(), again.partitions.size());
    NoProgress progress;
    const auto verified = gateways::marketctl::verify(*back, {}, progress);
    EXPECT_TRUE(verified.whole);
    for (std::size_t i = 0; i < there.partitions.size(); ++i) {
        EXPECT_EQ(there.partitions[i].head, again.partitions[i].head);
        EXPECT_EQ(there.partitions[i].head, verified.partitions[i].head);
        EXPECT_EQ(there.partitions[i].commands, 1U);
    }
}

TEST_F(Copy, TheCopyGoesOnWhereTheSourceStopped) {
    const auto source = embedded("source");
    tests::fill(*source, 50);
    const auto target = embedded("target");
    copied(*source, *target);
    projections::MemoryStore store;
    tests::Processing processing{*target, store};
    // Decided before: the same answer as then.
    const auto answer = processing.ask("c1", "tally-1", tests::Add{1});
    EXPECT_TRUE(answer.replayed);
    processing.settle();
    EXPECT_EQ(target->consumed(0), target->end(bus::Topic::commands, 0));
}

TEST_F(Copy, ACopyThatIsDoneIsOnlyVerified) {
    const auto source = embedded("source"), target = embedded("target");
    tests::fill(*source, 30);
    const CopyReport first = copied(*source, *target);
    const CopyReport second = copied(*source, *target);
    EXPECT_EQ(second.copied, 0U);
    EXPECT_EQ(second.found, first.copied);
    expect_copy(*source, *target);
}

TEST_F(Copy, GoesOnAfterEveryKill) {
    const auto source = embedded("source");
    tests::fill(*source, 120);
    std::mt19937 random{11};
    int deaths = 0;
    for (int round = 0; round < 5; ++round) {
        bus::simulated::Options options;
        options.partitions = partitions;
        options.faults.leave_gaps = 0.5;
        bus::simulated::World world{random(), options};
        const auto target = bus::simulated::open(world);
        while (true) {
            Deadly deadly{*target, static_cast<int>(random() % 6), random() % 2 == 0};
            try {
                copied(*source, deadly, {.bytes_max = 3000, .records_max = 1 + random() % 20});
                break;
            } catch (const Deadly::Died&) {
                ++deaths;
            }
        }
        expect_copy(*source, *target);
    }
    EXPECT_GT(deaths, 10);
}

// The process itself, as the machine's owner would.
TEST_F(Copy, GoesOnAfterKillNine) {
    {
        const auto source = embedded("source");
        tests::fill(*source, 120);
    }
    std::mt19937 random{5};
    int deaths = 0;
    while (true) {
        const auto appends = static_cast<int>(random() % 8);
        const bool before = random() % 2 == 0;
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                const auto source = embedded("source"), target = embedded("target");
                Deadly deadly{*target, appends, before};
                copied(*source, deadly, {.bytes_max = 3000, .records_max = 7});
            } catch (const Deadly::Died&) {
                ::raise(SIGKILL);
            } catch (...) {
                ::_exit(3);
            }
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) {
            ASSERT_EQ(WEXITSTATUS(status), 0);
            break;
        }
        ASSERT_EQ(WTERMSIG(status), SIGKILL);
        ++deaths;
    }
    EXPECT_GT(deaths, 3);
    expect_copy(*embedded("source"), *embedded("target"));
}

TEST_F(Copy, RefusesAnotherCountOfPartitions) {
    const auto source = embedded("source"), target = embedded("target", partitions + 1);
    expect_refused(*source, *target, "3 partitions, the target 4");
}

TEST_F(Copy, RefusesATargetWithAnotherRecord) {
    const auto source = embedded("source"), target = embedded("target");
    tests::fill(*source, 60);
    bus::Transaction first;
    for (const std::string& value : tests::records(*source, bus::Topic::events)) {
        const auto stream = value.substr(
            value.find("tally-"), value.find('"', value.find("tally-")) - value.find("tally-"));
        if (bus::partition_of(stream, partitions) == 1 && first.entries().size() < 3)
            first.append(bus::Topic::events, 1, stream, value);
    }
    first.append(bus::Topic::events, 1, "tally-1", "another");
    target->append(first);
    expect_refused(*source, *target, "events/1 have 3 records in common");
}

TEST_F(Copy, RefusesATargetThatHasMore) {
    const auto source = embedded("source"), target = embedded("target");
    tests::fill(*source, 30);
    copied(*source, *target);
    bus::Transaction more;
    more.append(bus::Topic::parked, 0, "key", "more");
    target->append(more);
    expect_refused(*source, *target, "parked/0");
}

TEST_F(Copy, RefusesATargetWithOtherKeys) {
    const auto source = embedded("source"), target = embedded("target");
    bus::Transaction one, other;
    one.append(bus::Topic::parked, 0, "key", "value");
    other.append(bus::Topic::parked, 0, "another key", "value");
    source->append(one);
    target->append(other);
    expect_refused(*source, *target, "parked/0");
}

TEST_F(Copy, RefusesATargetThatHasWorked) {
    const auto source = embedded("source"), target = embedded("target");
    tests::fill(*source, 20);
    tests::fill(*target, 20);
    expect_refused(*source, *target, "has worked on its own");
}

TEST_F(Copy, EndsAtABreakInTheSourcesChain) {
    auto records = tests::chained(tests::drafts());
    records.erase(records.begin() + 5);
    const auto source = tests::log_of(folder_.path() / "source", records);
    const auto target = embedded("target", tests::story_partitions);
    NoProgress progress;
    EXPECT_THROW(copy_log(*source, *target, {}, progress), bus::Error);
}

} // namespace
