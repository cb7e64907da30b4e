// Nodes that are on offer, for lists of them: placement.hpp chooses among the same.

#pragma once

#include "domain/placement.hpp"

#include <compare>
#include <string_view>

namespace domain {

// Somebody may sell it just now.
bool is_offered(const NodeOffer& offer);

// It is as the filter wants it, and has what it asks for.
bool passes(const PlacementFilter& filter, const NodeOffer& offer);

// The order of grid ids, which are numbers as text: the shorter is the lower.
std::strong_ordering compare_numbers(std::string_view left, std::string_view right);

} // namespace domain
