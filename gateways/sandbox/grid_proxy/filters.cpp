#include "gateways/sandbox/grid_proxy/query.hpp"
#include "gateways/sandbox/grid_proxy/records.hpp"

#include <algorithm>
#include <cctype>

namespace gateways::sandbox::grid_proxy {

namespace {

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

bool contains(std::string_view text, std::string_view part) {
    return lower(text).find(lower(part)) != std::string::npos;
}

bool same(std::string_view one, std::string_view other) { return lower(one) == lower(other); }

template <class List, class Value>
bool holds(const List& list, const Value& value) {
    return std::ranges::find(list, value) != list.end();
}

bool at_least(std::int64_t have, std::uint64_t wanted) {
    return have >= 0 && static_cast<std::uint64_t>(have) >= wanted;
}

// Collects what has to hold, and only where a parameter was given.
template <class T>
class All {
public:
    template <class Value, class Test>
    void when(const std::optional<Value>& wanted, Test test) {
        if (wanted)
            tests_.push_back([value = *wanted, test](const T& one) { return test(one, value); });
    }
    template <class Value, class Test>
    void when(const std::vector<Value>& wanted, Test test) {
        if (!wanted.empty())
            tests_.push_back([wanted, test](const T& one) { return test(one, wanted); });
    }
    Filter<T> done() const {
        return [tests = tests_](const T& one) {
            return std::ranges::all_of(tests, [&](const auto& test) { return test(one); });
        };
    }

private:
    std::vector<Filter<T>> tests_;
};

void check_statuses(const std::vector<std::string>& statuses) {
    for (const std::string& status : statuses)
        if (status != "up" && status != "down" && status != "standby")
            throw BadQuery{"invalid node status " + status};
}

bool is_available_for(const Catalogue& grid, const Node& node, std::uint64_t twin) {
    const std::uint32_t renter = grid.occupation_of(node).renter;
    return renter == twin || (renter == 0 && !grid.farm_of(node).dedicated && node.extra_fee == 0);
}

void read_capacities(Query& query, All<Node>& all) {
    all.when(query.number("free_mru"),
             [](const Node& n, auto v) { return at_least(n.free_mru(), v); });
    all.when(query.number("free_hru"),
             [](const Node& n, auto v) { return at_least(n.free_hru(), v); });
    // Disks are promised more than once, so that nothing may be free and yet be refused to all.
    all.when(query.number("free_sru"),
             [](const Node& n, auto v) { return at_least(n.free_sru(), v); });
    all.when(query.number("total_cru"), [](const Node& n, auto v) { return n.total.cru >= v; });
    all.when(query.number("total_mru"),
             [](const Node& n, auto v) { return at_least(n.total.mru, v); });
    all.when(query.number("total_sru"),
             [](const Node& n, auto v) { return at_least(n.total.sru, v); });
    all.when(query.number("total_hru"),
             [](const Node& n, auto v) { return at_least(n.total.hru, v); });
}

void read_places(Query& query, const Catalogue& grid, All<Node>& all) {
    all.when(query.text("country"),
             [](const Node& n, const auto& v) { return same(n.country, v); });
    all.when(query.text("country_contains"),
             [](const Node& n, const auto& v) { return contains(n.country, v); });
    all.when(query.text("city"), [](const Node& n, const auto& v) { return same(n.city, v); });
    all.when(query.text("city_contains"),
             [](const Node& n, const auto& v) { return contains(n.city, v); });
    all.when(query.text("region"),
             [](const Node& n, const auto& v) { return contains(n.region, v); });
    all.when(query.text("farm_name"),
             [&grid](const Node& n, const auto& v) { return same(grid.farm_of(n).name, v); });
    all.when(query.text("farm_name_contains"),
             [&grid](const Node& n, const auto& v) { return contains(grid.farm_of(n).name, v); });
    all.when(query.numbers("farm_ids"),
             [](const Node& n, const auto& v) { return holds(v, std::uint64_t{n.farm}); });
}

void read_gpus(Query& query, All<Node>& all) {
    const auto any = [](const Node& node, auto test) {
        return std::ranges::any_of(node.gpus, test);
    };
    all.when(query.flag("has_gpu"), [](const Node& n, bool v) { return n.gpus.empty() != v; });
    all.when(query.number("num_gpu"), [](const Node& n, auto v) { return n.gpus.size() >= v; });
    for (const char* name : {"gpu_device_id", "gpu_vendor_id"})
        all.when(query.text(name), [any](const Node& n, const auto& v) {
            return any(n, [&](const Gpu& gpu) { return contains(gpu.id, v); });
        });
    all.when(query.text("gpu_device_name"), [any](const Node& n, const auto& v) {
        return any(n, [&](const Gpu& gpu) { return contains(gpu.device, v); });
    });
    all.when(query.text("gpu_vendor_name"), [any](const Node& n, const auto& v) {
        return any(n, [&](const Gpu& gpu) { return contains(gpu.vendor, v); });
    });
    all.when(query.flag("gpu_available"), [any](const Node& n, bool v) {
        return any(n, [&](const Gpu& gpu) { return (gpu.contract == 0) == v; });
    });
}

void read_renting(Query& query, const Catalogue& grid, All<Node>& all) {
    all.when(query.flag("dedicated"), [&grid](const Node& n, bool v) {
        const Occupation occupation = grid.occupation_of(n);
        return (grid.farm_of(n).dedicated || occupation.contracts == 0 || occupation.renter != 0) ==
               v;
    });
    all.when(query.flag("in_dedicated_farm"),
             [&grid](const Node& n, bool v) { return grid.farm_of(n).dedicated == v; });
    all.when(query.flag("rentable"),
             [&grid](const Node& n, bool v) { return grid.is_rentable(n) == v; });
    all.when(query.flag("rented"),
             [&grid](const Node& n, bool v) { return (grid.occupation_of(n).renter != 0) == v; });
    all.when(query.number("rented_by"),
             [&grid](const Node& n, auto v) { return grid.occupation_of(n).renter == v; });
    all.when(query.number("rentable_or_rented_by"), [&grid](const Node& n, auto v) {
        return grid.is_rentable(n) || grid.occupation_of(n).renter == v;
    });
    all.when(query.number("available_for"),
             [&grid](const Node& n, auto v) { return is_available_for(grid, n, v); });
    all.when(query.number("owned_by"),
             [&grid](const Node& n, auto v) { return grid.farm_of(n).twin == v; });
}

} // namespace

Filter<Node> read_node_filter(Query& query, const Catalogue& grid, Seconds now, double balance) {
    All<Node> all;
    const auto statuses = query.texts("status");
    check_statuses(statuses);
    all.when(statuses, [now](const Node& n, const auto& v) { return holds(v, n.status(now)); });
    all.when(query.flag("healthy"), [](const Node& n, bool v) { return n.healthy == v; });
    read_capacities(query, all);
    read_places(query, grid, all);
    read_gpus(query, all);
    read_renting(query, grid, all);
    all.when(query.number("free_ips"),
             [&grid](const Node& n, auto v) { return grid.farm_of(n).free_ips() >= v; });
    all.when(query.flag("ipv4"),
             [](const Node& n, bool v) { return n.public_config.ipv4.empty() != v; });
    all.when(query.flag("ipv6"),
             [](const Node& n, bool v) { return n.public_config.ipv6.empty() != v; });
    all.when(query.flag("domain"),
             [](const Node& n, bool v) { return n.public_config.domain.empty() != v; });
    all.when(query.flag("has_ipv6"), [](const Node& n, bool v) { return n.has_ipv6 == v; });
    all.when(query.number("node_id"), [](const Node& n, auto v) { return n.id == v; });
    all.when(query.number("twin_id"), [](const Node& n, auto v) { return n.twin == v; });
    all.when(query.numbers("node_ids"),
             [](const Node& n, const auto& v) { return holds(v, std::uint64_t{n.id}); });
    all.when(query.numbers("excluded"),
             [](const Node& n, const auto& v) { return !holds(v, std::uint64_t{n.id}); });
    all.when(query.text("certification_type"), [](const Node& n, const auto& v) {
        return same(n.certified ? "Certified" : "Diy", v);
    });
    all.when(query.decimal("price_min"),
             [balance](const Node& n, double v) { return price_usd(n, balance) >= v; });
    all.when(query.decimal("price_max"),
             [balance](const Node& n, double v) { return price_usd(n, balance) <= v; });
    all.when(query.texts("features"), [](const Node& n, const auto& v) {
        return std::ranges::all_of(v, [&](const auto& one) { return holds(n.features, one); });
    });
    return all.done();
}

Filter<Farm> read_farm_filter(Query& query, const Catalogue& grid, Seconds now) {
    All<Farm> all;
    all.when(query.number("free_ips"), [](const Farm& f, auto v) { return f.free_ips() >= v; });
    all.when(query.number("total_ips"),
             [](const Farm& f, auto v) { return f.public_ips.size() >= v; });
    all.when(query.text("stellar_address"),
             [](const Farm& f, const auto& v) { return f.stellar_address == v; });
    all.when(query.number("pricing_policy_id"),
             [](const Farm& f, auto v) { return f.pricing_policy == v; });
    all.when(query.number("farm_id"), [](const Farm& f, auto v) { return f.id == v; });
    all.when(query.number("twin_id"), [](const Farm& f, auto v) { return f.twin == v; });
    all.when(query.text("name"), [](const Farm& f, const auto& v) { return same(f.name, v); });
    all.when(query.text("name_contains"),
             [](const Farm& f, const auto& v) { return contains(f.name, v); });
    all.when(query.text("certification_type"), [](const Farm& f, const auto& v) {
        return (f.certified ? "Gold" : "NotCertified") == v;
    });
    all.when(query.flag("dedicated"), [](const Farm& f, bool v) { return f.dedicated == v; });

    // The rest is about its nodes: one of them has to meet all of it.
    All<Node> nodes;
    bool about_nodes = false;
    const auto of_nodes = [&](const auto& wanted, auto test) {
        nodes.when(wanted, test);
        if constexpr (requires { wanted.has_value(); })
            about_nodes = about_nodes || wanted.has_value();
        else
            about_nodes = about_nodes || !wanted.empty();
    };
    of_nodes(query.number("node_free_mru"),
             [](const Node& n, auto v) { return at_least(n.free_mru(), v); });
    of_nodes(query.number("node_free_hru"),
             [](const Node& n, auto v) { return at_least(n.free_hru(), v); });
    of_nodes(query.number("node_free_sru"),
             [](const Node& n, auto v) { return at_least(n.free_sru(), v); });
    of_nodes(query.number("node_total_cru"),
             [](const Node& n, auto v) { return n.total.cru >= v; });
    const auto statuses = query.texts("node_status");
    check_statuses(statuses);
    of_nodes(statuses, [now](const Node& n, const auto& v) { return holds(v, n.status(now)); });
    of_nodes(query.number("node_rented_by"),
             [&grid](const Node& n, auto v) { return grid.occupation_of(n).renter == v; });
    of_nodes(query.number("node_available_for"),
             [&grid](const Node& n, auto v) { return is_available_for(grid, n, v); });
    of_nodes(query.flag("node_has_gpu"), [](const Node& n, bool v) { return n.gpus.empty() != v; });
    of_nodes(query.flag("node_has_ipv6"), [](const Node& n, bool v) { return n.has_ipv6 == v; });
    of_nodes(query.flag("node_certified"), [](const Node& n, bool v) { return n.certified == v; });
    of_nodes(query.texts("node_features"), [](const Node& n, const auto& v) {
        return std::ranges::all_of(v, [&](const auto& one) { return holds(n.features, one); });
    });
    of_nodes(query.text("country"),
             [](const Node& n, const auto& v) { return same(n.country, v); });
    of_nodes(query.text("region"),
             [](const Node& n, const auto& v) { return contains(n.region, v); });
    const Filter<Farm> farms = all.done();
    if (!about_nodes) return farms;
    std::set<std::uint32_t> with_node;
    const Filter<Node> fits = nodes.done();
    for (const auto& [id, node] : grid.nodes)
        if (fits(node)) with_node.insert(node.farm);
    return
        [farms, with_node](const Farm& farm) { return with_node.contains(farm.id) && farms(farm); };
}

Filter<Contract> read_contract_filter(Query& query, const Catalogue& grid) {
    All<Contract> all;
    const auto farm = [&grid](const Contract& contract) {
        const auto node = grid.nodes.find(contract.node);
        return node == grid.nodes.end() ? Farm{} : grid.farm_of(node->second);
    };
    all.when(query.number("contract_id"), [](const Contract& c, auto v) { return c.id == v; });
    all.when(query.number("twin_id"), [](const Contract& c, auto v) { return c.twin == v; });
    all.when(query.number("node_id"), [](const Contract& c, auto v) { return c.node == v; });
    all.when(query.text("type"),
             [](const Contract& c, const auto& v) { return v == name_of(c.type); });
    all.when(query.texts("state"), [](const Contract& c, const auto& v) {
        return std::ranges::any_of(v, [&](const auto& one) { return same(one, c.state); });
    });
    all.when(query.text("name"), [](const Contract& c, const auto& v) { return c.name == v; });
    all.when(query.number("number_of_public_ips"),
             [](const Contract& c, auto v) { return c.public_ips >= v; });
    all.when(query.text("deployment_data"),
             [](const Contract& c, const auto& v) { return c.deployment_data == v; });
    all.when(query.text("deployment_hash"),
             [](const Contract& c, const auto& v) { return c.deployment_hash == v; });
    all.when(query.text("farm_name"),
             [farm](const Contract& c, const auto& v) { return same(farm(c).name, v); });
    all.when(query.number("farm_id"),
             [farm](const Contract& c, auto v) { return farm(c).id == v; });
    return all.done();
}

Filter<Twin> read_twin_filter(Query& query) {
    All<Twin> all;
    all.when(query.number("twin_id"), [](const Twin& t, auto v) { return t.id == v; });
    all.when(query.text("account_id"), [](const Twin& t, const auto& v) { return t.account == v; });
    all.when(query.text("relay"), [](const Twin& t, const auto& v) { return t.relay == v; });
    all.when(query.text("public_key"),
             [](const Twin& t, const auto& v) { return t.public_key == v; });
    return all.done();
}

} // namespace gateways::sandbox::grid_proxy
