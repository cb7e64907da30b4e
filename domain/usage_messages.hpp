// What can be asked of a contract's usage, what can happen to it, and why it is refused. Stored
// names are never renamed or reused; a new field is optional.

#pragma once

#include "domain/market_types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace domain {

// What the chain took for the contract since its bill before, whenever that was.
struct RecordChainBill {
    static constexpr std::string_view type = "usage.record_chain_bill";
    Time timestamp; // Of the chain.
    Money amount;   // TFT
    DiscountTier tier = DiscountTier::none;
    std::optional<DeploymentId> deployment; // Absent: it served none.
    ContractKind kind = ContractKind::node;
};
BOOST_DESCRIBE_STRUCT(RecordChainBill, (), (timestamp, amount, tier, deployment, kind))

// What the chain handed out of what it had billed.
struct RecordReward {
    static constexpr std::string_view type = "usage.record_reward";
    Time timestamp;
    std::optional<FarmId> farm; // Absent: a name's contract pays no farmer.
    Money farmer;
    Money foundation;
    Money staking_pool;
};
BOOST_DESCRIBE_STRUCT(RecordReward, (), (timestamp, farm, farmer, foundation, staking_pool))

// The chain billed nothing in this hour.
struct RecordBillGap {
    static constexpr std::string_view type = "usage.record_bill_gap";
    Time hour; // When a bill was to be expected.
};
BOOST_DESCRIBE_STRUCT(RecordBillGap, (), (hour))

struct CloseUsage {
    static constexpr std::string_view type = "usage.close";
    Time ended; // When the chain cancelled the contract, which bills it a last time.
};
BOOST_DESCRIBE_STRUCT(CloseUsage, (), (ended))

using UsageCommand = std::variant<RecordChainBill, RecordReward, RecordBillGap, CloseUsage>;

struct ChainBillObserved {
    static constexpr std::string_view type = "usage.chain_bill_observed";
    Time timestamp;
    Money amount;
    DiscountTier tier = DiscountTier::none;
    std::optional<DeploymentId> deployment;
    ContractKind kind = ContractKind::node;
    Money total;                   // Of all bills so far.
    std::uint32_t gaps_filled = 0; // Hours that had no bill, and are in this one.
};
BOOST_DESCRIBE_STRUCT(ChainBillObserved, (),
                      (timestamp, amount, tier, deployment, kind, total, gaps_filled))

struct RewardObserved {
    static constexpr std::string_view type = "usage.reward_observed";
    Time timestamp;
    std::optional<FarmId> farm;
    Money farmer;
    Money foundation;
    Money staking_pool;
};
BOOST_DESCRIBE_STRUCT(RewardObserved, (), (timestamp, farm, farmer, foundation, staking_pool))

struct BillGapFound {
    static constexpr std::string_view type = "usage.bill_gap_found";
    Time hour;
    std::optional<DeploymentId> deployment;
};
BOOST_DESCRIBE_STRUCT(BillGapFound, (), (hour, deployment))

struct UsageClosed {
    static constexpr std::string_view type = "usage.closed";
    Time ended;
    Money total;
    bool complete = false; // Otherwise bills were waited for, and did not come.
    std::optional<DeploymentId> deployment;
};
BOOST_DESCRIBE_STRUCT(UsageClosed, (), (ended, total, complete, deployment))

using UsageEvent = std::variant<ChainBillObserved, RewardObserved, BillGapFound, UsageClosed>;

enum class UsageRejection {
    wrong_currency,
    amount_negative,
    amount_too_large,
    bill_differs,
    bill_too_old,
    deployment_differs,
    reward_differs,
    reward_too_old,
    too_many_gaps,
    bills_missing,
    already_closed,
};
BOOST_DESCRIBE_ENUM(UsageRejection, wrong_currency, amount_negative, amount_too_large, bill_differs,
                    bill_too_old, deployment_differs, reward_differs, reward_too_old, too_many_gaps,
                    bills_missing, already_closed)

} // namespace domain
