// A deployment's name: at a gateway of the grid, or the customer's own.

#include "tests/domain/deployment_samples.hpp"

namespace domain {

namespace {

using namespace deployment_samples;

AttachDomain label(const char* name) { return {{name, {}}, false, false}; }

TEST(DeploymentName, IsAttachedAndTheOneBeforeIsReleased) {
    const DomainTarget target{{"11"}, {"9001"}, "10.0.0.2", 8080};
    given<Deployment>(double_paid)
        .when(label("other"))
        .then({DomainRequested{2, {"other", {}}, target}});
    const History asked = after(double_paid, {label("other"), name_contract("9004")});
    given<Deployment>(asked)
        .when(RecordDomain{2, true, {}, "other.gw.example", {}})
        .then({DomainAttached{2, {"other", {}}, {"9004"}, "other.gw.example"},
               ContractReleaseRequested{third_contract}});
    // Refused, the one before stays.
    const History refused_one = after(asked, {RecordDomain{2, false, {}, {}, "taken"}});
    EXPECT_EQ(state(refused_one).domain->fqdn, "acme.gw.example");
    EXPECT_EQ(last<DomainRefused>(refused_one)->contract->contract, (ContractId{"9004"}));
    EXPECT_EQ(state(refused_one).domain_refusal, "taken");

    const DomainName own{{}, "www.acme.example"};
    given<Deployment>(double_paid)
        .when(AttachDomain{own, false, true})
        .then({DomainRequested{2, own, target}});
    const History customers =
        after(double_paid,
              {AttachDomain{own, false, true}, RecordDomain{2, true, ContractId{"9005"}, {}, {}}});
    EXPECT_EQ(last<DomainAttached>(customers)->fqdn, "www.acme.example");
    EXPECT_EQ(last<ContractCreated>(customers)->contract.contract, (ContractId{"9005"}));
}

TEST(DeploymentName, HasToBeFreeWellFormedAndProved) {
    const auto refuse = [](Rejection reason, const AttachDomain& command) {
        given<Deployment>(double_paid).when(command).then_rejected(reason);
    };
    refuse(Rejection::name_taken, {{"other", {}}, true, false});
    refuse(Rejection::dns_unproved, {{{}, "www.acme.example"}, false, false});
    refuse(Rejection::domain_malformed, label("a.b"));
    refuse(Rejection::domain_malformed, {{{}, "example"}, false, true});
    refuse(Rejection::domain_malformed, {{}, false, true});
    refuse(Rejection::domain_malformed, {{"other", "www.acme.example"}, false, true});
    given<Deployment>(paid).when(label("other")).then_rejected(Rejection::plan_forbids);
    for (const History& history : {double_provisioning, suspended, cancelled})
        given<Deployment>(history).when(label("other")).then_rejected(Rejection::not_running);
    const History asked = after(double_paid, {label("other")});
    given<Deployment>(asked).when(label("third")).then_rejected(Rejection::domain_pending);
    given<Deployment>(asked).when(label("other")).then_nothing();
    given<Deployment>(double_paid).when(label("acme")).then_nothing();
}

TEST(NameConclusion, IsOfTheLatestRequest) {
    for (const std::uint32_t number : {0U, 2U})
        given<Deployment>(double_ready)
            .when(attached(number, "9003"))
            .then_rejected(Rejection::domain_unknown);
    given<Deployment>(double_ready)
        .when(RecordDomain{1, true, {}, {}, {}})
        .then_rejected(Rejection::contract_unknown);
    given<Deployment>(double_ready)
        .when(attached(1, "9001"))
        .then_rejected(Rejection::contract_taken);
    given<Deployment>(after(double_ready, {name_contract("9003")}))
        .when(attached(1, "9004"))
        .then_rejected(Rejection::contract_taken);
    given<Deployment>(double_paid).when(attached(1, "9003")).then_nothing();
    given<Deployment>(double_paid).when(RecordDomain{1, false, {}, {}, "late"}).then_nothing();
    // What was made for it after all is given back.
    const History over = after(double_ready, {CancelDeployment{}});
    given<Deployment>(over)
        .when(attached(1, "9003"))
        .then({ContractReleaseRequested{third_contract}});
}

} // namespace

} // namespace domain
