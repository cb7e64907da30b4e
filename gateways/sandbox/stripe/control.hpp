// What a test may do to a Stripe account from outside Stripe's own API: play the payer's bank, the
// payer, and whoever looks after webhooks.

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/stripe/account.hpp"
#include "gateways/sandbox/stripe/webhooks.hpp"

namespace gateways::sandbox::stripe {

// Nothing when the path is none of these. Throws Refusal and BadScript.
std::optional<Answer> control(Account& account, Webhooks& webhooks, const Call& call);

} // namespace gateways::sandbox::stripe
