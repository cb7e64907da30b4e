// Every route of the marketplace in one list, from the tables that the door goes by: for who
// describes them, tests them, or has to say what a path allows.

#pragma once

#include "gateways/http/request.hpp"
#include "gateways/market/command_routes.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::market {

// A route that is neither a command nor the reading of a resource. Rows of other tables may have
// other members besides; `summary` may be missing.
struct PlainRoute {
    std::string_view method; // "GET" or "POST"
    std::string_view path;   // "/v1/pay/{payment}"
    token::Roles all;        // Who may, for all of a tenant. With `own` none: whoever comes,
    token::Roles own;        // without a token.
    std::string_view summary;
    std::string_view content_type = http::json_type; // Of the answer.
    std::span<const std::string_view> parameters{};  // Names of the query's.
};

struct Route {
    enum class Kind { command, one, list, events, plain };
    Kind kind{};
    http::Verb method{};
    std::string path; // With its variable parts in braces.
    token::Roles roles{};
    token::Roles own{}; // Those of `roles` who reach only what is theirs.
    bool second_factor = false;
    std::vector<std::string_view> query;
    bool has_position = false; // Min-Position is heeded.
    // Of a command, of a resource's reading; else null.
    const CommandRoute* command = nullptr;
    const ResourceRoute* resource = nullptr;
    std::string_view summary, content_type; // Of the rest.
};

// In the order of the tables; of two rows for the same, the later one. Made once.
const std::vector<Route>& all_routes();

// What a list of these resources takes.
std::span<const std::string_view> list_parameters(const ResourceRoute& resource);

// Where a resource of this aggregate may stand, for lists; empty when nobody says.
std::vector<std::string_view> statuses(std::string_view aggregate);

// What may be asked of this path: "GET, HEAD". Empty when there is no such path.
std::string allowed_methods(std::string_view path);

} // namespace gateways::market
