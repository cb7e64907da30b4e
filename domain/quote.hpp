// A quote: what a deployment would cost and where it could run, with all the facts that say so.
// It is no aggregate: the read side makes it, signs it, and forgets it. Whoever orders hands it
// in again, and the deployment records what was promised.

#pragma once

#include "domain/market_types.hpp"
#include "domain/placement.hpp"
#include "domain/plan.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace domain {

struct QuoteTerms {
    QuoteId id;
    DashboardId dashboard;
    AccountId account;
    PlanId plan;
    std::uint32_t plan_version = 0;
    std::optional<std::uint32_t> sla_version;
    std::string application;         // What runs on the workloads, as the plan says.
    std::vector<Workload> workloads; // One per role.
    bool web_name = false;           // With a name at a gateway of the grid.

    // What the price was made of.
    std::string pricing_policy; // Its id.
    std::int64_t tft_price = 0; // In USD/1000 for one TFT, as the chain counts.
    DiscountTier tier = DiscountTier::none;
    Money list_cost;     // The grid's cost of a month without a tier's discount.
    Money expected_cost; // With it.

    Money price;    // Of a month, before discount and tax.
    Money discount; // Taken off it.
    Money net;      // price - discount
    Money tax;
    Money gross; // net + tax
    std::optional<std::string> discount_code;
    std::int64_t tax_basis_points = 0;
    std::optional<std::string> tax_country; // Who gets the tax.

    std::vector<Candidate> candidates; // Best first; any role may take any, one node for each.
    Time expires;

    // What the dashboard does about disputes and fraud; absent: as SalesSettings has it.
    std::optional<bool> suspends_on_dispute;
    std::optional<Money> fraud_refund_limit;
};
BOOST_DESCRIBE_STRUCT(QuoteTerms, (),
                      (id, dashboard, account, plan, plan_version, sla_version, application,
                       workloads, web_name, pricing_policy, tft_price, tier, list_cost,
                       expected_cost, price, discount, net, tax, gross, discount_code,
                       tax_basis_points, tax_country, candidates, expires, suspends_on_dispute,
                       fraud_refund_limit))

inline constexpr std::chrono::milliseconds quote_validity = std::chrono::minutes{15};

// `basic` leaves the choice of nodes to the dashboard, `advanced` has a filter.
enum class PlacementMode { basic, advanced };
BOOST_DESCRIBE_ENUM(PlacementMode, basic, advanced)

struct QuoteRequest {
    QuoteId id;
    DashboardId dashboard;
    AccountId account;
    PlanId plan;
    PlacementMode mode = PlacementMode::basic;
    std::optional<PlacementFilter> filter;
    std::optional<std::string> discount_code;
    std::optional<std::string> country; // Where the account is taxed.
    std::optional<bool> business;       // Not a consumer, to the tax.
};
BOOST_DESCRIBE_STRUCT(QuoteRequest, (),
                      (id, dashboard, account, plan, mode, filter, discount_code, country,
                       business))

// Clients see the name. Each says what would have to be otherwise.
enum class QuoteRejection {
    plan_not_offered,
    filter_invalid, // Or given in the basic mode.
    price_feed_stale,
    code_unknown,
    code_expired,
    code_exhausted,
    not_eligible, // For the discount.
    margin_below_floor,
    no_matching_node, // Or none for each of the plan's roles.
};
BOOST_DESCRIBE_ENUM(QuoteRejection, plan_not_offered, filter_invalid, price_feed_stale,
                    code_unknown, code_expired, code_exhausted, not_eligible, margin_below_floor,
                    no_matching_node)

// What a quote has to know of the dashboard.
struct DashboardFacts {
    bool open = false; // Went live, and is not closing. A pause stops orders, not quotes.
    std::uint32_t markup_basis_points = 0;
    SalesSettings settings;
};
BOOST_DESCRIBE_STRUCT(DashboardFacts, (), (open, markup_basis_points, settings))

// What a quote has to know of a discount code, for the account that asks.
struct DiscountFacts {
    std::string code;
    DiscountTerms terms;
    std::optional<QuoteRejection> refusal; // Why it could not be reserved.
};
BOOST_DESCRIBE_STRUCT(DiscountFacts, (), (code, terms, refusal))

struct Dashboard;
struct DiscountCode;
struct MarketData;

DashboardFacts facts_of(const Dashboard& dashboard);
DiscountFacts facts_of(const DiscountCode& code, const AccountId& account, bool first_order,
                       Time now);

// The rule that applies to the payer; none when nothing is taxed.
const TaxRule* tax_rule_of(std::span<const TaxRule> rules,
                           const std::optional<std::string>& country, bool business);

// `plan` is the version in force, none when there is none; `discount` is asked for when the
// request has a code; `candidates` are those of the request's filter.
Result<QuoteTerms, QuoteRejection> quote(const QuoteRequest& request, const Plan* plan,
                                         const DashboardFacts& dashboard, const MarketData& market,
                                         const DiscountFacts* discount,
                                         std::span<const TaxRule> tax_rules,
                                         std::span<const Candidate> candidates, Time now);

} // namespace domain
