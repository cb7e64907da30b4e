#include "domain/usage.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<UsageEvent>;
using Rejection = UsageRejection;

// An initializer list would copy the event.
template <class Event>
UsageDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

UsageDecision nothing() { return Events{}; }

std::optional<Rejection> wrong(const Money& amount) {
    if (amount.currency != Currency::tft) return Rejection::wrong_currency;
    if (amount.minor < 0) return Rejection::amount_negative;
    return std::nullopt;
}

std::int64_t room(const Money& sum) { return std::numeric_limits<std::int64_t>::max() - sum.minor; }

// The remembered one with this timestamp.
template <class Remembered>
const Remembered* find(const std::vector<Remembered>& all, Time timestamp) {
    const auto found = std::ranges::lower_bound(all, timestamp, {}, &Remembered::timestamp);
    return found != all.end() && found->timestamp == timestamp ? &*found : nullptr;
}

// Older than all that are remembered, when not all are.
template <class Remembered>
bool is_forgotten(const std::vector<Remembered>& all, bool forgotten, Time timestamp) {
    return forgotten && timestamp < all.front().timestamp;
}

UsageDecision handle(const Usage& usage, const RecordChainBill& command, Time) {
    if (const auto reason = wrong(command.amount)) return *reason;
    if (usage.deployment && command.deployment && usage.deployment != command.deployment)
        return Rejection::deployment_differs;
    if (const auto* known = find(usage.bills, command.timestamp)) {
        if (known->amount == command.amount) return nothing();
        return Rejection::bill_differs;
    }
    if (is_forgotten(usage.bills, usage.bills_forgotten, command.timestamp))
        return Rejection::bill_too_old;
    if (command.amount.minor > room(usage.total)) return Rejection::amount_too_large;
    const auto filled =
        std::ranges::count_if(usage.gaps, [&](Time hour) { return hour <= command.timestamp; });
    return decided(ChainBillObserved{command.timestamp, command.amount, command.tier,
                                     command.deployment ? command.deployment : usage.deployment,
                                     command.kind, usage.total + command.amount,
                                     static_cast<std::uint32_t>(filled)});
}

UsageDecision handle(const Usage& usage, const RecordReward& command, Time) {
    Money all{0, Currency::tft};
    for (const Money& part : {command.farmer, command.foundation, command.staking_pool}) {
        if (const auto reason = wrong(part)) return *reason;
        if (part.minor > room(all)) return Rejection::amount_too_large;
        all = all + part;
    }
    RewardObserved observed{command.timestamp, command.farm, command.farmer, command.foundation,
                            command.staking_pool};
    if (const auto* known = find(usage.handed_out, command.timestamp)) {
        if (*known == observed) return nothing();
        return Rejection::reward_differs;
    }
    if (is_forgotten(usage.handed_out, usage.rewards_forgotten, command.timestamp))
        return Rejection::reward_too_old;
    if (all.minor > room(usage.rewards)) return Rejection::amount_too_large;
    return decided(std::move(observed));
}

UsageDecision handle(const Usage& usage, const RecordBillGap& command, Time) {
    if (usage.status == UsageStatus::closed) return nothing();
    // A bill came after all, and has this hour in it.
    if (usage.last_bill && *usage.last_bill >= command.hour) return nothing();
    if (std::ranges::find(usage.gaps, command.hour) != usage.gaps.end()) return nothing();
    if (usage.gaps.size() >= gaps_open_max) return Rejection::too_many_gaps;
    return decided(BillGapFound{command.hour, usage.deployment});
}

UsageDecision handle(const Usage& usage, const CloseUsage& command, Time now) {
    if (usage.status == UsageStatus::closed) {
        if (usage.ended == command.ended) return nothing();
        return Rejection::already_closed;
    }
    const bool complete =
        usage.gaps.empty() && usage.last_bill &&
        usage.last_bill->milliseconds + billing_cycle.count() >= command.ended.milliseconds;
    const bool waited = now.milliseconds - command.ended.milliseconds >= last_bills_time.count();
    if (!complete && !waited) return Rejection::bills_missing;
    return decided(UsageClosed{command.ended, usage.total, complete, usage.deployment});
}

// Keeps them in order, and the latest of them.
template <class Remembered>
void remember(std::vector<Remembered>& all, Remembered one, std::size_t max, bool& forgotten) {
    all.insert(std::ranges::upper_bound(all, one.timestamp, {}, &Remembered::timestamp),
               std::move(one));
    if (all.size() <= max) return;
    all.erase(all.begin());
    forgotten = true;
}

void open(Usage& usage) {
    if (usage.status == UsageStatus::none) usage.status = UsageStatus::open;
}

void apply(Usage& usage, const ChainBillObserved& event) {
    open(usage);
    usage.deployment = event.deployment;
    usage.kind = event.kind;
    usage.total = event.total;
    if (!usage.last_bill || *usage.last_bill < event.timestamp) usage.last_bill = event.timestamp;
    remember(usage.bills, {event.timestamp, event.amount}, bills_remembered_max,
             usage.bills_forgotten);
    std::erase_if(usage.gaps, [&](Time hour) { return hour <= event.timestamp; });
}

void apply(Usage& usage, const RewardObserved& event) {
    open(usage);
    usage.rewards = usage.rewards + event.farmer + event.foundation + event.staking_pool;
    remember(usage.handed_out, event, rewards_remembered_max, usage.rewards_forgotten);
}

void apply(Usage& usage, const BillGapFound& event) {
    open(usage);
    usage.gaps.push_back(event.hour);
}

void apply(Usage& usage, const UsageClosed& event) {
    usage.status = UsageStatus::closed;
    usage.ended = event.ended;
    usage.gaps.clear();
}

} // namespace

UsageDecision decide(const Usage& usage, const UsageCommand& command, Time now) {
    return std::visit([&](const auto& one) { return handle(usage, one, now); }, command);
}

Usage evolve(Usage usage, const UsageEvent& event) {
    std::visit([&](const auto& one) { apply(usage, one); }, event);
    return usage;
}

} // namespace domain
