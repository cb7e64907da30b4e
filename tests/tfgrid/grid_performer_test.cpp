// The performer, the transport and the sandbox together.

#include "gateways/sandbox/grid/grid_sandbox.hpp"
#include "gateways/tfgrid/performer.hpp"
#include "tests/tfgrid/grid_samples.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace gateways::tfgrid;
using gateways::sandbox::GridSandbox;
using grid_samples::as;
using projections::Performed;
using testing::IsEmpty;
using testing::SizeIs;

GridPerformerOptions quick() {
    GridPerformerOptions options;
    options.poll_every = milliseconds{2};
    options.follow_max = milliseconds{40};
    options.milliseconds_now = [] { return std::int64_t{2000}; };
    return options;
}

class GridPerforming : public testing::Test {
protected:
    GridPerforming() { grid_.start(); }

    void fault(const std::string& one) {
        grid_.faults().add(boost::json::parse(R"({"script":[)" + one + "]}").as_object());
    }
    std::size_t live() const { return grid_.contracts().size(); }

    GridSandbox grid_;
    Sidecar sidecar_{{grid_.url(), "sandbox-token", milliseconds{5000}, milliseconds{5000}}};
    GridPerformer performer_{sidecar_, quick()};
    const projections::TodoItem deploy_ = grid_samples::item(grid_samples::attempt());
};

TEST_F(GridPerforming, a_workload_is_deployed_once_however_often_it_is_asked_for) {
    for (int i = 0; i < 2; ++i) {
        const Performed performed = performer_.perform(deploy_);
        ASSERT_EQ(performed.kind, Performed::Kind::concluded) << performed.reason;
        ASSERT_THAT(performed.commands, SizeIs(2));
        EXPECT_EQ(as<domain::RecordContract>(performed.commands[0])->contract.value, "9002");
        EXPECT_TRUE(as<domain::RecordWorkload>(performed.commands[1])->ready);
        EXPECT_EQ(live(), 2U);
    }
}

TEST_F(GridPerforming, a_workload_that_fails_leaves_nothing) {
    fault(
        R"({"operation":"deploy.11","kind":"error","code":"workload_failed","message":"no such image"})");
    const Performed performed = performer_.perform(deploy_);
    ASSERT_THAT(performed.commands, SizeIs(1)) << performed.reason;
    EXPECT_EQ(as<domain::RecordWorkload>(performed.commands[0])->error,
              "workload_failed: no such image");
    EXPECT_EQ(live(), 0U);
}

TEST_F(GridPerforming, contracts_that_could_not_be_cancelled_are_told) {
    fault(R"({"operation":"deploy.11","kind":"error_after","code":"workload_failed"})");
    const Performed performed = performer_.perform(deploy_);
    ASSERT_THAT(performed.commands, SizeIs(2)) << performed.reason;
    EXPECT_TRUE(as<domain::RecordContract>(performed.commands[0]));
    EXPECT_FALSE(as<domain::RecordWorkload>(performed.commands[1])->ready);
    EXPECT_EQ(live(), 2U);
}

TEST_F(GridPerforming, a_lost_answer_makes_no_second_contract) {
    fault(R"({"operation":"deploy.11","kind":"cut_after"})");
    EXPECT_EQ(performer_.perform(deploy_).kind, Performed::Kind::again);
    EXPECT_EQ(live(), 2U) << "it happened, and nobody knows";
    const Performed performed = performer_.perform(deploy_);
    ASSERT_THAT(performed.commands, SizeIs(2)) << performed.reason;
    EXPECT_TRUE(as<domain::RecordWorkload>(performed.commands[1])->ready);
    EXPECT_EQ(live(), 2U);
}

TEST_F(GridPerforming, an_unknown_outcome_is_looked_up) {
    fault(R"({"operation":"deploy.11","kind":"error_after","code":"outcome_unknown"})");
    EXPECT_EQ(performer_.perform(deploy_).kind, Performed::Kind::again);
    EXPECT_TRUE(as<domain::RecordWorkload>(performer_.perform(deploy_).commands.at(1))->ready);
    EXPECT_EQ(live(), 2U);
}

TEST_F(GridPerforming, a_node_that_excludes_us_is_taken_out) {
    fault(R"({"operation":"deploy.11","kind":"error","code":"node_excluded"})");
    const Performed performed = performer_.perform(deploy_);
    ASSERT_THAT(performed.commands, SizeIs(2)) << performed.reason;
    EXPECT_EQ(performed.commands[0].stream, "node-11");
    EXPECT_TRUE(as<domain::ExcludeNode>(performed.commands[0]));
    EXPECT_FALSE(as<domain::RecordWorkload>(performed.commands[1])->ready);
}

TEST_F(GridPerforming, a_contract_is_cancelled_twice_without_harm) {
    performer_.perform(deploy_);
    const auto release = grid_samples::release(grid_samples::contract("9002"));
    for (int i = 0; i < 2; ++i) {
        const Performed performed = performer_.perform(release);
        ASSERT_THAT(performed.commands, SizeIs(1)) << performed.reason;
        EXPECT_TRUE(as<domain::RecordRelease>(performed.commands[0]));
        EXPECT_EQ(live(), 0U);
    }
}

TEST_F(GridPerforming, a_cancellation_whose_answer_is_lost_is_repeated) {
    performer_.perform(deploy_);
    fault(R"({"operation":"cancel.11","kind":"cut_after"})");
    const auto release = grid_samples::release(grid_samples::contract("9002"));
    EXPECT_EQ(performer_.perform(release).kind, Performed::Kind::again);
    EXPECT_THAT(performer_.perform(release).commands, SizeIs(1));
}

TEST_F(GridPerforming, a_name_is_attached_closed_and_opened) {
    const Performed deployed = performer_.perform(deploy_);
    const auto access = as<domain::RecordWorkload>(deployed.commands.at(1))->access;
    const std::string address = access->addresses.at(0);
    const Performed named =
        performer_.perform(grid_samples::item(grid_samples::name("acme", address)));
    EXPECT_TRUE(as<domain::RecordDomain>(named.commands.at(0))->attached);
    EXPECT_EQ(as<domain::RecordDomain>(named.commands.at(0))->fqdn, "acme.gw.example");

    const auto backends = [&] {
        const auto answer = sidecar_.send({gateways::http::Verb::get, "/v1/names/acme", {}});
        return boost::json::serialize(boost::json::parse(answer.body).at("backends"));
    };
    auto suspended = grid_samples::item(domain::DeploymentSuspended{
        domain::SuspensionReason::unpaid, {grid_samples::serving(address)}});
    auto resumed = grid_samples::item(domain::DeploymentResumed{domain::SuspensionReason::unpaid,
                                                                {grid_samples::serving(address)}});
    resumed.asked = {1500};
    EXPECT_THAT(performer_.perform(suspended).commands, IsEmpty());
    EXPECT_EQ(backends(), "[\"http://[" + address + "]:9\"]");
    EXPECT_THAT(performer_.perform(resumed).commands, IsEmpty());
    EXPECT_EQ(backends(), "[\"http://[" + address + "]:80\"]");
    // The former, once more and too late.
    EXPECT_EQ(performer_.perform(suspended).kind, Performed::Kind::concluded);
    EXPECT_EQ(backends(), "[\"http://[" + address + "]:80\"]");
}

TEST(GridPerformingSlowly, the_contract_is_told_while_the_job_still_runs) {
    gateways::sandbox::GridOptions options;
    options.front.clock = std::make_shared<gateways::sandbox::Clock>(
        gateways::sandbox::Time{std::chrono::hours{500'000}});
    options.desk.job_time = std::chrono::minutes{3};
    GridSandbox grid{options};
    grid.start();
    Sidecar sidecar{{grid.url(), "sandbox-token", milliseconds{5000}, milliseconds{5000}}};
    GridPerformer performer{sidecar, quick()};
    const auto deploy = grid_samples::item(grid_samples::attempt());

    const Performed first = performer.perform(deploy);
    EXPECT_EQ(first.kind, Performed::Kind::again);
    ASSERT_THAT(first.meanwhile, SizeIs(1));
    EXPECT_TRUE(as<domain::RecordContract>(first.meanwhile[0]));
    EXPECT_THAT(performer.perform(deploy).meanwhile, IsEmpty());
    grid.clock()->advance(std::chrono::minutes{3});
    const Performed last = performer.perform(deploy);
    ASSERT_THAT(last.commands, SizeIs(2)) << last.reason;
    EXPECT_TRUE(as<domain::RecordWorkload>(last.commands[1])->ready);
    EXPECT_EQ(grid.contracts().size(), 2U);
}

TEST(GridPerformingSlowly, nobody_waits_any_more_once_it_is_stopped) {
    gateways::sandbox::GridOptions options;
    options.desk.job_time = std::chrono::hours{1};
    GridSandbox grid{options};
    grid.start();
    Sidecar sidecar{{grid.url(), "sandbox-token", milliseconds{5000}, milliseconds{5000}}};
    auto patient = quick();
    patient.follow_max = patient.poll_every = std::chrono::minutes{10};
    GridPerformer performer{sidecar, patient};
    std::thread other{[&] {
        std::this_thread::sleep_for(milliseconds{50});
        performer.stop();
    }};
    EXPECT_EQ(performer.perform(grid_samples::item(grid_samples::attempt())).kind,
              Performed::Kind::again);
    other.join();
}

} // namespace
