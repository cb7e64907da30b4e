// Parameters that payment and setup intents have in common.

#pragma once

#include "gateways/sandbox/stripe/parameters.hpp"

namespace gateways::sandbox::stripe {

// automatic_payment_methods, allowed_payment_method_types
AllowedMethods read_methods(const Parameters& given);

// Refuses a confirm by the server that could send the payer away without a way back.
void expect_return_url(const AllowedMethods& methods, const Parameters& given);

// payment_method_options[card][request_three_d_secure] is "any" or "challenge".
bool asks_for_authentication(const boost::json::object& method_options);
void check_method_options(const Parameters& given);

} // namespace gateways::sandbox::stripe
