// What the chain billed for a contract that the marketplace does not know yet, as commands. Pure.

#pragma once

#include "domain/usage.hpp"
#include "gateways/tfgrid/grid_proxy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gateways::tfgrid {

struct BilledContract {
    domain::ContractId contract;
    domain::DeploymentId deployment;
    domain::ContractKind kind = domain::ContractKind::node;
    bool live = true; // Otherwise it is cancelled, or about to be.
};

// Bills that are told at once. The usage tells as many apart as it remembers: one that is put off
// has to be told again before that many newer ones are.
inline constexpr std::size_t bills_told_max = domain::bills_remembered_max / 2;

// In the order in which they are to be decided, the oldest first; bills before the last that
// is remembered are not news. `bills` in any order, also twice. `created`: needed of a contract
// that was never billed, absent when it is not known. An hour without a bill is a gap when a later
// bill has come, or, of a live contract, when the next hour is over, too.
std::vector<domain::UsageCommand> bill_news(const BilledContract& contract,
                                            std::vector<GridBill> bills, const domain::Usage& known,
                                            std::optional<domain::Time> created, domain::Time now);

// The same for the same bill or hour, however often it is seen.
std::string command_id(const domain::ContractId& contract, const domain::UsageCommand& command);

// Since when nobody has looked for bills of a cancelled contract that might still come.
inline constexpr std::chrono::milliseconds late_bills_every = std::chrono::hours{1};

// Whether bills may have come that are not known. `looked`: when it was looked for them last, if
// it was.
bool is_worth_a_look(const domain::Usage& known, const BilledContract& contract,
                     std::optional<domain::Time> looked, domain::Time now);

} // namespace gateways::tfgrid
