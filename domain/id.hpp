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
using CardId = Id<struct CardTag>; // The provider's name of a stored card: "pm_...".
using DisputeId = Id<struct DisputeTag>;
using PaymentId = Id<struct PaymentTag>;
using WarningId = Id<struct WarningTag>; // Of a card network's early fraud warning.

} // namespace domain
