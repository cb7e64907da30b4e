#include "domain/split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace domain {

namespace {

using testing::ElementsAre;
__extension__ using UInt128 = unsigned __int128;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr std::uint64_t heaviest = std::numeric_limits<std::uint64_t>::max();

std::vector<std::int64_t> parts(std::int64_t total, std::vector<std::uint64_t> weights) {
    return *split(total, weights);
}

TEST(Split, GivesEachItsShare) {
    EXPECT_THAT(parts(100, {1, 1, 2}), ElementsAre(25, 25, 50));
    EXPECT_THAT(parts(0, {1, 2}), ElementsAre(0, 0));
    EXPECT_THAT(parts(7, {5}), ElementsAre(7));
}

TEST(Split, GivesTheRestToTheLargestRemainders) {
    // Exact: 14.28, 28.57, 57.14.
    EXPECT_THAT(parts(100, {1, 2, 4}), ElementsAre(14, 29, 57));
    // The shares of a month among four partners.
    EXPECT_THAT(parts(27580, {4500, 2250, 2250, 1000}), ElementsAre(12411, 6206, 6205, 2758));
}

TEST(Split, BreaksTiesByTheOrderOfTheLines) {
    EXPECT_THAT(parts(2, {1, 1, 1, 1}), ElementsAre(1, 1, 0, 0));
    EXPECT_THAT(parts(1, {0, 3, 3}), ElementsAre(0, 1, 0));
}

TEST(Split, MirrorsNegativeTotals) {
    EXPECT_THAT(parts(-100, {1, 2, 4}), ElementsAre(-14, -29, -57));
    EXPECT_THAT(parts(-2, {1, 1, 1, 1}), ElementsAre(-1, -1, 0, 0));
}

TEST(Split, IsExactAtTheEdges) {
    EXPECT_THAT(parts(largest, {heaviest, heaviest}), ElementsAre(largest / 2 + 1, largest / 2));
    EXPECT_THAT(parts(smallest, {heaviest}), ElementsAre(smallest));
    EXPECT_THAT(parts(smallest, {heaviest, 1}), ElementsAre(smallest, 0));
    EXPECT_THAT(parts(smallest, {1, 1}), ElementsAre(smallest / 2, smallest / 2));
}

TEST(Split, IsRefusedWhereThereIsNothingToDivideBy) {
    EXPECT_EQ(split(1, {}).error(), SplitRejection::no_lines);
    EXPECT_EQ(split(1, std::vector<std::uint64_t>{0, 0}).error(), SplitRejection::no_weight);
    std::vector<std::uint64_t> many(split_lines_max, 1);
    EXPECT_TRUE(split(1, many));
    many.push_back(1);
    EXPECT_EQ(split(1, many).error(), SplitRejection::too_many_lines);
}

TEST(Split, KeepsTheCurrencyOfMoney) {
    const std::vector<std::uint64_t> weights{1, 2};
    const auto shares = *split(Money{10, Currency::tft}, weights);
    ASSERT_EQ(shares.size(), 2U);
    EXPECT_EQ(shares[0], (Money{3, Currency::tft}));
    EXPECT_EQ(shares[1], (Money{7, Currency::tft}));
    EXPECT_EQ(split(Money{10, Currency::tft}, {}).error(), SplitRejection::no_lines);
}

struct Case {
    std::int64_t total = 0;
    std::vector<std::uint64_t> weights;
};

// Numbers of every size: small ones make ties, huge ones need 128 bits.
void draw(std::mt19937_64& random, Case& drawn) {
    drawn.total = static_cast<std::int64_t>(random()) >> (random() % 64);
    if (random() % 64 == 0) drawn.total = random() % 2 == 0 ? largest : smallest;
    drawn.weights.resize(1 + random() % 8);
    const std::uint64_t shift = random() % 64;
    for (auto& weight : drawn.weights)
        weight = random() >> shift >> (random() % 3);
    if (random() % 32 == 0) drawn.weights[0] = heaviest;
    if (std::ranges::all_of(drawn.weights, [](auto weight) { return weight == 0; }))
        drawn.weights.back() = 1;
}

// Checks the definition itself, by multiplication only; that the order of equal remainders is
// kept, too. Returns what is wrong.
const char* wrong(const Case& drawn, const std::vector<std::int64_t>& shares) {
    UInt128 weight_sum = 0;
    Int128 sum = 0;
    for (const std::uint64_t weight : drawn.weights)
        weight_sum += weight;
    for (const std::int64_t share : shares)
        sum += share;
    if (sum != drawn.total) return "the parts do not add up";
    const bool negative = drawn.total < 0;
    const auto size = static_cast<UInt128>(negative ? -Int128{drawn.total} : Int128{drawn.total});

    // Of those rounded up, the smallest remainder; of those rounded down, the largest: by their
    // first and last line.
    UInt128 up_min = ~UInt128{0}, down_max = 0;
    std::size_t up_line = 0, down_line = 0;
    bool any_up = false, any_down = false;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i] != 0 && (shares[i] < 0) != negative) return "a part has the other sign";
        const auto share = static_cast<UInt128>(negative ? -Int128{shares[i]} : Int128{shares[i]});
        const UInt128 exact = size * drawn.weights[i], floor = exact / weight_sum;
        const UInt128 remainder = exact - floor * weight_sum;
        if (share == floor) {
            if (!any_down || remainder > down_max) {
                down_max = remainder;
                down_line = i;
            }
            any_down = true;
        } else if (share == floor + 1 && remainder > 0) {
            if (!any_up || remainder <= up_min) {
                up_min = remainder;
                up_line = i;
            }
            any_up = true;
        } else {
            return "a part is not beside its exact share";
        }
    }
    if (any_up && any_down) {
        if (down_max > up_min) return "a larger remainder was rounded down";
        if (down_max == up_min && down_line < up_line) return "an earlier line was passed over";
    }
    return nullptr;
}

TEST(Split, HoldsItsDefinitionOverRandomCases) {
    std::mt19937_64 random{20270401};
    Case drawn;
    for (int i = 0; i < 2'000'000; ++i) {
        draw(random, drawn);
        const auto shares = split(drawn.total, drawn.weights);
        ASSERT_TRUE(shares);
        const char* const complaint = wrong(drawn, *shares);
        ASSERT_EQ(complaint, nullptr)
            << complaint << ": " << testing::PrintToString(drawn.weights) << " of " << drawn.total;
        if (i % 64 == 0) {
            EXPECT_EQ(*split(drawn.total, drawn.weights), *shares);
        }
    }
}

} // namespace

} // namespace domain
