// What can be asked of a discount code, what can happen to it, and why it is refused. Stored names
// are never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/plan.hpp"
#include "domain/pricing.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

enum class DiscountAudience { anybody, accounts, first_order };
BOOST_DESCRIBE_ENUM(DiscountAudience, anybody, accounts, first_order)

// Who may use a code, how often and when.
struct DiscountLimits {
    DiscountAudience audience = DiscountAudience::anybody;
    std::vector<AccountId> accounts; // Of the audience `accounts`.
    std::uint32_t uses = 0;          // In all.
    std::optional<std::uint32_t> uses_per_account;
    std::optional<Time> from;  // Valid from this moment on.
    std::optional<Time> until; // Valid before this moment.
};
BOOST_DESCRIBE_STRUCT(DiscountLimits, (), (audience, accounts, uses, uses_per_account, from, until))

// Commands of people and policies. What the code cannot know is filled in by the door.

struct CreateDiscountCode {
    static constexpr std::string_view type = "discount_code.create";
    DashboardId dashboard;
    std::string code;
    DiscountTerms terms;
    DiscountLimits limits;
    std::vector<PlanCost> plans; // What the dashboard sells.
    Money margin_floor{0, Currency::usd};
};
BOOST_DESCRIBE_STRUCT(CreateDiscountCode, (), (dashboard, code, terms, limits, plans, margin_floor))

struct ReserveDiscount {
    static constexpr std::string_view type = "discount_code.reserve";
    DeploymentId deployment;
    AccountId account;
    bool first_order = false;      // The account's at this dashboard.
    std::optional<bool> for_order; // An order waits for the answer, so a refusal is an event.
};
BOOST_DESCRIBE_STRUCT(ReserveDiscount, (), (deployment, account, first_order, for_order))

struct ConsumeDiscount {
    static constexpr std::string_view type = "discount_code.consume";
    DeploymentId deployment;
};
BOOST_DESCRIBE_STRUCT(ConsumeDiscount, (), (deployment))

struct ReleaseDiscount {
    static constexpr std::string_view type = "discount_code.release";
    DeploymentId deployment;
};
BOOST_DESCRIBE_STRUCT(ReleaseDiscount, (), (deployment))

struct RetireDiscountCode {
    static constexpr std::string_view type = "discount_code.retire";
};
BOOST_DESCRIBE_STRUCT(RetireDiscountCode, (), ())

using DiscountCodeCommand = std::variant<CreateDiscountCode, ReserveDiscount, ConsumeDiscount,
                                         ReleaseDiscount, RetireDiscountCode>;

// Events.

struct DiscountCodeCreated {
    static constexpr std::string_view type = "discount_code.created";
    DashboardId dashboard;
    std::string code;
    DiscountTerms terms;
    DiscountLimits limits;
};
BOOST_DESCRIBE_STRUCT(DiscountCodeCreated, (), (dashboard, code, terms, limits))

struct DiscountReserved {
    static constexpr std::string_view type = "discount_code.reserved";
    DeploymentId deployment;
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(DiscountReserved, (), (deployment, account))

enum class DiscountRefusal { code_unknown, code_expired, code_exhausted, not_eligible };
BOOST_DESCRIBE_ENUM(DiscountRefusal, code_unknown, code_expired, code_exhausted, not_eligible)

// The answer to an order. The code itself is as before.
struct DiscountRefused {
    static constexpr std::string_view type = "discount_code.refused";
    DeploymentId deployment;
    AccountId account;
    DiscountRefusal reason = DiscountRefusal::code_unknown;
};
BOOST_DESCRIBE_STRUCT(DiscountRefused, (), (deployment, account, reason))

struct DiscountConsumed {
    static constexpr std::string_view type = "discount_code.consumed";
    DeploymentId deployment;
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(DiscountConsumed, (), (deployment, account))

struct DiscountReleased {
    static constexpr std::string_view type = "discount_code.released";
    DeploymentId deployment;
    AccountId account;
};
BOOST_DESCRIBE_STRUCT(DiscountReleased, (), (deployment, account))

struct DiscountCodeRetired {
    static constexpr std::string_view type = "discount_code.retired";
};
BOOST_DESCRIBE_STRUCT(DiscountCodeRetired, (), ())

using DiscountCodeEvent = std::variant<DiscountCodeCreated, DiscountReserved, DiscountRefused,
                                       DiscountConsumed, DiscountReleased, DiscountCodeRetired>;

// Clients see the name. Each says what would have to be otherwise.
enum class DiscountCodeRejection {
    code_unknown, // Never created.
    code_taken,
    code_invalid, // Not 3 to 32 of A-Z, 0-9 and -.
    dashboard_missing,
    terms_invalid, // Takes nothing, or more than all.
    wrong_currency,
    limits_invalid,
    floor_violated, // A plan would be sold below the dashboard's margin floor.
    deployment_missing,
    account_missing,
    code_expired, // Or not valid yet, or retired.
    code_exhausted,
    not_eligible,
    reservation_unknown,
    reservation_exists, // For another account under the same name.
    already_consumed,
};
BOOST_DESCRIBE_ENUM(DiscountCodeRejection, code_unknown, code_taken, code_invalid,
                    dashboard_missing, terms_invalid, wrong_currency, limits_invalid,
                    floor_violated, deployment_missing, account_missing, code_expired,
                    code_exhausted, not_eligible, reservation_unknown, reservation_exists,
                    already_consumed)

} // namespace domain
