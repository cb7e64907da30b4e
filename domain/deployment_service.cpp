// A deployment that runs: restarts, sizes, a backup, access; and how it is cancelled.

#include "domain/deployment_rules.hpp"

#include <algorithm>

namespace domain {

namespace {

using Rejection = DeploymentRejection;
using Status = DeploymentStatus;

// Why nothing may be changed now.
std::optional<Rejection> unchangeable(const Deployment& deployment) {
    if (!is_served(deployment.status) || deployment.status == Status::suspended)
        return Rejection::not_running;
    if (deployment.change) return Rejection::change_running;
    return std::nullopt;
}

// Why these may not become the terms of the deployment. The first period is settled first, so that
// its payment and its invoice speak of what was ordered.
std::optional<Rejection> unacceptable(const Deployment& deployment, const QuoteTerms& quote,
                                      Time now) {
    if (!deployment.paid) return Rejection::payment_pending;
    if (const auto reason = wrong(quote, now)) return reason;
    if (quote.account != deployment.quote.account ||
        quote.dashboard != deployment.quote.dashboard ||
        quote.gross.currency != deployment.quote.gross.currency)
        return Rejection::quote_differs;
    return std::nullopt;
}

bool has_backup(const QuoteTerms& quote) {
    return find_workload(quote, WorkloadRole::backup) != nullptr;
}

bool same_primary(const QuoteTerms& one, const QuoteTerms& other) {
    return find_workload(one, WorkloadRole::primary)->resources ==
           find_workload(other, WorkloadRole::primary)->resources;
}

// Whether `number` is of a change of this kind that waits for its end.
bool is_pending(const Deployment& deployment, DeploymentChange kind, std::uint32_t number) {
    return deployment.change && deployment.change->kind == kind &&
           deployment.change->number == number;
}

// A repeated conclusion, unless nobody ever asked.
DeploymentDecision concluded(const Deployment& deployment, std::uint32_t number) {
    if (number == 0 || number > deployment.changes) return Rejection::change_unknown;
    return nothing_decided();
}

} // namespace

DeploymentDecision handle(const Deployment& deployment, const RestartDeployment& command,
                          Time now) {
    if (const auto reason = unchangeable(deployment)) return *reason;
    auto workloads = serving(deployment, command.role);
    if (workloads.empty()) return Rejection::no_backup;
    DeploymentCourse course{deployment, now};
    course.add(RestartRequested{deployment.changes + 1, std::move(workloads)});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordRestart& command, Time now) {
    if (!is_pending(deployment, DeploymentChange::restart, command.number))
        return concluded(deployment, command.number);
    DeploymentCourse course{deployment, now};
    if (command.restarted)
        course.add(DeploymentRestarted{command.number});
    else
        course.add(RestartFailed{command.number, command.reason});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const ResizeDeployment& command, Time now) {
    if (const auto reason = unchangeable(deployment)) return *reason;
    if (!command.quote) return Rejection::quote_required;
    const QuoteTerms& quote = *command.quote;
    if (const auto reason = unacceptable(deployment, quote, now)) return *reason;
    auto workloads = serving(deployment);
    if (quote.workloads.size() != workloads.size() || quote.web_name != deployment.quote.web_name)
        return Rejection::quote_differs;
    for (ServingWorkload& one : workloads) {
        const Workload* wanted = find_workload(quote, one.place.role);
        if (wanted == nullptr) return Rejection::quote_differs;
        const Resources& has = one.place.resources;
        if (wanted->resources.sru < has.sru || wanted->resources.hru < has.hru)
            return Rejection::disk_would_shrink;
        one.place.resources = wanted->resources;
    }
    if (!command.capacity_left) return Rejection::capacity_exhausted;
    DeploymentCourse course{deployment, now};
    course.add(ResizeRequested{deployment.changes + 1, quote, std::move(workloads)});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordResize& command, Time now) {
    if (!is_pending(deployment, DeploymentChange::resize, command.number))
        return concluded(deployment, command.number);
    DeploymentCourse course{deployment, now};
    if (!command.resized) {
        course.add(ResizeFailed{command.number, command.reason});
        return course.take();
    }
    const QuoteTerms& quote = *deployment.change->quote;
    DeploymentResized resized{command.number, billing_terms(quote, deployment.card), {}, {}};
    for (const ServingWorkload& one : serving(deployment)) {
        resized.before.push_back(one.place);
        resized.after.push_back(one.place);
        resized.after.back().resources = find_workload(quote, one.place.role)->resources;
    }
    course.add(std::move(resized));
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const AddBackup& command, Time now) {
    if (const auto reason = unchangeable(deployment)) return *reason;
    if (has_backup(deployment.quote)) return Rejection::already_backed_up;
    if (const auto reason = unacceptable(deployment, command.quote, now)) return *reason;
    if (!has_backup(command.quote)) return Rejection::plan_forbids;
    if (!same_primary(command.quote, deployment.quote)) return Rejection::quote_differs;
    DeploymentCourse course{deployment, now};
    course.add(BackupAdded{deployment.changes + 1, command.quote});
    place(course);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RemoveBackup& command, Time now) {
    if (const auto reason = unchangeable(deployment)) return *reason;
    const auto backup = serving(deployment, WorkloadRole::backup);
    if (backup.empty()) return Rejection::no_backup;
    if (const auto reason = unacceptable(deployment, command.quote, now)) return *reason;
    if (has_backup(command.quote)) return Rejection::plan_forbids;
    if (!same_primary(command.quote, deployment.quote)) return Rejection::quote_differs;
    DeploymentCourse course{deployment, now};
    course.add(BackupRemoved{command.quote, billing_terms(command.quote, deployment.card),
                             backup.front().place,
                             find_contract(deployment, backup.front().contract)->is});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const OpenConsole& command, Time now) {
    if (!is_served(deployment.status) || deployment.status == Status::suspended)
        return Rejection::not_running;
    if (command.ticket_hash.empty()) return Rejection::ticket_missing;
    if (serving(deployment, command.role).empty()) return Rejection::no_backup;
    if (deployment.console && deployment.console->hash == command.ticket_hash)
        return nothing_decided();
    DeploymentCourse course{deployment, now};
    course.add(ConsoleTicketIssued{
        command.role, command.ticket_hash, {now.milliseconds + console_ticket_time.count()}});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const SuspendDeployment& command,
                          Time now) {
    if (!is_served(deployment.status)) return Rejection::not_running;
    // Some dashboards leave it running while its payment is disputed.
    if (command.reason == SuspensionReason::dispute &&
        !deployment.quote.suspends_on_dispute.value_or(true))
        return nothing_decided();
    const auto& reasons = deployment.suspensions;
    if (std::ranges::find(reasons, command.reason) != reasons.end()) return nothing_decided();
    DeploymentCourse course{deployment, now};
    course.add(DeploymentSuspended{command.reason, serving(deployment)});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const ResumeDeployment& command, Time now) {
    if (!is_served(deployment.status)) return Rejection::not_running;
    const auto& reasons = deployment.suspensions;
    if (std::ranges::find(reasons, command.reason) == reasons.end()) return nothing_decided();
    DeploymentCourse course{deployment, now};
    if (reasons.size() > 1)
        course.add(SuspensionReasonClosed{command.reason});
    else
        course.add(DeploymentResumed{command.reason, serving(deployment)});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const CancelDeployment& command, Time now) {
    if (deployment.status == Status::failed) return Rejection::already_failed;
    if (is_over(deployment.status)) return Rejection::already_cancelled;
    if (command.if_never_paid.value_or(false) && deployment.paid) return nothing_decided();
    DeploymentCourse course{deployment, now};
    course.add(CancellationRequested{command.reason, deployment.running_since.has_value(),
                                     to_give_back(deployment)});
    conclude_cancellation(course);
    return course.take();
}

} // namespace domain
