// What is written reads back equal, and is written again as the same bytes.

#include "schemas/messages.hpp"
#include "tests/schemas/random_values.hpp"
#include "tests/schemas/sample.hpp"

#include <gtest/gtest.h>

namespace tests {

namespace {

template <class T>
void round_trip(RandomValues& values) {
    T value;
    values.fill(value);
    const std::string text = written(value);
    const auto again = read_strictly<T>(text);
    ASSERT_TRUE(again) << again.error().where << " " << again.error().problem << ": " << text;
    EXPECT_TRUE(*again == value) << text;
    EXPECT_EQ(written(*again), text);
}

template <class Variant>
void round_trip_message(RandomValues& values, std::size_t which) {
    Variant message;
    values.fill_message(message, which);
    std::string text, text_again;
    schemas::write_data(message, text);
    schemas::Parser parser;
    const auto json = parser.parse(text, text.size()).value();
    const auto type = schemas::type_of(message);
    const auto again = schemas::read_data<Variant>(type, json, schemas::Unknown::refuse);
    ASSERT_TRUE(again) << again.error().where << " " << again.error().problem << ": " << text;
    EXPECT_TRUE(*again == message) << text;
    schemas::write_data(*again, text_again);
    EXPECT_EQ(text_again, text);
}

TEST(RoundTrip, KeepsValuesOfEveryKind) {
    RandomValues values{1};
    for (int i = 0; i < 3'000 && !testing::Test::HasFailure(); ++i)
        round_trip<Sample>(values);
}

TEST(RoundTrip, KeepsPayments) {
    RandomValues values{2};
    for (int i = 0; i < 2'000 && !testing::Test::HasFailure(); ++i)
        round_trip<domain::Payment>(values);
}

TEST(RoundTrip, KeepsEveryMessage) {
    RandomValues values{3};
    for (int i = 0; i < 100 && !testing::Test::HasFailure(); ++i) {
        for (std::size_t at = 0; at < std::variant_size_v<domain::PaymentCommand>; ++at)
            round_trip_message<domain::PaymentCommand>(values, at);
        for (std::size_t at = 0; at < std::variant_size_v<domain::PaymentEvent>; ++at)
            round_trip_message<domain::PaymentEvent>(values, at);
    }
}

} // namespace

} // namespace tests
