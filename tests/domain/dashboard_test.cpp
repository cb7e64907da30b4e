// A dashboard's own course: making it, its settings, its staff, opening and closing it.

#include "tests/domain/dashboard_samples.hpp"

namespace domain {

using namespace dashboard_samples;

namespace {

TEST(DashboardCreation, MakesItsOwnerTheFirstOfItsStaff) {
    const CreateDashboard command{owner, "Operator T", true, false};
    given<Dashboard>({}).when(command).then(draft);
    const Dashboard dashboard = given<Dashboard>(draft).state();
    EXPECT_EQ(dashboard.staff, (std::vector<StaffMember>{{owner, StaffRole::owner}}));
    EXPECT_EQ(dashboard.status, DashboardStatus::draft);
    for (const History& history : {draft, live, closed})
        given<Dashboard>(history).when(command).then_rejected(Rejection::already_created);
}

TEST(DashboardCreation, NeedsAnOperatorAndAFreeName) {
    const auto nobody = given<Dashboard>({});
    nobody.when(CreateDashboard{owner, "T", false, false}).then_rejected(Rejection::role_missing);
    nobody.when(CreateDashboard{owner, "T", true, true}).then_rejected(Rejection::name_taken);
    nobody.when(CreateDashboard{owner, "", true, false}).then_rejected(Rejection::name_missing);
    nobody.when(CreateDashboard{{}, "T", true, false}).then_rejected(Rejection::owner_missing);
    nobody.when(CreateDashboard{owner, std::string(1001, 'x'), true, false})
        .then_rejected(Rejection::text_too_long);
}

TEST(DashboardThatWasNeverCreated, RefusesEverythingElse) {
    const std::vector<DashboardCommand> commands{
        BrandDashboard{},   ConnectStripe{},    SetMarkup{},          PublishPlan{},
        RepricePlan{},      RetirePlan{},       SetPlacementPolicy{}, SetTaxRules{},
        SetDunningPolicy{}, SetSalesSettings{}, AddStaff{},           RemoveStaff{},
        GoLive{},           PauseSales{},       ResumeSales{},        BeginClosing{},
        CloseDashboard{},
    };
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<DashboardCommand>);
    EXPECT_FALSE(exists(given<Dashboard>({}).state()));
    for (const DashboardCommand& command : commands) {
        given<Dashboard>({}).when(command).then_rejected(Rejection::not_found);
        const bool harmless = std::holds_alternative<PauseSales>(command) ||
                              std::holds_alternative<ResumeSales>(command) ||
                              std::holds_alternative<CloseDashboard>(command);
        if (harmless)
            given<Dashboard>(closed).when(command).then_nothing();
        else
            given<Dashboard>(closed).when(command).then_rejected(Rejection::dashboard_closed);
    }
}

TEST(DashboardBranding, NeedsAProvedDomain) {
    const Branding branding{"shop.example", "Shop", "https://shop.example/logo.svg", "#112233"};
    given<Dashboard>(draft).when(BrandDashboard{branding, true}).then({DashboardBranded{branding}});
    given<Dashboard>(draft + DashboardBranded{branding})
        .when(BrandDashboard{branding, true})
        .then_nothing();
    given<Dashboard>(draft)
        .when(BrandDashboard{branding, false})
        .then_rejected(Rejection::domain_unproved);
    given<Dashboard>(draft)
        .when(BrandDashboard{{"", "Shop", {}, {}}, true})
        .then_rejected(Rejection::domain_unproved);
    const std::string endless(1001, 'x');
    for (const Branding& wrong : {Branding{endless, "", {}, {}}, Branding{"a", endless, {}, {}},
                                  Branding{"a", "", endless, {}}, Branding{"a", "", {}, endless}})
        given<Dashboard>(draft)
            .when(BrandDashboard{wrong, true})
            .then_rejected(Rejection::text_too_long);
}

TEST(DashboardStripe, IsConnectedWithAKeyThatWorks) {
    const ConnectStripe command{"acct_1", "vault/1", true};
    given<Dashboard>(draft).when(command).then({StripeConnected{"acct_1", "vault/1"}});
    given<Dashboard>(live).when(command).then_nothing();
    given<Dashboard>(live)
        .when(ConnectStripe{"acct_1", "vault/2", true})
        .then({StripeConnected{"acct_1", "vault/2"}});
    for (const ConnectStripe& wrong :
         {ConnectStripe{"acct_1", "vault/1", false}, ConnectStripe{"", "vault/1", true},
          ConnectStripe{"acct_1", "", true}})
        given<Dashboard>(draft).when(wrong).then_rejected(Rejection::key_rejected);
    given<Dashboard>(draft)
        .when(ConnectStripe{std::string(1001, 'x'), "vault/1", true})
        .then_rejected(Rejection::text_too_long);
}

TEST(DashboardMarkup, IsWithinRange) {
    for (const std::uint32_t basis_points : {1U, 100'000U})
        given<Dashboard>(draft).when(SetMarkup{basis_points}).then({MarkupSet{basis_points}});
    given<Dashboard>(draft).when(SetMarkup{100'001}).then_rejected(Rejection::out_of_range);
    given<Dashboard>(draft).when(SetMarkup{0}).then_nothing();
}

TEST(DashboardPlacement, HasAWeightWithinRange) {
    const PlacementPolicy policy{0, 1000, 1};
    given<Dashboard>(draft).when(SetPlacementPolicy{policy}).then({PlacementPolicySet{policy}});
    given<Dashboard>(draft + PlacementPolicySet{policy})
        .when(SetPlacementPolicy{policy})
        .then_nothing();
    for (const PlacementPolicy& wrong : {PlacementPolicy{0, 0, 0}, PlacementPolicy{1001, 1, 1},
                                         PlacementPolicy{1, 1001, 1}, PlacementPolicy{1, 1, 1001}})
        given<Dashboard>(draft)
            .when(SetPlacementPolicy{wrong})
            .then_rejected(Rejection::out_of_range);
}

TEST(DashboardTaxRules, AreOneForACountry) {
    const std::vector<TaxRule> rules{{"BE", 2'100, true}, {"DE", 1'900, false}};
    given<Dashboard>(draft).when(SetTaxRules{rules}).then({TaxRulesSet{rules}});
    given<Dashboard>(draft + TaxRulesSet{rules}).when(SetTaxRules{rules}).then_nothing();
    given<Dashboard>(draft)
        .when(SetTaxRules{{{"BE", 2'100, true}, {"DE", 0, true}, {"BE", 600, true}}})
        .then_rejected(Rejection::country_twice);
    given<Dashboard>(draft)
        .when(SetTaxRules{{{"Belgium", 2'100, true}}})
        .then_rejected(Rejection::country_invalid);
    given<Dashboard>(draft)
        .when(SetTaxRules{{{"BE", 10'001, true}}})
        .then_rejected(Rejection::out_of_range);
    given<Dashboard>(draft)
        .when(SetTaxRules{std::vector<TaxRule>(301)})
        .then_rejected(Rejection::too_many_rules);
}

TEST(DashboardDunning, IsAnIncreasingSchedule) {
    const auto schedule = [](std::vector<std::uint32_t> retry_days) {
        return SetDunningPolicy{{std::move(retry_days), DunningEnd::cancel}};
    };
    given<Dashboard>(draft)
        .when(schedule({2, 5, 60}))
        .then({DunningPolicySet{{{2, 5, 60}, DunningEnd::cancel}}});
    given<Dashboard>(draft).when(schedule({})).then({DunningPolicySet{{{}, DunningEnd::cancel}}});
    given<Dashboard>(draft).when(SetDunningPolicy{{{1, 3, 7}, DunningEnd::suspend}}).then_nothing();
    for (const auto& wrong :
         std::vector<std::vector<std::uint32_t>>{{0, 1}, {1, 1}, {3, 2}, {1, 5, 4}})
        given<Dashboard>(draft)
            .when(schedule(wrong))
            .then_rejected(Rejection::schedule_not_increasing);
    given<Dashboard>(draft).when(schedule({61})).then_rejected(Rejection::out_of_range);
    given<Dashboard>(draft)
        .when(schedule({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}))
        .then_rejected(Rejection::too_many_retries);
}

TEST(DashboardSettings, AreAmountsWithinRange) {
    given<Dashboard>(draft).when(SetSalesSettings{settings()}).then({SalesSettingsSet{settings()}});
    given<Dashboard>(draft + SalesSettingsSet{settings()})
        .when(SetSalesSettings{settings()})
        .then_nothing();
    const auto refuses = [](auto change, Rejection reason) {
        SetSalesSettings command{settings()};
        change(command.settings);
        given<Dashboard>(draft).when(command).then_rejected(reason);
    };
    refuses([](auto& s) { s.fraud_refund_limit = usd(-1); }, Rejection::out_of_range);
    refuses([](auto& s) { s.fraud_refund_limit = {1, Currency::eur}; }, Rejection::wrong_currency);
    refuses([](auto& s) { s.margin_floor = usd(100'000'001); }, Rejection::out_of_range);
    refuses([](auto& s) { s.margin_floor = usd(-100'000'001); }, Rejection::out_of_range);
    refuses([](auto& s) { s.margin_floor = {1, Currency::tft}; }, Rejection::wrong_currency);
    refuses([](auto& s) { s.price_step = usd(0); }, Rejection::out_of_range);
    refuses([](auto& s) { s.price_step = {1, Currency::eur}; }, Rejection::wrong_currency);
    SalesSettings at_a_loss = settings();
    at_a_loss.margin_floor = usd(-500);
    given<Dashboard>(draft).when(SetSalesSettings{at_a_loss}).then({SalesSettingsSet{at_a_loss}});
}

TEST(DashboardStaff, ComesGoesAndChanges) {
    const History staffed = draft + StaffAdded{helper, StaffRole::support};
    given<Dashboard>(draft)
        .when(AddStaff{helper, StaffRole::support})
        .then({StaffAdded{helper, StaffRole::support}});
    given<Dashboard>(staffed).when(AddStaff{helper, StaffRole::support}).then_nothing();
    given<Dashboard>(staffed)
        .when(AddStaff{helper, StaffRole::manager})
        .then({StaffAdded{helper, StaffRole::manager}});
    EXPECT_EQ(
        given<Dashboard>(staffed + StaffAdded{helper, StaffRole::manager}).state().staff.size(),
        2U);
    given<Dashboard>(staffed).when(RemoveStaff{helper}).then({StaffRemoved{helper}});
    EXPECT_EQ(given<Dashboard>(staffed + StaffRemoved{helper}).state(),
              given<Dashboard>(draft).state());
    given<Dashboard>(draft).when(RemoveStaff{helper}).then_rejected(Rejection::staff_unknown);
    given<Dashboard>(draft).when(AddStaff{}).then_rejected(Rejection::account_missing);
}

TEST(DashboardStaff, NeverLosesItsLastOwner) {
    given<Dashboard>(draft).when(RemoveStaff{owner}).then_rejected(Rejection::last_owner);
    given<Dashboard>(draft)
        .when(AddStaff{owner, StaffRole::manager})
        .then_rejected(Rejection::last_owner);
    const History two = draft + StaffAdded{helper, StaffRole::owner};
    given<Dashboard>(two).when(RemoveStaff{owner}).then({StaffRemoved{owner}});
    given<Dashboard>(two)
        .when(AddStaff{owner, StaffRole::support})
        .then({StaffAdded{owner, StaffRole::support}});
}

TEST(DashboardStaff, EndsSomewhere) {
    History history = draft;
    for (std::size_t i = 1; i < staff_max; ++i)
        history.push_back(StaffAdded{{"staff-" + std::to_string(i)}, StaffRole::support});
    given<Dashboard>(history)
        .when(AddStaff{{"one more"}, StaffRole::support})
        .then_rejected(Rejection::too_many_staff);
    given<Dashboard>(history)
        .when(AddStaff{helper, StaffRole::manager})
        .then({StaffAdded{helper, StaffRole::manager}});
}

TEST(DashboardOpening, NeedsAllThatSellingTakes) {
    const GoLive command{true, true, 3};
    given<Dashboard>(ready).when(command).then({DashboardWentLive{}});
    given<Dashboard>(draft + PlanPublished{plan()})
        .when(command)
        .then_rejected(Rejection::stripe_missing);
    given<Dashboard>(ready).when(GoLive{false, true, 3}).then_rejected(Rejection::wallet_missing);
    given<Dashboard>(ready).when(GoLive{true, false, 3}).then_rejected(Rejection::twin_kyc_missing);
    given<Dashboard>(ready).when(GoLive{true, true, 0}).then_rejected(Rejection::no_node);
    for (const History& history :
         {draft + StripeConnected{"acct_1", "vault/1"}, ready + PlanRetired{small_plan}})
        given<Dashboard>(history).when(command).then_rejected(Rejection::no_plan);
}

TEST(DashboardOpening, HappensOnce) {
    const GoLive command{true, true, 3};
    given<Dashboard>(live).when(command).then_nothing();
    given<Dashboard>(paused).when(command).then_rejected(Rejection::sales_paused);
    given<Dashboard>(closing).when(command).then_rejected(Rejection::dashboard_closing);
}

TEST(DashboardPause, LastsUntilTheLastReasonIsGone) {
    given<Dashboard>(live)
        .when(PauseSales{PauseReason::wallet})
        .then({SalesPaused{PauseReason::wallet}});
    given<Dashboard>(paused).when(PauseSales{PauseReason::wallet}).then_nothing();
    given<Dashboard>(paused)
        .when(PauseSales{PauseReason::kyc})
        .then({SalesPaused{PauseReason::kyc}});
    const History twice = paused + SalesPaused{PauseReason::kyc};
    given<Dashboard>(twice)
        .when(ResumeSales{PauseReason::wallet})
        .then({PauseReasonCleared{PauseReason::wallet}});
    const History once = twice + PauseReasonCleared{PauseReason::wallet};
    EXPECT_EQ(given<Dashboard>(once).state().status, DashboardStatus::sales_paused);
    given<Dashboard>(once).when(ResumeSales{PauseReason::wallet}).then_nothing();
    given<Dashboard>(once)
        .when(ResumeSales{PauseReason::kyc})
        .then({SalesResumed{PauseReason::kyc}});
    EXPECT_EQ(given<Dashboard>(once + SalesResumed{PauseReason::kyc}).state(),
              given<Dashboard>(live).state());
}

TEST(DashboardPause, IsNoMatterWhereNothingIsSold) {
    for (const History& history : {draft, closing, closed}) {
        given<Dashboard>(history).when(PauseSales{PauseReason::kyc}).then_nothing();
        given<Dashboard>(history).when(ResumeSales{PauseReason::kyc}).then_nothing();
    }
    given<Dashboard>(live).when(ResumeSales{PauseReason::kyc}).then_nothing();
}

TEST(DashboardClosing, WaitsForWhatRunsAndForTheBooks) {
    for (const History& history : {draft, live, paused})
        given<Dashboard>(history).when(BeginClosing{}).then({ClosingBegan{}});
    given<Dashboard>(closing).when(BeginClosing{}).then_nothing();
    for (const History& history : {draft, live, paused, closing}) {
        given<Dashboard>(history).when(CloseDashboard{0, false}).then({DashboardClosed{}});
        given<Dashboard>(history)
            .when(CloseDashboard{1, false})
            .then_rejected(Rejection::active_deployments);
        given<Dashboard>(history)
            .when(CloseDashboard{0, true})
            .then_rejected(Rejection::books_open);
    }
    given<Dashboard>(closed).when(CloseDashboard{}).then_nothing();
    EXPECT_EQ(given<Dashboard>(paused + ClosingBegan{}).state(), given<Dashboard>(closing).state());
}

} // namespace

} // namespace domain
