// GET /v1/nodes: the catalogue of nodes that somebody sells, filtered as placement filters.

#include "domain/offers.hpp"
#include "gateways/market/cursor.hpp"
#include "gateways/market/read_routes.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gateways::market {

using domain::NodeOffer;

namespace {

// What the catalogue tells of a node. What runs on it is not for everybody.
struct ListedNode {
    domain::NodeId id;
    domain::ProviderId provider;
    domain::FarmId farm;
    std::string country, region, city;
    domain::NodeListing listing = domain::NodeListing::none;
    domain::NodeCondition condition = domain::NodeCondition::up;
    bool draining = false;
    bool certified = false;
    bool dedicated = false;
    domain::Resources capacity, free;
    std::uint32_t price_factor = 0; // In basis points of the list price.
    std::vector<domain::DashboardId> dashboards;
    std::vector<std::string> applications;
    std::string service_class;
};
BOOST_DESCRIBE_STRUCT(ListedNode, (),
                      (id, provider, farm, country, region, city, listing, condition, draining,
                       certified, dedicated, capacity, free, price_factor, dashboards, applications,
                       service_class))

// By what the list may be sorted; equal ones by their ids.
struct Order {
    std::string_view name;
    std::uint64_t (*key)(const NodeOffer&);
};
constexpr auto orders = std::to_array<Order>({
    {"id", [](const NodeOffer&) -> std::uint64_t { return 0; }},
    {"price", [](const NodeOffer& offer) -> std::uint64_t { return offer.price_factor; }},
    {"cru", [](const NodeOffer& offer) -> std::uint64_t { return offer.free.cru; }},
    {"mru", [](const NodeOffer& offer) -> std::uint64_t { return offer.free.mru; }},
    {"sru", [](const NodeOffer& offer) -> std::uint64_t { return offer.free.sru; }},
    {"hru", [](const NodeOffer& offer) -> std::uint64_t { return offer.free.hru; }},
});

struct Place {
    std::uint64_t key = 0;
    std::string_view id;
};

struct Wanted {
    domain::PlacementFilter filter;
    std::optional<domain::DashboardId> dashboard;
    std::optional<domain::NodeListing> listing; // Absent: those that are offered.
    const std::optional<std::string>* owner = nullptr;
    const Order* order = &orders.front();
    bool descending = false;

    Place place_of(const NodeOffer& offer) const { return {order->key(offer), offer.node.value}; }
    bool comes_before(const Place& left, const Place& right) const {
        if (left.key != right.key) return descending ? left.key > right.key : left.key < right.key;
        return domain::compare_numbers(left.id, right.id) < 0;
    }
    // Who asks for nodes that nobody is offered sees his own, or is of those who see all.
    bool is_shown(const NodeOffer& offer, const domain::Node& node) const {
        return listing ? node.listing == *listing && (!*owner || **owner == offer.provider.value)
                       : is_offered(offer);
    }
    bool is_wanted(const NodeOffer& offer, const domain::Node& node) const {
        return is_shown(offer, node) && passes(filter, offer) &&
               (!dashboard ||
                std::ranges::find(offer.dashboards, *dashboard) != offer.dashboards.end());
    }
};

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    while (true) {
        const auto comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        list.remove_prefix(comma + 1);
    }
}

// A refusal, or a code of none when all is well.
ReadAnswer read_filter(const Query& query, Wanted& wanted) {
    domain::PlacementFilter& filter = wanted.filter;
    std::optional<std::vector<std::string>> farms;
    const auto lists = {std::pair{"country", &filter.countries},
                        std::pair{"region", &filter.regions}, std::pair{"city", &filter.cities},
                        std::pair{"farm", &farms}};
    for (const auto& [name, values] : lists)
        if (const auto* text = query.find(name)) {
            *values = parts_of(*text);
            if ((*values)->size() > domain::filter_values_max ||
                std::ranges::any_of(**values, &std::string::empty))
                return wrong_parameter(name, "has an empty value, or more than 100");
        }
    if (filter.countries && !std::ranges::all_of(*filter.countries, domain::is_country_code))
        return wrong_parameter("country", "is no list of two capital letters each");
    if (farms) {
        filter.farms.emplace();
        for (std::string& farm : *farms)
            filter.farms->push_back({std::move(farm)});
    }
    domain::Resources least;
    const auto number = [&](std::string_view name, auto& into) {
        const auto* text = query.find(name);
        if (text == nullptr) return true;
        const auto value = parse_whole(*text, std::numeric_limits<std::int32_t>::max());
        if (value) into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
        return value.has_value();
    };
    if (!number("cru_min", least.cru)) return wrong_parameter("cru_min", "is no whole number");
    if (!number("mru_min", least.mru)) return wrong_parameter("mru_min", "is no whole number");
    if (!number("sru_min", least.sru)) return wrong_parameter("sru_min", "is no whole number");
    if (!number("hru_min", least.hru)) return wrong_parameter("hru_min", "is no whole number");
    filter.free_at_least = least;
    if (query.find("price_max") != nullptr) {
        std::uint32_t price = 0;
        if (!number("price_max", price) || price == 0)
            return wrong_parameter("price_max", "is no number of basis points of the list price");
        filter.price_factor_max = price;
    }
    const auto flags = {std::pair{"gpu", &filter.gpu}, std::pair{"ipv4", &filter.ipv4},
                        std::pair{"certified", &filter.certified}};
    for (const auto& [name, flag] : flags)
        if (const auto* text = query.find(name)) {
            if (*text != "true" && *text != "false")
                return wrong_parameter(name, "is neither true nor false");
            *flag = *text == "true";
        }
    if (const auto* text = query.find("dashboard")) wanted.dashboard = {*text};
    if (const auto* text = query.find("listing")) {
        schemas::for_each_name<domain::NodeListing>([&](auto known) {
            if (*text == known.name) wanted.listing = known.value;
        });
        if (!wanted.listing) return wrong_parameter("listing", "is none of a node's");
    }
    if (const auto* text = query.find("sort")) {
        wanted.descending = text->starts_with('-');
        const std::string_view name = std::string_view{*text}.substr(wanted.descending ? 1 : 0);
        wanted.order = std::ranges::find(orders, name, &Order::name);
        if (wanted.order == orders.end())
            return wrong_parameter("sort", "is not one of id, price, cru, mru, sru, hru, which may "
                                           "have a minus before");
    }
    return {};
}

} // namespace

ReadAnswer read_catalogue(const ReadSources& sources, const ReadAsk& ask) {
    const auto limit = ask.query.limit();
    if (!limit) return wrong_parameter("limit", "is not a number above zero");
    Wanted wanted;
    wanted.owner = &ask.reader.owner;
    if (ReadAnswer wrong = read_filter(ask.query, wanted); !wrong.code.empty()) return wrong;
    const std::string name =
        "nodes" + ask.reader.tenant + '\0' + ask.reader.owner.value_or("") + ask.query.list_text();
    std::string begin; // "<key>:<id>"
    std::optional<Place> after;
    if (const auto* cursor = ask.query.cursor()) {
        auto found = place_of(name, *cursor);
        const auto colon = found ? found->find(':') : std::string::npos;
        if (colon == std::string::npos) return wrong_parameter("cursor", "is not of this list");
        begin = std::move(*found);
        const std::string_view place{begin};
        const auto key = parse_whole(place.substr(0, colon), UINT64_MAX);
        if (!key) return wrong_parameter("cursor", "is not of this list");
        after = Place{*key, place.substr(colon + 1)};
    }

    const TenantNodes& nodes = sources.catalogue.of(
        sources.views.rows(projections::ResourcesView::view_name), ask.reader.tenant, ask.now);
    const auto offers = nodes.offers();
    std::vector<std::size_t> found;
    for (std::size_t at = 0; at < offers.size(); ++at)
        if (wanted.is_wanted(offers[at], nodes.nodes()[at]) &&
            (!after || wanted.comes_before(*after, wanted.place_of(offers[at]))))
            found.push_back(at);
    const std::size_t shown = std::min(*limit, found.size());
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(shown),
                              [&](std::size_t left, std::size_t right) {
                                  return wanted.comes_before(wanted.place_of(offers[left]),
                                                             wanted.place_of(offers[right]));
                              });
    ReadAnswer answer;
    std::string& body = answer.body;
    body = R"({"data":[)";
    for (std::size_t i = 0; i < shown; ++i) {
        const NodeOffer& offer = offers[found[i]];
        const domain::Node& node = nodes.nodes()[found[i]];
        if (i > 0) body.push_back(',');
        schemas::write(ListedNode{offer.node, offer.provider, offer.farm, offer.country,
                                  offer.region, offer.city, node.listing, node.condition,
                                  node.draining, offer.certified, offer.dedicated, offer.capacity,
                                  offer.free, offer.price_factor, offer.dashboards,
                                  node.applications, node.service_class},
                       body);
    }
    body.push_back(']');
    if (shown < found.size()) {
        const Place last = wanted.place_of(offers[found[shown - 1]]);
        body.append(R"(,"next_cursor":")")
            .append(cursor_of(name, std::to_string(last.key) + ":" + std::string{last.id}))
            .append("\"");
    }
    body.append(shown < found.size() ? R"(,"has_more":true})" : R"(,"has_more":false})");
    return answer;
}

} // namespace gateways::market
