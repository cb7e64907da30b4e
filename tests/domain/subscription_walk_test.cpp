// Random commands at random subscriptions: periods stay adjacent and each is renewed once.

#include "domain/calendar.hpp"
#include "domain/subscription.hpp"
#include "tests/support/given.hpp"

#include <map>
#include <random>
#include <set>

namespace domain {

namespace {

using Status = SubscriptionStatus;

BillingTerms some_terms(std::int64_t net) {
    BillingTerms terms;
    terms.payer = {"user-a"};
    terms.price = terms.net = terms.gross = {net, Currency::usd};
    return terms;
}

class Walk {
public:
    explicit Walk(std::uint64_t seed)
        : random_{seed}, now_{tests::some_time.milliseconds + draw(400) * milliseconds_per_day} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }

    Time now() { return now_ = {now_.milliseconds + draw(6) * 86'400'001}; }

    SubscriptionCommand command(const Subscription& subscription) {
        const std::uint32_t period = subscription.period + static_cast<std::uint32_t>(draw(3)) - 1;
        switch (draw(16)) {
        case 0:
        case 1: return StartSubscription{draw(5) != 0, some_terms(1000), now_, {{1, 3, 7}, false}};
        case 2:
        case 3:
        case 4: return OpenRenewal{subscription.period + (draw(5) == 0 ? 2U : 1U)};
        case 5:
        case 6:
        case 7: return RenewSubscription{period, draw(5) != 0};
        case 8:
        case 9:
            return RecordRenewalFailure{draw(3) == 0 ? period : subscription.period,
                                        static_cast<std::uint32_t>(draw(4)),
                                        {},
                                        draw(5) == 0};
        case 10: return SuspendSubscription{};
        case 11:
        case 12: return RecoverSubscription{draw(4) != 0};
        case 13:
            return ChangePlan{some_terms(1000 + draw(3)), moment(), draw(5) != 0, draw(5) == 0,
                              draw(2) == 0};
        case 14:
            if (draw(4) != 0) return RecoverSubscription{true};
            return CancelSubscription{moment(), CancellationReason::customer};
        default: return EndSubscription{};
        }
    }

private:
    SubscriptionMoment moment() { return static_cast<SubscriptionMoment>(draw(2)); }

    std::mt19937_64 random_;
    Time now_;
};

void check(const Subscription& subscription) {
    if (!exists(subscription)) return;
    EXPECT_EQ(subscription.from, period_start(subscription.first, subscription.period));
    EXPECT_EQ(subscription.until, period_start(subscription.first, subscription.period + 1));
    if (subscription.status == Status::past_due || subscription.status == Status::suspended) {
        EXPECT_FALSE(subscription.paid);
    }
    EXPECT_EQ(subscription.suspended_at.has_value() && !is_over(subscription.status),
              subscription.status == Status::suspended);
    EXPECT_EQ(subscription.cancel_at.has_value(), subscription.status == Status::suspended);
}

TEST(SubscriptionWalk, KeepsPeriodsAdjacentAndRenewsEachOnce) {
    std::map<std::size_t, int> events_seen;
    std::map<SubscriptionRejection, int> rejections_seen;
    std::uint32_t longest = 0;
    for (std::uint64_t seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Subscription subscription;
        std::set<std::uint32_t> due, renewed;
        std::optional<Time> until;
        for (int step = 0; step < 120; ++step) {
            const auto command = walk.command(subscription);
            const Time now = walk.now();
            const auto decision = decide(subscription, command, now);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const SubscriptionEvent& event : *decision) {
                ++events_seen[event.index()];
                EXPECT_FALSE(is_over(subscription.status));
                subscription = evolve(std::move(subscription), event);
                check(subscription);
                if (const auto* one = std::get_if<SubscriptionStarted>(&event)) until = one->until;
                if (const auto* one = std::get_if<RenewalDue>(&event)) {
                    EXPECT_TRUE(due.insert(one->period).second);
                    EXPECT_EQ(one->from, until);
                    EXPECT_GE(now, one->from);
                    until = one->until;
                }
                if (const auto* one = std::get_if<SubscriptionRenewed>(&event)) {
                    EXPECT_TRUE(due.contains(one->period));
                    EXPECT_TRUE(renewed.insert(one->period).second);
                    EXPECT_EQ(one->renew_at, until);
                }
                if (const auto* one = std::get_if<RenewalFailed>(&event)) {
                    EXPECT_TRUE(!one->next_try || *one->next_try > now);
                }
                if (const auto* one = std::get_if<SubscriptionCancelled>(&event)) {
                    EXPECT_EQ(one->used + one->unused, one->terms.net);
                    EXPECT_GE(one->used.minor, 0);
                    EXPECT_GE(one->unused.minor, 0);
                }
            }
            const auto again = decide(subscription, command, now);
            EXPECT_TRUE(!again || again->empty()) << tests::print(*again);
            longest = std::max(longest, subscription.period);
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<SubscriptionEvent>);
    EXPECT_EQ(rejections_seen.size(), 13U); // All but terms_invalid.
    EXPECT_GT(longest, 6U);
}

} // namespace

} // namespace domain
