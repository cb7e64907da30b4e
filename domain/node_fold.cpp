// How events change a node. No rule is here: what happened, happened.

#include "domain/node.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Listing = NodeListing;

template <class Named>
auto find_hold(Node& node, const Named& named) {
    const NodeWorkload name{named.deployment, named.role, named.attempt};
    return std::ranges::find(node.holds, name, &CapacityHold::workload);
}

template <class Named>
CapacityHold& hold_of(Node& node, const Named& named) {
    const auto found = find_hold(node, named);
    if (found != node.holds.end()) return *found;
    node.holds.push_back({{named.deployment, named.role, named.attempt}, {}, {}});
    return node.holds.back();
}

void fail(Node& node, NodeCondition condition, Time probed, Time since, std::uint32_t failures) {
    node.condition = condition;
    node.last_probe = probed;
    node.failing_since = since;
    node.failures = failures;
}

// A machine that changed hands begins anew.
void apply(Node& node, const NodeRegistered& event) {
    node = Node{};
    node.listing = Listing::registered;
    node.provider = event.provider;
    node.farm = event.farm;
    node.country = event.country;
    node.region = event.region;
    node.city = event.city;
    node.certified = event.certified;
    node.capacity = event.capacity;
    node.safety_margin = event.safety_margin;
    node.price_factor = event.price_factor;
}

void apply(Node& node, const NodeVerified&) {
    node.listing = Listing::verified;
    node.verified = true;
    node.public_listing = true;
    node.reason.reset();
}

void apply(Node& node, const NodeRefused& event) { node.reason = event.reason; }

void apply(Node& node, const NodeExposed& event) {
    const auto known = std::ranges::find(node.exposures, event.dashboard, &NodeExposure::dashboard);
    if (known != node.exposures.end())
        known->exclusive = event.exclusive;
    else
        node.exposures.push_back({event.dashboard, event.exclusive});
    node.public_listing = event.public_listing;
}

void apply(Node& node, const NodeHidden& event) {
    std::erase_if(node.exposures, [&](const NodeExposure& exposure) {
        return exposure.dashboard == event.dashboard;
    });
    node.public_listing = event.public_listing;
}

void apply(Node& node, const NodeLabelled& event) {
    node.applications = event.applications;
    node.service_class = event.service_class;
    node.note = event.note;
}

void apply(Node& node, const NodeExcluded& event) {
    node.listing = Listing::excluded;
    node.reason = event.reason;
}

void apply(Node& node, const NodeReadmitted&) {
    node.listing = node.verified ? Listing::verified : Listing::registered;
    node.draining = false;
    node.reason.reset();
}

void apply(Node& node, const NodeDraining& event) {
    node.draining = true;
    node.reason = event.reason;
}

void apply(Node& node, const NodeRetired&) {
    node.listing = Listing::retired;
    node.public_listing = false;
    node.exposures.clear();
}

void apply(Node& node, const CapacityRecorded& event) {
    node.capacity = event.capacity;
    node.safety_margin = event.safety_margin;
    node.certified = event.certified;
    node.price_factor = event.price_factor;
    node.capacity_observed = event.observed;
}

void apply(Node& node, const NodeSuspected& event) {
    fail(node, NodeCondition::suspect, event.probed, event.since, event.failures);
}

void apply(Node& node, const NodeWentDown& event) {
    fail(node, NodeCondition::down, event.probed, event.since, event.failures);
}

void apply(Node& node, const NodeCameBack& event) {
    node.condition = NodeCondition::up;
    node.last_probe = event.probed;
    node.failing_since.reset();
    node.failures = 0;
}

void apply(Node& node, const CapacityReserved& event) {
    CapacityHold& hold = hold_of(node, event);
    hold.resources = event.resources;
    hold.until = event.until;
}

// An answer: the node is as before.
void apply(Node&, const CapacityRefused&) {}

void apply(Node& node, const CapacityConfirmed& event) {
    CapacityHold& hold = hold_of(node, event);
    hold.resources = event.resources;
    hold.until.reset();
}

void apply(Node& node, const CapacityReleased& event) {
    const auto found = find_hold(node, event);
    if (found != node.holds.end()) node.holds.erase(found);
}

} // namespace

Node evolve(Node node, const NodeEvent& event) {
    std::visit([&](const auto& one) { apply(node, one); }, event);
    return node;
}

} // namespace domain
