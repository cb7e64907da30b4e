// Days and months of the civil calendar in UTC, for periods that follow it.

#pragma once

#include "domain/time.hpp"

#include <cstdint>

namespace domain {

inline constexpr std::int64_t milliseconds_per_day = 86'400'000;

Time add_days(Time from, std::int64_t days);

// The same day of the month and time of the day, `months` later. A day that the month does not
// have is its last one: 31 January, one month later, is 28 or 29 February.
Time add_months(Time from, std::uint32_t months);

// When the n-th period of one month begins, n = 1, 2, 3 ... It is counted from the first start, so
// that a short month does not move those after it; the n-th ends where the next begins.
Time period_start(Time first, std::uint32_t period);

} // namespace domain
