// What can happen to an account; what can be asked of it stands in account_commands.hpp. Stored
// names are never renamed or reused; a new field is optional.

#pragma once

#include "domain/account_commands.hpp"

#include <string_view>
#include <variant>

namespace domain {

// Asks to send the first code to the e-mail address in the profile.
struct AccountRegistered {
    static constexpr std::string_view type = "account.registered";
    ActorId subject;
    std::string email_hash;
    std::string country;
    std::string terms;
    std::string code_hash;
    Time code_expires;
    std::optional<std::string> sealed_profile;
};
BOOST_DESCRIBE_STRUCT(AccountRegistered, (),
                      (subject, email_hash, country, terms, code_hash, code_expires,
                       sealed_profile))

struct EmailVerified {
    static constexpr std::string_view type = "account.email_verified";
    std::string email_hash;
};
BOOST_DESCRIBE_STRUCT(EmailVerified, (), (email_hash))

// An event, because the attempts are counted.
struct EmailVerificationFailed {
    static constexpr std::string_view type = "account.email_verification_failed";
    std::uint32_t failures = 0; // With this code.
};
BOOST_DESCRIBE_STRUCT(EmailVerificationFailed, (), (failures))

// Asks to send it.
struct EmailCodeRenewed {
    static constexpr std::string_view type = "account.email_code_renewed";
    std::uint32_t number = 0; // 2, 3 ...
    std::string code_hash;
    Time code_expires;
};
BOOST_DESCRIBE_STRUCT(EmailCodeRenewed, (), (number, code_hash, code_expires))

struct ProfileUpdated {
    static constexpr std::string_view type = "account.profile_updated";
    std::string sealed_profile;
};
BOOST_DESCRIBE_STRUCT(ProfileUpdated, (), (sealed_profile))

struct TaxDetailsSet {
    static constexpr std::string_view type = "account.tax_details_set";
    TaxDetails details;
};
BOOST_DESCRIBE_STRUCT(TaxDetailsSet, (), (details))

struct TermsAccepted {
    static constexpr std::string_view type = "account.terms_accepted";
    std::string version;
};
BOOST_DESCRIBE_STRUCT(TermsAccepted, (), (version))

struct RoleGranted {
    static constexpr std::string_view type = "account.role_granted";
    AccountRole role = AccountRole::cloud_user;
    ActorId subject; // Whose sessions end.
};
BOOST_DESCRIBE_STRUCT(RoleGranted, (), (role, subject))

struct RoleRevoked {
    static constexpr std::string_view type = "account.role_revoked";
    AccountRole role = AccountRole::cloud_user;
    ActorId subject;
};
BOOST_DESCRIBE_STRUCT(RoleRevoked, (), (role, subject))

struct SshKeyAdded {
    static constexpr std::string_view type = "account.ssh_key_added";
    std::uint32_t number = 0;
    std::string key;
};
BOOST_DESCRIBE_STRUCT(SshKeyAdded, (), (number, key))

struct SshKeyRemoved {
    static constexpr std::string_view type = "account.ssh_key_removed";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(SshKeyRemoved, (), (number))

struct NotificationPreferencesSet {
    static constexpr std::string_view type = "account.notification_preferences_set";
    std::vector<NoticePreference> preferences;
};
BOOST_DESCRIBE_STRUCT(NotificationPreferencesSet, (), (preferences))

struct SpendingLimitSet {
    static constexpr std::string_view type = "account.spending_limit_set";
    std::optional<Money> limit;
};
BOOST_DESCRIBE_STRUCT(SpendingLimitSet, (), (limit))

struct SecondFactorEnrolled {
    static constexpr std::string_view type = "account.second_factor_enrolled";
    SecondFactor factor;
};
BOOST_DESCRIBE_STRUCT(SecondFactorEnrolled, (), (factor))

struct ApiKeyIssued {
    static constexpr std::string_view type = "account.api_key_issued";
    ApiKey key;
};
BOOST_DESCRIBE_STRUCT(ApiKeyIssued, (), (key))

struct ApiKeyRevoked {
    static constexpr std::string_view type = "account.api_key_revoked";
    std::string key;
};
BOOST_DESCRIBE_STRUCT(ApiKeyRevoked, (), (key))

struct SpendingSuspended {
    static constexpr std::string_view type = "account.spending_suspended";
    SpendingReason reason = SpendingReason::manual;
};
BOOST_DESCRIBE_STRUCT(SpendingSuspended, (), (reason))

// One reason is over. Spending stays suspended for those that are left.
struct SpendingReasonClosed {
    static constexpr std::string_view type = "account.spending_reason_closed";
    SpendingReason reason = SpendingReason::manual;
};
BOOST_DESCRIBE_STRUCT(SpendingReasonClosed, (), (reason))

// The last reason is over.
struct SpendingResumed {
    static constexpr std::string_view type = "account.spending_resumed";
    SpendingReason reason = SpendingReason::manual;
};
BOOST_DESCRIBE_STRUCT(SpendingResumed, (), (reason))

struct AccountSuspended {
    static constexpr std::string_view type = "account.suspended";
    std::string reason;
    ActorId subject;
};
BOOST_DESCRIBE_STRUCT(AccountSuspended, (), (reason, subject))

struct AccountReinstated {
    static constexpr std::string_view type = "account.reinstated";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(AccountReinstated, (), (reason))

struct ImpersonationStarted {
    static constexpr std::string_view type = "account.impersonation_started";
    ActorId staff;
    std::string reason;
    Time expires;
};
BOOST_DESCRIBE_STRUCT(ImpersonationStarted, (), (staff, reason, expires))

struct ImpersonationEnded {
    static constexpr std::string_view type = "account.impersonation_ended";
    ActorId staff;
};
BOOST_DESCRIBE_STRUCT(ImpersonationEnded, (), (staff))

// Asks to put the account's data together.
struct DataExportRequested {
    static constexpr std::string_view type = "account.data_export_requested";
    std::uint32_t number = 0; // 1, 2, 3 ...
};
BOOST_DESCRIBE_STRUCT(DataExportRequested, (), (number))

struct DataExportReady {
    static constexpr std::string_view type = "account.data_export_ready";
    std::uint32_t number = 0;
    std::string document;
};
BOOST_DESCRIBE_STRUCT(DataExportReady, (), (number, document))

struct DataExportFailed {
    static constexpr std::string_view type = "account.data_export_failed";
    std::uint32_t number = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(DataExportFailed, (), (number, reason))

struct AccountClosed {
    static constexpr std::string_view type = "account.closed";
    ActorId subject;
};
BOOST_DESCRIBE_STRUCT(AccountClosed, (), (subject))

struct DefaultCardRecorded {
    static constexpr std::string_view type = "account.default_card_recorded";
    DefaultCard card;
};
BOOST_DESCRIBE_STRUCT(DefaultCardRecorded, (), (card))

struct DefaultCardForgotten {
    static constexpr std::string_view type = "account.default_card_forgotten";
    DashboardId dashboard;
    StoredCardId card;
};
BOOST_DESCRIBE_STRUCT(DefaultCardForgotten, (), (dashboard, card))

using AccountEvent =
    std::variant<AccountRegistered, EmailVerified, EmailVerificationFailed, EmailCodeRenewed,
                 ProfileUpdated, TaxDetailsSet, TermsAccepted, RoleGranted, RoleRevoked,
                 SshKeyAdded, SshKeyRemoved, NotificationPreferencesSet, SpendingLimitSet,
                 SecondFactorEnrolled, ApiKeyIssued, ApiKeyRevoked, SpendingSuspended,
                 SpendingReasonClosed, SpendingResumed, AccountSuspended, AccountReinstated,
                 ImpersonationStarted, ImpersonationEnded, DataExportRequested, DataExportReady,
                 DataExportFailed, AccountClosed, DefaultCardRecorded, DefaultCardForgotten>;

} // namespace domain
