#include "tests/support/kafka_broker.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <vector>

namespace tests {

namespace {

constexpr int proxied_after = 2;
constexpr int proxy_after = 3;
constexpr int patience_ms = 20'000;

int port() {
    const std::string brokers = kafka_brokers();
    const auto colon = brokers.rfind(':');
    if (colon == std::string::npos)
        throw std::runtime_error{"MARKETPLACE_KAFKA='" + brokers + "' has no port"};
    return std::stoi(brokers.substr(colon + 1));
}

} // namespace

std::string kafka_brokers() {
    const char* brokers = std::getenv("MARKETPLACE_KAFKA");
    if (brokers == nullptr || *brokers == '\0')
        throw std::runtime_error{"these tests need a Kafka broker. Start one and name it:\n"
                                 "    export MARKETPLACE_KAFKA=$(compose/kafka/start)"};
    return brokers;
}

int kafka_proxied_port() { return port() + proxied_after; }
int kafka_proxy_port() { return port() + proxy_after; }

KafkaTopics::KafkaTopics(int partitions) {
    options_.brokers = kafka_brokers();
    options_.prefix = "test-" + std::to_string(std::random_device{}()) + "-";
    options_.partitions = partitions;
}

KafkaTopics::~KafkaTopics() {
    std::array<char, 256> why{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", options_.brokers.c_str(), nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
    if (client == nullptr) {
        rd_kafka_conf_destroy(conf);
        return;
    }
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (const bus::Topic topic : bus::all_topics)
        topics.push_back(
            rd_kafka_DeleteTopic_new((options_.prefix + std::string{bus::name(topic)}).c_str()));
    rd_kafka_DeleteTopics(client, topics.data(), topics.size(), nullptr, queue);
    rd_kafka_event_t* done = rd_kafka_queue_poll(queue, patience_ms);
    if (done != nullptr) rd_kafka_event_destroy(done);
    rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
}

} // namespace tests
