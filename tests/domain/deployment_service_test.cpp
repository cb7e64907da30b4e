// A deployment that runs: restarts, sizes, a backup, access; and how it is cancelled.

#include "tests/domain/deployment_samples.hpp"

namespace domain {

namespace {

using namespace deployment_samples;

const ServingWorkload second_workload{placed(backup, 1, node_21), {"9002"}, "d1b1", access};
const GridContract second_contract{{"9002"}, ContractKind::node, backup, 1, node_21.node, "d1b1"};

ServingWorkload sized(ServingWorkload workload, const Resources& resources) {
    workload.place.resources = resources;
    return workload;
}

QuoteTerms large_quote() {
    auto quote = single_quote();
    quote.plan = {"vm-m"};
    quote.workloads.front().resources = large;
    quote.price = quote.net = usd(3000);
    quote.tax = usd(630);
    quote.gross = usd(3630);
    return quote;
}

// The single one with a backup, and the other way round.
QuoteTerms backed_up_quote() {
    auto quote = single_quote();
    quote.plan = {"vm-s-backup"};
    quote.workloads.push_back({backup, small});
    return quote;
}

TEST(DeploymentRestart, IsAskedForAndConcluded) {
    given<Deployment>(paid).when(RestartDeployment{}).then({RestartRequested{1, {first_workload}}});
    given<Deployment>(double_paid)
        .when(RestartDeployment{backup})
        .then({RestartRequested{1, {second_workload}}});
    given<Deployment>(paid).when(RestartDeployment{backup}).then_rejected(Rejection::no_backup);
    const History restarting = after(paid, {RestartDeployment{}});
    EXPECT_EQ(state(restarting).status, DeploymentStatus::changing);
    given<Deployment>(restarting).when(RecordRestart{1, true, {}}).then({DeploymentRestarted{1}});
    given<Deployment>(restarting)
        .when(RecordRestart{1, false, "timeout"})
        .then({RestartFailed{1, "timeout"}});
    const History done = after(restarting, {RecordRestart{1, false, "timeout"}});
    EXPECT_EQ(state(done).status, DeploymentStatus::running);
    EXPECT_EQ(state(done).change_failure, "timeout");
    given<Deployment>(done).when(RecordRestart{1, true, {}}).then_nothing();
    given<Deployment>(after(done, {RestartDeployment{}}))
        .when(RecordRestart{1, true, {}})
        .then_nothing();
}

TEST(DeploymentChanges, AreMadeOneAtATimeOnWhatRuns) {
    const std::vector<DeploymentCommand> changes{
        RestartDeployment{}, ResizeDeployment{large_quote(), true}, AddBackup{backed_up_quote()},
        RemoveBackup{single_quote()}};
    for (const DeploymentCommand& change : changes) {
        for (const History& history :
             {ordered, awaiting, contracted, suspended, cancelled, abandoned})
            given<Deployment>(history).when(change).then_rejected(Rejection::not_running);
        given<Deployment>(after(paid, {RestartDeployment{}}))
            .when(change)
            .then_rejected(Rejection::change_running);
    }
}

TEST(DeploymentChanges, OfTheTermsWaitForTheFirstPayment) {
    given<Deployment>(running)
        .when(ResizeDeployment{large_quote(), true})
        .then_rejected(Rejection::payment_pending);
    given<Deployment>(running)
        .when(AddBackup{backed_up_quote()})
        .then_rejected(Rejection::payment_pending);
}

TEST(DeploymentChanges, ThatNobodyAskedForAreUnknown) {
    for (const std::uint32_t number : {0U, 1U}) {
        given<Deployment>(paid)
            .when(RecordRestart{number, true, {}})
            .then_rejected(Rejection::change_unknown);
        given<Deployment>(paid)
            .when(RecordResize{number, true, {}})
            .then_rejected(Rejection::change_unknown);
    }
    // Another kind of change has this number.
    given<Deployment>(after(paid, {RestartDeployment{}}))
        .when(RecordResize{1, true, {}})
        .then_nothing();
}

TEST(DeploymentResize, GivesTheWorkloadsOtherSizesWhereTheyAre) {
    given<Deployment>(paid)
        .when(ResizeDeployment{large_quote(), true})
        .then({ResizeRequested{1, large_quote(), {sized(first_workload, large)}}});
    const History resizing = after(paid, {ResizeDeployment{large_quote(), true}});
    given<Deployment>(resizing)
        .when(RecordResize{1, true, {}})
        .then({DeploymentResized{1,
                                 billing_terms(large_quote(), {}),
                                 {placed(primary, 1, node_11)},
                                 {sized(first_workload, large).place}}});
    const Deployment large_one = state(after(resizing, {RecordResize{1, true, {}}}));
    EXPECT_EQ(large_one.quote.plan, (PlanId{"vm-m"}));
    EXPECT_EQ(large_one.attempts.front().place.resources, large);
    EXPECT_EQ(large_one.status, DeploymentStatus::running);

    given<Deployment>(resizing)
        .when(RecordResize{1, false, "no room"})
        .then({ResizeFailed{1, "no room"}});
    const Deployment as_before = state(after(resizing, {RecordResize{1, false, "no room"}}));
    EXPECT_EQ(as_before.quote, single_quote());
    EXPECT_EQ(as_before.attempts.front().place.resources, small);
}

TEST(DeploymentResize, NeedsAQuoteForTheSameDeploymentAndRoom) {
    const auto refuse = [](Rejection reason, const ResizeDeployment& command,
                           Time now = some_time) {
        given<Deployment>(paid).when(command, now).then_rejected(reason);
    };
    refuse(Rejection::quote_required, {{}, true});
    refuse(Rejection::capacity_exhausted, {large_quote(), false});
    refuse(Rejection::quote_expired, {large_quote(), true}, minutes_later(15));
    auto quote = large_quote();
    quote.gross = usd(1);
    refuse(Rejection::quote_invalid, {quote, true});
    quote = large_quote();
    quote.account = {"user-c"};
    refuse(Rejection::quote_differs, {quote, true});
    quote = large_quote();
    quote.dashboard = {"operator-u"};
    refuse(Rejection::quote_differs, {quote, true});
    quote = large_quote();
    quote.web_name = true;
    refuse(Rejection::quote_differs, {quote, true});
    refuse(Rejection::quote_differs, {backed_up_quote(), true});
    quote = large_quote();
    for (Money* part : {&quote.price, &quote.net, &quote.tax, &quote.gross, &quote.discount})
        part->currency = Currency::eur;
    refuse(Rejection::quote_differs, {quote, true});
    quote = large_quote();
    quote.workloads.front().resources.sru = 49;
    refuse(Rejection::disk_would_shrink, {quote, true});
}

TEST(DeploymentBackup, IsAddedOnAFarmOfItsOwn) {
    given<Deployment>(paid)
        .when(AddBackup{backed_up_quote()})
        .then({BackupAdded{1, backed_up_quote()},
               ReservationRequested{placed(backup, 1, node_21), {"operator-t"}}});
    const History adding = after(paid, {AddBackup{backed_up_quote()}});
    EXPECT_EQ(state(adding).status, DeploymentStatus::changing);
    EXPECT_EQ(state(adding).quote, single_quote());
    const History tried =
        after(adding, {reserved(backup, 1, node_21), contract(backup, 1, "9002")});
    EXPECT_EQ(last<AttemptStarted>(tried)->grid_name, "d1b1");
    given<Deployment>(tried)
        .when(ready(backup, 1))
        .then({WorkloadReady{second_workload},
               BackupReady{second_workload, billing_terms(backed_up_quote(), {})}});
    const Deployment backed_up = state(after(tried, {ready(backup, 1)}));
    EXPECT_EQ(backed_up.quote, backed_up_quote());
    EXPECT_EQ(backed_up.status, DeploymentStatus::running);
    given<Deployment>(after(tried, {ready(backup, 1)}))
        .when(AddBackup{backed_up_quote()})
        .then_rejected(Rejection::already_backed_up);
}

TEST(DeploymentBackup, ThatNoNodeTakesLeavesTheDeploymentAsItWas) {
    auto quote = backed_up_quote();
    quote.candidates = {node_12};
    given<Deployment>(paid)
        .when(AddBackup{quote})
        .then({BackupAdded{1, quote}, PlacementFailed{2, {backup}}, BackupFailed{1}});
    quote.candidates = {node_21};
    const History failing = after(paid, {AddBackup{quote}, reserved(backup, 1, node_21),
                                         contract(backup, 1, "9002"), failed(backup, 1)});
    EXPECT_EQ(count<BackupFailed>(failing), 1U);
    EXPECT_EQ(state(failing).status, DeploymentStatus::running);
    EXPECT_EQ(state(failing).quote, single_quote());
    EXPECT_EQ(last<WorkloadFailed>(failing)->contract, second_contract);
    // Another time it may succeed on the same node, under another name.
    const History again =
        after(failing, {RecordRelease{{"9002"}}, AddBackup{quote}, reserved(backup, 2, node_21)});
    EXPECT_EQ(last<AttemptStarted>(again)->grid_name, "d1b2");
    // A contract of the attempt that is forgotten.
    given<Deployment>(again)
        .when(contract(backup, 1, "9004"))
        .then({ContractReleaseRequested{{{"9004"}, ContractKind::node, backup, 1, {}, {}}}});
}

TEST(DeploymentBackup, HasThreeAttemptsOfItsOwnEachTime) {
    History history = paid;
    std::uint32_t attempt = 0;
    for (int round = 1; round <= 2; ++round) {
        auto quote = backed_up_quote();
        quote.candidates.clear();
        for (int node = 0; node < 5; ++node)
            quote.candidates.push_back({{"8" + std::to_string(node)}, {"80"}, "NL"});
        history = after(history, {AddBackup{quote}});
        while (state(history).change) {
            ++attempt;
            history =
                after(history,
                      {RecordReservation{
                           backup, attempt, quote.candidates[(attempt - 1) % 3].node, true, {}, {}},
                       failed(backup, attempt)});
        }
        EXPECT_EQ(attempt, static_cast<std::uint32_t>(round) * 3U);
    }
}

TEST(DeploymentBackup, NeedsAQuoteThatHasOne) {
    given<Deployment>(paid).when(AddBackup{single_quote()}).then_rejected(Rejection::plan_forbids);
    auto quote = backed_up_quote();
    quote.workloads.front().resources = large;
    given<Deployment>(paid).when(AddBackup{quote}).then_rejected(Rejection::quote_differs);
    given<Deployment>(paid)
        .when(AddBackup{backed_up_quote()}, minutes_later(15))
        .then_rejected(Rejection::quote_expired);
}

TEST(DeploymentBackup, IsRemoved) {
    auto quote = double_quote();
    quote.workloads.pop_back();
    given<Deployment>(double_paid)
        .when(RemoveBackup{quote})
        .then({BackupRemoved{quote, billing_terms(quote, {}), placed(backup, 1, node_21),
                             second_contract}});
    const History removed = after(double_paid, {RemoveBackup{quote}});
    given<Deployment>(removed)
        .when(RecordRelease{{"9002"}})
        .then({ContractCancelled{second_contract}});
    given<Deployment>(removed).when(RemoveBackup{quote}).then_rejected(Rejection::no_backup);
    given<Deployment>(double_paid)
        .when(RemoveBackup{double_quote()})
        .then_rejected(Rejection::plan_forbids);
    quote.workloads.front().resources = large;
    given<Deployment>(double_paid)
        .when(RemoveBackup{quote})
        .then_rejected(Rejection::quote_differs);
}

TEST(DeploymentBackup, ThatBecomesReadyWhileSuspendedGivesNoAccessEither) {
    const History history =
        after(paid, {AddBackup{backed_up_quote()}, reserved(backup, 1, node_21),
                     contract(backup, 1, "9002"), SuspendDeployment{SuspensionReason::dispute}});
    const History done = after(history, {ready(backup, 1)});
    EXPECT_EQ(*last<DeploymentSuspended>(done),
              (DeploymentSuspended{SuspensionReason::dispute, {second_workload}}));
    EXPECT_EQ(state(done).suspensions.size(), 1U);
    EXPECT_EQ(state(done).status, DeploymentStatus::suspended);
    EXPECT_EQ(state(done).quote, backed_up_quote());
}

TEST(DeploymentConsole, IsOpenedByATicket) {
    given<Deployment>(running)
        .when(OpenConsole{primary, "hash"})
        .then({ConsoleTicketIssued{primary, "hash", minutes_later(2)}});
    given<Deployment>(after(running, {OpenConsole{primary, "hash"}}))
        .when(OpenConsole{primary, "hash"})
        .then_nothing();
    given<Deployment>(running)
        .when(OpenConsole{primary, ""})
        .then_rejected(Rejection::ticket_missing);
    given<Deployment>(running)
        .when(OpenConsole{backup, "hash"})
        .then_rejected(Rejection::no_backup);
    for (const History& history : {contracted, suspended, cancelled})
        given<Deployment>(history)
            .when(OpenConsole{primary, "hash"})
            .then_rejected(Rejection::not_running);
}

TEST(DeploymentSuspension, LastsWhileThereIsAReason) {
    using enum SuspensionReason;
    given<Deployment>(paid)
        .when(SuspendDeployment{unpaid})
        .then({DeploymentSuspended{unpaid, {first_workload}}});
    given<Deployment>(suspended).when(SuspendDeployment{unpaid}).then_nothing();
    given<Deployment>(suspended).when(ResumeDeployment{dispute}).then_nothing();
    given<Deployment>(suspended)
        .when(ResumeDeployment{unpaid})
        .then({DeploymentResumed{unpaid, {first_workload}}});
    const History twice = after(suspended, {SuspendDeployment{dispute}});
    given<Deployment>(twice).when(ResumeDeployment{unpaid}).then({SuspensionReasonClosed{unpaid}});
    const History once = after(twice, {ResumeDeployment{unpaid}});
    EXPECT_EQ(state(once).status, DeploymentStatus::suspended);
    EXPECT_EQ(state(after(once, {ResumeDeployment{dispute}})).status, DeploymentStatus::running);
    for (const History& history : {contracted, cancelling, abandoned}) {
        given<Deployment>(history)
            .when(SuspendDeployment{unpaid})
            .then_rejected(Rejection::not_running);
        given<Deployment>(history)
            .when(ResumeDeployment{unpaid})
            .then_rejected(Rejection::not_running);
    }
}

TEST(DeploymentSuspension, IsNotForADisputeWhereTheDashboardSaysSo) {
    auto quote = single_quote();
    quote.suspends_on_dispute = false;
    const History history =
        after({}, {order(quote), PlaceWorkloads{}, reserved(primary, 1, node_11), held,
                   contract(primary, 1, "9001"), ready(primary, 1)});
    given<Deployment>(history).when(SuspendDeployment{SuspensionReason::dispute}).then_nothing();
    EXPECT_EQ(state(after(history, {SuspendDeployment{SuspensionReason::fraud}})).status,
              DeploymentStatus::suspended);
}

TEST(DeploymentSuspension, DoesNotForgetTheChangeThatRuns) {
    const History both =
        after(paid, {RestartDeployment{}, SuspendDeployment{SuspensionReason::staff}});
    EXPECT_EQ(state(both).status, DeploymentStatus::suspended);
    EXPECT_EQ(state(after(both, {ResumeDeployment{SuspensionReason::staff}})).status,
              DeploymentStatus::changing);
    EXPECT_EQ(state(after(both, {RecordRestart{1, true, {}}})).status, DeploymentStatus::suspended);
}

TEST(DeploymentCancellation, GivesBackAllThatIsHeld) {
    GiveBack give_back{{first_contract, second_contract, third_contract},
                       {placed(primary, 1, node_11), placed(backup, 1, node_21)},
                       {},
                       ChargeState::charged,
                       billing_terms(double_quote(), {}),
                       {"d1.1"},
                       {"d1.1"}};
    given<Deployment>(double_paid)
        .when(CancelDeployment{CancellationReason::erasure})
        .then({CancellationRequested{CancellationReason::erasure, true, give_back}});
    const History releasing =
        after(double_paid, {CancelDeployment{CancellationReason::erasure}, RecordRelease{{"9001"}},
                            RecordRelease{{"9003"}}});
    EXPECT_EQ(state(releasing).status, DeploymentStatus::cancelling);
    given<Deployment>(releasing)
        .when(RecordRelease{{"9002"}})
        .then({ContractCancelled{second_contract},
               DeploymentCancelled{CancellationReason::erasure, true}});
}

TEST(DeploymentCancellation, BeforeAnythingWasMadeIsDoneAtOnce) {
    auto give_back = GiveBack{{},
                              {placed(primary, 1, node_11)},
                              {},
                              ChargeState::requested,
                              billing_terms(single_quote(), {}),
                              {"d1.1"},
                              {"d1.1"}};
    given<Deployment>(awaiting)
        .when(CancelDeployment{})
        .then({CancellationRequested{CancellationReason::customer, false, give_back},
               DeploymentCancelled{CancellationReason::customer, false}});
    for (const History& history : {ordered, reserving, provisioning, double_reserving})
        EXPECT_EQ(state(after(history, {CancelDeployment{}})).status, DeploymentStatus::cancelled);
}

TEST(DeploymentCancellation, WaitsForContractsThatWereGivenUpBefore) {
    const History history = after(contracted, {failed(primary, 1), CancelDeployment{}});
    EXPECT_TRUE(last<CancellationRequested>(history)->give_back.contracts.empty());
    EXPECT_EQ(state(history).status, DeploymentStatus::cancelling);
    EXPECT_EQ(state(after(history, {RecordRelease{{"9001"}}})).status, DeploymentStatus::cancelled);
}

TEST(DeploymentCancellation, EndsSuspensionsAndChanges) {
    for (const History& history : {suspended, after(paid, {RestartDeployment{}})}) {
        const Deployment over = state(after(history, {CancelDeployment{}}));
        EXPECT_EQ(over.status, DeploymentStatus::cancelling);
        EXPECT_EQ(over.change, std::nullopt);
    }
}

TEST(DeploymentCancellation, ComesOnce) {
    for (const History& history : {cancelling, cancelled})
        given<Deployment>(history)
            .when(CancelDeployment{})
            .then_rejected(Rejection::already_cancelled);
    given<Deployment>(abandoned).when(CancelDeployment{}).then_rejected(Rejection::already_failed);
}

} // namespace

} // namespace domain
