// What the grid's market says: the price of TFT and the prices of the grid. Quotes are made from
// it as long as it is fresh.
//
//     fresh <--> stale

#pragma once

#include "domain/described.hpp"
#include "domain/market_types.hpp"
#include "domain/result.hpp"
#include "domain/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// A feed that says nothing for so long is stale.
inline constexpr std::chrono::milliseconds feed_time_max = std::chrono::hours{1};
// A price that moves more than this needs a second source,
inline constexpr std::int64_t price_jump_percent = 20;
// which says the same within this.
inline constexpr std::int64_t source_difference_percent = 5;
inline constexpr std::int64_t tft_price_max = 1'000'000; // USD 1000 for one TFT.
// Clocks of our own machines differ less than this.
inline constexpr std::chrono::milliseconds clock_difference_max = std::chrono::minutes{5};

// Commands of services.

struct RecordTftPrice {
    static constexpr std::string_view type = "market_data.record_tft_price";
    std::int64_t price = 0; // In USD/1000 for one TFT, as the chain counts.
    Time observed;
    std::optional<std::int64_t> second_source; // What another source says.
};
BOOST_DESCRIBE_STRUCT(RecordTftPrice, (), (price, observed, second_source))

struct RecordPricingPolicy {
    static constexpr std::string_view type = "market_data.record_pricing_policy";
    PricingPolicy policy;
};
BOOST_DESCRIBE_STRUCT(RecordPricingPolicy, (), (policy))

// The timer of a sample.
struct MarkFeedStale {
    static constexpr std::string_view type = "market_data.mark_feed_stale";
    Time since; // When the sample was observed.
};
BOOST_DESCRIBE_STRUCT(MarkFeedStale, (), (since))

using MarketDataCommand = std::variant<RecordTftPrice, RecordPricingPolicy, MarkFeedStale>;

// Events.

struct TftPriceRecorded {
    static constexpr std::string_view type = "market_data.tft_price_recorded";
    std::int64_t price = 0;
    Time observed;
    Time stale_at; // Unless there is another by then.
    std::optional<std::int64_t> previous;
    bool was_stale = false;
};
BOOST_DESCRIBE_STRUCT(TftPriceRecorded, (), (price, observed, stale_at, previous, was_stale))

struct PricingPolicyRecorded {
    static constexpr std::string_view type = "market_data.pricing_policy_recorded";
    PricingPolicy policy;
    std::optional<PricingPolicy> previous;
};
BOOST_DESCRIBE_STRUCT(PricingPolicyRecorded, (), (policy, previous))

struct PriceFeedWentStale {
    static constexpr std::string_view type = "market_data.feed_went_stale";
    Time since;
    std::int64_t last_price = 0;
};
BOOST_DESCRIBE_STRUCT(PriceFeedWentStale, (), (since, last_price))

using MarketDataEvent = std::variant<TftPriceRecorded, PricingPolicyRecorded, PriceFeedWentStale>;

enum class MarketDataRejection {
    not_found,         // Nothing was recorded yet.
    price_implausible, // No price, or too far from the last without a second source.
    sample_older_than_state,
    sample_from_future,
    policy_invalid, // No id, or prices that cannot be.
};
BOOST_DESCRIBE_ENUM(MarketDataRejection, not_found, price_implausible, sample_older_than_state,
                    sample_from_future, policy_invalid)

struct MarketData {
    static constexpr std::string_view name = "market_data";
    using Command = MarketDataCommand;
    using Event = MarketDataEvent;
    using Rejection = MarketDataRejection;

    std::optional<std::int64_t> tft_price; // Absent: none was seen yet.
    Time observed;                         // Of the price.
    bool stale = false;
    std::optional<PricingPolicy> policy;
};
BOOST_DESCRIBE_STRUCT(MarketData, (), (tft_price, observed, stale, policy))

inline bool exists(const MarketData& market) { return market.tft_price || market.policy; }

// There is a price and a policy, and the price is not older than allowed.
inline bool is_fresh(const MarketData& market, Time now) {
    return market.tft_price && market.policy && !market.stale &&
           now.milliseconds - market.observed.milliseconds < feed_time_max.count();
}

// No events: accepted, and nothing changes.
using MarketDataDecision = Result<std::vector<MarketDataEvent>, MarketDataRejection>;

MarketDataDecision decide(const MarketData& market, const MarketDataCommand& command, Time now);
MarketData evolve(MarketData market, const MarketDataEvent& event);

} // namespace domain
