// What can be asked of a customer's credit, what can happen to it, and why it is refused. Stored
// names are never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// Why somebody has credit. The ledger books each kind against another account.
enum class CreditKind { goodwill, sla, refund_as_credit, promo };
BOOST_DESCRIBE_ENUM(CreditKind, goodwill, sla, refund_as_credit, promo)

// What is taken of one grant.
struct CreditPart {
    std::uint32_t grant = 0; // Number in CreditGranted.
    CreditKind kind = CreditKind::goodwill;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(CreditPart, (), (grant, kind, amount))

// Commands.

struct GrantCredit {
    static constexpr std::string_view type = "customer_credit.grant";
    AccountId account;
    DashboardId dashboard;
    CreditKind kind = CreditKind::goodwill;
    Money amount;
    std::optional<std::string> source; // What it is for: an SLA case, a refund ... once each.
    std::optional<Time> expires;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(GrantCredit, (), (account, dashboard, kind, amount, source, expires, reason))

struct ApproveCredit {
    static constexpr std::string_view type = "customer_credit.approve";
    std::uint32_t proposal = 0;
};
BOOST_DESCRIBE_STRUCT(ApproveCredit, (), (proposal))

struct RejectCredit {
    static constexpr std::string_view type = "customer_credit.reject";
    std::uint32_t proposal = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RejectCredit, (), (proposal, reason))

// Sets credit aside for one purpose. A purpose is good for one hold, ever.
struct HoldCredit {
    static constexpr std::string_view type = "customer_credit.hold";
    AccountId account;
    DashboardId dashboard;
    std::string purpose; // An invoice's id.
    Money amount;
    std::optional<bool> up_to; // As much of it as there is; it is answered even when that is none.
    // What pays the rest. It comes back with the answer, for who asked.
    std::optional<CardId> card = std::nullopt;
    std::optional<Money> fraud_refund_limit = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(HoldCredit, (),
                      (account, dashboard, purpose, amount, up_to, card, fraud_refund_limit))

struct ReleaseCredit {
    static constexpr std::string_view type = "customer_credit.release";
    std::string purpose;
};
BOOST_DESCRIBE_STRUCT(ReleaseCredit, (), (purpose))

struct SpendCredit {
    static constexpr std::string_view type = "customer_credit.spend";
    std::string purpose;
    std::optional<Money> amount; // Absent: all that is held; what is left of it is released.
};
BOOST_DESCRIBE_STRUCT(SpendCredit, (), (purpose, amount))

// Looks for grants whose time is over.
struct ExpireCredit {
    static constexpr std::string_view type = "customer_credit.expire";
};
BOOST_DESCRIBE_STRUCT(ExpireCredit, (), ())

struct ForfeitCredit {
    static constexpr std::string_view type = "customer_credit.forfeit";
    std::optional<Money> amount; // Absent: all that is not held.
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ForfeitCredit, (), (amount, reason))

using CustomerCreditCommand = std::variant<GrantCredit, ApproveCredit, RejectCredit, HoldCredit,
                                           ReleaseCredit, SpendCredit, ExpireCredit, ForfeitCredit>;

// Events.

// Waits for a second person.
struct CreditProposed {
    static constexpr std::string_view type = "customer_credit.proposed";
    AccountId account;
    DashboardId dashboard;
    std::uint32_t proposal = 0; // 1, 2, 3 ...
    CreditKind kind = CreditKind::goodwill;
    Money amount;
    ActorId proposed_by;
    std::optional<std::string> source;
    std::optional<Time> expires;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CreditProposed, (),
                      (account, dashboard, proposal, kind, amount, proposed_by, source, expires,
                       reason))

struct CreditRejected {
    static constexpr std::string_view type = "customer_credit.rejected";
    AccountId account;
    DashboardId dashboard;
    std::uint32_t proposal = 0;
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CreditRejected, (), (account, dashboard, proposal, amount, reason))

struct CreditGranted {
    static constexpr std::string_view type = "customer_credit.granted";
    AccountId account;
    DashboardId dashboard;
    std::uint32_t grant = 0; // 1, 2, 3 ...
    CreditKind kind = CreditKind::goodwill;
    Money amount;
    std::optional<std::string> source;
    std::optional<Time> expires;
    std::optional<std::string> reason;
    std::optional<std::uint32_t> proposal; // When a second person approved it.
    std::optional<ActorId> proposed_by;
};
BOOST_DESCRIBE_STRUCT(CreditGranted, (),
                      (account, dashboard, grant, kind, amount, source, expires, reason, proposal,
                       proposed_by))

struct CreditHeld {
    static constexpr std::string_view type = "customer_credit.held";
    AccountId account;
    DashboardId dashboard;
    std::string purpose;
    Money amount;
    Money wanted; // What was asked for.
    std::vector<CreditPart> parts;
    std::optional<CardId> card = std::nullopt;
    std::optional<Money> fraud_refund_limit = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(CreditHeld, (),
                      (account, dashboard, purpose, amount, wanted, parts, card,
                       fraud_refund_limit))

// Nothing could be held where as much as there is was asked for.
struct CreditUnavailable {
    static constexpr std::string_view type = "customer_credit.unavailable";
    AccountId account;
    DashboardId dashboard;
    std::string purpose;
    Money wanted;
    std::optional<CardId> card = std::nullopt;
    std::optional<Money> fraud_refund_limit = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(CreditUnavailable, (),
                      (account, dashboard, purpose, wanted, card, fraud_refund_limit))

struct CreditReleased {
    static constexpr std::string_view type = "customer_credit.released";
    AccountId account;
    DashboardId dashboard;
    std::string purpose;
    Money amount;
    std::vector<CreditPart> parts;
};
BOOST_DESCRIBE_STRUCT(CreditReleased, (), (account, dashboard, purpose, amount, parts))

struct CreditSpent {
    static constexpr std::string_view type = "customer_credit.spent";
    AccountId account;
    DashboardId dashboard;
    std::string purpose;
    Money amount;
    std::vector<CreditPart> parts;
};
BOOST_DESCRIBE_STRUCT(CreditSpent, (), (account, dashboard, purpose, amount, parts))

struct CreditExpired {
    static constexpr std::string_view type = "customer_credit.expired";
    AccountId account;
    DashboardId dashboard;
    Money amount;
    std::vector<CreditPart> parts;
};
BOOST_DESCRIBE_STRUCT(CreditExpired, (), (account, dashboard, amount, parts))

struct CreditForfeited {
    static constexpr std::string_view type = "customer_credit.forfeited";
    AccountId account;
    DashboardId dashboard;
    Money amount;
    std::vector<CreditPart> parts;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CreditForfeited, (), (account, dashboard, amount, parts, reason))

using CustomerCreditEvent =
    std::variant<CreditProposed, CreditRejected, CreditGranted, CreditHeld, CreditUnavailable,
                 CreditReleased, CreditSpent, CreditExpired, CreditForfeited>;

// Clients see the name. Each says what would have to be otherwise.
enum class CustomerCreditRejection {
    not_found, // Never granted, proposed or asked for.
    account_missing,
    dashboard_missing,
    owner_differs, // The credit is another account's, or of another dashboard.
    amount_zero,   // Not above zero.
    amount_too_large,
    wrong_currency,
    source_unknown,         // A kind that is owed for something, without saying what.
    source_already_granted, // For another amount.
    expiry_past,
    four_eyes_required, // Too much for one person, and nobody is named to tell from the second.
    same_approver,
    proposal_unknown, // Never made, or decided.
    too_many_proposals,
    too_many_grants,
    too_many_holds,
    purpose_missing,
    insufficient_credit,
    hold_differs, // The purpose holds credit for another amount.
    hold_unknown,
    amount_exceeds_hold,
};
BOOST_DESCRIBE_ENUM(CustomerCreditRejection, not_found, account_missing, dashboard_missing,
                    owner_differs, amount_zero, amount_too_large, wrong_currency, source_unknown,
                    source_already_granted, expiry_past, four_eyes_required, same_approver,
                    proposal_unknown, too_many_proposals, too_many_grants, too_many_holds,
                    purpose_missing, insufficient_credit, hold_differs, hold_unknown,
                    amount_exceeds_hold)

} // namespace domain
