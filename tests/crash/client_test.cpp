// The client against a server that fails it: what it writes down and what the server did agree,
// and when the server breaks a promise, the audit says so.

#include "tests/crash/client.hpp"

#include "gateways/market/identity.hpp"
#include "tests/crash/fake_market.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace tests::crash {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t commands = 3000;

class ClientTest : public testing::Test {
protected:
    // Runs a campaign against servers of one log, and audits it.
    Audit campaign(FakeMarket::Plant plant, std::uint64_t seed) {
        const Identity identity{
            [](std::string_view path, std::string_view key) {
                return gateways::market::command_id("tenant", "subject", path, key);
            },
            [](std::string_view id) { return gateways::market::resource_id(id); }};
        FakeMarket market{identity, seed, plant};
        ClientOptions options;
        // Nobody listens at the second: every failure leads there and back.
        options.servers = {{"127.0.0.1", market.port()}, {"127.0.0.1", 1}};
        options.token = "token";
        options.identity = identity;
        options.seed = seed;
        options.partitions = FakeMarket::partitions;
        options.commands_per_second = 1'000'000;
        std::filesystem::remove(path_);
        {
            Journal journal{path_};
            load::Loop loop;
            Client client{loop, journal, options};
            client.mark();
            while (!client.idle() || client.tally().commands < commands) {
                loop.turn(1ms);
                client.pause(client.tally().commands >= commands);
                client.drive();
            }
            recovered_ = client.recovered().has_value();
            tally_ = client.tally();
            journal.flush();
        }
        market.stop();
        Audit audit{FakeMarket::partitions, identity};
        std::ifstream lines{path_};
        for (std::string line; std::getline(lines, line);)
            audit.journal(line);
        market.tell(audit);
        audit.compare();
        audit.compare();
        return audit;
    }

    void TearDown() override { std::filesystem::remove(path_); }

    const std::string path_ = testing::TempDir() + "/campaign-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
    Tally tally_;
    bool recovered_ = false;
};

TEST_F(ClientTest, RepeatsUntilEverythingIsAnswered) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const Audit audit = campaign(FakeMarket::Plant::none, seed);
        EXPECT_THAT(audit.findings(), IsEmpty());
        const Audit::Counts counts = audit.counts();
        EXPECT_GE(counts.sent, commands);
        EXPECT_EQ(counts.acknowledged, counts.sent);
        // The load is mixed: most is accepted, and each kind comes up.
        EXPECT_GT(counts.accepted, counts.sent * 3 / 4);
        EXPECT_GT(counts.refused, 30U);
        EXPECT_GT(counts.repeats, 30U);
        EXPECT_GT(counts.reused, 30U);
        EXPECT_GT(tally_.retries, 30U);
        EXPECT_GT(tally_.batches, 10U);
        EXPECT_GT(tally_.reads, 30U);
        EXPECT_TRUE(recovered_);
    }
}

TEST_F(ClientTest, SameSeedSameCommands) {
    const auto keys = [&] {
        std::vector<std::string> sent;
        Workload workload{7, "name"};
        for (int i = 0; i < 500; ++i) {
            const Step step = workload.next();
            sent.push_back(step.key + step.path + step.body);
            workload.conclude(step, step.refusal.empty(), step.refusal, "id-" + step.key, 1, "0:0");
        }
        return sent;
    };
    EXPECT_EQ(keys(), keys());
}

TEST_F(ClientTest, NoticesALostAcknowledgement) {
    EXPECT_THAT(campaign(FakeMarket::Plant::lose, 4).findings(), Contains(HasSubstr("lost: ")));
}

TEST_F(ClientTest, NoticesASecondEffect) {
    EXPECT_THAT(campaign(FakeMarket::Plant::twice, 5).findings(),
                Contains(HasSubstr("took effect twice: ")));
}

TEST_F(ClientTest, NoticesAChangedAnswer) {
    EXPECT_THAT(campaign(FakeMarket::Plant::change_answer, 6).findings(),
                Contains(HasSubstr("got another body")));
}

TEST_F(ClientTest, NoticesAReusedKeyThatIsTaken) {
    EXPECT_THAT(campaign(FakeMarket::Plant::take_reused, 7).findings(),
                Contains(HasSubstr("with another body was answered")));
}

} // namespace
} // namespace tests::crash
