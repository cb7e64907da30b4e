// Attempts on the grid: contracts, workloads, what is tried next, and how a deployment comes to
// run.

#include "tests/domain/deployment_samples.hpp"

namespace domain {

namespace {

using namespace deployment_samples;

GridContract of_attempt(WorkloadRole role, std::uint32_t attempt, const char* id,
                        const Candidate& node, const char* name) {
    return {{id}, ContractKind::node, role, attempt, node.node, name};
}
GridContract of_name(const char* id) { return {{id}, ContractKind::name, {}, {}, {}, {}}; }

TEST(DeploymentContract, IsWrittenDownAsSoonAsSeen) {
    given<Deployment>(provisioning)
        .when(contract(primary, 1, "9001"))
        .then({ContractCreated{first_contract}});
    for (const History& history : {contracted, running, cancelling, cancelled})
        given<Deployment>(history).when(contract(primary, 1, "9001")).then_nothing();
}

TEST(DeploymentContract, IsOfAnAttemptThatWasStarted) {
    for (const auto& command :
         {contract(backup, 1, "9001"), contract(primary, 2, "9001"), contract(primary, 0, "9001")})
        given<Deployment>(provisioning).when(command).then_rejected(Rejection::attempt_unknown);
    given<Deployment>(awaiting)
        .when(contract(primary, 1, "9001"))
        .then_rejected(Rejection::attempt_unknown);
    given<Deployment>(provisioning)
        .when(RecordContract{primary, {}, {"9001"}, ContractKind::node})
        .then_rejected(Rejection::attempt_unknown);
    given<Deployment>(provisioning)
        .when(RecordContract{primary, 1, {"9001"}, ContractKind::name})
        .then_rejected(Rejection::attempt_unknown);
    given<Deployment>(provisioning)
        .when(contract(primary, 1, ""))
        .then_rejected(Rejection::contract_unknown);
}

TEST(DeploymentContract, IsOfOneAttempt) {
    const History both = after(double_provisioning, {contract(primary, 1, "9001")});
    given<Deployment>(both)
        .when(contract(backup, 1, "9001"))
        .then_rejected(Rejection::contract_taken);
}

TEST(DeploymentContract, ThatNobodyNeedsIsGivenBackAtOnce) {
    // A second one of an attempt that is ready, and one that is seen when all is over.
    for (const History& history : {running, cancelling, cancelled})
        given<Deployment>(history)
            .when(contract(primary, 1, "9009"))
            .then({ContractReleaseRequested{of_attempt(primary, 1, "9009", node_11, "d1p1")}});
    const History stopped = after(provisioning, {CancelDeployment{}});
    EXPECT_EQ(state(stopped).status, DeploymentStatus::cancelled);
    given<Deployment>(stopped)
        .when(contract(primary, 1, "9001"))
        .then({ContractReleaseRequested{first_contract}});
    const History late = after(stopped, {contract(primary, 1, "9001")});
    given<Deployment>(late).when(contract(primary, 1, "9001")).then_nothing();
    given<Deployment>(late).when(RecordRelease{{"9001"}}).then({ContractCancelled{first_contract}});
    // No name was asked for.
    given<Deployment>(contracted)
        .when(name_contract("9003"))
        .then({ContractReleaseRequested{of_name("9003")}});
}

// The grid lost the machine before it was ready, and somebody made it again: it would run under a
// contract that the deployment gives back.
TEST(DeploymentContract, ThatTakesThePlaceOfAnotherEndsTheAttempt) {
    const History again = after(contracted, {contract(primary, 1, "9009")});
    EXPECT_NE(last<ContractReleaseRequested>(again), nullptr);
    ASSERT_NE(last<WorkloadFailed>(again), nullptr);
    EXPECT_EQ(last<WorkloadFailed>(again)->contract->contract.value, "9001");
    EXPECT_NE(last<ReservationRequested>(again), nullptr); // Of the next node.
    given<Deployment>(again).when(ready(primary, 1)).then_nothing();
}

TEST(DeploymentWorkload, ThatIsReadyMakesTheDeploymentRun) {
    given<Deployment>(contracted)
        .when(ready(primary, 1), minutes_later(2))
        .then({WorkloadReady{first_workload}, DeploymentRunning{terms,
                                                                ChargeState::held,
                                                                {"d1.1"},
                                                                {"d1.1"},
                                                                "acme",
                                                                "ubuntu-24.04",
                                                                {first_workload},
                                                                {},
                                                                minutes_later(2),
                                                                {},
                                                                {{1, 3, 7}, false}}});
    EXPECT_EQ(count<DeploymentPaid>(running), 0U);
    EXPECT_EQ(state(running).running_since, some_time);
}

TEST(DeploymentWorkload, HasAContractFirst) {
    given<Deployment>(provisioning)
        .when(ready(primary, 1))
        .then_rejected(Rejection::contract_unknown);
    for (const auto& command : {ready(primary, 2), ready(backup, 1), failed(primary, 0)})
        given<Deployment>(contracted).when(command).then_rejected(Rejection::attempt_unknown);
}

TEST(DeploymentWorkload, SaysNothingNewTheSecondTime) {
    given<Deployment>(running).when(ready(primary, 1)).then_nothing();
    const History one = after(contracted, {failed(primary, 1)});
    given<Deployment>(one).when(failed(primary, 1)).then_nothing();
    // What failed does not come back: its contract is being cancelled.
    given<Deployment>(one).when(ready(primary, 1)).then_nothing();
    given<Deployment>(running)
        .when(failed(primary, 1))
        .then_rejected(Rejection::outcome_older_than_state);
}

TEST(FirstPeriod, IsPaidWhenItRunsAndTheMoneyIsThere) {
    const DeploymentPaid paid_event{terms, {"d1.1"}, {"d1.1"}, some_time, {}, {{1, 3, 7}, false}};
    given<Deployment>(running)
        .when(charged, minutes_later(1))
        .then({OrderPaymentRecorded{OrderPayment::charged, {}, true, terms, {"d1.1"}, {"d1.1"}, {}},
               paid_event});
    // Charged first.
    const History early =
        after(awaiting, {charged, contract(primary, 1, "9001"), ready(primary, 1)});
    ASSERT_NE(last<DeploymentPaid>(early), nullptr);
    EXPECT_EQ(*last<DeploymentPaid>(early), paid_event);
    EXPECT_EQ(last<DeploymentRunning>(early)->charge, ChargeState::charged);
    EXPECT_TRUE(state(early).paid);
}

TEST(FailedWorkload, IsTriedOnTheNextNode) {
    given<Deployment>(contracted)
        .when(failed(primary, 1), minutes_later(5))
        .then({WorkloadFailed{placed(primary, 1, node_11), first_contract, "flist mount failed"},
               ReservationRequested{placed(primary, 2, node_12), {"operator-t"}}});
    // The chain refused the contract.
    given<Deployment>(provisioning)
        .when(failed(primary, 1))
        .then({WorkloadFailed{placed(primary, 1, node_11), {}, "flist mount failed"},
               ReservationRequested{placed(primary, 2, node_12), {"operator-t"}}});
    const History next = after(contracted, {failed(primary, 1)});
    given<Deployment>(next)
        .when(reserved(primary, 2, node_12), minutes_later(6))
        .then({ReservationHeld{primary, 2, {"12"}, minutes_later(21)},
               AttemptStarted{placed(primary, 2, node_12),
                              minutes_later(6),
                              "d1p2",
                              "ssh-ed25519 AAAA",
                              "ubuntu-24.04",
                              {}}});
    given<Deployment>(next)
        .when(refused(primary, 2, node_12))
        .then({ReservationRefused{primary, 2, {"12"}, "capacity_exhausted"},
               ReservationRequested{placed(primary, 2, node_21), {"operator-t"}}});
    // Its contract is cancelled meanwhile, whenever.
    given<Deployment>(next).when(RecordRelease{{"9001"}}).then({ContractCancelled{first_contract}});
}

TEST(FailedWorkload, LeavesTheOtherRoleInPeace) {
    const History history =
        after(double_provisioning, {contract(primary, 1, "9001"), ready(primary, 1),
                                    contract(backup, 1, "9002"), failed(backup, 1)});
    // 12 is on the primary's farm.
    EXPECT_EQ(last<ReservationRequested>(history)->place, placed(backup, 2, node_31));
    EXPECT_EQ(current_attempt(state(history), primary)->status, WorkloadStatus::ready);
    EXPECT_EQ(state(history).status, DeploymentStatus::provisioning);
}

History fail_twice(std::int64_t minutes = 5) {
    History history = after(contracted, {failed(primary, 1), reserved(primary, 2, node_12)},
                            minutes_later(minutes));
    return after(history, {contract(primary, 2, "9002"), failed(primary, 2)},
                 minutes_later(minutes));
}

TEST(FailedWorkload, EndsTheOrderAfterThreeAttempts) {
    const History third =
        after(fail_twice(), {reserved(primary, 3, node_21), contract(primary, 3, "9003")},
              minutes_later(10));
    given<Deployment>(third)
        .when(failed(primary, 3), minutes_later(11))
        .then(
            {WorkloadFailed{placed(primary, 3, node_21),
                            of_attempt(primary, 3, "9003", node_21, "d1p3"), "flist mount failed"},
             DeploymentFailed{FailureReason::no_node_could_deploy,
                              {{}, {}, {}, ChargeState::held, terms, {"d1.1"}, {"d1.1"}}}});
}

TEST(FailedWorkload, EndsTheOrderAfterThreeQuartersOfAnHour) {
    const auto attempt_at = [](std::int64_t minutes) {
        return count<ReservationRequested>(
            after(contracted, {failed(primary, 1)}, minutes_later(minutes)));
    };
    EXPECT_EQ(attempt_at(44), 1U);
    EXPECT_EQ(attempt_at(45), 0U);
    EXPECT_EQ(state(after(contracted, {failed(primary, 1)}, minutes_later(45))).failure,
              FailureReason::no_node_could_deploy);
}

TEST(FailedWorkload, EndsTheOrderWhenTheHoldIsTooOld) {
    auto short_hold = payment(OrderPayment::held);
    short_hold.capture_before = minutes_later(12 * 60 + 30);
    const History history = after(awaiting, {short_hold, contract(primary, 1, "9001")});
    const auto attempt_at = [&](std::int64_t minutes) {
        return count<ReservationRequested>(
            after(history, {failed(primary, 1)}, minutes_later(minutes)));
    };
    EXPECT_EQ(attempt_at(29), 1U);
    EXPECT_EQ(attempt_at(30), 0U);
    // What is charged cannot grow too old.
    const History safe = after(history, {charged});
    EXPECT_EQ(count<ReservationRequested>(after(safe, {failed(primary, 1)}, minutes_later(30))),
              1U);
}

TEST(FailedWorkload, EndsTheOrderWhenNoNodeIsLeft) {
    // Both nodes that match fail; the money is held, or was charged first.
    for (const bool charge_first : {false, true}) {
        auto quote = single_quote();
        quote.candidates = {node_11, node_12};
        auto command = order(quote);
        command.charge_first = charge_first;
        const History history =
            after({}, {command, PlaceWorkloads{}, reserved(primary, 1, node_11),
                       charge_first ? charged : held, contract(primary, 1, "9001"),
                       failed(primary, 1), RecordRelease{{"9001"}}, reserved(primary, 2, node_12),
                       contract(primary, 2, "9002")});
        const auto second = of_attempt(primary, 2, "9002", node_12, "d1p2");
        const auto charge = charge_first ? ChargeState::charged : ChargeState::held;
        given<Deployment>(history)
            .when(failed(primary, 2))
            .then({WorkloadFailed{placed(primary, 2, node_12), second, "flist mount failed"},
                   PlacementFailed{2, {primary}},
                   DeploymentFailed{FailureReason::no_node_could_deploy,
                                    {{}, {}, {}, charge, terms, {"d1.1"}, {"d1.1"}}}});
        const History over = after(history, {failed(primary, 2)});
        given<Deployment>(over).when(RecordRelease{{"9002"}}).then({ContractCancelled{second}});
        EXPECT_EQ(last<AllReserved>(history)->charge_first, charge_first);
    }
}

TEST(FailedWorkload, TakesTheOtherRoleAlongWhenTheOrderEnds) {
    auto quote = with_code(double_quote());
    quote.candidates = {node_11, node_21};
    const History history =
        after({}, {order(quote), PlaceWorkloads{}, RecordDiscount{true, {}},
                   reserved(primary, 1, node_11), reserved(backup, 1, node_21), held,
                   contract(primary, 1, "9001"), ready(primary, 1), failed(backup, 1)});
    const auto& give_back = last<DeploymentFailed>(history)->give_back;
    EXPECT_EQ(give_back.contracts, (std::vector{first_contract}));
    EXPECT_EQ(give_back.reservations, (std::vector{placed(primary, 1, node_11)}));
    EXPECT_EQ(give_back.discount_code, "SPRING");
    EXPECT_EQ(state(history).attempts.front().status, WorkloadStatus::closing);
    EXPECT_EQ(state(after(history, {RecordRelease{{"9001"}}})).attempts.front().status,
              WorkloadStatus::closed);
}

TEST(DoubleDeployment, RunsWhenEveryRoleAndTheNameAreThere) {
    const History one = after(double_provisioning, {contract(primary, 1, "9001"), ready(primary, 1),
                                                    contract(backup, 1, "9002")});
    const ServingWorkload second{placed(backup, 1, node_21), {"9002"}, "d1b1", access};
    const DomainName name{"acme", {}};
    given<Deployment>(one)
        .when(ready(backup, 1))
        .then({WorkloadReady{second}, BackupReady{second, {}},
               DomainRequested{1, name, {{"11"}, {"9001"}, "10.0.0.2", 8080}}});
    given<Deployment>(double_ready)
        .when(name_contract("9003"))
        .then({ContractCreated{of_name("9003")}});
    const History named = after(double_ready, {name_contract("9003")});
    const auto double_terms = billing_terms(double_quote(), {});
    given<Deployment>(named)
        .when(attached(1, "9003"))
        .then({DomainAttached{1, name, {"9003"}, "acme.gw.example"},
               DeploymentRunning{double_terms,
                                 ChargeState::held,
                                 {"d1.1"},
                                 {"d1.1"},
                                 "acme",
                                 "nextcloud",
                                 {first_workload, second},
                                 "acme.gw.example",
                                 some_time,
                                 1,
                                 {{1, 3, 7}, false}}});
}

TEST(DoubleDeployment, RunsWithoutItsNameWhenThatIsRefused) {
    const RecordDomain no{1, false, {}, {}, "name_taken"};
    const History history = after(double_ready, {no});
    EXPECT_EQ(*last<DomainRefused>(history), (DomainRefused{1, {"acme", {}}, {}, "name_taken"}));
    EXPECT_EQ(last<DeploymentRunning>(history)->fqdn, std::nullopt);
    // The contract that was made for it is cancelled.
    const History half = after(double_ready, {name_contract("9003"), no});
    EXPECT_EQ(last<DomainRefused>(half)->contract, of_name("9003"));
    given<Deployment>(half)
        .when(RecordRelease{{"9003"}})
        .then({ContractCancelled{of_name("9003")}});
}

TEST(DoubleDeployment, DoesNotAskForANameNobodyWants) {
    auto command = order(double_quote());
    command.domain_label.reset();
    const History history =
        after({}, {command, PlaceWorkloads{}, reserved(primary, 1, node_11),
                   reserved(backup, 1, node_21), held, contract(primary, 1, "9001"),
                   contract(backup, 1, "9002"), ready(backup, 1), ready(primary, 1)});
    EXPECT_EQ(count<DomainRequested>(history), 0U);
    EXPECT_EQ(count<DeploymentRunning>(history), 1U);
}

TEST(CodeThatWasUsed, IsNotReleasedAnyMore) {
    const History history = after({}, {order(with_code(single_quote())), PlaceWorkloads{},
                                       RecordDiscount{true, {}}, reserved(primary, 1, node_11),
                                       held, contract(primary, 1, "9001"), ready(primary, 1)});
    EXPECT_EQ(state(history).discount, OrderDiscount::consumed);
    EXPECT_EQ(last<DeploymentRunning>(history)->terms.discount_code, "SPRING");
    EXPECT_EQ(
        last<CancellationRequested>(after(history, {CancelDeployment{}}))->give_back.discount_code,
        std::nullopt);
}

TEST(DeploymentRelease, IsOfAContractThatIsBeingCancelled) {
    given<Deployment>(running)
        .when(RecordRelease{{"9001"}})
        .then_rejected(Rejection::contract_in_use);
    given<Deployment>(running)
        .when(RecordRelease{{"9002"}})
        .then_rejected(Rejection::contract_unknown);
    given<Deployment>(cancelled).when(RecordRelease{{"9001"}}).then_nothing();
}

TEST(Orphan, IsCancelled) {
    GridContract stray{{"9100"}, ContractKind::node, {}, {}, NodeId{"11"}, "d1p7"};
    for (const History& history : {History{}, running, cancelled, abandoned})
        given<Deployment>(history).when(ClaimOrphan{stray}).then({OrphanContractFound{stray}});
    const History found = after(running, {ClaimOrphan{stray}});
    given<Deployment>(found).when(ClaimOrphan{stray}).then_nothing();
    given<Deployment>(found).when(RecordRelease{{"9100"}}).then({OrphanContractCancelled{stray}});
    // Also for an order that nobody here has heard of, and that may come yet.
    const History unheard = after({}, {ClaimOrphan{stray}});
    EXPECT_FALSE(exists(state(unheard)));
    given<Deployment>(unheard).when(RecordRelease{{"9100"}}).then({OrphanContractCancelled{stray}});
    EXPECT_TRUE(exists(state(after(unheard, {order(single_quote())}))));
}

TEST(Orphan, ThatWasCancelledAndIsSeenAgainIsCancelledAgain) {
    given<Deployment>(cancelled)
        .when(ClaimOrphan{first_contract})
        .then({OrphanContractFound{first_contract}});
}

TEST(Orphan, IsNotWhatALiveAttemptClaims) {
    for (const History& history : {contracted, running})
        given<Deployment>(history)
            .when(ClaimOrphan{first_contract})
            .then_rejected(Rejection::belongs_to_live_attempt);
    // The record of this one is on its way.
    given<Deployment>(provisioning)
        .when(ClaimOrphan{{{"9001"}, ContractKind::node, {}, {}, NodeId{"11"}, "d1p1"}})
        .then_rejected(Rejection::belongs_to_live_attempt);
    given<Deployment>(double_ready)
        .when(ClaimOrphan{of_name("9003")})
        .then_rejected(Rejection::belongs_to_live_attempt);
    given<Deployment>(running)
        .when(ClaimOrphan{of_name("")})
        .then_rejected(Rejection::contract_unknown);
    // One that is being cancelled already.
    given<Deployment>(cancelling).when(ClaimOrphan{first_contract}).then_nothing();
}

TEST(CancelledContracts, AreRememberedUpToALimit) {
    History history = cancelled;
    for (std::size_t i = 0; i < cancelled_contracts_max + 20; ++i) {
        const ContractId id{"o" + std::to_string(i)};
        history = after(history,
                        {ClaimOrphan{{id, ContractKind::node, {}, {}, {}, {}}}, RecordRelease{id}});
    }
    EXPECT_EQ(state(history).contracts.size(), cancelled_contracts_max);
    EXPECT_EQ(state(history).contracts.back().is.contract, (ContractId{"o119"}));
}

} // namespace

} // namespace domain
