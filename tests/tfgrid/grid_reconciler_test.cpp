#include "gateways/tfgrid/reconciler.hpp"
#include "tests/tfgrid/bill_samples.hpp"
#include "tests/tfgrid/grid_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateways::tfgrid;
using bill_samples::minute;
using grid_samples::as;
using testing::IsEmpty;
using testing::SizeIs;

const std::string listed_contracts = R"({"contracts":[
  {"id":9001,"kind":"network","name":"d1p1","project":"marketplace","ours":true,"node":11,"state":"created","created":1},
  {"id":9002,"kind":"vm","name":"d1p1","project":"marketplace","ours":true,"node":11,"state":"created","created":1},
  {"id":9003,"kind":"gateway","name":"acme","project":"marketplace","ours":true,"node":51,"state":"created","created":1},
  {"id":9004,"kind":"name","name":"acme","project":"","ours":true,"node":null,"state":"created","created":1},
  {"id":9005,"kind":"rent","name":"","project":"","ours":false,"node":12,"state":"created","created":0},
  {"id":9006,"kind":"vm","name":"else","project":"other","ours":false,"node":12,"state":"created","created":0}]})";

TEST(GridReconciler, what_is_claimed_is_left_alone_with_all_that_belongs_to_it) {
    const Claims claims{{"d1"}, 1, 0, {{"9002"}, {"9004"}}, {"acme"}};
    const auto findings = reconcile(read_contracts(listed_contracts), {&claims, 1}, {}, {0});
    EXPECT_THAT(findings.unclaimed, IsEmpty());
    EXPECT_THAT(findings.commands, IsEmpty());
}

TEST(GridReconciler, what_is_unclaimed_for_a_quarter_of_an_hour_is_cancelled_whole) {
    const Claims claims{{"d1"}, 1, 0, {}, {"acme"}};
    const auto contracts = read_contracts(listed_contracts);
    auto findings = reconcile(contracts, {&claims, 1}, {}, {0});
    EXPECT_THAT(findings.commands, IsEmpty());
    findings = reconcile(contracts, {&claims, 1}, findings.unclaimed, {15 * minute - 1});
    EXPECT_THAT(findings.commands, IsEmpty());
    findings = reconcile(contracts, {&claims, 1}, findings.unclaimed, {15 * minute});
    ASSERT_THAT(findings.commands, SizeIs(2)) << "one for each family";
    EXPECT_EQ(findings.commands[0].stream, "deployment-d1");
    const auto machine = as<domain::ClaimOrphan>(findings.commands[0])->contract;
    EXPECT_EQ(machine, grid_samples::contract("9002"));
    const auto name = as<domain::ClaimOrphan>(findings.commands[1])->contract;
    EXPECT_EQ(name.contract.value, "9004");
    EXPECT_EQ(name.kind, domain::ContractKind::name);
    EXPECT_FALSE(name.role);
}

TEST(GridReconciler, the_time_begins_anew_when_it_was_claimed_meanwhile) {
    const Claims none{{"d1"}, 1, 0, {{"9004"}}, {}};
    const Claims claimed{{"d1"}, 1, 0, {{"9002"}, {"9004"}}, {}};
    const auto contracts = read_contracts(listed_contracts);
    auto findings = reconcile(contracts, {&none, 1}, {}, {0});
    findings = reconcile(contracts, {&claimed, 1}, findings.unclaimed, {10 * minute});
    findings = reconcile(contracts, {&none, 1}, findings.unclaimed, {15 * minute});
    EXPECT_THAT(findings.commands, IsEmpty());
}

TEST(GridReconciler, what_no_deployment_has_made_is_told_and_not_touched) {
    const auto findings =
        reconcile(read_contracts(listed_contracts), {}, {{9002, {0}}, {9004, {0}}}, {20 * minute});
    EXPECT_THAT(findings.commands, IsEmpty());
    ASSERT_THAT(findings.strangers, SizeIs(2));
    EXPECT_EQ(findings.strangers[0].id, 9002);
}

TEST(GridReconciler, a_deployment_claims_what_it_has_not_cancelled) {
    domain::Deployment deployment;
    deployment.deployment = {"d1"};
    deployment.primary_attempts = 2;
    deployment.contracts = {
        {grid_samples::contract("1"), domain::GridContractStatus::live, false},
        {grid_samples::contract("2"), domain::GridContractStatus::releasing, false},
        {grid_samples::contract("3"), domain::GridContractStatus::cancelled, false}};
    deployment.domain_label = "acme";
    const Claims claims = claims_of(deployment);
    EXPECT_EQ(claims.primary_attempts, 2U);
    EXPECT_THAT(claims.contracts,
                testing::ElementsAre(domain::ContractId{"1"}, domain::ContractId{"2"}));
    EXPECT_THAT(claims.labels, testing::ElementsAre("acme"));
}

TEST(GridReconciler, a_list_that_is_none_is_no_reason_to_cancel) {
    for (const std::string nonsense : {"", "[]", "{}", R"({"contracts":[{"id":"x"}]})"})
        EXPECT_THROW(read_contracts(nonsense), std::runtime_error) << nonsense;
}

} // namespace
