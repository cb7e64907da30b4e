#include "gateways/sandbox/grid/world.hpp"

#include <algorithm>

namespace gateways::sandbox::grid {

namespace {

constexpr std::chrono::hours billing_period{1};
constexpr std::int64_t milliseconds_of_hour = 3'600'000;

} // namespace

void World::move_to(Time now) {
    if (now <= now_) return;
    now_ = now;
    for (auto& [id, contract] : contracts_)
        while (contract.billed_until + billing_period <= now_)
            bill(contract, contract.billed_until + billing_period);
}

void World::bill(Contract& contract, Time until) {
    const std::int64_t milliseconds = (until - contract.billed_until).count();
    const std::int64_t amount = contract.per_hour * milliseconds / milliseconds_of_hour;
    contract.billed_until = until;
    if (amount == 0) return;
    bills_.push_back({contract.id, until, amount});
    contract.owed += amount;
    pay(contract);
}

void World::pay(Contract& contract) {
    if (wallet_ < contract.owed) return;
    wallet_ -= contract.owed;
    contract.owed = 0;
}

void World::set_wallet(std::int64_t amount) {
    wallet_ = amount;
    for (auto& [id, contract] : contracts_)
        pay(contract);
}

Machine* World::machine(std::string_view name) {
    const auto found = machines_.find(name);
    return found == machines_.end() ? nullptr : &found->second;
}

Gateway* World::gateway(std::string_view name) {
    const auto found = gateways_.find(name);
    return found == gateways_.end() ? nullptr : &found->second;
}

const Contract* World::contract(std::int64_t id) const {
    const auto found = contracts_.find(id);
    return found == contracts_.end() ? nullptr : &found->second;
}

void World::check_node(std::int64_t node) const {
    if (node == terms_.missing_node)
        throw Refusal{"node_unavailable", "couldn't find a node with id " + std::to_string(node)};
}

void World::check_wallet() const {
    if (wallet_ <= 0) throw Refusal{"insufficient_balance", "the wallet is empty"};
}

Contract& World::add(ContractKind kind, std::string name, std::optional<std::int64_t> node,
                     std::int64_t per_hour) {
    const std::int64_t id = terms_.first_contract + contracts_made_++;
    return contracts_[id] = Contract{id, kind, std::move(name), node, now_, now_, per_hour, 0};
}

std::int64_t World::price_of(const Sizes& is) const {
    const Prices& price = terms_.prices;
    return is.cru * price.core + is.mru * price.memory_gib + is.sru * price.disk_gib +
           is.gpus * price.gpu + is.public_ips * price.public_ip;
}

Machine& World::make_machine(const DeploymentOrder& order) {
    check_node(order.node);
    check_wallet();
    Machine& machine = machines_[order.name];
    machine = {};
    machine.order = order;
    machine.node = order.node;
    machine.network = add(ContractKind::network, order.name, order.node, 0).id;
    machine.contract = add(ContractKind::vm, order.name, order.node, price_of(order.resources)).id;
    return machine;
}

Gateway& World::make_gateway(const NameOrder& order) {
    const std::int64_t node = order.node == 0 ? terms_.gateway_node : order.node;
    check_node(node);
    check_wallet();
    Gateway& gateway = gateways_[order.name];
    gateway = {};
    gateway.order = order;
    gateway.node = node;
    gateway.contract = add(ContractKind::gateway, order.name, node, 0).id;
    gateway.name_contract = add(ContractKind::name, order.name, {}, terms_.prices.name).id;
    return gateway;
}

namespace {

void check_version(std::int64_t is, const std::optional<std::int64_t>& wanted,
                   std::int64_t contract) {
    if (wanted && *wanted != is)
        throw Refusal{"conflict", "contract " + std::to_string(contract) + " is at version " +
                                      std::to_string(is) + ", not " + std::to_string(*wanted)};
}

} // namespace

void World::replace(Machine& machine, const ChangeOrder& change) {
    Contract& contract = contracts_.at(machine.contract);
    if (contract.in_grace()) throw Refusal{"contract_in_grace", "CannotUpdateContractInGraceState"};
    check_version(machine.version, change.version, machine.contract);
    if (machine.order.layout != Layout::boot && !change.allow_root_reset)
        throw Refusal{"would_erase_root",
                      "the root file system would be lost; say allow_root_reset if it may be"};
    if (change.resources) {
        const Sizes &is = machine.order.resources, &next = *change.resources;
        if (next.gpus != is.gpus || next.public_ips != is.public_ips)
            throw Refusal{"validation",
                          "resources.gpus and resources.public_ips cannot be changed"};
        if (machine.order.layout != Layout::root && next.sru < is.sru)
            throw Refusal{"validation", "resources.sru must not make a disk smaller"};
        machine.order.resources = next;
        bill(contract, now_);
        contract.per_hour = price_of(next);
    }
    ++machine.version;
}

void World::replace(Gateway& gateway, const NameOrder& change) {
    if (contracts_.at(gateway.name_contract).in_grace())
        throw Refusal{"contract_in_grace", "CannotUpdateContractInGraceState"};
    check_version(gateway.version, change.version, gateway.contract);
    gateway.order.backends = change.backends;
    ++gateway.version;
}

std::vector<std::int64_t> World::family(std::int64_t id) const {
    const Contract* one = contract(id);
    if (one == nullptr) return {};
    const bool of_machine = one->kind == ContractKind::vm || one->kind == ContractKind::network;
    std::vector<std::int64_t> all;
    for (const auto& [other, is] : contracts_)
        if (is.name == one->name &&
            of_machine == (is.kind == ContractKind::vm || is.kind == ContractKind::network))
            all.push_back(other);
    return all;
}

std::vector<std::int64_t> World::cancel(std::int64_t id) {
    const auto all = family(id);
    for (const std::int64_t one : all) {
        Contract& contract = contracts_.at(one);
        bill(contract, now_);
        std::erase_if(machines_, [&](const auto& each) { return each.second.contract == one; });
        std::erase_if(gateways_, [&](const auto& each) { return each.second.contract == one; });
        contracts_.erase(one);
    }
    return all;
}

} // namespace gateways::sandbox::grid
