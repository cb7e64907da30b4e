// What is asked for a plan and what is left of it: prices, discounts, tax, fees, revenue.

#include "domain/pricing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace domain {

namespace {

constexpr std::int64_t hour = 3600;
const PricingPolicy set_a{"pp-1", 100'000, 50'000, 40'000, 2'500};

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Money tft(std::int64_t units) { return {units, Currency::tft}; }
constexpr Resources small_machine{2, 4, 50, 0, 0, 0};

TEST(PlanPrice, OfASmallMachineIsPricedToTheCent) {
    const auto workloads = std::vector<Workload>{{WorkloadRole::primary, small_machine}};
    const std::int64_t hourly = workload_usd_units(set_a, small_machine, hour);
    EXPECT_EQ(hourly, 112'500);
    EXPECT_EQ(tft_cost(hourly, DiscountTier::none, 10), tft(11'250'000));
    EXPECT_EQ(tft_cost(hourly, DiscountTier::gold, 10), tft(4'500'000));
    const Money list = list_cost(set_a, workloads, false);
    const Money expected = expected_cost(set_a, workloads, false, DiscountTier::gold);
    EXPECT_EQ(list, usd(810));
    EXPECT_EQ(expected, usd(324));
    EXPECT_EQ(expected_card_fee(usd(1500)), usd(74));
    EXPECT_EQ(margin_of(usd(1500), usd(1500), expected), usd(1102));

    const Money cheaper = net_price(usd(1500), {DiscountKind::percent, 2'000, usd(0)}, list);
    EXPECT_EQ(cheaper, usd(1200));
    EXPECT_EQ(expected_card_fee(cheaper), usd(65));
    EXPECT_EQ(margin_of(cheaper, cheaper, expected), usd(811));

    const Money waived = net_price(usd(1500), {DiscountKind::waive_markup, 0, usd(0)}, list);
    EXPECT_EQ(waived, usd(810));
    EXPECT_EQ(expected_card_fee(waived), usd(53));
    EXPECT_EQ(margin_of(waived, waived, expected), usd(433));
}

TEST(PlanPrice, WithABackupAndANameIsPricedToTheCent) {
    const std::vector<Workload> workloads{{WorkloadRole::primary, small_machine},
                                          {WorkloadRole::backup, small_machine}};
    EXPECT_EQ(list_cost(set_a, workloads, true), usd(1638));
    const Money expected = expected_cost(set_a, workloads, true, DiscountTier::gold);
    EXPECT_EQ(expected, usd(655));
    EXPECT_EQ(margin_of(usd(1000), usd(1000), expected), usd(286));
}

TEST(PlanPrice, CostsMoreWhenTheTierFallsInsideAMonth) {
    const auto hourly = [](DiscountTier tier) {
        const Money machine_cost =
            tft_cost(workload_usd_units(set_a, small_machine, hour), tier, 10);
        return machine_cost + machine_cost + tft_cost(name_usd_units(set_a, hour), tier, 10);
    };
    const Money gold = hourly(DiscountTier::gold), silver = hourly(DiscountTier::silver);
    EXPECT_EQ(gold, tft(9'100'000));
    EXPECT_EQ(silver, tft(13'650'000));
    EXPECT_EQ(gold.minor * 720, 6'552'000'000);
    const Money month = tft(360 * gold.minor + 360 * silver.minor);
    EXPECT_EQ(month, tft(8'190'000'000));
    // At 10 mUSD a TFT is a cent.
    EXPECT_EQ(margin_of(usd(1000), usd(1000), usd(month.minor / 10'000'000)), usd(122));
}

TEST(CostPlusPrice, IsRoundedUpToTheStep) {
    EXPECT_EQ(cost_plus_price(usd(810), 0, usd(1)), usd(810));
    EXPECT_EQ(cost_plus_price(usd(810), 2'500, usd(1)), usd(1013)); // 1012.5
    EXPECT_EQ(cost_plus_price(usd(810), 2'500, usd(50)), usd(1050));
    EXPECT_EQ(cost_plus_price(usd(1000), 100'000, usd(100)), usd(11'000));
    EXPECT_EQ(cost_plus_price(usd(0), 5'000, usd(100)), usd(0));
}

TEST(CostPlusPrice, CanBeChargedToACard) {
    EXPECT_EQ(cost_plus_price(usd(12), 0, usd(1)), usd(50));
    EXPECT_EQ(cost_plus_price(usd(12), 0, usd(20)), usd(60));
    EXPECT_EQ(cost_plus_price(usd(48), 1'000, usd(1)), usd(53));
}

TEST(NetPrice, OfAnAmountStopsAtNothing) {
    const auto minus = [](std::int64_t cents) {
        return net_price(usd(1500), {DiscountKind::amount, 0, usd(cents)}, usd(810));
    };
    EXPECT_EQ(minus(1), usd(1499));
    EXPECT_EQ(minus(1450), usd(50));
    EXPECT_EQ(minus(1451), usd(50));
    EXPECT_EQ(minus(1499), usd(50));
    EXPECT_EQ(minus(1500), usd(0));
    EXPECT_EQ(minus(9999), usd(0));
}

TEST(NetPrice, OfAPercentageRoundsTheDiscountDown) {
    const auto percent = [](std::int64_t cents, std::uint32_t basis_points) {
        return net_price(usd(cents), {DiscountKind::percent, basis_points, usd(0)}, usd(810));
    };
    EXPECT_EQ(percent(999, 3'333), usd(999 - 332)); // 332.97
    EXPECT_EQ(percent(999, 0), usd(999));
    EXPECT_EQ(percent(999, 10'000), usd(0));
    EXPECT_EQ(percent(999, 9'999), usd(50));
}

TEST(NetPrice, IsNeverMoreThanThePrice) {
    // A plan may be sold below the list cost, because the operator pays less than that.
    EXPECT_EQ(net_price(usd(1000), {DiscountKind::waive_markup, 0, usd(0)}, usd(1638)), usd(1000));
    EXPECT_EQ(net_price(usd(40), {DiscountKind::percent, 1'000, usd(0)}, usd(30)), usd(40));
}

TEST(Tax, IsRoundedHalfUp) {
    EXPECT_EQ(tax_of(usd(1500), 2'100), usd(315));
    EXPECT_EQ(tax_of(usd(50), 2'100), usd(11)); // 10.5
    EXPECT_EQ(tax_of(usd(49), 2'100), usd(10)); // 10.29
    EXPECT_EQ(tax_of(usd(1500), 0), usd(0));
}

TEST(Tax, GoesBackWithPartialRefunds) {
    const Money first = refund_tax(usd(1815), usd(315), usd(0), usd(0), usd(1000));
    EXPECT_EQ(first, usd(174));
    EXPECT_EQ(usd(1000) - first, usd(826));
    const Money rest = refund_tax(usd(1815), usd(315), usd(1000), first, usd(815));
    EXPECT_EQ(rest, usd(141));
    EXPECT_EQ(usd(815) - rest, usd(674));
    EXPECT_EQ(refund_tax(usd(0), usd(0), usd(0), usd(0), usd(0)), usd(0));
}

TEST(Tax, PartsOfAllRefundsAddUpToIt) {
    for (std::uint64_t seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        const auto draw = [&](std::int64_t below) {
            return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random);
        };
        const Money net = usd(50 + draw(1 << (1 + draw(20))));
        const Money tax = tax_of(net, draw(10'001));
        const Money gross = net + tax;
        Money refunded = usd(0), tax_refunded = usd(0);
        while (refunded < gross) {
            const std::int64_t most = gross.minor - refunded.minor;
            const Money refund = usd(std::min(most, 1 + draw(1 << (1 + draw(18)))));
            const Money part = refund_tax(gross, tax, refunded, tax_refunded, refund);
            EXPECT_GE(part.minor, 0);
            EXPECT_LE(part, refund);
            refunded = refunded + refund;
            tax_refunded = tax_refunded + part;
        }
        EXPECT_EQ(tax_refunded, tax);
    }
}

TEST(CardFee, IsTheUsual) {
    EXPECT_EQ(expected_card_fee(usd(1000)), usd(59));
    EXPECT_EQ(expected_card_fee(usd(1815)), usd(83));
    EXPECT_EQ(expected_card_fee(usd(0)), usd(0)); // No card takes part.
}

TEST(Revenue, IsEarnedBySeconds) {
    constexpr std::int64_t month = 30 * 24 * 3600;
    EXPECT_EQ(earned_of(usd(1000), 0, month), usd(0));
    EXPECT_EQ(earned_of(usd(1000), month / 2, month), usd(500));
    EXPECT_EQ(earned_of(usd(1000), month - 1, month), usd(999));
    EXPECT_EQ(earned_of(usd(1000), month, month), usd(1000));
    EXPECT_EQ(earned_of(usd(1000), month + 1, month), usd(1000));
}

} // namespace

} // namespace domain
