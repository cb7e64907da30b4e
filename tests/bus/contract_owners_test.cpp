// What a log promises to the owners of its partitions.

#include "tests/bus/contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

namespace tests {

namespace {

using bus::Commit;
using bus::Offset;
using bus::Topic;
using bus::Transaction;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;
using State = Commit::State;

std::vector<Kept> of_partition(const std::vector<Kept>& records, int partition) {
    std::vector<Kept> found;
    std::ranges::copy_if(records, std::back_inserter(found),
                         [&](const Kept& record) { return record.partition == partition; });
    return found;
}

bool ascends(const std::vector<Kept>& records) {
    return std::ranges::is_sorted(records, std::ranges::less_equal{}, &Kept::offset);
}

TEST_P(LogContract, HandsOutCommandsOnceAndInOrder) {
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    append(Topic::commands, 0, numbered("appended", 10));
    // Emitted by a transaction, to the own partition and to others.
    for (int i = 0; i < 10; ++i) {
        Transaction transaction;
        for (int partition = 0; partition < partitions; ++partition)
            transaction.append(Topic::commands, partition, "key", "emitted" + std::to_string(i));
        ASSERT_EQ(owner.owner->commit(transaction).state, State::committed);
    }
    ASSERT_TRUE(eventually([&] {
        owner.turn();
        return owner.commands.size() >= 50;
    }));
    for (int i = 0; i < 5; ++i)
        owner.turn();
    EXPECT_EQ(owner.commands.size(), 50U) << "handed out twice";
    std::vector<std::string> first = numbered("appended", 10);
    std::ranges::copy(numbered("emitted", 10), std::back_inserter(first));
    for (int partition = 0; partition < partitions; ++partition) {
        const std::vector<Kept> records = of_partition(owner.commands, partition);
        EXPECT_THAT(values(records),
                    ElementsAreArray(partition == 0 ? first : numbered("emitted", 10)));
        EXPECT_TRUE(ascends(records));
        EXPECT_EQ(records, all(Topic::commands, partition)) << "a reader sees others";
    }
}

TEST_P(LogContract, HandsOutNoMoreCommandsThanAsked) {
    append(Topic::commands, 0, numbered("", 20));
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    EXPECT_THAT(owner.commands, IsEmpty()) << "none was asked for";
    ASSERT_TRUE(eventually([&] {
        owner.turn(3); // Checks that it are no more.
        return owner.commands.size() == 20;
    }));
    EXPECT_THAT(values(owner.commands), ElementsAreArray(numbered("", 20)));
}

TEST_P(LogContract, BringsPostedCommandsToTheirOwner) {
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    std::atomic<int> taken{0};
    const auto poster = storage().once([&] {
        for (int i = 0; i < 40; ++i)
            if (log().post(Topic::commands, i % partitions, "key", std::to_string(i))) ++taken;
    });
    ASSERT_TRUE(eventually([&] {
        owner.turn();
        return owner.commands.size() == 40;
    })) << owner.commands.size()
        << " of " << taken;
    EXPECT_THAT(values(owner.commands), UnorderedElementsAreArray(numbered("", 40)));
    for (int partition = 0; partition < partitions; ++partition)
        EXPECT_TRUE(ascends(of_partition(owner.commands, partition)));
}

TEST_P(LogContract, BringsPostedOutcomesToReaders) {
    const auto reader = log().read(Topic::outcomes, {{1, log().end(Topic::outcomes, 1)}});
    ASSERT_TRUE(log().post(Topic::outcomes, 1, "reply", "done"));
    std::vector<std::string> found;
    EXPECT_TRUE(eventually([&] {
        for (const bus::Record& record : reader->read(1000, milliseconds{20}))
            found.emplace_back(record.value);
        return !found.empty();
    }));
    EXPECT_THAT(found, ElementsAre("done"));
}

TEST_P(LogContract, PostAnswersFalseWhenItsQueueIsFull) {
    const std::string value(500'000, 'x');
    std::size_t taken = 0;
    bool refused = false;
    while (!refused && taken < 2'000) {
        refused = !log().post(Topic::outcomes, 0, "key", value);
        taken += refused ? 0 : 1;
    }
    EXPECT_TRUE(refused) << "a gigabyte was taken without waiting";
    EXPECT_TRUE(eventually([&] { return log().post(Topic::outcomes, 0, "key", value); }))
        << "it stays full";
    log().append(one(Topic::events, 0, "still works"));
}

TEST_P(LogContract, TenureTellsWhereToBegin) {
    append(Topic::commands, 1, numbered("", 3));
    append(Topic::events, 1, numbered("", 5));
    const Offset third = all(Topic::commands, 1).at(2).offset;
    const Offset events_end = log().end(Topic::events, 1);
    Transaction position;
    position.consumed(1, third);
    log().append(position);
    EXPECT_EQ(log().consumed(1), third) << "nobody owned it";

    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    EXPECT_EQ(owner.held[1].commands, third);
    EXPECT_GE(owner.held[1].events_end, events_end);
    EXPECT_EQ(owner.held[0].commands, log().consumed(0));
    ASSERT_TRUE(eventually([&] {
        owner.turn();
        return !owner.commands.empty();
    }));
    EXPECT_THAT(values(owner.commands), ElementsAre("2"));
}

TEST_P(LogContract, CommitsAnEmptyTransaction) {
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    const Commit commit = owner.owner->commit({});
    EXPECT_EQ(commit.state, State::committed) << commit.reason;
    EXPECT_THAT(commit.offsets, IsEmpty());
}

// What the first does not hold is free for the second, at once and where the first had come to.
TEST_P(LogContract, LeavingHandsOverAtOnce) {
    append(Topic::commands, 2, numbered("", 3));
    Participant first{log(), "one"};
    ASSERT_TRUE(gains_all(first));
    ASSERT_TRUE(eventually([&] {
        first.turn();
        return first.commands.size() == 3;
    }));
    Transaction two_of_three = one(Topic::events, 2, "decided");
    two_of_three.consumed(2, first.commands[1].offset + 1);
    const Commit commit = first.owner->commit(two_of_three);
    ASSERT_EQ(commit.state, State::committed) << commit.reason;

    const milliseconds began = storage().now();
    first.owner->leave();
    first.owner.reset();
    Participant second{log(), "two"};
    ASSERT_TRUE(gains_all(second));
    EXPECT_LT(storage().now() - began, storage().handover());
    EXPECT_GT(second.held[2].events_end, commit.offsets[0]);
    ASSERT_TRUE(eventually([&] {
        second.turn();
        return !second.commands.empty();
    }));
    EXPECT_THAT(values(second.commands), ElementsAre("2"));
}

TEST_P(LogContract, EachPartitionHasOneOwner) {
    Participant first{log(), "one"};
    ASSERT_TRUE(gains_all(first));
    Participant second{log(), "two"};
    ASSERT_TRUE(eventually([&] {
        first.turn();
        second.turn();
        for (const auto& [partition, tenure] : second.held)
            EXPECT_FALSE(first.holds(partition)) << partition << " has two owners";
        return !second.held.empty() && first.held.size() + second.held.size() == partitions;
    }));
    for (Participant* owner : {&first, &second})
        for (const auto& [partition, tenure] : owner->held) {
            const Commit commit = owner->owner->commit(one(Topic::events, partition, "mine"));
            EXPECT_EQ(commit.state, State::committed) << commit.reason;
        }
    for (int partition = 0; partition < partitions; ++partition) {
        ASSERT_TRUE(eventually([&] { return log().end(Topic::events, partition) >= 1; }));
        EXPECT_THAT(all_values(Topic::events, partition), ElementsAre("mine"));
    }
}

// The first does not even poll: it is frozen, and knows nothing of the second when it wakes.
TEST_P(LogContract, AnOwnerThatWasReplacedCannotCommit) {
    if (!storage().takes_from_the_silent()) GTEST_SKIP() << "shown with frozen processes instead";
    Participant first{log(), "one"};
    ASSERT_TRUE(gains_all(first));
    Participant second{log(), "two"};
    ASSERT_TRUE(eventually([&] {
        second.turn();
        return !second.held.empty();
    }));
    const int partition = second.held.begin()->first;
    ASSERT_EQ(second.owner->commit(one(Topic::events, partition, "the heir's")).state,
              State::committed);
    const Commit late = first.owner->commit(one(Topic::events, partition, "the zombie's"));
    EXPECT_EQ(late.state, State::lost);
    EXPECT_NE(late.reason, "");
    EXPECT_THAT(all_values(Topic::events, partition), ElementsAre("the heir's"));

    // It learns what it lost, and goes on with what it gets.
    second.owner->leave();
    ASSERT_TRUE(eventually([&] {
        first.turn();
        return first.lost.contains(partition) && first.held.size() == partitions;
    }));
    EXPECT_GT(first.held[partition].events_end, 0);
    ASSERT_EQ(first.owner->commit(one(Topic::events, partition, "again")).state, State::committed);
    EXPECT_THAT(all_values(Topic::events, partition), ElementsAre("the heir's", "again"));
}

// The same, but the heir is gone again when the first wakes: what the first knows is old.
TEST_P(LogContract, AnOwnerThatWasReplacedForAWhileCannotCommit) {
    if (!storage().takes_from_the_silent()) GTEST_SKIP() << "shown with frozen processes instead";
    Participant first{log(), "one"};
    ASSERT_TRUE(gains_all(first));
    Participant second{log(), "two"};
    ASSERT_TRUE(eventually([&] {
        second.turn();
        return !second.held.empty();
    }));
    const int partition = second.held.begin()->first;
    ASSERT_EQ(second.owner->commit(one(Topic::events, partition, "the heir's")).state,
              State::committed);
    second.owner->leave();

    EXPECT_EQ(first.owner->commit(one(Topic::events, partition, "the zombie's")).state,
              State::lost);
    EXPECT_THAT(all_values(Topic::events, partition), ElementsAre("the heir's"));
    ASSERT_TRUE(eventually([&] {
        first.turn();
        return first.lost.contains(partition) && first.held.size() == partitions;
    }));
    EXPECT_GT(first.held[partition].events_end, 0);
}

TEST_P(LogContract, AKilledOwnerIsReplaced) {
    append(Topic::commands, 0, {"a", "b"});
    Participant first{log(), "one"};
    ASSERT_TRUE(gains_all(first));
    ASSERT_TRUE(eventually([&] {
        first.turn();
        return first.commands.size() == 2;
    }));
    Transaction decided = one(Topic::events, 0, "decided a");
    decided.consumed(0, first.commands[0].offset + 1);
    ASSERT_EQ(first.owner->commit(decided).state, State::committed);
    first.owner.reset(); // Without leaving.

    Participant second{log(), "two"};
    ASSERT_TRUE(gains_all(second));
    EXPECT_EQ(second.held[0].commands, log().consumed(0));
    ASSERT_TRUE(eventually([&] {
        second.turn();
        return !second.commands.empty();
    }));
    EXPECT_THAT(values(second.commands), ElementsAre("b"));
    EXPECT_THAT(all_values(Topic::events, 0), ElementsAre("decided a"));
}

} // namespace

} // namespace tests
