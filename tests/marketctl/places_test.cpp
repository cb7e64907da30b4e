// Where a log is, and that a running system's is left alone.

#include "gateways/marketctl/places.hpp"

#include "tests/marketctl/story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gateways::marketctl::parse_place;
using gateways::marketctl::Place;
using testing::HasSubstr;

TEST(Places, AreReadFromText) {
    const Place embedded = parse_place("embedded:/var/lib/market");
    EXPECT_FALSE(embedded.on_kafka);
    EXPECT_EQ(embedded.data, "/var/lib/market");

    const Place kafka = parse_place("kafka:b1:9092,[::1]:9093/shop.@desk");
    EXPECT_TRUE(kafka.on_kafka);
    EXPECT_EQ(kafka.kafka.brokers, "b1:9092,[::1]:9093");
    EXPECT_EQ(kafka.kafka.prefix, "shop.");
    EXPECT_EQ(kafka.kafka.group, "desk");

    const Place bare = parse_place("kafka:b1:9092/");
    EXPECT_EQ(bare.kafka.prefix, "");
    EXPECT_EQ(bare.kafka.group, "marketplace");
}

TEST(Places, AreRefusedWhenTheyAreNone) {
    for (const char* text : {"", "embedded:", "kafka:", "kafka:b1:9092", "kafka:/x", "kafka:b:1/x@",
                             "/var/lib/market"})
        EXPECT_THROW(parse_place(text), std::invalid_argument) << text;
}

TEST(Places, ARunningSystemsLogIsOnlyRead) {
    const tests::TemporaryFolder folder;
    Place place;
    place.data = folder.path();
    EXPECT_THROW(gateways::marketctl::open_running(place), bus::Error);
    EXPECT_THROW(gateways::marketctl::open_stopped(place), bus::Error);
    EXPECT_THROW(gateways::marketctl::open_to_append(place), bus::Error);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "log"));
    {
        const auto server = tests::small_log(folder.path() / "log", 5);
        EXPECT_EQ(gateways::marketctl::open_running(place)->partitions(), 5);
        EXPECT_THROW(gateways::marketctl::open_stopped(place), bus::Error);
        EXPECT_THROW(gateways::marketctl::open_to_append(place), bus::Error);
        EXPECT_THROW(gateways::marketctl::open_target(place, 5), bus::Error);
    }
    {
        const auto stopped = gateways::marketctl::open_stopped(place);
        EXPECT_EQ(stopped.log->partitions(), 5);
        // No server can start while it is held.
        EXPECT_THROW(tests::small_log(folder.path() / "log", 5), bus::Error);
    }
    EXPECT_THROW(gateways::marketctl::open_target(place, 4), bus::Error);
    EXPECT_EQ(gateways::marketctl::open_target(place, 5)->partitions(), 5);
}

TEST(Places, TheSameLogIsKnownByAnyName) {
    const tests::TemporaryFolder folder;
    Place one, same, other;
    one.data = folder.path();
    same.data = folder.path() / "log" / "..";
    other.data = folder.path() / "other";
    std::filesystem::create_directories(folder.path() / "log");
    EXPECT_TRUE(gateways::marketctl::same_place(one, same));
    EXPECT_FALSE(gateways::marketctl::same_place(one, other));
    EXPECT_TRUE(
        gateways::marketctl::same_place(parse_place("kafka:b:1/x"), parse_place("kafka:b:1/x")));
    EXPECT_FALSE(
        gateways::marketctl::same_place(parse_place("kafka:b:1/x"), parse_place("kafka:b:1/y")));
    EXPECT_FALSE(gateways::marketctl::same_place(parse_place("kafka:b:1/x"), one));
}

} // namespace
