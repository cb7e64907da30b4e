// What a customer has to their credit at a dashboard: granted, held for a purpose, spent.
//
//     granted --> available <--> held --> spent
//                     \--> expired, forfeited
//
//     available + held = granted - spent - expired - forfeited
//
// Promotions are spent first, then what expires first, then what was granted first. Every event
// names the grants it takes from, so that the fold needs neither that order nor the time. A grant
// above what one person may give is only a proposal until another person approves it.

#pragma once

#include "domain/customer_credit_messages.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// In cents, of either currency.
inline constexpr std::int64_t credit_without_second_approval_max = 10'000;
inline constexpr std::int64_t credit_grant_max = 100'000'000;

inline constexpr std::size_t credit_proposals_max = 20; // That wait.
inline constexpr std::size_t credit_grants_max = 500;   // With something left.
inline constexpr std::size_t credit_holds_max = 500;
// How many purposes and sources are known after they are settled. Older repeats are caught by the
// ids of their commands alone.
inline constexpr std::size_t credit_names_remembered = 500;

struct CreditGrant {
    std::uint32_t number = 0;
    CreditKind kind = CreditKind::goodwill;
    Money left; // Neither held, spent, expired nor forfeited.
    std::optional<Time> expires;
};
BOOST_DESCRIBE_STRUCT(CreditGrant, (), (number, kind, left, expires))

struct CreditHold {
    std::string purpose;
    Money wanted;
    std::vector<CreditPart> parts;
    bool spent = false; // In part.
};
BOOST_DESCRIBE_STRUCT(CreditHold, (), (purpose, wanted, parts, spent))

struct CreditProposal {
    std::uint32_t number = 0;
    CreditKind kind = CreditKind::goodwill;
    Money amount;
    ActorId proposed_by;
    std::optional<std::string> source;
    std::optional<Time> expires;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CreditProposal, (),
                      (number, kind, amount, proposed_by, source, expires, reason))

// A purpose that is over.
struct SettledPurpose {
    std::string purpose;
    bool spent = false;
};
BOOST_DESCRIBE_STRUCT(SettledPurpose, (), (purpose, spent))

struct GrantedSource {
    CreditKind kind = CreditKind::goodwill;
    std::string source;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(GrantedSource, (), (kind, source, amount))

// All amounts are in the currency of the first grant.
struct CustomerCredit {
    static constexpr std::string_view name = "customer_credit";
    using Command = CustomerCreditCommand;
    using Event = CustomerCreditEvent;
    using Rejection = CustomerCreditRejection;

    AccountId account;
    DashboardId dashboard;
    Money available;
    Money held;
    Money granted;
    Money spent;
    Money expired;
    Money forfeited;
    std::uint32_t grants_made = 0;
    std::uint32_t proposals_made = 0;
    std::vector<CreditGrant> grants; // Of which something is left or held, in order of grant.
    std::vector<CreditHold> holds;
    std::vector<CreditProposal> proposals; // That wait.
    std::vector<SettledPurpose> settled;   // The latest.
    std::vector<GrantedSource> sources;    // The latest.
};
BOOST_DESCRIBE_STRUCT(CustomerCredit, (),
                      (account, dashboard, available, held, granted, spent, expired, forfeited,
                       grants_made, proposals_made, grants, holds, proposals, settled, sources))

inline bool exists(const CustomerCredit& credit) { return !credit.account.value.empty(); }

// No events: accepted, and nothing changes.
using CustomerCreditDecision = Result<std::vector<CustomerCreditEvent>, CustomerCreditRejection>;

// `by`: who asks. Nobody approves what they proposed.
CustomerCreditDecision decide(const CustomerCredit& credit, const CustomerCreditCommand& command,
                              Time now, const ActorId& by);
CustomerCredit evolve(CustomerCredit credit, const CustomerCreditEvent& event);

// Whose it is.
inline std::string_view owner(const CustomerCredit& credit) { return credit.account.value; }

} // namespace domain
