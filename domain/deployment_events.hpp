// What can happen to a deployment. Each event says all that its followers need: they can look
// nothing up.

#pragma once

#include "domain/deployment_parts.hpp"

#include <variant>

namespace domain {

// The order.

struct DeploymentOrdered {
    static constexpr std::string_view type = "deployment.ordered";
    DeploymentId deployment;
    QuoteTerms quote;
    std::string name;
    std::string ssh_key;
    std::optional<std::string> domain_label;
    std::optional<CardId> card;
    bool charge_first = false;
    DunningTerms dunning;
    std::optional<bool> first_order = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(DeploymentOrdered, (),
                      (deployment, quote, name, ssh_key, domain_label, card, charge_first, dunning,
                       first_order))

// Asks the nodes to reserve. What was reserved in the round before and is not wanted any more is
// released; a role that is not listed keeps its place.
struct PlacementChosen {
    static constexpr std::string_view type = "deployment.placement_chosen";
    std::uint32_t round = 0; // 1, 2, 3 ...
    AccountId payer;
    DashboardId dashboard;
    std::vector<WorkloadPlacement> placements;
    std::vector<WorkloadPlacement> released;
    std::optional<std::string> discount_code;       // To be reserved; in the first round only.
    std::optional<bool> first_order = std::nullopt; // With the code: some are only for that.
};
BOOST_DESCRIBE_STRUCT(PlacementChosen, (),
                      (round, payer, dashboard, placements, released, discount_code, first_order))

// No candidates are left that go together.
struct PlacementFailed {
    static constexpr std::string_view type = "deployment.placement_failed";
    std::uint32_t round = 0;         // The one that would have been next.
    std::vector<WorkloadRole> roles; // Without a node.
};
BOOST_DESCRIBE_STRUCT(PlacementFailed, (), (round, roles))

struct ReservationHeld {
    static constexpr std::string_view type = "deployment.reservation_held";
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    NodeId node;
    Time until;
};
BOOST_DESCRIBE_STRUCT(ReservationHeld, (), (role, attempt, node, until))

struct ReservationRefused {
    static constexpr std::string_view type = "deployment.reservation_refused";
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    NodeId node;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ReservationRefused, (), (role, attempt, node, reason))

// Asks a node to reserve, once the order is paid for: after a reservation lapsed, for the attempt
// after a failed one, for a backup that is added.
struct ReservationRequested {
    static constexpr std::string_view type = "deployment.reservation_requested";
    WorkloadPlacement place;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(ReservationRequested, (), (place, dashboard))

// Asks the nodes to release what nobody waits for.
struct ReservationsReleased {
    static constexpr std::string_view type = "deployment.reservations_released";
    std::vector<WorkloadPlacement> released;
};
BOOST_DESCRIBE_STRUCT(ReservationsReleased, (), (released))

struct DiscountRecorded {
    static constexpr std::string_view type = "deployment.discount_recorded";
    bool reserved = false;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(DiscountRecorded, (), (reserved, reason))

// Asks to release a code that was reserved when the order had already ended.
struct DiscountReleaseRequested {
    static constexpr std::string_view type = "deployment.discount_release_requested";
    AccountId payer;
    DashboardId dashboard;
    std::string discount_code;
};
BOOST_DESCRIBE_STRUCT(DiscountReleaseRequested, (), (payer, dashboard, discount_code))

// Every role has a node, and the code, if any, is reserved. Asks for the money; there is none to
// ask for when `terms.gross` is zero.
struct AllReserved {
    static constexpr std::string_view type = "deployment.capacity_reserved";
    BillingTerms terms;
    bool charge_first = false;
    PaymentId payment;
    InvoiceId invoice;
};
BOOST_DESCRIBE_STRUCT(AllReserved, (), (terms, charge_first, payment, invoice))

// `ran`: the deployment has already been running. `over`: it has failed or was cancelled.
struct OrderPaymentRecorded {
    static constexpr std::string_view type = "deployment.payment_recorded";
    OrderPayment kind = OrderPayment::unknown;
    std::optional<Time> capture_before;
    bool ran = false;
    BillingTerms terms;
    PaymentId payment;
    InvoiceId invoice;
    std::optional<bool> over = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(OrderPaymentRecorded, (),
                      (kind, capture_before, ran, terms, payment, invoice, over))

// Money came for an order that had ended. Asks to give it back.
struct PaymentReturnRequested {
    static constexpr std::string_view type = "deployment.payment_return_requested";
    ChargeState charge = ChargeState::none;
    BillingTerms terms;
    PaymentId payment;
    InvoiceId invoice;
};
BOOST_DESCRIBE_STRUCT(PaymentReturnRequested, (), (charge, terms, payment, invoice))

// Attempts.

// Asks the grid for a contract and a workload under this name: look it up first.
struct AttemptStarted {
    static constexpr std::string_view type = "deployment.attempt_started";
    WorkloadPlacement place;
    Time at;
    std::string grid_name;
    std::string ssh_key;
    std::string application;
    std::optional<std::string> web_name; // The label at a gateway that is asked for later.
};
BOOST_DESCRIBE_STRUCT(AttemptStarted, (), (place, at, grid_name, ssh_key, application, web_name))

// Asks the grid to deploy under the contract. Without a role it belongs to the name.
struct ContractCreated {
    static constexpr std::string_view type = "deployment.contract_created";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(ContractCreated, (), (contract))

// Asks the grid to cancel a contract that came too late, or whose use is over.
struct ContractReleaseRequested {
    static constexpr std::string_view type = "deployment.contract_release_requested";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(ContractReleaseRequested, (), (contract))

struct ContractCancelled {
    static constexpr std::string_view type = "deployment.contract_cancelled";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(ContractCancelled, (), (contract))

struct WorkloadReady {
    static constexpr std::string_view type = "deployment.workload_ready";
    ServingWorkload workload;
};
BOOST_DESCRIBE_STRUCT(WorkloadReady, (), (workload))

// Asks the grid to cancel the contract, if there is one, and the node to release the place.
struct WorkloadFailed {
    static constexpr std::string_view type = "deployment.workload_failed";
    WorkloadPlacement place;
    std::optional<GridContract> contract;
    std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(WorkloadFailed, (), (place, contract, error))

// `terms`: those of the deployment from now on, when the backup was added later.
struct BackupReady {
    static constexpr std::string_view type = "deployment.backup_ready";
    ServingWorkload workload;
    std::optional<BillingTerms> terms;
};
BOOST_DESCRIBE_STRUCT(BackupReady, (), (workload, terms))

// Every workload that was paid for is ready. Comes once; nothing is captured before.
struct DeploymentRunning {
    static constexpr std::string_view type = "deployment.running";
    BillingTerms terms;
    ChargeState charge = ChargeState::none;
    PaymentId payment;
    InvoiceId invoice;
    std::string name;
    std::string application;
    std::vector<ServingWorkload> workloads;
    std::optional<std::string> fqdn;
    Time period_start;
    std::optional<std::uint32_t> sla_version;
    DunningTerms dunning;
};
BOOST_DESCRIBE_STRUCT(DeploymentRunning, (),
                      (terms, charge, payment, invoice, name, application, workloads, fqdn,
                       period_start, sla_version, dunning))

// It runs and its first period is paid, whichever came last. Comes at most once.
struct DeploymentPaid {
    static constexpr std::string_view type = "deployment.paid";
    BillingTerms terms;
    PaymentId payment;
    InvoiceId invoice;
    Time period_start;
    std::optional<std::uint32_t> sla_version;
    DunningTerms dunning;
};
BOOST_DESCRIBE_STRUCT(DeploymentPaid, (),
                      (terms, payment, invoice, period_start, sla_version, dunning))

struct DeploymentFailed {
    static constexpr std::string_view type = "deployment.failed";
    FailureReason reason = FailureReason::no_capacity;
    GiveBack give_back;
};
BOOST_DESCRIBE_STRUCT(DeploymentFailed, (), (reason, give_back))

// Its name.

// Asks the grid for a name that leads to the target.
struct DomainRequested {
    static constexpr std::string_view type = "deployment.domain_requested";
    std::uint32_t number = 0; // 1, 2, 3 ...
    DomainName domain;
    DomainTarget target;
};
BOOST_DESCRIBE_STRUCT(DomainRequested, (), (number, domain, target))

struct DomainAttached {
    static constexpr std::string_view type = "deployment.domain_attached";
    std::uint32_t number = 0;
    DomainName domain;
    ContractId contract;
    std::string fqdn;
};
BOOST_DESCRIBE_STRUCT(DomainAttached, (), (number, domain, contract, fqdn))

// Asks the grid to cancel the contract, if there is one.
struct DomainRefused {
    static constexpr std::string_view type = "deployment.domain_refused";
    std::uint32_t number = 0;
    DomainName domain;
    std::optional<GridContract> contract;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(DomainRefused, (), (number, domain, contract, reason))

} // namespace domain
