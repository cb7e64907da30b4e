// What the machine's clock says now.

#pragma once

#include "domain/time.hpp"

#include <chrono>

namespace gateways {

inline domain::Time wall_time() {
    return {std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count()};
}

} // namespace gateways
