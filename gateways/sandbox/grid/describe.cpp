// What a caller sees of the world. Every field is always there; what is not known is null.

#include "gateways/sandbox/grid/world.hpp"

#include <boost/json.hpp>

#include <array>
#include <cstdio>

namespace gateways::sandbox::grid {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> states{"deploying", "ready",      "failed",
                                                 "paused",    "incomplete", "unknown"};

// The chain's names of the tiers of discount.
constexpr std::array<std::string_view, 5> levels{"None", "Default", "Bronze", "Silver", "Gold"};

// FNV-1a: the same name has the same addresses, whoever makes the machine and whenever.
std::uint32_t hash_of(std::string_view text) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    return hash;
}

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), format, numbers...);
    return {text.data(), static_cast<std::size_t>(size)};
}

// The node's word for each workload.
std::string_view word_of(WorkState state) {
    switch (state) {
    case WorkState::ready: return "ok";
    case WorkState::failed: return "error";
    case WorkState::paused: return "paused";
    default: return "init";
    }
}

json::value node_error(WorkState state) {
    if (state != WorkState::unknown) return nullptr;
    return render(Refusal{"node_unreachable", "Didn't get a response after 20 seconds"});
}

json::object workload(std::string name, std::string_view type, WorkState state,
                      const std::string& message) {
    return {
        {"name", std::move(name)}, {"type", type}, {"state", word_of(state)}, {"message", message}};
}

json::object access_of(const Machine& machine) {
    const std::uint32_t hash = hash_of(machine.order.name);
    json::object access{{"private_ip", "10.20.2.2"}, {"planetary_ip", nullptr},
                        {"mycelium_ip", nullptr},    {"public_ip", nullptr},
                        {"public_ip6", nullptr},     {"console_url", "10.20.2.0:20002"}};
    if (machine.state == WorkState::unknown || machine.state == WorkState::incomplete)
        return {{"private_ip", nullptr}, {"planetary_ip", nullptr}, {"mycelium_ip", nullptr},
                {"public_ip", nullptr},  {"public_ip6", nullptr},   {"console_url", nullptr}};
    // A machine that is replaced keeps all but this one.
    if (machine.order.planetary)
        access["planetary_ip"] = formatted("301:%x:%x::%x", hash >> 16, hash & 0xffff,
                                           static_cast<unsigned>(machine.version + 1));
    if (machine.order.mycelium)
        access["mycelium_ip"] = formatted("5c9:fb1:%x:%x::1", hash >> 16, hash & 0xffff);
    if (machine.order.resources.public_ips > 0)
        access["public_ip"] =
            formatted("185.%u.%u.%u", hash >> 16 & 0xff, hash >> 8 & 0xff, hash & 0xff);
    return access;
}

} // namespace

std::string_view name_of(ContractKind kind) {
    switch (kind) {
    case ContractKind::vm: return "vm";
    case ContractKind::network: return "network";
    case ContractKind::gateway: return "gateway";
    case ContractKind::name: break;
    }
    return "name";
}

std::optional<WorkState> work_state(std::string_view name) {
    for (std::size_t i = 0; i < states.size(); ++i)
        if (states[i] == name) return static_cast<WorkState>(i);
    return std::nullopt;
}

std::optional<domain::DiscountTier> tier_of_level(std::string_view level) {
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (levels[i] == level) return static_cast<domain::DiscountTier>(i);
    return std::nullopt;
}

json::object World::brief(const Contract& contract) const {
    return {{"id", contract.id},
            {"kind", name_of(contract.kind)},
            {"node", contract.node ? json::value(*contract.node) : json::value{}},
            {"state", contract.in_grace() ? "grace" : "created"},
            {"created", unix_seconds(contract.created)}};
}

json::array World::briefs(std::int64_t one, std::int64_t other) const {
    json::array all;
    for (const std::int64_t id : {std::min(one, other), std::max(one, other)})
        if (const Contract* is = contract(id)) all.push_back(brief(*is));
    return all;
}

json::object World::describe(const Machine& machine) const {
    WorkState state = machine.state;
    const Contract* is = contract(machine.contract);
    if (state == WorkState::ready && is != nullptr && is->in_grace()) state = WorkState::paused;
    const bool known = state != WorkState::unknown && state != WorkState::incomplete;
    json::array workloads;
    if (known) {
        if (machine.order.resources.public_ips > 0)
            workloads.push_back(workload("vm1_pubip", "ip", state, ""));
        const std::string name =
            machine.version == 0 ? "vm1" : "vm" + std::to_string(machine.version + 1);
        workloads.push_back(workload(name, "zmachine", state, machine.message));
    }
    return {{"name", machine.order.name},
            {"node", machine.node},
            {"contract", machine.contract},
            {"contracts", briefs(machine.network, machine.contract)},
            {"state", states[static_cast<std::size_t>(state)]},
            {"version", known ? json::value(machine.version) : json::value{}},
            {"resources", known ? json::value(render(machine.order.resources)) : json::value{}},
            {"workloads", std::move(workloads)},
            {"access", access_of(machine)},
            {"node_error", node_error(state)}};
}

json::object World::describe(const Gateway& gateway) const {
    WorkState state = gateway.state;
    const Contract* is = contract(gateway.name_contract);
    if (state == WorkState::ready && is != nullptr && is->in_grace()) state = WorkState::paused;
    const bool known = state != WorkState::unknown && state != WorkState::incomplete;
    json::array workloads, backends;
    if (known) {
        workloads.push_back(
            workload(gateway.order.name, "gateway-name-proxy", state, gateway.message));
        for (const std::string& one : gateway.order.backends)
            backends.emplace_back(one);
    }
    const bool up = state == WorkState::ready || state == WorkState::paused;
    return {{"name", gateway.order.name},
            {"node", gateway.node},
            {"contract", gateway.name_contract},
            {"contracts", briefs(gateway.contract, gateway.name_contract)},
            {"state", states[static_cast<std::size_t>(state)]},
            {"version", known ? json::value(gateway.version) : json::value{}},
            {"fqdn",
             up ? json::value(gateway.order.name + "." + terms_.gateway_domain) : json::value{}},
            {"backends", std::move(backends)},
            {"tls_passthrough", known ? json::value(gateway.order.tls_passthrough) : json::value{}},
            {"workloads", std::move(workloads)},
            {"node_error", node_error(state)}};
}

void World::show(grid_proxy::Catalogue& catalogue, std::int64_t twin) const {
    grid_proxy::ToldByChain& told = catalogue.told_by_chain;
    const bool changed = told.changes < changes_.size();
    for (; told.changes < changes_.size(); ++told.changes) {
        const std::int64_t id = changes_[told.changes];
        const Contract* live = contract(id);
        const Contract& is = live != nullptr ? *live : cancelled_.at(id);
        grid_proxy::Contract shown;
        shown.id = static_cast<std::uint64_t>(id);
        shown.twin = static_cast<std::uint32_t>(twin);
        shown.node = static_cast<std::uint32_t>(is.node.value_or(0));
        shown.state = live == nullptr ? "Deleted" : is.in_grace() ? "GracePeriod" : "Created";
        shown.created = unix_seconds(is.created);
        shown.public_ips = is.resources.public_ips;
        if (is.kind == ContractKind::name) {
            shown.type = grid_proxy::ContractType::name;
            shown.name = is.name;
        } else {
            shown.deployment_data =
                json::serialize(json::object{{"type", name_of(is.kind)}, {"name", is.name}});
        }
        catalogue.contracts.insert_or_assign(shown.id, std::move(shown));
    }
    if (changed) catalogue.count_occupations();
    for (; told.bills < bills_.size(); ++told.bills) {
        const Bill& bill = bills_[told.bills];
        catalogue.bills[static_cast<std::uint64_t>(bill.contract)].push_back(
            {static_cast<std::uint64_t>(bill.amount),
             std::string{levels[static_cast<std::size_t>(bill.tier)]}, unix_seconds(bill.at)});
    }
}

} // namespace gateways::sandbox::grid
