// Places on nodes: reserved for an order, confirmed when it runs, released when nobody needs them.

#include "domain/policies/rules.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace domain {

namespace {

void reserve(const Policy& policy, const WorkloadPlacement& place, const DashboardId& dashboard,
             const Cause& cause) {
    policy.ask<Node>(place.node.value,
                     ReserveCapacity{{std::string{cause.id}},
                                     place.role,
                                     place.attempt,
                                     place.resources,
                                     dashboard,
                                     {},
                                     true},
                     name_of(place.role, place.attempt));
}

} // namespace

void place_workloads(const Cause& cause, FollowUps& all) {
    Policy{"place_workloads", all}.ask<Deployment>(cause.id, PlaceWorkloads{});
}

void reserve_capacity(const PlacementChosen& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"reserve_capacity", all};
    for (const WorkloadPlacement& place : event.placements)
        reserve(policy, place, event.dashboard, cause);
}

void reserve_capacity(const ReservationRequested& event, const Cause& cause, FollowUps& all) {
    reserve({"reserve_capacity", all}, event.place, event.dashboard, cause);
}

void release_capacity(const std::vector<WorkloadPlacement>& places, const Cause& cause,
                      FollowUps& all) {
    const Policy policy{"release_capacity", all};
    for (const WorkloadPlacement& place : places)
        policy.ask<Node>(place.node.value,
                         ReleaseCapacity{{std::string{cause.id}}, place.role, place.attempt},
                         place.node.value + "." + name_of(place.role, place.attempt));
}

void confirm_capacity(const std::vector<WorkloadPlacement>& places, const Cause& cause,
                      FollowUps& all) {
    const Policy policy{"confirm_capacity", all};
    for (const WorkloadPlacement& place : places)
        policy.ask<Node>(
            place.node.value,
            ConfirmCapacity{{std::string{cause.id}}, place.role, place.attempt, place.resources},
            name_of(place.role, place.attempt));
}

void confirm_capacity(const std::vector<ServingWorkload>& workloads, const Cause& cause,
                      FollowUps& all) {
    std::vector<WorkloadPlacement> places;
    for (const ServingWorkload& workload : workloads)
        places.push_back(workload.place);
    confirm_capacity(places, cause, all);
}

void tell_order(const CapacityReserved& event, const Cause& cause, FollowUps& all) {
    Policy{"tell_order", all}.ask<Deployment>(
        event.deployment.value,
        RecordReservation{
            event.role, event.attempt, {std::string{cause.id}}, true, event.until, {}});
}

void tell_order(const CapacityRefused& event, const Cause& cause, FollowUps& all) {
    Policy{"tell_order", all}.ask<Deployment>(
        event.deployment.value,
        RecordReservation{event.role,
                          event.attempt,
                          {std::string{cause.id}},
                          false,
                          {},
                          boost::describe::enum_to_string(event.reason, "refused")});
}

void hide_excluded_node(const NodeExcluded& event, const Cause& cause, FollowUps& all) {
    const Policy policy{"hide_excluded_node", all};
    for (const DashboardId& dashboard : event.dashboards)
        policy.ask<Node>(cause.id, HideNode{dashboard}, dashboard.value);
}

void hide_nodes(const ParticipationEnded& event, FollowUps& all) {
    const Policy policy{"hide_nodes", all};
    for (const NodeId& node : event.nodes)
        policy.ask<Node>(node.value, HideNode{event.dashboard}, node.value);
}

// An excluded node is then hidden from whoever shows it, which is known to the node alone.
void exclude_nodes(const std::vector<NodeId>& nodes, std::string_view reason, FollowUps& all) {
    const Policy policy{"exclude_nodes", all};
    for (const NodeId& node : nodes)
        policy.ask<Node>(node.value, ExcludeNode{std::string{reason}}, node.value);
}

} // namespace domain
