// What a log promises about what it keeps: restarts, a full disk, damage, its partition count.

#include "tests/bus/contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace tests {

namespace {

using bus::Commit;
using bus::Offset;
using bus::Topic;
using bus::Transaction;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using State = Commit::State;

std::string refusal(LogStorage& storage, int partitions) {
    try {
        storage.open(partitions);
    } catch (const bus::Error& error) {
        return error.what();
    }
    return "opened";
}

TEST_P(LogContract, ItsPartitionCountIsFixed) {
    append(Topic::events, 0, {"kept"});
    log_.reset();
    EXPECT_THAT(refusal(storage(), 7), AllOf(HasSubstr("7"), HasSubstr("4")));
    EXPECT_THAT(refusal(storage(), 3), AllOf(HasSubstr("3"), HasSubstr("4")));
    log_ = storage().open(partitions);
    EXPECT_EQ(log().partitions(), partitions);
    EXPECT_THAT(all_values(Topic::events, 0), ElementsAre("kept"));
}

TEST_P(LogContract, HoldsManyPartitions) {
    constexpr int many = 32;
    log_.reset();
    storage_ = GetParam().make();
    log_ = storage_->open(many);
    ASSERT_EQ(log().partitions(), many);
    Transaction transaction;
    for (int partition = 0; partition < many; ++partition)
        transaction.append(Topic::events, partition, "key", std::to_string(partition));
    log().append(transaction);

    std::vector<bus::PartitionOffset> from;
    for (int partition = 0; partition < many; ++partition)
        from.push_back({partition, 0});
    const auto reader = log().read(Topic::events, from);
    std::set<int> found;
    EXPECT_TRUE(eventually([&] {
        for (const bus::Record& record : reader->read(100, milliseconds{20})) {
            EXPECT_EQ(record.value, std::to_string(record.partition));
            EXPECT_TRUE(found.insert(record.partition).second);
        }
        return found.size() == many;
    }));
    EXPECT_THAT(reader->position(), SizeIs(many));
    Participant owner{log(), "one"};
    EXPECT_TRUE(gains_all(owner));
}

// Ends a session with three commands, of which the first was consumed.
void one_of_three(Participant& owner) {
    Transaction transaction = one(Topic::events, 1, "first");
    transaction.append(Topic::commands, 2, "key", "emitted");
    transaction.consumed(1, owner.commands.at(0).offset + 1);
    const Commit commit = owner.owner->commit(transaction);
    ASSERT_EQ(commit.state, State::committed) << commit.reason;
}

TEST_P(LogContract, GoesOnAfterARestart) {
    for (const bool clean : {true, false}) {
        SCOPED_TRACE(clean ? "after leaving" : "after a crash");
        log_.reset();
        storage_ = GetParam().make();
        log_ = storage_->open(partitions);
        append(Topic::commands, 1, {"a", "b", "c"});
        Offset events_end = 0;
        {
            Participant owner{log(), "one"};
            ASSERT_TRUE(gains_all(owner));
            ASSERT_TRUE(eventually([&] {
                owner.turn();
                return owner.commands.size() == 3;
            }));
            one_of_three(owner);
            EXPECT_TRUE(eventually([&] { return log().end(Topic::events, 1) >= 1; }));
            events_end = log().end(Topic::events, 1);
            if (clean) owner.owner->leave();
        }
        reopen();
        EXPECT_EQ(log().end(Topic::events, 1), events_end);
        EXPECT_THAT(all_values(Topic::events, 1), ElementsAre("first"));
        EXPECT_THAT(all_values(Topic::commands, 1), ElementsAre("a", "b", "c"));

        Participant owner{log(), "one"};
        ASSERT_TRUE(gains_all(owner));
        EXPECT_EQ(owner.held[1].commands, log().consumed(1));
        EXPECT_GE(owner.held[1].events_end, events_end);
        ASSERT_TRUE(eventually([&] {
            owner.turn();
            return owner.commands.size() == 3;
        }));
        std::ranges::sort(owner.commands, {}, [](const Kept& one) {
            return std::pair{one.partition, one.offset};
        });
        EXPECT_THAT(values(owner.commands), ElementsAre("b", "c", "emitted"));
        const Commit commit = owner.owner->commit(one(Topic::events, 1, "second"));
        ASSERT_EQ(commit.state, State::committed) << commit.reason;
        EXPECT_GE(commit.offsets.at(0), events_end);
        EXPECT_TRUE(eventually([&] { return log().end(Topic::events, 1) > commit.offsets[0]; }));
        EXPECT_THAT(all_values(Topic::events, 1), ElementsAre("first", "second"));
    }
}

TEST_P(LogContract, AFullDiskRefusesAndHarmsNothing) {
    if (const std::string why = storage().cannot_fill(); !why.empty()) GTEST_SKIP() << why;
    append(Topic::commands, 0, {"command"});
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    ASSERT_TRUE(eventually([&] {
        owner.turn();
        return owner.commands.size() == 1;
    }));
    std::vector<std::string> kept;
    const auto value = [&](std::size_t i) { return std::to_string(i) + std::string(20'000, 'x'); };
    ASSERT_EQ(owner.owner->commit(one(Topic::events, 0, value(0))).state, State::committed);
    kept.push_back(value(0));

    storage().fill_disk();
    Commit commit;
    for (int i = 0; i < 20'000; ++i) { // What was set aside before may still be filled.
        Transaction next = one(Topic::events, 0, value(kept.size()));
        next.append(Topic::parked, 1, "key", "beside it");
        commit = owner.owner->commit(next);
        if (commit.state != State::committed) break;
        kept.push_back(value(kept.size()));
    }
    EXPECT_EQ(commit.state, State::refused);
    EXPECT_NE(commit.reason, "");
    EXPECT_NE(log().trouble(), "");
    EXPECT_THROW(log().append(one(Topic::events, 0, value(kept.size()))), bus::Error);
    EXPECT_EQ(all_values(Topic::events, 0), kept);
    EXPECT_THAT(all_values(Topic::parked, 1), SizeIs(kept.size() - 1));
    EXPECT_EQ(log().consumed(0), owner.held[0].commands);

    storage().make_room();
    Transaction again = one(Topic::events, 0, value(kept.size()));
    again.consumed(0, owner.commands[0].offset + 1);
    commit = owner.owner->commit(again);
    ASSERT_EQ(commit.state, State::committed) << "the tenure goes on; " << commit.reason;
    EXPECT_EQ(log().trouble(), "");
    kept.push_back(value(kept.size()));
    EXPECT_EQ(all_values(Topic::events, 0), kept);

    owner.owner->leave();
    owner.owner.reset();
    reopen();
    EXPECT_EQ(all_values(Topic::events, 0), kept);
    EXPECT_GT(log().consumed(0), 0);
}

TEST_P(LogContract, ATornEndTakesOnlyWhatWasNotAcknowledged) {
    if (const std::string why = storage().cannot_damage(); !why.empty()) GTEST_SKIP() << why;
    for (int way = 0; way < storage().torn_ways(); ++way) {
        SCOPED_TRACE(way);
        log_.reset();
        storage_ = GetParam().make();
        log_ = storage_->open(partitions);
        std::vector<std::string> kept = numbered("kept", 10);
        for (const std::string& value : kept)
            log().append(one(Topic::events, 0, value));
        Transaction under_way = one(Topic::events, 0, std::string(30'000, 'x'));
        under_way.append(Topic::parked, 1, "key", "beside it");
        under_way.consumed(0, 0);
        log().append(under_way);
        log_.reset();
        storage().tear_last(way);

        log_ = storage().open(partitions);
        EXPECT_EQ(all_values(Topic::events, 0), kept);
        EXPECT_THAT(all_values(Topic::parked, 1), IsEmpty()) << "a part of a transaction";
        log().append(one(Topic::events, 0, "next"));
        kept.emplace_back("next");
        reopen();
        EXPECT_EQ(all_values(Topic::events, 0), kept);
    }
}

TEST_P(LogContract, AChangedByteIsReportedNotSkipped) {
    if (const std::string why = storage().cannot_damage(); !why.empty()) GTEST_SKIP() << why;
    for (const std::string& value : numbered("value", 10))
        log().append(one(Topic::events, 0, value));
    log_.reset();
    storage().change_a_byte_in_the_middle();
    std::vector<std::string> found;
    EXPECT_THROW(
        {
            log_ = storage().open(partitions);
            found = all_values(Topic::events, 0);
        },
        bus::Error)
        << "read " << found.size() << " records";
}

} // namespace

} // namespace tests
