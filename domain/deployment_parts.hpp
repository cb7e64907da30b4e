// What the messages and the state of a deployment are made of.

#pragma once

#include "domain/billing_terms.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// A workload's place on a node: what is reserved there under the deployment's id, role and attempt.
struct WorkloadPlacement {
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0; // 1, 2, 3 ... of the role; a reservation refused counts for none.
    NodeId node;
    FarmId farm;
    std::string country; // Empty when the grid does not tell.
    Resources resources;
};
BOOST_DESCRIBE_STRUCT(WorkloadPlacement, (), (role, attempt, node, farm, country, resources))

// How a workload is reached.
struct WorkloadAccess {
    std::vector<std::string> addresses; // The one to be reached at first.
    std::vector<std::uint16_t> ports;
    std::optional<std::string> console;
};
BOOST_DESCRIBE_STRUCT(WorkloadAccess, (), (addresses, ports, console))

// A contract and what it is for: an attempt on a node, or the deployment's name.
struct GridContract {
    ContractId contract;
    ContractKind kind = ContractKind::node;
    std::optional<WorkloadRole> role; // Absent for what belongs to the name.
    std::optional<std::uint32_t> attempt;
    std::optional<NodeId> node;
    std::optional<std::string> grid_name;
};
BOOST_DESCRIBE_STRUCT(GridContract, (), (contract, kind, role, attempt, node, grid_name))

// A workload that serves, as the grid's worker needs it to act on it.
struct ServingWorkload {
    WorkloadPlacement place;
    ContractId contract;
    std::string grid_name;
    WorkloadAccess access;
};
BOOST_DESCRIBE_STRUCT(ServingWorkload, (), (place, contract, grid_name, access))

// How far the order's money is. `none`: not asked for, or nothing to pay.
enum class ChargeState { none, requested, held, charged };
BOOST_DESCRIBE_ENUM(ChargeState, none, requested, held, charged)

// What the payment says. `abandoned`: the payer did not come back in time.
enum class OrderPayment { held, charged, declined, action_required, abandoned, unknown };
BOOST_DESCRIBE_ENUM(OrderPayment, held, charged, declined, action_required, abandoned, unknown)

// All that has to be given back when an order ends.
struct GiveBack {
    std::vector<GridContract> contracts;         // To be cancelled, and not asked for before.
    std::vector<WorkloadPlacement> reservations; // To be released.
    std::optional<std::string> discount_code;    // To be released; absent: none or used.
    ChargeState charge = ChargeState::none;      // To be voided, or refunded when charged.
    BillingTerms terms;
    PaymentId payment;
    InvoiceId invoice;
};
BOOST_DESCRIBE_STRUCT(GiveBack, (),
                      (contracts, reservations, discount_code, charge, terms, payment, invoice))

enum class FailureReason { no_capacity, discount_refused, payment_abandoned, no_node_could_deploy };
BOOST_DESCRIBE_ENUM(FailureReason, no_capacity, discount_refused, payment_abandoned,
                    no_node_could_deploy)

// Each is closed by itself; access is back when none is left.
enum class SuspensionReason { unpaid, dispute, fraud, staff };
BOOST_DESCRIBE_ENUM(SuspensionReason, unpaid, dispute, fraud, staff)

// Where a name leads to.
struct DomainTarget {
    NodeId node;
    ContractId contract;
    std::optional<std::string> address; // Absent when the workload told none.
    std::uint16_t port = 0;
};
BOOST_DESCRIBE_STRUCT(DomainTarget, (), (node, contract, address, port))

// A name on a gateway of the grid ("acme"), or the customer's own ("www.acme.example").
struct DomainName {
    std::optional<std::string> label;
    std::optional<std::string> own;
};
BOOST_DESCRIBE_STRUCT(DomainName, (), (label, own))

// What a gateway of the grid takes: 3 to 35 letters and digits, in lower case.
bool is_domain_label(std::string_view text);
// Two or more labels of DNS with dots between.
bool is_domain_name(std::string_view text);

// The name of an attempt's deployment on the grid, at most 35 of [A-Za-z0-9_]. It is made of these
// three alone, so that whoever asks again asks by the same name. Where the id does not stand in
// it whole, a hash of it does.
inline constexpr std::size_t grid_name_size_max = 35;
std::string grid_name(const DeploymentId& deployment, WorkloadRole role, std::uint32_t attempt);

} // namespace domain
