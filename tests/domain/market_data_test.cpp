// The price of TFT and the grid's prices: when they are believed, and when they are too old.

#include "domain/market_data.hpp"

#include "tests/support/given.hpp"

#include <limits>

namespace domain {

namespace {

using tests::given;
using tests::some_time;
using History = std::vector<MarketDataEvent>;
using Rejection = MarketDataRejection;

constexpr Time at(std::int64_t minutes) { return {some_time.milliseconds + minutes * 60'000}; }

const PricingPolicy policy{"pp-1", 100'000, 50'000, 40'000, 2'500};

MarketDataEvent sample(std::int64_t price, std::int64_t minutes,
                       std::optional<std::int64_t> previous = {}, bool was_stale = false) {
    return TftPriceRecorded{price, at(minutes), at(minutes + 60), previous, was_stale};
}

History operator+(History history, const MarketDataEvent& event) {
    history.push_back(event);
    return history;
}

const History priced{sample(100, 0)};
const History stale{sample(100, 0), PriceFeedWentStale{at(0), 100}};

RecordTftPrice price(std::int64_t value, std::int64_t minutes,
                     std::optional<std::int64_t> second = {}) {
    return {value, at(minutes), second};
}

TEST(TftPrice, IsRecordedWithWhatItWasAndWhenItIsStale) {
    given<MarketData>({}).when(price(10, 0)).then({sample(10, 0)});
    given<MarketData>(priced).when(price(110, 5), at(5)).then({sample(110, 5, 100)});
    // The same again is news: it is fresh.
    given<MarketData>(priced).when(price(100, 5), at(5)).then({sample(100, 5, 100)});
    given<MarketData>(stale).when(price(101, 90), at(90)).then({sample(101, 90, 100, true)});
}

TEST(TftPrice, JumpsOnlyWithASecondSource) {
    const auto market = given<MarketData>(priced);
    market.when(price(120, 5), at(5)).then({sample(120, 5, 100)});
    market.when(price(80, 5), at(5)).then({sample(80, 5, 100)});
    for (const std::int64_t far : {121, 79, 1, 1'000'000}) {
        market.when(price(far, 5), at(5)).then_rejected(Rejection::price_implausible);
        market.when(price(far, 5, far), at(5)).then({sample(far, 5, 100)});
    }
    // Which says the same within five percent.
    market.when(price(200, 5, 190), at(5)).then({sample(200, 5, 100)});
    market.when(price(200, 5, 210), at(5)).then({sample(200, 5, 100)});
    for (const std::int64_t other : {189, 211, 0, -200})
        market.when(price(200, 5, other), at(5)).then_rejected(Rejection::price_implausible);
    // Of a small move nobody asks the second source.
    market.when(price(110, 5, 500), at(5)).then({sample(110, 5, 100)});
}

TEST(TftPrice, IsAPrice) {
    for (const std::int64_t none : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'000'001},
                                    std::numeric_limits<std::int64_t>::max()})
        given<MarketData>({}).when(price(none, 0)).then_rejected(Rejection::price_implausible);
}

TEST(TftPrice, GoesForwardInTime) {
    const auto market = given<MarketData>(priced);
    market.when(price(100, -1), at(5)).then_rejected(Rejection::sample_older_than_state);
    market.when(price(101, 0), at(5)).then_rejected(Rejection::sample_older_than_state);
    market.when(price(100, 0), at(5)).then_nothing();
    market.when(price(100, 5), at(0)).then({sample(100, 5, 100)});
    market.when(price(100, 6), at(0)).then_rejected(Rejection::sample_from_future);
}

TEST(PricingPolicies, AreRecordedWhenTheyChange) {
    PricingPolicy dearer = policy;
    dearer.cu = 305'600;
    const MarketDataEvent recorded = PricingPolicyRecorded{policy, {}};
    given<MarketData>({}).when(RecordPricingPolicy{policy}).then({recorded});
    given<MarketData>({recorded}).when(RecordPricingPolicy{policy}).then_nothing();
    given<MarketData>({recorded})
        .when(RecordPricingPolicy{dearer})
        .then({PricingPolicyRecorded{dearer, policy}});
    EXPECT_TRUE(exists(given<MarketData>({recorded}).state()));
}

TEST(PricingPolicies, HaveAnIdAndPossiblePrices) {
    PricingPolicy nameless = policy, negative = policy, endless = policy;
    nameless.id.clear();
    negative.su = -1;
    endless.ipu = std::int64_t{1} << 32;
    for (const PricingPolicy& wrong : {nameless, negative, endless})
        given<MarketData>({})
            .when(RecordPricingPolicy{wrong})
            .then_rejected(Rejection::policy_invalid);
}

TEST(Feed, IsStaleAfterAnHourWithoutASample) {
    const MarkFeedStale timer{at(0)};
    given<MarketData>(priced).when(timer, at(60)).then({PriceFeedWentStale{at(0), 100}});
    given<MarketData>(priced).when(timer, {at(60).milliseconds - 1}).then_nothing();
    given<MarketData>(stale).when(timer, at(70)).then_nothing();
    // A younger sample has a timer of its own.
    given<MarketData>(priced + sample(100, 30)).when(timer, at(95)).then_nothing();
    given<MarketData>({}).when(timer, at(60)).then_rejected(Rejection::not_found);
}

TEST(Feed, IsFreshWithAPriceAndAPolicy) {
    const MarketDataEvent recorded = PricingPolicyRecorded{policy, {}};
    const auto fresh = [](const History& history, Time now) {
        return is_fresh(given<MarketData>(history).state(), now);
    };
    EXPECT_FALSE(fresh({}, at(0)));
    EXPECT_FALSE(fresh(priced, at(0)));
    EXPECT_FALSE(fresh({recorded}, at(0)));
    EXPECT_TRUE(fresh(priced + recorded, at(59)));
    EXPECT_FALSE(fresh(priced + recorded, at(60)));
    EXPECT_FALSE(fresh(stale + recorded, at(1)));
    EXPECT_TRUE(fresh(stale + recorded + sample(100, 70), at(80)));
}

} // namespace

} // namespace domain
