// What deployments ask of the grid, as items of a to-do list.

#pragma once

#include "gateways/tfgrid/effects.hpp"
#include "schemas/messages.hpp"

#include <string>

namespace grid_samples {

inline domain::WorkloadPlacement place() {
    domain::WorkloadPlacement place;
    place.attempt = 1;
    place.node = {"11"};
    place.farm = {"1"};
    place.resources = {2, 4, 50, 0, 0, 0};
    return place;
}

inline domain::AttemptStarted attempt(std::string application = "ubuntu-24.04") {
    return {place(), {1000}, "d1p1", "ssh-ed25519 AAAA me", std::move(application), std::nullopt};
}

inline domain::ServingWorkload serving(std::string address = "5c9::1") {
    return {place(), {"9002"}, "d1p1", {{std::move(address)}, {}, std::nullopt}};
}

inline domain::GridContract contract(std::string id) {
    return {{std::move(id)},
            domain::ContractKind::node,
            domain::WorkloadRole::primary,
            1,
            domain::NodeId{"11"},
            "d1p1"};
}

inline domain::DomainRequested name(std::string label, std::string address = "5c9::1") {
    return {1, {std::move(label), std::nullopt}, {{"11"}, {"9002"}, std::move(address), 80}};
}

inline projections::TodoItem item(const domain::DeploymentEvent& event) {
    projections::TodoItem item;
    item.stream = "deployment-d1";
    item.kind = std::visit([](const auto& one) { return std::string{one.type}; }, event);
    item.name = "e1/grid/" + item.kind;
    item.asked = {1000};
    schemas::write_data(event, item.data);
    return item;
}

inline projections::TodoItem release(const domain::GridContract& contract) {
    projections::TodoItem item;
    item.stream = "deployment-d1";
    item.kind = gateways::tfgrid::Release::kind;
    item.name = "e1/grid/release." + contract.contract.value;
    item.asked = {1000};
    schemas::write(contract, item.data);
    return item;
}

// What a posted command says, when it is one of this kind.
template <class Command>
std::optional<Command> as(const projections::PostedCommand& posted) {
    if (posted.type != Command::type) return std::nullopt;
    auto command = schemas::read_text<Command>(posted.data, schemas::Unknown::refuse,
                                               schemas::record_bytes_max);
    if (!command) return std::nullopt;
    return *command;
}

} // namespace grid_samples
