// What an account may do: roles, keys, second factors; and what the staff may do to it.

#include "tests/domain/account_samples.hpp"

namespace domain {

namespace {

using namespace account_samples;

TEST(AccountRoles, AreGrantedBySomebodyElse) {
    given_by<Account>(staff, active)
        .when(GrantRole{AccountRole::cloud_provider})
        .then({RoleGranted{AccountRole::cloud_provider, ada}});
    for (const AccountRole role : {AccountRole::cloud_provider, AccountRole::cloud_operator,
                                   AccountRole::investor, AccountRole::cloud_user})
        given_by<Account>(ada, active).when(GrantRole{role}).then_rejected(Rejection::self_grant);
    given_by<Account>(staff, active)
        .when(GrantRole{AccountRole::cloud_user})
        .then_rejected(Rejection::role_already_held);
}

TEST(AccountRoles, CombineFreely) {
    const Account account =
        given_by<Account>(staff, operator_account + RoleGranted{AccountRole::investor, ada} +
                                     RoleRevoked{AccountRole::cloud_user, ada})
            .state();
    EXPECT_EQ(account.roles, (std::vector{AccountRole::cloud_operator, AccountRole::investor}));
    EXPECT_TRUE(has_role(account, AccountRole::investor));
    EXPECT_FALSE(has_role(account, AccountRole::cloud_user));
}

TEST(AccountRoles, AreTakenBackWhenNothingNeedsThem) {
    const auto account = given_by<Account>(staff, operator_account);
    account.when(RevokeRole{AccountRole::cloud_operator, 1, 0})
        .then({RoleRevoked{AccountRole::cloud_operator, ada}});
    account.when(RevokeRole{AccountRole::cloud_operator, 0, 0})
        .then_rejected(Rejection::last_operator);
    account.when(RevokeRole{AccountRole::cloud_operator, 1, 1})
        .then_rejected(Rejection::obligations_open);
    account.when(RevokeRole{AccountRole::cloud_user, 0, 1})
        .then_rejected(Rejection::obligations_open);
    account.when(RevokeRole{AccountRole::cloud_user, 0, 0})
        .then({RoleRevoked{AccountRole::cloud_user, ada}});
    account.when(RevokeRole{AccountRole::investor, 0, 0}).then_rejected(Rejection::role_not_held);
    // One may give up one's own.
    given_by<Account>(ada, operator_account)
        .when(RevokeRole{AccountRole::cloud_operator, 1, 0})
        .then({RoleRevoked{AccountRole::cloud_operator, ada}});
}

TEST(AccountRoles, TakeTheirApiKeysWithThem) {
    given_by<Account>(staff, operator_account + ApiKeyIssued{user_key} + ApiKeyIssued{both_key})
        .when(RevokeRole{AccountRole::cloud_operator, 1, 0})
        .then({RoleRevoked{AccountRole::cloud_operator, ada}, ApiKeyRevoked{"mk_2"}});
}

TEST(AccountSshKeys, AreAddedInOneForm) {
    given_by<Account>(ada, active)
        .when(AddSshKey{" " + ed25519 + " ada@example\n"})
        .then({SshKeyAdded{1, ed25519}});
    const History one = active + SshKeyAdded{1, ed25519};
    given_by<Account>(ada, one).when(AddSshKey{nistp256}).then({SshKeyAdded{2, nistp256}});
    given_by<Account>(ada, one)
        .when(AddSshKey{ed25519 + " another comment"})
        .then_rejected(Rejection::key_duplicate);
    given_by<Account>(ada, active)
        .when(AddSshKey{"ssh-ed25519 AAAA"})
        .then_rejected(Rejection::key_malformed);
}

TEST(AccountSshKeys, AreRemovedByNumber) {
    const History two = active + SshKeyAdded{1, ed25519} + SshKeyAdded{2, nistp256};
    given_by<Account>(ada, two).when(RemoveSshKey{1}).then({SshKeyRemoved{1}});
    for (const std::uint32_t number : {0U, 3U})
        given_by<Account>(ada, two)
            .when(RemoveSshKey{number})
            .then_rejected(Rejection::key_unknown);
    const History removed = two + SshKeyRemoved{2};
    given_by<Account>(ada, removed).when(RemoveSshKey{2}).then_nothing();
    // Its number is not used again.
    given_by<Account>(ada, removed).when(AddSshKey{nistp256}).then({SshKeyAdded{3, nistp256}});
}

TEST(AccountSshKeys, AreTwentyAtMost) {
    History history = active;
    for (std::uint32_t number = 1; number <= ssh_keys_max; ++number)
        history.push_back(SshKeyAdded{number, "key " + std::to_string(number)});
    given_by<Account>(ada, history)
        .when(AddSshKey{ed25519})
        .then_rejected(Rejection::too_many_keys);
    given_by<Account>(ada, history + SshKeyRemoved{7})
        .when(AddSshKey{ed25519})
        .then({SshKeyAdded{21, ed25519}});
}

TEST(AccountSecondFactor, IsEnrolledOnceItWorks) {
    const SecondFactor factor{"totp-1", SecondFactorKind::totp};
    given_by<Account>(ada, active)
        .when(EnrollSecondFactor{factor, true})
        .then({SecondFactorEnrolled{factor}});
    given_by<Account>(ada, active)
        .when(EnrollSecondFactor{factor, false})
        .then_rejected(Rejection::factor_unverified);
    given_by<Account>(ada, active)
        .when(EnrollSecondFactor{{}, true})
        .then_rejected(Rejection::factor_missing);
    given_by<Account>(ada, active + SecondFactorEnrolled{factor})
        .when(EnrollSecondFactor{factor, true})
        .then_nothing();
    History many = active;
    for (std::size_t i = 0; i < second_factors_max; ++i)
        many.push_back(
            SecondFactorEnrolled{{"key-" + std::to_string(i), SecondFactorKind::webauthn}});
    given_by<Account>(ada, many)
        .when(EnrollSecondFactor{factor, true})
        .then_rejected(Rejection::too_many_factors);
}

TEST(AccountApiKeys, MayDoNoMoreThanTheAccount) {
    given_by<Account>(ada, active).when(IssueApiKey{user_key}).then({ApiKeyIssued{user_key}});
    given_by<Account>(ada, operator_account)
        .when(IssueApiKey{both_key})
        .then({ApiKeyIssued{both_key}});
    given_by<Account>(ada, active)
        .when(IssueApiKey{both_key})
        .then_rejected(Rejection::scope_exceeds_role);
    given_by<Account>(ada, active)
        .when(IssueApiKey{api_key("mk_1", {})})
        .then_rejected(Rejection::scope_missing);
}

TEST(AccountApiKeys, HaveANameASecretAndAFuture) {
    const auto account = given_by<Account>(ada, active);
    ApiKey key = user_key;
    key.expires = later(1);
    account.when(IssueApiKey{key}).then({ApiKeyIssued{key}});
    account.when(IssueApiKey{key}, later(1)).then_rejected(Rejection::expiry_past);
    key = user_key;
    key.key.clear();
    account.when(IssueApiKey{key}).then_rejected(Rejection::key_malformed);
    key = user_key;
    key.secret_hash.clear();
    account.when(IssueApiKey{key}).then_rejected(Rejection::key_malformed);
}

TEST(AccountApiKeys, AreTwentyAtMostAndEachOnce) {
    History history = active + ApiKeyIssued{user_key};
    given_by<Account>(ada, history)
        .when(IssueApiKey{user_key})
        .then_rejected(Rejection::key_duplicate);
    for (std::size_t i = 1; i < api_keys_max; ++i)
        history.push_back(
            ApiKeyIssued{api_key("key-" + std::to_string(i), {{AccountRole::cloud_user, false}})});
    const ApiKey another = api_key("mk_3", {{AccountRole::cloud_user, false}});
    given_by<Account>(ada, history)
        .when(IssueApiKey{another})
        .then_rejected(Rejection::too_many_keys);
    given_by<Account>(ada, history).when(RevokeApiKey{"mk_1"}).then({ApiKeyRevoked{"mk_1"}});
    const History revoked = history + ApiKeyRevoked{"mk_1"};
    given_by<Account>(ada, revoked)
        .when(RevokeApiKey{"mk_1"})
        .then_rejected(Rejection::key_unknown);
    given_by<Account>(ada, revoked).when(IssueApiKey{another}).then({ApiKeyIssued{another}});
}

TEST(AccountSuspension, NeedsAReasonAndGivesNoNewPowers) {
    given_by<Account>(staff, active)
        .when(SuspendAccount{"abuse"})
        .then({AccountSuspended{"abuse", ada}});
    given_by<Account>(staff, active)
        .when(SuspendAccount{})
        .then_rejected(Rejection::reason_missing);
    given_by<Account>(staff, suspended).when(SuspendAccount{"again"}).then_nothing();
    EXPECT_EQ(given_by<Account>(staff, suspended).state().status, AccountStatus::suspended);
    const std::vector<AccountCommand> powers{GrantRole{AccountRole::investor}, AddSshKey{ed25519},
                                             EnrollSecondFactor{{"totp-1", {}}, true},
                                             IssueApiKey{user_key}};
    for (const AccountCommand& command : powers)
        given_by<Account>(staff, suspended)
            .when(command)
            .then_rejected(Rejection::account_suspended);
    given_by<Account>(ada, suspended).when(UpdateProfile{"new"}).then({ProfileUpdated{"new"}});
}

TEST(AccountSuspension, EndsWhereItBegan) {
    given_by<Account>(staff, suspended)
        .when(ReinstateAccount{"cleared"})
        .then({AccountReinstated{"cleared"}});
    given_by<Account>(staff, suspended)
        .when(ReinstateAccount{})
        .then_rejected(Rejection::reason_missing);
    given_by<Account>(staff, active).when(ReinstateAccount{"cleared"}).then_nothing();
    const auto status_after = [](const History& before) {
        return given_by<Account>(staff, before + AccountSuspended{"abuse", ada} +
                                            AccountReinstated{"cleared"})
            .state()
            .status;
    };
    EXPECT_EQ(status_after(unverified), AccountStatus::unverified);
    EXPECT_EQ(status_after(active), AccountStatus::active);
    EXPECT_EQ(status_after(disputed), AccountStatus::spending_suspended);
}

TEST(AccountImpersonation, HasAReasonAndAnEnd) {
    given_by<Account>(staff, active)
        .when(StartImpersonation{"case 7"})
        .then({ImpersonationStarted{staff, "case 7", later(60)}});
    given_by<Account>(staff, active)
        .when(StartImpersonation{})
        .then_rejected(Rejection::reason_missing);
    given_by<Account>(staff, operator_account)
        .when(StartImpersonation{"case 7"})
        .then_rejected(Rejection::target_is_staff);
    const History seen = active + ImpersonationStarted{staff, "case 7", later(60)};
    given_by<Account>(staff, seen).when(EndImpersonation{}).then({ImpersonationEnded{staff}});
    given_by<Account>(other_staff, seen).when(EndImpersonation{}).then_nothing();
    given_by<Account>(other_staff, seen)
        .when(EndImpersonation{staff})
        .then({ImpersonationEnded{staff}});
    given_by<Account>(staff, active).when(EndImpersonation{}).then_nothing();
}

TEST(AccountImpersonation, IsOneAtATimeForEachOfTheStaff) {
    const History seen = active + ImpersonationStarted{staff, "case 7", later(60)};
    given_by<Account>(staff, seen)
        .when(StartImpersonation{"case 8"}, later(59))
        .then_rejected(Rejection::impersonation_running);
    given_by<Account>(staff, seen)
        .when(StartImpersonation{"case 8"}, later(60))
        .then({ImpersonationEnded{staff}, ImpersonationStarted{staff, "case 8", later(120)}});
    given_by<Account>(other_staff, seen)
        .when(StartImpersonation{"case 8"})
        .then({ImpersonationStarted{other_staff, "case 8", later(60)}});
}

TEST(AccountImpersonation, EndsWhenTheAccountBecomesStaff) {
    given_by<Account>(staff, active + ImpersonationStarted{other_staff, "case 7", later(60)})
        .when(GrantRole{AccountRole::cloud_operator})
        .then({RoleGranted{AccountRole::cloud_operator, ada}, ImpersonationEnded{other_staff}});
}

} // namespace

} // namespace domain
