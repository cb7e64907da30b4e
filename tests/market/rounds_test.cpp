// What is done again and again.

#include "gateways/workers/rounds.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tests {

namespace {

using gateways::workers::pause_after;
using gateways::workers::Rounds;
using gateways::workers::RoundsOptions;
using namespace std::chrono_literals;

TEST(Rounds, PausesDoubleUpToALimitAndAreSpread) {
    for (std::uint64_t chance = 0; chance < 2000; chance += 7) {
        EXPECT_GE(pause_after(1, 1s, 300s, chance), 750ms);
        EXPECT_LE(pause_after(1, 1s, 300s, chance), 1250ms);
        EXPECT_GE(pause_after(4, 1s, 300s, chance), 6s);
        EXPECT_LE(pause_after(4, 1s, 300s, chance), 10s);
        EXPECT_LE(pause_after(4'000'000'000, 1s, 300s, chance), 375s);
        EXPECT_GE(pause_after(4'000'000'000, 1s, 300s, chance), 225s);
    }
    EXPECT_NE(pause_after(1, 1s, 300s, 1), pause_after(1, 1s, 300s, 300));
}

class RoundsTest : public testing::Test {
protected:
    void start() {
        RoundsOptions options;
        options.name = "look";
        options.every = 60s;
        options.milliseconds_now = [this] {
            ++looks;
            return now.load();
        };
        options.mine = [this] { return mine.load(); };
        options.notice = [this](std::string_view name, std::string_view why) {
            said = std::string{name} + ": " + std::string{why};
        };
        rounds = std::make_unique<Rounds>(std::move(options), [this] {
            now += jump.exchange(0);
            if (failing) throw std::runtime_error{"nobody answers"};
        });
        rounds->start();
    }
    // Real time: a round's thread looks at its clock now and then.
    static bool soon(const std::function<bool()>& what) {
        for (int i = 0; i < 1000; ++i) {
            if (what()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }
    // The thread has gone by the present clock: what is due now has begun. Two looks may belong to
    // the end of a round, and one may have been under way.
    void looked() const {
        const std::uint64_t enough = looks + 4;
        ASSERT_TRUE(soon([&] { return looks >= enough; }));
    }
    std::uint64_t done() const { return rounds->meter().done; }
    std::uint64_t failed() const { return rounds->meter().failed; }

    std::atomic<std::int64_t> now{1'800'000'000'000};
    std::atomic<std::uint64_t> looks{0};
    std::atomic<std::int64_t> jump{0}; // While a round is under way.
    std::atomic<bool> mine{true}, failing{false};
    std::string said;
    std::unique_ptr<Rounds> rounds;
};

TEST_F(RoundsTest, GoByTheClockTheyAreGiven) {
    start();
    EXPECT_TRUE(soon([&] { return done() == 1; }));
    looked(); // The round has ended by the old time.
    EXPECT_EQ(rounds->meter().last_success, 1'800'000'000'000);
    now += 59'999;
    looked();
    EXPECT_EQ(done(), 1U);
    now += 1;
    EXPECT_TRUE(soon([&] { return done() == 2; }));
    looked();
    now += 100 * 60'000; // A jump is one round, not a hundred.
    EXPECT_TRUE(soon([&] { return done() == 3; }));
    looked();
    EXPECT_EQ(done(), 3U);
    now -= 1000 * 60'000; // Nobody waits for the old time to come again.
    EXPECT_TRUE(soon([&] { return done() == 4; }));
}

// What was due then, the round may have missed.
TEST_F(RoundsTest, AreRepeatedWhenTheClockJumpedMeanwhile) {
    jump = 3'600'000;
    start();
    EXPECT_TRUE(soon([&] { return done() == 2; }));
    looked();
    EXPECT_EQ(done(), 2U);
    jump = -3'600'000;
    now += 60'000;
    EXPECT_TRUE(soon([&] { return done() == 3; }));
    looked();
    EXPECT_EQ(done(), 3U);
}

TEST_F(RoundsTest, OneInstanceDoesThem) {
    mine = false;
    start();
    looked();
    EXPECT_EQ(done(), 0U);
    mine = true;
    EXPECT_TRUE(soon([&] { return done() == 1; }));
}

TEST_F(RoundsTest, AFailureIsToldAndTriedAgainSoonThenLaterAndLater) {
    failing = true;
    start();
    EXPECT_TRUE(soon([&] { return failed() == 1; }));
    looked();
    now += 1250;
    EXPECT_TRUE(soon([&] { return failed() == 2; }));
    looked();
    now += 1250; // Twice as long by now.
    looked();
    EXPECT_EQ(failed(), 2U);
    failing = false;
    now += 1250;
    EXPECT_TRUE(soon([&] { return done() == 1; }));
    rounds->stop();
    EXPECT_EQ(said, "look: nobody answers");
    EXPECT_EQ(rounds->meter().last_success, now);
}

} // namespace

} // namespace tests
