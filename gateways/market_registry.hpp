// The aggregates of the marketplace, with their policies.

#pragma once

#include "projections/aggregate.hpp"

namespace gateways {

// Made once, lives as long as the program.
const projections::Registry& market_registry();

} // namespace gateways
