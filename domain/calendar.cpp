#include "domain/calendar.hpp"

#include "domain/contract.hpp"

#include <chrono>

namespace domain {

Time add_days(Time from, std::int64_t days) {
    return {from.milliseconds + days * milliseconds_per_day};
}

Time add_months(Time from, std::uint32_t months) {
    using namespace std::chrono;
    const sys_time<milliseconds> moment{milliseconds{from.milliseconds}};
    const sys_days day = floor<days>(moment);
    const year_month_day date{day};
    expects(months <= 12'000, "a period is within a thousand years");
    const year_month month = date.year() / date.month() + std::chrono::months{months};
    const auto last = (month / std::chrono::last).day();
    const auto clipped = date.day() < last ? date.day() : last;
    const sys_time<milliseconds> later = sys_days{month / clipped} + (moment - day);
    return {later.time_since_epoch().count()};
}

Time period_start(Time first, std::uint32_t period) {
    expects(period > 0, "periods are counted from one");
    return add_months(first, period - 1);
}

} // namespace domain
