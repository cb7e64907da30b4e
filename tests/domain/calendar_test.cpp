// Months follow the civil calendar, and a short month does not move those after it.

#include "domain/calendar.hpp"

#include "schemas/scalars.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace domain {

namespace {

Time at(std::string_view text) {
    const auto time = schemas::parse_time(text);
    EXPECT_TRUE(time) << text;
    return time.value_or(Time{});
}

std::string text(Time time) {
    std::string out;
    schemas::append_time(time, out);
    return out;
}

TEST(Calendar, KeepsTheDayOfTheMonthAndTheTimeOfTheDay) {
    const Time first = at("2027-04-01T00:00:00.000Z");
    EXPECT_EQ(text(add_months(first, 0)), "2027-04-01T00:00:00.000Z");
    EXPECT_EQ(text(add_months(first, 1)), "2027-05-01T00:00:00.000Z");
    EXPECT_EQ(text(add_months(first, 9)), "2028-01-01T00:00:00.000Z");
    EXPECT_EQ(text(add_months(at("2027-12-15T23:59:59.999Z"), 2)), "2028-02-15T23:59:59.999Z");
}

TEST(Calendar, ClipsADayThatTheMonthDoesNotHave) {
    const Time last = at("2027-01-31T09:41:00.000Z");
    const std::vector<std::string> expected{
        "2027-01-31T09:41:00.000Z", "2027-02-28T09:41:00.000Z", "2027-03-31T09:41:00.000Z",
        "2027-04-30T09:41:00.000Z", "2027-05-31T09:41:00.000Z",
    };
    for (std::uint32_t period = 1; period <= expected.size(); ++period)
        EXPECT_EQ(text(period_start(last, period)), expected[period - 1]);
    EXPECT_EQ(text(period_start(last, 14)), "2028-02-29T09:41:00.000Z");
    EXPECT_EQ(text(add_months(at("2024-02-29T00:00:00.000Z"), 12)), "2025-02-28T00:00:00.000Z");
    EXPECT_EQ(text(add_months(at("2024-02-29T00:00:00.000Z"), 48)), "2028-02-29T00:00:00.000Z");
    // 2100 has no leap day.
    EXPECT_EQ(text(add_months(at("2099-12-31T00:00:00.000Z"), 2)), "2100-02-28T00:00:00.000Z");
}

TEST(Calendar, CountsDaysThatAreAllEquallyLong) {
    EXPECT_EQ(text(add_days(at("2028-02-28T12:00:00.000Z"), 2)), "2028-03-01T12:00:00.000Z");
    EXPECT_EQ(text(add_days(at("2027-01-01T00:00:00.000Z"), -1)), "2026-12-31T00:00:00.000Z");
}

TEST(Calendar, PeriodsAreAdjacentAndOfOneMonth) {
    // Whatever the first day: two years of days, each with three years of periods.
    for (int day = 0; day < 730; ++day) {
        const Time first = add_days(at("2027-01-01T13:30:00.000Z"), day);
        for (std::uint32_t period = 1; period <= 36; ++period) {
            const Time from = period_start(first, period), until = period_start(first, period + 1);
            const auto length = until.milliseconds - from.milliseconds;
            ASSERT_EQ(length % milliseconds_per_day, 0);
            ASSERT_GE(length / milliseconds_per_day, 28);
            ASSERT_LE(length / milliseconds_per_day, 31);
        }
        ASSERT_EQ(text(period_start(first, 13)).substr(4, 4), text(first).substr(4, 4));
    }
}

TEST(Calendar, GoesBackBeforeTheEpochToo) {
    EXPECT_EQ(add_months({-1}, 1).milliseconds, 31 * milliseconds_per_day - 1);
}

} // namespace

} // namespace domain
