#include "gateways/sandbox/grid/world.hpp"

#include <algorithm>

namespace gateways::sandbox::grid {

namespace {

constexpr std::chrono::hours billing_period{1};
constexpr std::int64_t seconds_of_hour = 3600;

// As much of the chain's resources as its bills know; cards are not among them.
domain::Resources billed(const Sizes& is) {
    return {static_cast<std::uint32_t>(is.cru),
            static_cast<std::uint64_t>(is.mru),
            static_cast<std::uint64_t>(is.sru),
            static_cast<std::uint64_t>(is.hru),
            0,
            static_cast<std::uint32_t>(is.public_ips)};
}

} // namespace

// One hour after the other, because each bill leaves less in the wallet for the next one's tier.
void World::move_to(Time now) {
    now = std::chrono::floor<std::chrono::seconds>(now);
    if (now <= now_) return;
    now_ = now;
    for (Contract* next = longest_unbilled();
         next != nullptr && next->billed_until + billing_period <= now_; next = longest_unbilled())
        bill(*next, next->billed_until + billing_period);
}

Contract* World::longest_unbilled() {
    Contract* longest = nullptr;
    for (auto& [id, contract] : contracts_)
        if (longest == nullptr || contract.billed_until < longest->billed_until)
            longest = &contract;
    return longest;
}

std::int64_t World::usd_units(const Contract& contract, std::int64_t seconds) const {
    if (contract.kind == ContractKind::vm)
        return domain::workload_usd_units(prices_.policy, contract.resources, seconds);
    if (contract.kind == ContractKind::name) return domain::name_usd_units(prices_.policy, seconds);
    return 0;
}

// What the wallet holds just now decides, for each contract by itself.
domain::DiscountTier World::tier(const Contract& contract) const {
    if (tier_) return *tier_;
    return domain::tier_of({wallet_, domain::Currency::tft},
                           domain::tft_cost(usd_units(contract, seconds_of_hour),
                                            domain::DiscountTier::none, prices_.tft));
}

void World::bill(Contract& contract, Time until) {
    const std::int64_t seconds =
        std::chrono::duration_cast<std::chrono::seconds>(until - contract.billed_until).count();
    contract.billed_until = until;
    const std::int64_t cost = usd_units(contract, seconds);
    if (cost == 0 && contract.owed == 0) return;
    const domain::DiscountTier reached = tier(contract);
    const bool before = contract.in_grace();
    contract.owed += domain::tft_cost(cost, reached, prices_.tft).minor;
    pay(contract, until, reached);
    if (contract.in_grace() != before) changes_.push_back(contract.id);
}

// Whole, or not at all: what is owed is in the bill after.
void World::pay(Contract& contract, Time at, domain::DiscountTier tier) {
    if (contract.owed == 0 || wallet_ < contract.owed) return;
    wallet_ -= contract.owed;
    bills_.push_back({contract.id, at, contract.owed, tier});
    contract.owed = 0;
}

void World::set_wallet(std::int64_t amount) {
    wallet_ = amount;
    for (auto& [id, contract] : contracts_) {
        if (!contract.in_grace()) continue;
        pay(contract, now_, tier(contract));
        if (!contract.in_grace()) changes_.push_back(id);
    }
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

Contract& World::add(ContractKind kind, std::string name, std::optional<std::int64_t> node) {
    const std::int64_t id = terms_.first_contract + contracts_made_++;
    changes_.push_back(id);
    return contracts_[id] = Contract{id, kind, std::move(name), node, now_, now_, {}, 0};
}

Machine& World::make_machine(const DeploymentOrder& order) {
    check_node(order.node);
    check_wallet();
    Machine& machine = machines_[order.name];
    machine = {};
    machine.order = order;
    machine.node = order.node;
    machine.network = add(ContractKind::network, order.name, order.node).id;
    Contract& contract = add(ContractKind::vm, order.name, order.node);
    contract.resources = billed(order.resources);
    machine.contract = contract.id;
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
    gateway.contract = add(ContractKind::gateway, order.name, node).id;
    gateway.name_contract = add(ContractKind::name, order.name, {}).id;
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
        contract.resources = billed(next);
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
        cancelled_.insert(contracts_.extract(one));
        changes_.push_back(one);
    }
    return all;
}

} // namespace gateways::sandbox::grid
