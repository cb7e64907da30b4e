#include "gateways/market/routes.hpp"

#include "gateways/market/read_routes.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <array>

namespace gateways::market {

namespace {

using http::Verb;
using token::Roles;

constexpr Roles people = Roles::cloud_user | Roles::cloud_provider;
constexpr Roles staff_or_service = Roles::cloud_operator | Roles::service;

constexpr auto plain_routes = std::to_array<PlainRoute>({
    {"POST", "/v1/quotes", staff_or_service, people, "A price for a plan, and where it could run"},
    {"POST", "/v1/deployments", staff_or_service, people, "Order what was quoted"},
    {"POST", "/v1/commands", staff_or_service | Roles::auditor, people,
     "Up to a thousand commands, each with its own answer"},
    {"POST", "/v1/webhooks/stripe", Roles::none, Roles::none,
     "What Stripe tells, signed in Stripe-Signature"},
    {"GET", "/v1/openapi.json", Roles::none, Roles::none, "This document"},
    {"GET", "/livez", Roles::none, Roles::none, "Whether the process lives", "text/plain"},
    {"GET", "/readyz", Roles::none, Roles::none, "Whether it can do its work now", "text/plain"},
    {"GET", "/metrics", Roles::none, Roles::none, "What Prometheus reads", "text/plain"},
});

void add_commands(std::vector<Route>& routes) {
    for (const CommandRoute& command : command_routes()) {
        Route route{.kind = Route::Kind::command,
                    .method = Verb::post,
                    .path = "/v1/" + std::string{command.resource},
                    .roles = command.roles,
                    .own = command.roles & people,
                    .second_factor = command.second_factor,
                    .query = {},
                    .command = &command,
                    .summary = {},
                    .content_type = {}};
        if (!command.verb.empty()) route.path.append("/{id}/").append(command.verb);
        routes.push_back(std::move(route));
    }
}

std::vector<std::string_view> parameters_of_list(const ResourceRoute& resource) {
    std::vector<std::string_view> names{"limit", "cursor"};
    if (!statuses(resource.aggregate).empty()) names.push_back("status");
    if (resource.own != Roles::none) names.push_back("owner");
    if (resource.aggregate == "payment") names.push_back("payer"); // Another word for it.
    return names;
}

void add_resources(std::vector<Route>& routes) {
    for (const ResourceRoute& resource : resource_routes()) {
        Route route{.kind = Route::Kind::list,
                    .method = Verb::get,
                    .path = "/v1/" + std::string{resource.resource},
                    .roles = resource.all | resource.own,
                    .own = resource.own,
                    .query = parameters_of_list(resource),
                    .has_position = true,
                    .resource = &resource,
                    .summary = {},
                    .content_type = {}};
        routes.push_back(route);
        route.query.clear();
        route.kind = Route::Kind::one;
        route.path += "/{id}";
        routes.push_back(route);
        route.kind = Route::Kind::events;
        route.path += "/events";
        routes.push_back(std::move(route));
    }
}

template <class Table>
void add_plain(const Table& table, std::vector<Route>& routes) {
    for (const auto& row : table) {
        Route route{.kind = Route::Kind::plain,
                    .method = row.method == "GET" ? Verb::get : Verb::post,
                    .path = std::string{row.path},
                    .roles = row.all | row.own,
                    .own = row.own,
                    .query = {row.parameters.begin(), row.parameters.end()},
                    .summary = {},
                    .content_type = row.content_type};
        if constexpr (requires { row.summary; }) route.summary = row.summary;
        if constexpr (requires { row.view; }) route.has_position = !row.view.empty();
        std::erase_if(routes, [&](const Route& earlier) {
            return earlier.method == route.method && earlier.path == route.path;
        });
        routes.push_back(std::move(route));
    }
}

// Part for part; one in braces stands for any that is not empty.
bool matches(std::string_view pattern, std::string_view path) {
    while (true) {
        const auto end = pattern.find('/'), path_end = path.find('/');
        const std::string_view part = pattern.substr(0, end), given = path.substr(0, path_end);
        if (part.starts_with('{') ? given.empty() : part != given) return false;
        const bool last = end == std::string_view::npos;
        if (last || path_end == std::string_view::npos)
            return last && path_end == std::string_view::npos;
        pattern.remove_prefix(end + 1);
        path.remove_prefix(path_end + 1);
    }
}

} // namespace

std::vector<std::string_view> statuses(std::string_view aggregate) {
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Domain = typename decltype(type)::type;
        if constexpr (requires(const Domain& state) { schemas::name_of(state.status); })
            if (Domain::name == aggregate)
                schemas::for_each_name<decltype(Domain::status)>(
                    [&](auto one) { names.push_back(one.name); });
    });
    return names;
}

const std::vector<Route>& all_routes() {
    static const std::vector<Route> routes = [] {
        std::vector<Route> all;
        add_commands(all);
        add_resources(all);
        add_plain(read_routes(), all);
        add_plain(plain_routes, all);
        return all;
    }();
    return routes;
}

std::span<const std::string_view> list_parameters(const ResourceRoute& resource) {
    for (const Route& route : all_routes())
        if (route.kind == Route::Kind::list && route.resource == &resource) return route.query;
    return {};
}

std::string allowed_methods(std::string_view path) {
    bool get = false, post = false;
    for (const Route& route : all_routes())
        if (matches(route.path, path)) (route.method == Verb::get ? get : post) = true;
    std::string methods = get ? "GET, HEAD" : "";
    if (post) methods += get ? ", POST" : "POST";
    return methods;
}

} // namespace gateways::market
