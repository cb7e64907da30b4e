// Pieces that several of Stripe's objects contain.

#pragma once

#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/scratch.hpp"

namespace gateways::sandbox::stripe {

namespace json = boost::json;

json::object render_metadata(const Metadata& metadata);
json::object render_billing_details(const json::object& given);
std::string fingerprint_of(const TestCard& card);

} // namespace gateways::sandbox::stripe
