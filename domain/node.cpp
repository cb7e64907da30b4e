#include "domain/node.hpp"

#include "domain/pricing.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<NodeEvent>;
using Rejection = NodeRejection;
using Listing = NodeListing;

template <class Event>
NodeDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

NodeDecision nothing() { return Events{}; }

bool is_retired(const Node& node) { return node.listing == Listing::retired; }

// A machine, or a workload, has a core and memory, and is not larger than any there is.
bool is_possible(const Resources& resources) {
    return resources.cru > 0 && resources.mru > 0 && is_priceable(resources);
}

std::vector<NodeWorkload> workloads_of(const Node& node) {
    std::vector<NodeWorkload> workloads;
    for (const CapacityHold& hold : node.holds)
        workloads.push_back(hold.workload);
    return workloads;
}

std::vector<DashboardId> dashboards_of(const Node& node) {
    std::vector<DashboardId> dashboards;
    for (const NodeExposure& exposure : node.exposures)
        dashboards.push_back(exposure.dashboard);
    return dashboards;
}

const NodeExposure* find(const Node& node, const DashboardId& dashboard) {
    const auto found = std::ranges::find(node.exposures, dashboard, &NodeExposure::dashboard);
    return found == node.exposures.end() ? nullptr : &*found;
}

template <class Named>
const CapacityHold* find_hold(const Node& node, const Named& named) {
    const NodeWorkload name{named.deployment, named.role, named.attempt};
    const auto found = std::ranges::find(node.holds, name, &CapacityHold::workload);
    return found == node.holds.end() ? nullptr : &*found;
}

// Its way onto the market.

std::optional<Rejection> wrong(const RegisterNode& command, std::uint32_t price_factor) {
    if (command.provider.value.empty()) return Rejection::provider_missing;
    if (command.farm.value.empty()) return Rejection::farm_missing;
    if (!command.farm_proved) return Rejection::farm_not_proved;
    if (!command.country.empty() && !is_country_code(command.country))
        return Rejection::country_invalid;
    if (!is_possible(command.capacity)) return Rejection::capacity_invalid;
    if (command.safety_margin && !is_priceable(*command.safety_margin))
        return Rejection::capacity_invalid;
    if (price_factor == 0 || price_factor > node_price_factor_max)
        return Rejection::price_factor_invalid;
    return std::nullopt;
}

NodeDecision handle(const Node& node, const RegisterNode& command, Time) {
    if (exists(node) && !is_retired(node)) return Rejection::node_taken;
    const std::uint32_t price_factor = command.price_factor.value_or(basis_points_all);
    if (const auto reason = wrong(command, price_factor)) return *reason;
    return decided(NodeRegistered{command.provider, command.farm, command.country, command.region,
                                  command.city, command.certified, command.capacity,
                                  command.safety_margin.value_or(Resources{}), price_factor});
}

NodeDecision handle(const Node& node, const VerifyNode& command, Time) {
    if (node.listing == Listing::excluded) return Rejection::node_excluded;
    if (node.listing == Listing::verified) {
        if (command.passed) return nothing();
        return Rejection::already_verified;
    }
    if (command.passed) return decided(NodeVerified{node.provider, node.farm});
    if (!command.reason || command.reason->empty()) return Rejection::reason_missing;
    if (node.reason == command.reason) return nothing();
    return decided(NodeRefused{node.provider, command.reason});
}

NodeDecision handle(const Node& node, const ExposeNode& command, Time) {
    if (command.dashboard.value.empty()) return Rejection::dashboard_missing;
    if (node.listing != Listing::verified) return Rejection::node_not_verified;
    if (!command.participation_active) return Rejection::participation_missing;
    const bool exclusive = command.exclusive.value_or(false);
    const NodeExposure* known = find(node, command.dashboard);
    if (known != nullptr && known->exclusive == exclusive) return nothing();
    for (const NodeExposure& other : node.exposures)
        if (&other != known && (other.exclusive || exclusive))
            return Rejection::allocated_elsewhere;
    if (known == nullptr && node.exposures.size() >= node_dashboards_max)
        return Rejection::too_many_dashboards;
    return decided(NodeExposed{command.dashboard, node.provider, exclusive, !exclusive});
}

NodeDecision handle(const Node& node, const HideNode& command, Time) {
    const NodeExposure* known = find(node, command.dashboard);
    if (known == nullptr) return nothing();
    // One who has it alone shares it with nobody: after it nothing stands in the public's way.
    return decided(
        NodeHidden{command.dashboard, node.provider, node.public_listing || known->exclusive});
}

NodeDecision handle(const Node& node, const LabelNode& command, Time) {
    const auto too_long = [](const std::string& text) { return text.size() > label_length_max; };
    if (command.applications.size() > node_labels_max || too_long(command.service_class) ||
        too_long(command.note) || std::ranges::any_of(command.applications, too_long))
        return Rejection::label_too_long;
    if (command.applications == node.applications && command.service_class == node.service_class &&
        command.note == node.note)
        return nothing();
    return decided(NodeLabelled{command.applications, command.service_class, command.note});
}

NodeDecision handle(const Node& node, const ExcludeNode& command, Time) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (node.listing == Listing::excluded) return nothing();
    return decided(
        NodeExcluded{command.reason, node.provider, dashboards_of(node), workloads_of(node)});
}

NodeDecision handle(const Node& node, const ReadmitNode& command, Time) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (node.listing != Listing::excluded && !node.draining) return nothing();
    return decided(NodeReadmitted{command.reason, node.provider});
}

NodeDecision handle(const Node& node, const DrainNode& command, Time) {
    if (node.draining) return nothing();
    return decided(NodeDraining{command.reason, node.provider, workloads_of(node)});
}

NodeDecision handle(const Node& node, const RetireNode&, Time now) {
    if (is_retired(node)) return nothing();
    if (std::ranges::any_of(node.holds,
                            [&](const CapacityHold& hold) { return counts(hold, now); }))
        return Rejection::workloads_remain;
    return decided(NodeRetired{node.provider, dashboards_of(node)});
}

// Its capacity.

bool is_available(const Node& node, const std::optional<DashboardId>& dashboard) {
    return node.listing == Listing::verified && !node.draining &&
           node.condition != NodeCondition::down &&
           (!dashboard || node.public_listing || find(node, *dashboard) != nullptr);
}

// An order waits for an answer; anybody else is told at once.
NodeDecision refused(const ReserveCapacity& command, CapacityRefusal reason) {
    if (command.for_order.value_or(false))
        return decided(CapacityRefused{command.deployment, command.role, command.attempt,
                                       command.resources, reason});
    switch (reason) {
    case CapacityRefusal::capacity_exhausted: return Rejection::capacity_exhausted;
    case CapacityRefusal::node_not_available: return Rejection::node_not_available;
    case CapacityRefusal::reservation_exists: break;
    }
    return Rejection::reservation_exists;
}

NodeDecision handle(const Node& node, const ReserveCapacity& command, Time now) {
    if (command.deployment.value.empty()) return Rejection::deployment_missing;
    if (!is_possible(command.resources)) return Rejection::resources_invalid;
    const Time until =
        command.until.value_or(Time{now.milliseconds + capacity_reservation_time.count()});
    if (until <= now || until.milliseconds - now.milliseconds > capacity_reservation_max.count())
        return Rejection::until_out_of_range;

    const CapacityHold* held = find_hold(node, command);
    const bool holds = held != nullptr && counts(*held, now);
    if (holds) {
        if (held->resources != command.resources)
            return refused(command, CapacityRefusal::reservation_exists);
        if (is_confirmed(*held) || until <= *held->until) return nothing();
    }
    if (!is_available(node, command.dashboard))
        return refused(command, CapacityRefusal::node_not_available);
    // What holds its capacity already is only prolonged.
    if (!holds && (!has_room(free_of(node, now), command.resources) ||
                   (held == nullptr && node.holds.size() >= node_workloads_max)))
        return refused(command, CapacityRefusal::capacity_exhausted);
    return decided(CapacityReserved{command.deployment, command.role, command.attempt,
                                    command.resources, until, node.farm});
}

NodeDecision handle(const Node& node, const ConfirmCapacity& command, Time now) {
    const CapacityHold* held = find_hold(node, command);
    if (held != nullptr && command.resources && *command.resources != held->resources) {
        if (!is_confirmed(*held)) return Rejection::reservation_exists;
        // What runs was given another size.
        if (!is_possible(*command.resources)) return Rejection::resources_invalid;
        Node without = node;
        std::erase_if(without.holds,
                      [&](const CapacityHold& one) { return one.workload == held->workload; });
        if (!has_room(free_of(without, now), *command.resources))
            return Rejection::capacity_exhausted;
        return decided(CapacityConfirmed{command.deployment, command.role, command.attempt,
                                         *command.resources});
    }
    if (held != nullptr && is_confirmed(*held)) return nothing();
    if (held == nullptr && !command.resources) return Rejection::reservation_unknown;
    const Resources resources = held != nullptr ? held->resources : *command.resources;
    // A workload may come up after its reservation has lapsed: it is counted if it still fits.
    if (held == nullptr || !counts(*held, now)) {
        if (command.deployment.value.empty()) return Rejection::deployment_missing;
        if (!is_possible(resources)) return Rejection::resources_invalid;
        if (!has_room(free_of(node, now), resources)) return Rejection::capacity_exhausted;
        if (held == nullptr && node.holds.size() >= node_workloads_max)
            return Rejection::capacity_exhausted;
    }
    return decided(CapacityConfirmed{command.deployment, command.role, command.attempt, resources});
}

template <class Named>
NodeDecision released(const CapacityHold& hold, const Named& named, CapacityRelease reason) {
    return decided(CapacityReleased{named.deployment, named.role, named.attempt, hold.resources,
                                    reason, is_confirmed(hold)});
}

// What is not there has been released before.
NodeDecision handle(const Node& node, const ReleaseCapacity& command, Time) {
    const CapacityHold* held = find_hold(node, command);
    return held == nullptr ? nothing() : released(*held, command, CapacityRelease::released);
}

// The timer may come after the reservation was confirmed or prolonged.
NodeDecision handle(const Node& node, const ExpireReservation& command, Time now) {
    const CapacityHold* held = find_hold(node, command);
    if (held == nullptr || counts(*held, now)) return nothing();
    return released(*held, command, CapacityRelease::expired);
}

NodeDecision handle(const Node& node, const RecordCapacity& command, Time) {
    if (node.capacity_observed && command.observed < *node.capacity_observed)
        return Rejection::probe_older_than_state;
    const CapacityRecorded seen{command.capacity,
                                command.safety_margin.value_or(node.safety_margin),
                                command.certified.value_or(node.certified),
                                command.price_factor.value_or(node.price_factor), command.observed};
    if (!is_priceable(seen.capacity) || !is_priceable(seen.safety_margin))
        return Rejection::capacity_invalid;
    if (seen.price_factor == 0 || seen.price_factor > node_price_factor_max)
        return Rejection::price_factor_invalid;
    if (seen.capacity == node.capacity && seen.safety_margin == node.safety_margin &&
        seen.certified == node.certified && seen.price_factor == node.price_factor)
        return nothing();
    return decided(seen);
}

// Its condition.

NodeDecision handle(const Node& node, const RecordProbe& command, Time) {
    if (node.last_probe && command.probed < *node.last_probe)
        return Rejection::probe_older_than_state;
    if (node.last_probe == command.probed) return nothing();
    const bool down = node.condition == NodeCondition::down;
    const Time since = node.failing_since.value_or(command.probed);
    if (command.reachable) {
        if (node.condition == NodeCondition::up) return nothing();
        return decided(NodeCameBack{command.probed, since, down, node.provider,
                                    down ? workloads_of(node) : std::vector<NodeWorkload>{}});
    }
    if (down) return nothing();
    const std::uint32_t failures = node.failures + 1;
    if (failures < failed_probes_max)
        return decided(NodeSuspected{command.probed, since, failures, command.detail});
    return decided(NodeWentDown{command.probed, since, failures, command.detail, node.provider,
                                workloads_of(node)});
}

// What a node that is gone, or never was, is still asked.
NodeDecision without_node(const Node& node, const NodeCommand& command) {
    const auto* reserve = std::get_if<ReserveCapacity>(&command);
    if (reserve != nullptr && reserve->for_order.value_or(false))
        return refused(*reserve, CapacityRefusal::node_not_available);
    return exists(node) ? Rejection::node_retired : Rejection::not_found;
}

bool is_for_retired(const NodeCommand& command) {
    return std::holds_alternative<RegisterNode>(command) ||
           std::holds_alternative<RetireNode>(command) ||
           std::holds_alternative<HideNode>(command) ||
           std::holds_alternative<ReleaseCapacity>(command) ||
           std::holds_alternative<ExpireReservation>(command);
}

} // namespace

Resources free_of(const Node& node, Time now) {
    Resources taken = node.safety_margin;
    for (const CapacityHold& hold : node.holds) {
        if (!counts(hold, now)) continue;
        taken.cru += hold.resources.cru;
        taken.mru += hold.resources.mru;
        taken.sru += hold.resources.sru;
        taken.hru += hold.resources.hru;
        taken.gpus += hold.resources.gpus;
        taken.public_ips += hold.resources.public_ips;
    }
    const auto rest = [](auto capacity, auto used) {
        return used < capacity ? capacity - used : 0;
    };
    return {rest(node.capacity.cru, taken.cru),   rest(node.capacity.mru, taken.mru),
            rest(node.capacity.sru, taken.sru),   rest(node.capacity.hru, taken.hru),
            rest(node.capacity.gpus, taken.gpus), rest(node.capacity.public_ips, taken.public_ips)};
}

NodeOffer offer_of(const Node& node, const NodeId& id, std::uint32_t health, Time now) {
    NodeOffer offer;
    offer.node = id;
    offer.farm = node.farm;
    offer.provider = node.provider;
    offer.country = node.country;
    offer.region = node.region;
    offer.city = node.city;
    offer.available = node.listing == Listing::verified && !node.draining;
    offer.condition = node.condition;
    offer.certified = node.certified;
    offer.dedicated = std::ranges::any_of(node.exposures, &NodeExposure::exclusive);
    offer.capacity = node.capacity;
    offer.free = free_of(node, now);
    offer.price_factor = node.price_factor;
    offer.health = health;
    offer.dashboards = dashboards_of(node);
    return offer;
}

NodeDecision decide(const Node& node, const NodeCommand& command, Time now) {
    if (!exists(node) && !std::holds_alternative<RegisterNode>(command))
        return without_node(node, command);
    if (is_retired(node) && !is_for_retired(command)) return without_node(node, command);
    return std::visit([&](const auto& one) { return handle(node, one, now); }, command);
}

} // namespace domain
