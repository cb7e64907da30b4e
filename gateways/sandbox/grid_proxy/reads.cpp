#include "gateways/sandbox/grid_proxy/reads.hpp"

#include "gateways/sandbox/grid_proxy/records.hpp"
#include "gateways/sandbox/random.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace gateways::sandbox::grid_proxy {

namespace {

namespace json = boost::json;

Answer error(unsigned status, std::string_view message) {
    return json_answer(status, json::object{{"error", message}});
}

// One page of what matched, and the headers that tell how much there is.
template <class T, class Write>
Answer page_answer(std::vector<const T*> matches, const Page& page, std::uint64_t draw,
                   Write write) {
    if (page.randomize) {
        Random random{draw};
        for (std::size_t i = matches.size(); i > 1; --i)
            std::swap(matches[i - 1], matches[random.below(i)]);
    }
    json::array out;
    const std::uint64_t first = page.size == 0 ? 0 : (page.number - 1) * page.size;
    for (std::uint64_t i = first; i < matches.size() && i - first < page.size; ++i)
        out.push_back(write(*matches[i]));
    Answer answer = json_answer(200, out);
    if (!page.count) return answer;
    const std::uint64_t pages = page.size == 0 ? 0 : (matches.size() + page.size - 1) / page.size;
    answer.headers.emplace_back("count", std::to_string(matches.size()));
    answer.headers.emplace_back("size", std::to_string(page.size));
    answer.headers.emplace_back("pages", std::to_string(pages));
    return answer;
}

template <class Map, class T>
std::vector<const T*> matching(const Map& all, const Filter<T>& filter) {
    std::vector<const T*> matches;
    for (const auto& [id, one] : all)
        if (filter(one)) matches.push_back(&one);
    return matches;
}

template <class T>
struct SortKey {
    std::string_view name;
    std::function<bool(const T&, const T&)> before;
};

template <class T, class Value>
SortKey<T> sort_key(std::string_view name, Value value) {
    return {name, [value](const T& one, const T& other) { return value(one) < value(other); }};
}

// They come by number.
template <class T>
void sort_matches(std::vector<const T*>& matches, const Page& page,
                  const std::vector<SortKey<T>>& keys) {
    if (page.sort_by.empty()) {
        if (page.descending) std::ranges::reverse(matches);
        return;
    }
    const auto key = std::ranges::find(keys, page.sort_by, &SortKey<T>::name);
    if (key == keys.end()) throw BadQuery{"cannot sort by " + page.sort_by};
    std::ranges::stable_sort(matches, [&](const T* one, const T* other) {
        return page.descending ? key->before(*other, *one) : key->before(*one, *other);
    });
}

Answer list_nodes_where(const Reading& reading, Query& query, const Filter<Node>& also) {
    const Page page = read_page(query);
    const Filter<Node> filter = read_node_filter(query, reading.grid, reading.now, page.balance);
    query.finish();
    auto matches = matching<decltype(reading.grid.nodes), Node>(
        reading.grid.nodes, [&](const Node& node) { return also(node) && filter(node); });
    const NodeOrder before = order_by(page.sort_by, reading.grid, reading.now, page.balance);
    std::ranges::stable_sort(matches, [&](const Node* one, const Node* other) {
        return page.descending ? before(*other, *one) : before(*one, *other);
    });
    return page_answer(std::move(matches), page, reading.draw, [&](const Node& node) {
        return write_node(reading.grid, node, reading.now, page.balance);
    });
}

bool is_gateway(const Node& node) {
    return !node.public_config.domain.empty() && !node.public_config.ipv4.empty();
}

Answer list_nodes(const Reading& reading, Query& query, std::uint64_t) {
    return list_nodes_where(reading, query, [](const Node&) { return true; });
}

Answer list_gateways(const Reading& reading, Query& query, std::uint64_t) {
    return list_nodes_where(reading, query, is_gateway);
}

// Nothing when it is not there.
const Node* node_named(const Reading& reading, std::uint64_t id) {
    const auto found = reading.grid.nodes.find(static_cast<std::uint32_t>(id));
    return found == reading.grid.nodes.end() || found->second.id != id ? nullptr : &found->second;
}

Answer read_one_node(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    const Node* node = node_named(reading, id);
    if (node == nullptr) return error(404, "node not found");
    return json_answer(200, write_single_node(reading.grid, *node, reading.now));
}

Answer read_gateway(const Reading& reading, Query& query, std::uint64_t id) {
    const Node* node = node_named(reading, id);
    if (node == nullptr || !is_gateway(*node)) return error(404, "gateway not found");
    return read_one_node(reading, query, id);
}

Answer read_node_status(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    const Node* node = node_named(reading, id);
    if (node == nullptr) return error(404, "node not found");
    return json_answer(200, json::object{{"status", node->status(reading.now)}});
}

// These two the proxy asks the node itself.
Answer ask_node(const Reading& reading, std::uint64_t id,
                json::value (*what)(const Reading&, const Node&)) {
    const Node* node = node_named(reading, id);
    if (node == nullptr) return error(404, "node not found");
    const std::string_view status = node->status(reading.now);
    if (status != "up")
        return error(500, "cannot fetch statistics from node " + std::to_string(id) +
                              " with status: " + std::string{status});
    return json_answer(200, what(reading, *node));
}

Answer read_node_statistics(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    return ask_node(reading, id, [](const Reading& at, const Node& node) -> json::value {
        return write_statistics(at.grid, node);
    });
}

Answer read_node_gpus(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    return ask_node(reading, id, [](const Reading& at, const Node& node) -> json::value {
        return write_gpus(node, at.now);
    });
}

Answer list_farms(const Reading& reading, Query& query, std::uint64_t) {
    const Page page = read_page(query);
    const auto filter = read_farm_filter(query, reading.grid, reading.now);
    query.finish();
    auto matches = matching<decltype(reading.grid.farms), Farm>(reading.grid.farms, filter);
    sort_matches(
        matches, page,
        {sort_key<Farm>("farm_id", [](const Farm& farm) { return farm.id; }),
         sort_key<Farm>("twin_id", [](const Farm& farm) { return farm.twin; }),
         sort_key<Farm>("name", [](const Farm& farm) { return farm.name; }),
         sort_key<Farm>("dedicated", [](const Farm& farm) { return farm.dedicated; }),
         sort_key<Farm>("free_ips", [](const Farm& farm) { return farm.free_ips(); }),
         sort_key<Farm>("total_ips", [](const Farm& farm) { return farm.public_ips.size(); }),
         sort_key<Farm>("used_ips", [](const Farm& farm) {
             return farm.public_ips.size() - farm.free_ips();
         })});
    return page_answer(std::move(matches), page, reading.draw, write_farm);
}

Answer list_public_ips(const Reading& reading, Query& query, std::uint64_t) {
    const Page page = read_page(query);
    const auto farms = query.numbers("farm_ids");
    const auto ip = query.text("ip"), gateway = query.text("gateway");
    const auto free = query.flag("free");
    query.finish();
    struct Row {
        const Farm* farm;
        const PublicIp* ip;
    };
    std::vector<Row> rows;
    for (const auto& [id, farm] : reading.grid.farms)
        for (const PublicIp& one : farm.public_ips)
            if ((farms.empty() || std::ranges::find(farms, std::uint64_t{id}) != farms.end()) &&
                (!ip || one.ip == *ip) && (!gateway || one.gateway == *gateway) &&
                (!free || (one.contract == 0) == *free))
                rows.push_back({&farm, &one});
    std::vector<const Row*> matches;
    for (const Row& row : rows)
        matches.push_back(&row);
    sort_matches(matches, page,
                 {sort_key<Row>("ip", [](const Row& row) { return row.ip->ip; }),
                  sort_key<Row>("farm_id", [](const Row& row) { return row.farm->id; }),
                  sort_key<Row>("contract_id", [](const Row& row) { return row.ip->contract; })});
    return page_answer(std::move(matches), page, reading.draw,
                       [](const Row& row) { return write_public_ip(*row.farm, *row.ip); });
}

Answer list_contracts(const Reading& reading, Query& query, std::uint64_t) {
    const Page page = read_page(query);
    const auto filter = read_contract_filter(query, reading.grid);
    query.finish();
    auto matches =
        matching<decltype(reading.grid.contracts), Contract>(reading.grid.contracts, filter);
    sort_matches(
        matches, page,
        {sort_key<Contract>("contract_id", [](const Contract& one) { return one.id; }),
         sort_key<Contract>("twin_id", [](const Contract& one) { return one.twin; }),
         sort_key<Contract>("state", [](const Contract& one) { return one.state; }),
         sort_key<Contract>("created_at", [](const Contract& one) { return one.created; }),
         sort_key<Contract>("type", [](const Contract& one) { return name_of(one.type); })});
    return page_answer(std::move(matches), page, reading.draw, [&](const Contract& contract) {
        return write_contract(reading.grid, contract);
    });
}

Answer read_one_contract(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    const auto found = reading.grid.contracts.find(id);
    if (found == reading.grid.contracts.end()) return error(404, "contract not found");
    return json_answer(200, write_contract(reading.grid, found->second));
}

// Newest first.
Answer list_bills(const Reading& reading, Query& query, std::uint64_t id) {
    const Page page = read_page(query);
    query.finish();
    if (!page.sort_by.empty()) throw BadQuery{"bills come by time"};
    if (!reading.grid.contracts.contains(id)) return error(404, "contract not found");
    std::vector<const Bill*> matches;
    const auto bills = reading.grid.bills.find(id);
    if (bills != reading.grid.bills.end())
        for (const Bill& bill : bills->second)
            matches.insert(matches.begin(), &bill);
    return page_answer(std::move(matches), page, reading.draw, write_bill);
}

Answer list_twins(const Reading& reading, Query& query, std::uint64_t) {
    const Page page = read_page(query);
    const auto filter = read_twin_filter(query);
    query.finish();
    auto matches = matching<decltype(reading.grid.twins), Twin>(reading.grid.twins, filter);
    sort_matches(matches, page,
                 {sort_key<Twin>("twin_id", [](const Twin& twin) { return twin.id; }),
                  sort_key<Twin>("account_id", [](const Twin& twin) { return twin.account; }),
                  sort_key<Twin>("relay", [](const Twin& twin) { return twin.relay; }),
                  sort_key<Twin>("public_key", [](const Twin& twin) { return twin.public_key; })});
    return page_answer(std::move(matches), page, reading.draw, write_twin);
}

// In TFT.
Answer read_consumption(const Reading& reading, Query& query, std::uint64_t id) {
    query.finish();
    constexpr double units = 1e7;
    std::uint64_t last_hour = 0, overall = 0;
    for (const auto& [contract_id, contract] : reading.grid.contracts) {
        const auto bills = reading.grid.bills.find(contract_id);
        if (contract.twin != id || bills == reading.grid.bills.end()) continue;
        for (const Bill& bill : bills->second) {
            overall += bill.amount;
            if (bill.time > reading.now - 3600) last_hour += bill.amount;
        }
    }
    return json_answer(
        200, json::object{{"last_hour_consumption", static_cast<double>(last_hour) / units},
                          {"overall_consumption", static_cast<double>(overall) / units}});
}

Answer read_stats(const Reading& reading, Query& query, std::uint64_t) {
    const auto statuses = query.texts("status");
    query.finish();
    const Catalogue& grid = reading.grid;
    std::size_t nodes = 0, access = 0, gateways = 0, gpus = 0, dedicated = 0, workloads = 0;
    Capacity total;
    std::map<std::string, std::int64_t> distribution;
    for (const auto& [id, node] : grid.nodes) {
        if (!statuses.empty() &&
            std::ranges::find(statuses, node.status(reading.now)) == statuses.end())
            continue;
        ++nodes;
        ++distribution[node.country];
        total.cru += node.total.cru;
        total.sru += node.total.sru;
        total.mru += node.total.mru;
        total.hru += node.total.hru;
        access += !node.public_config.ipv4.empty() || !node.public_config.ipv6.empty();
        gateways += is_gateway(node);
        gpus += !node.gpus.empty();
        dedicated += grid.is_dedicated(node);
        workloads += grid.occupation_of(node).contracts;
    }
    std::size_t ips = 0;
    for (const auto& [id, farm] : grid.farms)
        ips += farm.public_ips.size();
    json::object by_country;
    for (const auto& [country, count] : distribution)
        by_country[country] = count;
    return json_answer(200, json::object{{"nodes", nodes},
                                         {"farms", grid.farms.size()},
                                         {"countries", distribution.size()},
                                         {"totalCru", total.cru},
                                         {"totalSru", total.sru},
                                         {"totalMru", total.mru},
                                         {"totalHru", total.hru},
                                         {"publicIps", ips},
                                         {"accessNodes", access},
                                         {"gateways", gateways},
                                         {"twins", grid.twins.size()},
                                         {"contracts", grid.contracts.size()},
                                         {"nodesDistribution", std::move(by_country)},
                                         {"gpus", gpus},
                                         {"dedicatedNodes", dedicated},
                                         {"workloads_number", workloads}});
}

Answer ping(const Reading&, Query& query, std::uint64_t) {
    query.finish();
    return json_answer(200, json::object{{"ping", "pong"}});
}

Answer version(const Reading&, Query& query, std::uint64_t) {
    query.finish();
    return json_answer(200, json::object{{"version", "sandbox"}});
}

Answer health(const Reading& reading, Query& query, std::uint64_t) {
    query.finish();
    return json_answer(200, json::object{{"total_state_ok", !reading.grid.nodes.empty()},
                                         {"db_conn", "ok"},
                                         {"rmb_conn", "ok"}});
}

constexpr Endpoint endpoints[]{
    {"/nodes", "nodes.list", list_nodes},
    {"/nodes/{}", "nodes.get", read_one_node},
    {"/nodes/{}/status", "nodes.status", read_node_status},
    {"/nodes/{}/statistics", "nodes.statistics", read_node_statistics},
    {"/nodes/{}/gpu", "nodes.gpu", read_node_gpus},
    {"/gateways", "gateways.list", list_gateways},
    {"/gateways/{}", "gateways.get", read_gateway},
    {"/gateways/{}/status", "gateways.status", read_node_status},
    {"/farms", "farms.list", list_farms},
    {"/public_ips", "public_ips.list", list_public_ips},
    {"/contracts", "contracts.list", list_contracts},
    {"/contracts/{}", "contracts.get", read_one_contract},
    {"/contracts/{}/bills", "contracts.bills", list_bills},
    {"/twins", "twins.list", list_twins},
    {"/twins/{}/consumption", "twins.consumption", read_consumption},
    {"/stats", "stats.get", read_stats},
    {"/ping", "ping", ping},
    {"/version", "version", version},
    {"/health", "health", health},
};

} // namespace

const Endpoint* find_endpoint(std::string_view path, std::uint64_t& id) {
    for (const Endpoint& endpoint : endpoints) {
        const auto place = endpoint.pattern.find("{}");
        if (place == std::string_view::npos) {
            if (endpoint.pattern == path) return &endpoint;
            continue;
        }
        const std::string_view before = endpoint.pattern.substr(0, place);
        const std::string_view after = endpoint.pattern.substr(place + 2);
        if (!path.starts_with(before) || path.size() <= before.size()) continue;
        const char* const end = path.data() + path.size();
        const auto [stop, problem] = std::from_chars(path.data() + before.size(), end, id);
        if (problem == std::errc{} &&
            std::string_view{stop, static_cast<std::size_t>(end - stop)} == after)
            return &endpoint;
    }
    return nullptr;
}

NodeOrder order_by(const std::string& name, const Catalogue& grid, Seconds now, double balance) {
    const auto by = [](auto value) -> NodeOrder {
        return [value](const Node& one, const Node& other) { return value(one) < value(other); };
    };
    if (name.empty() || name == "node_id") return by([](const Node& n) { return n.id; });
    if (name == "farm_id") return by([](const Node& n) { return n.farm; });
    if (name == "twin_id") return by([](const Node& n) { return n.twin; });
    if (name == "country") return by([](const Node& n) { return n.country; });
    if (name == "city") return by([](const Node& n) { return n.city; });
    if (name == "created") return by([](const Node& n) { return n.created; });
    if (name == "updated_at") return by([now](const Node& n) { return n.updated_at(now); });
    if (name == "uptime") return by([](const Node& n) { return -n.booted; });
    if (name == "num_gpu") return by([](const Node& n) { return n.gpus.size(); });
    if (name == "extra_fee") return by([](const Node& n) { return n.extra_fee; });
    if (name == "total_cru") return by([](const Node& n) { return n.total.cru; });
    if (name == "total_mru") return by([](const Node& n) { return n.total.mru; });
    if (name == "total_sru") return by([](const Node& n) { return n.total.sru; });
    if (name == "total_hru") return by([](const Node& n) { return n.total.hru; });
    if (name == "used_cru") return by([](const Node& n) { return n.used.cru; });
    if (name == "used_mru") return by([](const Node& n) { return n.used.mru; });
    if (name == "used_sru") return by([](const Node& n) { return n.used.sru; });
    if (name == "used_hru") return by([](const Node& n) { return n.used.hru; });
    // More than there are may be in use.
    if (name == "free_cru")
        return by([](const Node& n) {
            return static_cast<std::int64_t>(n.total.cru) - static_cast<std::int64_t>(n.used.cru);
        });
    if (name == "price_usd") return by([balance](const Node& n) { return price_usd(n, balance); });
    if (name == "rented")
        return by([&grid](const Node& n) { return grid.occupation_of(n).renter != 0; });
    if (name == "rentable") return by([&grid](const Node& n) { return grid.is_rentable(n); });
    if (name == "rent_contract_id")
        return by([&grid](const Node& n) { return grid.occupation_of(n).rent_contract; });
    if (name == "dedicated_farm")
        return by([&grid](const Node& n) { return grid.farm_of(n).dedicated; });
    if (name == "status") // Up, standby, down.
        return by([now](const Node& n) {
            const std::string_view status = n.status(now);
            return status == "up" ? 1 : status == "standby" ? 2 : 3;
        });
    throw BadQuery{"cannot sort by " + name};
}

} // namespace gateways::sandbox::grid_proxy
