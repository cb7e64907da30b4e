// Random commands at random deployments: whatever comes, no contract is lost, no two roles share a
// farm, nothing runs in part.

#include "tests/domain/deployment_samples.hpp"

#include <map>
#include <random>
#include <set>

namespace domain {

namespace {

using namespace deployment_samples;

using Status = DeploymentStatus;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed} {}

    std::uint32_t draw(std::uint32_t below) {
        return std::uniform_int_distribution<std::uint32_t>{0, below - 1}(random_);
    }
    bool rarely() { return draw(12) == 0; }
    bool mostly() { return draw(6) != 0; }

    // Time goes on, mostly slowly.
    Time now() {
        now_.milliseconds += draw(40) == 0 ? 20 * 60'000 : draw(60'000);
        return now_;
    }

    DeploymentCommand command(const Deployment& deployment) {
        if (!exists(deployment) && mostly()) return new_order();
        // What is on its way is answered now and then; everything else may come at any time.
        switch (draw(10)) {
        case 0: return somebody(deployment);
        case 1: return anything(deployment);
        default: return answer(deployment);
        }
    }

private:
    QuoteTerms quote() {
        QuoteTerms terms = draw(2) == 0 ? single_quote() : double_quote();
        terms.web_name = draw(2) == 0;
        if (draw(3) == 0) terms.discount_code = "SPRING";
        terms.expires = {now_.milliseconds + 900'000};
        if (rarely()) terms.price = terms.net = terms.tax = terms.gross = usd(0);
        terms.candidates.clear();
        for (std::uint32_t i = draw(9); i > 0; --i)
            terms.candidates.push_back(
                {{std::to_string(i)}, {std::to_string(draw(4))}, draw(2) == 0 ? "BE" : "DE"});
        return terms;
    }

    PlaceOrder new_order() {
        auto command = order(quote());
        command.domain_label.reset();
        if (command.quote.web_name && mostly()) command.domain_label = "acme";
        if (rarely()) command.terms_accepted = false;
        return command;
    }

    WorkloadRole role() { return draw(2) == 0 ? primary : backup; }

    ContractId contract_id() {
        // Sometimes one that was seen before.
        if (contracts_ > 0 && rarely()) return {std::to_string(draw(contracts_))};
        return {std::to_string(contracts_++)};
    }

    DeploymentCommand answer(const Deployment& deployment) {
        std::vector<DeploymentCommand> open;
        for (const WorkloadAttempt& one : deployment.attempts) {
            const WorkloadPlacement& place = one.place;
            if (one.reservation == PlaceReservation::asked ||
                one.reservation == PlaceReservation::withdrawn)
                open.push_back(
                    RecordReservation{place.role, place.attempt, place.node, mostly(), {}, {}});
            if (one.status == WorkloadStatus::started)
                open.push_back(
                    RecordContract{place.role, place.attempt, contract_id(), ContractKind::node});
            if (one.status == WorkloadStatus::started || one.status == WorkloadStatus::contracted)
                open.push_back(RecordWorkload{place.role, place.attempt, draw(4) != 0, {}, {}});
        }
        for (const ClaimedContract& one : deployment.contracts)
            if (one.status == GridContractStatus::releasing)
                open.push_back(RecordRelease{one.is.contract});
        if (deployment.status == Status::ordered) open.push_back(PlaceWorkloads{});
        if (deployment.discount == OrderDiscount::asked)
            open.push_back(RecordDiscount{mostly(), {}});
        if (deployment.status == Status::awaiting_payment) open.push_back(news());
        if (deployment.status == Status::running && !deployment.paid)
            open.push_back(payment(OrderPayment::charged));
        if (deployment.domain_pending) {
            open.push_back(RecordContract{{}, {}, contract_id(), ContractKind::name});
            open.push_back(domain_news(deployment));
        }
        if (deployment.change) {
            open.push_back(RecordRestart{deployment.changes, mostly(), {}});
            open.push_back(RecordResize{deployment.changes, mostly(), {}});
        }
        if (open.empty()) return somebody(deployment);
        return open[draw(static_cast<std::uint32_t>(open.size()))];
    }

    RecordPayment news() {
        const bool money = draw(3) != 0;
        auto command = payment(money ? static_cast<OrderPayment>(draw(2))
                                     : static_cast<OrderPayment>(draw(6)));
        if (draw(4) == 0 && command.kind == OrderPayment::held)
            command.capture_before = Time{now_.milliseconds + 12 * 3'600'000 + draw(600'000)};
        return command;
    }

    RecordDomain domain_news(const Deployment& deployment) {
        RecordDomain command{deployment.domains, mostly(), {}, {}, {}};
        if (draw(3) == 0) command.contract = contract_id();
        return command;
    }

    DeploymentCommand somebody(const Deployment& deployment) {
        switch (draw(12)) {
        case 0: return RestartDeployment{};
        case 1:
            if (rarely()) return ResizeDeployment{};
            return ResizeDeployment{quote(), mostly()};
        case 2:
            return AttachDomain{{rarely()       ? "a.b"
                                 : draw(2) == 0 ? "acme"
                                                : "other",
                                 {}},
                                rarely(),
                                false};
        case 3: return OpenConsole{role(), std::to_string(draw(3))};
        case 4: {
            auto with_backup = quote();
            if (with_backup.workloads.size() == 1) with_backup.workloads.push_back({backup, small});
            return AddBackup{with_backup};
        }
        case 5: {
            auto without = quote();
            without.workloads.resize(1);
            return RemoveBackup{without};
        }
        case 6: return SuspendDeployment{static_cast<SuspensionReason>(draw(4))};
        case 7:
            if (!deployment.suspensions.empty()) return ResumeDeployment{deployment.suspensions[0]};
            return ResumeDeployment{SuspensionReason::fraud};
        case 8:
            if (!rarely()) return RestartDeployment{role()};
            return CancelDeployment{};
        case 9: {
            const WorkloadRole claimed = role();
            return ClaimOrphan{{contract_id(),
                                rarely() ? ContractKind::name : ContractKind::node,
                                {},
                                {},
                                {},
                                grid_name({"d1"}, claimed, draw(4))}};
        }
        default: return anything(deployment);
        }
    }

    // Late, repeated or out of place.
    DeploymentCommand anything(const Deployment& deployment) {
        switch (draw(10)) {
        case 0: return new_order();
        case 1: return PlaceWorkloads{};
        case 2:
            if (!deployment.attempts.empty()) {
                const auto& one =
                    deployment
                        .attempts[draw(static_cast<std::uint32_t>(deployment.attempts.size()))];
                return RecordReservation{
                    one.place.role, one.place.attempt, one.place.node, draw(2) == 0, {}, {}};
            }
            return RecordReservation{role(), draw(4), {std::to_string(draw(8))}, true, {}, {}};
        case 3: return RecordDiscount{draw(2) == 0, {}};
        case 4: return news();
        case 5: return RecordContract{role(), draw(4), contract_id(), ContractKind::node};
        case 6: return RecordContract{{}, {}, contract_id(), ContractKind::name};
        case 7: return RecordWorkload{role(), draw(4), draw(2) == 0, {}, {}};
        case 8: return RecordRelease{contract_id()};
        default: return domain_news(deployment);
        }
    }

    std::mt19937_64 random_;
    Time now_ = some_time;
    std::uint32_t contracts_ = 0;
};

const WorkloadAttempt* owner(const Deployment& deployment, const ContractId& contract) {
    const WorkloadAttempt* found = nullptr;
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.contract == contract) {
            EXPECT_EQ(found, nullptr) << "contract " << contract.value << " is in two attempts";
            found = &one;
        }
    return found;
}

bool is_of_the_name(const Deployment& deployment, const ContractId& contract) {
    return (deployment.domain && deployment.domain->contract == contract) ||
           (deployment.domain_pending && deployment.domain_pending->contract == contract);
}

void check_contracts(const Deployment& deployment) {
    std::set<std::string> ids;
    for (const ClaimedContract& one : deployment.contracts) {
        EXPECT_TRUE(ids.insert(one.is.contract.value).second) << "written down twice";
        const WorkloadAttempt* attempt = owner(deployment, one.is.contract);
        if (one.status == GridContractStatus::live) {
            EXPECT_NE(attempt != nullptr && is_open(attempt->status),
                      is_of_the_name(deployment, one.is.contract))
                << "live in not exactly one place";
        } else {
            EXPECT_FALSE(attempt != nullptr && is_open(attempt->status));
            EXPECT_FALSE(is_of_the_name(deployment, one.is.contract));
        }
    }
    for (const WorkloadAttempt& one : deployment.attempts) {
        if (one.contract && one.status != WorkloadStatus::closed) {
            EXPECT_TRUE(ids.contains(one.contract->value));
        }
    }
}

void check_attempts(const Deployment& deployment) {
    std::map<WorkloadRole, int> current;
    std::set<std::string> farms, names;
    for (const WorkloadAttempt& one : deployment.attempts) {
        if (is_current(one.status)) {
            ++current[one.place.role];
            EXPECT_TRUE(farms.insert(one.place.farm.value).second) << "two roles on one farm";
            EXPECT_FALSE(one.unfit);
        } else {
            EXPECT_NE(one.reservation, PlaceReservation::asked);
            EXPECT_NE(one.reservation, PlaceReservation::held);
        }
        EXPECT_EQ(is_open(one.status) && one.status != WorkloadStatus::started,
                  is_open(one.status) && one.contract.has_value());
        if (one.grid_name) {
            EXPECT_TRUE(names.insert(*one.grid_name).second) << "two attempts of one name";
            EXPECT_LE(one.grid_name->size(), grid_name_size_max);
        }
    }
    for (const auto& [role, count] : current)
        EXPECT_EQ(count, 1);
    EXPECT_LE(deployment.primary_attempts, workload_attempts_max);
    EXPECT_LE(deployment.backup_attempts - deployment.attempts_before, workload_attempts_max);
}

void check(const Deployment& deployment) {
    check_contracts(deployment);
    check_attempts(deployment);
    if (is_served(deployment.status)) {
        for (const Workload& workload : deployment.quote.workloads) {
            const auto* attempt = current_attempt(deployment, workload.role);
            ASSERT_NE(attempt, nullptr);
            EXPECT_EQ(attempt->status, WorkloadStatus::ready);
        }
        EXPECT_EQ(deployment.status == Status::suspended, !deployment.suspensions.empty());
        EXPECT_TRUE(deployment.charge >= ChargeState::held || deployment.quote.gross.minor == 0 ||
                    deployment.paid);
    }
    if (is_over(deployment.status)) {
        for (const WorkloadAttempt& one : deployment.attempts)
            EXPECT_FALSE(is_current(one.status));
        for (const ClaimedContract& one : deployment.contracts)
            EXPECT_NE(one.status, GridContractStatus::live);
        EXPECT_NE(deployment.discount, OrderDiscount::asked);
        EXPECT_NE(deployment.discount, OrderDiscount::reserved);
    }
    EXPECT_FALSE(deployment.paid && !deployment.running_since);
}

// What may come once, and what an end means.
class Story {
public:
    void add(const DeploymentEvent& event, const Deployment& after) {
        ++seen[event.index()];
        if (std::holds_alternative<DeploymentRunning>(event)) ++running;
        if (std::holds_alternative<DeploymentPaid>(event)) ++paid;
        if (std::holds_alternative<DeploymentOrdered>(event)) ++ordered;
        if (std::holds_alternative<DeploymentFailed>(event)) ++failed;
        if (std::holds_alternative<CancellationRequested>(event)) ++cancelled;
        if (std::holds_alternative<DeploymentCancelled>(event)) {
            for (const ClaimedContract& one : after.contracts)
                EXPECT_EQ(one.status, GridContractStatus::cancelled);
        }
        if (const auto* started = std::get_if<AttemptStarted>(&event)) {
            EXPECT_TRUE(names.insert(started->grid_name).second) << started->grid_name;
            EXPECT_TRUE(running == 1 || after.charge >= ChargeState::held ||
                        after.quote.gross.minor == 0);
        }
        EXPECT_LE(ordered, 1);
        EXPECT_LE(running, 1);
        EXPECT_LE(paid, running);
        EXPECT_LE(failed + cancelled, 1);
        EXPECT_FALSE(failed == 1 && running == 1);
    }

    std::map<std::size_t, int> seen;

private:
    int ordered = 0, running = 0, paid = 0, failed = 0, cancelled = 0;
    std::set<std::string> names;
};

TEST(DeploymentWalk, LosesNoContractAndRunsNothingInPart) {
    std::map<std::size_t, int> events_seen;
    std::map<DeploymentRejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Story story;
        Deployment deployment;
        for (int step = 0; step < 90 && !testing::Test::HasFailure(); ++step) {
            const auto decision = decide(deployment, walk.command(deployment), walk.now());
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const DeploymentEvent& event : *decision) {
                deployment = evolve(std::move(deployment), event);
                story.add(event, deployment);
            }
            check(deployment);
        }
        for (const auto& [index, times] : story.seen)
            events_seen[index] += times;
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<DeploymentEvent>);
    EXPECT_GE(rejections_seen.size(), 25U);
}

// A conclusion that is delivered twice, at once or later, changes nothing more.
TEST(DeploymentWalk, DecidesNothingOnARepeatedCommand) {
    for (std::uint64_t seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Deployment deployment;
        for (int step = 0; step < 90; ++step) {
            const DeploymentCommand command = walk.command(deployment);
            const Time now = walk.now();
            const auto decision = decide(deployment, command, now);
            if (!decision) continue;
            for (const DeploymentEvent& event : *decision)
                deployment = evolve(std::move(deployment), event);
            // A backup that no node takes may be asked for again.
            if (std::holds_alternative<AddBackup>(command)) continue;
            const auto again = decide(deployment, command, now);
            EXPECT_TRUE(!again || again->empty())
                << tests::print(*again) << " after " << tests::print(*decision);
        }
    }
}

// However it begins: once everything is answered, nothing waits for ever.
TEST(DeploymentWalk, ComesToAnEndWhenEverythingIsAnswered) {
    std::map<Status, int> ends;
    for (std::uint64_t seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        std::mt19937_64 random{seed};
        const auto likely = [&] { return random() % 4 != 0; };
        Deployment deployment;
        const auto tell = [&](const DeploymentCommand& command) {
            const auto decision = decide(deployment, command, walk.now());
            if (!decision) return;
            for (const DeploymentEvent& event : *decision)
                deployment = evolve(std::move(deployment), event);
        };
        for (int step = 0; step < 15; ++step)
            tell(walk.command(deployment));
        for (int step = 0; step < 300; ++step) {
            if (deployment.status == Status::ordered) tell(PlaceWorkloads{});
            if (deployment.discount == OrderDiscount::asked) tell(RecordDiscount{true, {}});
            if (deployment.status == Status::awaiting_payment) tell(held);
            for (const WorkloadAttempt& one : std::vector{deployment.attempts}) {
                const auto [role, number, node, farm, country, resources] = one.place;
                if (one.reservation == PlaceReservation::asked)
                    tell(RecordReservation{role, number, node, likely(), {}, {}});
                if (one.status == WorkloadStatus::started)
                    tell(RecordContract{role,
                                        number,
                                        {"x" + std::to_string(random() % 100'000)},
                                        ContractKind::node});
                if (one.status == WorkloadStatus::contracted)
                    tell(RecordWorkload{role, number, likely(), {}, {}});
            }
            if (deployment.domain_pending) tell(RecordDomain{{}, false, {}, {}, {}});
            if (deployment.change) {
                tell(RecordRestart{deployment.changes, true, {}});
                tell(RecordResize{deployment.changes, true, {}});
            }
            for (const ClaimedContract& one : std::vector{deployment.contracts})
                tell(RecordRelease{one.is.contract});
        }
        ++ends[deployment.status];
        EXPECT_TRUE(deployment.status == Status::none || deployment.status == Status::running ||
                    deployment.status == Status::suspended ||
                    deployment.status == Status::cancelled || deployment.status == Status::failed)
            << boost::describe::enum_to_string(deployment.status, "?");
        for (const ClaimedContract& one : deployment.contracts)
            EXPECT_NE(one.status, GridContractStatus::releasing);
    }
    EXPECT_GT(ends[Status::running], 100);
    EXPECT_GT(ends[Status::failed], 100);
}

} // namespace

} // namespace domain
