// A node: a provider's machine on the grid, where it may be sold, and what of it is taken.
//
//     registered --> verified --> retired       up <--> suspect --> down --> up
//                 verified <--> excluded
//
// Draining goes its own way beside that. The stream names the node. A reservation holds capacity
// until its time is over; what is confirmed holds it until it is released. A reservation that has
// lapsed counts no more, though it stands in the state until its timer takes it out.

#pragma once

#include "domain/node_messages.hpp"
#include "domain/placement.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::chrono::milliseconds capacity_reservation_time = std::chrono::minutes{15};
inline constexpr std::chrono::milliseconds capacity_reservation_max = std::chrono::hours{24};
// So many probes in a row have to fail before a node is down.
inline constexpr std::uint32_t failed_probes_max = 3;
inline constexpr std::size_t node_workloads_max = 1000;
inline constexpr std::size_t node_dashboards_max = 100;
inline constexpr std::size_t node_labels_max = 50;
inline constexpr std::size_t label_length_max = 1000;
inline constexpr std::uint32_t node_price_factor_max = 100'000; // Ten times the list price.

// `none`: never registered.
enum class NodeListing { none, registered, verified, excluded, retired };
BOOST_DESCRIBE_ENUM(NodeListing, none, registered, verified, excluded, retired)

struct NodeExposure {
    DashboardId dashboard;
    bool exclusive = false;
};
BOOST_DESCRIBE_STRUCT(NodeExposure, (), (dashboard, exclusive))

struct CapacityHold {
    NodeWorkload workload;
    Resources resources;
    std::optional<Time> until; // Absent: confirmed.
};
BOOST_DESCRIBE_STRUCT(CapacityHold, (), (workload, resources, until))

inline bool is_confirmed(const CapacityHold& hold) { return !hold.until; }
inline bool counts(const CapacityHold& hold, Time now) { return !hold.until || now < *hold.until; }

struct Node {
    static constexpr std::string_view name = "node";
    using Command = NodeCommand;
    using Event = NodeEvent;
    using Rejection = NodeRejection;

    NodeListing listing = NodeListing::none;
    bool verified = false; // Once; an exclusion does not change it.
    bool draining = false;
    NodeCondition condition = NodeCondition::up;
    ProviderId provider;
    FarmId farm;
    std::string country;
    std::string region;
    std::string city;
    bool certified = false;
    Resources capacity; // Last seen on the grid.
    Resources safety_margin;
    std::uint32_t price_factor = 0;
    std::optional<Time> capacity_observed;
    std::optional<std::string> reason; // Why it was refused, excluded or is drained.
    bool public_listing = false;       // On ThreeFold's own dashboard.
    std::vector<NodeExposure> exposures;
    std::vector<std::string> applications;
    std::string service_class;
    std::string note;
    std::optional<Time> last_probe;    // That changed anything.
    std::optional<Time> failing_since; // The first of the probes that failed.
    std::uint32_t failures = 0;        // In a row.
    std::vector<CapacityHold> holds;   // In order of arrival.
};
BOOST_DESCRIBE_STRUCT(Node, (),
                      (listing, verified, draining, condition, provider, farm, country, region,
                       city, certified, capacity, safety_margin, price_factor, capacity_observed,
                       reason, public_listing, exposures, applications, service_class, note,
                       last_probe, failing_since, failures, holds))

inline bool exists(const Node& node) { return node.listing != NodeListing::none; }

// What may still be reserved. The grid may show less than is taken; then it is nothing.
Resources free_of(const Node& node, Time now);

// As placement sees it.
NodeOffer offer_of(const Node& node, const NodeId& id, std::uint32_t health, Time now);

// No events: accepted, and nothing changes.
using NodeDecision = Result<std::vector<NodeEvent>, NodeRejection>;

NodeDecision decide(const Node& node, const NodeCommand& command, Time now);
Node evolve(Node node, const NodeEvent& event);

// Whose it is.
inline std::string_view owner(const Node& node) { return node.provider.value; }

} // namespace domain
