// What the proxy answers: one function an endpoint, over a catalogue that does not change
// meanwhile.

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/grid_proxy/query.hpp"

namespace gateways::sandbox::grid_proxy {

struct Reading {
    const Catalogue& grid;
    Seconds now = 0;
    std::uint64_t draw = 0; // For lists in no order; another one for each call.
};

// What faults call it, and what answers it.
struct Endpoint {
    std::string_view pattern; // "/nodes/{}"
    std::string_view operation;
    Answer (*answer)(const Reading& reading, Query& query, std::uint64_t id);
};

// Nothing when there is no such path. `id` is what stands in the place of {}.
const Endpoint* find_endpoint(std::string_view path, std::uint64_t& id);

} // namespace gateways::sandbox::grid_proxy
