// What becomes of a refund after it was asked for.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"

namespace gateways::sandbox::stripe {

// Only a pending one.
void conclude_refund(Account& account, Refund& refund);

// Also one that had succeeded: the money comes back to the account. Not one that failed already.
void fail_refund(Account& account, Refund& refund, std::string_view reason);

} // namespace gateways::sandbox::stripe
