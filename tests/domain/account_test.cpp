// Who somebody is, what they agreed to, what they may spend, and how it ends.

#include "tests/domain/account_samples.hpp"

namespace domain {

namespace {

using namespace account_samples;

TEST(AccountRegistration, BeginsUnverifiedAsACloudUser) {
    given_by<Account>(ada, {}).when(register_ada()).then(unverified);
    const Account account = given_by<Account>(ada, unverified).state();
    EXPECT_EQ(account.status, AccountStatus::unverified);
    EXPECT_EQ(account.roles, std::vector{AccountRole::cloud_user});
    EXPECT_EQ(account.terms, "2027-01");
    EXPECT_EQ(account.code.number, 1U);
}

TEST(AccountRegistration, MayBeMadeForSomebodyElse) {
    RegisterAccount command = register_ada();
    command.subject = ada;
    given_by<Account>(staff, {}).when(command).then(unverified);
}

TEST(AccountRegistration, HappensOncePerAddress) {
    for (const History& history : {unverified, active, suspended, closed})
        given_by<Account>(ada, history).when(register_ada()).then_rejected(Rejection::email_taken);
}

TEST(AccountRegistration, NeedsAnAddressACountryTermsAndACode) {
    const auto refused = [](auto change, Rejection reason) {
        RegisterAccount command = register_ada();
        change(command);
        given_by<Account>(ada, {}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.email_hash.clear(); }, Rejection::email_missing);
    for (const char* country : {"", "B", "be", "BEL", "B1", "Be"})
        refused([&](auto& one) { one.country = country; }, Rejection::country_not_served);
    refused([](auto& one) { one.terms.clear(); }, Rejection::terms_missing);
    refused([](auto& one) { one.terms = "2020-01"; }, Rejection::version_unknown);
    refused([](auto& one) { one.code_hash.clear(); }, Rejection::code_missing);
    refused([](auto& one) { one.sealed_profile = std::string(sealed_profile_max + 1, 'x'); },
            Rejection::profile_too_large);
}

TEST(AccountThatWasNeverRegistered, RefusesEverythingElse) {
    const std::vector<AccountCommand> commands{
        VerifyEmail{},        RenewEmailCode{},
        UpdateProfile{},      SetTaxDetails{},
        AcceptTerms{},        GrantRole{},
        RevokeRole{},         AddSshKey{},
        RemoveSshKey{},       SetNotificationPreferences{},
        SetSpendingLimit{},   EnrollSecondFactor{},
        IssueApiKey{},        RevokeApiKey{},
        SuspendSpending{},    ResumeSpending{},
        SuspendAccount{},     ReinstateAccount{},
        StartImpersonation{}, EndImpersonation{},
        ExportAccountData{},  RecordDataExport{},
        CloseAccount{},       RecordDefaultCard{},
        ForgetDefaultCard{},
    };
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<AccountCommand>);
    for (const AccountCommand& command : commands)
        given_by<Account>(ada, {}).when(command).then_rejected(Rejection::not_found);
}

TEST(AccountEmail, IsVerifiedByItsCode) {
    given_by<Account>(ada, unverified)
        .when(VerifyEmail{"code-1"}, later(day - 1))
        .then({EmailVerified{"email-hash"}});
    EXPECT_EQ(given_by<Account>(ada, active).state().status, AccountStatus::active);
    given_by<Account>(ada, active).when(VerifyEmail{"code-1"}).then_nothing();
    given_by<Account>(ada, active).when(VerifyEmail{"code-2"}).then_rejected(Rejection::code_wrong);
}

TEST(AccountEmail, CodesAreGoodForADay) {
    given_by<Account>(ada, unverified)
        .when(VerifyEmail{"code-1"}, later(day))
        .then_rejected(Rejection::code_expired);
}

TEST(AccountEmail, WrongGuessesAreCountedUpToFive) {
    History history = unverified;
    for (std::uint32_t failure = 1; failure <= email_code_attempts_max; ++failure) {
        given_by<Account>(ada, history)
            .when(VerifyEmail{"wrong"})
            .then({EmailVerificationFailed{failure}});
        history.push_back(EmailVerificationFailed{failure});
    }
    // Even the right code comes too late.
    for (const char* code : {"wrong", "code-1"})
        given_by<Account>(ada, history)
            .when(VerifyEmail{code})
            .then_rejected(Rejection::too_many_attempts);
    given_by<Account>(ada, unverified).when(VerifyEmail{}).then_rejected(Rejection::code_wrong);
}

TEST(AccountEmail, AnotherCodeBeginsAgain) {
    const History failed = unverified + EmailVerificationFailed{5};
    given_by<Account>(ada, failed)
        .when(RenewEmailCode{"code-2"}, later(3 * day))
        .then({EmailCodeRenewed{2, "code-2", later(4 * day)}});
    const History renewed = failed + EmailCodeRenewed{2, "code-2", later(4 * day)};
    given_by<Account>(ada, renewed)
        .when(VerifyEmail{"code-2"}, later(3 * day))
        .then({EmailVerified{"email-hash"}});
    given_by<Account>(ada, renewed).when(VerifyEmail{"code-1"}).then({EmailVerificationFailed{1}});
    given_by<Account>(ada, renewed).when(RenewEmailCode{"code-2"}).then_nothing();
}

TEST(AccountEmail, CodesAreNotSentForEver) {
    given_by<Account>(ada, unverified + EmailCodeRenewed{10, "code-10", later(day)})
        .when(RenewEmailCode{"code-11"})
        .then_rejected(Rejection::too_many_codes);
    given_by<Account>(ada, unverified)
        .when(RenewEmailCode{})
        .then_rejected(Rejection::code_missing);
    given_by<Account>(ada, active)
        .when(RenewEmailCode{"code-2"})
        .then_rejected(Rejection::already_verified);
}

TEST(AccountProfile, IsKeptSealed) {
    given_by<Account>(ada, active).when(UpdateProfile{"new"}).then({ProfileUpdated{"new"}});
    EXPECT_EQ(given_by<Account>(ada, active + ProfileUpdated{"new"}).state().sealed_profile, "new");
    given_by<Account>(ada, active).when(UpdateProfile{"sealed"}).then_nothing();
    given_by<Account>(ada, active).when(UpdateProfile{}).then_rejected(Rejection::profile_missing);
    given_by<Account>(ada, active)
        .when(UpdateProfile{std::string(sealed_profile_max + 1, 'x')})
        .then_rejected(Rejection::profile_too_large);
}

TEST(AccountTax, DetailsOfABusinessHaveAValidNumber) {
    const auto account = given_by<Account>(ada, active);
    const TaxDetails consumer{"DE", false, {}, {}};
    account.when(SetTaxDetails{consumer, {}}).then({TaxDetailsSet{consumer}});
    const TaxDetails business{"DE", true, "DE", "sealed-number"};
    account.when(SetTaxDetails{business, true}).then({TaxDetailsSet{business}});
    given_by<Account>(ada, active + TaxDetailsSet{business})
        .when(SetTaxDetails{business, true})
        .then_nothing();
    for (const std::optional<bool> valid : {std::optional<bool>{}, std::optional<bool>{false}})
        account.when(SetTaxDetails{business, valid}).then_rejected(Rejection::tax_id_invalid);
}

TEST(AccountTax, NumbersAreOfTheCountry) {
    const auto account = given_by<Account>(ada, active);
    for (const auto& [country, prefix] : std::vector<std::pair<const char*, const char*>>{
             {"GR", "EL"}, {"GB", "XI"}, {"GB", "GB"}, {"FR", "FR"}}) {
        const TaxDetails details{country, true, prefix, "sealed-number"};
        account.when(SetTaxDetails{details, true}).then({TaxDetailsSet{details}});
    }
    for (const auto& [country, prefix] : std::vector<std::pair<const char*, const char*>>{
             {"DE", "FR"}, {"DE", "EL"}, {"IE", "XI"}, {"DE", ""}})
        account.when(SetTaxDetails{{country, true, prefix, "sealed-number"}, true})
            .then_rejected(Rejection::country_mismatch);
    account.when(SetTaxDetails{{"de", false, {}, {}}, {}})
        .then_rejected(Rejection::country_not_served);
    for (const TaxDetails& half :
         {TaxDetails{"DE", true, "DE", {}}, TaxDetails{"DE", true, {}, "x"},
          TaxDetails{"DE", true, "DE", ""}})
        account.when(SetTaxDetails{half, true}).then_rejected(Rejection::tax_id_invalid);
}

TEST(AccountTerms, AreOnesThatAreOffered) {
    const auto account = given_by<Account>(ada, active);
    account.when(AcceptTerms{"2027-06", {"2027-01", "2027-06"}}).then({TermsAccepted{"2027-06"}});
    account.when(AcceptTerms{"2027-01", {"2027-01"}}).then_nothing();
    account.when(AcceptTerms{"2027-07", {"2027-01", "2027-06"}})
        .then_rejected(Rejection::version_unknown);
    EXPECT_EQ(given_by<Account>(ada, active + TermsAccepted{"2027-06"}).state().terms, "2027-06");
}

TEST(AccountNotices, AreChosenByKind) {
    const auto account = given_by<Account>(ada, active);
    const NoticePreference product{NoticeKind::product, false, false};
    const NoticePreference billing{NoticeKind::billing, true, true};
    const AccountEvent chosen = NotificationPreferencesSet{{billing, product}};
    account.when(SetNotificationPreferences{{product, billing}}).then({chosen});
    given_by<Account>(ada, active + chosen)
        .when(SetNotificationPreferences{{billing, product}})
        .then_nothing();
    given_by<Account>(ada, active + chosen)
        .when(SetNotificationPreferences{})
        .then({NotificationPreferencesSet{}});
    account.when(SetNotificationPreferences{{product, billing, product}})
        .then_rejected(Rejection::notice_repeated);
}

TEST(AccountNotices, AboutMoneyRightsAndSafetyAreMandatory) {
    for (const NoticeKind kind : {NoticeKind::security, NoticeKind::billing, NoticeKind::legal})
        given_by<Account>(ada, active)
            .when(SetNotificationPreferences{{{kind, false, true}}})
            .then_rejected(Rejection::mandatory_notice);
    for (const NoticeKind kind :
         {NoticeKind::maintenance, NoticeKind::deployment, NoticeKind::product})
        given_by<Account>(ada, active)
            .when(SetNotificationPreferences{{{kind, false, false}}})
            .then({NotificationPreferencesSet{{{kind, false, false}}}});
}

TEST(AccountSpendingLimit, IsNotBelowWhatRuns) {
    const auto account = given_by<Account>(ada, active);
    account.when(SetSpendingLimit{usd(5000), usd(5000)}).then({SpendingLimitSet{usd(5000)}});
    account.when(SetSpendingLimit{usd(0), {}}).then({SpendingLimitSet{usd(0)}});
    account.when(SetSpendingLimit{usd(4999), usd(5000)}).then_rejected(Rejection::below_committed);
    account.when(SetSpendingLimit{eur(5000), usd(5000)}).then_rejected(Rejection::wrong_currency);
    account.when(SetSpendingLimit{usd(-1), {}}).then_rejected(Rejection::amount_negative);
    account.when(SetSpendingLimit{}).then_nothing();
    const auto limited = given_by<Account>(ada, active + SpendingLimitSet{usd(5000)});
    limited.when(SetSpendingLimit{usd(5000), usd(1)}).then_nothing();
    limited.when(SetSpendingLimit{{}, usd(6000)}).then({SpendingLimitSet{}});
}

TEST(AccountSpending, IsStoppedForReasonsAndGoesOnWhenTheLastIsOver) {
    const auto reason = SpendingReason::dispute;
    given_by<Account>(ada, active).when(SuspendSpending{reason}).then({SpendingSuspended{reason}});
    given_by<Account>(ada, disputed).when(SuspendSpending{reason}).then_nothing();
    EXPECT_EQ(given_by<Account>(ada, disputed).state().status, AccountStatus::spending_suspended);

    given_by<Account>(ada, disputed).when(ResumeSpending{reason}).then({SpendingResumed{reason}});
    given_by<Account>(ada, disputed_and_unpaid)
        .when(ResumeSpending{reason})
        .then({SpendingReasonClosed{reason}});
    const History unpaid = disputed_and_unpaid + SpendingReasonClosed{reason};
    EXPECT_EQ(given_by<Account>(ada, unpaid).state().status, AccountStatus::spending_suspended);
    given_by<Account>(ada, unpaid).when(ResumeSpending{reason}).then_nothing();
    given_by<Account>(ada, unpaid)
        .when(ResumeSpending{SpendingReason::unpaid})
        .then({SpendingResumed{SpendingReason::unpaid}});
    EXPECT_EQ(
        given_by<Account>(ada, unpaid + SpendingResumed{SpendingReason::unpaid}).state().status,
        AccountStatus::active);
}

TEST(AccountSpending, DoesNotGoOnWithoutAReasonWhileOneIsOpen) {
    for (const History& history : {disputed, disputed_and_unpaid})
        given_by<Account>(staff, history)
            .when(ResumeSpending{})
            .then_rejected(Rejection::reason_still_open);
    given_by<Account>(staff, active).when(ResumeSpending{}).then_nothing();
}

TEST(AccountCards, HaveADefaultForEachDashboard) {
    const DefaultCard first = default_card(dashboard, "card-1");
    const DefaultCard second = default_card(dashboard, "card-2");
    const DefaultCard elsewhere = default_card(other_dashboard, "card-3");
    given_by<Account>(ada, active)
        .when(RecordDefaultCard{first})
        .then({DefaultCardRecorded{first}});
    const History history = active + DefaultCardRecorded{elsewhere} + DefaultCardRecorded{first};
    given_by<Account>(ada, history).when(RecordDefaultCard{first}).then_nothing();
    given_by<Account>(ada, history)
        .when(RecordDefaultCard{second})
        .then({DefaultCardRecorded{second}});
    EXPECT_EQ(given_by<Account>(ada, history + DefaultCardRecorded{second}).state().default_cards,
              (std::vector{second, elsewhere}));
    given_by<Account>(ada, active).when(RecordDefaultCard{}).then_rejected(Rejection::card_missing);
}

TEST(AccountCards, ThatWereRemovedAreNoDefaultAnyMore) {
    const DefaultCard card = default_card(dashboard, "card-1");
    const History history = active + DefaultCardRecorded{card};
    given_by<Account>(ada, history)
        .when(ForgetDefaultCard{dashboard, {"card-1"}})
        .then({DefaultCardForgotten{dashboard, {"card-1"}}});
    given_by<Account>(ada, history).when(ForgetDefaultCard{dashboard, {"card-2"}}).then_nothing();
    given_by<Account>(ada, history)
        .when(ForgetDefaultCard{other_dashboard, {"card-1"}})
        .then_nothing();
    EXPECT_TRUE(given_by<Account>(ada, history + DefaultCardForgotten{dashboard, {"card-1"}})
                    .state()
                    .default_cards.empty());
}

TEST(AccountExport, RunsOneAtATime) {
    given_by<Account>(ada, active).when(ExportAccountData{}).then({DataExportRequested{1}});
    const History running = active + DataExportRequested{1};
    given_by<Account>(ada, running)
        .when(ExportAccountData{})
        .then_rejected(Rejection::export_running);
    given_by<Account>(ada, running)
        .when(RecordDataExport{1, "vault/1", {}})
        .then({DataExportReady{1, "vault/1"}});
    given_by<Account>(ada, running)
        .when(RecordDataExport{1, {}, "store_full"})
        .then({DataExportFailed{1, "store_full"}});
    for (const AccountEvent& end :
         {AccountEvent{DataExportReady{1, "vault/1"}}, AccountEvent{DataExportFailed{1, {}}}}) {
        given_by<Account>(ada, running + end)
            .when(RecordDataExport{1, "vault/1", {}})
            .then_nothing();
        given_by<Account>(ada, running + end)
            .when(ExportAccountData{})
            .then({DataExportRequested{2}});
    }
}

TEST(AccountExport, AnswersNameTheirExport) {
    const History second =
        active + DataExportRequested{1} + DataExportFailed{1, {}} + DataExportRequested{2};
    for (const std::uint32_t number : {0U, 3U})
        given_by<Account>(ada, second)
            .when(RecordDataExport{number, "vault/1", {}})
            .then_rejected(Rejection::export_unknown);
    given_by<Account>(ada, second).when(RecordDataExport{1, "vault/1", {}}).then_nothing();
    given_by<Account>(ada, second)
        .when(RecordDataExport{2, "", {}})
        .then_rejected(Rejection::document_missing);
    EXPECT_EQ(
        given_by<Account>(ada, second + DataExportReady{2, "vault/2"}).state().export_document,
        "vault/2");
}

TEST(AccountClosing, WaitsForWhatIsOpen) {
    const auto account = given_by<Account>(ada, active);
    account.when(CloseAccount{}).then({AccountClosed{ada}});
    account.when(CloseAccount{1, 0, 0, 0}).then_rejected(Rejection::deployments_remain);
    account.when(CloseAccount{0, 1, 0, 0}).then_rejected(Rejection::unpaid_invoice);
    account.when(CloseAccount{0, 0, 1, 0}).then_rejected(Rejection::obligations_open);
    given_by<Account>(ada, operator_account)
        .when(CloseAccount{})
        .then_rejected(Rejection::last_operator);
    given_by<Account>(ada, operator_account)
        .when(CloseAccount{0, 0, 0, 1})
        .then({AccountClosed{ada}});
    given_by<Account>(ada, closed).when(CloseAccount{}).then_nothing();
}

TEST(AccountClosing, EndsItsKeysAndWhoLooksIn) {
    given_by<Account>(ada, active + ApiKeyIssued{user_key} +
                               ImpersonationStarted{staff, "case 7", later(60)})
        .when(CloseAccount{})
        .then({ApiKeyRevoked{"mk_1"}, ImpersonationEnded{staff}, AccountClosed{ada}});
}

TEST(AccountClosing, LeavesOnlyWhatOutlivesIt) {
    const auto account = given_by<Account>(ada, closed);
    EXPECT_EQ(account.state().status, AccountStatus::closed);
    const std::vector<AccountCommand> refused{
        VerifyEmail{"code-1"},
        RenewEmailCode{"c"},
        UpdateProfile{"x"},
        SetTaxDetails{},
        AcceptTerms{},
        GrantRole{AccountRole::investor},
        RevokeRole{},
        AddSshKey{ed25519},
        RemoveSshKey{1},
        EnrollSecondFactor{},
        IssueApiKey{user_key},
        RevokeApiKey{"mk_1"},
        SetSpendingLimit{},
        SuspendAccount{"x"},
        ReinstateAccount{"x"},
        StartImpersonation{"x"},
        SetNotificationPreferences{},
    };
    for (const AccountCommand& command : refused)
        account.when(command).then_rejected(Rejection::account_closed);
    account.when(SuspendSpending{SpendingReason::dispute})
        .then({SpendingSuspended{SpendingReason::dispute}});
    account.when(ResumeSpending{SpendingReason::dispute}).then_nothing();
    account.when(ForgetDefaultCard{dashboard, {"card-1"}}).then_nothing();
    account.when(EndImpersonation{}).then_nothing();
    account.when(ExportAccountData{}).then({DataExportRequested{1}});
    EXPECT_EQ(
        given_by<Account>(ada, closed + SpendingSuspended{SpendingReason::dispute}).state().status,
        AccountStatus::closed);
}

} // namespace

} // namespace domain
