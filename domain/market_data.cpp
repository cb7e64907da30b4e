#include "domain/market_data.hpp"

#include "domain/pricing.hpp"

#include <utility>

namespace domain {

namespace {

using Events = std::vector<MarketDataEvent>;
using Rejection = MarketDataRejection;

template <class Event>
MarketDataDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

MarketDataDecision nothing() { return Events{}; }

bool is_price(std::int64_t price) { return price > 0 && price <= tft_price_max; }

// Within `percent` of `base`.
bool is_near(std::int64_t price, std::int64_t base, std::int64_t percent) {
    const std::int64_t distance = price < base ? base - price : price - base;
    return distance * 100 <= base * percent;
}

MarketDataDecision handle(const MarketData& market, const RecordTftPrice& command, Time now) {
    if (!is_price(command.price)) return Rejection::price_implausible;
    if (command.observed.milliseconds - now.milliseconds > clock_difference_max.count())
        return Rejection::sample_from_future;
    if (market.tft_price) {
        if (command.observed < market.observed) return Rejection::sample_older_than_state;
        if (command.observed == market.observed) {
            if (command.price == *market.tft_price) return nothing();
            return Rejection::sample_older_than_state;
        }
        if (!is_near(command.price, *market.tft_price, price_jump_percent)) {
            const auto& second = command.second_source;
            if (!second || !is_price(*second) ||
                !is_near(*second, command.price, source_difference_percent))
                return Rejection::price_implausible;
        }
    }
    return decided(TftPriceRecorded{command.price,
                                    command.observed,
                                    {command.observed.milliseconds + feed_time_max.count()},
                                    market.tft_price,
                                    market.stale});
}

MarketDataDecision handle(const MarketData& market, const RecordPricingPolicy& command, Time) {
    if (command.policy.id.empty() || !is_priceable(command.policy))
        return Rejection::policy_invalid;
    if (market.policy == command.policy) return nothing();
    return decided(PricingPolicyRecorded{command.policy, market.policy});
}

MarketDataDecision handle(const MarketData& market, const MarkFeedStale& command, Time now) {
    if (!market.tft_price) return Rejection::not_found;
    // The timer of a sample that has a successor.
    if (market.stale || command.since < market.observed) return nothing();
    if (now.milliseconds - market.observed.milliseconds < feed_time_max.count()) return nothing();
    return decided(PriceFeedWentStale{market.observed, *market.tft_price});
}

void apply(MarketData& market, const TftPriceRecorded& event) {
    market.tft_price = event.price;
    market.observed = event.observed;
    market.stale = false;
}

void apply(MarketData& market, const PricingPolicyRecorded& event) { market.policy = event.policy; }

void apply(MarketData& market, const PriceFeedWentStale&) { market.stale = true; }

} // namespace

MarketDataDecision decide(const MarketData& market, const MarketDataCommand& command, Time now) {
    return std::visit([&](const auto& one) { return handle(market, one, now); }, command);
}

MarketData evolve(MarketData market, const MarketDataEvent& event) {
    std::visit([&](const auto& one) { apply(market, one); }, event);
    return market;
}

} // namespace domain
