// What can be asked of a deployment. What other aggregates know stands in the commands, put there
// by the door or a policy.

#pragma once

#include "domain/deployment_parts.hpp"

#include <variant>

namespace domain {

// Commands of people and policies.

struct PlaceOrder {
    static constexpr std::string_view type = "deployment.order";
    DeploymentId deployment; // The stream's own: names on the grid are made of it.
    QuoteTerms quote;
    std::string name;
    std::string ssh_key;
    std::optional<std::string> domain_label; // Asks for a name at a gateway.
    std::optional<CardId> card;              // Absent: the payer's default card.
    bool charge_first = false;               // Charge at once, without a hold.
    DunningTerms dunning;
    bool spending_stopped = false;
    bool terms_accepted = false;
    bool card_present = false;
    bool dashboard_live = false;
    Money committed; // What the payer's other orders cost in a month.
    std::optional<Money> spending_limit;
    std::optional<bool> first_order = std::nullopt; // The payer's at this dashboard.
};
BOOST_DESCRIBE_STRUCT(PlaceOrder, (),
                      (deployment, quote, name, ssh_key, domain_label, card, charge_first, dunning,
                       spending_stopped, terms_accepted, card_present, dashboard_live, committed,
                       spending_limit, first_order))

struct PlaceWorkloads {
    static constexpr std::string_view type = "deployment.place_workloads";
};
BOOST_DESCRIBE_STRUCT(PlaceWorkloads, (), ())

struct RestartDeployment {
    static constexpr std::string_view type = "deployment.restart";
    std::optional<WorkloadRole> role; // Absent: all.
};
BOOST_DESCRIBE_STRUCT(RestartDeployment, (), (role))

struct ResizeDeployment {
    static constexpr std::string_view type = "deployment.resize";
    std::optional<QuoteTerms> quote; // Of what it shall become.
    bool capacity_left = false;      // Whether its nodes have room for the difference.
};
BOOST_DESCRIBE_STRUCT(ResizeDeployment, (), (quote, capacity_left))

struct AttachDomain {
    static constexpr std::string_view type = "deployment.attach_domain";
    DomainName domain;
    bool name_taken = false;
    bool dns_proved = false; // The customer's own name leads to the gateway.
};
BOOST_DESCRIBE_STRUCT(AttachDomain, (), (domain, name_taken, dns_proved))

struct OpenConsole {
    static constexpr std::string_view type = "deployment.open_console";
    WorkloadRole role = WorkloadRole::primary;
    std::string ticket_hash; // The ticket itself is only told to who asked.
};
BOOST_DESCRIBE_STRUCT(OpenConsole, (), (role, ticket_hash))

struct AddBackup {
    static constexpr std::string_view type = "deployment.add_backup";
    QuoteTerms quote; // Of the same deployment with a backup.
};
BOOST_DESCRIBE_STRUCT(AddBackup, (), (quote))

struct RemoveBackup {
    static constexpr std::string_view type = "deployment.remove_backup";
    QuoteTerms quote; // Of the same deployment without it.
};
BOOST_DESCRIBE_STRUCT(RemoveBackup, (), (quote))

struct SuspendDeployment {
    static constexpr std::string_view type = "deployment.suspend";
    SuspensionReason reason = SuspensionReason::staff;
};
BOOST_DESCRIBE_STRUCT(SuspendDeployment, (), (reason))

struct ResumeDeployment {
    static constexpr std::string_view type = "deployment.resume";
    SuspensionReason reason = SuspensionReason::staff; // The one that is over.
};
BOOST_DESCRIBE_STRUCT(ResumeDeployment, (), (reason))

struct CancelDeployment {
    static constexpr std::string_view type = "deployment.cancel";
    CancellationReason reason = CancellationReason::customer;
    // Only when its first period has still not been paid.
    std::optional<bool> if_never_paid = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(CancelDeployment, (), (reason, if_never_paid))

// The reconciler sees a contract on the grid that bears this deployment's name.
struct ClaimOrphan {
    static constexpr std::string_view type = "deployment.claim_orphan";
    GridContract contract;
};
BOOST_DESCRIBE_STRUCT(ClaimOrphan, (), (contract))

// What became of what was asked. Repeating one changes nothing.

struct RecordReservation {
    static constexpr std::string_view type = "deployment.record_reservation";
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    NodeId node;
    bool reserved = false;
    std::optional<Time> until;         // When it lapses; absent: in 15 minutes.
    std::optional<std::string> reason; // Why it was refused.
};
BOOST_DESCRIBE_STRUCT(RecordReservation, (), (role, attempt, node, reserved, until, reason))

struct RecordDiscount {
    static constexpr std::string_view type = "deployment.record_discount";
    bool reserved = false;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RecordDiscount, (), (reserved, reason))

struct RecordPayment {
    static constexpr std::string_view type = "deployment.record_payment";
    OrderPayment kind = OrderPayment::unknown;
    std::optional<Time> capture_before; // When a hold ends.
};
BOOST_DESCRIBE_STRUCT(RecordPayment, (), (kind, capture_before))

struct RecordContract {
    static constexpr std::string_view type = "deployment.record_contract";
    std::optional<WorkloadRole> role; // Absent with `attempt`: it belongs to the name.
    std::optional<std::uint32_t> attempt;
    ContractId contract;
    ContractKind kind = ContractKind::node;
};
BOOST_DESCRIBE_STRUCT(RecordContract, (), (role, attempt, contract, kind))

struct RecordWorkload {
    static constexpr std::string_view type = "deployment.record_workload";
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    bool ready = false;
    std::optional<std::string> error;
    std::optional<WorkloadAccess> access;
};
BOOST_DESCRIBE_STRUCT(RecordWorkload, (), (role, attempt, ready, error, access))

// A contract is cancelled on the chain.
struct RecordRelease {
    static constexpr std::string_view type = "deployment.record_release";
    ContractId contract;
};
BOOST_DESCRIBE_STRUCT(RecordRelease, (), (contract))

struct RecordDomain {
    static constexpr std::string_view type = "deployment.record_domain";
    std::optional<std::uint32_t> number; // In DomainRequested; absent: the latest.
    bool attached = false;
    std::optional<ContractId> contract;
    std::optional<std::string> fqdn;
    std::optional<std::string> reason; // Why it was refused.
};
BOOST_DESCRIBE_STRUCT(RecordDomain, (), (number, attached, contract, fqdn, reason))

struct RecordRestart {
    static constexpr std::string_view type = "deployment.record_restart";
    std::uint32_t number = 0; // In RestartRequested.
    bool restarted = false;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RecordRestart, (), (number, restarted, reason))

struct RecordResize {
    static constexpr std::string_view type = "deployment.record_resize";
    std::uint32_t number = 0; // In ResizeRequested.
    bool resized = false;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RecordResize, (), (number, resized, reason))

using DeploymentCommand =
    std::variant<PlaceOrder, PlaceWorkloads, RecordReservation, RecordDiscount, RecordPayment,
                 RecordContract, RecordWorkload, RecordRelease, RecordDomain, RestartDeployment,
                 RecordRestart, ResizeDeployment, RecordResize, AttachDomain, OpenConsole,
                 AddBackup, RemoveBackup, SuspendDeployment, ResumeDeployment, CancelDeployment,
                 ClaimOrphan>;

enum class DeploymentRejection {
    not_found,
    already_ordered,
    deployment_missing,
    name_missing,
    ssh_key_missing,
    quote_invalid,
    quote_expired,
    quote_required,
    quote_differs,
    spending_stopped,
    limit_exceeded,
    terms_missing,
    card_missing,
    dashboard_not_live,
    name_taken,
    domain_malformed,
    domain_pending,
    domain_unknown,
    dns_unproved,
    plan_forbids,
    attempt_unknown,
    contract_unknown,
    contract_taken,
    contract_in_use,
    outcome_older_than_state,
    discount_unknown,
    payment_not_requested,
    payment_pending,
    not_running,
    change_running,
    change_unknown,
    capacity_exhausted,
    disk_would_shrink,
    ticket_missing,
    already_backed_up,
    no_backup,
    already_cancelled,
    already_failed,
    belongs_to_live_attempt,
};
BOOST_DESCRIBE_ENUM(DeploymentRejection, not_found, already_ordered, deployment_missing,
                    name_missing, ssh_key_missing, quote_invalid, quote_expired, quote_required,
                    quote_differs, spending_stopped, limit_exceeded, terms_missing, card_missing,
                    dashboard_not_live, name_taken, domain_malformed, domain_pending,
                    domain_unknown, dns_unproved, plan_forbids, attempt_unknown, contract_unknown,
                    contract_taken, contract_in_use, outcome_older_than_state, discount_unknown,
                    payment_not_requested, payment_pending, not_running, change_running,
                    change_unknown, capacity_exhausted, disk_would_shrink, ticket_missing,
                    already_backed_up, no_backup, already_cancelled, already_failed,
                    belongs_to_live_attempt)

} // namespace domain
