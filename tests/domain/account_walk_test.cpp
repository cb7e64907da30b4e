// Random commands at random accounts: whatever comes, nobody has a power they should not have.

#include "tests/domain/account_samples.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace domain {

namespace {

using namespace account_samples;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_{seed} {}

    std::size_t draw(std::size_t below) { return random_() % below; }
    bool rarely() { return draw(20) == 0; }

    ActorId person() { return std::vector{ada, staff, other_staff}[draw(3)]; }
    AccountRole role() { return static_cast<AccountRole>(draw(4)); }
    SpendingReason spending_reason() { return static_cast<SpendingReason>(draw(4)); }
    std::uint32_t count() { return rarely() ? 1 : 0; }
    std::string code() { return "code-" + std::to_string(draw(4)); }
    std::string text() { return rarely() ? "" : "text-" + std::to_string(draw(3)); }
    std::optional<Money> amount() {
        if (draw(3) == 0) return std::nullopt;
        return Money{static_cast<std::int64_t>(draw(20)) - 1,
                     rarely() ? Currency::eur : Currency::usd};
    }
    std::string ssh_key() { return std::vector<std::string>{ed25519, nistp256, "none"}[draw(3)]; }
    ApiKey key() {
        ApiKey made = api_key("mk-" + std::to_string(draw(30)), {{role(), draw(2) == 0}});
        if (draw(2) == 0) made.scopes.push_back({role(), false});
        if (draw(3) == 0) made.expires = later(static_cast<std::int64_t>(draw(100)));
        return made;
    }
    DashboardId at() { return draw(2) == 0 ? dashboard : other_dashboard; }
    std::string card() { return "card-" + std::to_string(draw(3)); }

    AccountCommand command() {
        switch (draw(26)) {
        case 0: return RenewEmailCode{code()};
        case 1: return UpdateProfile{text()};
        case 2: return SetTaxDetails{{rarely() ? "de" : "DE", draw(2) == 0, {}, {}}, {}};
        case 3: return AcceptTerms{text(), {"text-0", "text-1"}};
        case 4:
        case 5: return GrantRole{role()};
        case 6: return RevokeRole{role(), count(), count()};
        case 7: return AddSshKey{ssh_key()};
        case 8: return RemoveSshKey{static_cast<std::uint32_t>(draw(6))};
        case 9:
            return SetNotificationPreferences{
                {{static_cast<NoticeKind>(draw(6)), draw(2) == 0, draw(2) == 0}}};
        case 10: return SetSpendingLimit{amount(), amount()};
        case 11: return EnrollSecondFactor{{text(), SecondFactorKind::totp}, draw(2) == 0};
        case 12:
        case 13: return IssueApiKey{key()};
        case 14: return RevokeApiKey{key().key};
        case 15: return SuspendSpending{spending_reason()};
        case 16:
            if (rarely()) return ResumeSpending{};
            return ResumeSpending{spending_reason()};
        case 17:
            if (draw(2) == 0) return ReinstateAccount{text()};
            return SuspendAccount{text()};
        case 18: return StartImpersonation{text()};
        case 19:
            if (draw(2) == 0) return EndImpersonation{};
            return EndImpersonation{person()};
        case 20: return ExportAccountData{};
        case 21:
            if (draw(2) == 0) return RecordDataExport{static_cast<std::uint32_t>(draw(4)), {}, {}};
            return RecordDataExport{static_cast<std::uint32_t>(draw(4)), text(), {}};
        case 22: return RecordDefaultCard{default_card(at(), card())};
        case 23: return ForgetDefaultCard{at(), {card()}};
        case 24:
            if (!rarely()) return VerifyEmail{code()};
            return CloseAccount{count(), count(), count(), count()};
        default: {
            RegisterAccount registration = register_ada();
            registration.subject = ada;
            return registration;
        }
        }
    }

private:
    std::mt19937_64 random_;
};

template <class Value>
bool is_set(std::vector<Value> values) {
    std::ranges::sort(values);
    return std::ranges::adjacent_find(values) == values.end();
}

void check(const Account& account) {
    EXPECT_TRUE(is_set(account.roles));
    EXPECT_TRUE(is_set(account.spending_reasons));
    EXPECT_LE(account.ssh_keys.size(), ssh_keys_max);
    EXPECT_LE(account.api_keys.size(), api_keys_max);
    EXPECT_LE(account.code.failures, email_code_attempts_max);
    EXPECT_LE(account.code.number, email_codes_max);

    std::set<std::string> names;
    for (const ApiKey& key : account.api_keys) {
        EXPECT_TRUE(names.insert(key.key).second);
        for (const ApiKeyScope& scope : key.scopes)
            EXPECT_TRUE(has_role(account, scope.role));
    }
    for (const SshKey& key : account.ssh_keys)
        EXPECT_TRUE(names.insert(key.key).second);
    for (const Impersonation& one : account.impersonations)
        EXPECT_TRUE(names.insert(one.staff.value).second);
    if (has_role(account, AccountRole::cloud_operator)) {
        EXPECT_TRUE(account.impersonations.empty());
    }
    for (std::size_t i = 1; i < account.default_cards.size(); ++i)
        EXPECT_LT(account.default_cards[i - 1].dashboard, account.default_cards[i].dashboard);

    if (account.closed) {
        EXPECT_EQ(account.status, AccountStatus::closed);
        EXPECT_TRUE(account.api_keys.empty() && account.impersonations.empty());
    } else if (account.suspended) {
        EXPECT_EQ(account.status, AccountStatus::suspended);
    } else if (!account.spending_reasons.empty()) {
        EXPECT_EQ(account.status, AccountStatus::spending_suspended);
    } else {
        EXPECT_EQ(account.status,
                  account.email_verified ? AccountStatus::active : AccountStatus::unverified);
    }
}

// What may be asked for more than once: another guess, another export.
bool asks_again(const AccountCommand& command) {
    return std::holds_alternative<VerifyEmail>(command) ||
           std::holds_alternative<ExportAccountData>(command);
}

TEST(AccountWalk, GivesNobodyWhatTheyShouldNotHave) {
    std::map<std::size_t, int> events_seen;
    std::map<AccountRejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Walk walk{seed};
        Account account;
        for (int step = 0; step < 120; ++step) {
            const AccountCommand command = walk.command();
            const ActorId by = walk.person();
            const Time now = later(step);
            const auto decision = decide(account, command, now, by);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const AccountEvent& event : *decision) {
                ++events_seen[event.index()];
                if (const auto* granted = std::get_if<RoleGranted>(&event)) {
                    EXPECT_NE(by, ada) << static_cast<int>(granted->role);
                }
                const bool was_verified = account.email_verified, was_closed = account.closed;
                account = evolve(std::move(account), event);
                EXPECT_GE(account.email_verified, was_verified);
                EXPECT_GE(account.closed, was_closed);
            }
            check(account);
            if (asks_again(command)) continue;
            const auto again = decide(account, command, now, by);
            EXPECT_TRUE(!again || again->empty())
                << tests::print(*again) << " after " << tests::print(*decision);
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<AccountEvent>);
    EXPECT_GE(rejections_seen.size(), 30U);
}

} // namespace

} // namespace domain
