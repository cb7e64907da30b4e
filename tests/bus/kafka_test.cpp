// The log on a real broker: topics, settings, reading, looking up, and a broker that goes away.

#include "bus/kafka/kafka.hpp"

#include "tests/support/kafka_broker.hpp"
#include "tests/support/kafka_instance.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace bus {

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using tests::eventually;
using tests::KafkaTopics;

std::string refusal(const kafka::Options& options) {
    try {
        kafka::open(options);
    } catch (const Error& error) {
        return error.what();
    }
    return "opened";
}

// Values up to the end of the partition, once there are so many: a commit returns a moment before
// its markers are written. The reader has to be seen to get to the end.
std::vector<std::string> values(Log& log, Topic topic, int partition, std::size_t count) {
    std::vector<std::string> found;
    eventually([&] {
        found.clear();
        const Offset end = log.end(topic, partition);
        const auto reader = log.read(topic, {{partition, 0}});
        EXPECT_TRUE(eventually([&] {
            for (const Record& record : reader->read(1U << 20U, 100ms))
                found.emplace_back(record.value);
            return reader->position().front().offset >= end;
        })) << "the reader stands at "
            << reader->position().front().offset << " of " << end;
        return found.size() >= count;
    });
    return found;
}

Transaction of(std::initializer_list<std::string_view> events) {
    Transaction transaction;
    for (const std::string_view event : events)
        transaction.append(Topic::events, 0, "stream", event);
    return transaction;
}

TEST(KafkaTopics, AreFixedInTheirCount) {
    const KafkaTopics topics{2};
    EXPECT_EQ(kafka::open(topics.options())->partitions(), 2);

    kafka::Options other = topics.options();
    other.partitions = 3;
    EXPECT_THAT(refusal(other), AllOf(HasSubstr("2 partitions"), HasSubstr("asks for 3"),
                                      HasSubstr("start with 2")));
    EXPECT_EQ(kafka::open(topics.options())->partitions(), 2) << "the refusal changed something";
}

TEST(KafkaSettings, NameTheOneThatIsUnknown) {
    kafka::Options options = KafkaTopics{}.options();
    options.settings["no.such.setting"] = "1";
    EXPECT_THAT(refusal(options), HasSubstr("no.such.setting"));
}

TEST(KafkaSettings, NameTheOneWithAWrongValue) {
    kafka::Options options = KafkaTopics{}.options();
    options.settings["security.protocol"] = "pigeon";
    EXPECT_THAT(refusal(options), AllOf(HasSubstr("security.protocol"), HasSubstr("pigeon")));
}

TEST(KafkaSettings, AreNotFreeWhereThePromisesRestOnThem) {
    kafka::Options options = KafkaTopics{}.options();
    options.settings["isolation.level"] = "read_uncommitted";
    EXPECT_THAT(refusal(options), AllOf(HasSubstr("isolation.level"), HasSubstr("not free")));
}

TEST(KafkaSettings, ReachTheClients) {
    const KafkaTopics topics;
    kafka::Options options = topics.options();
    options.settings["message.max.bytes"] = "2000";
    const auto log = kafka::open(options);
    EXPECT_THROW(log->append(of({std::string(3000, 'x')})), Error);
    log->append(of({"small"}));
    EXPECT_THAT(values(*log, Topic::events, 0, 1), ElementsAre("small"));
}

TEST(KafkaSettings, OfAProtocolThatTheBrokerDoesNotSpeakAreAnErrorAndNotAHang) {
    const KafkaTopics topics;
    kafka::Options options = topics.options();
    options.settings["security.protocol"] = "ssl";
    options.patience = 2s;
    EXPECT_THAT(refusal(options), HasSubstr("does not answer"));
}

TEST(KafkaLog, ReadsWhatWasAppendedAndIsSeenToReachTheEnd) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    log->append(of({"one", "two"}));
    log->append(of({"three"}));
    EXPECT_THAT(values(*log, Topic::events, 0, 3), ElementsAre("one", "two", "three"));
    EXPECT_THAT(values(*log, Topic::events, 1, 0), IsEmpty());
}

TEST(KafkaLog, TakesTheLargestRecordAndNoLarger) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    const std::string key(key_bytes_max, 'k');
    Transaction largest;
    largest.append(Topic::events, 0, key, std::string(value_bytes_max, 'v'));
    log->append(largest);
    Transaction larger;
    larger.append(Topic::events, 0, key, std::string(value_bytes_max + 1, 'v'));
    EXPECT_THROW(log->append(larger), Error);
    const auto found = values(*log, Topic::events, 0, 1);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().size(), value_bytes_max);
}

TEST(KafkaLog, LooksUpSingleRecords) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    Transaction many;
    for (int i = 0; i < 1000; ++i)
        many.append(Topic::events, 0, "stream", std::to_string(i));
    log->append(many); // Offsets 0 to 999, the marker at 1000.
    log->append(of({"after"}));
    ASSERT_TRUE(eventually([&] { return log->end(Topic::events, 0) > 1001; }));

    const std::vector<Offset> offsets{0, 7, 8, 999, 1001};
    EXPECT_THAT(log->fetch(Topic::events, 0, offsets), ElementsAre("0", "7", "8", "999", "after"));
    const std::vector<Offset> marker{999, 1000};
    EXPECT_THROW(log->fetch(Topic::events, 0, marker), Error);
    const std::vector<Offset> beyond{5000};
    EXPECT_THROW(log->fetch(Topic::events, 0, beyond), Error);
    const std::vector<Offset> again{3};
    EXPECT_THAT(log->fetch(Topic::events, 0, again), ElementsAre("3"));
}

TEST(KafkaLog, RefusesToReadFromBeyondTheEnd) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    EXPECT_THROW(log->read(Topic::events, {{0, 10}}), Error);
}

TEST(KafkaLog, KeepsThePositionsThatAnAppendCarries) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    EXPECT_EQ(log->consumed(0), 0);
    Transaction copied;
    copied.append(Topic::commands, 0, "stream", "a");
    copied.append(Topic::commands, 0, "stream", "b");
    copied.consumed(0, 2);
    log->append(copied);
    EXPECT_EQ(log->consumed(0), 2) << "a pending position is waited for";
    EXPECT_EQ(log->consumed(1), 0);
}

TEST(KafkaLog, PostsWithoutWaiting) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    const auto reader = log->read(Topic::outcomes, {{1, 0}});
    EXPECT_TRUE(log->post(Topic::outcomes, 1, "reply-7", "done"));
    EXPECT_FALSE(log->post(Topic::outcomes, 1, "k", std::string(value_bytes_max + 1, 'x')));
    EXPECT_TRUE(eventually([&] {
        const auto records = reader->read(1000, 100ms);
        return !records.empty() && records.front().key == "reply-7" &&
               records.front().value == "done";
    }));
}

TEST(KafkaLog, BoundsWhatIsPosted) {
    const KafkaTopics topics;
    kafka::Options options = topics.options();
    options.post_records = 100;
    options.brokers = "127.0.0.1:" + std::to_string(tests::kafka_proxy_port());
    tests::TcpProxy proxy{tests::kafka_proxy_port(), tests::kafka_proxied_port()};
    const auto log = kafka::open(options);
    proxy.refuse(true);
    proxy.cut();
    int taken = 0;
    while (taken < 1000 && log->post(Topic::outcomes, 0, "k", "v"))
        ++taken;
    EXPECT_LE(taken, 100);
}

TEST(KafkaLog, WakesAReaderThatWaits) {
    const KafkaTopics topics;
    const auto log = kafka::open(topics.options());
    const auto reader = log->read(Topic::events, {{0, 0}});
    const auto begin = std::chrono::steady_clock::now();
    reader->wake();
    EXPECT_THAT(reader->read(1000, 50s), IsEmpty());
    std::thread waker{[&] { reader->wake(); }};
    EXPECT_THAT(reader->read(1000, 50s), IsEmpty());
    waker.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 40s);
}

TEST(KafkaLog, TellsItsTroubleUntilItIsOver) {
    const KafkaTopics topics;
    kafka::Options options = topics.options();
    options.brokers = "127.0.0.1:" + std::to_string(tests::kafka_proxy_port());
    tests::TcpProxy proxy{tests::kafka_proxy_port(), tests::kafka_proxied_port()};
    const auto log = kafka::open(options);
    const auto reader = log->read(Topic::events, {{0, 0}});
    EXPECT_EQ(log->trouble(), "");

    proxy.refuse(true);
    proxy.cut();
    EXPECT_TRUE(eventually([&] { return !log->trouble().empty(); }));
    EXPECT_THAT(reader->read(1000, 10ms), IsEmpty()) << "an absent broker is waited for";

    proxy.refuse(false);
    EXPECT_TRUE(eventually([&] { return log->trouble().empty(); })) << log->trouble();
    log->append(of({"after"}));
    EXPECT_TRUE(eventually([&] { return !reader->read(1000, 100ms).empty(); }));
}

} // namespace

} // namespace bus
