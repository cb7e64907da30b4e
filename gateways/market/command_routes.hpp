// Which commands can be posted, where, and by whom: the route table of everything that changes
// something.

#pragma once

#include "gateways/token/principal.hpp"
#include "projections/aggregate.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gateways::market {

struct CommandRoute {
    std::string_view type;      // "payment.capture"
    std::string_view resource;  // "payments"
    std::string_view verb;      // "capture"; empty: makes a new resource.
    token::Roles roles;         // Any of these may.
    bool second_factor = false; // Operators need a fresh one: it moves money.
};

// What can be read: GET /v1/<resource>[/{id}[/events]].
struct ResourceRoute {
    std::string_view resource;  // "payments"
    std::string_view aggregate; // "payment"
    token::Roles all;           // Who reads a tenant's.
    token::Roles own;           // Who reads what is theirs.
};
const ResourceRoute* resource_route(std::string_view resource);
std::span<const ResourceRoute> resource_routes();
const ResourceRoute* aggregate_route(std::string_view aggregate);
// Who sees all of a tenant, and not only what is open to everybody.
inline constexpr token::Roles reads_all =
    token::Roles::cloud_operator | token::Roles::service | token::Roles::auditor;

std::span<const CommandRoute> command_routes();
const CommandRoute* command_route(std::string_view type);
// The route of POST /v1/<resource>[/{id}/<verb>].
const CommandRoute* command_route(std::string_view resource, std::string_view verb);

// A rule about the command's own content, as that cloud users pay only for themselves. The name
// of the problem, empty when there is none.
std::string_view forbidden(const token::Principal& principal,
                           const projections::AnyCommand& command, std::string_view id);

} // namespace gateways::market
