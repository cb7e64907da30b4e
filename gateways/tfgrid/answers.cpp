#include "gateways/tfgrid/answers.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, Sort>, 30> sorts{{
    {"in_progress", Sort::again},
    {"busy", Sort::again},
    {"timeout", Sort::again},
    {"not_connected", Sort::again},
    {"chain_unreachable", Sort::again},
    {"grid_unavailable", Sort::again},
    {"outcome_unknown", Sort::again},
    {"internal", Sort::again}, // Nobody foresaw it, so it says nothing of what has happened.
    {"insufficient_balance", Sort::wallet},
    {"contract_in_grace", Sort::wallet},
    {"node_unreachable", Sort::unreachable},
    {"node_excluded", Sort::unfit},
    {"node_unavailable", Sort::failed},
    {"node_refused", Sort::failed},
    {"no_capacity", Sort::failed},
    {"no_public_ip", Sort::failed},
    {"no_gpu", Sort::failed},
    {"workload_failed", Sort::failed},
    {"deploy_timeout", Sort::failed},
    {"incomplete", Sort::failed},
    {"chain_refused", Sort::failed},
    {"validation", Sort::refused},
    {"conflict", Sort::refused},
    {"name_taken", Sort::refused},
    {"not_found", Sort::refused},
    {"would_erase_root", Sort::refused},
    {"not_ours", Sort::broken},
    {"unauthorized", Sort::broken},
    {"account_unknown", Sort::broken},
    {"body_too_large", Sort::broken},
}};

const json::value& field(const json::object& all, std::string_view name) {
    const json::value* value = all.if_contains(name);
    if (value == nullptr) throw Unreadable{std::string{name} + " is missing"};
    return *value;
}

} // namespace

Sort sort_of(const GridError& error) {
    // One code for two: a node that does not know our twin, or our account itself. The former says
    // "user with twin id 42 is not verified"; only a person can mend the latter.
    if (error.code == "kyc_unverified")
        return error.message.find("twin id") != error.message.npos ? Sort::unfit : Sort::broken;
    const auto found =
        std::ranges::find(sorts, error.code, &std::pair<std::string_view, Sort>::first);
    if (found != sorts.end()) return found->second;
    return error.retryable ? Sort::again : Sort::broken;
}

GridError error_in(const json::object& body) {
    const json::value& retryable = field(body, "retryable");
    return {text_in(body, "code").value_or(""), text_in(body, "message").value_or(""),
            retryable.is_bool() && retryable.get_bool()};
}

std::optional<std::int64_t> number_in(const json::object& all, std::string_view name) {
    const json::value& value = field(all, name);
    if (value.is_null()) return std::nullopt;
    if (!value.is_int64()) throw Unreadable{std::string{name} + " is no whole number"};
    return value.get_int64();
}

std::optional<std::string> text_in(const json::object& all, std::string_view name) {
    const json::value& value = field(all, name);
    if (value.is_null()) return std::nullopt;
    if (!value.is_string()) throw Unreadable{std::string{name} + " is no text"};
    return std::string{value.get_string()};
}

const json::object& object_in(const json::object& all, std::string_view name) {
    const json::value& value = field(all, name);
    if (!value.is_object()) throw Unreadable{std::string{name} + " is no object"};
    return value.get_object();
}

const json::array& list_in(const json::object& all, std::string_view name) {
    const json::value& value = field(all, name);
    if (!value.is_array()) throw Unreadable{std::string{name} + " is no list"};
    return value.get_array();
}

std::string state_in(const json::object& all) { return text_in(all, "state").value_or(""); }

std::vector<std::string> texts_in(const json::object& all, std::string_view name) {
    std::vector<std::string> texts;
    for (const json::value& one : list_in(all, name)) {
        if (!one.is_string()) throw Unreadable{std::string{name} + " holds no texts"};
        texts.emplace_back(one.get_string());
    }
    return texts;
}

std::optional<std::int64_t> main_contract(const json::object& all, std::string_view kind) {
    std::optional<std::int64_t> first;
    for (const json::value& one : list_in(all, "contracts")) {
        if (!one.is_object()) throw Unreadable{"a contract is no object"};
        const auto id = number_in(one.get_object(), "id");
        if (text_in(one.get_object(), "kind") == kind) return id;
        if (!first) first = id;
    }
    return first;
}

domain::WorkloadAccess access_in(const json::object& deployment) {
    const json::object& given = object_in(deployment, "access");
    domain::WorkloadAccess access;
    for (const std::string_view kind : {"public_ip", "public_ip6", "mycelium_ip", "planetary_ip"})
        if (auto address = text_in(given, kind)) access.addresses.push_back(std::move(*address));
    access.console = text_in(given, "console_url");
    return access;
}

} // namespace gateways::tfgrid
