// Dashboards by name: what had happened to each.

#pragma once

#include "domain/dashboard.hpp"
#include "tests/support/given.hpp"

namespace domain::dashboard_samples {

using tests::given;
using tests::some_time;
using History = std::vector<DashboardEvent>;
using Rejection = DashboardRejection;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Time days(std::int64_t count) { return {some_time.milliseconds + count * 86'400'000}; }

inline const AccountId owner{"operator-t"}, helper{"staff-1"};
inline const PlanId small_plan{"vm-s"};
inline const PricingPolicy grid{"pp-1", 100'000, 50'000, 40'000, 2'500};
constexpr Resources small_machine{2, 4, 50, 0, 0, 0};

inline History operator+(History history, const DashboardEvent& event) {
    history.push_back(event);
    return history;
}

inline Plan plan(std::uint32_t version = 1, std::optional<Money> price = usd(1500),
                 std::int64_t from = 0) {
    return {small_plan, version, "Small", "vm",       {{WorkloadRole::primary, small_machine}},
            false,      price,   {},      days(from), false};
}

inline PublishPlan publish(std::optional<Money> price = usd(1500)) {
    PublishPlan command;
    command.plan = small_plan;
    command.title = "Small";
    command.application = "vm";
    command.workloads = {{WorkloadRole::primary, small_machine}};
    command.price = price;
    command.application_known = true;
    command.pricing_policy = grid;
    return command;
}

inline SalesSettings settings() {
    SalesSettings one;
    one.charge_first = true;
    one.fraud_refund_limit = usd(2000);
    one.margin_floor = usd(100);
    one.price_step = usd(50);
    one.declared_tier = DiscountTier::gold;
    return one;
}

inline const History draft{DashboardCreated{owner, "Operator T"}};
inline const History ready = draft + StripeConnected{"acct_1", "vault/1"} + PlanPublished{plan()};
inline const History live = ready + DashboardWentLive{};
inline const History paused = live + SalesPaused{PauseReason::wallet};
inline const History closing = live + ClosingBegan{};
inline const History closed = closing + DashboardClosed{};
inline const History repriced = live + PlanRepriced{plan(2, usd(1800), 40), 1, usd(1500)};

} // namespace domain::dashboard_samples
