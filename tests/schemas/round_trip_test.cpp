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

TEST(RoundTrip, KeepsPackedPayments) {
    RandomValues values{4};
    for (int i = 0; i < 2'000 && !testing::Test::HasFailure(); ++i) {
        domain::Payment payment, again;
        values.fill(payment);
        std::string packed;
        schemas::pack(payment, packed);
        schemas::Packed in{packed};
        schemas::unpack(in, again);
        EXPECT_TRUE(again == payment);
        EXPECT_TRUE(in.rest().empty());
        // Cut anywhere it is refused, not misread.
        schemas::Packed cut{std::string_view{packed}.substr(0, values.below(packed.size()))};
        EXPECT_THROW(schemas::unpack(cut, again), std::runtime_error);
    }
}

struct Narrow {
    std::int32_t one = 0;
    std::optional<std::string> two;
};
BOOST_DESCRIBE_STRUCT(Narrow, (), (one, two))
struct Renamed {
    std::int32_t one = 0;
    std::optional<std::string> three;
};
BOOST_DESCRIBE_STRUCT(Renamed, (), (one, three))
struct Grown {
    std::int32_t one = 0;
    std::optional<std::string> two;
    bool more = false;
};
BOOST_DESCRIBE_STRUCT(Grown, (), (one, two, more))

TEST(PackedLayout, TellsTypesApartThatCannotReadEachOther) {
    EXPECT_NE(schemas::packed_layout<Narrow>(), schemas::packed_layout<Renamed>());
    EXPECT_NE(schemas::packed_layout<Narrow>(), schemas::packed_layout<Grown>());
    EXPECT_EQ(schemas::packed_layout<Narrow>(), schemas::packed_layout<Narrow>());
}

TEST(PackedNumbers, KeepTheirExtremes) {
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                      std::int64_t{-64}, std::int64_t{64}, INT64_MIN, INT64_MAX}) {
        std::string packed;
        schemas::pack(number, packed);
        schemas::Packed in{packed};
        std::int64_t again = 1;
        schemas::unpack(in, again);
        EXPECT_EQ(again, number);
    }
    schemas::Packed endless{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    EXPECT_THROW(endless.number(), std::runtime_error);
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
