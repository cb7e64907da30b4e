// Attempts on the grid: contracts, workloads, and what is released of them.

#include "domain/deployment_rules.hpp"

#include <algorithm>

namespace domain {

namespace {

using Rejection = DeploymentRejection;
using Status = DeploymentStatus;

bool all_ready(const Deployment& deployment) {
    return std::ranges::all_of(deployment.quote.workloads, [&](const Workload& workload) {
        const WorkloadAttempt* current = current_attempt(deployment, workload.role);
        return current != nullptr && current->status == WorkloadStatus::ready;
    });
}

bool is_same_use(const GridContract& one, const GridContract& other) {
    return one.kind == other.kind && one.role == other.role && one.attempt == other.attempt;
}

} // namespace

void complete(DeploymentCourse& course) {
    const Deployment& deployment = course.state();
    if (deployment.status != Status::provisioning || !all_ready(deployment)) return;
    if (deployment.domain_label && deployment.domains == 0)
        request_domain(course, {deployment.domain_label, {}});
    if (deployment.domain_pending) return;

    const PaymentId payment = payment_of(deployment.deployment.value, 1);
    const InvoiceId invoice = invoice_of(deployment.deployment.value, 1);
    const BillingTerms terms = terms_of(deployment);
    std::optional<std::string> fqdn;
    if (deployment.domain) fqdn = deployment.domain->fqdn;
    course.add(DeploymentRunning{terms, deployment.charge, payment, invoice, deployment.title,
                                 deployment.quote.application, serving(deployment), fqdn,
                                 course.now(), deployment.quote.sla_version, deployment.dunning});
    if (deployment.charge == ChargeState::charged || terms.gross.minor == 0)
        course.add(DeploymentPaid{terms, payment, invoice, course.now(),
                                  deployment.quote.sla_version, deployment.dunning});
}

void conclude_cancellation(DeploymentCourse& course) {
    const Deployment& deployment = course.state();
    if (deployment.status != Status::cancelling) return;
    const bool left = std::ranges::any_of(deployment.contracts, [](const ClaimedContract& one) {
        return one.status != GridContractStatus::cancelled;
    });
    if (!left)
        course.add(DeploymentCancelled{deployment.cancellation.value_or(CancellationReason::staff),
                                       deployment.running_since.has_value()});
}

DeploymentDecision handle(const Deployment& deployment, const RecordContract& command, Time now) {
    if (command.contract.value.empty()) return Rejection::contract_unknown;
    if (command.role.has_value() != command.attempt.has_value() ||
        (command.role && command.kind != ContractKind::node))
        return Rejection::attempt_unknown;
    GridContract contract{command.contract, command.kind, command.role, command.attempt, {}, {}};
    bool wanted = false;
    const WorkloadAttempt* bereft = nullptr;
    if (command.role) {
        if (*command.attempt == 0 || *command.attempt > attempts_of(deployment, *command.role))
            return Rejection::attempt_unknown;
        // One of long ago is not remembered; its contract is not wanted.
        if (const auto* attempt = find_started(deployment, *command.role, *command.attempt)) {
            contract.node = attempt->place.node;
            contract.grid_name = attempt->grid_name;
            wanted = attempt->status == WorkloadStatus::started;
            // A name has one contract on the grid: that of the attempt is gone, and what becomes
            // ready now is not what it would bill.
            if (attempt->status == WorkloadStatus::contracted) bereft = attempt;
        }
    } else {
        wanted = deployment.domain_pending && !deployment.domain_pending->contract;
    }
    if (const auto* known = find_contract(deployment, command.contract)) {
        if (known->status != GridContractStatus::live || is_same_use(known->is, contract))
            return nothing_decided();
        return Rejection::contract_taken;
    }
    DeploymentCourse course{deployment, now};
    if (wanted)
        course.add(ContractCreated{std::move(contract)});
    else
        course.add(ContractReleaseRequested{std::move(contract)});
    if (bereft != nullptr) {
        course.add(WorkloadFailed{bereft->place, find_contract(deployment, *bereft->contract)->is,
                                  "made again under another contract"});
        try_next(course, *command.role);
    }
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordWorkload& command, Time now) {
    const auto* attempt = find_started(deployment, command.role, command.attempt);
    if (attempt == nullptr) return Rejection::attempt_unknown;
    if (!is_open(attempt->status)) return nothing_decided();
    if (attempt->status == WorkloadStatus::ready) {
        if (command.ready) return nothing_decided();
        return Rejection::outcome_older_than_state;
    }
    DeploymentCourse course{deployment, now};
    if (!command.ready) {
        WorkloadFailed failed{attempt->place, {}, command.error};
        if (attempt->contract) failed.contract = find_contract(deployment, *attempt->contract)->is;
        course.add(std::move(failed));
        try_next(course, command.role);
        return course.take();
    }
    if (!attempt->contract) return Rejection::contract_unknown;
    const ServingWorkload workload{attempt->place, *attempt->contract,
                                   attempt->grid_name.value_or(""),
                                   command.access.value_or(WorkloadAccess{})};
    course.add(WorkloadReady{workload});
    if (command.role == WorkloadRole::backup) {
        BackupReady ready{workload, {}};
        if (is_served(deployment.status))
            ready.terms = billing_terms(wanted_quote(deployment), deployment.card);
        course.add(std::move(ready));
    }
    // What becomes ready in a suspended deployment gives no access either.
    if (deployment.status == Status::suspended)
        course.add(DeploymentSuspended{deployment.suspensions.front(), {workload}});
    complete(course);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordRelease& command, Time now) {
    const auto* known = find_contract(deployment, command.contract);
    if (known == nullptr) return Rejection::contract_unknown;
    if (known->status == GridContractStatus::live) return Rejection::contract_in_use;
    if (known->status == GridContractStatus::cancelled) return nothing_decided();
    DeploymentCourse course{deployment, now};
    if (known->orphan)
        course.add(OrphanContractCancelled{known->is});
    else
        course.add(ContractCancelled{known->is});
    conclude_cancellation(course);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const ClaimOrphan& command, Time now) {
    const GridContract& contract = command.contract;
    if (contract.contract.value.empty()) return Rejection::contract_unknown;
    DeploymentCourse course{deployment, now};
    if (const auto* known = find_contract(deployment, contract.contract)) {
        if (known->status == GridContractStatus::live) return Rejection::belongs_to_live_attempt;
        // One that was cancelled and is seen again has to be cancelled again.
        if (known->status == GridContractStatus::cancelled)
            course.add(OrphanContractFound{known->is});
        return course.take();
    }
    // It may be one whose record is on its way.
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.status == WorkloadStatus::started && contract.grid_name &&
            one.grid_name == contract.grid_name)
            return Rejection::belongs_to_live_attempt;
    if (contract.kind == ContractKind::name && deployment.domain_pending &&
        !deployment.domain_pending->contract)
        return Rejection::belongs_to_live_attempt;
    course.add(OrphanContractFound{contract});
    return course.take();
}

} // namespace domain
