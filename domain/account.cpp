#include "domain/account.hpp"

#include "domain/market_types.hpp"
#include "domain/ssh_key.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<AccountEvent>;
using Rejection = AccountRejection;

// An initializer list would copy the event.
template <class Event>
AccountDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

AccountDecision nothing() { return Events{}; }

Time after(Time now, std::chrono::milliseconds wait) { return {now.milliseconds + wait.count()}; }

template <class Values, class Value>
bool contains(const Values& values, const Value& value) {
    return std::ranges::find(values, value) != values.end();
}

// Who somebody is.

AccountDecision handle(const Account& account, const RegisterAccount& command, Time now,
                       const ActorId& by) {
    if (exists(account)) return Rejection::email_taken;
    if (command.email_hash.empty()) return Rejection::email_missing;
    if (!is_country_code(command.country)) return Rejection::country_not_served;
    if (command.terms.empty()) return Rejection::terms_missing;
    if (!contains(command.terms_offered, command.terms)) return Rejection::version_unknown;
    if (command.code_hash.empty()) return Rejection::code_missing;
    if (command.sealed_profile && command.sealed_profile->size() > sealed_profile_max)
        return Rejection::profile_too_large;
    return decided(AccountRegistered{command.subject.value_or(by), command.email_hash,
                                     command.country, command.terms, command.code_hash,
                                     after(now, email_code_life), command.sealed_profile});
}

AccountDecision handle(const Account& account, const VerifyEmail& command, Time now,
                       const ActorId&) {
    const bool matches = command.code_hash == account.code.hash;
    if (account.email_verified) {
        if (matches) return nothing();
        return Rejection::code_wrong;
    }
    if (command.code_hash.empty()) return Rejection::code_wrong;
    if (account.code.failures >= email_code_attempts_max) return Rejection::too_many_attempts;
    if (now >= account.code.expires) return Rejection::code_expired;
    if (!matches) return decided(EmailVerificationFailed{account.code.failures + 1});
    return decided(EmailVerified{account.email_hash});
}

AccountDecision handle(const Account& account, const RenewEmailCode& command, Time now,
                       const ActorId&) {
    if (account.email_verified) return Rejection::already_verified;
    if (command.code_hash.empty()) return Rejection::code_missing;
    if (command.code_hash == account.code.hash) return nothing();
    if (account.code.number >= email_codes_max) return Rejection::too_many_codes;
    return decided(
        EmailCodeRenewed{account.code.number + 1, command.code_hash, after(now, email_code_life)});
}

AccountDecision handle(const Account& account, const UpdateProfile& command, Time, const ActorId&) {
    if (command.sealed_profile.empty()) return Rejection::profile_missing;
    if (command.sealed_profile.size() > sealed_profile_max) return Rejection::profile_too_large;
    if (account.sealed_profile == command.sealed_profile) return nothing();
    return decided(ProfileUpdated{command.sealed_profile});
}

// VAT numbers begin with the country's letters, but for Greece and Northern Ireland.
bool is_tax_id_of(std::string_view prefix, std::string_view country) {
    if (country == "GR") return prefix == "EL" || prefix == "GR";
    if (country == "GB") return prefix == "GB" || prefix == "XI";
    return prefix == country;
}

AccountDecision handle(const Account& account, const SetTaxDetails& command, Time, const ActorId&) {
    const TaxDetails& details = command.details;
    if (!is_country_code(details.country)) return Rejection::country_not_served;
    if (details.tax_id_country.has_value() != details.sealed_tax_id.has_value())
        return Rejection::tax_id_invalid;
    if (details.sealed_tax_id) {
        if (details.sealed_tax_id->empty() || details.sealed_tax_id->size() > sealed_profile_max)
            return Rejection::tax_id_invalid;
        if (!is_tax_id_of(*details.tax_id_country, details.country))
            return Rejection::country_mismatch;
        if (!command.tax_id_valid.value_or(false)) return Rejection::tax_id_invalid;
    }
    if (account.tax == details) return nothing();
    return decided(TaxDetailsSet{details});
}

AccountDecision handle(const Account& account, const AcceptTerms& command, Time, const ActorId&) {
    if (!contains(command.offered, command.version)) return Rejection::version_unknown;
    if (account.terms == command.version) return nothing();
    return decided(TermsAccepted{command.version});
}

// What they may do.

void end_impersonations(const Account& account, Events& events) {
    for (const Impersonation& one : account.impersonations)
        events.emplace_back(ImpersonationEnded{one.staff});
}

AccountDecision handle(const Account& account, const GrantRole& command, Time, const ActorId& by) {
    if (by == account.subject) return Rejection::self_grant;
    if (has_role(account, command.role)) return Rejection::role_already_held;
    Events events;
    events.emplace_back(RoleGranted{command.role, account.subject});
    // The account of one of the staff is not looked into.
    if (command.role == AccountRole::cloud_operator) end_impersonations(account, events);
    return events;
}

bool needs(const ApiKey& key, AccountRole role) {
    return std::ranges::any_of(key.scopes, [&](const auto& scope) { return scope.role == role; });
}

AccountDecision handle(const Account& account, const RevokeRole& command, Time, const ActorId&) {
    if (!has_role(account, command.role)) return Rejection::role_not_held;
    if (command.role == AccountRole::cloud_operator && command.other_operators == 0)
        return Rejection::last_operator;
    if (command.open_obligations > 0) return Rejection::obligations_open;
    Events events;
    events.emplace_back(RoleRevoked{command.role, account.subject});
    for (const ApiKey& key : account.api_keys)
        if (needs(key, command.role)) events.emplace_back(ApiKeyRevoked{key.key});
    return events;
}

AccountDecision handle(const Account& account, const AddSshKey& command, Time, const ActorId&) {
    auto key = canonical_ssh_key(command.key);
    if (!key) return Rejection::key_malformed;
    if (std::ranges::any_of(account.ssh_keys, [&](const SshKey& one) { return one.key == *key; }))
        return Rejection::key_duplicate;
    if (account.ssh_keys.size() >= ssh_keys_max) return Rejection::too_many_keys;
    return decided(SshKeyAdded{account.ssh_keys_added + 1, std::move(*key)});
}

AccountDecision handle(const Account& account, const RemoveSshKey& command, Time, const ActorId&) {
    if (command.number == 0 || command.number > account.ssh_keys_added)
        return Rejection::key_unknown;
    const auto is_it = [&](const SshKey& one) { return one.number == command.number; };
    if (std::ranges::none_of(account.ssh_keys, is_it)) return nothing();
    return decided(SshKeyRemoved{command.number});
}

AccountDecision handle(const Account& account, const EnrollSecondFactor& command, Time,
                       const ActorId&) {
    if (command.factor.factor.empty()) return Rejection::factor_missing;
    if (!command.verified) return Rejection::factor_unverified;
    const auto is_it = [&](const SecondFactor& one) { return one.factor == command.factor.factor; };
    if (std::ranges::any_of(account.second_factors, is_it)) return nothing();
    if (account.second_factors.size() >= second_factors_max) return Rejection::too_many_factors;
    return decided(SecondFactorEnrolled{command.factor});
}

AccountDecision handle(const Account& account, const IssueApiKey& command, Time now,
                       const ActorId&) {
    const ApiKey& key = command.key;
    if (key.key.empty() || key.secret_hash.empty()) return Rejection::key_malformed;
    if (key.scopes.empty()) return Rejection::scope_missing;
    if (!std::ranges::all_of(key.scopes,
                             [&](const auto& scope) { return has_role(account, scope.role); }))
        return Rejection::scope_exceeds_role;
    if (key.expires && *key.expires <= now) return Rejection::expiry_past;
    if (std::ranges::any_of(account.api_keys, [&](const auto& one) { return one.key == key.key; }))
        return Rejection::key_duplicate;
    if (account.api_keys.size() >= api_keys_max) return Rejection::too_many_keys;
    return decided(ApiKeyIssued{key});
}

AccountDecision handle(const Account& account, const RevokeApiKey& command, Time, const ActorId&) {
    if (std::ranges::none_of(account.api_keys,
                             [&](const ApiKey& one) { return one.key == command.key; }))
        return Rejection::key_unknown;
    return decided(ApiKeyRevoked{command.key});
}

// What they hear, and what they may spend.

// Notices that cannot be turned off: who gets none would lose money or rights.
bool is_mandatory(NoticeKind kind) {
    return kind == NoticeKind::security || kind == NoticeKind::billing || kind == NoticeKind::legal;
}

AccountDecision handle(const Account& account, const SetNotificationPreferences& command, Time,
                       const ActorId&) {
    std::vector<NoticePreference> preferences = command.preferences;
    std::ranges::stable_sort(preferences, {}, &NoticePreference::kind);
    if (std::ranges::adjacent_find(preferences, {}, &NoticePreference::kind) != preferences.end())
        return Rejection::notice_repeated;
    for (const NoticePreference& one : preferences)
        if (is_mandatory(one.kind) && !one.email) return Rejection::mandatory_notice;
    if (account.notices == preferences) return nothing();
    return decided(NotificationPreferencesSet{std::move(preferences)});
}

AccountDecision handle(const Account& account, const SetSpendingLimit& command, Time,
                       const ActorId&) {
    if (command.limit) {
        if (command.limit->minor < 0) return Rejection::amount_negative;
        if (command.committed) {
            if (command.committed->currency != command.limit->currency)
                return Rejection::wrong_currency;
            if (*command.limit < *command.committed) return Rejection::below_committed;
        }
    }
    if (account.spending_limit == command.limit) return nothing();
    return decided(SpendingLimitSet{command.limit});
}

AccountDecision handle(const Account& account, const SuspendSpending& command, Time,
                       const ActorId&) {
    if (contains(account.spending_reasons, command.reason)) return nothing();
    return decided(SpendingSuspended{command.reason});
}

AccountDecision handle(const Account& account, const ResumeSpending& command, Time,
                       const ActorId&) {
    if (!command.reason) {
        if (!account.spending_reasons.empty()) return Rejection::reason_still_open;
        return nothing();
    }
    if (!contains(account.spending_reasons, *command.reason)) return nothing();
    if (account.spending_reasons.size() > 1) return decided(SpendingReasonClosed{*command.reason});
    return decided(SpendingResumed{*command.reason});
}

AccountDecision handle(const Account& account, const RecordDefaultCard& command, Time,
                       const ActorId&) {
    const DefaultCard& card = command.card;
    if (card.dashboard.value.empty() || card.card.value.empty() ||
        card.payment_method.value.empty())
        return Rejection::card_missing;
    if (contains(account.default_cards, card)) return nothing();
    return decided(DefaultCardRecorded{card});
}

AccountDecision handle(const Account& account, const ForgetDefaultCard& command, Time,
                       const ActorId&) {
    const auto is_it = [&](const DefaultCard& one) {
        return one.dashboard == command.dashboard && one.card == command.card;
    };
    if (std::ranges::none_of(account.default_cards, is_it)) return nothing();
    return decided(DefaultCardForgotten{command.dashboard, command.card});
}

// What the staff does.

AccountDecision handle(const Account& account, const SuspendAccount& command, Time,
                       const ActorId&) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (account.suspended) return nothing();
    return decided(AccountSuspended{command.reason, account.subject});
}

AccountDecision handle(const Account& account, const ReinstateAccount& command, Time,
                       const ActorId&) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (!account.suspended) return nothing();
    return decided(AccountReinstated{command.reason});
}

AccountDecision handle(const Account& account, const StartImpersonation& command, Time now,
                       const ActorId& by) {
    if (command.reason.empty()) return Rejection::reason_missing;
    if (has_role(account, AccountRole::cloud_operator)) return Rejection::target_is_staff;
    Events events;
    for (const Impersonation& one : account.impersonations) {
        if (one.staff != by) continue;
        if (now < one.expires) return Rejection::impersonation_running;
        events.emplace_back(ImpersonationEnded{by}); // The timer was late.
    }
    events.emplace_back(ImpersonationStarted{by, command.reason, after(now, impersonation_life)});
    return events;
}

AccountDecision handle(const Account& account, const EndImpersonation& command, Time,
                       const ActorId& by) {
    const ActorId staff = command.staff.value_or(by);
    if (std::ranges::none_of(account.impersonations,
                             [&](const Impersonation& one) { return one.staff == staff; }))
        return nothing();
    return decided(ImpersonationEnded{staff});
}

// How it ends.

AccountDecision handle(const Account& account, const ExportAccountData&, Time, const ActorId&) {
    if (account.export_running) return Rejection::export_running;
    return decided(DataExportRequested{account.exports + 1});
}

AccountDecision handle(const Account& account, const RecordDataExport& command, Time,
                       const ActorId&) {
    if (command.number == 0 || command.number > account.exports) return Rejection::export_unknown;
    if (command.document && command.document->empty()) return Rejection::document_missing;
    if (!account.export_running || command.number < account.exports) return nothing();
    if (!command.document) return decided(DataExportFailed{command.number, command.reason});
    return decided(DataExportReady{command.number, *command.document});
}

AccountDecision handle(const Account& account, const CloseAccount& command, Time, const ActorId&) {
    if (account.closed) return nothing();
    if (command.open_deployments > 0) return Rejection::deployments_remain;
    if (command.unpaid_invoices > 0) return Rejection::unpaid_invoice;
    if (command.open_obligations > 0) return Rejection::obligations_open;
    if (has_role(account, AccountRole::cloud_operator) && command.other_operators == 0)
        return Rejection::last_operator;
    Events events;
    for (const ApiKey& key : account.api_keys)
        events.emplace_back(ApiKeyRevoked{key.key});
    end_impersonations(account, events);
    events.emplace_back(AccountClosed{account.subject});
    return events;
}

template <class Command, class... Those>
constexpr bool is_one_of = (std::is_same_v<Command, Those> || ...);

// What goes on after the end: facts that still come in, and people's right to their data.
template <class Command>
constexpr bool outlives_the_account =
    is_one_of<Command, RegisterAccount, CloseAccount, SuspendSpending, ResumeSpending,
              RecordDefaultCard, ForgetDefaultCard, EndImpersonation, ExportAccountData,
              RecordDataExport>;

template <class Command>
constexpr bool gives_new_powers =
    is_one_of<Command, GrantRole, AddSshKey, EnrollSecondFactor, IssueApiKey>;

} // namespace

AccountDecision decide(const Account& account, const AccountCommand& command, Time now,
                       const ActorId& by) {
    return std::visit(
        [&]<class Command>(const Command& one) -> AccountDecision {
            if (!exists(account) && !std::is_same_v<Command, RegisterAccount>)
                return Rejection::not_found;
            if (account.closed && !outlives_the_account<Command>) return Rejection::account_closed;
            if (account.suspended && gives_new_powers<Command>) return Rejection::account_suspended;
            return handle(account, one, now, by);
        },
        command);
}

} // namespace domain
