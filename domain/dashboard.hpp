// A dashboard: an operator's shop. What it sells and for how much, where it runs, who works there.
//
//     draft --> live <--> sales_paused --> closing --> closed
//
// Every state but closed may begin to close. A plan's versions are never edited: a subscription
// keeps the one it has until its customer got notice of another. The stream names the dashboard.

#pragma once

#include "domain/dashboard_messages.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::uint32_t markup_max = 100'000; // In basis points.
inline constexpr std::chrono::milliseconds repricing_notice = std::chrono::days{30};
inline constexpr std::size_t plan_versions_max = 1000; // Of all plans; retired ones count.
inline constexpr std::size_t tax_rules_max = 300;
inline constexpr std::size_t dunning_retries_max = 10;
inline constexpr std::uint32_t dunning_days_max = 60;
inline constexpr std::size_t staff_max = 100;
inline constexpr std::size_t dashboard_text_max = 1000;

// `none`: never created.
enum class DashboardStatus { none, draft, live, sales_paused, closing, closed };
BOOST_DESCRIBE_ENUM(DashboardStatus, none, draft, live, sales_paused, closing, closed)

struct StaffMember {
    AccountId account;
    StaffRole role = StaffRole::support;
};
BOOST_DESCRIBE_STRUCT(StaffMember, (), (account, role))

struct Dashboard {
    static constexpr std::string_view name = "dashboard";
    using Command = DashboardCommand;
    using Event = DashboardEvent;
    using Rejection = DashboardRejection;

    DashboardStatus status = DashboardStatus::none;
    std::string display_name;
    std::optional<Branding> branding;
    std::optional<std::string> stripe_account;
    std::optional<std::string> key_name;
    std::uint32_t markup_basis_points = 0;
    std::vector<Plan> plans; // All versions, in order of arrival.
    PlacementPolicy placement_policy;
    std::vector<TaxRule> tax_rules;
    DunningPolicy dunning_policy{{1, 3, 7}, DunningEnd::suspend};
    SalesSettings settings;
    std::vector<StaffMember> staff;
    std::vector<PauseReason> pause_reasons;
};
BOOST_DESCRIBE_STRUCT(Dashboard, (),
                      (status, display_name, branding, stripe_account, key_name,
                       markup_basis_points, plans, placement_policy, tax_rules, dunning_policy,
                       settings, staff, pause_reasons))

inline bool exists(const Dashboard& dashboard) { return dashboard.status != DashboardStatus::none; }

// No events: accepted, and nothing changes.
using DashboardDecision = Result<std::vector<DashboardEvent>, DashboardRejection>;

DashboardDecision decide(const Dashboard& dashboard, const DashboardCommand& command, Time now);
Dashboard evolve(Dashboard dashboard, const DashboardEvent& event);

} // namespace domain
