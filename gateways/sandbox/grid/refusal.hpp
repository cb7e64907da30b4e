// Why the grid, or the sidecar before it, does not do what it is asked.

#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace gateways::sandbox::grid {

struct Refusal {
    std::string code; // As the sidecar's protocol has it.
    std::string message;
};

// Whether the protocol has this code.
bool is_known(std::string_view code);
// What a route answers with when it refuses at once. Of an unknown code: that of "internal".
unsigned status_of(std::string_view code);
boost::json::object render(const Refusal& refusal);

} // namespace gateways::sandbox::grid
