// How events change a deployment. No rule is here: what happened, happened.

#include "domain/deployment.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Status = DeploymentStatus;

WorkloadAttempt* find(Deployment& deployment, const WorkloadPlacement& place) {
    return find_place(deployment, place.role, place.attempt, place.node);
}

ClaimedContract& claim(Deployment& deployment, const GridContract& contract) {
    if (ClaimedContract* known = find_contract(deployment, contract.contract)) return *known;
    deployment.contracts.push_back({contract, GridContractStatus::live, false});
    return deployment.contracts.back();
}

void release(Deployment& deployment, const GridContract& contract) {
    claim(deployment, contract).status = GridContractStatus::releasing;
}

// Serving has three names; which it is follows from the rest.
void settle(Deployment& deployment) {
    if (!is_served(deployment.status)) return;
    deployment.status = !deployment.suspensions.empty() ? Status::suspended
                        : deployment.change             ? Status::changing
                                                        : Status::running;
}

void ask(Deployment& deployment, const WorkloadPlacement& place) {
    WorkloadAttempt* attempt = find(deployment, place);
    if (attempt == nullptr) attempt = &deployment.attempts.emplace_back();
    *attempt = WorkloadAttempt{
        place, WorkloadStatus::placed, PlaceReservation::asked, false, {}, {}, {}, {}, {}};
}

void give_up_place(WorkloadAttempt& attempt) {
    if (attempt.reservation == PlaceReservation::asked)
        attempt.reservation = PlaceReservation::withdrawn;
    if (attempt.reservation == PlaceReservation::held)
        attempt.reservation = PlaceReservation::released;
}

void close(WorkloadAttempt& attempt) {
    give_up_place(attempt);
    attempt.status = attempt.contract ? WorkloadStatus::closing : WorkloadStatus::closed;
}

void give_back(Deployment& deployment, const GiveBack& all) {
    for (const GridContract& contract : all.contracts)
        release(deployment, contract);
    for (WorkloadAttempt& attempt : deployment.attempts)
        if (is_current(attempt.status)) close(attempt);
    if (deployment.discount == OrderDiscount::asked) deployment.discount = OrderDiscount::withdrawn;
    if (deployment.discount == OrderDiscount::reserved)
        deployment.discount = OrderDiscount::released;
    deployment.domain.reset();
    deployment.domain_pending.reset();
    deployment.change.reset();
}

// The order.

void apply(Deployment& deployment, const DeploymentOrdered& event) {
    deployment.status = Status::ordered;
    deployment.deployment = event.deployment;
    deployment.title = event.name;
    deployment.ssh_key = event.ssh_key;
    deployment.quote = event.quote;
    deployment.domain_label = event.domain_label;
    deployment.card = event.card;
    deployment.charge_first = event.charge_first;
    deployment.dunning = event.dunning;
    deployment.first_order = event.first_order;
    if (event.quote.discount_code) deployment.discount = OrderDiscount::asked;
}

void apply(Deployment& deployment, const PlacementChosen& event) {
    deployment.status = Status::reserving;
    deployment.round = event.round;
    for (const WorkloadPlacement& place : event.released)
        if (WorkloadAttempt* attempt = find(deployment, place)) close(*attempt);
    for (const WorkloadPlacement& place : event.placements)
        ask(deployment, place);
}

void apply(Deployment&, const PlacementFailed&) {}

void apply(Deployment& deployment, const ReservationHeld& event) {
    WorkloadAttempt* attempt = find_place(deployment, event.role, event.attempt, event.node);
    if (attempt == nullptr) return;
    attempt->reservation = PlaceReservation::held;
    attempt->reserved_until = event.until;
}

void apply(Deployment& deployment, const ReservationRefused& event) {
    WorkloadAttempt* attempt = find_place(deployment, event.role, event.attempt, event.node);
    if (attempt == nullptr) return;
    attempt->reservation = PlaceReservation::refused;
    attempt->status = WorkloadStatus::closed;
    attempt->unfit = true;
    attempt->error = event.reason;
}

void apply(Deployment& deployment, const ReservationRequested& event) {
    ask(deployment, event.place);
}

void apply(Deployment& deployment, const ReservationsReleased& event) {
    for (const WorkloadPlacement& place : event.released) {
        WorkloadAttempt* attempt = find(deployment, place);
        if (attempt == nullptr) continue;
        if (attempt->status == WorkloadStatus::placed)
            close(*attempt);
        else
            attempt->reservation = PlaceReservation::released;
    }
}

void apply(Deployment& deployment, const DiscountRecorded& event) {
    deployment.discount = event.reserved ? OrderDiscount::reserved : OrderDiscount::refused;
}

void apply(Deployment& deployment, const DiscountReleaseRequested&) {
    deployment.discount = OrderDiscount::released;
}

void apply(Deployment& deployment, const AllReserved& event) {
    const bool free = event.terms.gross.minor == 0;
    deployment.status = free ? Status::provisioning : Status::awaiting_payment;
    deployment.charge = free ? ChargeState::none : ChargeState::requested;
}

void apply(Deployment& deployment, const OrderPaymentRecorded& event) {
    deployment.payment = event.kind;
    if (event.kind == OrderPayment::held) {
        deployment.charge = ChargeState::held;
        deployment.capture_before = event.capture_before;
    }
    if (event.kind == OrderPayment::charged) deployment.charge = ChargeState::charged;
    if (deployment.status == Status::awaiting_payment && deployment.charge >= ChargeState::held)
        deployment.status = Status::provisioning;
}

void apply(Deployment& deployment, const PaymentReturnRequested& event) {
    deployment.charge = event.charge;
}

// Attempts.

void apply(Deployment& deployment, const AttemptStarted& event) {
    WorkloadAttempt* attempt = find(deployment, event.place);
    if (attempt == nullptr) return;
    attempt->status = WorkloadStatus::started;
    attempt->grid_name = event.grid_name;
    (event.place.role == WorkloadRole::primary ? deployment.primary_attempts
                                               : deployment.backup_attempts) = event.place.attempt;
    if (!deployment.trying_since) deployment.trying_since = event.at;
}

void apply(Deployment& deployment, const ContractCreated& event) {
    const GridContract& contract = event.contract;
    claim(deployment, contract).status = GridContractStatus::live;
    if (!contract.role || !contract.attempt) {
        if (deployment.domain_pending) deployment.domain_pending->contract = contract.contract;
        return;
    }
    WorkloadAttempt* attempt = find_started(deployment, *contract.role, *contract.attempt);
    if (attempt == nullptr) return;
    attempt->contract = contract.contract;
    attempt->status = WorkloadStatus::contracted;
}

void apply(Deployment& deployment, const ContractReleaseRequested& event) {
    release(deployment, event.contract);
}

void cancelled(Deployment& deployment, const GridContract& contract) {
    claim(deployment, contract).status = GridContractStatus::cancelled;
    for (WorkloadAttempt& attempt : deployment.attempts)
        if (attempt.contract == contract.contract && attempt.status == WorkloadStatus::closing)
            attempt.status = WorkloadStatus::closed;
    const auto is_cancelled = [](const ClaimedContract& one) {
        return one.status == GridContractStatus::cancelled;
    };
    auto& all = deployment.contracts;
    if (static_cast<std::size_t>(std::ranges::count_if(all, is_cancelled)) >
        cancelled_contracts_max)
        all.erase(std::ranges::find_if(all, is_cancelled));
}

void apply(Deployment& deployment, const ContractCancelled& event) {
    cancelled(deployment, event.contract);
}

void apply(Deployment& deployment, const WorkloadReady& event) {
    WorkloadAttempt* attempt = find(deployment, event.workload.place);
    if (attempt == nullptr) return;
    attempt->status = WorkloadStatus::ready;
    attempt->access = event.workload.access;
}

void apply(Deployment& deployment, const WorkloadFailed& event) {
    if (event.contract) release(deployment, *event.contract);
    WorkloadAttempt* attempt = find(deployment, event.place);
    if (attempt == nullptr) return;
    close(*attempt);
    attempt->unfit = true;
    attempt->error = event.error;
}

void apply(Deployment& deployment, const BackupReady&) {
    auto& change = deployment.change;
    if (!change || change->kind != DeploymentChange::add_backup || !change->quote) return;
    deployment.quote = std::move(*change->quote);
    change.reset();
    settle(deployment);
}

void apply(Deployment& deployment, const DeploymentRunning& event) {
    deployment.status = Status::running;
    deployment.running_since = event.period_start;
    if (deployment.discount == OrderDiscount::reserved)
        deployment.discount = OrderDiscount::consumed;
    settle(deployment);
}

void apply(Deployment& deployment, const DeploymentPaid&) { deployment.paid = true; }

void apply(Deployment& deployment, const DeploymentFailed& event) {
    give_back(deployment, event.give_back);
    deployment.status = Status::failed;
    deployment.failure = event.reason;
}

// Its name.

void apply(Deployment& deployment, const DomainRequested& event) {
    deployment.domains = event.number;
    deployment.domain_pending = PendingDomain{event.number, event.domain, {}};
    deployment.domain_refusal.reset();
}

void apply(Deployment& deployment, const DomainAttached& event) {
    deployment.domain = AttachedDomain{event.domain, event.contract, event.fqdn};
    deployment.domain_pending.reset();
}

void apply(Deployment& deployment, const DomainRefused& event) {
    if (event.contract) release(deployment, *event.contract);
    deployment.domain_pending.reset();
    deployment.domain_refusal = event.reason;
}

// Service.

void begin(Deployment& deployment, PendingChange change) {
    deployment.changes = change.number;
    deployment.change = std::move(change);
    deployment.change_failure.reset();
    settle(deployment);
}

void end(Deployment& deployment, const std::optional<std::string>& failure = {}) {
    deployment.change.reset();
    deployment.change_failure = failure;
    settle(deployment);
}

void apply(Deployment& deployment, const RestartRequested& event) {
    begin(deployment, {event.number, DeploymentChange::restart, {}});
}

void apply(Deployment& deployment, const DeploymentRestarted&) { end(deployment); }

void apply(Deployment& deployment, const RestartFailed& event) { end(deployment, event.reason); }

void apply(Deployment& deployment, const ResizeRequested& event) {
    begin(deployment, {event.number, DeploymentChange::resize, event.quote});
}

void apply(Deployment& deployment, const DeploymentResized& event) {
    for (const WorkloadPlacement& place : event.after)
        if (WorkloadAttempt* attempt = find(deployment, place))
            attempt->place.resources = place.resources;
    if (deployment.change && deployment.change->quote)
        deployment.quote = std::move(*deployment.change->quote);
    end(deployment);
}

void apply(Deployment& deployment, const ResizeFailed& event) { end(deployment, event.reason); }

void apply(Deployment& deployment, const BackupAdded& event) {
    // A new search: nodes that failed long ago may have recovered.
    std::erase_if(deployment.attempts, [](const WorkloadAttempt& attempt) {
        return attempt.status == WorkloadStatus::closed;
    });
    deployment.attempts_before = deployment.backup_attempts;
    deployment.trying_since.reset();
    begin(deployment, {event.number, DeploymentChange::add_backup, event.quote});
}

void apply(Deployment& deployment, const BackupFailed&) {
    end(deployment, "no node could deploy the backup");
}

void apply(Deployment& deployment, const BackupRemoved& event) {
    release(deployment, event.contract);
    if (WorkloadAttempt* attempt = find(deployment, event.place)) close(*attempt);
    deployment.quote = event.quote;
}

void apply(Deployment& deployment, const ConsoleTicketIssued& event) {
    deployment.console = ConsoleTicket{event.role, event.ticket_hash, event.expires};
}

void apply(Deployment& deployment, const DeploymentSuspended& event) {
    auto& reasons = deployment.suspensions;
    if (std::ranges::find(reasons, event.reason) == reasons.end()) reasons.push_back(event.reason);
    settle(deployment);
}

void apply(Deployment& deployment, const SuspensionReasonClosed& event) {
    std::erase(deployment.suspensions, event.reason);
    settle(deployment);
}

void apply(Deployment& deployment, const DeploymentResumed& event) {
    std::erase(deployment.suspensions, event.reason);
    settle(deployment);
}

void apply(Deployment& deployment, const CancellationRequested& event) {
    give_back(deployment, event.give_back);
    deployment.status = Status::cancelling;
    deployment.cancellation = event.reason;
}

void apply(Deployment& deployment, const DeploymentCancelled&) {
    deployment.status = Status::cancelled;
}

void apply(Deployment& deployment, const OrphanContractFound& event) {
    ClaimedContract& contract = claim(deployment, event.contract);
    contract.status = GridContractStatus::releasing;
    contract.orphan = true;
}

void apply(Deployment& deployment, const OrphanContractCancelled& event) {
    cancelled(deployment, event.contract);
}

} // namespace

Deployment evolve(Deployment deployment, const DeploymentEvent& event) {
    std::visit([&](const auto& one) { apply(deployment, one); }, event);
    return deployment;
}

} // namespace domain
