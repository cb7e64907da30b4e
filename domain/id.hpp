// Identifiers that cannot be mixed up: a PaymentId is not an AccountId.

#pragma once

#include <compare>
#include <string>

namespace domain {

template <class Tag>
struct Id {
    std::string value;

    friend auto operator<=>(const Id&, const Id&) = default;
};

using AccountId = Id<struct AccountTag>;
using ActorId = Id<struct ActorTag>;       // Who asks: a token's subject, or a service's name.
using CardId = Id<struct CardTag>;         // The provider's name of a stored card: "pm_...".
using ContractId = Id<struct ContractTag>; // Of ThreeFold Chain, a number as text.
using DashboardId = Id<struct DashboardTag>;
using DeploymentId = Id<struct DeploymentTag>;
using DisputeId = Id<struct DisputeTag>;
using FarmId = Id<struct FarmTag>; // Of the grid, a number as text.
using NodeId = Id<struct NodeTag>; // Of the grid, a number as text.
using PaymentId = Id<struct PaymentTag>;
using PlanId = Id<struct PlanTag>;
using ProviderId = Id<struct ProviderTag>;
using QuoteId = Id<struct QuoteTag>;
using WarningId = Id<struct WarningTag>; // Of a card network's early fraud warning.

} // namespace domain
