// The grid as the sidecar sees it: contracts on a chain, what nodes run under them, and the wallet
// that pays every hour. Any node that is named exists, but one. Not thread-safe; time is told.

#pragma once

#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/grid/requests.hpp"

#include <boost/json/object.hpp>

namespace gateways::sandbox::grid {

// In units of 1e-7 TFT an hour. The numbers are the sandbox's own.
struct Prices {
    std::int64_t core = 20'000, memory_gib = 10'000, disk_gib = 200, public_ip = 100'000,
                 gpu = 1'000'000, name = 5'000;
};

struct WorldTerms {
    std::int64_t first_contract = 9001;
    std::int64_t missing_node = 999'999; // There is no such node.
    std::int64_t gateway_node = 51;      // Where names go that ask for no node.
    std::string gateway_domain = "gw.example";
    std::int64_t wallet = 10'000'000'000'000; // 1e-7 TFT.
    Prices prices;
};

enum class ContractKind { vm, network, gateway, name };

struct Contract {
    std::int64_t id = 0;
    ContractKind kind = ContractKind::vm;
    std::string name;
    std::optional<std::int64_t> node; // Not of a name contract.
    Time created;
    Time billed_until;
    std::int64_t per_hour = 0;
    std::int64_t owed = 0; // While the wallet is empty: it is in its grace period then.

    bool in_grace() const { return owed > 0; }
};

// What a contract cost over a while, or what was left of an hour when it was cancelled.
struct Bill {
    std::int64_t contract = 0;
    Time at;
    std::int64_t amount = 0; // 1e-7 TFT.
};

enum class WorkState { deploying, ready, failed, paused, incomplete, unknown };
std::optional<WorkState> work_state(std::string_view name);
std::string_view name_of(ContractKind kind);

struct Machine {
    std::int64_t contract = 0, network = 0, node = 0, version = 0;
    DeploymentOrder order;
    WorkState state = WorkState::deploying;
    std::string message; // The node's, of a failure.
};

struct Gateway {
    std::int64_t contract = 0, name_contract = 0, node = 0, version = 0;
    NameOrder order;
    WorkState state = WorkState::deploying;
    std::string message;
};

class World {
public:
    explicit World(WorldTerms terms) : terms_{std::move(terms)}, wallet_{terms_.wallet} {}

    // Pays what is due until then.
    void move_to(Time now);

    Machine* machine(std::string_view name);
    Gateway* gateway(std::string_view name);
    const Contract* contract(std::int64_t id) const;
    const std::map<std::int64_t, Contract>& contracts() const { return contracts_; }
    const std::map<std::string, Machine, std::less<>>& machines() const { return machines_; }
    const std::vector<Bill>& bills() const { return bills_; }

    // These throw Refusal.
    void check_node(std::int64_t node) const;
    void check_wallet() const;
    Machine& make_machine(const DeploymentOrder& order);
    Gateway& make_gateway(const NameOrder& order);
    // The machine is replaced by another one in the same contract.
    void replace(Machine& machine, const ChangeOrder& change);
    void replace(Gateway& gateway, const NameOrder& change);

    // With those that are of no use without it, by id. None when there is no such contract.
    std::vector<std::int64_t> family(std::int64_t id) const;
    std::vector<std::int64_t> cancel(std::int64_t id);

    std::int64_t wallet() const { return wallet_; }
    void set_wallet(std::int64_t amount);

    boost::json::object describe(const Machine& machine) const;
    boost::json::object describe(const Gateway& gateway) const;
    // Without the other fields of a list: id, kind, node, state, created.
    boost::json::object brief(const Contract& contract) const;

private:
    Contract& add(ContractKind kind, std::string name, std::optional<std::int64_t> node,
                  std::int64_t per_hour);
    void bill(Contract& contract, Time until);
    void pay(Contract& contract);
    std::int64_t price_of(const Sizes& is) const;
    boost::json::array briefs(std::int64_t one, std::int64_t other) const;

    const WorldTerms terms_;
    Time now_;
    std::int64_t wallet_;
    std::int64_t contracts_made_ = 0;
    std::map<std::int64_t, Contract> contracts_; // The live ones.
    std::map<std::string, Machine, std::less<>> machines_;
    std::map<std::string, Gateway, std::less<>> gateways_;
    std::vector<Bill> bills_;
};

} // namespace gateways::sandbox::grid
