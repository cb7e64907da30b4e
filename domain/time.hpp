// A moment, as it arrives with a command. domain/ has no clock.

#pragma once

#include <compare>
#include <cstdint>

namespace domain {

// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds. On the wire RFC 3339 in UTC
// with three decimals: "2026-04-01T12:00:00.000Z".
struct Time {
    std::int64_t milliseconds = 0;

    friend auto operator<=>(const Time&, const Time&) = default;
};

} // namespace domain
