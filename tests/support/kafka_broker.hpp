// The broker that tests run against, and a log of their own on it.

#pragma once

#include "bus/kafka/kafka.hpp"

#include <string>

namespace tests {

// From MARKETPLACE_KAFKA. Throws, and says how to start one, when it is not set.
std::string kafka_brokers();

// The second door of the same broker (see compose/kafka/README.md): where a proxy connects to,
// and where it has to listen.
int kafka_proxied_port();
int kafka_proxy_port();

// Options for a log that no other test has. Its topics are deleted with the object.
class KafkaTopics {
public:
    explicit KafkaTopics(int partitions = 2);
    ~KafkaTopics();
    KafkaTopics(const KafkaTopics&) = delete;
    KafkaTopics& operator=(const KafkaTopics&) = delete;

    const bus::kafka::Options& options() const { return options_; }

private:
    bus::kafka::Options options_;
};

} // namespace tests
