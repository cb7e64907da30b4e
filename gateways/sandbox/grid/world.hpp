// The grid as the sidecar sees it: contracts on a chain, what nodes run under them, and the wallet
// that pays every hour. Any node that is named exists, but one. Not thread-safe; time is told.

#pragma once

#include "domain/pricing.hpp"
#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/grid/requests.hpp"
#include "gateways/sandbox/grid_proxy/catalogue.hpp"

#include <boost/json/object.hpp>

namespace gateways::sandbox::grid {

// What the chain bills with: at first as a chain begins that nobody has changed.
struct Prices {
    domain::PricingPolicy policy{"1", 100'000, 50'000, 40'000, 2'500};
    std::int64_t tft = 10; // USD/1000
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
    Time created;                     // Whole seconds, as all of the chain's times.
    Time billed_until;
    domain::Resources resources; // Of a machine.
    std::int64_t owed = 0;       // While the wallet is empty: it is in its grace period then.

    bool in_grace() const { return owed > 0; }
};

// What was paid for a contract: an hour, what was left of one when it was cancelled, or all that
// was owed while the wallet was empty.
struct Bill {
    std::int64_t contract = 0;
    Time at;
    std::int64_t amount = 0; // 1e-7 TFT.
    domain::DiscountTier tier = domain::DiscountTier::none;
};

enum class WorkState { deploying, ready, failed, paused, incomplete, unknown };
std::optional<WorkState> work_state(std::string_view name);
std::optional<domain::DiscountTier> tier_of_level(std::string_view level); // The chain's names.
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
    void set_prices(Prices prices) { prices_ = std::move(prices); }
    // Of every contract, whatever the wallet holds; nothing: what it reaches for each.
    void set_tier(std::optional<domain::DiscountTier> tier) { tier_ = tier; }

    // Adds what a Grid Proxy's catalogue does not show yet of the contracts and their bills.
    void show(grid_proxy::Catalogue& catalogue, std::int64_t twin) const;

    boost::json::object describe(const Machine& machine) const;
    boost::json::object describe(const Gateway& gateway) const;
    // Without the other fields of a list: id, kind, node, state, created.
    boost::json::object brief(const Contract& contract) const;

private:
    Contract& add(ContractKind kind, std::string name, std::optional<std::int64_t> node);
    Contract* longest_unbilled();
    std::int64_t usd_units(const Contract& contract, std::int64_t seconds) const;
    void bill(Contract& contract, Time until);
    void pay(Contract& contract, Time at, domain::DiscountTier tier);
    domain::DiscountTier tier(const Contract& contract) const;
    boost::json::array briefs(std::int64_t one, std::int64_t other) const;

    const WorldTerms terms_;
    Prices prices_ = terms_.prices;
    Time now_; // Whole seconds.
    std::int64_t wallet_;
    std::optional<domain::DiscountTier> tier_;
    std::int64_t contracts_made_ = 0;
    std::map<std::int64_t, Contract> contracts_; // The live ones.
    std::map<std::int64_t, Contract> cancelled_;
    std::vector<std::int64_t> changes_; // Contracts that were made, cancelled, or changed state.
    std::map<std::string, Machine, std::less<>> machines_;
    std::map<std::string, Gateway, std::less<>> gateways_;
    std::vector<Bill> bills_;
};

} // namespace gateways::sandbox::grid
