// How a test changes the grid.

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/grid_proxy/catalogue.hpp"

namespace gateways::sandbox::grid_proxy {

// Nothing when the path is none of these. Throws BadScript, and has then changed nothing.
std::optional<Answer> control(Catalogue& grid, Seconds now, const Call& call);

} // namespace gateways::sandbox::grid_proxy
