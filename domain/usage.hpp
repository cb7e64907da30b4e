// What one contract of the grid costs, as the chain bills it.
//
//     open --> closed
//
// The stream has the contract's id; the first bill opens it. Bills have the chain's timestamps, and
// each counts once. The chain bills hourly; an hour that it leaves out is in its next bill. A bill
// may be learnt late, so those of the last days are remembered; older ones are not told apart from
// those that were counted, and are refused.

#pragma once

#include "domain/result.hpp"
#include "domain/usage_messages.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace domain {

inline constexpr std::size_t bills_remembered_max = 48;   // Two days.
inline constexpr std::size_t rewards_remembered_max = 14; // Two weeks.
inline constexpr std::size_t gaps_open_max = 500;         // Three weeks.
inline constexpr std::chrono::milliseconds billing_cycle = std::chrono::hours{1};
// How long the last bills are waited for.
inline constexpr std::chrono::milliseconds last_bills_time = std::chrono::hours{72};

// `none`: nothing was billed yet.
enum class UsageStatus { none, open, closed };
BOOST_DESCRIBE_ENUM(UsageStatus, none, open, closed)

struct RememberedBill {
    Time timestamp;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(RememberedBill, (), (timestamp, amount))

struct Usage {
    static constexpr std::string_view name = "usage";
    using Command = UsageCommand;
    using Event = UsageEvent;
    using Rejection = UsageRejection;

    UsageStatus status = UsageStatus::none;
    std::optional<DeploymentId> deployment;
    ContractKind kind = ContractKind::node;
    Money total{0, Currency::tft};
    Money rewards{0, Currency::tft}; // All parts.
    std::optional<Time> last_bill;
    std::vector<RememberedBill> bills;      // In the order of their timestamps.
    std::vector<RewardObserved> handed_out; // In the order of their timestamps.
    bool bills_forgotten = false;           // There were more than are remembered.
    bool rewards_forgotten = false;
    std::vector<Time> gaps; // Hours without a bill, and none after them yet.
    std::optional<Time> ended;
};
BOOST_DESCRIBE_STRUCT(Usage, (),
                      (status, deployment, kind, total, rewards, last_bill, bills, handed_out,
                       bills_forgotten, rewards_forgotten, gaps, ended))

inline bool exists(const Usage& usage) { return usage.status != UsageStatus::none; }

// No events: accepted, and nothing changes.
using UsageDecision = Result<std::vector<UsageEvent>, UsageRejection>;

UsageDecision decide(const Usage& usage, const UsageCommand& command, Time now);
Usage evolve(Usage usage, const UsageEvent& event);

} // namespace domain
