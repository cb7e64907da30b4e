// A record with a field of every kind that has a form on the wire.

#pragma once

#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"
#include "schemas/codec.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tests {

using boost::describe::operators::operator==;

enum class Colour { red, dark_blue };
BOOST_DESCRIBE_ENUM(Colour, red, dark_blue)

struct Started {
    static constexpr std::string_view type = "sample.started";
    std::string by;
};
BOOST_DESCRIBE_STRUCT(Started, (), (by))

struct Stopped {
    static constexpr std::string_view type = "sample.stopped";
};
BOOST_DESCRIBE_STRUCT(Stopped, (), ())

using SampleMessage = std::variant<Started, Stopped>;

struct Line {
    std::string text;
    domain::Money amount;
};
BOOST_DESCRIBE_STRUCT(Line, (), (text, amount))

struct Sample {
    bool flag = false;
    std::int64_t wide = 0;
    std::uint64_t count = 0;
    std::int32_t narrow = 0;
    std::uint8_t small = 0;
    std::string text;
    domain::PaymentId id;
    domain::Money money;
    domain::Time time;
    Colour colour = Colour::red;
    domain::Currency currency = domain::Currency::usd;
    std::optional<std::string> note;
    std::optional<Line> extra;
    std::vector<Line> lines;
    std::map<std::string, std::int64_t> counts;
    SampleMessage message;
};
BOOST_DESCRIBE_STRUCT(Sample, (),
                      (flag, wide, count, narrow, small, text, id, money, time, colour, currency,
                       note, extra, lines, counts, message))

template <class T>
std::string written(const T& value) {
    std::string text;
    schemas::write(value, text);
    return text;
}

template <class T>
schemas::Decoded<T> read_strictly(std::string_view text) {
    return schemas::read_text<T>(text, schemas::Unknown::refuse, 1 << 20);
}

// "amount.minor is not an integer", or empty when it can be read.
template <class T>
std::string complaint(std::string_view text, schemas::Unknown unknown = schemas::Unknown::refuse) {
    const auto value = schemas::read_text<T>(text, unknown, 1 << 20);
    if (value) return {};
    const auto& [where, problem] = value.error();
    return where.empty() ? problem : where + " " + problem;
}

} // namespace tests
