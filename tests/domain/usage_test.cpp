// What a contract costs: each bill of the chain once, in whatever order it is learnt.

#include "domain/usage.hpp"

#include "tests/support/given.hpp"

#include <algorithm>
#include <random>

namespace domain {

namespace {

using History = std::vector<UsageEvent>;
using Rejection = UsageRejection;
using tests::given;
using tests::some_time;

const DeploymentId deployment{"d1"};
constexpr Money tft(std::int64_t units) { return {units, Currency::tft}; }
constexpr Time hour(std::int64_t hours) { return {some_time.milliseconds + hours * 3'600'000}; }

RecordChainBill bill(std::int64_t at, std::int64_t units = 4'500'000) {
    return {hour(at), tft(units), DiscountTier::gold, deployment, ContractKind::node};
}
ChainBillObserved observed(std::int64_t at, std::int64_t total, std::uint32_t filled = 0) {
    return {hour(at),   tft(4'500'000), DiscountTier::gold, deployment, ContractKind::node,
            tft(total), filled};
}

History after(History history, const std::vector<UsageCommand>& commands) {
    for (const UsageCommand& command : commands) {
        const auto decision = decide(given<Usage>(history).state(), command, some_time);
        EXPECT_TRUE(decision) << boost::describe::enum_to_string(decision.error(), "?");
        if (decision) history.insert(history.end(), decision->begin(), decision->end());
    }
    return history;
}

Usage state(const History& history) { return given<Usage>(history).state(); }

const History one = after({}, {bill(1)});
const History two = after(one, {bill(2)});
const History closed = after(two, {CloseUsage{hour(2)}});

TEST(ChainBill, CountsOnce) {
    EXPECT_FALSE(exists(Usage{}));
    given<Usage>({}).when(bill(1)).then({observed(1, 4'500'000)});
    given<Usage>(one).when(bill(2)).then({observed(2, 9'000'000)});
    for (const History& history : {two, closed}) {
        given<Usage>(history).when(bill(1)).then_nothing();
        given<Usage>(history).when(bill(2)).then_nothing();
        given<Usage>(history).when(bill(1, 1)).then_rejected(Rejection::bill_differs);
    }
}

TEST(ChainBill, MayBeLearntLate) {
    const History late = after({}, {bill(1), bill(3)});
    given<Usage>(late).when(bill(2)).then({observed(2, 13'500'000)});
    EXPECT_EQ(state(after(late, {bill(2)})).last_bill, hour(3));
    // What is billed is paid, also when everything seemed to be over.
    given<Usage>(closed).when(bill(3)).then({observed(3, 13'500'000)});
}

TEST(ChainBill, IsInTftAndNotLessThanNothing) {
    auto command = bill(1);
    command.amount = {1, Currency::usd};
    given<Usage>({}).when(command).then_rejected(Rejection::wrong_currency);
    given<Usage>({}).when(bill(1, -1)).then_rejected(Rejection::amount_negative);
    given<Usage>(one).when(bill(2, INT64_MAX)).then_rejected(Rejection::amount_too_large);
    given<Usage>({})
        .when(bill(1, 0))
        .then({ChainBillObserved{hour(1), tft(0), DiscountTier::gold, deployment,
                                 ContractKind::node, tft(0), 0}});
}

TEST(ChainBill, IsOfTheDeploymentThatTheContractServes) {
    auto command = bill(2);
    command.deployment = DeploymentId{"d2"};
    given<Usage>(one).when(command).then_rejected(Rejection::deployment_differs);
    command.deployment.reset();
    given<Usage>(one).when(command).then({observed(2, 9'000'000)});
}

TEST(ChainBill, OfLongAgoIsNotToldApart) {
    History history;
    for (std::int64_t at = 10; at <= 10 + static_cast<std::int64_t>(bills_remembered_max); ++at)
        history = after(history, {bill(at)});
    EXPECT_EQ(state(history).bills.size(), bills_remembered_max);
    given<Usage>(history).when(bill(10)).then_rejected(Rejection::bill_too_old);
    given<Usage>(history).when(bill(5)).then_rejected(Rejection::bill_too_old);
    given<Usage>(history).when(bill(11)).then_nothing();
    // Before anything was forgotten, the oldest may still come.
    given<Usage>(two).when(bill(0)).then({observed(0, 13'500'000)});
}

TEST(BillGap, IsFilledByTheNextBill) {
    given<Usage>(two).when(RecordBillGap{hour(3)}).then({BillGapFound{hour(3), deployment}});
    const History gaps = after(two, {RecordBillGap{hour(3)}, RecordBillGap{hour(4)}});
    given<Usage>(gaps).when(RecordBillGap{hour(3)}).then_nothing();
    given<Usage>(gaps).when(bill(5)).then({observed(5, 13'500'000, 2)});
    EXPECT_TRUE(state(after(gaps, {bill(5)})).gaps.empty());
    // A bill of that hour that was only learnt late.
    given<Usage>(gaps).when(bill(3)).then({observed(3, 13'500'000, 1)});
    EXPECT_EQ(state(after(gaps, {bill(3)})).gaps, (std::vector<Time>{hour(4)}));
}

TEST(BillGap, IsNoneWhenABillHasCome) {
    given<Usage>(two).when(RecordBillGap{hour(2)}).then_nothing();
    given<Usage>(two).when(RecordBillGap{hour(1)}).then_nothing();
    given<Usage>(closed).when(RecordBillGap{hour(3)}).then_nothing();
}

TEST(BillGap, MayBeTheFirstThatIsKnown) {
    given<Usage>({}).when(RecordBillGap{hour(1)}).then({BillGapFound{hour(1), {}}});
}

TEST(BillGaps, HaveALimit) {
    History history;
    for (std::size_t i = 0; i < gaps_open_max; ++i)
        history.push_back(BillGapFound{hour(static_cast<std::int64_t>(i)), {}});
    given<Usage>(history).when(RecordBillGap{hour(900)}).then_rejected(Rejection::too_many_gaps);
}

RecordReward reward(std::int64_t at, std::int64_t farmer = 54) {
    return {hour(at), FarmId{"7"}, tft(farmer), tft(43), tft(11)};
}

TEST(UsageReward, CountsOnce) {
    given<Usage>(two)
        .when(reward(24))
        .then({RewardObserved{hour(24), FarmId{"7"}, tft(54), tft(43), tft(11)}});
    const History rewarded = after(two, {reward(24)});
    EXPECT_EQ(state(rewarded).rewards, tft(108));
    given<Usage>(rewarded).when(reward(24)).then_nothing();
    given<Usage>(rewarded).when(reward(24, 55)).then_rejected(Rejection::reward_differs);
    given<Usage>({}).when(reward(24, -1)).then_rejected(Rejection::amount_negative);
    given<Usage>({}).when(reward(24, INT64_MAX)).then_rejected(Rejection::amount_too_large);
    given<Usage>(rewarded)
        .when(reward(48, INT64_MAX - 54))
        .then_rejected(Rejection::amount_too_large);
    auto command = reward(24);
    command.foundation = {1, Currency::eur};
    given<Usage>({}).when(command).then_rejected(Rejection::wrong_currency);
}

TEST(UsageReward, OfLongAgoIsNotToldApart) {
    History history;
    for (std::int64_t day = 1; day <= 1 + static_cast<std::int64_t>(rewards_remembered_max); ++day)
        history = after(history, {reward(24 * day)});
    EXPECT_EQ(state(history).handed_out.size(), rewards_remembered_max);
    given<Usage>(history).when(reward(24)).then_rejected(Rejection::reward_too_old);
    given<Usage>(history).when(reward(48)).then_nothing();
}

TEST(UsageEnd, WaitsForTheLastBills) {
    given<Usage>(two)
        .when(CloseUsage{hour(3)}, hour(3))
        .then({UsageClosed{hour(3), tft(9'000'000), true, deployment}});
    given<Usage>(two).when(CloseUsage{hour(4)}, hour(4)).then_rejected(Rejection::bills_missing);
    const History gap = after(two, {RecordBillGap{hour(3)}});
    given<Usage>(gap).when(CloseUsage{hour(3)}, hour(3)).then_rejected(Rejection::bills_missing);
    given<Usage>({}).when(CloseUsage{hour(3)}, hour(3)).then_rejected(Rejection::bills_missing);
    // Not for ever.
    given<Usage>(gap).when(CloseUsage{hour(3)}, hour(74)).then_rejected(Rejection::bills_missing);
    given<Usage>(gap)
        .when(CloseUsage{hour(3)}, hour(75))
        .then({UsageClosed{hour(3), tft(9'000'000), false, deployment}});
    given<Usage>({})
        .when(CloseUsage{hour(3)}, hour(75))
        .then({UsageClosed{hour(3), tft(0), false, {}}});
}

TEST(UsageEnd, ComesOnce) {
    given<Usage>(closed).when(CloseUsage{hour(2)}).then_nothing();
    given<Usage>(closed).when(CloseUsage{hour(3)}).then_rejected(Rejection::already_closed);
}

TEST(UsageWalk, CountsEveryBillOnceInAnyOrder) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        // A month of bills, each learnt once or more, up to a day late.
        std::vector<std::pair<std::int64_t, std::int64_t>> learnt;
        std::int64_t expected = 0;
        for (std::int64_t at = 0; at < 720; ++at) {
            if (random() % 20 == 0) continue;
            expected += 100 + at;
            for (auto times = 1 + random() % 3; times > 0; --times)
                learnt.emplace_back(at + static_cast<std::int64_t>(random() % 24), at);
        }
        std::ranges::sort(learnt);
        Usage usage;
        std::int64_t total = 0;
        for (const auto& [when, at] : learnt) {
            if (random() % 10 == 0) {
                const auto gap = decide(usage, RecordBillGap{hour(when)}, hour(when));
                for (const UsageEvent& event : *gap)
                    usage = evolve(std::move(usage), event);
            }
            const auto decision = decide(usage, bill(at, 100 + at), hour(when));
            ASSERT_TRUE(decision);
            for (const UsageEvent& event : *decision) {
                total += std::get<ChainBillObserved>(event).amount.minor;
                usage = evolve(std::move(usage), event);
                ASSERT_EQ(usage.total, tft(total));
            }
            ASSERT_LE(usage.bills.size(), bills_remembered_max);
            ASSERT_TRUE(std::ranges::is_sorted(usage.bills, {}, &RememberedBill::timestamp));
            ASSERT_TRUE(
                std::ranges::all_of(usage.gaps, [&](Time gap) { return gap > *usage.last_bill; }));
        }
        ASSERT_EQ(total, expected);
    }
}

} // namespace

} // namespace domain
