// Which nodes a deployment may run on, best first, and which of them it takes.

#pragma once

#include "domain/market_types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace domain {

enum class NodeCondition { up, suspect, down };
BOOST_DESCRIBE_ENUM(NodeCondition, up, suspect, down)

inline bool has_room(const Resources& free, const Resources& needed) {
    return free.cru >= needed.cru && free.mru >= needed.mru && free.sru >= needed.sru &&
           free.hru >= needed.hru && free.gpus >= needed.gpus &&
           free.public_ips >= needed.public_ips;
}

// What is known of a node when a place is sought.
struct NodeOffer {
    NodeId node;
    FarmId farm;
    ProviderId provider;
    std::string country; // ISO 3166-1 alpha-2; empty when the grid does not tell.
    std::string region;
    std::string city;
    bool available = false; // Verified, and neither excluded nor draining.
    NodeCondition condition = NodeCondition::up;
    bool certified = false;
    bool dedicated = false; // Exposed to one dashboard alone.
    Resources capacity;
    Resources free;                      // Capacity without what is taken and the safety margin.
    std::uint32_t price_factor = 10'000; // Of the list price, in basis points.
    std::uint32_t health = 10'000;       // Its score, in basis points.
    std::vector<DashboardId> dashboards; // That may sell it.
};
BOOST_DESCRIBE_STRUCT(NodeOffer, (),
                      (node, farm, provider, country, region, city, available, condition, certified,
                       dedicated, capacity, free, price_factor, health, dashboards))

// What a user asks for beyond the plan. What is absent lets everything pass.
struct PlacementFilter {
    std::optional<std::vector<std::string>> regions;
    std::optional<std::vector<std::string>> countries;
    std::optional<std::vector<std::string>> cities;
    std::optional<std::vector<FarmId>> farms;
    std::optional<std::vector<NodeId>> nodes;
    std::optional<Resources> free_at_least;
    std::optional<bool> gpu;  // Has a free one.
    std::optional<bool> ipv4; // Has a free one.
    std::optional<bool> certified;
    std::optional<bool> dedicated;
    std::optional<ProviderId> own_nodes_of;        // Only this provider's.
    std::optional<std::uint32_t> price_factor_max; // Of the list price, in basis points.
};
BOOST_DESCRIBE_STRUCT(PlacementFilter, (),
                      (regions, countries, cities, farms, nodes, free_at_least, gpu, ipv4,
                       certified, dedicated, own_nodes_of, price_factor_max))

inline constexpr std::size_t filter_values_max = 100;

// What is given says something: no empty lists or values, and countries of two capital letters.
bool is_valid(const PlacementFilter& filter);
inline bool is_empty(const PlacementFilter& filter) { return filter == PlacementFilter{}; }

inline constexpr std::uint32_t placement_weight_max = 1000;

// What a dashboard thinks makes a node good. The weights count against each other.
struct PlacementPolicy {
    std::uint32_t price_weight = 5;
    std::uint32_t health_weight = 3;
    std::uint32_t spread_weight = 2; // Prefers nodes with little on them.
};
BOOST_DESCRIBE_STRUCT(PlacementPolicy, (), (price_weight, health_weight, spread_weight))

inline constexpr std::size_t candidates_max = 16;

// The best nodes of the dashboard that pass the filter and have room for any of the workloads: at
// most `limit`, best first, of equal ones the lower node id. No farm and no country takes more
// than half of the list while others have something to offer, so that a backup finds its place.
std::vector<Candidate> candidates(std::span<const NodeOffer> offers, const DashboardId& dashboard,
                                  std::span<const Workload> workloads,
                                  const PlacementFilter& filter, const PlacementPolicy& policy,
                                  std::size_t limit = candidates_max);

// A node for a role.
struct NodeChoice {
    WorkloadRole role = WorkloadRole::primary;
    Candidate candidate;
};
BOOST_DESCRIBE_STRUCT(NodeChoice, (), (role, candidate))

// One node per workload, the earliest candidates that keep the rules: primary and backup never
// share a farm, and stand in different countries when any two candidates do. Nothing when there
// is no such choice, or when there are not one or two workloads.
std::optional<std::vector<NodeChoice>> choose_nodes(std::span<const Candidate> candidates,
                                                    std::span<const Workload> workloads);

} // namespace domain
