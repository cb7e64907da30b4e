#include "gateways/tfgrid/grid_proxy.hpp"

#include "gateways/tfgrid/answers.hpp"

#include <boost/json.hpp>

#include <iterator>
#include <stdexcept>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

constexpr std::int64_t gib = std::int64_t{1} << 30;
constexpr std::size_t body_bytes_max = 64 * 1024 * 1024;

// Much of what is documented may be absent or null; what is there must be of its kind.
const json::value* present(const json::object& all, std::string_view name) {
    const json::value* value = all.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::int64_t number(const json::object& all, std::string_view name) {
    return present(all, name) == nullptr ? 0 : number_in(all, name).value_or(0);
}

std::string text(const json::object& all, std::string_view name) {
    return present(all, name) == nullptr ? std::string{} : text_in(all, name).value_or("");
}

bool flag(const json::object& all, std::string_view name) {
    const json::value* value = present(all, name);
    if (value == nullptr) return false;
    if (!value->is_bool()) throw Unreadable{std::string{name} + " is neither true nor false"};
    return value->get_bool();
}

const json::object& object(const json::object& all, std::string_view name) {
    static const json::object empty;
    return present(all, name) == nullptr ? empty : object_in(all, name);
}

const json::array& list(const json::object& all, std::string_view name) {
    static const json::array empty;
    return present(all, name) == nullptr ? empty : list_in(all, name);
}

GridCapacity capacity(const json::object& all) {
    return {number(all, "cru"), number(all, "mru") / gib, number(all, "sru") / gib,
            number(all, "hru") / gib};
}

GridNode node_of(const json::object& given) {
    GridNode node;
    node.node = number(given, "nodeId");
    node.farm = number(given, "farmId");
    if (node.node <= 0 || node.farm <= 0) throw Unreadable{"a node without id or farm"};
    node.twin = number(given, "twinId");
    node.farm_name = text(given, "farmName");
    const json::object& location = object(given, "location");
    node.country = text(location, "country");
    node.city = text(location, "city");
    node.region = text(location, "region");
    if (node.country.empty()) node.country = text(given, "country");
    if (node.city.empty()) node.city = text(given, "city");
    if (node.region.empty()) node.region = text(given, "region");
    // The list has them at the top, a single node inside "capacity".
    const json::object& nested = object(given, "capacity");
    const json::object& sizes = nested.empty() ? given : nested;
    node.capacity = capacity(object(sizes, "total_resources"));
    node.used = capacity(object(sizes, "used_resources"));
    node.status = text(given, "status");
    node.certification = text(given, "certificationType");
    node.healthy = flag(given, "healthy");
    node.dedicated = flag(given, "dedicated");
    node.in_dedicated_farm = flag(given, "inDedicatedFarm");
    node.rentable = flag(given, "rentable");
    node.rented = flag(given, "rented");
    node.rented_by = number(given, "rentedByTwinId");
    node.gpu_count = number(given, "num_gpu");
    for (const json::value& one : list(given, "gpus")) {
        if (!one.is_object()) throw Unreadable{"a card is no object"};
        const json::object& card = one.get_object();
        node.gpus.push_back({text(card, "id"), text(card, "vendor"), text(card, "device"),
                             number(card, "contract")});
    }
    const json::object& reached = object(given, "publicConfig");
    node.ipv4 = text(reached, "ipv4");
    node.ipv6 = text(reached, "ipv6");
    node.gateway_domain = text(reached, "domain");
    node.farm_free_ips = number(given, "farm_free_ips");
    node.extra_fee = number(given, "extraFee");
    node.updated = number(given, "updatedAt");
    return node;
}

GridFarm farm_of(const json::object& given) {
    GridFarm farm;
    farm.farm = number(given, "farmId");
    if (farm.farm <= 0) throw Unreadable{"a farm without id"};
    farm.twin = number(given, "twinId");
    farm.name = text(given, "name");
    farm.certification = text(given, "certificationType");
    farm.dedicated = flag(given, "dedicated");
    for (const json::value& one : list(given, "publicIps")) {
        if (!one.is_object()) throw Unreadable{"an address is no object"};
        ++farm.public_ips;
        if (number(one.get_object(), "contract_id") == 0) ++farm.free_public_ips;
    }
    return farm;
}

template <class One>
Listing<One> read_all(std::string_view body, One (*read)(const json::object&)) {
    boost::system::error_code error;
    const json::value page = json::parse(body, error);
    if (error || !page.is_array()) throw std::runtime_error{"the grid proxy's page is no list"};
    Listing<One> listing;
    for (const json::value& one : page.get_array()) {
        try {
            if (!one.is_object()) throw Unreadable{"no object"};
            listing.all.push_back(read(one.get_object()));
        } catch (const Unreadable&) {
            ++listing.unreadable;
        }
    }
    return listing;
}

// The chain's own names.
domain::DiscountTier tier_named(std::string_view level) {
    if (level == "None") return domain::DiscountTier::none;
    if (level == "Default") return domain::DiscountTier::standard;
    if (level == "Bronze") return domain::DiscountTier::bronze;
    if (level == "Silver") return domain::DiscountTier::silver;
    if (level == "Gold") return domain::DiscountTier::gold;
    throw Unreadable{"a bill has a discount that is not known"};
}

GridBill bill_of(const json::object& given) {
    const std::int64_t seconds = number(given, "timestamp");
    const auto amount = number_in(given, "amountBilled");
    if (seconds <= 0 || !amount || *amount < 0) throw Unreadable{"a bill without time or amount"};
    return {domain::Time{seconds * 1000},
            {*amount, domain::Currency::tft},
            tier_named(text(given, "discountReceived"))};
}

http::ClientOptions patience(const GridProxyOptions& options) {
    http::ClientOptions is;
    is.time_max = options.time_max;
    is.body_bytes_max = body_bytes_max;
    return is;
}

} // namespace

Listing<GridNode> read_nodes(std::string_view body) { return read_all(body, node_of); }

Listing<GridFarm> read_farms(std::string_view body) { return read_all(body, farm_of); }

std::vector<GridBill> read_bills(std::string_view body) {
    Listing<GridBill> bills = read_all(body, bill_of);
    if (bills.unreadable != 0) throw std::runtime_error{"the grid proxy has a bill that is none"};
    return std::move(bills.all);
}

domain::Time read_contract_created(std::string_view body) {
    boost::system::error_code error;
    const json::value contract = json::parse(body, error);
    std::int64_t seconds = 0;
    try {
        if (!error && contract.is_object()) seconds = number(contract.get_object(), "created_at");
    } catch (const Unreadable&) {
        seconds = 0;
    }
    if (seconds <= 0) throw std::runtime_error{"the grid proxy has a contract without a beginning"};
    return {seconds * 1000};
}

GridProxy::GridProxy(GridProxyOptions options)
    : options_{std::move(options)}, client_{options_.url, patience(options_)} {}

std::optional<std::string> GridProxy::page(const std::string& target) {
    auto answer = client_.send(http::Verb::get, target, {});
    if (!answer) throw std::runtime_error{"the grid proxy: " + answer.error().reason};
    if (answer->status == 404) return std::nullopt;
    if (answer->status != 200)
        throw std::runtime_error{"the grid proxy answered " + std::to_string(answer->status)};
    return std::move(answer->body);
}

template <class One>
Listing<One> GridProxy::all(std::string_view path, std::string_view filters,
                            Listing<One> (*read)(std::string_view)) {
    Listing<One> whole;
    for (std::size_t which = 1; which <= options_.pages_max; ++which) {
        std::string target{path};
        target += "?size=" + std::to_string(options_.page_size) + "&page=" + std::to_string(which);
        if (!filters.empty()) target.append("&").append(filters);
        const auto body = page(target);
        if (!body) throw std::runtime_error{"the grid proxy answered 404"};
        Listing<One> part = read(*body);
        const std::size_t count = part.all.size() + part.unreadable;
        std::ranges::move(part.all, std::back_inserter(whole.all));
        whole.unreadable += part.unreadable;
        if (count < options_.page_size) return whole;
    }
    throw std::runtime_error{"the grid proxy has more pages than there can be"};
}

Listing<GridNode> GridProxy::nodes(std::string_view filters) {
    return all("/nodes", filters, read_nodes);
}

Listing<GridFarm> GridProxy::farms(std::string_view filters) {
    return all("/farms", filters, read_farms);
}

std::vector<GridBill> GridProxy::bills(const domain::ContractId& contract,
                                       std::optional<domain::Time> since) {
    std::vector<GridBill> whole;
    for (std::size_t which = 1; which <= options_.pages_max; ++which) {
        const auto body = page("/contracts/" + contract.value +
                               "/bills?size=" + std::to_string(options_.bills_page_size) +
                               "&page=" + std::to_string(which));
        if (!body) return {};
        const auto part = read_bills(*body);
        whole.insert(whole.end(), part.begin(), part.end());
        if (part.size() < options_.bills_page_size || (since && part.back().timestamp <= *since))
            return whole;
    }
    throw std::runtime_error{"the grid proxy has more pages than there can be"};
}

std::optional<domain::Time> GridProxy::created(const domain::ContractId& contract) {
    const auto body = page("/contracts/" + contract.value);
    if (!body) return std::nullopt;
    return read_contract_created(*body);
}

} // namespace gateways::tfgrid
