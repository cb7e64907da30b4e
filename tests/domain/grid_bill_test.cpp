// What the grid bills: known bills, and random ones against slow fractions.

#include "domain/pricing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace domain {

namespace {

constexpr std::int64_t hour = 3600;

const PricingPolicy manual{"1", 305'600, 194'400, 69'400, 13'900};
const PricingPolicy set_a{"pp-1", 100'000, 50'000, 40'000, 2'500};

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Money tft(std::int64_t units) { return {units, Currency::tft}; }
constexpr Resources machine(std::uint32_t cru, std::uint64_t mru, std::uint64_t sru,
                            std::uint32_t public_ips = 0) {
    return {cru, mru, sru, 0, 0, public_ips};
}
std::vector<Workload> one(const Resources& resources) {
    return {{WorkloadRole::primary, resources}};
}

constexpr std::array all_tiers{DiscountTier::none, DiscountTier::standard, DiscountTier::bronze,
                               DiscountTier::silver, DiscountTier::gold};

// Bills as the chain makes them at 10 mUSD for one TFT.
struct KnownBill {
    Resources resources;
    std::int64_t compute_eighths, storage_1200ths;
    std::int64_t usd_units;
    std::int64_t cents_per_month;     // To the nearest.
    std::array<std::int64_t, 5> bill; // TFT units an hour, by tier.
    std::int64_t gold_cents;          // 1/100 TFT to hold for the highest tier.
};

const std::vector<KnownBill> known_bills{
    {machine(1, 2, 25),
     4,
     150,
     177'100,
     1275,
     {17'710'000, 14'168'000, 12'397'000, 10'626'000, 7'084'000},
     2'295'216},
    {machine(2, 4, 50),
     8,
     300,
     354'200,
     2550,
     {35'420'000, 28'336'000, 24'794'000, 21'252'000, 14'168'000},
     4'590'432},
    {machine(2, 4, 50, 1),
     8,
     300,
     423'600,
     3050,
     {42'360'000, 33'888'000, 29'652'000, 25'416'000, 16'944'000},
     5'489'856},
    {machine(3, 5, 40),
     12,
     240,
     497'280,
     3580,
     {49'728'000, 39'782'400, 34'809'600, 29'836'800, 19'891'200},
     6'444'749},
    {machine(4, 16, 100),
     32,
     600,
     1'319'600,
     9501,
     {131'960'000, 105'568'000, 92'372'000, 79'176'000, 52'784'000},
     17'102'016},
    {machine(8, 32, 250),
     64,
     1500,
     2'687'800,
     19'352,
     {268'780'000, 215'024'000, 188'146'000, 161'268'000, 107'512'000},
     34'833'888},
};

TEST(GridBill, IsTheChains) {
    for (const KnownBill& known : known_bills) {
        SCOPED_TRACE(known.usd_units);
        const CloudUnits units = cloud_units(known.resources);
        EXPECT_EQ(units.compute_eighths, known.compute_eighths);
        EXPECT_EQ(units.storage_1200ths, known.storage_1200ths);
        const std::int64_t bill = workload_usd_units(manual, known.resources, hour);
        EXPECT_EQ(bill, known.usd_units);
        EXPECT_EQ(divide(Int128{bill} * hours_per_month, usd_units_per_cent, Rounding::half_up),
                  known.cents_per_month);
        for (std::size_t tier = 0; tier < all_tiers.size(); ++tier)
            EXPECT_EQ(tft_cost(bill, all_tiers[tier], 10), tft(known.bill[tier]));
    }
}

TEST(GridBill, ReachesTheHighestTierWithTheKnownBalance) {
    for (const KnownBill& known : known_bills) {
        SCOPED_TRACE(known.usd_units);
        const Money cost = tft_cost(known.usd_units, DiscountTier::none, 10);
        const std::int64_t balance = cost.minor * hours_per_month * 18;
        EXPECT_EQ(divide(balance, 100'000, Rounding::half_up), known.gold_cents);
        EXPECT_EQ(tier_of(tft(balance), cost), DiscountTier::gold);
        EXPECT_EQ(tier_of(tft(balance - 1), cost), DiscountTier::silver);
    }
}

TEST(GridBill, CountsComputeUnitsByTheCheapestProportion) {
    const auto eighths = [](std::uint32_t cru, std::uint64_t mru) {
        return cloud_units(machine(cru, mru, 0)).compute_eighths;
    };
    EXPECT_EQ(eighths(2, 2), 8);
    EXPECT_EQ(eighths(4, 8), 16);
    EXPECT_EQ(eighths(1, 1), 4);
    EXPECT_EQ(eighths(8, 32), 64);
    EXPECT_EQ(eighths(0, 0), 0);
}

TEST(GridBill, CountsHardDisks) {
    Resources disks;
    disks.hru = 20 * 50;
    EXPECT_EQ(cloud_units(disks).storage_1200ths, 1000);
    const std::int64_t bill = workload_usd_units(manual, disks, hour);
    EXPECT_EQ(bill, 162'000);
    // USD 11.66 a month, where 1166.4 cents are rounded.
    EXPECT_EQ(divide(Int128{bill} * hours_per_month, usd_units_per_cent, Rounding::half_up), 1166);
}

TEST(GridBill, OfARentedNodeIsHalfOfTheWhole) {
    const Resources node = machine(16, 64, 1000);
    EXPECT_EQ(cloud_units(node).compute_eighths, 16 * 8);
    EXPECT_EQ(cloud_units(node).storage_1200ths, 5 * 1200);
    const std::int64_t bill = rented_node_usd_units(manual, node, 50, hour);
    EXPECT_EQ(bill, 2'930'800);
    EXPECT_EQ(divide(Int128{bill} * hours_per_month, usd_units_per_cent, Rounding::half_up),
              21'102);
    // The percentage is the part that is paid.
    EXPECT_EQ(rented_node_usd_units(manual, node, 100, hour), 5'861'600);
    EXPECT_EQ(rented_node_usd_units(manual, node, 0, hour), 0);
}

TEST(GridBill, OfANameIsByTheSecond) {
    EXPECT_EQ(name_usd_units(set_a, hour), 2'500);
    EXPECT_EQ(name_usd_units(set_a, hour / 2), 1'250);
    EXPECT_EQ(name_usd_units(set_a, 1), 1); // 0.69
    EXPECT_EQ(name_usd_units(set_a, 0), 0);
}

// Exact fractions, as slow as one likes.
struct Fraction {
    Int128 over = 0, under = 1;
};

Fraction reduced(Int128 over, Int128 under) {
    Int128 a = over, b = under;
    while (b != 0)
        a = std::exchange(b, a % b);
    return a == 0 ? Fraction{0, 1} : Fraction{over / a, under / a};
}
Fraction operator+(const Fraction& a, const Fraction& b) {
    return reduced(a.over * b.under + b.over * a.under, a.under * b.under);
}
Fraction operator*(const Fraction& a, const Fraction& b) {
    const Fraction left = reduced(a.over, b.under), right = reduced(b.over, a.under);
    return {left.over * right.over, left.under * right.under};
}
bool operator<(const Fraction& a, const Fraction& b) { return a.over * b.under < b.over * a.under; }
Int128 half_up(const Fraction& a) { return (2 * a.over + a.under) / (2 * a.under); }
Int128 ceiling(const Fraction& a) { return (a.over + a.under - 1) / a.under; }

Fraction whole(std::uint64_t number) { return {Int128{number}, 1}; }
Fraction price(std::int64_t number) { return {Int128{number}, 1}; }

Fraction compute_units(const Resources& resources) {
    const Fraction cores = whole(resources.cru), memory = whole(resources.mru);
    const auto most = [](const Fraction& a, const Fraction& b) { return a < b ? b : a; };
    const auto least = [](const Fraction& a, const Fraction& b) { return a < b ? a : b; };
    return least(most(memory * Fraction{1, 4}, cores * Fraction{1, 2}),
                 least(most(memory * Fraction{1, 8}, cores),
                       most(memory * Fraction{1, 2}, cores * Fraction{1, 4})));
}

Fraction storage_units(const Resources& resources) {
    return whole(resources.hru) * Fraction{1, 1200} + whole(resources.sru) * Fraction{1, 200};
}

Fraction slow_bill(const PricingPolicy& policy, const Resources& resources, std::int64_t seconds) {
    return (compute_units(resources) * price(policy.cu) +
            storage_units(resources) * price(policy.su) +
            whole(resources.public_ips) * price(policy.ipu)) *
           Fraction{seconds, hour};
}

class Draw {
public:
    explicit Draw(std::uint64_t seed) : random_{seed} {}

    // Small numbers as often as large ones.
    std::int64_t number(int bits) {
        const auto width = std::uniform_int_distribution<int>{0, bits}(random_);
        return std::uniform_int_distribution<std::int64_t>{0,
                                                           (std::int64_t{1} << width) - 1}(random_);
    }
    Resources resources() {
        return {static_cast<std::uint32_t>(number(16)),
                static_cast<std::uint64_t>(number(24)),
                static_cast<std::uint64_t>(number(24)),
                static_cast<std::uint64_t>(number(24)),
                0,
                static_cast<std::uint32_t>(number(16))};
    }
    PricingPolicy policy() { return {"random", number(32), number(32), number(32), number(32)}; }

private:
    std::mt19937_64 random_;
};

TEST(GridBillOfAnySize, IsTheExactFractionRoundedOnce) {
    for (std::uint64_t seed = 0; seed < 20'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Draw draw{seed};
        const Resources resources = draw.resources();
        const PricingPolicy policy = draw.policy();
        ASSERT_TRUE(is_priceable(resources) && is_priceable(policy));
        const Fraction compute = compute_units(resources), storage = storage_units(resources);
        const CloudUnits units = cloud_units(resources);
        EXPECT_EQ(Int128{units.compute_eighths} * compute.under, compute.over * 8);
        EXPECT_EQ(Int128{units.storage_1200ths} * storage.under, storage.over * 1200);

        const std::int64_t seconds = draw.number(12);
        EXPECT_EQ(workload_usd_units(policy, resources, seconds),
                  half_up(slow_bill(policy, resources, seconds)));
        EXPECT_EQ(name_usd_units(policy, seconds),
                  half_up(price(policy.unique_name) * Fraction{seconds, hour}));
    }
}

TEST(GridBillOfAnySize, IsTheSameInTft) {
    for (std::uint64_t seed = 0; seed < 20'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Draw draw{seed};
        const std::int64_t bill = draw.number(40);
        const std::int64_t tft_price = 1 + draw.number(12);
        for (const DiscountTier tier : all_tiers)
            EXPECT_EQ(tft_cost(bill, tier, tft_price).minor,
                      half_up(Fraction{Int128{bill} * 10'000'000, Int128{tft_price} * 10'000} *
                              Fraction{tier_percent(tier), 100}));
    }
}

TEST(MonthOfAnySize, IsTheSumOfTheHourlyBills) {
    for (std::uint64_t seed = 0; seed < 5'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Draw draw{seed};
        const PricingPolicy policy = draw.policy();
        const std::vector<Workload> workloads{{WorkloadRole::primary, draw.resources()},
                                              {WorkloadRole::backup, draw.resources()}};
        Int128 units = policy.unique_name;
        for (const Workload& workload : workloads)
            units += half_up(slow_bill(policy, workload.resources, hour));
        EXPECT_EQ(list_cost(policy, workloads, true).minor, ceiling({units * 720, 100'000}));
        for (const DiscountTier tier : all_tiers)
            EXPECT_EQ(expected_cost(policy, workloads, true, tier).minor,
                      half_up({units * 720 * tier_percent(tier), 10'000'000}));
    }
}

TEST(Tiers, BeginAtTheirMonths) {
    const Money cost = tft(1000);
    const auto months = [&](std::int64_t halves) { return cost.minor * 720 * halves / 2; };
    const std::vector<std::pair<std::int64_t, DiscountTier>> begins{
        {3, DiscountTier::standard},
        {6, DiscountTier::bronze},
        {12, DiscountTier::silver},
        {36, DiscountTier::gold},
    };
    DiscountTier below = DiscountTier::none;
    for (const auto& [halves, tier] : begins) {
        EXPECT_EQ(tier_of(tft(months(halves)), cost), tier);
        EXPECT_EQ(tier_of(tft(months(halves) - 1), cost), below);
        below = tier;
    }
    EXPECT_EQ(tier_of(tft(0), cost), DiscountTier::none);
    // What costs nothing lasts for ever.
    EXPECT_EQ(tier_of(tft(0), tft(0)), DiscountTier::gold);
}

TEST(PricingLimits, AreKnownBeforehand) {
    EXPECT_TRUE(is_priceable(Resources{}));
    EXPECT_TRUE(is_priceable(Resources{1 << 16, 1 << 24, 1 << 24, 1 << 24, 8, 1 << 16}));
    EXPECT_FALSE(is_priceable(machine((1 << 16) + 1, 1, 1)));
    EXPECT_FALSE(is_priceable(machine(1, (1 << 24) + 1, 1)));
    EXPECT_FALSE(is_priceable(machine(1, 1, std::uint64_t{1} << 63)));
    EXPECT_FALSE(is_priceable(machine(1, 1, 1, 1 << 17)));
    EXPECT_FALSE(is_priceable(PricingPolicy{"x", -1, 0, 0, 0}));
    EXPECT_FALSE(is_priceable(PricingPolicy{"x", 0, 0, 0, std::int64_t{1} << 32}));
    // The dearest month there is can still be counted.
    const PricingPolicy dear{"x", 4'294'967'295, 4'294'967'295, 4'294'967'295, 4'294'967'295};
    const Resources huge{1 << 16, 1 << 24, 1 << 24, 1 << 24, 0, 1 << 16};
    EXPECT_GT(list_cost(dear, one(huge), true).minor, 0);
}

} // namespace

} // namespace domain
