// What workers read and post: states as the view of resources has them, events and commands in
// words.

#pragma once

#include "gateways/stripe/directive.hpp"
#include "projections/resources_view.hpp"
#include "projections/worker.hpp"
#include "schemas/messages.hpp"
#include "schemas/parser.hpp"

namespace gateways::workers {

inline projections::PostedCommand posted(const stripe::Directive& directive) {
    projections::PostedCommand command;
    command.stream = directive.stream;
    std::visit(
        [&](const auto& one) {
            command.type = schemas::type_of(one);
            schemas::write_data(one, command.data);
        },
        directive.command);
    return command;
}

template <class Event>
std::optional<Event> event_of(std::string_view type, std::string_view data) {
    const auto json = schemas::thread_parser().parse(data, data.size());
    if (!json) return std::nullopt;
    auto event = schemas::read_data<Event>(type, *json, schemas::Unknown::skip);
    if (!event) return std::nullopt;
    return std::move(*event);
}

template <class Domain>
std::optional<Domain> state_of(const projections::Resources& resources, std::string_view stream) {
    if (stream.substr(0, stream.find('-')) != Domain::name) return std::nullopt;
    const auto row = resources.row(stream);
    if (!row) return std::nullopt;
    return projections::state_in<Domain>(*row);
}

// Visits all of an aggregate in a tenant.
template <class Domain, class Visit>
void each_of(const projections::Resources& resources, std::string_view tenant, Visit visit) {
    constexpr std::size_t page = 1000;
    std::string place, next;
    do {
        place = next;
        for (const auto& one : resources.list(
                 Domain::name, tenant, std::nullopt, place, page,
                 [](const projections::ResourceRow&) { return true; }, next))
            visit(one.id, projections::state_in<Domain>(one.row));
    } while (!next.empty());
}

} // namespace gateways::workers
