#include "gateways/tfgrid/news.hpp"

#include "gateways/tfgrid/answers.hpp"
#include "gateways/tfgrid/countries.hpp"
#include "gateways/tfgrid/posted.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

using Addresses = std::map<std::int64_t, std::uint32_t>; // Of each node.

bool is_reached(const GridNode& node) { return node.status == "up" && node.healthy; }

std::string why_not_reached(const GridNode& node) {
    return node.status == "up" ? "unhealthy" : node.status;
}

domain::NodeId id_of(const GridNode& node) { return {std::to_string(node.node)}; }
domain::FarmId farm_of(const GridNode& node) { return {std::to_string(node.farm)}; }

template <class Number>
Number at_least_none(std::int64_t number) {
    return static_cast<Number>(std::clamp<std::int64_t>(number, 0, 1 << 30));
}

// Whole addresses, the rest to those with the smallest ids.
Addresses shared_out(const GridListing& listing) {
    std::map<std::int64_t, std::vector<std::int64_t>> by_farm;
    for (const GridNode& node : listing.nodes)
        by_farm[node.farm].push_back(node.node);
    Addresses shares;
    for (const GridFarm& farm : listing.farms) {
        auto nodes = by_farm.find(farm.farm);
        if (nodes == by_farm.end() || farm.public_ips <= 0) continue;
        std::ranges::sort(nodes->second);
        const auto count = static_cast<std::int64_t>(nodes->second.size());
        for (std::int64_t i = 0; i < count; ++i)
            shares[nodes->second[static_cast<std::size_t>(i)]] = at_least_none<std::uint32_t>(
                farm.public_ips / count + (i < farm.public_ips % count ? 1 : 0));
    }
    return shares;
}

domain::Resources size_with(const GridNode& node, std::int64_t our_twin,
                            const Addresses& addresses) {
    const bool ours = node.rented && our_twin != 0 && node.rented_by == our_twin;
    if (!ours && (node.rented || node.in_dedicated_farm)) return {};
    domain::Resources size;
    size.cru = at_least_none<std::uint32_t>(node.capacity.cru);
    size.mru = at_least_none<std::uint64_t>(node.capacity.mru);
    size.sru = at_least_none<std::uint64_t>(node.capacity.sru);
    size.hru = at_least_none<std::uint64_t>(node.capacity.hru);
    if (ours) size.gpus = at_least_none<std::uint32_t>(node.gpu_count);
    const auto share = addresses.find(node.node);
    if (share != addresses.end()) size.public_ips = share->second;
    return size;
}

const domain::ProviderFarm* farm_in(const domain::Provider& provider, const domain::FarmId& farm) {
    const auto found = std::ranges::find(provider.farms, farm, &domain::ProviderFarm::farm);
    return found == provider.farms.end() ? nullptr : &*found;
}

class News {
public:
    News(const GridListing& listing, std::span<const KnownProvider> providers,
         const NodeLookup& known, domain::Time now)
        : listing_{listing},
          providers_{providers},
          known_{known},
          now_{now},
          addresses_{shared_out(listing)} {}

    Commands all() && {
        for (const GridNode& node : listing_.nodes)
            if (is_claimed(node)) of_node(node);
        for (const GridFarm& farm : listing_.farms)
            of_owner(farm);
        return std::move(commands_);
    }

private:
    bool is_claimed(const GridNode& node) const {
        return std::ranges::any_of(providers_, [&](const KnownProvider& one) {
            return farm_in(one.is, farm_of(node)) != nullptr;
        });
    }

    template <class Command>
    void tell(const std::string& stream, const Command& command) {
        commands_.push_back(posted(stream, command));
    }

    void of_node(const GridNode& node) {
        const std::string stream = std::string{domain::Node::name} + "-" + id_of(node).value;
        const auto known = known_(id_of(node));
        const domain::Resources size = size_with(node, listing_.our_twin, addresses_);
        if (!known) return of_new(node, stream, size);
        // One that was retired comes back only by its provider's own word.
        if (known->listing == domain::NodeListing::retired || known->farm != farm_of(node)) return;
        const auto provider = std::ranges::find(providers_, known->provider, &KnownProvider::id);
        if (provider == providers_.end() || farm_in(provider->is, known->farm) == nullptr) return;

        const domain::Time observed{node.updated > 0 ? node.updated * 1000 : now_.milliseconds};
        const bool certified = node.certification == "Certified";
        const bool older = known->capacity_observed && observed < *known->capacity_observed;
        if (!older && (size != known->capacity || certified != known->certified))
            tell(stream, domain::RecordCapacity{size, observed, certified, {}, {}});
        if (is_reached(node) && known->condition != domain::NodeCondition::up)
            tell(stream, domain::RecordProbe{now_, true, {}});
        if (!is_reached(node) && known->condition != domain::NodeCondition::down)
            tell(stream, domain::RecordProbe{now_, false, why_not_reached(node)});
    }

    void of_new(const GridNode& node, const std::string& stream, const domain::Resources& size) {
        if (!is_reached(node) || size.cru == 0 || size.mru == 0) return;
        for (const KnownProvider& one : providers_) {
            if (one.is.status != domain::ProviderStatus::approved ||
                !has_proved(one.is, farm_of(node)) || has_another_owner(node.farm, one.is))
                continue;
            domain::RegisterNode command;
            command.provider = one.id;
            command.farm = farm_of(node);
            command.farm_proved = true;
            command.country = country_code(node.country);
            command.region = node.region;
            command.city = node.city;
            command.certified = node.certification == "Certified";
            command.capacity = size;
            return tell(stream, command);
        }
    }

    bool has_another_owner(std::int64_t farm, const domain::Provider& provider) const {
        const auto listed = std::ranges::find(listing_.farms, farm, &GridFarm::farm);
        const auto* proved = farm_in(provider, {std::to_string(farm)});
        return listed != listing_.farms.end() && listed->twin > 0 &&
               proved->twin != std::to_string(listed->twin);
    }

    // A proof lasts as long as the farm has the same owner.
    void of_owner(const GridFarm& farm) {
        const domain::FarmId id{std::to_string(farm.farm)};
        const std::string twin = std::to_string(farm.twin);
        for (const KnownProvider& one : providers_) {
            const domain::ProviderFarm* proved = farm_in(one.is, id);
            if (farm.twin <= 0 || proved == nullptr || !proved->twin || *proved->twin == twin)
                continue;
            domain::RecordFarmOwner command{id, twin, {}};
            for (const GridNode& node : listing_.nodes) {
                if (node.farm != farm.farm) continue;
                const auto known = known_(id_of(node));
                if (known && known->provider == one.id) command.nodes.push_back(id_of(node));
            }
            tell(std::string{domain::Provider::name} + "-" + one.id.value, command);
        }
    }

    const GridListing& listing_;
    const std::span<const KnownProvider> providers_;
    const NodeLookup& known_;
    const domain::Time now_;
    const Addresses addresses_;
    Commands commands_;
};

} // namespace

domain::Resources size_of(const GridNode& node, const GridListing& listing) {
    return size_with(node, listing.our_twin, shared_out(listing));
}

Commands node_news(const GridListing& listing, std::span<const KnownProvider> providers,
                   const NodeLookup& known, domain::Time now) {
    return News{listing, providers, known, now}.all();
}

GridPrices read_prices(std::string_view body) {
    boost::system::error_code error;
    const json::value all = json::parse(body, error);
    if (error || !all.is_object()) throw std::runtime_error{"the prices are no JSON object"};
    try {
        GridPrices prices;
        prices.tft = number_in(all.get_object(), "tft");
        const json::value* policy = all.get_object().if_contains("policy");
        if (policy == nullptr || policy->is_null()) return prices;
        const json::object& given = object_in(all.get_object(), "policy");
        const auto needed = [&](std::string_view name) {
            const auto number = number_in(given, name);
            if (!number) throw Unreadable{std::string{name} + " is missing"};
            return *number;
        };
        prices.policy = domain::PricingPolicy{std::to_string(needed("id")), needed("cu"),
                                              needed("su"), needed("ipu"), needed("unique_name")};
        return prices;
    } catch (const Unreadable& unreadable) {
        throw std::runtime_error{"the prices are not as agreed: " + unreadable.what};
    }
}

Commands price_news(const GridPrices& prices, const domain::MarketData& known, domain::Time now) {
    Commands commands;
    const std::string stream{market_stream};
    if (prices.policy && prices.policy != known.policy)
        commands.push_back(posted(stream, domain::RecordPricingPolicy{*prices.policy}));
    const bool due = !known.tft_price || known.stale || prices.tft != known.tft_price ||
                     now.milliseconds - known.observed.milliseconds >= price_told_every.count();
    if (prices.tft && due && known.observed < now)
        commands.push_back(posted(stream, domain::RecordTftPrice{*prices.tft, now, {}}));
    return commands;
}

} // namespace gateways::tfgrid
