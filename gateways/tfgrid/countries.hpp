// Countries, which the grid tells in English words.

#pragma once

#include <string_view>

namespace gateways::tfgrid {

// "Belgium" and "BE" give "BE"; empty when nobody knows it.
std::string_view country_code(std::string_view name);

} // namespace gateways::tfgrid
