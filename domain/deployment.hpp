// A deployment: an order, from the quote that was accepted to the last contract that is cancelled.
// It is the order's state machine: it counts what other aggregates and the grid report.
//
//     ordered --> reserving --> awaiting_payment --> provisioning --> running
//     running <--> changing, suspended
//     all of these --> cancelling --> cancelled; all before running --> failed
//
// Each workload of it has attempts, one after the other, each on a node of its own:
//
//     placed --> started --> contracted --> ready
//     all of these --> closing (its contract is being cancelled) --> closed
//
// The stream names the deployment; its first payment and invoice are derived from that name.

#pragma once

#include "domain/deployment_messages.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>

namespace domain {

// How long a node keeps a reservation that is not confirmed.
inline constexpr std::chrono::milliseconds reservation_time = std::chrono::minutes{15};
// How often a workload is tried, and until when a next attempt may be begun.
inline constexpr std::uint32_t workload_attempts_max = 3;
inline constexpr std::chrono::milliseconds attempts_time_max = std::chrono::minutes{45};
inline constexpr std::chrono::milliseconds console_ticket_time = std::chrono::minutes{2};
// Cancelled contracts that are remembered, so that a late word of one is known.
inline constexpr std::size_t cancelled_contracts_max = 100;

// `none`: never ordered.
enum class DeploymentStatus {
    none,
    ordered,
    reserving,
    awaiting_payment,
    provisioning,
    running,
    changing,
    suspended,
    cancelling,
    cancelled,
    failed,
};
BOOST_DESCRIBE_ENUM(DeploymentStatus, none, ordered, reserving, awaiting_payment, provisioning,
                    running, changing, suspended, cancelling, cancelled, failed)

enum class WorkloadStatus { placed, started, contracted, ready, closing, closed };
BOOST_DESCRIBE_ENUM(WorkloadStatus, placed, started, contracted, ready, closing, closed)

// `withdrawn`: released before the node had answered.
enum class PlaceReservation { asked, held, refused, withdrawn, released };
BOOST_DESCRIBE_ENUM(PlaceReservation, asked, held, refused, withdrawn, released)

struct WorkloadAttempt {
    WorkloadPlacement place;
    WorkloadStatus status = WorkloadStatus::placed;
    PlaceReservation reservation = PlaceReservation::asked;
    bool unfit = false; // Its node refused or failed, and is not chosen again.
    std::optional<Time> reserved_until;
    std::optional<std::string> grid_name; // Since it was started.
    std::optional<ContractId> contract;
    std::optional<WorkloadAccess> access;
    std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(WorkloadAttempt, (),
                      (place, status, reservation, unfit, reserved_until, grid_name, contract,
                       access, error))

enum class GridContractStatus { live, releasing, cancelled };
BOOST_DESCRIBE_ENUM(GridContractStatus, live, releasing, cancelled)

struct ClaimedContract {
    GridContract is;
    GridContractStatus status = GridContractStatus::live;
    bool orphan = false; // Found by the reconciler.
};
BOOST_DESCRIBE_STRUCT(ClaimedContract, (), (is, status, orphan))

enum class OrderDiscount { none, asked, reserved, refused, withdrawn, released, consumed };
BOOST_DESCRIBE_ENUM(OrderDiscount, none, asked, reserved, refused, withdrawn, released, consumed)

struct PendingDomain {
    std::uint32_t number = 0;
    DomainName domain;
    std::optional<ContractId> contract;
};
BOOST_DESCRIBE_STRUCT(PendingDomain, (), (number, domain, contract))

struct AttachedDomain {
    DomainName domain;
    ContractId contract;
    std::string fqdn;
};
BOOST_DESCRIBE_STRUCT(AttachedDomain, (), (domain, contract, fqdn))

enum class DeploymentChange { restart, resize, add_backup };
BOOST_DESCRIBE_ENUM(DeploymentChange, restart, resize, add_backup)

struct PendingChange {
    std::uint32_t number = 0;
    DeploymentChange kind = DeploymentChange::restart;
    std::optional<QuoteTerms> quote; // What it shall become.
};
BOOST_DESCRIBE_STRUCT(PendingChange, (), (number, kind, quote))

struct ConsoleTicket {
    WorkloadRole role = WorkloadRole::primary;
    std::string hash;
    Time expires;
};
BOOST_DESCRIBE_STRUCT(ConsoleTicket, (), (role, hash, expires))

// The state: what clients see, and all that deciding needs. At most one attempt of a role is
// neither closing nor closed, and those of two roles are on two farms.
struct Deployment {
    static constexpr std::string_view name = "deployment";
    using Command = DeploymentCommand;
    using Event = DeploymentEvent;
    using Rejection = DeploymentRejection;

    DeploymentStatus status = DeploymentStatus::none;
    DeploymentId deployment; // Its own id.
    std::string title;
    std::string ssh_key;
    QuoteTerms quote; // In force.
    std::optional<std::string> domain_label;
    std::optional<CardId> card;
    bool charge_first = false;
    DunningTerms dunning;
    std::optional<bool> first_order;
    std::uint32_t round = 0; // Of placement, before it is paid.
    OrderDiscount discount = OrderDiscount::none;
    ChargeState charge = ChargeState::none;
    std::optional<OrderPayment> payment; // What it said last.
    std::optional<Time> capture_before;
    std::vector<WorkloadAttempt> attempts; // In the order they were chosen.
    std::uint32_t primary_attempts = 0;    // Started so far.
    std::uint32_t backup_attempts = 0;
    std::uint32_t attempts_before = 0; // Of the backup, before the last one was added.
    std::optional<Time> trying_since;  // The first start of this order, or of an added backup.
    std::vector<ClaimedContract> contracts;
    std::optional<AttachedDomain> domain;
    std::optional<PendingDomain> domain_pending;
    std::uint32_t domains = 0; // Asked for so far.
    std::optional<std::string> domain_refusal;
    std::optional<PendingChange> change;
    std::uint32_t changes = 0; // Asked for so far.
    std::optional<std::string> change_failure;
    std::vector<SuspensionReason> suspensions;
    std::optional<ConsoleTicket> console; // The latest.
    std::optional<Time> running_since;
    bool paid = false;
    std::optional<FailureReason> failure;
    std::optional<CancellationReason> cancellation;
};
BOOST_DESCRIBE_STRUCT(Deployment, (),
                      (status, deployment, title, ssh_key, quote, domain_label, card, charge_first,
                       dunning, first_order, round, discount, charge, payment, capture_before,
                       attempts, primary_attempts, backup_attempts, attempts_before, trying_since,
                       contracts, domain, domain_pending, domains, domain_refusal, change, changes,
                       change_failure, suspensions, console, running_since, paid, failure,
                       cancellation))

inline bool exists(const Deployment& deployment) {
    return deployment.status != DeploymentStatus::none;
}

// Its workloads are there, whether or not the customer may use them just now.
inline bool is_served(DeploymentStatus status) {
    return status == DeploymentStatus::running || status == DeploymentStatus::changing ||
           status == DeploymentStatus::suspended;
}

inline bool is_over(DeploymentStatus status) { return status >= DeploymentStatus::cancelling; }

// Started, and not over.
inline bool is_open(WorkloadStatus status) {
    return status == WorkloadStatus::started || status == WorkloadStatus::contracted ||
           status == WorkloadStatus::ready;
}
// Holds its role's place.
inline bool is_current(WorkloadStatus status) {
    return status == WorkloadStatus::placed || is_open(status);
}

// What is looked for in a deployment, to be changed when the deployment may be; null when there is
// none.

template <class SomeDeployment>
auto find_place(SomeDeployment& deployment, WorkloadRole role, std::uint32_t attempt,
                const NodeId& node) -> decltype(deployment.attempts.data()) {
    for (auto& one : deployment.attempts)
        if (one.place.role == role && one.place.attempt == attempt && one.place.node == node)
            return &one;
    return nullptr;
}

template <class SomeDeployment>
auto find_started(SomeDeployment& deployment, WorkloadRole role, std::uint32_t attempt)
    -> decltype(deployment.attempts.data()) {
    for (auto& one : deployment.attempts)
        if (one.place.role == role && one.place.attempt == attempt && one.grid_name) return &one;
    return nullptr;
}

template <class SomeDeployment>
auto find_contract(SomeDeployment& deployment, const ContractId& contract)
    -> decltype(deployment.contracts.data()) {
    for (auto& one : deployment.contracts)
        if (one.is.contract == contract) return &one;
    return nullptr;
}

// The one that holds the role's place.
inline const WorkloadAttempt* current_attempt(const Deployment& deployment, WorkloadRole role) {
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.place.role == role && is_current(one.status)) return &one;
    return nullptr;
}

// No events: accepted, and nothing changes.
using DeploymentDecision = Result<std::vector<DeploymentEvent>, DeploymentRejection>;

DeploymentDecision decide(const Deployment& deployment, const DeploymentCommand& command, Time now);
Deployment evolve(Deployment deployment, const DeploymentEvent& event);

// Whose it is.
inline std::string_view owner(const Deployment& deployment) {
    return deployment.quote.account.value;
}

} // namespace domain
