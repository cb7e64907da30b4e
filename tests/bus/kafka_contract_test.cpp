// The log on Kafka keeps every promise on a real broker.

#include "bus/kafka/kafka.hpp"
#include "tests/bus/contract.hpp"
#include "tests/support/kafka_broker.hpp"

namespace tests {

namespace {

class KafkaStorage final : public LogStorage {
public:
    std::unique_ptr<bus::Log> open(int partitions) override {
        bus::kafka::Options options = topics_.options();
        options.partitions = partitions;
        return bus::kafka::open(options);
    }

    // Each partition shows a transaction when its own marker is written.
    bool visible_at_once() const override { return false; }
    // librdkafka's own thread keeps up the membership of an owner that does not poll; one whose
    // process is frozen is in kafka_ownership_test.cpp.
    bool takes_from_the_silent() const override { return false; }

private:
    KafkaTopics topics_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract,
                         testing::Values(LogKind{"broker",
                                                 [] { return std::make_unique<KafkaStorage>(); }}),
                         kind_name);

} // namespace

} // namespace tests
