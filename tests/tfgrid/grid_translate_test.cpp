#include "gateways/tfgrid/translate.hpp"
#include "tests/tfgrid/grid_answers.hpp"
#include "tests/tfgrid/grid_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateways::tfgrid;
using grid_samples::as;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using namespace recorded;

std::string error(const std::string& code, const std::string& message = "because",
                  bool retryable = false) {
    return R"({"code":")" + code + R"(","message":")" + message + R"(","retryable":)" +
           (retryable ? "true}" : "false}");
}

std::string failed_job(const std::string& code, const std::string& contracts = "[]",
                       const std::string& message = "because") {
    return R"({"job":"j1","kind":"deploy","name":"d1p1","state":"failed","contracts":)" +
           contracts + R"(,"deployment":null,"gateway":null,"error":)" + error(code, message) + "}";
}

std::string job_of(const std::string& view, bool of_name = false) {
    return R"({"job":"j1","kind":"x","name":"x","state":"succeeded","contracts":[
      {"id":9003,"kind":"gateway","node":51},{"id":9004,"kind":"name","node":null}],"deployment":)" +
           (of_name ? "null" : view) + R"(,"gateway":)" + (of_name ? view : "null") +
           R"(,"error":null})";
}

std::string name_view(const std::string& backend, const std::string& state = "ready") {
    return R"({"name":"acme","node":51,"contract":9004,"contracts":[
      {"id":9003,"kind":"gateway","node":51,"state":"created","created":1},
      {"id":9004,"kind":"name","node":null,"state":"created","created":1}],"state":")" +
           state + R"(","version":3,"fqdn":"acme.gw.example","backends":[")" + backend +
           R"("],"tls_passthrough":false,"workloads":[],"node_error":null})";
}

class GridTranslate : public testing::Test {
protected:
    void asked(const projections::TodoItem& item) {
        effect_ = effect_of(item);
        verdict_ = begin(effect_, progress_, terms_, standing_);
    }
    void answer(unsigned status, const std::string& body) {
        ASSERT_TRUE(std::holds_alternative<Ask>(verdict_)) << "nothing was asked";
        verdict_ = conclude(effect_, progress_, {true, status, body, {}}, terms_, standing_);
    }
    void no_answer() {
        verdict_ = conclude(effect_, progress_, {false, 0, {}, "cut"}, terms_, standing_);
    }
    void again() { verdict_ = begin(effect_, progress_, terms_, standing_); }

    std::string request() const {
        const auto* ask = std::get_if<Ask>(&verdict_);
        if (ask == nullptr) return "none";
        const auto verb = boost::beast::http::to_string(ask->request.verb);
        return std::string{verb.data(), verb.size()} + " " + ask->request.path;
    }
    std::string body() const { return std::get<Ask>(verdict_).request.body; }
    const Commands& commands() const {
        static const Commands none;
        const auto* is = std::get_if<Conclude>(&verdict_);
        return is == nullptr ? none : is->commands;
    }
    std::string again_because() const {
        const auto* is = std::get_if<Again>(&verdict_);
        return is == nullptr ? "not again" : is->reason;
    }
    std::string parked_because() const {
        const auto* is = std::get_if<Park>(&verdict_);
        return is == nullptr ? "not parked" : is->reason;
    }
    domain::RecordWorkload workload() const {
        return commands().empty() ? domain::RecordWorkload{}
                                  : as<domain::RecordWorkload>(commands().back())
                                        .value_or(domain::RecordWorkload{});
    }

    Terms terms_{"gent01.grid.tf", "secret"};
    Standing standing_;
    Effect effect_;
    Progress progress_;
    Verdict verdict_ = Again{};
};

TEST_F(GridTranslate, a_workload_that_is_there_is_not_made_again) {
    asked(grid_samples::item(grid_samples::attempt()));
    EXPECT_EQ(request(), "GET /v1/deployments/d1p1?node=11");
    answer(200, ready_machine);
    ASSERT_THAT(commands(), SizeIs(2));
    const auto contract = as<domain::RecordContract>(commands()[0]);
    ASSERT_TRUE(contract);
    EXPECT_EQ(contract->contract.value, "9002");
    EXPECT_TRUE(workload().ready);
    EXPECT_THAT(workload().access->addresses,
                testing::ElementsAre("185.206.122.40", "5c9:fb1:452c:8f7b::1"));
    EXPECT_EQ(commands()[0].stream, "deployment-d1");
}

TEST_F(GridTranslate, a_workload_that_is_missing_is_deployed_and_its_job_followed) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    EXPECT_EQ(request(), "POST /v1/deployments");
    EXPECT_THAT(body(), HasSubstr(R"("name":"d1p1")"));
    EXPECT_THAT(body(), HasSubstr(R"("farm":1)"));
    EXPECT_THAT(body(), HasSubstr(R"("metadata":"d1")"));
    answer(202, empty_job);
    EXPECT_EQ(request(), "GET /v1/jobs/j1");
    EXPECT_THAT(news(effect_, progress_), IsEmpty());
    answer(200, running_job);
    const Commands told = news(effect_, progress_);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(as<domain::RecordContract>(told[0])->contract.value, "9002");
    EXPECT_THAT(news(effect_, progress_), IsEmpty()) << "it was told already";
    answer(200, job_of(ready_machine));
    EXPECT_TRUE(workload().ready);
}

TEST_F(GridTranslate, contracts_that_a_failed_workload_left_are_told_before_it_failed) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(202, failed_job("workload_failed", R"([{"id":9001,"kind":"network","node":11},
                                                   {"id":9002,"kind":"vm","node":11}])"));
    ASSERT_THAT(commands(), SizeIs(2));
    EXPECT_EQ(as<domain::RecordContract>(commands()[0])->contract.value, "9002");
    EXPECT_FALSE(workload().ready);
    EXPECT_EQ(workload().error, "workload_failed: because");
}

TEST_F(GridTranslate, a_network_that_alone_is_left_is_told_too) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(202, failed_job("incomplete", R"([{"id":9001,"kind":"network","node":11}])"));
    ASSERT_THAT(commands(), SizeIs(2));
    EXPECT_EQ(as<domain::RecordContract>(commands()[0])->contract.value, "9001");
}

TEST_F(GridTranslate, errors_of_a_workload_that_end_its_attempt) {
    for (const std::string code :
         {"workload_failed", "node_refused", "no_capacity", "no_public_ip", "no_gpu",
          "deploy_timeout", "node_unavailable", "incomplete", "chain_refused"}) {
        progress_ = {};
        asked(grid_samples::item(grid_samples::attempt()));
        answer(404, not_found);
        answer(202, failed_job(code));
        ASSERT_THAT(commands(), SizeIs(1)) << code;
        EXPECT_FALSE(workload().ready);
        EXPECT_EQ(workload().error, code + ": because");
    }
}

TEST_F(GridTranslate, errors_that_are_tried_again) {
    for (const std::string code :
         {"in_progress", "busy", "timeout", "not_connected", "chain_unreachable",
          "grid_unavailable", "outcome_unknown", "internal"}) {
        progress_ = {};
        asked(grid_samples::item(grid_samples::attempt()));
        answer(404, not_found);
        answer(503, error(code, "because", true));
        EXPECT_EQ(again_because(), code + ": because");
    }
    progress_ = {};
    asked(grid_samples::item(grid_samples::attempt()));
    answer(503, error("of_tomorrow", "because", true));
    EXPECT_EQ(again_because(), "of_tomorrow: because");
}

TEST_F(GridTranslate, errors_that_a_person_has_to_see) {
    for (const std::string code :
         {"validation", "conflict", "unauthorized", "account_unknown", "of_tomorrow"}) {
        progress_ = {};
        asked(grid_samples::item(grid_samples::attempt()));
        answer(404, not_found);
        answer(422, error(code));
        EXPECT_EQ(parked_because(), code + ": because");
    }
}

TEST_F(GridTranslate, a_node_that_shuts_us_out_is_excluded) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(202, failed_job("node_excluded"));
    ASSERT_THAT(commands(), SizeIs(2));
    EXPECT_EQ(commands()[0].stream, "node-11");
    EXPECT_EQ(as<domain::ExcludeNode>(commands()[0])->reason, "node_excluded: because");
    EXPECT_FALSE(workload().ready);
}

TEST_F(GridTranslate, an_account_that_is_not_verified_is_not_the_nodes_fault) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(202, failed_job("kyc_unverified", "[]", "255 user with twin id 42 is not verified"));
    EXPECT_THAT(commands(), SizeIs(2));
    again();
    answer(404, not_found);
    answer(202, failed_job("kyc_unverified", "[]", "Your account is not verified."));
    EXPECT_THAT(parked_because(), HasSubstr("kyc_unverified"));
}

TEST_F(GridTranslate, a_node_may_fail_to_answer_three_times) {
    asked(grid_samples::item(grid_samples::attempt()));
    for (int i = 0; i < 2; ++i) {
        answer(404, not_found);
        answer(202, failed_job("node_unreachable"));
        EXPECT_EQ(again_because(), "node_unreachable: because");
        again();
    }
    answer(404, not_found);
    answer(202, failed_job("node_unreachable"));
    EXPECT_FALSE(workload().ready);
    EXPECT_EQ(workload().error, "node_unreachable: because");
}

TEST_F(GridTranslate, an_empty_wallet_is_waited_for_an_hour) {
    standing_ = {5, std::chrono::minutes{59}};
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(402, error("insufficient_balance", "because", true));
    EXPECT_EQ(again_because(), "insufficient_balance: because");
    standing_ = {6, std::chrono::minutes{60}};
    again();
    answer(404, not_found);
    answer(402, error("insufficient_balance", "because", true));
    EXPECT_EQ(parked_because(), "insufficient_balance: because");
}

TEST_F(GridTranslate, a_contract_that_was_told_and_is_gone_is_not_made_anew) {
    asked(grid_samples::item(grid_samples::attempt()));
    answer(404, not_found);
    answer(202, running_job);
    EXPECT_THAT(news(effect_, progress_), SizeIs(1));
    again();
    answer(404, not_found);
    ASSERT_FALSE(commands().empty());
    EXPECT_FALSE(workload().ready);
}

TEST_F(GridTranslate, no_answer_and_nonsense_are_no_answer) {
    asked(grid_samples::item(grid_samples::attempt()));
    no_answer();
    EXPECT_THAT(again_because(), HasSubstr("cut"));
    for (const std::string nonsense : {"<html>", "[]", "{}", R"({"contracts":5})"}) {
        again();
        answer(200, nonsense);
        EXPECT_NE(again_because(), "not again") << nonsense;
    }
}

TEST_F(GridTranslate, applications_get_the_environment_they_need) {
    asked(grid_samples::item(grid_samples::attempt("kubernetes")));
    answer(404, not_found);
    const std::string first = body();
    EXPECT_THAT(first, testing::ContainsRegex(R"("K3S_TOKEN":"[0-9a-f]{64}")"));
    again();
    answer(404, not_found);
    EXPECT_EQ(body(), first) << "a repeated request has to be the same";

    auto nextcloud = grid_samples::attempt("nextcloud");
    asked(grid_samples::item(nextcloud));
    EXPECT_EQ(workload().error, "nextcloud needs a name on the web");
    nextcloud.web_name = "files";
    asked(grid_samples::item(nextcloud));
    answer(404, not_found);
    EXPECT_THAT(body(), HasSubstr(R"("NEXTCLOUD_DOMAIN":"files.gent01.grid.tf")"));
}

TEST_F(GridTranslate, a_contract_is_released_also_when_it_was_gone) {
    for (const std::string said : {R"({"cancelled":[9001,9002],"already_gone":false})",
                                   R"({"cancelled":[],"already_gone":true})"}) {
        asked(grid_samples::release(grid_samples::contract("9002")));
        EXPECT_EQ(request(), "DELETE /v1/contracts/9002");
        EXPECT_EQ(body(), "");
        answer(200, said);
        ASSERT_THAT(commands(), SizeIs(1));
        EXPECT_EQ(as<domain::RecordRelease>(commands()[0])->contract.value, "9002");
    }
    again();
    answer(409, error("not_ours"));
    EXPECT_EQ(parked_because(), "not_ours: because");
}

TEST_F(GridTranslate, a_name_is_attached) {
    asked(grid_samples::item(grid_samples::name("acme")));
    EXPECT_EQ(request(), "GET /v1/names/acme");
    answer(404, error("not_found"));
    EXPECT_EQ(request(), "POST /v1/names");
    EXPECT_EQ(body(), R"({"name":"acme","backends":["http://[5c9::1]:80"]})");
    answer(202, job_of(name_view("http://[5c9::1]:80"), true));
    ASSERT_THAT(commands(), SizeIs(1));
    const auto record = as<domain::RecordDomain>(commands()[0]);
    EXPECT_TRUE(record->attached);
    EXPECT_EQ(record->contract->value, "9004");
    EXPECT_EQ(record->fqdn, "acme.gw.example");
}

TEST_F(GridTranslate, a_name_that_leads_elsewhere_is_not_taken_over) {
    asked(grid_samples::item(grid_samples::name("acme")));
    answer(200, name_view("http://[5c9::2]:80"));
    const auto record = as<domain::RecordDomain>(commands().at(0));
    EXPECT_FALSE(record->attached);
    EXPECT_FALSE(record->contract) << "it would be cancelled";
    EXPECT_THAT(*record->reason, HasSubstr("name_taken"));
}

TEST_F(GridTranslate, names_that_cannot_be_are_refused_and_not_parked) {
    auto own = grid_samples::name("acme");
    own.domain = {std::nullopt, "www.acme.example"};
    asked(grid_samples::item(own));
    EXPECT_FALSE(as<domain::RecordDomain>(commands().at(0))->attached);
    auto nowhere = grid_samples::name("acme");
    nowhere.target.address.reset();
    asked(grid_samples::item(nowhere));
    EXPECT_FALSE(as<domain::RecordDomain>(commands().at(0))->attached);
    for (const std::string code : {"name_taken", "validation"}) {
        asked(grid_samples::item(grid_samples::name("acme")));
        answer(404, error("not_found"));
        answer(409, error(code));
        EXPECT_EQ(as<domain::RecordDomain>(commands().at(0))->reason, code + ": because");
    }
}

TEST_F(GridTranslate, a_restart_names_the_version_and_is_not_made_twice) {
    asked(grid_samples::item(domain::RestartRequested{4, {grid_samples::serving()}}));
    answer(200, ready_machine);
    EXPECT_EQ(request(), "POST /v1/deployments/d1p1/restart");
    EXPECT_EQ(body(), R"({"version":0})");
    no_answer();
    again();
    std::string restarted = ready_machine;
    restarted.replace(restarted.find("\"version\":0"), 11, "\"version\":1");
    answer(200, restarted);
    EXPECT_TRUE(as<domain::RecordRestart>(commands().at(0))->restarted);
    EXPECT_EQ(as<domain::RecordRestart>(commands().at(0))->number, 4U);
}

TEST_F(GridTranslate, a_restart_never_erases_a_root) {
    asked(grid_samples::item(domain::RestartRequested{4, {grid_samples::serving()}}));
    answer(200, ready_machine);
    answer(202, failed_job("would_erase_root"));
    EXPECT_FALSE(as<domain::RecordRestart>(commands().at(0))->restarted);
    EXPECT_EQ(as<domain::RecordRestart>(commands().at(0))->reason, "would_erase_root: because");
}

TEST_F(GridTranslate, a_resize_that_has_happened_is_not_asked_for) {
    auto larger = grid_samples::serving();
    larger.place.resources.public_ips = 1;
    asked(grid_samples::item(domain::ResizeRequested{5, {}, {larger}}));
    answer(200, ready_machine);
    EXPECT_TRUE(as<domain::RecordResize>(commands().at(0))->resized);

    larger.place.resources.mru = 8;
    progress_ = {};
    asked(grid_samples::item(domain::ResizeRequested{5, {}, {larger}}));
    answer(200, ready_machine);
    EXPECT_EQ(request(), "PUT /v1/deployments/d1p1");
    EXPECT_THAT(body(), HasSubstr(R"("mru":8)"));
    answer(202, failed_job("no_capacity"));
    EXPECT_FALSE(as<domain::RecordResize>(commands().at(0))->resized);
}

TEST_F(GridTranslate, access_is_closed_and_opened_at_the_name) {
    const std::string listed = R"({"contracts":[
      {"id":9002,"kind":"vm","name":"d1p1"},{"id":9004,"kind":"name","name":"acme"}]})";
    domain::DeploymentSuspended suspended{domain::SuspensionReason::staff,
                                          {grid_samples::serving()}};
    asked(grid_samples::item(suspended));
    EXPECT_EQ(request(), "GET /v1/contracts");
    answer(200, listed);
    EXPECT_EQ(request(), "GET /v1/names/acme");
    answer(200, name_view("http://[5c9::1]:80"));
    EXPECT_EQ(request(), "PUT /v1/names/acme");
    EXPECT_EQ(body(), R"({"backends":["http://[5c9::1]:9"],"version":3})");
    answer(202, job_of(name_view("http://[5c9::1]:9"), true));
    EXPECT_TRUE(std::holds_alternative<Conclude>(verdict_));

    asked(grid_samples::item(
        domain::DeploymentResumed{domain::SuspensionReason::staff, {grid_samples::serving()}}));
    answer(200, listed);
    answer(200, name_view("http://[5c9::1]:9"));
    EXPECT_EQ(body(), R"({"backends":["http://[5c9::1]:80"],"version":3})");
}

TEST_F(GridTranslate, access_without_a_name_is_concluded) {
    asked(grid_samples::item(
        domain::DeploymentSuspended{domain::SuspensionReason::staff, {grid_samples::serving()}}));
    answer(200, R"({"contracts":[{"id":9004,"kind":"name","name":"acme"}]})");
    answer(200, name_view("http://[5c9::2]:80"));
    EXPECT_TRUE(std::holds_alternative<Conclude>(verdict_));
    EXPECT_THAT(commands(), IsEmpty());
}

std::vector<std::string> steps_of(const domain::DeploymentEvent& event) {
    std::string data;
    schemas::write_data(event, data);
    schemas::Parser parser;
    schemas::EventView view;
    view.stream = "deployment-d1";
    view.type = std::visit([](const auto& one) { return one.type; }, event);
    view.data = *parser.parse(data, data.size());
    std::vector<projections::TodoFold::Opening> openings;
    GridTodo{}.open(view, openings);
    std::vector<std::string> steps;
    for (const auto& one : openings)
        steps.push_back(one.step);
    return steps;
}

TEST(GridTodoTest, events_open_what_they_ask_for) {
    using testing::ElementsAre;
    const auto contract = grid_samples::contract("9002");
    EXPECT_THAT(steps_of(grid_samples::attempt()), ElementsAre("deploy"));
    EXPECT_THAT(steps_of(grid_samples::name("acme")), ElementsAre("domain"));
    EXPECT_THAT(steps_of(domain::ContractCreated{contract}), IsEmpty());
    EXPECT_THAT(steps_of(domain::ContractReleaseRequested{contract}), ElementsAre("release.9002"));
    EXPECT_THAT(steps_of(domain::OrphanContractFound{contract}), ElementsAre("release.9002"));
    EXPECT_THAT(steps_of(domain::WorkloadFailed{grid_samples::place(), {}, {}}), IsEmpty());
    EXPECT_THAT(steps_of(domain::WorkloadFailed{grid_samples::place(), contract, {}}),
                ElementsAre("release.9002"));
    domain::CancellationRequested cancellation;
    cancellation.give_back.contracts = {contract, grid_samples::contract("9004")};
    EXPECT_THAT(steps_of(cancellation), ElementsAre("release.9002", "release.9004"));
    domain::DeploymentFailed failed;
    failed.give_back.contracts = {contract};
    EXPECT_THAT(steps_of(failed), ElementsAre("release.9002"));
    EXPECT_THAT(steps_of(domain::DomainRefused{1, {"acme", {}}, contract, {}}),
                ElementsAre("release.9002"));
    EXPECT_THAT(steps_of(domain::RestartRequested{1, {}}), ElementsAre("restart"));
    EXPECT_THAT(steps_of(domain::ResizeRequested{1, {}, {}}), ElementsAre("resize"));
    EXPECT_THAT(steps_of(domain::DeploymentSuspended{}), ElementsAre("access"));
    EXPECT_THAT(steps_of(domain::DeploymentResumed{}), ElementsAre("access"));
    EXPECT_THAT(steps_of(domain::DeploymentCancelled{}), IsEmpty());
}

} // namespace
