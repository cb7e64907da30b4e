// Each kind of fault that is planted in a log is found, with its place.

#include "gateways/marketctl/log_verify.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gateways::marketctl::NoProgress;
using gateways::marketctl::Verification;
using gateways::marketctl::VerifyOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::Draft;
using tests::Written;

class Verify : public testing::Test {
protected:
    Verification verified(const std::vector<Written>& records, VerifyOptions options = {}) {
        const auto log = tests::log_of(folder_.path() / "log", records);
        NoProgress progress;
        return gateways::marketctl::verify(*log, options, progress);
    }
    Verification verified(const std::vector<Draft>& drafts) {
        return verified(tests::chained(drafts));
    }

    // The nth record of the partition, in all records.
    static std::size_t nth(const std::vector<Written>& records, int partition, int n) {
        for (std::size_t i = 0; i < records.size(); ++i)
            if (records[i].partition == partition && n-- == 0) return i;
        throw std::out_of_range{"no such record"};
    }

    void expect_fault(const Verification& found, const std::string& place,
                      const std::string& problem) {
        EXPECT_FALSE(found.whole);
        ASSERT_THAT(found.faults, SizeIs(1));
        EXPECT_EQ(found.faults[0].place, place);
        EXPECT_THAT(found.faults[0].problem, HasSubstr(problem));
    }

    tests::TemporaryFolder folder_;
    std::vector<Draft> drafts_ = tests::drafts();
};

TEST_F(Verify, AWholeLogHasNoFault) {
    const auto records = tests::chained(drafts_);
    const Verification found = verified(records);
    EXPECT_TRUE(found.whole);
    EXPECT_THAT(found.faults, IsEmpty());
    EXPECT_EQ(found.records, records.size());
    EXPECT_EQ(found.streams, 10U);
    EXPECT_EQ(found.commands, 30U);
    ASSERT_THAT(found.partitions, SizeIs(2));
    for (int partition = 0; partition < 2; ++partition) {
        std::string last;
        for (const Written& one : records)
            if (one.partition == partition) last = one.value;
        EXPECT_EQ(found.partitions[static_cast<std::size_t>(partition)].head,
                  projections::chain_hash(last).text());
    }
}

TEST_F(Verify, AnEmptyLogIsWhole) {
    const Verification found = verified(std::vector<Written>{});
    EXPECT_TRUE(found.whole);
    EXPECT_EQ(found.partitions[0].head, std::string(64, '0'));
}

TEST_F(Verify, FindsAChangedByte) {
    auto records = tests::chained(drafts_);
    std::string& value = records[nth(records, 0, 4)].value;
    value[value.find("\"amount\":5") + 9] = '6';
    // The record itself is well-formed; the next one knows better.
    expect_fault(verified(records), "events/0/5", "does not follow");
}

TEST_F(Verify, FindsAMissingRecord) {
    auto records = tests::chained(drafts_);
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(nth(records, 1, 3)));
    expect_fault(verified(records), "events/1/3", "does not follow");
}

TEST_F(Verify, FindsAMissingFirstRecord) {
    auto records = tests::chained(drafts_);
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(nth(records, 1, 0)));
    expect_fault(verified(records), "events/1/0", "does not follow");
}

TEST_F(Verify, FindsReorderedRecords) {
    auto records = tests::chained(drafts_);
    std::swap(records[nth(records, 0, 6)], records[nth(records, 0, 7)]);
    expect_fault(verified(records), "events/0/6", "does not follow");
}

TEST_F(Verify, FindsARepeatedRecord) {
    auto records = tests::chained(drafts_);
    const auto at = nth(records, 0, 6);
    records.insert(records.begin() + static_cast<std::ptrdiff_t>(at) + 1, records[at]);
    expect_fault(verified(records), "events/0/7", "does not follow");
}

TEST_F(Verify, FindsWhatIsNoEvent) {
    auto records = tests::chained(drafts_);
    records[nth(records, 1, 2)].value = "{\"id\":";
    expect_fault(verified(records), "events/1/2", "is no event");
}

// From here on the chain is as it should be: whoever wrote the log was wrong.

TEST_F(Verify, FindsAGapInAStream) {
    std::erase_if(drafts_, [](const Draft& draft) {
        return draft.stream == "tally-3" && draft.sequence == 2;
    });
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem,
                HasSubstr("says it is event 3 of tally-3, which has 1 before it"));
}

TEST_F(Verify, FindsASequenceThatComesTwice) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 3) draft.sequence = 2;
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("says it is event 2 of tally-3"));
}

TEST_F(Verify, FindsACommandThatTookEffectTwice) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 3) draft.command = "tally-3/0";
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("repeats the command tally-3/0"));
    const int partition = bus::partition_of("tally-3", tests::story_partitions);
    EXPECT_THAT(found.faults[0].place,
                testing::StartsWith("events/" + std::to_string(partition) + "/"));
}

TEST_F(Verify, FindsACommandOfAnotherPartitionThatTookEffectTwice) {
    std::string other;
    for (const Draft& draft : drafts_)
        if (bus::partition_of(draft.stream, 2) != bus::partition_of("tally-3", 2))
            other = draft.stream;
    ASSERT_FALSE(other.empty());
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 3) draft.command = other + "/0";
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("repeats the command " + other + "/0"));
}

TEST_F(Verify, FindsItWithLittleMemoryToo) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 3) draft.command = "tally-3/0";
    // Room for four commands at a time.
    const Verification found = verified(tests::chained(drafts_), {.command_bytes = 64});
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("repeats the command tally-3/0"));
}

TEST_F(Verify, LittleMemoryFindsNothingInAWholeLog) {
    EXPECT_TRUE(verified(tests::chained(drafts_), {.command_bytes = 64}).whole);
}

TEST_F(Verify, FindsAnAnswerWithEventsOfTheSameCommand) {
    const auto at = std::ranges::find_if(drafts_, [](const Draft& draft) {
        return draft.stream == "tally-3" && draft.sequence == 2;
    });
    drafts_.insert(at + 1, {"tally-3", "tally-3/0", 0, 3});
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("repeats the command tally-3/0"));
}

TEST_F(Verify, FindsAnIdOutOfLine) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 2) draft.id = "tally-3/0.3";
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem,
                HasSubstr("has the id tally-3/0.3, but is record 2 of its command"));
}

TEST_F(Verify, FindsAnotherTenant) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3" && draft.sequence == 3) draft.tenant = "evil";
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("of the tenant evil"));
}

TEST_F(Verify, FindsAStreamInAnotherPartition) {
    for (Draft& draft : drafts_)
        if (draft.stream == "tally-3")
            draft.partition = 1 - bus::partition_of("tally-3", tests::story_partitions);
    const Verification found = verified(drafts_);
    ASSERT_THAT(found.faults, SizeIs(1));
    EXPECT_THAT(found.faults[0].problem, HasSubstr("lives in another partition"));
}

TEST_F(Verify, FindsAnotherKey) {
    auto records = tests::chained(drafts_);
    records[nth(records, 0, 2)].key = "tally-x";
    expect_fault(verified(records), "events/0/2", "has the key tally-x");
}

} // namespace
