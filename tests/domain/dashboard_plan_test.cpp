// What a dashboard sells: versions of plans, their prices, and when they come into force.

#include "tests/domain/dashboard_samples.hpp"

#include <random>

namespace domain {

using namespace dashboard_samples;

namespace {

RepricePlan reprice(std::optional<Money> price, std::int64_t from) {
    return {small_plan, price, days(from), grid};
}

TEST(PlanPublication, IsTheFirstVersion) {
    given<Dashboard>(draft).when(publish()).then({PlanPublished{plan()}});
    PublishPlan command = publish(usd(1000));
    command.workloads.push_back({WorkloadRole::backup, small_machine});
    command.web_name = true;
    command.sla_version = 2;
    command.sla_versions = 2;
    Plan expected = plan(1, usd(1000));
    expected.workloads = command.workloads;
    expected.web_name = true;
    expected.sla_version = 2;
    given<Dashboard>(draft + SalesSettingsSet{settings()})
        .when(command)
        .then({PlanPublished{expected}});
}

TEST(PlanPublication, OfAKnownPlanIsItsNextVersion) {
    PublishPlan command = publish();
    command.title = "Smaller";
    Plan expected = plan(2, usd(1500), 3);
    expected.title = "Smaller";
    given<Dashboard>(live).when(command, days(3)).then({PlanPublished{expected}});
    given<Dashboard>(live).when(publish(), days(3)).then_nothing();
    const History history = live + PlanPublished{expected};
    EXPECT_EQ(given<Dashboard>(history).state().plans.front(), plan());
}

TEST(PlanPublication, NeedsKnownThings) {
    const auto refuses = [](auto change, Rejection reason) {
        PublishPlan command = publish();
        change(command);
        given<Dashboard>(draft).when(command).then_rejected(reason);
    };
    refuses([](auto& c) { c.plan = {}; }, Rejection::plan_missing);
    refuses([](auto& c) { c.title.assign(1001, 'x'); }, Rejection::text_too_long);
    refuses([](auto& c) { c.application_known = false; }, Rejection::app_unknown);
    refuses([](auto& c) { c.application.clear(); }, Rejection::app_unknown);
    refuses([](auto& c) { c.sla_version = 1; }, Rejection::sla_undefined);
    refuses(
        [](auto& c) {
            c.sla_version = 0;
            c.sla_versions = 3;
        },
        Rejection::sla_undefined);
    refuses([](auto& c) { c.workloads.clear(); }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].role = WorkloadRole::backup; },
            Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads.push_back(c.workloads[0]); }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.cru = 0; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.mru = 0; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.cru = 33; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.mru = 257; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.sru = 10'241; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.hru = 1; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.gpus = 17; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.workloads[0].resources.public_ips = 2; }, Rejection::workloads_invalid);
    refuses([](auto& c) { c.pricing_policy.cu = -1; }, Rejection::policy_invalid);
}

TEST(PlanPublication, NeedsAPriceACardCanBeCharged) {
    const auto dashboard = given<Dashboard>(draft + SalesSettingsSet{[] {
                                                SalesSettings at_a_loss;
                                                at_a_loss.margin_floor = usd(-100'000'000);
                                                return at_a_loss;
                                            }()});
    dashboard.when(publish(usd(50))).then({PlanPublished{plan(1, usd(50))}});
    for (const std::int64_t cents : {49, 0, -1, 100'000'001})
        dashboard.when(publish(usd(cents))).then_rejected(Rejection::price_out_of_range);
    dashboard.when(publish(Money{1500, Currency::eur})).then_rejected(Rejection::wrong_currency);
}

TEST(PlanPublication, KeepsTheMarginFloor) {
    // List cost 810, 324 at gold; of 1500 the card takes 74.
    const auto with_floor = [](std::int64_t cents, DiscountTier tier) {
        SalesSettings some = settings();
        some.margin_floor = usd(cents);
        some.declared_tier = tier;
        return given<Dashboard>(draft + SalesSettingsSet{some});
    };
    with_floor(1102, DiscountTier::gold).when(publish()).then({PlanPublished{plan()}});
    with_floor(1103, DiscountTier::gold)
        .when(publish())
        .then_rejected(Rejection::margin_below_floor);
    with_floor(616, DiscountTier::none).when(publish()).then({PlanPublished{plan()}});
    with_floor(617, DiscountTier::none)
        .when(publish())
        .then_rejected(Rejection::margin_below_floor);
}

TEST(PlanPublication, MayLeaveThePriceToTheMarkup) {
    const auto with_markup = [](std::uint32_t basis_points, std::int64_t floor) {
        SalesSettings some = settings();
        some.margin_floor = usd(floor);
        return given<Dashboard>(draft + SalesSettingsSet{some} + MarkupSet{basis_points});
    };
    // 810 and a quarter is 1013, in steps of 50 that is 1050; 60 go to the card, 324 to the grid.
    with_markup(2'500, 666).when(publish(std::nullopt)).then({PlanPublished{plan(1, {})}});
    with_markup(2'500, 667)
        .when(publish(std::nullopt))
        .then_rejected(Rejection::margin_below_floor);
}

TEST(PlanPublication, EndsSomewhere) {
    History history = live;
    for (std::uint32_t version = 2; version <= plan_versions_max; ++version)
        history.push_back(PlanPublished{plan(version)});
    given<Dashboard>(history).when(publish(usd(1600))).then_rejected(Rejection::too_many_plans);
    given<Dashboard>(history).when(reprice(usd(1600), 30)).then_rejected(Rejection::too_many_plans);
}

TEST(PlanRepricing, GivesThirtyDaysNotice) {
    given<Dashboard>(live)
        .when(reprice(usd(1800), 30))
        .then({PlanRepriced{plan(2, usd(1800), 30), 1, usd(1500)}});
    given<Dashboard>(live).when(reprice(usd(1800), 29)).then_rejected(Rejection::notice_too_short);
    given<Dashboard>(live)
        .when(RepricePlan{small_plan, usd(1800), {days(30).milliseconds - 1}, grid})
        .then_rejected(Rejection::notice_too_short);
    given<Dashboard>(live).when(reprice(usd(1500), 30)).then_nothing();
}

TEST(PlanRepricing, KeepsRangeCurrencyAndFloor) {
    given<Dashboard>(live).when(reprice(usd(49), 30)).then_rejected(Rejection::price_out_of_range);
    given<Dashboard>(live)
        .when(reprice(Money{1800, Currency::eur}, 30))
        .then_rejected(Rejection::wrong_currency);
    given<Dashboard>(live + SalesSettingsSet{settings()})
        .when(reprice(usd(450), 30))
        .then_rejected(Rejection::margin_below_floor);
    given<Dashboard>(draft).when(reprice(usd(1800), 30)).then_rejected(Rejection::plan_unknown);
}

TEST(PlanRepricing, WaitsForTheOneBefore) {
    for (const std::int64_t now : {0, 39}) {
        given<Dashboard>(repriced)
            .when(reprice(usd(2000), 90), days(now))
            .then_rejected(Rejection::repricing_pending);
        given<Dashboard>(repriced)
            .when(publish(usd(1600)), days(now))
            .then_rejected(Rejection::repricing_pending);
    }
    given<Dashboard>(repriced)
        .when(reprice(usd(2000), 90), days(40))
        .then({PlanRepriced{plan(3, usd(2000), 90), 2, usd(1800)}});
}

TEST(PlanRetirement, IsForAllVersionsAndForGood) {
    given<Dashboard>(live).when(RetirePlan{small_plan}).then({PlanRetired{small_plan}});
    given<Dashboard>(live).when(RetirePlan{{"vm-l"}}).then_rejected(Rejection::plan_unknown);
    const History retired = repriced + PlanRetired{small_plan};
    given<Dashboard>(retired).when(RetirePlan{small_plan}).then_nothing();
    given<Dashboard>(retired).when(publish()).then_rejected(Rejection::plan_retired);
    given<Dashboard>(retired)
        .when(reprice(usd(2000), 90), days(41))
        .then_rejected(Rejection::plan_retired);
    EXPECT_EQ(plan_in_force(given<Dashboard>(retired).state().plans, small_plan, days(41)),
              nullptr);
}

TEST(PlanVersions, AreNotMadeWhileClosing) {
    given<Dashboard>(closing).when(publish()).then_rejected(Rejection::dashboard_closing);
    given<Dashboard>(closing)
        .when(reprice(usd(1800), 30))
        .then_rejected(Rejection::dashboard_closing);
}

TEST(PlanVersions, ComeIntoForceInTime) {
    const auto plans = given<Dashboard>(repriced).state().plans;
    EXPECT_EQ(plan_in_force(plans, small_plan, days(-1)), nullptr);
    EXPECT_EQ(plan_in_force(plans, small_plan, days(0))->version, 1U);
    EXPECT_EQ(plan_in_force(plans, small_plan, days(39))->version, 1U);
    EXPECT_EQ(plan_in_force(plans, small_plan, days(40))->version, 2U);
    EXPECT_EQ(plan_in_force(plans, {"vm-l"}, days(40)), nullptr);
}

// Whatever is done with plans, a version that exists stays as it is.
TEST(PlanVersions, AreNeverEdited) {
    int versions = 0, repricings = 0, retirements = 0;
    for (std::uint64_t seed = 0; seed < 500 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        const auto draw = [&](std::int64_t below) {
            return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random);
        };
        Dashboard dashboard = given<Dashboard>(draft).state();
        std::int64_t today = 0;
        for (int step = 0; step < 40; ++step) {
            today += draw(20);
            const PlanId id{"plan-" + std::to_string(draw(2))};
            DashboardCommand command;
            if (draw(25) == 0) {
                command = RetirePlan{id};
            } else if (draw(3) == 0) {
                command =
                    RepricePlan{id, usd(900 + 100 * draw(9)), days(today + 25 + draw(20)), grid};
            } else {
                PublishPlan next = publish(usd(900 + 100 * draw(9)));
                next.plan = id;
                command = next;
            }
            const auto before = dashboard.plans;
            const auto decision = decide(dashboard, command, days(today));
            if (!decision) continue;
            for (const DashboardEvent& event : *decision)
                dashboard = evolve(std::move(dashboard), event);
            repricings +=
                !decision->empty() && std::holds_alternative<PlanRepriced>(decision->front()) ? 1
                                                                                              : 0;
            ASSERT_GE(dashboard.plans.size(), before.size());
            for (std::size_t i = 0; i < before.size(); ++i) {
                Plan now = dashboard.plans[i];
                if (now.retired && !before[i].retired) {
                    const auto* retire = std::get_if<RetirePlan>(&command);
                    EXPECT_TRUE(retire != nullptr && retire->plan == now.id);
                    ++retirements;
                    now.retired = false;
                }
                EXPECT_EQ(now, before[i]);
            }
            for (std::size_t i = before.size(); i < dashboard.plans.size(); ++i) {
                ++versions;
                std::uint32_t last = 0;
                for (const Plan& plan : before)
                    if (plan.id == dashboard.plans[i].id) {
                        EXPECT_LE(plan.from, days(today)) << "one version waits at a time";
                        last = std::max(last, plan.version);
                    }
                EXPECT_EQ(dashboard.plans[i].version, last + 1);
            }
            const auto again = decide(dashboard, command, days(today));
            EXPECT_TRUE(!again || again->empty());
        }
    }
    EXPECT_GT(versions, 1'000);
    EXPECT_GT(repricings, 500);
    EXPECT_GT(retirements, 100);
}

} // namespace

} // namespace domain
