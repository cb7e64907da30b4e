// What happens to a card's money: holds, captures, declines, 3-D Secure, and what follows by
// itself.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"

namespace gateways::sandbox::stripe {

struct Confirm {
    bool off_session = false;
    bool error_on_requires_action = false;
    bool asks_for_authentication = false; // request_three_d_secure is "any" or "challenge".
    std::string return_url;
};

// Tries the card. The intent ends in requires_action, requires_capture or succeeded; or it waits
// for another card and the problem is given back.
CardProblem confirm(Account& account, PaymentIntent& intent, PaymentMethod& method,
                    const Confirm& how);

// Whether a card has to be authenticated; `saving` it, or paying with it.
bool needs_authentication(const PaymentMethod& method, bool off_session, bool asks, bool saving);

// The payer has been at the bank's page. Only in requires_action.
void finish_challenge(Account& account, PaymentIntent& intent, bool authenticated);

// Only in requires_capture.
void capture(Account& account, PaymentIntent& intent, Amount amount);

void cancel(Account& account, PaymentIntent& intent, std::string_view reason);

// The fee of a captured amount.
Amount fee_of(const Terms& terms, Amount amount);

} // namespace gateways::sandbox::stripe
