#include "gateways/sandbox/stripe/scratch.hpp"

#include <boost/json/monotonic_resource.hpp>

#include <array>
#include <cstddef>
#include <memory>

namespace gateways::sandbox::stripe {

namespace {

struct Memory {
    std::array<unsigned char, 128 * 1024> first; // Enough for most calls.
    boost::json::monotonic_resource resource{first.data(), first.size()};
};

Memory& memory() {
    thread_local const std::unique_ptr<Memory> memory = std::make_unique<Memory>();
    return *memory;
}

} // namespace

boost::json::storage_ptr scratch() { return &memory().resource; }

void clear_scratch() { memory().resource.release(); }

} // namespace gateways::sandbox::stripe
