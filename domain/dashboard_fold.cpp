// How events change a dashboard. No rule is here: what happened, happened.

#include "domain/dashboard.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Status = DashboardStatus;

void apply(Dashboard& dashboard, const DashboardCreated& event) {
    dashboard.status = Status::draft;
    dashboard.display_name = event.name;
    dashboard.staff.push_back({event.owner, StaffRole::owner});
}

void apply(Dashboard& dashboard, const DashboardBranded& event) {
    dashboard.branding = event.branding;
}

void apply(Dashboard& dashboard, const StripeConnected& event) {
    dashboard.stripe_account = event.stripe_account;
    dashboard.key_name = event.key_name;
}

void apply(Dashboard& dashboard, const MarkupSet& event) {
    dashboard.markup_basis_points = event.basis_points;
}

void apply(Dashboard& dashboard, const PlanPublished& event) {
    dashboard.plans.push_back(event.plan);
}

void apply(Dashboard& dashboard, const PlanRepriced& event) {
    dashboard.plans.push_back(event.plan);
}

void apply(Dashboard& dashboard, const PlanRetired& event) {
    for (Plan& plan : dashboard.plans)
        if (plan.id == event.plan) plan.retired = true;
}

void apply(Dashboard& dashboard, const PlacementPolicySet& event) {
    dashboard.placement_policy = event.policy;
}

void apply(Dashboard& dashboard, const TaxRulesSet& event) { dashboard.tax_rules = event.rules; }

void apply(Dashboard& dashboard, const DunningPolicySet& event) {
    dashboard.dunning_policy = event.policy;
}

void apply(Dashboard& dashboard, const SalesSettingsSet& event) {
    dashboard.settings = event.settings;
}

void apply(Dashboard& dashboard, const StaffAdded& event) {
    const auto known = std::ranges::find(dashboard.staff, event.account, &StaffMember::account);
    if (known != dashboard.staff.end())
        known->role = event.role;
    else
        dashboard.staff.push_back({event.account, event.role});
}

void apply(Dashboard& dashboard, const StaffRemoved& event) {
    std::erase_if(dashboard.staff,
                  [&](const StaffMember& member) { return member.account == event.account; });
}

void apply(Dashboard& dashboard, const DashboardWentLive&) { dashboard.status = Status::live; }

void apply(Dashboard& dashboard, const SalesPaused& event) {
    dashboard.status = Status::sales_paused;
    dashboard.pause_reasons.push_back(event.reason);
}

void apply(Dashboard& dashboard, const PauseReasonCleared& event) {
    std::erase(dashboard.pause_reasons, event.reason);
}

void apply(Dashboard& dashboard, const SalesResumed&) {
    dashboard.status = Status::live;
    dashboard.pause_reasons.clear();
}

void apply(Dashboard& dashboard, const ClosingBegan&) {
    dashboard.status = Status::closing;
    dashboard.pause_reasons.clear();
}

void apply(Dashboard& dashboard, const DashboardClosed&) {
    dashboard.status = Status::closed;
    dashboard.pause_reasons.clear();
}

} // namespace

Dashboard evolve(Dashboard dashboard, const DashboardEvent& event) {
    std::visit([&](const auto& one) { apply(dashboard, one); }, event);
    return dashboard;
}

} // namespace domain
