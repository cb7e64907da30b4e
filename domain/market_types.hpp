// What several aggregates of the marketplace speak about.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace domain {

using InvoiceId = Id<struct InvoiceTag>;

// What a workload takes of a node. Memory and disks in whole GiB, as plans are sold.
struct Resources {
    std::uint32_t cru = 0; // Virtual cores.
    std::uint64_t mru = 0; // Memory, GiB.
    std::uint64_t sru = 0; // SSD, GiB.
    std::uint64_t hru = 0; // HDD, GiB.
    std::uint32_t gpus = 0;
    std::uint32_t public_ips = 0; // IPv4.
};
BOOST_DESCRIBE_STRUCT(Resources, (), (cru, mru, sru, hru, gpus, public_ips))

// What a workload is for. At most one attempt per role is open at a time.
enum class WorkloadRole { primary, backup };
BOOST_DESCRIBE_ENUM(WorkloadRole, primary, backup)

struct Workload {
    WorkloadRole role = WorkloadRole::primary;
    Resources resources;
};
BOOST_DESCRIBE_STRUCT(Workload, (), (role, resources))

// A node that a workload may run on.
struct Candidate {
    NodeId node;
    FarmId farm;
    std::string country; // ISO 3166-1 alpha-2; empty when the grid does not tell.
};
BOOST_DESCRIBE_STRUCT(Candidate, (), (node, farm, country))

// What a contract of ThreeFold Chain is for: a workload's node, or a name at a gateway.
enum class ContractKind { node, name };
BOOST_DESCRIBE_ENUM(ContractKind, node, name)

// Why a deployment, and with it its subscription, is cancelled.
enum class CancellationReason { customer, unpaid, dispute, fraud, erasure, staff };
BOOST_DESCRIBE_ENUM(CancellationReason, customer, unpaid, dispute, fraud, erasure, staff)

// The chain's discount for who holds enough TFT, as ThreeFold Chain names its levels.
enum class DiscountTier { none, standard, bronze, silver, gold };
BOOST_DESCRIBE_ENUM(DiscountTier, none, standard, bronze, silver, gold)

// The grid's prices as the chain records them, in USD units of 1e-7 USD per hour and unit.
struct PricingPolicy {
    std::string id;
    std::int64_t cu = 0;
    std::int64_t su = 0;
    std::int64_t ipu = 0;
    std::int64_t unique_name = 0;
};
BOOST_DESCRIBE_STRUCT(PricingPolicy, (), (id, cu, su, ipu, unique_name))

// ISO 3166-1 alpha-2 in form: two capital letters. Which of them are countries is not known here.
inline bool is_country_code(std::string_view code) {
    const auto capital = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
    return code.size() == 2 && capital(code[0]) && capital(code[1]);
}

// The id of the n-th period's payment and invoice of a deployment; 1 is the order itself.
inline std::string period_id(std::string_view deployment, std::uint32_t period) {
    return std::string{deployment} + "." + std::to_string(period);
}

} // namespace domain
