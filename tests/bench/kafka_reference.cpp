// What a broker takes from bare librdkafka: transactions of records of one size, one after the
// other, as fast as they go. What our log reaches on the same broker is compared with this.
// It shares no code with bus/kafka/, so that a mistake there does not slow both.

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int patience_ms = 30'000;

struct Arguments {
    std::string brokers = "127.0.0.1:19092";
    std::size_t record_bytes = 300;
    int batch = 1000; // Records in a transaction.
    double seconds = 10;
    int partitions = 8;
};

constexpr const char* usage =
    "usage: kafka_reference [--brokers HOST:PORT] [--bytes N] [--batch N] [--seconds S]\n"
    "                       [--partitions N]\n"
    "\n"
    "Commits transactions of N records of N bytes each with bare librdkafka, on a topic of its\n"
    "own that it deletes, and prints one line of JSON: records/s, ms per transaction (p50, p99),\n"
    "us of CPU per record. Warm the broker before (compose/kafka/warm).\n"
    "Defaults: 127.0.0.1:19092, 300 bytes, batches of 1000, 10 seconds, 8 partitions.\n";

void check(rd_kafka_error_t* error, const char* what) {
    if (error == nullptr) return;
    const std::string reason = std::string{what} + ": " + rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error{reason};
}

void set(rd_kafka_conf_t* conf, const char* key, const std::string& value) {
    std::array<char, 256> why{};
    if (rd_kafka_conf_set(conf, key, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
        throw std::runtime_error{why.data()};
}

std::size_t undelivered = 0;

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error{rd_kafka_err2str(message->err)};
    --undelivered;
}

rd_kafka_t* producer(const Arguments& arguments, const std::string& id) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", arguments.brokers);
    set(conf, "transactional.id", id);
    set(conf, "socket.nagle.disable", "true");
    set(conf, "linger.ms", "0");
    set(conf, "batch.num.messages", "100000");
    set(conf, "queue.buffering.max.messages", "10000000");
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    std::array<char, 256> why{};
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
    if (client == nullptr) throw std::runtime_error{why.data()};
    return client;
}

void create(rd_kafka_t* client, const std::string& topic, int partitions) {
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0);
    rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
    rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, patience_ms);
    if (answer == nullptr) throw std::runtime_error{"the broker does not answer"};
    rd_kafka_event_destroy(answer);
    rd_kafka_NewTopic_destroy(wanted);
    rd_kafka_queue_destroy(queue);
}

bool every_partition_has_a_leader(rd_kafka_t* client, rd_kafka_topic_t* topic, int partitions) {
    const struct rd_kafka_metadata* metadata = nullptr;
    if (rd_kafka_metadata(client, 0, topic, &metadata, patience_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    int led = 0;
    for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
        if (metadata->topics[0].partitions[i].leader >= 0) ++led;
    rd_kafka_metadata_destroy(metadata);
    return led == partitions;
}

void remove(rd_kafka_t* client, const std::string& topic) {
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
    rd_kafka_DeleteTopics(client, &unwanted, 1, nullptr, queue);
    rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, patience_ms);
    if (answer != nullptr) rd_kafka_event_destroy(answer);
    rd_kafka_DeleteTopic_destroy(unwanted);
    rd_kafka_queue_destroy(queue);
}

void commit_one(rd_kafka_t* client, rd_kafka_topic_t* topic,
                std::vector<rd_kafka_message_t>& messages) {
    check(rd_kafka_begin_transaction(client), "begin");
    const auto wanted = static_cast<int>(messages.size());
    if (rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_PARTITION,
                               messages.data(), wanted) != wanted)
        throw std::runtime_error{"a record was not taken"};
    undelivered = messages.size();
    while (undelivered > 0)
        rd_kafka_poll(client, 100);
    check(rd_kafka_commit_transaction(client, -1), "commit");
}

double cpu_us() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

void measure(const Arguments& arguments) {
    const std::string topic_name = "reference-" + std::to_string(std::random_device{}());
    rd_kafka_t* client = producer(arguments, topic_name);
    create(client, topic_name, arguments.partitions);
    check(rd_kafka_init_transactions(client, patience_ms), "init");
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, topic_name.c_str(), nullptr);

    while (!every_partition_has_a_leader(client, topic, arguments.partitions))
        std::this_thread::sleep_for(std::chrono::milliseconds{50});

    std::string value(arguments.record_bytes, 'x');
    std::vector<rd_kafka_message_t> messages(static_cast<std::size_t>(arguments.batch));
    int next = 0;
    for (rd_kafka_message_t& message : messages) {
        message.partition = next++ % arguments.partitions;
        message.payload = value.data();
        message.len = value.size();
    }
    // The first takes a second, which is not the broker's.
    commit_one(client, topic, messages);

    std::vector<double> times;
    const double cpu_before = cpu_us();
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration<double>{arguments.seconds};
    auto last = begin;
    while (last < end) {
        commit_one(client, topic, messages);
        const auto now = Clock::now();
        times.push_back(std::chrono::duration<double, std::milli>(now - last).count());
        last = now;
    }
    const double elapsed = std::chrono::duration<double>(last - begin).count();
    const double records = static_cast<double>(times.size()) * arguments.batch;
    std::ranges::sort(times);
    std::printf("{\"name\": \"kafka.reference\", \"value\": %.0f, \"unit\": \"records/s\", "
                "\"batch\": %d, \"bytes\": %zu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, "
                "\"cpu_us\": %.2f}\n",
                records / elapsed, arguments.batch, arguments.record_bytes, times[times.size() / 2],
                times[times.size() * 99 / 100], (cpu_us() - cpu_before) / records);
    remove(client, topic_name);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
}

Arguments parse(std::span<char*> words) {
    Arguments arguments;
    for (std::size_t i = 1; i < words.size(); i += 2) {
        const std::string name = words[i];
        if (name == "--help" || name == "-h") {
            std::cout << usage;
            std::exit(0);
        }
        if (i + 1 == words.size()) throw std::invalid_argument{name + " needs a value"};
        const std::string value = words[i + 1];
        if (name == "--brokers")
            arguments.brokers = value;
        else if (name == "--bytes")
            arguments.record_bytes = std::stoul(value);
        else if (name == "--batch")
            arguments.batch = std::stoi(value);
        else if (name == "--seconds")
            arguments.seconds = std::stod(value);
        else if (name == "--partitions")
            arguments.partitions = std::stoi(value);
        else
            throw std::invalid_argument{"unknown argument '" + name + "'"};
    }
    if (arguments.batch < 1 || arguments.partitions < 1)
        throw std::invalid_argument{"--batch and --partitions are 1 or more"};
    return arguments;
}

} // namespace

int main(int count, char** words) {
    try {
        measure(parse({words, static_cast<std::size_t>(count)}));
    } catch (const std::exception& error) {
        std::cerr << "kafka_reference: " << error.what() << "\n" << usage;
        return 1;
    }
}
