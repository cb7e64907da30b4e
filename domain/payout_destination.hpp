// Where somebody's earnings are sent.

#pragma once

#include "domain/described.hpp"

#include <optional>
#include <string>

namespace domain {

// A bank account stands behind the connected account at Stripe: its number is never seen here.
enum class PayoutKind { stellar, stripe };
BOOST_DESCRIBE_ENUM(PayoutKind, stellar, stripe)

struct PayoutDestination {
    PayoutKind kind = PayoutKind::stellar;
    std::string address;             // "G..." or "acct_...".
    std::optional<std::string> memo; // Stellar only: at most 28 bytes, as exchanges ask for.
};
BOOST_DESCRIBE_STRUCT(PayoutDestination, (), (kind, address, memo))

// Well formed, checksum included. Whether somebody owns it is not known.
bool is_valid(const PayoutDestination& destination);

} // namespace domain
