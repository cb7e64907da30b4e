// A discount code of a dashboard. An order reserves it, its first payment consumes it, and
// whatever goes wrong in between releases it: never more than its limit is reserved or consumed.
//
//     active --> exhausted (all consumed) | expired (in time) | retired

#pragma once

#include "domain/discount_code_messages.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// Every use stays in the state, because a conclusion may be repeated at any time.
inline constexpr std::uint32_t discount_uses_max = 10'000;
inline constexpr std::size_t discount_accounts_max = 1000;

struct DiscountUse {
    DeploymentId deployment;
    AccountId account;
    bool consumed = false;
};
BOOST_DESCRIBE_STRUCT(DiscountUse, (), (deployment, account, consumed))

struct DiscountCode {
    static constexpr std::string_view name = "discount_code";
    using Command = DiscountCodeCommand;
    using Event = DiscountCodeEvent;
    using Rejection = DiscountCodeRejection;

    DashboardId dashboard; // Empty: never created.
    std::string code;
    DiscountTerms terms;
    DiscountLimits limits;
    bool retired = false;
    std::uint32_t consumed = 0;    // Of the uses.
    std::vector<DiscountUse> uses; // By deployment.
};
BOOST_DESCRIBE_STRUCT(DiscountCode, (), (dashboard, code, terms, limits, retired, consumed, uses))

inline bool exists(const DiscountCode& code) { return !code.dashboard.value.empty(); }

// `none`: never created.
enum class DiscountCodeStatus { none, active, exhausted, expired, retired };
BOOST_DESCRIBE_ENUM(DiscountCodeStatus, none, active, exhausted, expired, retired)

DiscountCodeStatus status_of(const DiscountCode& code, Time now);

// Why the account cannot reserve it now.
std::optional<DiscountRefusal> refusal_of(const DiscountCode& code, const AccountId& account,
                                          bool first_order, Time now);

// No events: accepted, and nothing changes.
using DiscountCodeDecision = Result<std::vector<DiscountCodeEvent>, DiscountCodeRejection>;

DiscountCodeDecision decide(const DiscountCode& code, const DiscountCodeCommand& command, Time now);
DiscountCode evolve(DiscountCode code, const DiscountCodeEvent& event);

} // namespace domain
