// On Kafka there is no lock: who takes part in the group tells that a system runs.

#include "gateways/marketctl/log_copy.hpp"
#include "gateways/marketctl/places.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/kafka_broker.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace {

using gateways::marketctl::NoProgress;
using gateways::marketctl::Place;

TEST(KafkaPlaces, ARunningSystemIsOnlyRead) {
    const tests::KafkaTopics topics{2};
    Place place;
    place.on_kafka = true;
    place.kafka = topics.options();
    place.kafka.partitions = 0; // It is found out.

    // Looking for a log makes none.
    EXPECT_THROW(gateways::marketctl::open_running(place), bus::Error);
    EXPECT_THROW(gateways::marketctl::open_stopped(place), bus::Error);
    EXPECT_THROW(gateways::marketctl::open_running(place), bus::Error);

    EXPECT_EQ(gateways::marketctl::open_target(place, 2)->partitions(), 2);
    EXPECT_THROW(gateways::marketctl::open_target(place, 3), bus::Error);

    const auto server = bus::kafka::open(topics.options());
    const auto owner = server->own("market-1/0");
    bus::Turn turn;
    for (std::size_t gained = 0; gained < 2; gained += turn.gained.size())
        owner->poll(turn, 1, bus::milliseconds{100});
    EXPECT_EQ(gateways::marketctl::open_running(place)->partitions(), 2);
    EXPECT_EQ(gateways::marketctl::open_to_append(place)->partitions(), 2);
    EXPECT_THROW(gateways::marketctl::open_stopped(place), bus::Error);
    EXPECT_THROW(gateways::marketctl::open_target(place, 2), bus::Error);
    owner->leave();
    EXPECT_EQ(gateways::marketctl::open_stopped(place).log->partitions(), 2);
}

TEST(KafkaPlaces, ATargetThatHasWorkedIsRefused) {
    const tests::KafkaTopics topics{tests::story_partitions};
    const tests::TemporaryFolder folder;
    const auto source = tests::log_of(folder.path() / "log", tests::chained(tests::drafts()));
    const auto target = bus::kafka::open(topics.options());
    bus::Transaction worked;
    worked.append(bus::Topic::commands, 0, "key", "a command");
    target->append(worked);
    worked.clear();
    worked.consumed(0, 1);
    target->append(worked);
    NoProgress progress;
    EXPECT_THROW(gateways::marketctl::copy_log(*source, *target, {}, progress),
                 gateways::marketctl::NoCopy);
    EXPECT_EQ(target->end(bus::Topic::events, 0), 0);
}

} // namespace
