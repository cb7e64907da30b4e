// What the README tells auditors to do with jq and sha256sum agrees with `log verify`.

#include "gateways/marketctl/log_verify.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>

namespace {

using testing::HasSubstr;
using tests::Written;

struct Finished {
    int status = -1;
    std::string output;
};

Finished shell(const std::string& command) {
    Finished finished;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"no shell"};
    std::array<char, 4096> bytes;
    while (const std::size_t size = std::fread(bytes.data(), 1, bytes.size(), pipe))
        finished.output.append(bytes.data(), size);
    finished.status = ::pclose(pipe);
    return finished;
}

class Recipe : public testing::Test {
protected:
    // Of partition 0, beside a writer that has the log open.
    Finished checked(const std::vector<Written>& records) {
        log_ = tests::log_of(folder_.path() / "log", records);
        return shell(SOURCE_DIR "/tests/marketctl/recipe " MARKETCTL " " + folder_.path().string() +
                     " 0");
    }

    tests::TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_;
};

TEST_F(Recipe, FindsTheSameHead) {
    const Finished finished = checked(tests::chained(tests::drafts()));
    EXPECT_EQ(finished.status, 0) << finished.output;
    gateways::marketctl::NoProgress progress;
    const auto verified = gateways::marketctl::verify(*log_, {}, progress);
    EXPECT_EQ(finished.output, std::to_string(verified.partitions[0].records) + " records, head " +
                                   verified.partitions[0].head + "\n");
}

TEST_F(Recipe, FindsAChangedByte) {
    auto records = tests::chained(tests::drafts());
    Written& first = *std::ranges::find(records, 0, &Written::partition);
    first.value[first.value.find("\"amount\":5") + 9] = '6';
    const Finished finished = checked(records);
    EXPECT_NE(finished.status, 0);
    EXPECT_THAT(finished.output, HasSubstr("record 1 does not follow"));
}

TEST_F(Recipe, FindsAMissingEventOfAWriterThatWasWrong) {
    auto drafts = tests::drafts();
    std::string gone;
    std::erase_if(drafts, [&](const tests::Draft& draft) {
        const bool here = bus::partition_of(draft.stream, tests::story_partitions) == 0;
        if (gone.empty() && here && draft.sequence == 2) {
            gone = draft.stream;
            return true;
        }
        return false;
    });
    const Finished finished = checked(tests::chained(drafts));
    EXPECT_NE(finished.status, 0);
    EXPECT_THAT(finished.output, HasSubstr(gone + " goes on with 3"));
}

TEST_F(Recipe, TheProgramItselfTellsWhole) {
    checked(tests::chained(tests::drafts()));
    const std::string data = " --data " + folder_.path().string();
    const Finished verified = shell(std::string{MARKETCTL " log verify"} + data);
    EXPECT_EQ(verified.status, 0);
    EXPECT_THAT(verified.output, HasSubstr("{\"whole\":true,"));
    EXPECT_NE(shell(std::string{MARKETCTL " parked retry x"} + data).status, 0);
    EXPECT_EQ(shell(MARKETCTL " log verify --data /nowhere").status, 1 << 8);
    EXPECT_EQ(shell(MARKETCTL " log verify --what").status, 2 << 8);
    EXPECT_EQ(shell(MARKETCTL " log cat --help").status, 0);
}

} // namespace
