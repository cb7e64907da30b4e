// What the grid says of nodes, farms and prices that the marketplace does not know yet, as
// commands. Pure.
//
// A node comes in by itself when its farm was proved by an approved provider, and nobody else's
// does. It is registered and no more: operators verify it, and a participation exposes it. From
// then on its size and whether it is reached are kept up to date, as long as its provider has
// the farm. What is not in the listing is left as it is: the grid shows dead nodes too.

#pragma once

#include "domain/market_data.hpp"
#include "domain/node.hpp"
#include "domain/provider.hpp"
#include "gateways/tfgrid/grid_proxy.hpp"
#include "gateways/tfgrid/translate.hpp"

#include <functional>
#include <span>

namespace gateways::tfgrid {

struct KnownProvider {
    domain::ProviderId id;
    domain::Provider is;
};

struct GridListing {
    std::vector<GridNode> nodes;
    std::vector<GridFarm> farms;
    std::int64_t our_twin = 0; // Whose rented nodes are ours; 0: nobody's are.
};

// Nothing: never registered.
using NodeLookup = std::function<std::optional<domain::Node>(const domain::NodeId& node)>;

// All of it; not what is free, which is told too late to be sold by. Nothing where we may not
// deploy: on nodes that others rent, or that have to be rented first. Cards only where we rent; a
// farm's addresses are shared out among its nodes.
domain::Resources size_of(const GridNode& node, const GridListing& listing);

Commands node_news(const GridListing& listing, std::span<const KnownProvider> providers,
                   const NodeLookup& known, domain::Time now);

struct GridPrices {
    std::optional<std::int64_t> tft; // USD/1000, as bills are made with it; absent: not known yet.
    std::optional<domain::PricingPolicy> policy;
};

// Of the body of GET /v1/prices. Throws std::runtime_error when it is none.
GridPrices read_prices(std::string_view body);

// A price that stays is told again before the last one is stale.
inline constexpr std::chrono::milliseconds price_told_every = domain::feed_time_max / 4;

inline constexpr std::string_view market_stream = "market_data-grid";

Commands price_news(const GridPrices& prices, const domain::MarketData& known, domain::Time now);

} // namespace gateways::tfgrid
