#include "domain/dashboard.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<DashboardEvent>;
using Rejection = DashboardRejection;
using Status = DashboardStatus;

template <class Event>
DashboardDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

DashboardDecision nothing() { return Events{}; }

bool too_long(const std::string& text) { return text.size() > dashboard_text_max; }

std::optional<Rejection> wrong(const Money& amount, const Money& least, const Money& most) {
    if (amount.currency != Currency::usd) return Rejection::wrong_currency;
    if (amount < least || amount > most) return Rejection::out_of_range;
    return std::nullopt;
}

// The shop itself.

DashboardDecision handle(const Dashboard& dashboard, const CreateDashboard& command, Time) {
    if (exists(dashboard)) return Rejection::already_created;
    if (command.owner.value.empty()) return Rejection::owner_missing;
    if (!command.role_held) return Rejection::role_missing;
    if (command.name.empty()) return Rejection::name_missing;
    if (too_long(command.name)) return Rejection::text_too_long;
    if (command.name_taken) return Rejection::name_taken;
    return decided(DashboardCreated{command.owner, command.name});
}

DashboardDecision handle(const Dashboard& dashboard, const BrandDashboard& command, Time) {
    const Branding& branding = command.branding;
    if (branding.domain.empty() || !command.domain_proved) return Rejection::domain_unproved;
    if (too_long(branding.domain) || too_long(branding.title) ||
        (branding.logo_url && too_long(*branding.logo_url)) ||
        (branding.colour && too_long(*branding.colour)))
        return Rejection::text_too_long;
    if (dashboard.branding == branding) return nothing();
    return decided(DashboardBranded{branding});
}

DashboardDecision handle(const Dashboard& dashboard, const ConnectStripe& command, Time) {
    if (!command.key_accepted || command.stripe_account.empty() || command.key_name.empty())
        return Rejection::key_rejected;
    if (too_long(command.stripe_account) || too_long(command.key_name))
        return Rejection::text_too_long;
    if (dashboard.stripe_account == command.stripe_account &&
        dashboard.key_name == command.key_name)
        return nothing();
    return decided(StripeConnected{command.stripe_account, command.key_name});
}

// What it sells.

DashboardDecision handle(const Dashboard& dashboard, const SetMarkup& command, Time) {
    if (command.basis_points > markup_max) return Rejection::out_of_range;
    if (command.basis_points == dashboard.markup_basis_points) return nothing();
    return decided(MarkupSet{command.basis_points});
}

// A node runs no larger machine, and none on hard disks; its own client refuses them.
bool is_machine(const Resources& resources) {
    return resources.cru >= 1 && resources.cru <= 32 && resources.mru >= 1 &&
           resources.mru <= 256 && resources.sru <= 10'240 && resources.hru == 0 &&
           resources.gpus <= 16 && resources.public_ips <= 1;
}

bool are_valid(const std::vector<Workload>& workloads) {
    const auto count = [&](WorkloadRole role) {
        return std::ranges::count(workloads, role, &Workload::role);
    };
    return count(WorkloadRole::primary) == 1 && count(WorkloadRole::backup) <= 1 &&
           std::ranges::all_of(
               workloads, [](const Workload& workload) { return is_machine(workload.resources); });
}

// Why the plan cannot be sold at its price.
std::optional<Rejection> unsellable(const Dashboard& dashboard, const Plan& plan,
                                    const PricingPolicy& policy) {
    if (!is_priceable(policy)) return Rejection::policy_invalid;
    if (plan.price && plan.price->currency != Currency::usd) return Rejection::wrong_currency;
    const auto [list, expected, price] =
        cost_of(plan, policy, dashboard.markup_basis_points, dashboard.settings);
    if (price < card_minimum || price > price_max) return Rejection::price_out_of_range;
    if (margin_of(price, price, expected) < dashboard.settings.margin_floor)
        return Rejection::margin_below_floor;
    return std::nullopt;
}

const Plan* newest(const Dashboard& dashboard, const PlanId& id) {
    const Plan* found = nullptr;
    for (const Plan& plan : dashboard.plans)
        if (plan.id == id) found = &plan;
    return found;
}

bool says_the_same(Plan plan, const Plan& other) {
    plan.version = other.version;
    plan.from = other.from;
    return plan == other;
}

// What stands in the way of another version of the plan.
std::optional<Rejection> unchangeable(const Dashboard& dashboard, const Plan* plan, Time now) {
    if (dashboard.status == Status::closing) return Rejection::dashboard_closing;
    if (plan != nullptr && plan->retired) return Rejection::plan_retired;
    if (plan != nullptr && plan->from > now) return Rejection::repricing_pending;
    if (dashboard.plans.size() >= plan_versions_max) return Rejection::too_many_plans;
    return std::nullopt;
}

DashboardDecision handle(const Dashboard& dashboard, const PublishPlan& command, Time now) {
    if (command.plan.value.empty()) return Rejection::plan_missing;
    if (too_long(command.plan.value) || too_long(command.title) || too_long(command.application))
        return Rejection::text_too_long;
    const Plan* known = newest(dashboard, command.plan);
    if (const auto reason = unchangeable(dashboard, known, now)) return *reason;
    if (!command.application_known || command.application.empty()) return Rejection::app_unknown;
    if (command.sla_version &&
        (*command.sla_version == 0 || *command.sla_version > command.sla_versions))
        return Rejection::sla_undefined;
    if (!are_valid(command.workloads)) return Rejection::workloads_invalid;

    const Plan plan{command.plan,
                    known == nullptr ? 1 : known->version + 1,
                    command.title,
                    command.application,
                    command.workloads,
                    command.web_name,
                    command.price,
                    command.sla_version,
                    now,
                    false};
    if (const auto reason = unsellable(dashboard, plan, command.pricing_policy)) return *reason;
    if (known != nullptr && says_the_same(plan, *known)) return nothing();
    return decided(PlanPublished{plan});
}

DashboardDecision handle(const Dashboard& dashboard, const RepricePlan& command, Time now) {
    const Plan* known = newest(dashboard, command.plan);
    if (known == nullptr) return Rejection::plan_unknown;
    if (const auto reason = unchangeable(dashboard, known, now)) return *reason;
    if (command.from.milliseconds - now.milliseconds < repricing_notice.count())
        return Rejection::notice_too_short;
    Plan plan = *known;
    plan.version = known->version + 1;
    plan.price = command.price;
    plan.from = command.from;
    if (const auto reason = unsellable(dashboard, plan, command.pricing_policy)) return *reason;
    if (plan.price == known->price) return nothing();
    return decided(PlanRepriced{plan, known->version, known->price});
}

DashboardDecision handle(const Dashboard& dashboard, const RetirePlan& command, Time) {
    const Plan* known = newest(dashboard, command.plan);
    if (known == nullptr) return Rejection::plan_unknown;
    if (known->retired) return nothing();
    return decided(PlanRetired{command.plan});
}

// How it sells.

DashboardDecision handle(const Dashboard& dashboard, const SetPlacementPolicy& command, Time) {
    const PlacementPolicy& policy = command.policy;
    const auto most = std::max({policy.price_weight, policy.health_weight, policy.spread_weight});
    if (most == 0 || most > placement_weight_max) return Rejection::out_of_range;
    if (policy == dashboard.placement_policy) return nothing();
    return decided(PlacementPolicySet{policy});
}

DashboardDecision handle(const Dashboard& dashboard, const SetTaxRules& command, Time) {
    if (command.rules.size() > tax_rules_max) return Rejection::too_many_rules;
    std::vector<std::string_view> countries;
    for (const TaxRule& rule : command.rules) {
        if (!is_country_code(rule.country)) return Rejection::country_invalid;
        if (rule.basis_points > basis_points_all) return Rejection::out_of_range;
        countries.push_back(rule.country);
    }
    std::ranges::sort(countries);
    if (std::ranges::adjacent_find(countries) != countries.end()) return Rejection::country_twice;
    if (command.rules == dashboard.tax_rules) return nothing();
    return decided(TaxRulesSet{command.rules});
}

DashboardDecision handle(const Dashboard& dashboard, const SetDunningPolicy& command, Time) {
    const auto& days = command.policy.retry_days;
    if (days.size() > dunning_retries_max) return Rejection::too_many_retries;
    std::uint32_t last = 0;
    for (const std::uint32_t day : days) {
        if (day <= last) return Rejection::schedule_not_increasing;
        last = day;
    }
    if (last > dunning_days_max) return Rejection::out_of_range;
    if (command.policy == dashboard.dunning_policy) return nothing();
    return decided(DunningPolicySet{command.policy});
}

DashboardDecision handle(const Dashboard& dashboard, const SetSalesSettings& command, Time) {
    const SalesSettings& settings = command.settings;
    const Money none{0, Currency::usd}, one{1, Currency::usd};
    if (const auto reason = wrong(settings.fraud_refund_limit, none, price_max)) return *reason;
    // A shop may sell at a loss on purpose.
    if (const auto reason = wrong(settings.margin_floor, none - price_max, price_max))
        return *reason;
    if (const auto reason = wrong(settings.price_step, one, price_max)) return *reason;
    if (settings == dashboard.settings) return nothing();
    return decided(SalesSettingsSet{settings});
}

// Who works there.

const StaffMember* find(const Dashboard& dashboard, const AccountId& account) {
    const auto found = std::ranges::find(dashboard.staff, account, &StaffMember::account);
    return found == dashboard.staff.end() ? nullptr : &*found;
}

bool is_last_owner(const Dashboard& dashboard, const StaffMember& member) {
    return member.role == StaffRole::owner &&
           std::ranges::count(dashboard.staff, StaffRole::owner, &StaffMember::role) == 1;
}

DashboardDecision handle(const Dashboard& dashboard, const AddStaff& command, Time) {
    if (command.account.value.empty()) return Rejection::account_missing;
    const StaffMember* known = find(dashboard, command.account);
    if (known == nullptr && dashboard.staff.size() >= staff_max) return Rejection::too_many_staff;
    if (known != nullptr && known->role == command.role) return nothing();
    if (known != nullptr && is_last_owner(dashboard, *known)) return Rejection::last_owner;
    return decided(StaffAdded{command.account, command.role});
}

DashboardDecision handle(const Dashboard& dashboard, const RemoveStaff& command, Time) {
    const StaffMember* known = find(dashboard, command.account);
    if (known == nullptr) return Rejection::staff_unknown;
    if (is_last_owner(dashboard, *known)) return Rejection::last_owner;
    return decided(StaffRemoved{command.account});
}

// Open and closed.

DashboardDecision handle(const Dashboard& dashboard, const GoLive& command, Time now) {
    switch (dashboard.status) {
    case Status::live: return nothing();
    case Status::sales_paused: return Rejection::sales_paused;
    case Status::closing: return Rejection::dashboard_closing;
    default: break;
    }
    if (!dashboard.stripe_account) return Rejection::stripe_missing;
    if (!command.wallet_connected) return Rejection::wallet_missing;
    if (!command.twin_kyc_passed) return Rejection::twin_kyc_missing;
    if (std::ranges::none_of(dashboard.plans,
                             [&](const Plan& plan) { return !plan.retired && plan.from <= now; }))
        return Rejection::no_plan;
    if (command.nodes == 0) return Rejection::no_node;
    return decided(DashboardWentLive{});
}

bool has(const Dashboard& dashboard, PauseReason reason) {
    return std::ranges::find(dashboard.pause_reasons, reason) != dashboard.pause_reasons.end();
}

// Policies pause without asking whether there is anything to pause.
DashboardDecision handle(const Dashboard& dashboard, const PauseSales& command, Time) {
    const bool open = dashboard.status == Status::live || dashboard.status == Status::sales_paused;
    if (!open || has(dashboard, command.reason)) return nothing();
    return decided(SalesPaused{command.reason});
}

DashboardDecision handle(const Dashboard& dashboard, const ResumeSales& command, Time) {
    if (dashboard.status != Status::sales_paused || !has(dashboard, command.reason))
        return nothing();
    if (dashboard.pause_reasons.size() > 1) return decided(PauseReasonCleared{command.reason});
    return decided(SalesResumed{command.reason});
}

DashboardDecision handle(const Dashboard& dashboard, const BeginClosing&, Time) {
    if (dashboard.status == Status::closing) return nothing();
    return decided(ClosingBegan{});
}

DashboardDecision handle(const Dashboard& dashboard, const CloseDashboard& command, Time) {
    if (dashboard.status == Status::closed) return nothing();
    if (command.active_deployments > 0) return Rejection::active_deployments;
    if (command.books_open) return Rejection::books_open;
    return decided(DashboardClosed{});
}

bool is_for_closed(const DashboardCommand& command) {
    return std::holds_alternative<CreateDashboard>(command) ||
           std::holds_alternative<PauseSales>(command) ||
           std::holds_alternative<ResumeSales>(command) ||
           std::holds_alternative<CloseDashboard>(command);
}

} // namespace

DashboardDecision decide(const Dashboard& dashboard, const DashboardCommand& command, Time now) {
    if (!exists(dashboard) && !std::holds_alternative<CreateDashboard>(command))
        return Rejection::not_found;
    if (dashboard.status == Status::closed && !is_for_closed(command))
        return Rejection::dashboard_closed;
    return std::visit([&](const auto& one) { return handle(dashboard, one, now); }, command);
}

} // namespace domain
