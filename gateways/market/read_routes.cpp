#include "gateways/market/read_routes.hpp"

#include "gateways/market/command_routes.hpp"
#include "gateways/market/event_feed.hpp"
#include "projections/ledger/ledger_view.hpp"

#include <array>

namespace gateways::market {

namespace {

using token::Roles;
constexpr Roles user = Roles::cloud_user;
constexpr Roles provider = Roles::cloud_provider;
constexpr Roles readers = reads_all;

constexpr std::string_view ledger = projections::LedgerView::view_name;
constexpr std::string_view resources = projections::ResourcesView::view_name;
constexpr std::string_view no_view{};

constexpr std::array<std::string_view, 4> account_parameters{"book", "prefix", "limit", "cursor"};
constexpr std::array<std::string_view, 6> statement_parameters{"book",     "from",  "to",
                                                               "currency", "limit", "cursor"};
constexpr std::span<const std::string_view> no_parameters{};
constexpr std::array<std::string_view, 1> link_parameters{"token"};
constexpr std::array<std::string_view, 1> total_parameters{"book"};
constexpr std::array<std::string_view, 17> node_parameters{
    "dashboard", "country", "region",  "city",  "farm",  "cru_min",
    "mru_min",   "sru_min", "hru_min", "gpu",   "ipv4",  "certified",
    "price_max", "listing", "sort",    "limit", "cursor"};

constexpr auto routes = std::to_array<ReadRoute>({
    {"GET", "/v1/ledger/accounts", readers, user | provider, account_parameters, http::json_type,
     ledger, ReadKind::rows, read_ledger_accounts},
    {"GET", "/v1/ledger/accounts/{account}/entries", readers, user | provider, statement_parameters,
     http::json_type, ledger, ReadKind::rows, read_statement},
    {"GET", "/v1/ledger/trial-balance", readers, Roles::none, total_parameters, http::json_type,
     ledger, ReadKind::totals, read_trial_balance},
    {"GET", "/v1/nodes", readers, user | provider, node_parameters, http::json_type, resources,
     ReadKind::rows, read_catalogue},
    {"GET", "/v1/events", readers, user | provider, no_parameters, event_stream_type, no_view,
     ReadKind::stream, nullptr},
    {"GET", "/v1/invoices/{id}/page", readers, user, no_parameters, page_type, resources,
     ReadKind::rows, read_invoice_page},
    {"GET", "/v1/deployments/{id}/access", readers, user, no_parameters, http::json_type, resources,
     ReadKind::rows, read_access},
    {"POST", "/v1/payments/{id}/pay-link", Roles::cloud_operator | Roles::service, user,
     no_parameters, http::json_type, resources, ReadKind::rows, make_pay_link},
    {"GET", "/v1/pay/{payment}", Roles::none, Roles::none, link_parameters, http::json_type,
     resources, ReadKind::rows, read_payment_to_make, true},
    {"POST", "/v1/pay/{payment}/confirm", Roles::none, Roles::none, link_parameters,
     http::json_type, no_view, ReadKind::command, nullptr, true},
});

// Whether the path is of this form. What stands for {...} is one segment, and not empty.
bool is_of(std::string_view form, std::string_view path, std::string_view& id) {
    const auto open = form.find('{');
    if (open == std::string_view::npos) return path == form;
    const std::string_view before = form.substr(0, open);
    const std::string_view after = form.substr(form.find('}') + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after))
        return false;
    id = path.substr(before.size(), path.size() - before.size() - after.size());
    return id.find('/') == std::string_view::npos;
}

} // namespace

std::span<const ReadRoute> read_routes() { return routes; }

const ReadRoute* read_route(std::string_view method, std::string_view path, std::string_view& id) {
    for (const ReadRoute& route : routes)
        if (route.method == method && is_of(route.path, path, id)) return &route;
    return nullptr;
}

ReadAnswer wrong_parameter(std::string_view name, std::string detail) {
    return {http::Status::bad_request, {}, "query_invalid", std::move(detail), std::string{name}};
}

ReadAnswer not_found() { return {http::Status::not_found, {}, "not_found"}; }

} // namespace gateways::market
