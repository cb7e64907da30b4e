// Finds contracts that nobody claims: what a crash, a lost answer or a cancellation that came too
// early left behind on the chain, where it costs money every hour.

#pragma once

#include "domain/deployment.hpp"
#include "projections/worker.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::tfgrid {

inline constexpr std::chrono::milliseconds unclaimed_time = std::chrono::minutes{15};

struct LiveContract {
    std::int64_t id = 0;
    std::string kind; // "vm", "network", "gateway", "name", ...
    std::string name;
    bool ours = false;
    std::optional<std::int64_t> node;
    std::optional<domain::Time> created; // Absent: not known.
};

// Of the body of GET /v1/contracts. Throws std::runtime_error when it is none.
std::vector<LiveContract> read_contracts(std::string_view body);

// What a deployment says of itself, whether it still runs or not.
struct Claims {
    domain::DeploymentId deployment;
    std::uint32_t primary_attempts = 0, backup_attempts = 0; // Ever begun.
    std::vector<domain::ContractId> contracts;               // Live, or being cancelled.
    std::vector<std::string> labels;                         // Of its names, also former ones.
};
Claims claims_of(const domain::Deployment& deployment);

// Since when a contract has been seen without anybody who claims it.
using Unclaimed = std::map<std::int64_t, domain::Time>;

struct Findings {
    std::vector<projections::PostedCommand> commands; // ClaimOrphan, for each that is old enough.
    Unclaimed unclaimed;                              // For the next round.
    std::vector<LiveContract> strangers; // Ours by their label, and of no deployment we know.
};

// Pure. `before` is what the round before found.
Findings reconcile(std::span<const LiveContract> contracts, std::span<const Claims> claims,
                   const Unclaimed& before, domain::Time now);

} // namespace gateways::tfgrid
