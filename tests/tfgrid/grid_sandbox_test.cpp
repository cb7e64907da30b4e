// What the sidecar's own suite does not see of the sandbox: its clock, its wallet, its bills.

#include "gateways/sandbox/grid/grid_sandbox.hpp"

#include "gateways/http/client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace json = boost::json;
using namespace gateways;
using http::Verb;
using std::chrono::hours;

class GridSandboxTest : public testing::Test {
protected:
    static sandbox::GridOptions options() {
        sandbox::GridOptions is;
        is.front.clock = std::make_shared<sandbox::Clock>(sandbox::Time{hours{500'000}});
        is.world.wallet = 100'000'000; // Some hours.
        return is;
    }

    GridSandboxTest() { grid_.start(); }

    json::value ask(Verb verb, std::string_view path, std::string_view body = {}) {
        std::vector<http::Header> headers{{"Authorization", "Bearer sandbox-token"}};
        if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
        const auto answer = client_.send(verb, path, body, headers);
        if (!answer) return nullptr;
        return json::parse(answer->body);
    }
    void deploy() {
        ask(Verb::post, "/v1/deployments",
            R"({"name":"d1p1","node":11,"resources":{"cru":2,"mru":4,"sru":50},
                "ssh_key":"ssh-ed25519 A b","application":"ubuntu-22.04"})");
    }

    sandbox::GridSandbox grid_{options()};
    http::Client client_{grid_.url()};
};

TEST_F(GridSandboxTest, contracts_are_billed_by_the_hour_of_its_clock_and_the_rest_at_the_end) {
    deploy();
    grid_.clock()->advance(hours{3});
    ASSERT_EQ(grid_.bills().size(), 3U);    // A network costs nothing.
    const std::int64_t hourly = 11'250'000; // Without discount.
    EXPECT_EQ(grid_.bills()[0].amount, hourly);
    EXPECT_EQ(grid_.bills()[0].contract, 9002);
    grid_.clock()->advance(std::chrono::minutes{30});
    ask(Verb::delete_, "/v1/contracts/9001");
    EXPECT_EQ(grid_.bills().back().amount, hourly / 2);
    EXPECT_THAT(grid_.contracts(), testing::IsEmpty());
    grid_.clock()->advance(hours{3});
    EXPECT_EQ(grid_.bills().size(), 4U);
}

TEST_F(GridSandboxTest, an_empty_wallet_pauses_and_a_filled_one_resumes) {
    deploy();
    grid_.clock()->advance(hours{24});
    auto view = ask(Verb::get, "/v1/deployments/d1p1").as_object();
    EXPECT_EQ(view["state"], "paused");
    const auto job = ask(Verb::post, "/v1/deployments/d1p1/restart", "{}");
    EXPECT_EQ(job.at("error").at("code"), "contract_in_grace");
    ask(Verb::post, "/sandbox/balance", R"({"free":"1000000000"})");
    view = ask(Verb::get, "/v1/deployments/d1p1").as_object();
    EXPECT_EQ(view["state"], "ready");
}

TEST_F(GridSandboxTest, a_job_is_gone_after_a_restart_and_its_machine_is_not) {
    deploy();
    ask(Verb::delete_, "/sandbox/jobs");
    EXPECT_EQ(ask(Verb::get, "/v1/deployments/d1p1").at("state"), "ready");
    deploy();
    EXPECT_EQ(grid_.contracts().size(), 2U);
    EXPECT_EQ(ask(Verb::get, "/sandbox/contracts").at("contracts").as_array().size(), 2U);
}

TEST_F(GridSandboxTest, a_failure_may_take_its_time) {
    ask(Verb::post, "/sandbox/faults",
        R"({"script":[{"operation":"deploy.11","kind":"error_after","code":"workload_failed",
                       "message":"flist mount failed","delay_milliseconds":360000}]})");
    deploy();
    grid_.clock()->advance(std::chrono::minutes{5});
    EXPECT_EQ(ask(Verb::get, "/v1/deployments/d1p1").at("state"), "deploying");
    grid_.clock()->advance(std::chrono::minutes{1});
    EXPECT_EQ(ask(Verb::get, "/v1/deployments/d1p1").at("state"), "failed");
}

TEST_F(GridSandboxTest, states_of_a_node_can_be_played) {
    deploy();
    ask(Verb::post, "/sandbox/states", R"({"name":"d1p1","state":"unknown"})");
    const auto view = ask(Verb::get, "/v1/deployments/d1p1");
    EXPECT_EQ(view.at("state"), "unknown");
    EXPECT_TRUE(view.at("version").is_null());
    EXPECT_EQ(view.at("node_error").at("code"), "node_unreachable");
}

} // namespace
