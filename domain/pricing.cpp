#include "domain/pricing.hpp"

#include <algorithm>
#include <limits>

namespace domain {

namespace {

// The least common multiple of the units' denominators, 8 and 1200.
constexpr std::int64_t unit_parts = 2400;
constexpr std::int64_t seconds_per_hour = 3600;
constexpr std::int64_t seconds_max = std::int64_t{1} << 32;
constexpr std::uint64_t cores_max = 1 << 16;
constexpr std::uint64_t gibibytes_max = 1 << 24;
constexpr std::int64_t unit_price_max = std::numeric_limits<std::uint32_t>::max();

std::int64_t narrow(Int128 number) {
    expects(number >= std::numeric_limits<std::int64_t>::min() &&
                number <= std::numeric_limits<std::int64_t>::max(),
            "a cost fits");
    return static_cast<std::int64_t>(number);
}

Money cents(Int128 number) { return {narrow(number), Currency::usd}; }

// What the units cost for an hour, in parts of 1e-7 USD.
Int128 unit_cost_parts(const PricingPolicy& policy, const Resources& resources) {
    expects(is_priceable(policy) && is_priceable(resources), "what is priced is within limits");
    const CloudUnits units = cloud_units(resources);
    return Int128{units.compute_eighths} * policy.cu * (unit_parts / 8) +
           Int128{units.storage_1200ths} * policy.su * (unit_parts / 1200);
}

void expect_span(std::int64_t seconds) {
    expects(seconds >= 0 && seconds <= seconds_max, "a span of seconds is within limits");
}

// Every contract is billed on its own, so each is rounded before they are added.
Int128 hourly_usd_units(const PricingPolicy& policy, std::span<const Workload> workloads,
                        bool web_name) {
    Int128 sum = web_name ? name_usd_units(policy, seconds_per_hour) : 0;
    for (const Workload& workload : workloads)
        sum += workload_usd_units(policy, workload.resources, seconds_per_hour);
    return sum;
}

Money least(const Money& left, const Money& right) { return left < right ? left : right; }

// Nothing, or what a card can be charged.
Money chargeable(const Money& amount) {
    if (amount.minor <= 0) return {0, amount.currency};
    return amount < card_minimum ? card_minimum : amount;
}

} // namespace

bool is_priceable(const Resources& resources) {
    return resources.cru <= cores_max && resources.mru <= gibibytes_max &&
           resources.sru <= gibibytes_max && resources.hru <= gibibytes_max &&
           resources.gpus <= cores_max && resources.public_ips <= cores_max;
}

bool is_priceable(const PricingPolicy& policy) {
    const auto within = [](std::int64_t price) { return price >= 0 && price <= unit_price_max; };
    return within(policy.cu) && within(policy.su) && within(policy.ipu) &&
           within(policy.unique_name);
}

CloudUnits cloud_units(const Resources& resources) {
    const auto cores = static_cast<std::int64_t>(resources.cru);
    const auto memory = static_cast<std::int64_t>(resources.mru);
    // Memory and cores in three proportions; the cheapest that has room for both is billed.
    const std::int64_t compute =
        std::min({std::max(2 * memory, 4 * cores), std::max(memory, 8 * cores),
                  std::max(4 * memory, 2 * cores)});
    const auto storage = static_cast<std::int64_t>(resources.hru + 6 * resources.sru);
    return {compute, storage};
}

std::int64_t workload_usd_units(const PricingPolicy& policy, const Resources& resources,
                                std::int64_t seconds) {
    expect_span(seconds);
    const Int128 parts =
        unit_cost_parts(policy, resources) + Int128{resources.public_ips} * policy.ipu * unit_parts;
    return narrow(divide(parts * seconds, unit_parts * seconds_per_hour, Rounding::half_up));
}

std::int64_t name_usd_units(const PricingPolicy& policy, std::int64_t seconds) {
    expect_span(seconds);
    expects(is_priceable(policy), "what is priced is within limits");
    return narrow(
        divide(Int128{policy.unique_name} * seconds, seconds_per_hour, Rounding::half_up));
}

std::int64_t rented_node_usd_units(const PricingPolicy& policy, const Resources& node,
                                   std::int64_t percent, std::int64_t seconds) {
    expect_span(seconds);
    expects(percent >= 0 && percent <= 100, "a percentage is one of a hundred");
    return narrow(divide(unit_cost_parts(policy, node) * seconds * percent,
                         unit_parts * seconds_per_hour * 100, Rounding::half_up));
}

std::int64_t tier_percent(DiscountTier tier) {
    switch (tier) {
    case DiscountTier::none: return 100;
    case DiscountTier::standard: return 80;
    case DiscountTier::bronze: return 70;
    case DiscountTier::silver: return 60;
    case DiscountTier::gold: return 40;
    }
    return 100;
}

Money tft_cost(std::int64_t usd_units, DiscountTier tier, std::int64_t tft_price) {
    expects(usd_units >= 0 && tft_price > 0, "a bill and a price are known");
    const Int128 dividend = Int128{usd_units} * 10'000'000 * tier_percent(tier);
    const Int128 divisor = Int128{tft_price} * 10'000 * 100;
    return {narrow(divide(dividend, divisor, Rounding::half_up)), Currency::tft};
}

DiscountTier tier_of(const Money& balance, const Money& hourly_cost) {
    expects(balance.currency == Currency::tft && hourly_cost.currency == Currency::tft,
            "a tier is reached with TFT");
    const auto lasts_half_months = [&](std::int64_t halves) {
        return Int128{balance.minor} * 2 >= Int128{hourly_cost.minor} * hours_per_month * halves;
    };
    if (lasts_half_months(36)) return DiscountTier::gold;
    if (lasts_half_months(12)) return DiscountTier::silver;
    if (lasts_half_months(6)) return DiscountTier::bronze;
    if (lasts_half_months(3)) return DiscountTier::standard;
    return DiscountTier::none;
}

Money list_cost(const PricingPolicy& policy, std::span<const Workload> workloads, bool web_name) {
    const Int128 month = hourly_usd_units(policy, workloads, web_name) * hours_per_month;
    return cents(divide(month, usd_units_per_cent, Rounding::ceiling));
}

// Rounded to the nearest cent, as the chain rounds its bills.
Money expected_cost(const PricingPolicy& policy, std::span<const Workload> workloads, bool web_name,
                    DiscountTier tier) {
    const Int128 month = hourly_usd_units(policy, workloads, web_name) * hours_per_month;
    return cents(divide(month * tier_percent(tier), usd_units_per_cent * 100, Rounding::half_up));
}

Money cost_plus_price(const Money& list, std::uint32_t markup_basis_points, const Money& step) {
    expects(step.minor > 0, "prices have a step");
    const Int128 marked = divide(Int128{list.minor} * (basis_points_all + markup_basis_points),
                                 basis_points_all, Rounding::ceiling);
    const Int128 steps =
        divide(std::max(marked, Int128{chargeable(list).minor}), step.minor, Rounding::ceiling);
    return cents(steps * step.minor);
}

Money net_price(const Money& price, const DiscountTerms& terms, const Money& list) {
    Money net = price;
    switch (terms.kind) {
    case DiscountKind::percent:
        net = price - scale(price, terms.basis_points, basis_points_all, Rounding::floor);
        break;
    case DiscountKind::amount: net = price - terms.amount; break;
    case DiscountKind::waive_markup: net = list; break;
    }
    return least(chargeable(net), price);
}

Money tax_of(const Money& net, std::int64_t basis_points) {
    return scale(net, basis_points, basis_points_all, Rounding::half_up);
}

Money refund_tax(const Money& gross, const Money& tax, const Money& refunded,
                 const Money& tax_refunded, const Money& refund) {
    if (gross.minor == 0) return {0, gross.currency};
    return scale(refunded + refund, tax.minor, gross.minor, Rounding::half_up) - tax_refunded;
}

Money expected_card_fee(const Money& gross) {
    // Nothing is charged, so no card takes part.
    if (gross.minor == 0) return gross;
    return scale(gross, 29, 1000, Rounding::half_up) + Money{30, gross.currency};
}

Money margin_of(const Money& net, const Money& gross, const Money& cost) {
    return net - expected_card_fee(gross) - cost;
}

Money earned_of(const Money& net, std::int64_t elapsed, std::int64_t period) {
    expects(elapsed >= 0 && period > 0, "a period has a length");
    return scale(net, std::min(elapsed, period), period, Rounding::floor);
}

} // namespace domain
