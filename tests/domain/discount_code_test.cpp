// Discount codes: who may use them, and that nobody uses them more often than allowed.

#include "domain/discount_code.hpp"

#include "tests/support/given.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace domain {

namespace {

using tests::given;
using tests::some_time;
using History = std::vector<DiscountCodeEvent>;
using Rejection = DiscountCodeRejection;
using Status = DiscountCodeStatus;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Time at(std::int64_t hours) { return {some_time.milliseconds + hours * 3'600'000}; }

const DashboardId shop{"operator-t"};
const AccountId user{"user-a"}, other_user{"user-b"};
const DeploymentId first{"d1"}, second{"d2"}, third{"d3"};
const DiscountTerms fifth{DiscountKind::percent, 2'000, usd(0)};
const DiscountLimits twice{DiscountAudience::anybody, {}, 2, {}, {}, {}};

History operator+(History history, const DiscountCodeEvent& event) {
    history.push_back(event);
    return history;
}

History created(const DiscountLimits& limits) {
    return {DiscountCodeCreated{shop, "SPRING-20", fifth, limits}};
}
CreateDiscountCode create() {
    return {shop, "SPRING-20", fifth, twice, {{usd(810), usd(324), usd(1500)}}, usd(800)};
}
ReserveDiscount reserve(const DeploymentId& deployment, const AccountId& account = user,
                        bool first_order = false) {
    return {deployment, account, first_order, {}};
}
DiscountCodeEvent reserved(const DeploymentId& deployment, const AccountId& account = user) {
    return DiscountReserved{deployment, account};
}
DiscountCodeEvent consumed(const DeploymentId& deployment, const AccountId& account = user) {
    return DiscountConsumed{deployment, account};
}
DiscountCodeEvent released(const DeploymentId& deployment, const AccountId& account = user) {
    return DiscountReleased{deployment, account};
}

const History plain = created(twice);
const History retired = plain + DiscountCodeRetired{};

TEST(DiscountCodeCreation, RecordsTermsAndLimits) {
    given<DiscountCode>({}).when(create()).then(plain);
    given<DiscountCode>(plain).when(create()).then_rejected(Rejection::code_taken);
    given<DiscountCode>(retired).when(create()).then_rejected(Rejection::code_taken);
}

TEST(DiscountCodeCreation, KeepsTheMarginFloor) {
    // At 20 % the plan leaves 811 cents.
    CreateDiscountCode command = create();
    command.margin_floor = usd(811);
    given<DiscountCode>({}).when(command).then(plain);
    command.margin_floor = usd(812);
    given<DiscountCode>({}).when(command).then_rejected(Rejection::floor_violated);
    // One of the plans is enough.
    command.margin_floor = usd(0);
    command.plans.push_back({usd(1000), usd(950), usd(1000)});
    given<DiscountCode>({}).when(command).then_rejected(Rejection::floor_violated);
    // At list price 433 are left.
    command = create();
    command.terms = {DiscountKind::waive_markup, 0, usd(0)};
    command.margin_floor = usd(434);
    given<DiscountCode>({}).when(command).then_rejected(Rejection::floor_violated);
    command.margin_floor = usd(433);
    given<DiscountCode>({}).when(command).then(
        {DiscountCodeCreated{shop, "SPRING-20", command.terms, twice}});
}

TEST(DiscountCodeCreation, NeedsPossibleTermsAndLimits) {
    const auto refuses = [](auto change, Rejection reason) {
        CreateDiscountCode command = create();
        change(command);
        given<DiscountCode>({}).when(command).then_rejected(reason);
    };
    refuses([](auto& c) { c.dashboard = {}; }, Rejection::dashboard_missing);
    for (const char* code : {"", "AB", "spring", "A B C", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"})
        refuses([&](auto& c) { c.code = code; }, Rejection::code_invalid);
    for (const std::uint32_t basis_points : {0U, 10'001U})
        refuses([&](auto& c) { c.terms.basis_points = basis_points; }, Rejection::terms_invalid);
    for (const std::int64_t cents : {0, -1, 100'000'001})
        refuses(
            [&](auto& c) {
                c.terms = {DiscountKind::amount, 0, usd(cents)};
            },
            Rejection::terms_invalid);
    refuses(
        [](auto& c) {
            c.terms = {DiscountKind::amount, 0, {100, Currency::eur}};
        },
        Rejection::wrong_currency);
    refuses([](auto& c) { c.margin_floor = {0, Currency::eur}; }, Rejection::wrong_currency);
    refuses([](auto& c) { c.plans[0].list = {1, Currency::tft}; }, Rejection::wrong_currency);
    for (const std::uint32_t uses : {0U, 10'001U})
        refuses([&](auto& c) { c.limits.uses = uses; }, Rejection::limits_invalid);
    refuses([](auto& c) { c.limits.uses_per_account = 0; }, Rejection::limits_invalid);
    refuses([](auto& c) { c.limits.from = c.limits.until = at(1); }, Rejection::limits_invalid);
    refuses([](auto& c) { c.limits.accounts = {user}; }, Rejection::limits_invalid);
    refuses([](auto& c) { c.limits.audience = DiscountAudience::accounts; },
            Rejection::limits_invalid);
    refuses(
        [](auto& c) {
            c.limits.audience = DiscountAudience::accounts;
            c.limits.accounts.assign(discount_accounts_max + 1, user);
        },
        Rejection::limits_invalid);
}

TEST(DiscountReservation, IsOneForADeployment) {
    given<DiscountCode>(plain).when(reserve(first)).then({reserved(first)});
    const History once = plain + reserved(first);
    given<DiscountCode>(once).when(reserve(first)).then_nothing();
    given<DiscountCode>(once + consumed(first)).when(reserve(first)).then_nothing();
    given<DiscountCode>(once)
        .when(reserve(first, other_user))
        .then_rejected(Rejection::reservation_exists);
    given<DiscountCode>(once + released(first)).when(reserve(first)).then({reserved(first)});
    given<DiscountCode>(plain).when(reserve({})).then_rejected(Rejection::deployment_missing);
    given<DiscountCode>(plain)
        .when(reserve(first, AccountId{}))
        .then_rejected(Rejection::account_missing);
}

TEST(DiscountReservation, StopsAtTheLimit) {
    const History full = plain + reserved(first) + reserved(second);
    given<DiscountCode>(full).when(reserve(third)).then_rejected(Rejection::code_exhausted);
    given<DiscountCode>(full + consumed(first))
        .when(reserve(third))
        .then_rejected(Rejection::code_exhausted);
    given<DiscountCode>(full + released(second)).when(reserve(third)).then({reserved(third)});
}

TEST(DiscountReservation, StopsAtTheLimitOfAnAccount) {
    DiscountLimits limits = twice;
    limits.uses = 10;
    limits.uses_per_account = 1;
    const History once = created(limits) + reserved(first);
    given<DiscountCode>(once).when(reserve(second)).then_rejected(Rejection::code_exhausted);
    given<DiscountCode>(once + consumed(first))
        .when(reserve(second))
        .then_rejected(Rejection::code_exhausted);
    given<DiscountCode>(once)
        .when(reserve(second, other_user))
        .then({reserved(second, other_user)});
    given<DiscountCode>(once + released(first)).when(reserve(second)).then({reserved(second)});
}

TEST(DiscountReservation, IsForItsAudience) {
    DiscountLimits limits = twice;
    limits.audience = DiscountAudience::accounts;
    limits.accounts = {user};
    given<DiscountCode>(created(limits)).when(reserve(first)).then({reserved(first)});
    given<DiscountCode>(created(limits))
        .when(reserve(first, other_user))
        .then_rejected(Rejection::not_eligible);
    limits = twice;
    limits.audience = DiscountAudience::first_order;
    given<DiscountCode>(created(limits)).when(reserve(first, user, true)).then({reserved(first)});
    given<DiscountCode>(created(limits))
        .when(reserve(first, user, false))
        .then_rejected(Rejection::not_eligible);
}

TEST(DiscountReservation, IsInTime) {
    DiscountLimits limits = twice;
    limits.from = at(1);
    limits.until = at(2);
    const auto code = given<DiscountCode>(created(limits));
    code.when(reserve(first), at(0)).then_rejected(Rejection::code_expired);
    code.when(reserve(first), at(1)).then({reserved(first)});
    code.when(reserve(first), at(2)).then_rejected(Rejection::code_expired);
    given<DiscountCode>(retired).when(reserve(first)).then_rejected(Rejection::code_expired);
}

TEST(DiscountReservation, AnswersAnOrderInAnyCase) {
    ReserveDiscount command = reserve(third);
    command.for_order = true;
    const auto answers = [&](const History& history, DiscountRefusal reason) {
        const DiscountCodeEvent answer = DiscountRefused{third, user, reason};
        given<DiscountCode>(history).when(command).then({answer});
        EXPECT_EQ(given<DiscountCode>(history + answer).state(),
                  given<DiscountCode>(history).state());
    };
    answers({}, DiscountRefusal::code_unknown);
    answers(retired, DiscountRefusal::code_expired);
    answers(plain + reserved(first) + reserved(second), DiscountRefusal::code_exhausted);
    DiscountLimits limits = twice;
    limits.audience = DiscountAudience::first_order;
    answers(created(limits), DiscountRefusal::not_eligible);
    given<DiscountCode>(plain).when(command).then({reserved(third)});
}

TEST(DiscountUse, IsConsumedOrReleasedOnce) {
    const History once = plain + reserved(first);
    given<DiscountCode>(once).when(ConsumeDiscount{first}).then({consumed(first)});
    given<DiscountCode>(once).when(ReleaseDiscount{first}).then({released(first)});
    const History used = once + consumed(first), given_back = once + released(first);
    given<DiscountCode>(used).when(ConsumeDiscount{first}).then_nothing();
    given<DiscountCode>(used)
        .when(ReleaseDiscount{first})
        .then_rejected(Rejection::already_consumed);
    given<DiscountCode>(given_back).when(ReleaseDiscount{first}).then_nothing();
    given<DiscountCode>(given_back)
        .when(ConsumeDiscount{first})
        .then_rejected(Rejection::reservation_unknown);
    EXPECT_EQ(given<DiscountCode>(given_back).state(), given<DiscountCode>(plain).state());
}

TEST(DiscountUse, OutlivesTheCode) {
    DiscountLimits limits = twice;
    limits.until = at(2);
    const History once = created(limits) + reserved(first);
    given<DiscountCode>(once).when(ConsumeDiscount{first}, at(3)).then({consumed(first)});
    given<DiscountCode>(once + DiscountCodeRetired{})
        .when(ConsumeDiscount{first})
        .then({consumed(first)});
}

TEST(DiscountCodeStatus, FollowsUseAndTime) {
    const auto status = [](const History& history, Time now) {
        return status_of(given<DiscountCode>(history).state(), now);
    };
    DiscountLimits limits = twice;
    limits.uses = 1;
    limits.until = at(2);
    const History once = created(limits) + reserved(first);
    EXPECT_EQ(status({}, at(0)), Status::none);
    EXPECT_EQ(status(once, at(0)), Status::active);
    EXPECT_EQ(status(once, at(2)), Status::expired);
    EXPECT_EQ(status(once + consumed(first), at(0)), Status::exhausted);
    EXPECT_EQ(status(once + DiscountCodeRetired{}, at(0)), Status::retired);
}

TEST(DiscountCodeRetirement, HappensOnce) {
    given<DiscountCode>(plain).when(RetireDiscountCode{}).then({DiscountCodeRetired{}});
    given<DiscountCode>(retired).when(RetireDiscountCode{}).then_nothing();
}

TEST(DiscountCodeThatWasNeverCreated, IsUnknown) {
    const std::vector<DiscountCodeCommand> commands{reserve(first), ConsumeDiscount{first},
                                                    ReleaseDiscount{first}, RetireDiscountCode{}};
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<DiscountCodeCommand>);
    EXPECT_FALSE(exists(given<DiscountCode>({}).state()));
    for (const DiscountCodeCommand& command : commands)
        given<DiscountCode>({}).when(command).then_rejected(Rejection::code_unknown);
}

DiscountCodeCommand random_command(std::mt19937_64& random) {
    const auto draw = [&](int below) {
        return std::uniform_int_distribution<int>{0, below - 1}(random);
    };
    const DeploymentId deployment{"d" + std::to_string(draw(8))};
    // A deployment is its account's.
    const AccountId account{deployment.value < "d4" || draw(20) == 0 ? "user-a" : "user-b"};
    switch (draw(16)) {
    case 0: {
        CreateDiscountCode command = create();
        command.limits.uses = static_cast<std::uint32_t>(1 + draw(5));
        if (draw(2) == 0) command.limits.uses_per_account = static_cast<std::uint32_t>(1 + draw(3));
        if (draw(2) == 0) command.limits.until = at(100 + draw(100));
        if (draw(3) == 0) command.limits.audience = DiscountAudience::first_order;
        return command;
    }
    case 1:
        if (draw(6) > 0) return ConsumeDiscount{deployment};
        return RetireDiscountCode{};
    case 2:
    case 3:
    case 4: return ConsumeDiscount{deployment};
    case 5:
    case 6:
    case 7: return ReleaseDiscount{deployment};
    default: break;
    }
    ReserveDiscount command = reserve(deployment, account, draw(2) == 0);
    if (draw(2) == 0) command.for_order = true;
    return command;
}

TEST(DiscountCodeWalk, NeverGoesOverItsLimits) {
    std::map<std::size_t, int> events_seen;
    std::map<Rejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        DiscountCode code;
        for (int step = 0; step < 60; ++step) {
            const auto command = random_command(random);
            const Time now = at(3 * step);
            const auto decision = decide(code, command, now);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const DiscountCodeEvent& event : *decision) {
                ++events_seen[event.index()];
                code = evolve(std::move(code), event);
                EXPECT_LE(code.uses.size(), code.limits.uses);
                EXPECT_EQ(std::ranges::count(code.uses, true, &DiscountUse::consumed),
                          code.consumed);
                std::map<AccountId, std::uint32_t> by_account;
                for (const DiscountUse& use : code.uses)
                    ++by_account[use.account];
                for (const auto& [account, count] : by_account)
                    EXPECT_LE(count, code.limits.uses_per_account.value_or(code.limits.uses));
                EXPECT_TRUE(std::ranges::is_sorted(code.uses, {}, &DiscountUse::deployment));
            }
            const bool is_refusal =
                !decision->empty() && std::holds_alternative<DiscountRefused>(decision->front());
            const auto again = decide(code, command, now);
            EXPECT_TRUE(is_refusal || !again || again->empty()) << tests::print(*again);
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<DiscountCodeEvent>);
    for (const auto reason :
         {Rejection::code_unknown, Rejection::code_taken, Rejection::code_expired,
          Rejection::code_exhausted, Rejection::not_eligible, Rejection::reservation_unknown,
          Rejection::reservation_exists, Rejection::already_consumed})
        EXPECT_GT(rejections_seen[reason], 0) << static_cast<int>(reason);
}

} // namespace

} // namespace domain
