// What things cost and what is asked for them, in whole numbers: the grid's units and its bills,
// a plan's price, discount, tax and fees. All amounts but the grid's bills are in USD cents.

#pragma once

#include "domain/market_types.hpp"

#include <cstdint>
#include <span>

namespace domain {

inline constexpr std::int64_t hours_per_month = 720;
inline constexpr std::int64_t usd_units_per_cent = 100'000; // The chain counts 1e-7 USD.
inline constexpr std::int64_t basis_points_all = 10'000;
// Cards are not charged less than this.
inline constexpr Money card_minimum{50, Currency::usd};
// No price, discount or floor is above this: products of amounts always fit.
inline constexpr Money price_max{1'000'000'00, Currency::usd};

// The chain's limits are wider; within these every product below fits.
bool is_priceable(const Resources& resources);
bool is_priceable(const PricingPolicy& policy);

// Compute and storage units as exact fractions.
struct CloudUnits {
    std::int64_t compute_eighths = 0;
    std::int64_t storage_1200ths = 0;
};
BOOST_DESCRIBE_STRUCT(CloudUnits, (), (compute_eighths, storage_1200ths))

CloudUnits cloud_units(const Resources& resources);

// What the chain bills for `seconds` before a tier's discount, in 1e-7 USD, rounded half up as the
// chain does. Resources and policy are priceable.
std::int64_t workload_usd_units(const PricingPolicy& policy, const Resources& resources,
                                std::int64_t seconds);
std::int64_t name_usd_units(const PricingPolicy& policy, std::int64_t seconds);
// A whole node for one tenant: `percent` of what its units would cost, as the chain does it: the
// percentage called a discount there is the part that is paid.
std::int64_t rented_node_usd_units(const PricingPolicy& policy, const Resources& node,
                                   std::int64_t percent, std::int64_t seconds);

// How much of the list price a tier pays, in percent.
std::int64_t tier_percent(DiscountTier tier);

// The bill in TFT. `tft_price` is in USD/1000 for one TFT, above zero.
Money tft_cost(std::int64_t usd_units, DiscountTier tier, std::int64_t tft_price);

// The tier that a balance reaches for one contract, by the months it would last at the cost
// without discount.
DiscountTier tier_of(const Money& balance, const Money& hourly_cost);

// What the grid asks for a month of a plan, without and with a tier's discount.
Money list_cost(const PricingPolicy& policy, std::span<const Workload> workloads, bool web_name);
Money expected_cost(const PricingPolicy& policy, std::span<const Workload> workloads, bool web_name,
                    DiscountTier tier);

// The list cost and a markup, rounded up to whole steps, and not less than a card can be charged.
Money cost_plus_price(const Money& list, std::uint32_t markup_basis_points, const Money& step);

enum class DiscountKind { percent, amount, waive_markup };
BOOST_DESCRIBE_ENUM(DiscountKind, percent, amount, waive_markup)

struct DiscountTerms {
    DiscountKind kind = DiscountKind::percent;
    std::uint32_t basis_points = 0; // Of a percent: how much of the price goes.
    Money amount{0, Currency::usd}; // Of an amount.
};
BOOST_DESCRIBE_STRUCT(DiscountTerms, (), (kind, basis_points, amount))

// What is left of the price. It is never more than the price, and zero or what a card can be
// charged.
Money net_price(const Money& price, const DiscountTerms& terms, const Money& list);

Money tax_of(const Money& net, std::int64_t basis_points);

// The part of a refund that is tax. `refunded` and `tax_refunded` are the sums of the refunds
// before; so the parts of a full refund add up to the invoice's tax.
Money refund_tax(const Money& gross, const Money& tax, const Money& refunded,
                 const Money& tax_refunded, const Money& refund);

// What the card's fee will probably be; the books take the provider's own number.
Money expected_card_fee(const Money& gross);

// What is left to the operator of a month.
Money margin_of(const Money& net, const Money& gross, const Money& cost);

// How much of `net` is earned when `elapsed` seconds of a period have been served. What is booked
// is the difference to what was booked before.
Money earned_of(const Money& net, std::int64_t elapsed, std::int64_t period);

} // namespace domain
