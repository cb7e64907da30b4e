// What can happen to a deployment once it runs, and how it ends.

#pragma once

#include "domain/deployment_events.hpp"

namespace domain {

// Changes are numbered 1, 2, 3 ..., whatever they are; one at a time.

// Asks the grid to restart.
struct RestartRequested {
    static constexpr std::string_view type = "deployment.restart_requested";
    std::uint32_t number = 0;
    std::vector<ServingWorkload> workloads;
};
BOOST_DESCRIBE_STRUCT(RestartRequested, (), (number, workloads))

struct DeploymentRestarted {
    static constexpr std::string_view type = "deployment.restarted";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(DeploymentRestarted, (), (number))

struct RestartFailed {
    static constexpr std::string_view type = "deployment.restart_failed";
    std::uint32_t number = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RestartFailed, (), (number, reason))

// Asks the grid to give the workloads these sizes, where they are.
struct ResizeRequested {
    static constexpr std::string_view type = "deployment.resize_requested";
    std::uint32_t number = 0;
    QuoteTerms quote;
    std::vector<ServingWorkload> workloads; // With the new resources.
};
BOOST_DESCRIBE_STRUCT(ResizeRequested, (), (number, quote, workloads))

// From now on the terms are these; what the nodes hold for it changes by the difference.
struct DeploymentResized {
    static constexpr std::string_view type = "deployment.resized";
    std::uint32_t number = 0;
    BillingTerms terms;
    std::vector<WorkloadPlacement> before;
    std::vector<WorkloadPlacement> after;
};
BOOST_DESCRIBE_STRUCT(DeploymentResized, (), (number, terms, before, after))

struct ResizeFailed {
    static constexpr std::string_view type = "deployment.resize_failed";
    std::uint32_t number = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ResizeFailed, (), (number, reason))

// A backup shall be added: a place for it is looked for. The terms change when it is ready.
struct BackupAdded {
    static constexpr std::string_view type = "deployment.backup_added";
    std::uint32_t number = 0;
    QuoteTerms quote;
};
BOOST_DESCRIBE_STRUCT(BackupAdded, (), (number, quote))

// The deployment goes on as it was.
struct BackupFailed {
    static constexpr std::string_view type = "deployment.backup_failed";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(BackupFailed, (), (number))

// Asks the grid to cancel the contract and the node to release the place.
struct BackupRemoved {
    static constexpr std::string_view type = "deployment.backup_removed";
    QuoteTerms quote;
    BillingTerms terms; // From now on.
    WorkloadPlacement place;
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(BackupRemoved, (), (quote, terms, place, contract))

struct ConsoleTicketIssued {
    static constexpr std::string_view type = "deployment.console_ticket_issued";
    WorkloadRole role = WorkloadRole::primary;
    std::string ticket_hash;
    Time expires;
};
BOOST_DESCRIBE_STRUCT(ConsoleTicketIssued, (), (role, ticket_hash, expires))

// Asks the grid to stop access. The chain bills on until the contracts are cancelled.
struct DeploymentSuspended {
    static constexpr std::string_view type = "deployment.suspended";
    SuspensionReason reason = SuspensionReason::staff;
    std::vector<ServingWorkload> workloads;
};
BOOST_DESCRIBE_STRUCT(DeploymentSuspended, (), (reason, workloads))

// One of several reasons is over.
struct SuspensionReasonClosed {
    static constexpr std::string_view type = "deployment.suspension_reason_closed";
    SuspensionReason reason = SuspensionReason::staff;
};
BOOST_DESCRIBE_STRUCT(SuspensionReasonClosed, (), (reason))

// Asks the grid to give access again.
struct DeploymentResumed {
    static constexpr std::string_view type = "deployment.resumed";
    SuspensionReason reason = SuspensionReason::staff; // The last one.
    std::vector<ServingWorkload> workloads;
};
BOOST_DESCRIBE_STRUCT(DeploymentResumed, (), (reason, workloads))

// `ran`: service was given, so that what was paid is for a policy to weigh; money is due back
// whole when it never ran.
struct CancellationRequested {
    static constexpr std::string_view type = "deployment.cancellation_requested";
    CancellationReason reason = CancellationReason::customer;
    bool ran = false;
    GiveBack give_back;
};
BOOST_DESCRIBE_STRUCT(CancellationRequested, (), (reason, ran, give_back))

// No contract is left.
struct DeploymentCancelled {
    static constexpr std::string_view type = "deployment.cancelled";
    CancellationReason reason = CancellationReason::customer;
    bool ran = false;
};
BOOST_DESCRIBE_STRUCT(DeploymentCancelled, (), (reason, ran))

// Asks the grid to cancel what no live attempt claims.
struct OrphanContractFound {
    static constexpr std::string_view type = "deployment.orphan_contract_found";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(OrphanContractFound, (), (contract))

struct OrphanContractCancelled {
    static constexpr std::string_view type = "deployment.orphan_contract_cancelled";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(OrphanContractCancelled, (), (contract))

using DeploymentEvent = std::variant<
    DeploymentOrdered, PlacementChosen, PlacementFailed, ReservationHeld, ReservationRefused,
    ReservationRequested, ReservationsReleased, DiscountRecorded, DiscountReleaseRequested,
    AllReserved, OrderPaymentRecorded, PaymentReturnRequested, AttemptStarted, ContractCreated,
    ContractReleaseRequested, ContractCancelled, WorkloadReady, WorkloadFailed, BackupReady,
    DeploymentRunning, DeploymentPaid, DeploymentFailed, DomainRequested, DomainAttached,
    DomainRefused, RestartRequested, DeploymentRestarted, RestartFailed, ResizeRequested,
    DeploymentResized, ResizeFailed, BackupAdded, BackupFailed, BackupRemoved, ConsoleTicketIssued,
    DeploymentSuspended, SuspensionReasonClosed, DeploymentResumed, CancellationRequested,
    DeploymentCancelled, OrphanContractFound, OrphanContractCancelled>;

} // namespace domain
