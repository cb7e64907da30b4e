// Random commands at random credits: whatever comes, nothing is lost and nothing is made.

#include "tests/domain/customer_credit_samples.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

namespace domain {

namespace {

using namespace customer_credit_samples;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }
    bool rarely() { return draw(15) == 0; }

    Money amount(std::int64_t below) {
        return {draw(below) - 3, rarely() ? Currency::eur : Currency::usd};
    }
    std::optional<Money> perhaps_amount() {
        if (draw(2) == 0) return std::nullopt;
        return amount(200);
    }
    std::string purpose() { return "invoice-" + std::to_string(draw(8)); }
    AccountId owner() { return rarely() ? other_account : account; }
    ActorId person() { return draw(2) == 0 ? first_person : second_person; }

    CustomerCreditCommand command() {
        switch (draw(10)) {
        case 0:
        case 1: {
            GrantCredit grant{owner(), dashboard, static_cast<CreditKind>(draw(4)), amount(400), {},
                              {},      {}};
            if (rarely()) grant.amount.minor += credit_without_second_approval_max;
            if (draw(2) == 0) grant.source = "case-" + std::to_string(draw(30));
            if (draw(2) == 0) grant.expires = later(draw(100));
            return grant;
        }
        case 2: return ApproveCredit{static_cast<std::uint32_t>(draw(4))};
        case 3:
            if (!rarely()) return ApproveCredit{static_cast<std::uint32_t>(draw(4))};
            return RejectCredit{static_cast<std::uint32_t>(draw(4)), {}};
        case 4:
        case 5: return HoldCredit{owner(), dashboard, purpose(), amount(300), draw(2) == 0};
        case 6: return ReleaseCredit{purpose()};
        case 7: return SpendCredit{purpose(), perhaps_amount()};
        case 8: return ExpireCredit{};
        default:
            if (!rarely()) return SpendCredit{purpose(), {}};
            return ForfeitCredit{perhaps_amount(), {}};
        }
    }

private:
    std::mt19937_64 random_;
};

void check(const CustomerCredit& credit) {
    EXPECT_EQ(credit.available.minor + credit.held.minor,
              credit.granted.minor - credit.spent.minor - credit.expired.minor -
                  credit.forfeited.minor);
    std::int64_t left = 0, held = 0;
    for (const CreditGrant& grant : credit.grants) {
        EXPECT_GE(grant.left.minor, 0);
        left += grant.left.minor;
    }
    for (const CreditHold& hold : credit.holds) {
        EXPECT_FALSE(hold.parts.empty());
        for (const CreditPart& part : hold.parts) {
            EXPECT_GT(part.amount.minor, 0);
            EXPECT_EQ(std::ranges::count(credit.grants, part.grant, &CreditGrant::number), 1);
            held += part.amount.minor;
        }
    }
    EXPECT_EQ(credit.available.minor, left);
    EXPECT_EQ(credit.held.minor, held);
    for (const Money& part : {credit.available, credit.held, credit.granted, credit.spent,
                              credit.expired, credit.forfeited}) {
        EXPECT_GE(part.minor, 0);
        EXPECT_EQ(part.currency, credit.granted.currency);
    }
}

// What an event says in total is what its parts say.
void check_parts(const CustomerCreditEvent& event) {
    std::visit(
        [](const auto& one) {
            if constexpr (requires { one.parts; }) {
                std::int64_t sum = 0;
                for (const CreditPart& part : one.parts)
                    sum += part.amount.minor;
                EXPECT_EQ(sum, one.amount.minor);
                EXPECT_GT(sum, 0);
            }
        },
        event);
}

// Nothing is spent from a later grant while an earlier one of the order had something left.
void check_order(const CustomerCredit& before, const CreditHeld& event, Time now) {
    const CreditPart& last = event.parts.back();
    const auto place = [&](const CreditGrant& grant) {
        return std::tuple{grant.kind == CreditKind::promo ? 0 : 1,
                          grant.expires ? grant.expires->milliseconds : later(1'000).milliseconds,
                          grant.number};
    };
    const auto last_grant = std::ranges::find(before.grants, last.grant, &CreditGrant::number);
    ASSERT_NE(last_grant, before.grants.end());
    for (const CreditGrant& grant : before.grants) {
        const bool over = grant.expires && *grant.expires <= now;
        std::int64_t taken = 0;
        for (const CreditPart& part : event.parts)
            if (part.grant == grant.number) taken = part.amount.minor;
        if (over || place(grant) > place(*last_grant)) {
            EXPECT_EQ(taken, 0);
        } else if (place(grant) < place(*last_grant)) {
            EXPECT_EQ(taken, grant.left.minor);
        }
    }
}

TEST(CustomerCreditWalk, NothingIsLostAndNothingIsMade) {
    std::map<std::size_t, int> events_seen;
    std::map<CustomerCreditRejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        CustomerCredit credit;
        for (int step = 0; step < 60; ++step) {
            const Time now = later(step + walk.draw(3));
            const auto command = walk.command();
            const auto by = walk.person();
            const auto decision = decide(credit, command, now, by);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const CustomerCreditEvent& event : *decision) {
                ++events_seen[event.index()];
                check_parts(event);
                if (const auto* hold = std::get_if<CreditHeld>(&event))
                    check_order(credit, *hold, now);
                credit = evolve(std::move(credit), event);
                check(credit);
            }
            // The same again changes nothing more, but for what may be wanted twice.
            const auto* grant = std::get_if<GrantCredit>(&command);
            const auto* forfeit = std::get_if<ForfeitCredit>(&command);
            if ((grant && !grant->source) || (forfeit && forfeit->amount)) continue;
            const auto again = decide(credit, command, now, by);
            EXPECT_TRUE(!again || again->empty()) << tests::print(*again);
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<CustomerCreditEvent>);
    // All but missing words, amounts without measure, and bounds the walk is too short for.
    EXPECT_GE(rejections_seen.size(), 11U);
}

// The memory of what is settled is bounded, and the newest stays.
TEST(CustomerCreditMemory, ForgetsTheOldest) {
    CustomerCredit credit = given_by<CustomerCredit>(policy, goodwill).state();
    for (std::size_t i = 0; i <= credit_names_remembered; ++i)
        credit = evolve(std::move(credit),
                        CreditUnavailable{account, dashboard, std::to_string(i), usd(1)});
    EXPECT_EQ(credit.settled.size(), credit_names_remembered);
    EXPECT_EQ(credit.settled.front().purpose, "1");
    EXPECT_EQ(credit.settled.back().purpose, std::to_string(credit_names_remembered));
}

} // namespace

} // namespace domain
