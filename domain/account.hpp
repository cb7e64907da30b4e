// An account: somebody who may sign in, what they may do, and what they agreed to.
//
//     unverified --> active <--> spending_suspended <--> suspended --> closed
//
// What an account may do follows from facts that come and go on their own (the e-mail address was
// verified, reasons to stop spending are open, staff suspended it), so the status is worked out
// from them after every event. Nothing here says who somebody is: see account_commands.hpp.

#pragma once

#include "domain/account_messages.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::size_t ssh_keys_max = 20;
inline constexpr std::size_t api_keys_max = 20;
inline constexpr std::size_t second_factors_max = 10;
inline constexpr std::size_t sealed_profile_max = 16'384; // Bytes.

// A code has few digits: five guesses at each of ten codes find one of a million with 1 : 20 000.
inline constexpr std::uint32_t email_code_attempts_max = 5;
inline constexpr std::uint32_t email_codes_max = 10;
inline constexpr std::chrono::milliseconds email_code_life = std::chrono::hours{24};
inline constexpr std::chrono::milliseconds impersonation_life = std::chrono::hours{1};

// `none`: never registered.
enum class AccountStatus { none, unverified, active, spending_suspended, suspended, closed };
BOOST_DESCRIBE_ENUM(AccountStatus, none, unverified, active, spending_suspended, suspended, closed)

struct Account {
    static constexpr std::string_view name = "account";
    using Command = AccountCommand;
    using Event = AccountEvent;
    using Rejection = AccountRejection;

    AccountStatus status = AccountStatus::none;
    ActorId subject; // Whose token speaks for the account.
    std::string email_hash;
    std::string country;
    std::string terms; // The version accepted last.
    bool email_verified = false;
    EmailCode code; // The latest.
    std::optional<std::string> sealed_profile;
    std::optional<TaxDetails> tax;
    std::vector<AccountRole> roles; // In the order they were granted.
    std::vector<SshKey> ssh_keys;
    std::uint32_t ssh_keys_added = 0; // So far: their numbers are not used again.
    std::vector<NoticePreference> notices;
    std::optional<Money> spending_limit;
    std::vector<SpendingReason> spending_reasons; // Open ones, oldest first.
    std::vector<SecondFactor> second_factors;
    std::vector<ApiKey> api_keys;         // Not revoked; perhaps expired.
    std::optional<std::string> suspended; // Why; absent: it is not.
    std::vector<Impersonation> impersonations;
    std::uint32_t exports = 0; // Asked for so far.
    bool export_running = false;
    std::optional<std::string> export_document; // The latest.
    std::vector<DefaultCard> default_cards;     // One per dashboard, by its id.
    bool closed = false;
};
BOOST_DESCRIBE_STRUCT(Account, (),
                      (status, subject, email_hash, country, terms, email_verified, code,
                       sealed_profile, tax, roles, ssh_keys, ssh_keys_added, notices,
                       spending_limit, spending_reasons, second_factors, api_keys, suspended,
                       impersonations, exports, export_running, export_document, default_cards,
                       closed))

inline bool exists(const Account& account) { return account.status != AccountStatus::none; }
bool has_role(const Account& account, AccountRole role);

// No events: accepted, and nothing changes.
using AccountDecision = Result<std::vector<AccountEvent>, AccountRejection>;

// `by`: who asks. Nobody grants a role to themselves.
AccountDecision decide(const Account& account, const AccountCommand& command, Time now,
                       const ActorId& by);
Account evolve(Account account, const AccountEvent& event);

// Whose it is.
inline std::string_view owner(const Account& account) { return account.subject.value; }

} // namespace domain
