// Accounts by name: what had happened to each.

#pragma once

#include "domain/account.hpp"
#include "tests/domain/given_by.hpp"

namespace domain::account_samples {

using tests::some_time;
using History = std::vector<AccountEvent>;
using Rejection = AccountRejection;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Money eur(std::int64_t cents) { return {cents, Currency::eur}; }
constexpr Time later(std::int64_t minutes) { return {some_time.milliseconds + minutes * 60'000}; }
inline constexpr std::int64_t day = 24 * 60;

inline const ActorId ada{"subject-ada"}, staff{"subject-staff"}, other_staff{"subject-other"};
inline const DashboardId dashboard{"operator-t"}, other_dashboard{"operator-u"};

inline const std::string ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO5SEAPdcIH8/uFsFBSE9zl7r3BUXRMk2YxubZa6qNrt";
inline const std::string nistp256 =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNDY2EphyrP2TQzCmWzN+rJn9bCRfx0yjSzswQ0z"
    "DAI9oh/tmXxh75rPpfp5HRTngSqf5zWDqAnhb7nue1UZH7I=";

inline History operator+(History history, const AccountEvent& event) {
    history.push_back(event);
    return history;
}

inline RegisterAccount register_ada() {
    return {{}, "email-hash", "BE", "2027-01", {"2026-01", "2027-01"}, "code-1", "sealed"};
}

inline const History unverified{
    AccountRegistered{ada, "email-hash", "BE", "2027-01", "code-1", later(day), "sealed"}};
inline const History active = unverified + EmailVerified{"email-hash"};
inline const History operator_account = active + RoleGranted{AccountRole::cloud_operator, ada};
inline const History disputed = active + SpendingSuspended{SpendingReason::dispute};
inline const History disputed_and_unpaid = disputed + SpendingSuspended{SpendingReason::unpaid};
inline const History suspended = active + AccountSuspended{"abuse", ada};
inline const History closed = active + AccountClosed{ada};

inline ApiKey api_key(std::string key, std::vector<ApiKeyScope> scopes) {
    return {std::move(key), "secret-hash", std::move(scopes), {}};
}
inline const ApiKey user_key = api_key("mk_1", {{AccountRole::cloud_user, true}});
inline const ApiKey both_key =
    api_key("mk_2", {{AccountRole::cloud_user, false}, {AccountRole::cloud_operator, true}});

inline DefaultCard default_card(const DashboardId& where, std::string card) {
    return {where, {std::move(card)}, {"pm_1"}, "cus_1"};
}

} // namespace domain::account_samples
