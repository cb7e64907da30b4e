#pragma once

#include "gateways/sandbox/stripe/account.hpp"

namespace gateways::sandbox::stripe {

// The payer has been at the bank's page. Only in requires_action.
void finish_challenge(Account& account, SetupIntent& intent, bool authenticated);

} // namespace gateways::sandbox::stripe
