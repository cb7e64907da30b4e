// How a deployment decides, for the files that share the work. Others include deployment.hpp.

#pragma once

#include "domain/deployment.hpp"

#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace domain {

// A decision on its way: each event is applied at once, so that what follows from it is decided by
// the same rules as if it had come alone.
class DeploymentCourse {
public:
    DeploymentCourse(const Deployment& deployment, Time now) : state_{deployment}, now_{now} {}

    const Deployment& state() const { return state_; }
    Time now() const { return now_; }

    template <class Event>
    void add(Event&& event) {
        events_.emplace_back(std::forward<Event>(event));
        state_ = evolve(std::move(state_), events_.back());
    }

    DeploymentDecision take() { return std::move(events_); }

private:
    Deployment state_;
    Time now_;
    std::vector<DeploymentEvent> events_;
};

inline DeploymentDecision nothing_decided() { return std::vector<DeploymentEvent>{}; }

inline bool has_passed(Time now, Time since, std::chrono::milliseconds time) {
    return now.milliseconds - since.milliseconds >= time.count();
}

// Facts that several decisions look at.

// The terms whose workloads are being deployed: of the order, or with the backup to be added.
const QuoteTerms& wanted_quote(const Deployment& deployment);
const Workload* find_workload(const QuoteTerms& quote, WorkloadRole role);
// How many of the role were started so far.
inline std::uint32_t attempts_of(const Deployment& deployment, WorkloadRole role) {
    return role == WorkloadRole::primary ? deployment.primary_attempts : deployment.backup_attempts;
}
// The ready ones; of one role when it is given.
std::vector<ServingWorkload> serving(const Deployment& deployment,
                                     std::optional<WorkloadRole> role = {});
GiveBack to_give_back(const Deployment& deployment);
BillingTerms terms_of(const Deployment& deployment);
// What is wrong with an offer, taken by itself.
std::optional<DeploymentRejection> wrong(const QuoteTerms& quote, Time now);

// What follows, once something is known. Each may end the order.

// Looks for nodes for the roles that have none, or ends in failure.
void place(DeploymentCourse& course);
// Goes on when all is reserved: to the payment, or to the attempts.
void advance(DeploymentCourse& course);
// Starts what is reserved; reserves again what has lapsed.
void start(DeploymentCourse& course);
// After a failure or a refusal: the next node for the role, while the limits allow.
void try_next(DeploymentCourse& course, WorkloadRole role);
// Asks for the name and calls the deployment running when every workload is ready.
void complete(DeploymentCourse& course);
// The order has failed; what was promised beyond the order, a backup, has failed alone.
void give_up(DeploymentCourse& course, FailureReason reason);
void request_domain(DeploymentCourse& course, const DomainName& domain);
// Cancelled when no contract is left.
void conclude_cancellation(DeploymentCourse& course);

DeploymentDecision handle(const Deployment&, const PlaceOrder&, Time);
DeploymentDecision handle(const Deployment&, const PlaceWorkloads&, Time);
DeploymentDecision handle(const Deployment&, const RecordReservation&, Time);
DeploymentDecision handle(const Deployment&, const RecordDiscount&, Time);
DeploymentDecision handle(const Deployment&, const RecordPayment&, Time);
DeploymentDecision handle(const Deployment&, const RecordContract&, Time);
DeploymentDecision handle(const Deployment&, const RecordWorkload&, Time);
DeploymentDecision handle(const Deployment&, const RecordRelease&, Time);
DeploymentDecision handle(const Deployment&, const ClaimOrphan&, Time);
DeploymentDecision handle(const Deployment&, const RecordDomain&, Time);
DeploymentDecision handle(const Deployment&, const AttachDomain&, Time);
DeploymentDecision handle(const Deployment&, const RestartDeployment&, Time);
DeploymentDecision handle(const Deployment&, const RecordRestart&, Time);
DeploymentDecision handle(const Deployment&, const ResizeDeployment&, Time);
DeploymentDecision handle(const Deployment&, const RecordResize&, Time);
DeploymentDecision handle(const Deployment&, const OpenConsole&, Time);
DeploymentDecision handle(const Deployment&, const AddBackup&, Time);
DeploymentDecision handle(const Deployment&, const RemoveBackup&, Time);
DeploymentDecision handle(const Deployment&, const SuspendDeployment&, Time);
DeploymentDecision handle(const Deployment&, const ResumeDeployment&, Time);
DeploymentDecision handle(const Deployment&, const CancelDeployment&, Time);

} // namespace domain
