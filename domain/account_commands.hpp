// What can be asked of an account, and why it is refused. Personal data comes here only as keyed
// hashes (`..._hash`) or encrypted (`sealed_...`), both made at the door. Stored names are never
// renamed or reused; a new field is optional.

#pragma once

#include "domain/account_parts.hpp"
#include "domain/money.hpp"

#include <string_view>
#include <variant>

namespace domain {

// Commands. Counts of what other aggregates hold are filled in by the door.

struct RegisterAccount {
    static constexpr std::string_view type = "account.register";
    std::optional<ActorId> subject; // Whose token speaks for the account; absent: who asks.
    std::string email_hash;
    std::string country; // ISO 3166-1 alpha-2.
    std::string terms;   // The version that was accepted.
    std::vector<std::string> terms_offered;
    std::string code_hash; // Of the code that goes to the e-mail address.
    std::optional<std::string> sealed_profile;
};
BOOST_DESCRIBE_STRUCT(RegisterAccount, (),
                      (subject, email_hash, country, terms, terms_offered, code_hash,
                       sealed_profile))

struct VerifyEmail {
    static constexpr std::string_view type = "account.verify_email";
    std::string code_hash;
};
BOOST_DESCRIBE_STRUCT(VerifyEmail, (), (code_hash))

// Another code, when the last one ran out or was guessed at too often.
struct RenewEmailCode {
    static constexpr std::string_view type = "account.renew_email_code";
    std::string code_hash;
};
BOOST_DESCRIBE_STRUCT(RenewEmailCode, (), (code_hash))

struct UpdateProfile {
    static constexpr std::string_view type = "account.update_profile";
    std::string sealed_profile;
};
BOOST_DESCRIBE_STRUCT(UpdateProfile, (), (sealed_profile))

struct SetTaxDetails {
    static constexpr std::string_view type = "account.set_tax_details";
    TaxDetails details;
    std::optional<bool> tax_id_valid; // What the register of VAT numbers says.
};
BOOST_DESCRIBE_STRUCT(SetTaxDetails, (), (details, tax_id_valid))

struct AcceptTerms {
    static constexpr std::string_view type = "account.accept_terms";
    std::string version;
    std::vector<std::string> offered;
};
BOOST_DESCRIBE_STRUCT(AcceptTerms, (), (version, offered))

struct GrantRole {
    static constexpr std::string_view type = "account.grant_role";
    AccountRole role = AccountRole::cloud_user;
};
BOOST_DESCRIBE_STRUCT(GrantRole, (), (role))

struct RevokeRole {
    static constexpr std::string_view type = "account.revoke_role";
    AccountRole role = AccountRole::cloud_user;
    std::uint32_t other_operators = 0;  // Other accounts with that role.
    std::uint32_t open_obligations = 0; // Deployments, nodes or stakes that need the role.
};
BOOST_DESCRIBE_STRUCT(RevokeRole, (), (role, other_operators, open_obligations))

struct AddSshKey {
    static constexpr std::string_view type = "account.add_ssh_key";
    std::string key;
};
BOOST_DESCRIBE_STRUCT(AddSshKey, (), (key))

struct RemoveSshKey {
    static constexpr std::string_view type = "account.remove_ssh_key";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(RemoveSshKey, (), (number))

struct SetNotificationPreferences {
    static constexpr std::string_view type = "account.set_notification_preferences";
    std::vector<NoticePreference> preferences; // Takes the place of all earlier ones.
};
BOOST_DESCRIBE_STRUCT(SetNotificationPreferences, (), (preferences))

struct SetSpendingLimit {
    static constexpr std::string_view type = "account.set_spending_limit";
    std::optional<Money> limit;     // For a month; absent: none.
    std::optional<Money> committed; // What runs already costs for a month; absent: nothing.
};
BOOST_DESCRIBE_STRUCT(SetSpendingLimit, (), (limit, committed))

struct EnrollSecondFactor {
    static constexpr std::string_view type = "account.enroll_second_factor";
    SecondFactor factor;
    bool verified = false; // Its owner has shown that it works.
};
BOOST_DESCRIBE_STRUCT(EnrollSecondFactor, (), (factor, verified))

struct IssueApiKey {
    static constexpr std::string_view type = "account.issue_api_key";
    ApiKey key;
};
BOOST_DESCRIBE_STRUCT(IssueApiKey, (), (key))

struct RevokeApiKey {
    static constexpr std::string_view type = "account.revoke_api_key";
    std::string key;
};
BOOST_DESCRIBE_STRUCT(RevokeApiKey, (), (key))

struct SuspendSpending {
    static constexpr std::string_view type = "account.suspend_spending";
    SpendingReason reason = SpendingReason::manual;
};
BOOST_DESCRIBE_STRUCT(SuspendSpending, (), (reason))

struct ResumeSpending {
    static constexpr std::string_view type = "account.resume_spending";
    std::optional<SpendingReason> reason; // The one that is over; absent: none should be left.
};
BOOST_DESCRIBE_STRUCT(ResumeSpending, (), (reason))

struct SuspendAccount {
    static constexpr std::string_view type = "account.suspend";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(SuspendAccount, (), (reason))

struct ReinstateAccount {
    static constexpr std::string_view type = "account.reinstate";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ReinstateAccount, (), (reason))

struct StartImpersonation {
    static constexpr std::string_view type = "account.start_impersonation";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(StartImpersonation, (), (reason))

struct EndImpersonation {
    static constexpr std::string_view type = "account.end_impersonation";
    std::optional<ActorId> staff; // Absent: who asks.
};
BOOST_DESCRIBE_STRUCT(EndImpersonation, (), (staff))

struct ExportAccountData {
    static constexpr std::string_view type = "account.export_data";
};
BOOST_DESCRIBE_STRUCT(ExportAccountData, (), ())

struct RecordDataExport {
    static constexpr std::string_view type = "account.record_data_export";
    std::uint32_t number = 0;            // Of DataExportRequested.
    std::optional<std::string> document; // Where it is kept; absent: the export failed.
    std::optional<std::string> reason;   // Why it failed.
};
BOOST_DESCRIBE_STRUCT(RecordDataExport, (), (number, document, reason))

struct CloseAccount {
    static constexpr std::string_view type = "account.close";
    std::uint32_t open_deployments = 0;
    std::uint32_t unpaid_invoices = 0;
    std::uint32_t open_obligations = 0; // Nodes or stakes.
    std::uint32_t other_operators = 0;  // Asked for when the account is an operator's.
};
BOOST_DESCRIBE_STRUCT(CloseAccount, (),
                      (open_deployments, unpaid_invoices, open_obligations, other_operators))

// Of policies: what a card's aggregate decided.

struct RecordDefaultCard {
    static constexpr std::string_view type = "account.record_default_card";
    DefaultCard card;
};
BOOST_DESCRIBE_STRUCT(RecordDefaultCard, (), (card))

// The card was removed. Another card that is the default by now stays it.
struct ForgetDefaultCard {
    static constexpr std::string_view type = "account.forget_default_card";
    DashboardId dashboard;
    StoredCardId card;
};
BOOST_DESCRIBE_STRUCT(ForgetDefaultCard, (), (dashboard, card))

using AccountCommand =
    std::variant<RegisterAccount, VerifyEmail, RenewEmailCode, UpdateProfile, SetTaxDetails,
                 AcceptTerms, GrantRole, RevokeRole, AddSshKey, RemoveSshKey,
                 SetNotificationPreferences, SetSpendingLimit, EnrollSecondFactor, IssueApiKey,
                 RevokeApiKey, SuspendSpending, ResumeSpending, SuspendAccount, ReinstateAccount,
                 StartImpersonation, EndImpersonation, ExportAccountData, RecordDataExport,
                 CloseAccount, RecordDefaultCard, ForgetDefaultCard>;

// Clients see the name. Each says what would have to be otherwise.
enum class AccountRejection {
    not_found,   // Never registered.
    email_taken, // The stream is named after the e-mail address.
    email_missing,
    terms_missing,
    country_not_served,
    code_missing,
    code_wrong, // Not a code, or nothing is waited for; a wrong guess is an event.
    code_expired,
    too_many_attempts,
    too_many_codes,
    already_verified,
    profile_missing,
    profile_too_large,
    tax_id_invalid,
    country_mismatch,
    version_unknown,
    role_already_held,
    role_not_held,
    self_grant,
    last_operator,
    obligations_open,
    key_malformed,
    key_duplicate,
    key_unknown,
    too_many_keys,
    notice_repeated,
    mandatory_notice,
    amount_negative,
    wrong_currency,
    below_committed,
    factor_missing,
    factor_unverified,
    too_many_factors,
    scope_missing,
    scope_exceeds_role,
    expiry_past,
    reason_missing,
    reason_still_open,
    target_is_staff,
    impersonation_running,
    export_running,
    export_unknown,
    document_missing,
    deployments_remain,
    unpaid_invoice,
    card_missing,
    account_suspended,
    account_closed,
};
BOOST_DESCRIBE_ENUM(AccountRejection, not_found, email_taken, email_missing, terms_missing,
                    country_not_served, code_missing, code_wrong, code_expired, too_many_attempts,
                    too_many_codes, already_verified, profile_missing, profile_too_large,
                    tax_id_invalid, country_mismatch, version_unknown, role_already_held,
                    role_not_held, self_grant, last_operator, obligations_open, key_malformed,
                    key_duplicate, key_unknown, too_many_keys, notice_repeated, mandatory_notice,
                    amount_negative, wrong_currency, below_committed, factor_missing,
                    factor_unverified, too_many_factors, scope_missing, scope_exceeds_role,
                    expiry_past, reason_missing, reason_still_open, target_is_staff,
                    impersonation_running, export_running, export_unknown, document_missing,
                    deployments_remain, unpaid_invoice, card_missing, account_suspended,
                    account_closed)

} // namespace domain
