// What can be asked of a dashboard, what can happen to it, and why it is refused. Stored names are
// never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/placement.hpp"
#include "domain/plan.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// When a renewal is tried again after it was declined, in days after the first try.
enum class DunningEnd { suspend, cancel };
BOOST_DESCRIBE_ENUM(DunningEnd, suspend, cancel)

struct DunningPolicy {
    std::vector<std::uint32_t> retry_days;
    DunningEnd last_step = DunningEnd::suspend;
};
BOOST_DESCRIBE_STRUCT(DunningPolicy, (), (retry_days, last_step))

struct Branding {
    std::string domain; // Where the dashboard is shown.
    std::string title;
    std::optional<std::string> logo_url;
    std::optional<std::string> colour; // "#1a2b3c"
};
BOOST_DESCRIBE_STRUCT(Branding, (), (domain, title, logo_url, colour))

enum class StaffRole { owner, manager, support };
BOOST_DESCRIBE_ENUM(StaffRole, owner, manager, support)

// Each reason is taken away by who gave it; sales go on when none is left.
enum class PauseReason { manual, wallet, kyc, margin };
BOOST_DESCRIBE_ENUM(PauseReason, manual, wallet, kyc, margin)

// Commands of people and policies. What the dashboard cannot know is filled in by the door.

struct CreateDashboard {
    static constexpr std::string_view type = "dashboard.create";
    AccountId owner;
    std::string name;
    bool role_held = false;  // The owner is a cloud operator.
    bool name_taken = false; // By another dashboard.
};
BOOST_DESCRIBE_STRUCT(CreateDashboard, (), (owner, name, role_held, name_taken))

struct BrandDashboard {
    static constexpr std::string_view type = "dashboard.brand";
    Branding branding;
    bool domain_proved = false; // The domain is the operator's.
};
BOOST_DESCRIBE_STRUCT(BrandDashboard, (), (branding, domain_proved))

struct ConnectStripe {
    static constexpr std::string_view type = "dashboard.connect_stripe";
    std::string stripe_account;
    std::string key_name;      // Where the key is kept: it is secret, and never in the log.
    bool key_accepted = false; // By Stripe.
};
BOOST_DESCRIBE_STRUCT(ConnectStripe, (), (stripe_account, key_name, key_accepted))

struct SetMarkup {
    static constexpr std::string_view type = "dashboard.set_markup";
    std::uint32_t basis_points = 0;
};
BOOST_DESCRIBE_STRUCT(SetMarkup, (), (basis_points))

// A new plan, or another version of one.
struct PublishPlan {
    static constexpr std::string_view type = "dashboard.publish_plan";
    PlanId plan;
    std::string title;
    std::string application;
    std::vector<Workload> workloads;
    bool web_name = false;
    std::optional<Money> price;
    std::optional<std::uint32_t> sla_version;
    std::uint32_t sla_versions = 0; // How many the dashboard has.
    bool application_known = false;
    PricingPolicy pricing_policy; // In force now.
};
BOOST_DESCRIBE_STRUCT(PublishPlan, (),
                      (plan, title, application, workloads, web_name, price, sla_version,
                       sla_versions, application_known, pricing_policy))

struct RepricePlan {
    static constexpr std::string_view type = "dashboard.reprice_plan";
    PlanId plan;
    std::optional<Money> price; // Absent: the list cost and the markup.
    Time from;
    PricingPolicy pricing_policy;
};
BOOST_DESCRIBE_STRUCT(RepricePlan, (), (plan, price, from, pricing_policy))

struct RetirePlan {
    static constexpr std::string_view type = "dashboard.retire_plan";
    PlanId plan;
};
BOOST_DESCRIBE_STRUCT(RetirePlan, (), (plan))

struct SetPlacementPolicy {
    static constexpr std::string_view type = "dashboard.set_placement_policy";
    PlacementPolicy policy;
};
BOOST_DESCRIBE_STRUCT(SetPlacementPolicy, (), (policy))

struct SetTaxRules {
    static constexpr std::string_view type = "dashboard.set_tax_rules";
    std::vector<TaxRule> rules; // At most one for a country.
};
BOOST_DESCRIBE_STRUCT(SetTaxRules, (), (rules))

struct SetDunningPolicy {
    static constexpr std::string_view type = "dashboard.set_dunning_policy";
    DunningPolicy policy;
};
BOOST_DESCRIBE_STRUCT(SetDunningPolicy, (), (policy))

struct SetSalesSettings {
    static constexpr std::string_view type = "dashboard.set_sales_settings";
    SalesSettings settings;
};
BOOST_DESCRIBE_STRUCT(SetSalesSettings, (), (settings))

// Gives another role to who is there already.
struct AddStaff {
    static constexpr std::string_view type = "dashboard.add_staff";
    AccountId account;
    StaffRole role = StaffRole::support;
};
BOOST_DESCRIBE_STRUCT(AddStaff, (), (account, role))

struct RemoveStaff {
    static constexpr std::string_view type = "dashboard.remove_staff";
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(RemoveStaff, (), (account))

struct GoLive {
    static constexpr std::string_view type = "dashboard.go_live";
    bool wallet_connected = false;
    bool twin_kyc_passed = false;
    std::uint32_t nodes = 0; // That are exposed to it.
};
BOOST_DESCRIBE_STRUCT(GoLive, (), (wallet_connected, twin_kyc_passed, nodes))

// No new orders; renewals, failovers and refunds go on.
struct PauseSales {
    static constexpr std::string_view type = "dashboard.pause_sales";
    PauseReason reason = PauseReason::manual;
};
BOOST_DESCRIBE_STRUCT(PauseSales, (), (reason))

struct ResumeSales {
    static constexpr std::string_view type = "dashboard.resume_sales";
    PauseReason reason = PauseReason::manual;
};
BOOST_DESCRIBE_STRUCT(ResumeSales, (), (reason))

// Nothing is sold any more, for good; what runs goes on until it ends.
struct BeginClosing {
    static constexpr std::string_view type = "dashboard.begin_closing";
};
BOOST_DESCRIBE_STRUCT(BeginClosing, (), ())

struct CloseDashboard {
    static constexpr std::string_view type = "dashboard.close";
    std::uint32_t active_deployments = 0;
    bool books_open = false;
};
BOOST_DESCRIBE_STRUCT(CloseDashboard, (), (active_deployments, books_open))

using DashboardCommand =
    std::variant<CreateDashboard, BrandDashboard, ConnectStripe, SetMarkup, PublishPlan,
                 RepricePlan, RetirePlan, SetPlacementPolicy, SetTaxRules, SetDunningPolicy,
                 SetSalesSettings, AddStaff, RemoveStaff, GoLive, PauseSales, ResumeSales,
                 BeginClosing, CloseDashboard>;

// Events.

struct DashboardCreated {
    static constexpr std::string_view type = "dashboard.created";
    AccountId owner;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(DashboardCreated, (), (owner, name))

struct DashboardBranded {
    static constexpr std::string_view type = "dashboard.branded";
    Branding branding;
};
BOOST_DESCRIBE_STRUCT(DashboardBranded, (), (branding))

struct StripeConnected {
    static constexpr std::string_view type = "dashboard.stripe_connected";
    std::string stripe_account;
    std::string key_name;
};
BOOST_DESCRIBE_STRUCT(StripeConnected, (), (stripe_account, key_name))

struct MarkupSet {
    static constexpr std::string_view type = "dashboard.markup_set";
    std::uint32_t basis_points = 0;
};
BOOST_DESCRIBE_STRUCT(MarkupSet, (), (basis_points))

struct PlanPublished {
    static constexpr std::string_view type = "dashboard.plan_published";
    Plan plan;
};
BOOST_DESCRIBE_STRUCT(PlanPublished, (), (plan))

// Who has the plan is told, and pays the new price from `plan.from` on.
struct PlanRepriced {
    static constexpr std::string_view type = "dashboard.plan_repriced";
    Plan plan;
    std::uint32_t previous_version = 0;
    std::optional<Money> previous_price;
};
BOOST_DESCRIBE_STRUCT(PlanRepriced, (), (plan, previous_version, previous_price))

struct PlanRetired {
    static constexpr std::string_view type = "dashboard.plan_retired";
    PlanId plan;
};
BOOST_DESCRIBE_STRUCT(PlanRetired, (), (plan))

struct PlacementPolicySet {
    static constexpr std::string_view type = "dashboard.placement_policy_set";
    PlacementPolicy policy;
};
BOOST_DESCRIBE_STRUCT(PlacementPolicySet, (), (policy))

struct TaxRulesSet {
    static constexpr std::string_view type = "dashboard.tax_rules_set";
    std::vector<TaxRule> rules;
};
BOOST_DESCRIBE_STRUCT(TaxRulesSet, (), (rules))

struct DunningPolicySet {
    static constexpr std::string_view type = "dashboard.dunning_policy_set";
    DunningPolicy policy;
};
BOOST_DESCRIBE_STRUCT(DunningPolicySet, (), (policy))

struct SalesSettingsSet {
    static constexpr std::string_view type = "dashboard.sales_settings_set";
    SalesSettings settings;
};
BOOST_DESCRIBE_STRUCT(SalesSettingsSet, (), (settings))

struct StaffAdded {
    static constexpr std::string_view type = "dashboard.staff_added";
    AccountId account;
    StaffRole role = StaffRole::support;
};
BOOST_DESCRIBE_STRUCT(StaffAdded, (), (account, role))

struct StaffRemoved {
    static constexpr std::string_view type = "dashboard.staff_removed";
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(StaffRemoved, (), (account))

struct DashboardWentLive {
    static constexpr std::string_view type = "dashboard.went_live";
};
BOOST_DESCRIBE_STRUCT(DashboardWentLive, (), ())

struct SalesPaused {
    static constexpr std::string_view type = "dashboard.sales_paused";
    PauseReason reason = PauseReason::manual;
};
BOOST_DESCRIBE_STRUCT(SalesPaused, (), (reason))

// Sales stay paused: there are other reasons.
struct PauseReasonCleared {
    static constexpr std::string_view type = "dashboard.pause_reason_cleared";
    PauseReason reason = PauseReason::manual;
};
BOOST_DESCRIBE_STRUCT(PauseReasonCleared, (), (reason))

struct SalesResumed {
    static constexpr std::string_view type = "dashboard.sales_resumed";
    PauseReason reason = PauseReason::manual; // The last that was left.
};
BOOST_DESCRIBE_STRUCT(SalesResumed, (), (reason))

struct ClosingBegan {
    static constexpr std::string_view type = "dashboard.closing_began";
};
BOOST_DESCRIBE_STRUCT(ClosingBegan, (), ())

struct DashboardClosed {
    static constexpr std::string_view type = "dashboard.closed";
};
BOOST_DESCRIBE_STRUCT(DashboardClosed, (), ())

using DashboardEvent =
    std::variant<DashboardCreated, DashboardBranded, StripeConnected, MarkupSet, PlanPublished,
                 PlanRepriced, PlanRetired, PlacementPolicySet, TaxRulesSet, DunningPolicySet,
                 SalesSettingsSet, StaffAdded, StaffRemoved, DashboardWentLive, SalesPaused,
                 PauseReasonCleared, SalesResumed, ClosingBegan, DashboardClosed>;

// Clients see the name. Each says what would have to be otherwise.
enum class DashboardRejection {
    not_found, // Never created.
    already_created,
    role_missing, // The owner is no cloud operator.
    owner_missing,
    name_missing,
    name_taken,
    domain_unproved,
    text_too_long,
    key_rejected,
    out_of_range,
    plan_missing,      // A plan without an id.
    workloads_invalid, // Not one or two of different roles with a primary, or of no size.
    price_out_of_range,
    wrong_currency,
    margin_below_floor,
    sla_undefined,
    app_unknown,
    policy_invalid, // A pricing policy with prices that cannot be.
    too_many_plans,
    plan_unknown,
    plan_retired,
    repricing_pending, // A new price of the plan waits to come into force.
    notice_too_short,
    country_invalid,
    country_twice,
    too_many_rules,
    schedule_not_increasing,
    too_many_retries,
    account_missing,
    staff_unknown,
    too_many_staff,
    last_owner,
    stripe_missing,
    wallet_missing,
    twin_kyc_missing,
    no_plan,
    no_node,
    sales_paused, // It went live before, and its sales are paused.
    dashboard_closing,
    dashboard_closed,
    active_deployments,
    books_open,
};
BOOST_DESCRIBE_ENUM(DashboardRejection, not_found, already_created, role_missing, owner_missing,
                    name_missing, name_taken, domain_unproved, text_too_long, key_rejected,
                    out_of_range, plan_missing, workloads_invalid, price_out_of_range,
                    wrong_currency, margin_below_floor, sla_undefined, app_unknown, policy_invalid,
                    too_many_plans, plan_unknown, plan_retired, repricing_pending, notice_too_short,
                    country_invalid, country_twice, too_many_rules, schedule_not_increasing,
                    too_many_retries, account_missing, staff_unknown, too_many_staff, last_owner,
                    stripe_missing, wallet_missing, twin_kyc_missing, no_plan, no_node,
                    sales_paused, dashboard_closing, dashboard_closed, active_deployments,
                    books_open)

} // namespace domain
