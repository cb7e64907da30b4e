// Nodes by name: what had happened to each.

#pragma once

#include "domain/node.hpp"
#include "tests/support/given.hpp"

namespace domain::node_samples {

using tests::given;
using tests::some_time;
using History = std::vector<NodeEvent>;
using Rejection = NodeRejection;

constexpr Time at(std::int64_t minutes) { return {some_time.milliseconds + minutes * 60'000}; }

// As plans are sold: cores, memory, SSD.
constexpr Resources size(std::uint32_t cru, std::uint64_t mru, std::uint64_t sru) {
    return {cru, mru, sru, 0, 0, 0};
}

inline const ProviderId provider{"provider-h"};
inline const FarmId farm{"7"};
inline const DashboardId shop{"operator-t"}, other_shop{"operator-u"};
inline const DeploymentId first{"d1"}, second{"d2"}, third{"d3"};
constexpr Resources whole = size(10, 20, 200);
constexpr Resources margin = size(2, 4, 50);
constexpr Resources small = size(2, 4, 50);
constexpr Resources large = size(6, 12, 100);

inline History operator+(History history, const NodeEvent& event) {
    history.push_back(event);
    return history;
}

inline RegisterNode register_node() {
    RegisterNode command;
    command.provider = provider;
    command.farm = farm;
    command.farm_proved = true;
    command.country = "BE";
    command.region = "Europe";
    command.city = "Ghent";
    command.capacity = whole;
    command.safety_margin = margin;
    return command;
}

inline ReserveCapacity reserve(const DeploymentId& deployment, const Resources& resources,
                               bool for_order = false) {
    ReserveCapacity command;
    command.deployment = deployment;
    command.role = WorkloadRole::primary;
    command.attempt = 1;
    command.resources = resources;
    if (for_order) command.for_order = true;
    return command;
}

inline NodeEvent reserved(const DeploymentId& deployment, const Resources& resources,
                          std::int64_t until = 15) {
    return CapacityReserved{deployment, WorkloadRole::primary, 1, resources, at(until), farm};
}
inline NodeEvent confirmed(const DeploymentId& deployment, const Resources& resources) {
    return CapacityConfirmed{deployment, WorkloadRole::primary, 1, resources};
}
inline NodeEvent refused(const DeploymentId& deployment, const Resources& resources,
                         CapacityRefusal reason) {
    return CapacityRefused{deployment, WorkloadRole::primary, 1, resources, reason};
}
inline NodeWorkload workload(const DeploymentId& deployment) {
    return {deployment, WorkloadRole::primary, 1};
}

inline const History registered{
    NodeRegistered{provider, farm, "BE", "Europe", "Ghent", false, whole, margin, 10'000}};
inline const History verified = registered + NodeVerified{provider, farm};
inline const History exposed = verified + NodeExposed{shop, provider, false, true};
inline const History allocated = verified + NodeExposed{shop, provider, true, false};
inline const History excluded = verified + NodeExcluded{"chain refuses us", provider, {}, {}};
inline const History draining = verified + NodeDraining{"leaves", provider, {}};
inline const History retired = verified + NodeRetired{provider, {}};
inline const History suspect = verified + NodeSuspected{at(1), at(1), 1, "no answer"};
inline const History down = suspect + NodeSuspected{at(2), at(1), 2, "no answer"} +
                            NodeWentDown{at(3), at(1), 3, "no answer", provider, {}};
inline const History holding = verified + reserved(first, small);
inline const History running = holding + confirmed(first, small);

} // namespace domain::node_samples
