// A plan: what a dashboard sells. A version of a plan is never edited; what changes is a new one.

#pragma once

#include "domain/market_types.hpp"
#include "domain/pricing.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace domain {

struct Plan {
    PlanId id;
    std::uint32_t version = 0; // 1, 2, 3 ... of this plan.
    std::string title;
    std::string application;         // What runs on the workloads.
    std::vector<Workload> workloads; // One per role, a primary among them.
    bool web_name = false;           // With a name at a gateway of the grid.
    std::optional<Money> price;      // Of a month; absent: the list cost and the markup.
    std::optional<std::uint32_t> sla_version;
    Time from; // When the version comes into force.
    bool retired = false;
};
BOOST_DESCRIBE_STRUCT(Plan, (),
                      (id, version, title, application, workloads, web_name, price, sla_version,
                       from, retired))

// The newest version that is in force; none when there is none, or the plan is retired.
inline const Plan* plan_in_force(std::span<const Plan> plans, const PlanId& id, Time now) {
    const Plan* found = nullptr;
    for (const Plan& plan : plans)
        if (plan.id == id && plan.from <= now && !plan.retired &&
            (found == nullptr || plan.version > found->version))
            found = &plan;
    return found;
}

// How a dashboard makes prices and takes money.
struct SalesSettings {
    bool charge_first = false;      // Charge at once, without a hold.
    bool suspend_on_dispute = true; // Take the deployment away while its payment is disputed.
    Money fraud_refund_limit{0, Currency::usd};      // A warned payment up to this is given back.
    Money margin_floor{0, Currency::usd};            // What has to be left of a month.
    Money price_step{1, Currency::usd};              // Prices above list cost are whole steps.
    DiscountTier declared_tier = DiscountTier::none; // What the wallet is kept filled for.
};
BOOST_DESCRIBE_STRUCT(SalesSettings, (),
                      (charge_first, suspend_on_dispute, fraud_refund_limit, margin_floor,
                       price_step, declared_tier))

// A plan's month in money, as long as there is no discount.
struct PlanCost {
    Money list;
    Money expected; // At the declared tier.
    Money price;
};
BOOST_DESCRIBE_STRUCT(PlanCost, (), (list, expected, price))

inline PlanCost cost_of(const Plan& plan, const PricingPolicy& policy,
                        std::uint32_t markup_basis_points, const SalesSettings& settings) {
    const Money list = list_cost(policy, plan.workloads, plan.web_name);
    return {list, expected_cost(policy, plan.workloads, plan.web_name, settings.declared_tier),
            plan.price ? *plan.price
                       : cost_plus_price(list, markup_basis_points, settings.price_step)};
}

// Who pays how much tax.
struct TaxRule {
    std::string country; // ISO 3166-1 alpha-2.
    std::uint32_t basis_points = 0;
    bool consumer_only = false; // Businesses account for it themselves.
};
BOOST_DESCRIBE_STRUCT(TaxRule, (), (country, basis_points, consumer_only))

} // namespace domain
