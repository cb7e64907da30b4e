// The topics: made when they are missing, refused when they differ.

#include "bus/kafka/cluster.hpp"

#include <chrono>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

namespace bus::kafka {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* seven_days = "604800000";
constexpr const char* one_hour = "3600000";
constexpr const char* for_ever = "-1";
constexpr milliseconds look_again{50};

const char* retention(Topic topic) {
    switch (topic) {
    case Topic::commands: return seven_days;
    case Topic::outcomes: return one_hour;
    case Topic::events:
    case Topic::parked: break;
    }
    return for_ever;
}

struct Found {
    int partitions = 0;
    bool led = true; // Every partition has a leader.
};

// All topics at once: asking for one by its name would create it on brokers that do so.
std::map<std::string, Found> topics(rd_kafka_t* client, int patience) {
    const struct rd_kafka_metadata* raw = nullptr;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(client, 1, nullptr, &raw, patience);
    const Metadata metadata{raw};
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Error{"Kafka does not answer (" + text(code) +
                    "): are the brokers' addresses right, and do they run?"};
    std::map<std::string, Found> found;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        const rd_kafka_metadata_topic& one = metadata->topics[i];
        Found& topic = found[one.topic];
        topic.partitions = one.partition_cnt;
        for (int j = 0; j < one.partition_cnt; ++j)
            if (one.partitions[j].leader < 0) topic.led = false;
    }
    return found;
}

NewTopic described(const Options& options, const std::string& topic, Topic kind) {
    NewTopic made{
        rd_kafka_NewTopic_new(topic.c_str(), options.partitions, options.replication, nullptr, 0)};
    if (!made) throw Error{"Kafka: '" + topic + "' is not a name a topic can have"};
    // With three copies or more one may be away, and what was acknowledged still has two.
    const char* in_sync = options.replication >= 3 ? "2" : "1";
    for (const auto& [key, value] :
         {std::pair{"retention.ms", retention(kind)}, std::pair{"retention.bytes", for_ever},
          std::pair{"cleanup.policy", "delete"}, std::pair{"min.insync.replicas", in_sync},
          std::pair{"max.message.bytes", "1048588"}})
        rd_kafka_NewTopic_set_config(made.get(), key, value);
    return made;
}

void create(rd_kafka_t* client, std::vector<NewTopic> wanted, int patience) {
    const AdminOptions admin{rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)};
    rd_kafka_AdminOptions_set_request_timeout(admin.get(), patience, nullptr, 0);
    rd_kafka_AdminOptions_set_operation_timeout(admin.get(), patience, nullptr, 0);
    const Queue queue{rd_kafka_queue_new(client)};
    std::vector<rd_kafka_NewTopic_t*> raw;
    for (const NewTopic& one : wanted)
        raw.push_back(one.get());
    rd_kafka_CreateTopics(client, raw.data(), raw.size(), admin.get(), queue.get());

    const Event event{rd_kafka_queue_poll(queue.get(), patience)};
    if (!event) throw Error{"Kafka: no answer to the request to create topics"};
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Error{std::string{"Kafka: the topics cannot be created: "} +
                    rd_kafka_event_error_string(event.get())};
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        // Another instance starts at the same moment.
        if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        const char* why = rd_kafka_topic_result_error_string(results[i]);
        throw Error{std::string{"Kafka: the topic '"} + rd_kafka_topic_result_name(results[i]) +
                    "' cannot be created: " + (why != nullptr ? why : text(code))};
    }
}

} // namespace

void Cluster::prepare_topics() {
    const Options& options = context_.options();
    const auto until = Clock::now() + options.patience;
    bool created = false;
    for (;;) {
        const auto found = topics(uncommitted_.get(), patience());
        std::vector<NewTopic> missing;
        bool ready = true;
        for (const Topic topic : all_topics) {
            const std::string& called = context_.topic(topic);
            const auto there = found.find(called);
            if (there == found.end() || there->second.partitions == 0) {
                missing.push_back(described(options, called, topic));
                continue;
            }
            if (there->second.partitions != options.partitions)
                throw Error{"Kafka's topic '" + called + "' has " +
                            std::to_string(there->second.partitions) +
                            " partitions, but the start asks for " +
                            std::to_string(options.partitions) +
                            ". The count is fixed when the log is made: start with " +
                            std::to_string(there->second.partitions) +
                            ", or copy the log to one with another prefix"};
            ready = ready && there->second.led;
        }
        if (missing.empty() && ready) break;
        if (!missing.empty() && !created) {
            create(uncommitted_.get(), std::move(missing), patience());
            created = true;
        }
        if (Clock::now() > until)
            throw Error{"Kafka: the topics of prefix '" + options.prefix +
                        "' have no leader for every partition yet; are enough brokers up?"};
        std::this_thread::sleep_for(look_again);
    }
    // A leader that is named is not always there yet.
    std::vector<int> partitions(static_cast<std::size_t>(options.partitions));
    std::iota(partitions.begin(), partitions.end(), 0);
    for (const Topic topic : all_topics)
        begins(topic, partitions);
}

} // namespace bus::kafka
