// Quotes and orders: what is put together from what several aggregates say, before a deployment
// decides. Blocks, and is for the reading thread.

#pragma once

#include "domain/dashboard.hpp"
#include "domain/deployment.hpp"
#include "domain/quote.hpp"
#include "gateways/http/response.hpp"
#include "gateways/market/catalogue.hpp"
#include "gateways/market/seal.hpp"
#include "projections/resources_view.hpp"

#include <string>
#include <string_view>

namespace gateways::market {

// POST /v1/quotes.
struct QuoteAsk {
    domain::DashboardId dashboard;
    domain::PlanId plan;
    std::optional<domain::PlacementMode> mode; // Absent: advanced with a filter, else basic.
    std::optional<domain::PlacementFilter> filter;
    std::optional<std::string> discount_code;
    std::optional<domain::AccountId> account; // For the staff, who may ask for another.
};
BOOST_DESCRIBE_STRUCT(QuoteAsk, (), (dashboard, plan, mode, filter, discount_code, account))

// POST /v1/deployments.
struct OrderAsk {
    std::string quote; // As the quote gave it: its terms, signed.
    std::string name;
    std::string ssh_key;
    std::optional<std::string> domain_label;
    std::optional<domain::CardId> card; // Absent: the account's default card at the dashboard.
};
BOOST_DESCRIBE_STRUCT(OrderAsk, (), (quote, name, ssh_key, domain_label, card))

// Why there is none, as a client is told.
struct OrderProblem {
    http::Status status{};
    std::string code, detail;
};
template <class Value>
using OrderResult = boost::system::result<Value, OrderProblem>;

class Orders {
public:
    // All outlive the object. `views` has the view of resources.
    Orders(const projections::Views& views, const projections::Registry& registry,
           Catalogue& catalogue, const Seal& seal)
        : views_{views}, registry_{registry}, catalogue_{catalogue}, seal_{seal} {}

    struct Asker {
        std::string tenant;
        std::string account; // Whose order it is; empty: anybody's, for the staff.
    };

    // {"quote": sealed, then the terms}.
    OrderResult<std::string> quote(const Asker& asker, const QuoteAsk& ask, domain::Time now);
    // The command, with all that others know put in.
    OrderResult<domain::PlaceOrder> order(const Asker& asker, const OrderAsk& ask,
                                          domain::Time now);

private:
    template <class Domain>
    std::optional<Domain> state(const projections::Resources& resources, const std::string& tenant,
                                const std::string& id) const;
    domain::Money committed(const projections::Resources& resources, const Asker& asker,
                            domain::Currency currency) const;

    const projections::Views& views_;
    const projections::Registry& registry_;
    Catalogue& catalogue_;
    const Seal& seal_;
};

} // namespace gateways::market
