// What can be asked of a node, what can happen to it, and why it is refused. Stored names are
// never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/market_types.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// A workload's place on a node has the name of its deployment, role and attempt.
struct NodeWorkload {
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(NodeWorkload, (), (deployment, role, attempt))

// Commands of people and policies. What the node cannot know is filled in by the door.

struct RegisterNode {
    static constexpr std::string_view type = "node.register";
    ProviderId provider;
    FarmId farm;
    bool farm_proved = false; // The farm is the provider's.
    std::string country;      // ISO 3166-1 alpha-2; empty when the grid does not tell.
    std::string region;
    std::string city;
    bool certified = false;
    Resources capacity;
    std::optional<Resources> safety_margin;    // Never sold.
    std::optional<std::uint32_t> price_factor; // Of the list price, in basis points; absent: all.
};
BOOST_DESCRIBE_STRUCT(RegisterNode, (),
                      (provider, farm, farm_proved, country, region, city, certified, capacity,
                       safety_margin, price_factor))

struct VerifyNode {
    static constexpr std::string_view type = "node.verify";
    bool passed = false;
    std::optional<std::string> reason; // Why not.
};
BOOST_DESCRIBE_STRUCT(VerifyNode, (), (passed, reason))

struct ExposeNode {
    static constexpr std::string_view type = "node.expose";
    DashboardId dashboard;
    bool participation_active = false; // Of the provider at the dashboard.
    std::optional<bool> exclusive;     // For this dashboard alone.
};
BOOST_DESCRIBE_STRUCT(ExposeNode, (), (dashboard, participation_active, exclusive))

struct HideNode {
    static constexpr std::string_view type = "node.hide";
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(HideNode, (), (dashboard))

struct LabelNode {
    static constexpr std::string_view type = "node.label";
    std::vector<std::string> applications; // It is good for.
    std::string service_class;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(LabelNode, (), (applications, service_class, note))

struct ExcludeNode {
    static constexpr std::string_view type = "node.exclude";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ExcludeNode, (), (reason))

// Back into service, after it was excluded or drained.
struct ReadmitNode {
    static constexpr std::string_view type = "node.readmit";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ReadmitNode, (), (reason))

// Takes nothing new; what is on it moves away.
struct DrainNode {
    static constexpr std::string_view type = "node.drain";
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(DrainNode, (), (reason))

struct RetireNode {
    static constexpr std::string_view type = "node.retire";
};
BOOST_DESCRIBE_STRUCT(RetireNode, (), ())

struct ReserveCapacity {
    static constexpr std::string_view type = "node.reserve_capacity";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    Resources resources;
    std::optional<DashboardId> dashboard; // That sells it: nobody else has the node alone.
    std::optional<Time> until;            // Absent: 15 minutes from now.
    std::optional<bool> for_order; // An order waits for the answer, so a refusal is an event.
};
BOOST_DESCRIBE_STRUCT(ReserveCapacity, (),
                      (deployment, role, attempt, resources, dashboard, until, for_order))

struct ConfirmCapacity {
    static constexpr std::string_view type = "node.confirm_capacity";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    std::optional<Resources> resources; // What runs: counts it though the reservation is gone.
};
BOOST_DESCRIBE_STRUCT(ConfirmCapacity, (), (deployment, role, attempt, resources))

struct ReleaseCapacity {
    static constexpr std::string_view type = "node.release_capacity";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(ReleaseCapacity, (), (deployment, role, attempt))

// Commands of services. Repeating one changes nothing.

// The timer of a reservation.
struct ExpireReservation {
    static constexpr std::string_view type = "node.expire_reservation";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(ExpireReservation, (), (deployment, role, attempt))

// What the grid says of the node's size.
struct RecordCapacity {
    static constexpr std::string_view type = "node.record_capacity";
    Resources capacity;
    Time observed;
    std::optional<bool> certified; // Absent: as before; so for all below.
    std::optional<Resources> safety_margin;
    std::optional<std::uint32_t> price_factor;
};
BOOST_DESCRIBE_STRUCT(RecordCapacity, (),
                      (capacity, observed, certified, safety_margin, price_factor))

struct RecordProbe {
    static constexpr std::string_view type = "node.record_probe";
    Time probed;
    bool reachable = false;
    std::optional<std::string> detail; // What was wrong.
};
BOOST_DESCRIBE_STRUCT(RecordProbe, (), (probed, reachable, detail))

using NodeCommand =
    std::variant<RegisterNode, VerifyNode, ExposeNode, HideNode, LabelNode, ExcludeNode,
                 ReadmitNode, DrainNode, RetireNode, ReserveCapacity, ConfirmCapacity,
                 ReleaseCapacity, ExpireReservation, RecordCapacity, RecordProbe>;

// Events.

struct NodeRegistered {
    static constexpr std::string_view type = "node.registered";
    ProviderId provider;
    FarmId farm;
    std::string country;
    std::string region;
    std::string city;
    bool certified = false;
    Resources capacity;
    Resources safety_margin;
    std::uint32_t price_factor = 0;
};
BOOST_DESCRIBE_STRUCT(NodeRegistered, (),
                      (provider, farm, country, region, city, certified, capacity, safety_margin,
                       price_factor))

struct NodeVerified {
    static constexpr std::string_view type = "node.verified";
    ProviderId provider;
    FarmId farm;
};
BOOST_DESCRIBE_STRUCT(NodeVerified, (), (provider, farm))

struct NodeRefused {
    static constexpr std::string_view type = "node.refused";
    ProviderId provider;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(NodeRefused, (), (provider, reason))

struct NodeExposed {
    static constexpr std::string_view type = "node.exposed";
    DashboardId dashboard;
    ProviderId provider;
    bool exclusive = false;
    bool public_listing = false; // Still on ThreeFold's own dashboard.
};
BOOST_DESCRIBE_STRUCT(NodeExposed, (), (dashboard, provider, exclusive, public_listing))

struct NodeHidden {
    static constexpr std::string_view type = "node.hidden";
    DashboardId dashboard;
    ProviderId provider;
    bool public_listing = false;
};
BOOST_DESCRIBE_STRUCT(NodeHidden, (), (dashboard, provider, public_listing))

struct NodeLabelled {
    static constexpr std::string_view type = "node.labelled";
    std::vector<std::string> applications;
    std::string service_class;
    std::string note;
};
BOOST_DESCRIBE_STRUCT(NodeLabelled, (), (applications, service_class, note))

// No longer to be used: everything on it has to move, and dashboards have to hide it.
struct NodeExcluded {
    static constexpr std::string_view type = "node.excluded";
    std::string reason;
    ProviderId provider;
    std::vector<DashboardId> dashboards;
    std::vector<NodeWorkload> workloads;
};
BOOST_DESCRIBE_STRUCT(NodeExcluded, (), (reason, provider, dashboards, workloads))

struct NodeReadmitted {
    static constexpr std::string_view type = "node.readmitted";
    std::string reason;
    ProviderId provider;
};
BOOST_DESCRIBE_STRUCT(NodeReadmitted, (), (reason, provider))

struct NodeDraining {
    static constexpr std::string_view type = "node.draining";
    std::optional<std::string> reason;
    ProviderId provider;
    std::vector<NodeWorkload> workloads;
};
BOOST_DESCRIBE_STRUCT(NodeDraining, (), (reason, provider, workloads))

struct NodeRetired {
    static constexpr std::string_view type = "node.retired";
    ProviderId provider;
    std::vector<DashboardId> dashboards;
};
BOOST_DESCRIBE_STRUCT(NodeRetired, (), (provider, dashboards))

struct CapacityRecorded {
    static constexpr std::string_view type = "node.capacity_recorded";
    Resources capacity;
    Resources safety_margin;
    bool certified = false;
    std::uint32_t price_factor = 0;
    Time observed;
};
BOOST_DESCRIBE_STRUCT(CapacityRecorded, (),
                      (capacity, safety_margin, certified, price_factor, observed))

// A probe failed, not often enough to say that the node is down.
struct NodeSuspected {
    static constexpr std::string_view type = "node.suspected";
    Time probed;
    Time since; // The first of the probes that failed.
    std::uint32_t failures = 0;
    std::optional<std::string> detail;
};
BOOST_DESCRIBE_STRUCT(NodeSuspected, (), (probed, since, failures, detail))

struct NodeWentDown {
    static constexpr std::string_view type = "node.went_down";
    Time probed;
    Time since;
    std::uint32_t failures = 0;
    std::optional<std::string> detail;
    ProviderId provider;
    std::vector<NodeWorkload> workloads; // All that have a place on it.
};
BOOST_DESCRIBE_STRUCT(NodeWentDown, (), (probed, since, failures, detail, provider, workloads))

struct NodeCameBack {
    static constexpr std::string_view type = "node.came_back";
    Time probed;
    Time since;
    bool was_down = false; // Not only suspected.
    ProviderId provider;
    std::vector<NodeWorkload> workloads; // None when it was only suspected.
};
BOOST_DESCRIBE_STRUCT(NodeCameBack, (), (probed, since, was_down, provider, workloads))

struct CapacityReserved {
    static constexpr std::string_view type = "node.capacity_reserved";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    Resources resources;
    Time until;
    FarmId farm;
};
BOOST_DESCRIBE_STRUCT(CapacityReserved, (), (deployment, role, attempt, resources, until, farm))

enum class CapacityRefusal { capacity_exhausted, node_not_available, reservation_exists };
BOOST_DESCRIBE_ENUM(CapacityRefusal, capacity_exhausted, node_not_available, reservation_exists)

// The answer to an order. The node itself is as before.
struct CapacityRefused {
    static constexpr std::string_view type = "node.capacity_refused";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    Resources resources;
    CapacityRefusal reason = CapacityRefusal::capacity_exhausted;
};
BOOST_DESCRIBE_STRUCT(CapacityRefused, (), (deployment, role, attempt, resources, reason))

struct CapacityConfirmed {
    static constexpr std::string_view type = "node.capacity_confirmed";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    Resources resources;
};
BOOST_DESCRIBE_STRUCT(CapacityConfirmed, (), (deployment, role, attempt, resources))

enum class CapacityRelease { released, expired };
BOOST_DESCRIBE_ENUM(CapacityRelease, released, expired)

struct CapacityReleased {
    static constexpr std::string_view type = "node.capacity_released";
    DeploymentId deployment;
    WorkloadRole role = WorkloadRole::primary;
    std::uint32_t attempt = 0;
    Resources resources;
    CapacityRelease reason = CapacityRelease::released;
    bool was_confirmed = false;
};
BOOST_DESCRIBE_STRUCT(CapacityReleased, (),
                      (deployment, role, attempt, resources, reason, was_confirmed))

using NodeEvent =
    std::variant<NodeRegistered, NodeVerified, NodeRefused, NodeExposed, NodeHidden, NodeLabelled,
                 NodeExcluded, NodeReadmitted, NodeDraining, NodeRetired, CapacityRecorded,
                 NodeSuspected, NodeWentDown, NodeCameBack, CapacityReserved, CapacityRefused,
                 CapacityConfirmed, CapacityReleased>;

// Clients see the name. Each says what would have to be otherwise.
enum class NodeRejection {
    not_found,  // Never registered.
    node_taken, // Registered, and not retired.
    farm_not_proved,
    provider_missing,
    farm_missing,
    country_invalid,   // Not two capital letters.
    capacity_invalid,  // No cores or memory, or beyond all nodes.
    resources_invalid, // No cores or memory, or beyond all nodes.
    price_factor_invalid,
    already_verified, // What fails later is excluded.
    node_excluded,
    node_retired,
    dashboard_missing,
    participation_missing,
    node_not_verified,
    allocated_elsewhere, // Another dashboard has it alone, or shares it.
    too_many_dashboards,
    label_too_long,
    reason_missing,
    probe_older_than_state,
    deployment_missing,
    until_out_of_range, // A reservation ends after it begins, within a day.
    capacity_exhausted,
    node_not_available, // Not verified, excluded, draining, down, or another dashboard has it
                        // alone.
    reservation_exists, // For other resources under the same name.
    reservation_unknown,
    workloads_remain,
};
BOOST_DESCRIBE_ENUM(NodeRejection, not_found, node_taken, farm_not_proved, provider_missing,
                    farm_missing, country_invalid, capacity_invalid, resources_invalid,
                    price_factor_invalid, already_verified, node_excluded, node_retired,
                    dashboard_missing, participation_missing, node_not_verified,
                    allocated_elsewhere, too_many_dashboards, label_too_long, reason_missing,
                    probe_older_than_state, deployment_missing, until_out_of_range,
                    capacity_exhausted, node_not_available, reservation_exists, reservation_unknown,
                    workloads_remain)

} // namespace domain
