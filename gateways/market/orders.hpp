// Quotes and orders: what is put together from what several aggregates say, before a deployment
// decides. Blocks, and is for the reading thread.

#pragma once

#include "domain/dashboard.hpp"
#include "domain/deployment.hpp"
#include "domain/quote.hpp"
#include "gateways/http/response.hpp"
#include "projections/resources_view.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

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

// Makes quotes and reads them back: the terms, then a keyed hash of them, so that nothing has to
// be kept until somebody orders. Thread-safe.
class QuoteSeal {
public:
    // Makes the file with a new key when there is none. Instances of one system share the file's
    // content. Throws std::runtime_error.
    explicit QuoteSeal(const std::filesystem::path& key_file);

    std::string seal(const domain::QuoteTerms& terms) const;
    // Nothing when it is not ours, or was changed.
    std::optional<domain::QuoteTerms> open(std::string_view sealed) const;

private:
    std::string key_;
};

class Orders {
public:
    // All outlive the object. `views` has the view of resources.
    Orders(const projections::Views& views, const projections::Registry& registry,
           const QuoteSeal& seal)
        : views_{views}, registry_{registry}, seal_{seal} {}

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
    std::shared_ptr<const std::vector<domain::NodeOffer>>
    catalogue(const projections::Resources& resources, const std::string& tenant, domain::Time now);
    domain::Money committed(const projections::Resources& resources, const Asker& asker,
                            domain::Currency currency) const;

    const projections::Views& views_;
    const projections::Registry& registry_;
    const QuoteSeal& seal_;

    // The nodes of one tenant, read together once in a while: thousands of rows.
    struct Catalogue {
        std::string tenant;
        std::chrono::steady_clock::time_point read_at;
        std::shared_ptr<const std::vector<domain::NodeOffer>> offers;
    };
    std::mutex mutex_;
    std::vector<Catalogue> catalogues_;
};

} // namespace gateways::market
