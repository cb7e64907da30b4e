// Each fault of the simulated world by itself: that it happens, and what is still promised.

#include "bus/simulated/simulated.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bus::simulated {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using State = Commit::State;

Transaction event(std::string_view value, int partition = 0) {
    Transaction transaction;
    transaction.append(Topic::events, partition, "key", value);
    return transaction;
}

std::vector<std::string> values(Log& log, Topic topic, int partition = 0) {
    std::vector<std::string> found;
    const auto reader = log.read(topic, {{partition, 0}});
    while (reader->position().at(0).offset < log.end(topic, partition))
        for (const Record& record : reader->read(1 << 20, 0ms))
            found.emplace_back(record.value);
    return found;
}

// Polls until the owner has as many partitions as it is to have.
void gain(World& world, Owner& owner, std::size_t count) {
    const Time until = world.now() + 60s;
    Turn turn;
    for (std::size_t held = 0; held < count && world.now() < until;) {
        owner.poll(turn, 0, 100ms);
        held += turn.gained.size();
        held -= std::min(held, turn.lost.size());
    }
}

// Worlds with these faults, one seed after the other, until the test says that it saw enough.
void in_many_worlds(const Faults& faults, const std::function<bool(World&)>& enough) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        World world{seed, {.partitions = 2, .faults = faults}};
        if (enough(world)) return;
    }
    FAIL() << "it did not happen in 500 worlds";
}

TEST(SimulatedCrash, LeavesATransactionWholeOrUndoneAtEveryStep) {
    const auto run = [](World& world, bool& acknowledged) {
        const auto log = open(world);
        const auto owner = log->own("one");
        gain(world, *owner, 2);
        Transaction transaction = event("whole");
        transaction.append(Topic::parked, 1, "key", "whole");
        world.step("built");
        acknowledged = owner->commit(transaction).state == State::committed;
        world.step("after it");
    };
    World undisturbed{1, {.partitions = 2}};
    bool acknowledged = false;
    run(undisturbed, acknowledged);
    ASSERT_TRUE(acknowledged);

    bool undone = false;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        for (std::uint64_t step = 1; step <= undisturbed.steps(); ++step) {
            World world{seed, {.partitions = 2}};
            world.crash_at(step);
            acknowledged = false;
            EXPECT_THROW(run(world, acknowledged), Crash) << "seed " << seed << " step " << step;
            EXPECT_EQ(world.counts().crashes, 1U);
            world.calm();

            const auto log = open(world);
            const auto owner = log->own("one");
            gain(world, *owner, 2);
            const auto found = values(*log, Topic::events);
            EXPECT_EQ(found, values(*log, Topic::parked, 1)) << "a part of a transaction";
            EXPECT_LE(found.size(), 1U);
            EXPECT_TRUE(!acknowledged || !found.empty()) << "acknowledged, and gone";
            undone = undone || found.empty();
        }
    EXPECT_TRUE(undone);
}

TEST(SimulatedCrash, MayKeepOrUndoTheTransactionUnderWay) {
    Counts sum;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        World world{seed, {.partitions = 2, .faults = {.crash = 0.1}}};
        for (int life = 0; life < 5; ++life) {
            const auto log = open(world);
            try {
                const auto owner = log->own("one");
                gain(world, *owner, 2);
                owner->commit(event("value"));
            } catch (const Crash&) {
            }
        }
        world.advance(20s);
        sum.died_committed += world.counts().died_committed;
        sum.died_aborted += world.counts().died_aborted;
    }
    EXPECT_GT(sum.died_committed, 0U);
    EXPECT_GT(sum.died_aborted, 0U);
}

TEST(SimulatedCrash, EndsAllThatTheProcessHad) {
    World world{1};
    const auto log = open(world);
    const auto owner = log->own("one");
    const auto reader = log->read(Topic::events, {{0, 0}});
    gain(world, *owner, 4);
    world.kill(*log);
    Turn turn;
    EXPECT_THROW(owner->poll(turn, 1, 0ms), Crash);
    EXPECT_THROW(owner->commit({}), Crash);
    EXPECT_THROW(reader->read(1, 0ms), Crash);
    EXPECT_THROW(log->post(Topic::commands, 0, "key", "value"), Crash);
    EXPECT_THROW(world.runs(*log), Crash);

    const auto heir_log = open(world);
    const auto heir = heir_log->own("two");
    const Time died = world.now();
    gain(world, *heir, 4);
    EXPECT_EQ(heir->commit(event("the heir's")).state, State::committed);
    EXPECT_GE(world.now() - died, world.options().session_timeout) << "nobody said a word";
}

// However it ended: when the partition is handed out again, it is known, and stays so.
TEST(SimulatedLoss, IsSettledWhenThePartitionIsHandedOutAgain) {
    bool kept = false, undone = false;
    in_many_worlds({.lose = 0.5}, [&](World& world) {
        const auto log = open(world);
        const auto owner = log->own("one");
        gain(world, *owner, 2);
        const Commit commit = owner->commit(event("unclear"));
        if (commit.state != State::lost) return false;
        EXPECT_NE(commit.reason, "");
        EXPECT_EQ(owner->commit(event("too early")).state, State::lost) << "no tenure lasts";

        Turn turn;
        std::vector<int> lost;
        std::vector<Tenure> gained;
        while (gained.size() < 2) {
            owner->poll(turn, 0, 1000ms);
            lost.insert(lost.end(), turn.lost.begin(), turn.lost.end());
            gained.insert(gained.end(), turn.gained.begin(), turn.gained.end());
        }
        EXPECT_THAT(lost, testing::UnorderedElementsAre(0, 1));
        const auto found = values(*log, Topic::events);
        EXPECT_LE(found.size(), 1U);
        world.advance(30s);
        EXPECT_EQ(values(*log, Topic::events), found) << "it changed its mind later";
        (found.empty() ? undone : kept) = true;
        return kept && undone;
    });
}

TEST(SimulatedRefusal, LeavesNothingAndCanBeTriedAgain) {
    in_many_worlds({.refuse = 0.5}, [](World& world) {
        const auto log = open(world);
        const auto owner = log->own("one");
        gain(world, *owner, 2);
        int refused = 0;
        while (owner->commit(event("value")).state == State::refused)
            ++refused;
        EXPECT_THAT(values(*log, Topic::events), ElementsAre("value"));
        return refused > 1;
    });
}

TEST(SimulatedPost, IsLostDelayedAndRepeated) {
    World world{1, {.faults = {.post_lost = 0.2, .post_delayed = 0.2, .post_repeated = 0.2}}};
    const auto log = open(world);
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(log->post(Topic::commands, 0, "key", std::to_string(i)));
    world.advance(1ms);
    const auto soon = values(*log, Topic::commands);
    world.advance(60s);
    const auto late = values(*log, Topic::commands);
    EXPECT_LT(soon.size(), late.size());
    EXPECT_FALSE(std::ranges::is_sorted(late, {}, [](const std::string& value) {
        return std::stoi(value);
    })) << "none overtook another";
    const std::set<std::string> different{late.begin(), late.end()};
    EXPECT_LT(different.size(), 100U);
    EXPECT_LT(different.size(), late.size());
    const Counts& counts = world.counts();
    EXPECT_EQ(late.size(), 100 - counts.posts_lost + counts.posts_repeated);
}

TEST(SimulatedDelay, ShowsPartitionsAtDifferentTimesButInOrder) {
    in_many_worlds({.late = 0.5}, [](World& world) {
        const auto log = open(world);
        bool apart = false;
        for (int i = 0; i < 5; ++i) {
            Transaction transaction = event(std::to_string(i), 0);
            transaction.append(Topic::events, 1, "key", std::to_string(i));
            log->append(transaction);
            apart = apart || log->end(Topic::events, 0) != log->end(Topic::events, 1);
        }
        world.advance(5s);
        for (int partition = 0; partition < 2; ++partition)
            EXPECT_THAT(values(*log, Topic::events, partition),
                        ElementsAre("0", "1", "2", "3", "4"));
        return apart;
    });
}

TEST(SimulatedGaps, ArePassedByReaders) {
    World world{1, {.faults = {.leave_gaps = 1}}};
    const auto log = open(world);
    for (const char* value : {"a", "b", "c"})
        log->append(event(value));
    EXPECT_THAT(values(*log, Topic::events), ElementsAre("a", "b", "c"));
    EXPECT_EQ(log->end(Topic::events, 0), 6);
    const std::vector<Offset> records{0, 2, 4}, gap{1};
    EXPECT_THAT(log->fetch(Topic::events, 0, records), ElementsAre("a", "b", "c"));
    EXPECT_THROW(log->fetch(Topic::events, 0, gap), Error);
}

TEST(SimulatedRebalance, MovesPartitionsAndFencesWhoWasNotAsked) {
    for (const bool abrupt : {false, true}) {
        SCOPED_TRACE(abrupt);
        bool moved = false;
        for (std::uint64_t seed = 1; seed <= 100 && !moved; ++seed) {
            World world{seed, {.partitions = 2}};
            const auto log = open(world), other_log = open(world);
            const auto owner = log->own("one"), other = other_log->own("two");
            Turn turn;
            for (int i = 0; i < 10; ++i)
                owner->poll(turn, 0, 0ms), other->poll(turn, 0, 0ms);
            world.rebalance(abrupt);
            other->poll(turn, 0, 0ms);
            if (turn.gained.empty() && abrupt) continue; // It moved to where it was.
            const Commit commit = owner->commit({});
            EXPECT_EQ(commit.state, abrupt ? State::lost : State::committed);
            std::size_t lost = 0;
            for (int i = 0; i < 10; ++i) {
                owner->poll(turn, 0, 0ms);
                lost += turn.lost.size();
                other->poll(turn, 0, 0ms);
            }
            moved = lost > 0;
        }
        EXPECT_TRUE(moved);
    }
}

TEST(SimulatedFreeze, EndsATenureWhileOthersGoOn) {
    in_many_worlds({.freeze = 0.3}, [](World& world) {
        const auto frozen_log = open(world), other_log = open(world);
        const auto frozen = frozen_log->own("one"), other = other_log->own("two");
        bool inside = false;
        bool committing = false, taken = false;
        world.meanwhile([&] {
            if (!committing || inside || world.frozen(*other_log)) return;
            inside = true;
            Turn turn;
            other->poll(turn, 0, 1000ms);
            for (const Tenure& tenure : turn.gained)
                if (tenure.partition == 0)
                    taken = other->commit(event("the heir's")).state == State::committed;
            inside = false;
        });
        Turn turn;
        std::vector<int> held;
        while (held.size() < 2) {
            frozen->poll(turn, 0, 100ms);
            for (const Tenure& tenure : turn.gained)
                held.push_back(tenure.partition);
            if (!turn.lost.empty()) held.clear();
        }
        committing = true;
        const Commit commit = frozen->commit(event("the zombie's"));
        world.calm();
        if (!taken) return false;
        std::vector<std::string> expected{"the heir's"};
        if (commit.state == State::committed) // It froze after it.
            expected.insert(expected.begin(), "the zombie's");
        EXPECT_EQ(values(*other_log, Topic::events), expected);
        return commit.state == State::lost;
    });
}

TEST(SimulatedDisk, IsFullForAWhile) {
    in_many_worlds({.disk_full = 0.05}, [](World& world) {
        const auto log = open(world);
        const auto owner = log->own("one");
        gain(world, *owner, 2);
        Commit commit;
        std::size_t kept = 0;
        for (int i = 0; i < 20; ++i) {
            commit = owner->commit(event("value"));
            if (commit.state != State::committed) break;
            ++kept;
        }
        if (commit.state == State::committed) return false;
        EXPECT_EQ(commit.state, State::refused);
        EXPECT_NE(log->trouble(), "");
        EXPECT_THAT(values(*log, Topic::events), SizeIs(kept));
        world.calm();
        EXPECT_EQ(owner->commit(event("value")).state, State::committed);
        EXPECT_EQ(log->trouble(), "");
        return true;
    });
}

TEST(SimulatedMisuse, IsNotPassedOver) {
    World world{1, {.partitions = 2}};
    const auto log = open(world);
    const auto owner = log->own("one");
    EXPECT_THROW(owner->commit(event("never owned")), Misuse);
    gain(world, *owner, 2);
    Transaction ahead;
    ahead.consumed(0, 1);
    EXPECT_THROW(owner->commit(ahead), Misuse) << "no command was handed out";
    EXPECT_THAT(values(*log, Topic::events), IsEmpty());
}

} // namespace

} // namespace bus::simulated
