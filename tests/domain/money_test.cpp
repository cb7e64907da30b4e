#include "domain/money.hpp"

#include <gtest/gtest.h>

#include <random>

namespace domain {

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
Money eur(std::int64_t cents) { return {cents, Currency::eur}; }

TEST(Money, IsAddedAndSubtracted) {
    EXPECT_EQ(usd(700) + usd(300), usd(1000));
    EXPECT_EQ(usd(700) - usd(1000), usd(-300));
    EXPECT_EQ(usd(largest) + usd(smallest), usd(-1));
}

TEST(Money, IsComparedInOneCurrency) {
    EXPECT_LT(usd(1), usd(2));
    EXPECT_GE(usd(2), usd(2));
    EXPECT_NE(usd(1), eur(1));
}

TEST(MoneyDeath, StopsAtABrokenContract) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(usd(1) + eur(1), "added in one currency");
    EXPECT_DEATH(usd(1) - eur(1), "subtracted in one currency");
    EXPECT_DEATH((void)(usd(1) < eur(1)), "compared in one currency");
    EXPECT_DEATH(usd(largest) + usd(1), "a sum of money fits");
    EXPECT_DEATH(usd(smallest) - usd(1), "a rest of money fits");
    EXPECT_DEATH(scale(usd(largest), 2, 1, Rounding::floor), "a scaled amount of money fits");
    EXPECT_DEATH(scale(usd(1), 1, 0, Rounding::floor), "a number above zero");
}

TEST(MoneyScale, RoundsAsNamed) {
    struct Row {
        std::int64_t halves; // The amount is half of it.
        std::int64_t floor, ceiling, toward_zero, half_up, half_even;
    };
    for (const Row& row : {Row{5, 2, 3, 2, 3, 2}, Row{3, 1, 2, 1, 2, 2}, Row{4, 2, 2, 2, 2, 2},
                           Row{-5, -3, -2, -2, -2, -2}, Row{-3, -2, -1, -1, -1, -2},
                           Row{-4, -2, -2, -2, -2, -2}, Row{0, 0, 0, 0, 0, 0}}) {
        SCOPED_TRACE(row.halves);
        const auto half = [&](Rounding how) { return scale(usd(row.halves), 1, 2, how).minor; };
        EXPECT_EQ(half(Rounding::floor), row.floor);
        EXPECT_EQ(half(Rounding::ceiling), row.ceiling);
        EXPECT_EQ(half(Rounding::toward_zero), row.toward_zero);
        EXPECT_EQ(half(Rounding::half_up), row.half_up);
        EXPECT_EQ(half(Rounding::half_even), row.half_even);
    }
    EXPECT_EQ(scale(usd(5), 1, 3, Rounding::half_up), usd(2));
    EXPECT_EQ(scale(usd(-5), 1, 3, Rounding::half_up), usd(-2));
    EXPECT_EQ(scale(usd(4), 1, 3, Rounding::half_even), usd(1));
}

TEST(MoneyScale, IsExactUpToTheRounding) {
    EXPECT_EQ(scale(usd(largest), largest, largest, Rounding::floor), usd(largest));
    EXPECT_EQ(scale(usd(smallest), largest, largest, Rounding::half_even), usd(smallest));
    EXPECT_EQ(scale(usd(smallest), 1, largest, Rounding::floor), usd(-2));
    EXPECT_EQ(scale(usd(1'000), 2'900, 100'000, Rounding::half_up), usd(29));
}

// half_up is the formula (2a + b) // 2b of the money rules.
TEST(MoneyScale, HalfUpIsTheFormulaOfTheRules) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 200'000; ++i) {
        const auto amount = static_cast<std::int64_t>(random()) >> (random() % 64);
        const auto by = static_cast<std::int64_t>(random() >> (1 + random() % 62)) + 1;
        const Int128 dividend = Int128{2} * amount + by, divisor = Int128{2} * by;
        Int128 floor = dividend / divisor;
        if (dividend % divisor < 0) --floor;
        ASSERT_EQ(scale(usd(amount), 1, by, Rounding::half_up).minor,
                  static_cast<std::int64_t>(floor))
            << amount << " / " << by;
    }
}

} // namespace

} // namespace domain
