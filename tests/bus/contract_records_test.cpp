// What a log promises about its records: order, whole transactions, exact bytes, positions.

#include "tests/bus/contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace tests {

namespace {

using bus::Commit;
using bus::Offset;
using bus::Record;
using bus::Topic;
using bus::Transaction;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using State = Commit::State;

TEST_P(LogContract, ReadsAPartitionInItsOrder) {
    for (int i = 0; i < 20; ++i) {
        Transaction transaction;
        for (int partition = 0; partition < partitions; ++partition)
            for (const char* half : {"a", "b"})
                transaction.append(Topic::events, partition, "key",
                                   std::to_string(partition) + "-" + std::to_string(i) + half);
        log().append(transaction);
    }
    std::vector<std::string> expected;
    for (const std::string& i : numbered("-", 20))
        for (const char* half : {"a", "b"})
            expected.push_back(i + half);
    for (int partition = 0; partition < partitions; ++partition) {
        std::vector<std::string> of_partition = expected;
        for (std::string& value : of_partition)
            value = std::to_string(partition) + value;
        ASSERT_TRUE(eventually([&] { return log().end(Topic::events, partition) >= 40; }));
        const std::vector<Kept> records = all(Topic::events, partition);
        EXPECT_THAT(values(records), ElementsAreArray(of_partition));
        EXPECT_TRUE(std::ranges::is_sorted(records, std::ranges::less{}, &Kept::offset));
        EXPECT_EQ(records, all(Topic::events, partition)) << "read again, it is another";
    }
}

TEST_P(LogContract, CommitTellsTheOffsetsThatReadersSee) {
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    for (int round = 0; round < 3; ++round) {
        Transaction transaction;
        for (int i = 0; i < 8; ++i)
            transaction.append(i % 3 == 0 ? Topic::parked : Topic::events, i % 2, "key",
                               std::to_string(round) + "/" + std::to_string(i));
        const Commit commit = owner.owner->commit(transaction);
        ASSERT_EQ(commit.state, State::committed) << commit.reason;
        ASSERT_EQ(commit.offsets.size(), 8U);
        for (std::size_t i = 0; i < 8; ++i) {
            const Transaction::Entry& entry = transaction.entries()[i];
            ASSERT_TRUE(eventually(
                [&] { return log().end(entry.topic, entry.partition) > commit.offsets[i]; }));
            const std::vector<Kept> from = all(entry.topic, entry.partition, commit.offsets[i]);
            ASSERT_FALSE(from.empty());
            EXPECT_EQ(from[0].offset, commit.offsets[i]);
            EXPECT_EQ(from[0].value, transaction.value(entry));
        }
    }
}

// Transaction i carries record i of three topics and all partitions, and consumes command i.
TEST_P(LogContract, ShowsATransactionWholeOrNotAtAll) {
    constexpr int count = 40;
    append(Topic::commands, 0, numbered("command", count));
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    ASSERT_TRUE(eventually([&] {
        owner.turn();
        return owner.commands.size() == count;
    }));

    const auto reader = log().read(Topic::events, {{0, 0}});
    int seen = 0;
    std::string part;
    const auto watch = [&] {
        for (const Record& record : reader->read(1, milliseconds{5})) {
            if (record.value != "event" + std::to_string(seen)) part = "events out of order";
            ++seen;
        }
        // Without gaps in the offsets, the end is the count.
        if (!storage().visible_at_once()) return;
        for (int partition = 0; partition < partitions; ++partition)
            if (log().end(Topic::events, partition) < seen ||
                log().end(Topic::parked, partition) < seen)
                part = "record " + std::to_string(seen) + " of partition " +
                       std::to_string(partition) + " is missing";
        if (seen > 0 &&
            log().consumed(0) < owner.commands[static_cast<std::size_t>(seen - 1)].offset + 1)
            part = "the position stands before transaction " + std::to_string(seen);
    };
    {
        const auto watcher = storage().repeatedly(watch);
        for (int i = 0; i < count; ++i) {
            Transaction transaction;
            for (int partition = 0; partition < partitions; ++partition)
                for (const Topic topic : {Topic::events, Topic::parked})
                    transaction.append(topic, partition, "key", "event" + std::to_string(i));
            transaction.consumed(0, owner.commands[static_cast<std::size_t>(i)].offset + 1);
            const Commit commit = owner.owner->commit(transaction);
            ASSERT_EQ(commit.state, State::committed) << commit.reason;
        }
    }
    EXPECT_TRUE(eventually([&] {
        watch();
        return seen == count;
    }));
    EXPECT_EQ(part, "");
    EXPECT_EQ(log().consumed(0), owner.commands.back().offset + 1);
    for (int partition = 0; partition < partitions; ++partition)
        for (const Topic topic : {Topic::events, Topic::parked}) {
            ASSERT_TRUE(eventually([&] { return log().end(topic, partition) >= count; }));
            EXPECT_THAT(all_values(topic, partition), ElementsAreArray(numbered("event", count)));
        }
}

TEST_P(LogContract, RefusesWhatIsTooLargeAndKeepsNothingOfIt) {
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    ASSERT_EQ(owner.owner->commit(one(Topic::events, 0, "before")).state, State::committed);

    Transaction large;
    large.append(Topic::events, 0, "key", "beside it");
    large.append(Topic::events, 1, "key", std::string(bus::value_bytes_max + 1, 'x'));
    const Commit refused = owner.owner->commit(large);
    EXPECT_EQ(refused.state, State::refused);
    EXPECT_NE(refused.reason, "");
    EXPECT_THROW(log().append(large), bus::Error);

    Transaction long_key;
    long_key.append(Topic::events, 0, std::string(bus::key_bytes_max + 1, 'k'), "beside it");
    EXPECT_EQ(owner.owner->commit(long_key).state, State::refused);
    EXPECT_FALSE(log().post(Topic::commands, 0, "key", std::string(bus::value_bytes_max + 1, 'x')));

    Transaction elsewhere;
    elsewhere.append(Topic::outcomes, partitions, "key", "value");
    EXPECT_EQ(owner.owner->commit(elsewhere).state, State::refused);

    ASSERT_EQ(owner.owner->commit(one(Topic::events, 0, "after")).state, State::committed);
    ASSERT_TRUE(eventually([&] { return log().end(Topic::events, 0) >= 2; }));
    EXPECT_THAT(all_values(Topic::events, 0), ElementsAre("before", "after"));
    EXPECT_THAT(all_values(Topic::events, 1), IsEmpty());
}

TEST_P(LogContract, ReadsOnFromAPosition) {
    append(Topic::events, 1, numbered("", 10));
    const std::vector<Kept> records = all(Topic::events, 1);
    ASSERT_EQ(records.size(), 10U);
    for (std::size_t i = 0; i < records.size(); ++i)
        EXPECT_THAT(
            all(Topic::events, 1, records[i].offset),
            ElementsAreArray(records.begin() + static_cast<std::ptrdiff_t>(i), records.end()));
    EXPECT_EQ(all(Topic::events, 1, -5), records) << "a start below the first is raised to it";

    const Offset end = log().end(Topic::events, 1);
    const auto at_end = log().read(Topic::events, {{1, end}});
    EXPECT_THAT(at_end->read(1000, milliseconds{0}), IsEmpty());
    EXPECT_THAT(at_end->position(), ElementsAre(bus::PartitionOffset{1, end}));
    append(Topic::events, 1, {"new"});
    std::vector<std::string> found;
    EXPECT_TRUE(eventually([&] {
        for (const Record& record : at_end->read(1000, milliseconds{20}))
            found.emplace_back(record.value);
        return !found.empty();
    }));
    EXPECT_THAT(found, ElementsAre("new"));
}

TEST_P(LogContract, GivesBackTheVeryBytes) {
    std::string binary;
    for (int i = 0; i < 512; ++i)
        binary += static_cast<char>(i);
    const std::vector<std::pair<std::string, std::string>> written{
        {"", ""},
        {"k", "v"},
        {std::string(1, '\0'), std::string(3, '\0')},
        {binary, binary},
        {std::string(bus::key_bytes_max, 'k'), "x"},
        {"large", std::string(bus::value_bytes_max, '\x7f')},
        {"after", "the large one"},
    };
    for (const auto& [key, value] : written) {
        Transaction transaction;
        transaction.append(Topic::events, 2, key, value);
        log().append(transaction);
    }
    ASSERT_TRUE(eventually(
        [&] { return log().end(Topic::events, 2) >= static_cast<Offset>(written.size()); }));
    const std::vector<Kept> records = all(Topic::events, 2);
    ASSERT_EQ(records.size(), written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
        EXPECT_TRUE(records[i].key == written[i].first) << i;
        EXPECT_TRUE(records[i].value == written[i].second) << i;
    }
}

TEST_P(LogContract, ReadsNoMoreBytesThanAsked) {
    constexpr int count = 50;
    for (int i = 0; i < count; ++i)
        log().append(one(Topic::events, 0, std::string(1000, 'x')));
    const auto reader = log().read(Topic::events, {{0, 0}});
    std::size_t found = 0;
    EXPECT_TRUE(eventually([&] {
        const auto records = reader->read(found < 10 ? 1 : 5000, milliseconds{20});
        EXPECT_LE(records.size(), found < 10 ? 2U : 10U) << "at most about so much";
        found += records.size();
        return found == count;
    })) << found;
}

TEST_P(LogContract, LetsEachReaderStandWhereItIs) {
    for (int partition = 0; partition < 2; ++partition)
        append(Topic::events, partition, numbered("", 6));
    const auto slow = log().read(Topic::events, {{0, 0}, {1, 0}});
    const auto fast = log().read(Topic::events, {{1, 3}});
    ASSERT_TRUE(eventually([&] { return !slow->read(1, milliseconds{20}).empty(); }));
    ASSERT_TRUE(eventually([&] {
        fast->read(1 << 20, milliseconds{20});
        return fast->position().at(0).offset >= 6;
    }));
    Offset stood = 0;
    for (const bus::PartitionOffset& at : slow->position())
        stood += at.offset;
    EXPECT_LT(stood, 12);
    std::size_t rest = 0;
    EXPECT_TRUE(eventually([&] {
        for (const Record& record : slow->read(1 << 20, milliseconds{20})) {
            EXPECT_TRUE(record.partition == 0 || record.partition == 1);
            ++rest;
        }
        return rest + static_cast<std::size_t>(stood) >= 12;
    }));
}

TEST_P(LogContract, FetchesSingleRecords) {
    append(Topic::events, 3, numbered("value", 30));
    append(Topic::commands, 3, {"another topic"});
    const std::vector<Kept> records = all(Topic::events, 3);
    ASSERT_EQ(records.size(), 30U);
    const std::vector<Offset> wanted{records[0].offset, records[1].offset, records[17].offset,
                                     records[29].offset};
    EXPECT_THAT(log().fetch(Topic::events, 3, wanted),
                ElementsAre("value0", "value1", "value17", "value29"));
    EXPECT_THAT(log().fetch(Topic::events, 3, {}), IsEmpty());

    const std::vector<Offset> beyond{records[5].offset, log().end(Topic::events, 3) + 10};
    EXPECT_THROW(log().fetch(Topic::events, 3, beyond), bus::Error);
    const std::vector<Offset> empty{0};
    EXPECT_THROW(log().fetch(Topic::events, 2, empty), bus::Error);
    EXPECT_THAT(log().fetch(Topic::events, 3, wanted), testing::SizeIs(4)) << "after a refusal";
}

TEST_P(LogContract, ReadWaitsForWhatComes) {
    const auto reader = log().read(Topic::events, {{0, 0}});
    const auto writer = storage().once([&] { log().append(one(Topic::events, 0, "late")); });
    std::vector<std::string> found;
    const milliseconds began = storage().now();
    // It may answer with nothing when it only passed places that hold no record.
    while (found.empty() && storage().now() < began + storage().patience())
        for (const Record& record : reader->read(1000, storage().patience()))
            found.emplace_back(record.value);
    EXPECT_THAT(found, ElementsAre("late"));
    EXPECT_LT(storage().now() - began, storage().patience()) << "it was found only by the end";
}

TEST_P(LogContract, WakeEndsWaits) {
    const auto reader = log().read(Topic::events, {{0, 0}});
    Participant owner{log(), "one"};
    ASSERT_TRUE(gains_all(owner));
    const milliseconds long_wait = 10 * storage().patience();
    const milliseconds began = storage().now();
    {
        const auto waker = storage().repeatedly([&] { reader->wake(); });
        EXPECT_THAT(reader->read(1000, long_wait), IsEmpty());
    }
    {
        const auto waker = storage().repeatedly([&] { owner.owner->wake(); });
        owner.turn(1000, long_wait);
        EXPECT_THAT(owner.commands, IsEmpty());
    }
    EXPECT_LT(storage().now() - began, storage().patience());
}

} // namespace

} // namespace tests
