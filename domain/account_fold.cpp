// How events change an account. No rule is here: what happened, happened.

#include "domain/account.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

void apply(Account& account, const AccountRegistered& event) {
    account.subject = event.subject;
    account.email_hash = event.email_hash;
    account.country = event.country;
    account.terms = event.terms;
    account.code = {1, event.code_hash, event.code_expires, 0};
    account.sealed_profile = event.sealed_profile;
    account.roles = {AccountRole::cloud_user};
}

void apply(Account& account, const EmailVerified&) { account.email_verified = true; }

void apply(Account& account, const EmailVerificationFailed& event) {
    account.code.failures = event.failures;
}

void apply(Account& account, const EmailCodeRenewed& event) {
    account.code = {event.number, event.code_hash, event.code_expires, 0};
}

void apply(Account& account, const ProfileUpdated& event) {
    account.sealed_profile = event.sealed_profile;
}

void apply(Account& account, const TaxDetailsSet& event) { account.tax = event.details; }

void apply(Account& account, const TermsAccepted& event) { account.terms = event.version; }

void apply(Account& account, const RoleGranted& event) { account.roles.push_back(event.role); }

void apply(Account& account, const RoleRevoked& event) { std::erase(account.roles, event.role); }

void apply(Account& account, const SshKeyAdded& event) {
    account.ssh_keys.push_back({event.number, event.key});
    account.ssh_keys_added = event.number;
}

void apply(Account& account, const SshKeyRemoved& event) {
    std::erase_if(account.ssh_keys, [&](const SshKey& one) { return one.number == event.number; });
}

void apply(Account& account, const NotificationPreferencesSet& event) {
    account.notices = event.preferences;
}

void apply(Account& account, const SpendingLimitSet& event) {
    account.spending_limit = event.limit;
}

void apply(Account& account, const SecondFactorEnrolled& event) {
    account.second_factors.push_back(event.factor);
}

void apply(Account& account, const ApiKeyIssued& event) { account.api_keys.push_back(event.key); }

void apply(Account& account, const ApiKeyRevoked& event) {
    std::erase_if(account.api_keys, [&](const ApiKey& one) { return one.key == event.key; });
}

void apply(Account& account, const SpendingSuspended& event) {
    account.spending_reasons.push_back(event.reason);
}

void apply(Account& account, const SpendingReasonClosed& event) {
    std::erase(account.spending_reasons, event.reason);
}

void apply(Account& account, const SpendingResumed&) { account.spending_reasons.clear(); }

void apply(Account& account, const AccountSuspended& event) { account.suspended = event.reason; }

void apply(Account& account, const AccountReinstated&) { account.suspended.reset(); }

void apply(Account& account, const ImpersonationStarted& event) {
    account.impersonations.push_back({event.staff, event.expires});
}

void apply(Account& account, const ImpersonationEnded& event) {
    std::erase_if(account.impersonations,
                  [&](const Impersonation& one) { return one.staff == event.staff; });
}

void apply(Account& account, const DataExportRequested& event) {
    account.exports = event.number;
    account.export_running = true;
}

void apply(Account& account, const DataExportReady& event) {
    account.export_running = false;
    account.export_document = event.document;
}

void apply(Account& account, const DataExportFailed&) { account.export_running = false; }

void apply(Account& account, const AccountClosed&) { account.closed = true; }

void apply(Account& account, const DefaultCardRecorded& event) {
    const auto place =
        std::ranges::lower_bound(account.default_cards, event.card.dashboard, {},
                                 [](const DefaultCard& one) { return one.dashboard; });
    if (place != account.default_cards.end() && place->dashboard == event.card.dashboard)
        *place = event.card;
    else
        account.default_cards.insert(place, event.card);
}

void apply(Account& account, const DefaultCardForgotten& event) {
    std::erase_if(account.default_cards, [&](const DefaultCard& one) {
        return one.dashboard == event.dashboard && one.card == event.card;
    });
}

AccountStatus status_of(const Account& account) {
    if (account.closed) return AccountStatus::closed;
    if (account.suspended) return AccountStatus::suspended;
    if (!account.spending_reasons.empty()) return AccountStatus::spending_suspended;
    return account.email_verified ? AccountStatus::active : AccountStatus::unverified;
}

} // namespace

bool has_role(const Account& account, AccountRole role) {
    return std::ranges::find(account.roles, role) != account.roles.end();
}

Account evolve(Account account, const AccountEvent& event) {
    std::visit([&](const auto& one) { apply(account, one); }, event);
    account.status = status_of(account);
    return account;
}

} // namespace domain
