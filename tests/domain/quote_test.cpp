// Quotes: every number of the price, where it may run, and why there is none.

#include "domain/quote.hpp"

#include "domain/discount_code.hpp"
#include "domain/market_data.hpp"
#include "tests/domain/dashboard_samples.hpp"

namespace domain {

using namespace dashboard_samples;

namespace {

using Reason = QuoteRejection;

const DashboardId shop{"operator-t"};
const std::vector<Candidate> four_nodes{
    {{"11"}, {"7"}, "BE"}, {{"12"}, {"7"}, "BE"}, {{"21"}, {"9"}, "DE"}, {{"31"}, {"12"}, "FR"}};

// All that a quote is made of; each test changes some of it.
struct Asking {
    QuoteRequest request = [] {
        QuoteRequest some;
        some.id = {"q1"};
        some.dashboard = shop;
        some.account = {"user-a"};
        some.plan = small_plan;
        return some;
    }();
    std::optional<Plan> offered = plan();
    DashboardFacts dashboard{true, 2'500, [] {
                                 SalesSettings some;
                                 some.declared_tier = DiscountTier::gold;
                                 return some;
                             }()};
    MarketData market{10, days(0), false, grid};
    std::optional<DiscountFacts> discount;
    std::vector<TaxRule> tax_rules;
    std::vector<Candidate> candidates = four_nodes;
    Time now = days(0);

    Result<QuoteTerms, QuoteRejection> ask() const {
        return quote(request, offered ? &*offered : nullptr, dashboard, market,
                     discount ? &*discount : nullptr, tax_rules, candidates, now);
    }

    void is_refused(Reason reason, tests::Place test = tests::Place::current()) const {
        const testing::ScopedTrace trace{test.file_name(), static_cast<int>(test.line()), "ask"};
        const auto answer = ask();
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error(), reason);
    }
};

void use(Asking& asking, const DiscountTerms& terms, std::optional<Reason> refusal = {}) {
    asking.request.discount_code = "SPRING-20";
    asking.discount = DiscountFacts{"SPRING-20", terms, refusal};
}

void expect_adds_up(const QuoteTerms& terms) {
    EXPECT_EQ(terms.price - terms.discount, terms.net);
    EXPECT_EQ(terms.net + terms.tax, terms.gross);
}

TEST(Quote, SaysAllThatTheOrderHasToKnow) {
    Asking asking;
    asking.offered->sla_version = 3;
    asking.now = {days(0).milliseconds + 1000};
    const auto answer = asking.ask();
    ASSERT_TRUE(answer);
    QuoteTerms expected;
    expected.id = {"q1"};
    expected.dashboard = shop;
    expected.account = {"user-a"};
    expected.plan = small_plan;
    expected.plan_version = 1;
    expected.sla_version = 3;
    expected.application = "vm";
    expected.workloads = {{WorkloadRole::primary, small_machine}};
    expected.pricing_policy = "pp-1";
    expected.tft_price = 10;
    expected.tier = DiscountTier::gold;
    expected.list_cost = usd(810);
    expected.expected_cost = usd(324);
    expected.price = expected.net = expected.gross = usd(1500);
    expected.discount = expected.tax = usd(0);
    expected.candidates = four_nodes;
    expected.expires = {asking.now.milliseconds + 15 * 60 * 1000};
    expected.suspends_on_dispute = true;
    expected.fraud_refund_limit = usd(0);
    EXPECT_EQ(*answer, expected);
}

TEST(Quote, OfAPlanWithABackupAndAName) {
    Asking asking;
    asking.offered->workloads.push_back({WorkloadRole::backup, small_machine});
    asking.offered->web_name = true;
    asking.offered->price = usd(1000);
    const auto answer = asking.ask();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->list_cost, usd(1638));
    EXPECT_EQ(answer->expected_cost, usd(655));
    EXPECT_EQ(answer->price, usd(1000));
    EXPECT_TRUE(answer->web_name);
}

TEST(Quote, TakesTheMarkupWhereThePlanHasNoPrice) {
    Asking asking;
    asking.offered->price.reset();
    asking.dashboard.settings.price_step = usd(50);
    EXPECT_EQ(asking.ask()->price, usd(1050));
    asking.dashboard.settings.price_step = usd(1);
    EXPECT_EQ(asking.ask()->price, usd(1013));
}

TEST(Quote, TakesADiscountOff) {
    Asking asking;
    use(asking, {DiscountKind::percent, 2'000, usd(0)});
    auto answer = asking.ask();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->net, usd(1200));
    EXPECT_EQ(answer->discount, usd(300));
    EXPECT_EQ(answer->discount_code, "SPRING-20");
    expect_adds_up(*answer);

    use(asking, {DiscountKind::amount, 0, usd(400)});
    EXPECT_EQ(asking.ask()->net, usd(1100));
    // Who provides the node pays what the grid asks for it.
    use(asking, {DiscountKind::waive_markup, 0, usd(0)});
    EXPECT_EQ(asking.ask()->net, usd(810));
    // Facts of a code that nobody asked for change nothing.
    asking.request.discount_code.reset();
    EXPECT_EQ(asking.ask()->net, usd(1500));
}

TEST(Quote, IsRefusedWithAnUnusableCode) {
    Asking asking;
    const DiscountTerms fifth{DiscountKind::percent, 2'000, usd(0)};
    for (const Reason reason : {Reason::code_unknown, Reason::code_expired, Reason::code_exhausted,
                                Reason::not_eligible}) {
        use(asking, fifth, reason);
        asking.is_refused(reason);
    }
    use(asking, fifth);
    asking.discount->code = "AUTUMN";
    asking.is_refused(Reason::code_unknown);
    asking.discount.reset();
    asking.is_refused(Reason::code_unknown);
}

TEST(Quote, KnowsACodeAsItStands) {
    const AccountId user{"user-a"};
    DiscountCode code;
    EXPECT_EQ(facts_of(code, user, false, days(0)).refusal, Reason::code_unknown);
    code.dashboard = shop;
    code.code = "SPRING-20";
    code.terms = {DiscountKind::amount, 0, usd(100)};
    code.limits.uses = 1;
    EXPECT_EQ(facts_of(code, user, false, days(0)),
              (DiscountFacts{"SPRING-20", code.terms, std::nullopt}));
    code.uses = {{{"d1"}, user, false}};
    EXPECT_EQ(facts_of(code, user, false, days(0)).refusal, Reason::code_exhausted);
    code.limits.audience = DiscountAudience::first_order;
    EXPECT_EQ(facts_of(code, user, false, days(0)).refusal, Reason::not_eligible);
    code.retired = true;
    EXPECT_EQ(facts_of(code, user, false, days(0)).refusal, Reason::code_expired);
}

TEST(Quote, AddsTheTaxOfThePayersCountry) {
    Asking asking;
    asking.tax_rules = {{"DE", 1'900, false}, {"BE", 2'100, true}};
    asking.request.country = "BE";
    auto answer = asking.ask();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->tax, usd(315));
    EXPECT_EQ(answer->gross, usd(1815));
    EXPECT_EQ(answer->tax_basis_points, 2'100);
    EXPECT_EQ(answer->tax_country, "BE");
    // On what is paid.
    use(asking, {DiscountKind::percent, 2'000, usd(0)});
    answer = asking.ask();
    EXPECT_EQ(answer->tax, usd(252));
    expect_adds_up(*answer);
    // Businesses account for it themselves there, and not in Germany.
    asking.request.business = true;
    EXPECT_EQ(asking.ask()->tax, usd(0));
    EXPECT_EQ(asking.ask()->tax_country, std::nullopt);
    asking.request.country = "DE";
    EXPECT_EQ(asking.ask()->tax_country, "DE");
    asking.request.country = "FR";
    EXPECT_EQ(asking.ask()->tax, usd(0));
    asking.request.country.reset();
    EXPECT_EQ(asking.ask()->tax, usd(0));
}

TEST(Quote, IsForAPlanThatIsOffered) {
    const auto refused = [](auto change) {
        Asking asking;
        change(asking);
        asking.is_refused(Reason::plan_not_offered);
    };
    refused([](auto& a) { a.offered.reset(); });
    refused([](auto& a) { a.offered->id = {"vm-l"}; });
    refused([](auto& a) { a.offered->retired = true; });
    refused([](auto& a) { a.offered->from = days(1); });
    refused([](auto& a) { a.dashboard.open = false; });
}

TEST(Quote, IsMadeByAnOpenDashboard) {
    const auto open = [](const History& history) {
        return facts_of(given<Dashboard>(history).state()).open;
    };
    EXPECT_TRUE(open(live));
    EXPECT_TRUE(open(paused)); // A pause stops orders only.
    EXPECT_FALSE(open(draft));
    EXPECT_FALSE(open(closing));
    EXPECT_FALSE(open(closed));
    const auto facts =
        facts_of(given<Dashboard>(live + MarkupSet{700} + SalesSettingsSet{settings()}).state());
    EXPECT_EQ(facts, (DashboardFacts{true, 700, settings()}));
}

TEST(Quote, HasAFilterInTheAdvancedModeOnly) {
    Asking asking;
    asking.request.filter.emplace().regions = {"Europe"};
    asking.is_refused(Reason::filter_invalid);
    asking.request.mode = PlacementMode::advanced;
    EXPECT_TRUE(asking.ask());
    asking.request.filter->countries = {"Belgium"};
    asking.is_refused(Reason::filter_invalid);
}

TEST(Quote, IsMadeFromFreshPrices) {
    Asking asking;
    asking.market.stale = true;
    asking.is_refused(Reason::price_feed_stale);
    asking.market = {std::nullopt, days(0), false, grid};
    asking.is_refused(Reason::price_feed_stale);
    asking.market = {10, days(0), false, std::nullopt};
    asking.is_refused(Reason::price_feed_stale);
    asking.market = {10, {days(0).milliseconds - 60 * 60 * 1000}, false, grid};
    asking.is_refused(Reason::price_feed_stale);
    ++asking.market.observed.milliseconds;
    EXPECT_TRUE(asking.ask());
}

TEST(Quote, KeepsTheMarginFloor) {
    const auto at_floor = [](std::int64_t margin, auto change) {
        Asking asking;
        change(asking);
        asking.dashboard.settings.margin_floor = usd(margin);
        EXPECT_TRUE(asking.ask()) << margin;
        asking.dashboard.settings.margin_floor = usd(margin + 1);
        asking.is_refused(Reason::margin_below_floor);
    };
    at_floor(1102, [](auto&) {});
    at_floor(811, [](auto& a) { use(a, {DiscountKind::percent, 2'000, usd(0)}); });
    at_floor(433, [](auto& a) { use(a, {DiscountKind::waive_markup, 0, usd(0)}); });
    // The card's fee is on the tax as well: 83 of 1815.
    at_floor(1093, [](auto& a) {
        a.tax_rules = {{"BE", 2'100, true}};
        a.request.country = "BE";
    });
    // At the tier that is declared.
    at_floor(616, [](auto& a) { a.dashboard.settings.declared_tier = DiscountTier::none; });
}

TEST(Quote, NeedsANodeForEachRole) {
    Asking asking;
    asking.candidates.clear();
    asking.is_refused(Reason::no_matching_node);
    asking.candidates = {four_nodes[0], four_nodes[1]};
    EXPECT_TRUE(asking.ask());
    // Two on one farm are no place for a backup.
    asking.offered->workloads.push_back({WorkloadRole::backup, small_machine});
    asking.is_refused(Reason::no_matching_node);
    asking.candidates.push_back(four_nodes[2]);
    EXPECT_TRUE(asking.ask());
}

} // namespace

} // namespace domain
