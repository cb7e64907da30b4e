#include "bus/kafka/client.hpp"

#include <random>
#include <set>

namespace bus::kafka {

namespace {

// The promises of the log rest on these; another value would break one without a word.
const std::set<std::string, std::less<>> ours{
    "acks",
    "request.required.acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "metadata.broker.list",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "isolation.level",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "partition.assignment.strategy",
    "session.timeout.ms",
    "transaction.timeout.ms",
    "transactional.id",
};

constexpr std::size_t error_text_max = 512;

Callbacks& callbacks_of(void* opaque) { return *static_cast<Callbacks*>(opaque); }

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
        code == RD_KAFKA_RESP_ERR__SSL)
        callbacks_of(opaque).context.set_trouble(std::string{"Kafka cannot be used: "} + reason);
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* line) {
    const auto& log = callbacks_of(rd_kafka_opaque(client)).context.options().log;
    if (log) log(level, std::string{facility} + ": " + line);
}

void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                  rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    callbacks_of(opaque).rebalanced(code, partitions);
}

} // namespace

Context::Context(Options options)
    : options_{std::move(options)}, group_{options_.prefix + options_.group} {
    for (const Topic topic : all_topics)
        topics_[static_cast<std::size_t>(topic)] = options_.prefix + std::string{name(topic)};
    for (const auto& [key, value] : options_.settings)
        if (ours.contains(key))
            throw Error{"Kafka: the setting '" + key +
                        "' is not free: the log's promises rest on it"};
}

std::string Context::trouble() const {
    const std::lock_guard lock{mutex_};
    return trouble_;
}

void Context::set_trouble(std::string reason) {
    const std::lock_guard lock{mutex_};
    trouble_ = std::move(reason);
}

namespace {

void set(rd_kafka_conf_t* configuration, const char* key, const std::string& value) {
    std::array<char, error_text_max> why{};
    if (rd_kafka_conf_set(configuration, key, value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK)
        throw Error{"Kafka: the setting '" + std::string{key} + "' = '" + value +
                    "' is refused: " + why.data()};
}

rd_kafka_t* make(rd_kafka_type_t type, Configuration configuration) {
    std::array<char, error_text_max> why{};
    rd_kafka_t* client = rd_kafka_new(type, configuration.get(), why.data(), why.size());
    if (client == nullptr) throw Error{std::string{"Kafka: no client can be made: "} + why.data()};
    // It belongs to the client now.
    static_cast<void>(configuration.release());
    return client;
}

} // namespace

Configuration configuration(Callbacks& callbacks, Settings settings) {
    const Options& options = callbacks.context.options();
    Configuration made{rd_kafka_conf_new()};
    set(made.get(), "bootstrap.servers", options.brokers);
    set(made.get(), "client.id", "marketplace");
    // Waiting for a full packet costs 40 ms on every exchange.
    set(made.get(), "socket.nagle.disable", "true");
    set(made.get(), "reconnect.backoff.ms", "50");
    set(made.get(), "reconnect.backoff.max.ms", "1000");
    // The largest record with its key, as a broker allows by default; librdkafka's own is less.
    set(made.get(), "message.max.bytes", "1048588");
    for (const auto& [key, value] : settings)
        set(made.get(), key, value);
    for (const auto& [key, value] : options.settings)
        set(made.get(), key.c_str(), value);
    rd_kafka_conf_set_opaque(made.get(), &callbacks);
    rd_kafka_conf_set_error_cb(made.get(), on_error);
    rd_kafka_conf_set_log_cb(made.get(), on_log);
    if (callbacks.rebalanced) rd_kafka_conf_set_rebalance_cb(made.get(), on_rebalance);
    return made;
}

Consumer make_consumer(Callbacks& callbacks, Isolation isolation, Settings settings) {
    Configuration made = configuration(callbacks, settings);
    set(made.get(), "group.id", callbacks.context.group());
    set(made.get(), "enable.auto.commit", "false");
    set(made.get(), "enable.auto.offset.store", "false");
    set(made.get(), "auto.offset.reset", "earliest");
    set(made.get(), "isolation.level",
        isolation == Isolation::committed ? "read_committed" : "read_uncommitted");
    Consumer consumer{make(RD_KAFKA_CONSUMER, std::move(made))};
    // Errors and callbacks arrive on the queue its records arrive on.
    rd_kafka_poll_set_consumer(consumer.get());
    return consumer;
}

Client make_producer(Configuration configuration) {
    return Client{make(RD_KAFKA_PRODUCER, std::move(configuration))};
}

std::string learn(rd_kafka_t* client, rd_kafka_topic_t* topic, int partitions, milliseconds wait) {
    const struct rd_kafka_metadata* raw = nullptr;
    const rd_kafka_resp_err_t code =
        rd_kafka_metadata(client, 0, topic, &raw, static_cast<int>(wait.count()));
    const Metadata metadata{raw};
    const std::string name = rd_kafka_topic_name(topic);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return "Kafka: nothing is known of the topic '" + name + "': " + text(code);
    if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt != partitions)
        return "Kafka: the topic '" + name + "' is not what it was when the log was opened";
    return {};
}

std::string random_part() {
    std::random_device random;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < 2; ++i)
        for (auto [bits, left] = std::pair{random(), 8}; left > 0; --left, bits >>= 4U)
            text += digits[bits & 15U];
    return text;
}

} // namespace bus::kafka
