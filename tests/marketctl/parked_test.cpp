// Records that were set aside are listed until somebody decides on them.

#include "gateways/marketctl/parked.hpp"

#include "tests/marketctl/story.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gateways::marketctl::NoProgress;
using gateways::marketctl::NotParked;
using gateways::marketctl::open_records;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr domain::Time time_parked{1'800'000'000'000};

class Parked : public testing::Test {
protected:
    // Sends it by way of the log, so that it is set aside.
    void send(std::string_view bytes) {
        bus::Transaction transaction;
        transaction.append(bus::Topic::commands, 1, "its-key", bytes);
        log_->append(transaction);
        processing_.settle();
    }
    std::vector<std::string> open() {
        std::vector<std::string> ids;
        for (const auto& one : open_records(*log_, progress_))
            ids.push_back(one.parked.id);
        return ids;
    }
    bus::Offset commands(int partition = 1) { return log_->end(bus::Topic::commands, partition); }

    tests::TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_ = tests::small_log(folder_.path() / "log", 3);
    projections::MemoryStore store_;
    projections::ProcessorOptions options_{
        .milliseconds_now = [] { return time_parked.milliseconds; }};
    tests::Processing processing_{*log_, store_, options_};
    NoProgress progress_;
};

TEST_F(Parked, NothingIsOpenInTheBeginning) {
    EXPECT_THAT(open(), IsEmpty());
    EXPECT_THROW(gateways::marketctl::retry(*log_, "commands/1/0", time_parked, progress_),
                 NotParked);
    EXPECT_THROW(gateways::marketctl::drop(*log_, "commands/1/0", time_parked, progress_),
                 NotParked);
}

TEST_F(Parked, ListsWhatWasSetAsideWithItsReason) {
    send("no command");
    const auto records = open_records(*log_, progress_);
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].parked.id, "commands/1/0");
    EXPECT_THAT(records[0].parked.reason, testing::Not(IsEmpty()));
    EXPECT_EQ(records[0].parked.time, "2027-01-15T08:00:00.000Z");
    const auto whole = gateways::marketctl::parked_under(*log_, "commands/1/0", progress_);
    ASSERT_THAT(whole, SizeIs(1));
    EXPECT_EQ(gateways::marketctl::payload(whole[0]), "no command");
}

TEST_F(Parked, KeepsBytesThatAreNoText) {
    for (const std::string bytes : {"\xff", "\xff\xfe", "\xff\xfe\xfd", "\xff\xfe\xfd\xfc"})
        send(bytes);
    const auto whole = [&](const char* id) {
        return gateways::marketctl::payload(
            gateways::marketctl::parked_under(*log_, id, progress_).at(0));
    };
    EXPECT_EQ(whole("commands/1/0"), "\xff");
    EXPECT_EQ(whole("commands/1/1"), "\xff\xfe");
    EXPECT_EQ(whole("commands/1/2"), "\xff\xfe\xfd");
    EXPECT_EQ(whole("commands/1/3"), "\xff\xfe\xfd\xfc");
}

TEST_F(Parked, ADroppedRecordIsGone) {
    send("no command");
    send("another");
    gateways::marketctl::drop(*log_, "commands/1/0", time_parked, progress_);
    EXPECT_THAT(open(), testing::ElementsAre("commands/1/1"));
    EXPECT_EQ(commands(), 2);
    EXPECT_THROW(gateways::marketctl::drop(*log_, "commands/1/0", time_parked, progress_),
                 NotParked);
}

TEST_F(Parked, ARetriedRecordIsAskedForAgain) {
    send("\xff no command");
    gateways::marketctl::retry(*log_, "commands/1/0", time_parked, progress_);
    EXPECT_THAT(open(), IsEmpty());
    const std::array<bus::Offset, 1> second{1};
    EXPECT_EQ(log_->fetch(bus::Topic::commands, 1, second).at(0), "\xff no command");
    // It is not better than it was.
    processing_.settle();
    EXPECT_THAT(open(), testing::ElementsAre("commands/1/1"));
}

TEST_F(Parked, ARetriedCommandGoesToWhereItsStreamLives) {
    std::string stream = "tally-0";
    for (int i = 1; bus::partition_of(stream, 3) == 1; ++i)
        stream = "tally-" + std::to_string(i);
    const int home = bus::partition_of(stream, 3);
    std::string command;
    schemas::write_command({.id = "lost",
                            .type = "tally.add",
                            .stream = stream,
                            .time = time_parked,
                            .tenant = "acme",
                            .actor = "tester",
                            .owner = {},
                            .fingerprint = {},
                            .correlation = {},
                            .trace = {},
                            .reply = {},
                            .data = {}},
                           R"({"amount":5})", command);
    send(command);
    EXPECT_THAT(open(), SizeIs(1));
    gateways::marketctl::retry(*log_, "commands/1/0", time_parked, progress_);
    EXPECT_EQ(commands(home), 1);
    processing_.settle();
    EXPECT_THAT(open(), IsEmpty());
    EXPECT_EQ(log_->end(bus::Topic::events, home), 1);
}

TEST_F(Parked, WhatADoorSentCannotBeAskedForAgain) {
    processing_.ask("from-a-door", "tally-1", tests::Explode{"bang"});
    EXPECT_THAT(open(), testing::ElementsAre("from-a-door"));
    try {
        gateways::marketctl::retry(*log_, "from-a-door", time_parked, progress_);
        FAIL() << "it was taken";
    } catch (const NotParked& refusal) {
        EXPECT_THAT(refusal.what(), HasSubstr("its sender"));
    }
    gateways::marketctl::drop(*log_, "from-a-door", time_parked, progress_);
    EXPECT_THAT(open(), IsEmpty());
}

} // namespace
