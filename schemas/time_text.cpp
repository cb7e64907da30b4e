// Times as RFC 3339 in UTC, without leap seconds.

#include "schemas/scalars.hpp"

namespace schemas {

namespace {

using domain::Time;

constexpr std::int64_t day_milliseconds = 86'400'000;

// Days since 1970-01-01 in the proleptic Gregorian calendar, and back: years begin in March, so
// that the leap day is the last, and repeat every 400 years of 146,097 days.
constexpr std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t in_era = year - era * 400;
    const std::int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146'097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719'468;
}

struct Date {
    std::int64_t year, month, day;
};

constexpr Date date_of(std::int64_t days) {
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t in_era = days - era * 146'097;
    const std::int64_t of_era =
        (in_era - in_era / 1'460 + in_era / 36'524 - in_era / 146'096) / 365;
    const std::int64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    const std::int64_t shifted = (5 * in_year + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {of_era + era * 400 + (month <= 2 ? 1 : 0), month,
            in_year - (153 * shifted + 2) / 5 + 1};
}

constexpr std::int64_t time_min = days_of(0, 1, 1) * day_milliseconds;
constexpr std::int64_t time_max = days_of(10'000, 1, 1) * day_milliseconds - 1;

constexpr std::int64_t days_in(std::int64_t year, std::int64_t month) {
    return month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1);
}

// The number that `count` digits at `at` make, or -1.
std::int64_t digits(std::string_view text, std::size_t at, std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

void put(char* to, std::size_t count, std::int64_t number) {
    for (std::size_t i = count; i-- > 0; number /= 10)
        to[i] = static_cast<char>('0' + number % 10);
}

} // namespace

void append_time(Time time, std::string& out) {
    const std::int64_t all = time.milliseconds;
    domain::expects(all >= time_min && all <= time_max, "a time on the wire has a four-digit year");
    std::int64_t days = all / day_milliseconds, rest = all % day_milliseconds;
    if (rest < 0) {
        --days;
        rest += day_milliseconds;
    }
    const auto [year, month, day] = date_of(days);
    char text[] = "0000-00-00T00:00:00.000Z";
    put(text, 4, year);
    put(text + 5, 2, month);
    put(text + 8, 2, day);
    put(text + 11, 2, rest / 3'600'000);
    put(text + 14, 2, rest / 60'000 % 60);
    put(text + 17, 2, rest / 1'000 % 60);
    put(text + 20, 3, rest % 1'000);
    out.append(text, sizeof text - 1);
}

std::optional<Time> parse_time(std::string_view text) {
    constexpr std::size_t seconds_end = 19, decimals_max = 9;
    if (text.size() < seconds_end + 1 || text.size() > seconds_end + 2 + decimals_max ||
        text.back() != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const std::int64_t year = digits(text, 0, 4), month = digits(text, 5, 2),
                       day = digits(text, 8, 2), hour = digits(text, 11, 2),
                       minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return std::nullopt;

    std::int64_t milliseconds = 0;
    if (const std::size_t decimals = text.size() - seconds_end - 1; decimals > 0) {
        if (text[seconds_end] != '.' || decimals == 1 ||
            digits(text, seconds_end + 1, decimals - 1) < 0)
            return std::nullopt;
        for (std::size_t i = 0; i < 3; ++i)
            milliseconds =
                milliseconds * 10 + (i < decimals - 1 ? text[seconds_end + 1 + i] - '0' : 0);
    }
    return Time{days_of(year, month, day) * day_milliseconds + hour * 3'600'000 + minute * 60'000 +
                second * 1'000 + milliseconds};
}

void write_time(Time time, std::string& out) {
    out += '"';
    append_time(time, out);
    out += '"';
}

bool read_time(const Json& json, Time& out, Reading& reading) {
    std::string_view text;
    if (!read_text_view(json, text, reading)) return false;
    const auto time = parse_time(text);
    if (!time) return reading.fail("is not a time as 2026-04-01T12:00:00.000Z");
    out = *time;
    return true;
}

} // namespace schemas
