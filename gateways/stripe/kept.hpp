// What is kept of a message; internal to webhook.cpp.

#pragma once

#include "gateways/stripe/objects.hpp"

namespace gateways::stripe {

// Only the fields that are read here, in whatever depth.
json::object kept(const json::object& event);

} // namespace gateways::stripe
