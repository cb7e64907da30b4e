// Cards: where they come from, who they belong to.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"
#include "gateways/sandbox/stripe/refusal.hpp"

namespace gateways::sandbox::stripe {

// Refuses unknown and deleted ones.
Customer& customer_named(Account& account, std::string_view id, std::string_view param,
                         Named named);

// By its id; a well-known test id makes a new one. Refuses unknown ones.
PaymentMethod& method_named(Account& account, std::string_view id, std::string_view param,
                            Named named);

// Refuses one that `customer` (empty: none) may not pay with.
void expect_usable(const PaymentMethod& method, std::string_view customer);

void attach(Account& account, PaymentMethod& method, std::string_view customer);
void detach(Account& account, PaymentMethod& method);

// How this card declines. Empty for one that does not.
CardProblem problem_of(const TestCard& card);
CardProblem card_problem(std::string_view code, std::string_view decline_code);

} // namespace gateways::sandbox::stripe
