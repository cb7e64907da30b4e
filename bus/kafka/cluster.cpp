#include "bus/kafka/cluster.hpp"

#include "bus/kafka/producer.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace bus::kafka {

namespace {

// Brokers understand these as times: the place after the last record, and of the first.
constexpr Offset time_of_end = -1;
constexpr Offset time_of_begin = -2;

using Clock = std::chrono::steady_clock;
constexpr milliseconds ask_again{20};

// A leader or coordinator is being made or moved.
bool passes(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: // And yet no offset.
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD: return true;
    default: return false;
    }
}

} // namespace

PartitionList partition_list(const std::string& topic, std::span<const int> partitions) {
    PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
    for (const int partition : partitions)
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    return list;
}

Cluster::Cluster(Context& context)
    : context_{context},
      committed_{make_consumer(*context.callbacks(), Isolation::committed, {})},
      uncommitted_{make_consumer(*context.callbacks(), Isolation::uncommitted, {})} {}

std::vector<Committed> Cluster::committed(std::span<const int> partitions, Isolation isolation) {
    const auto until = Clock::now() + context_.options().patience;
    for (;;) {
        const PartitionList list = partition_list(context_.topic(Topic::commands), partitions);
        rd_kafka_resp_err_t code = rd_kafka_committed(client(isolation), list.get(), patience());
        std::vector<Committed> answer;
        for (int i = 0; i < list->cnt; ++i) {
            const rd_kafka_topic_partition_t& one = list->elems[i];
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = one.err;
            const auto* metadata = static_cast<const char*>(one.metadata);
            answer.push_back(
                {std::max<Offset>(one.offset, -1),
                 metadata == nullptr ? std::string{} : std::string{metadata, one.metadata_size}});
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return answer;
        if (!passes(code) || Clock::now() > until)
            throw Error{"Kafka: the committed positions of group '" + context_.group() +
                        "' cannot be read: " + text(code)};
        std::this_thread::sleep_for(ask_again);
    }
}

std::vector<Offset> Cluster::offsets_at(Topic topic, std::span<const int> partitions, Offset time,
                                        Isolation isolation, milliseconds at_most) {
    const milliseconds patience = std::min(at_most, context_.options().patience);
    const auto until = Clock::now() + patience;
    for (;;) {
        const PartitionList list = partition_list(context_.topic(topic), partitions);
        for (int i = 0; i < list->cnt; ++i)
            list->elems[i].offset = time;
        rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client(isolation), list.get(),
                                                              static_cast<int>(patience.count()));
        std::vector<Offset> offsets;
        for (int i = 0; i < list->cnt; ++i) {
            if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[i].err;
            offsets.push_back(list->elems[i].offset);
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && std::ranges::min(offsets) >= 0) return offsets;
        if (!passes(code) || Clock::now() > until)
            throw Error{"Kafka: the end of '" + context_.topic(topic) +
                        "' cannot be read: " + text(code)};
        std::this_thread::sleep_for(ask_again);
    }
}

std::vector<Offset> Cluster::ends(Topic topic, std::span<const int> partitions, Isolation isolation,
                                  milliseconds at_most) {
    return offsets_at(topic, partitions, time_of_end, isolation, at_most);
}

std::vector<Offset> Cluster::begins(Topic topic, std::span<const int> partitions,
                                    milliseconds at_most) {
    return offsets_at(topic, partitions, time_of_begin, Isolation::uncommitted, at_most);
}

bool Cluster::group_has_members() {
    const struct rd_kafka_group_list* raw = nullptr;
    const rd_kafka_resp_err_t code =
        rd_kafka_list_groups(committed_.get(), context_.group().c_str(), &raw, patience());
    const GroupList groups{raw};
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Error{"Kafka: the group '" + context_.group() + "' cannot be read: " + text(code)};
    for (int i = 0; i < groups->group_cnt; ++i)
        if (groups->groups[i].member_cnt > 0) return true;
    return false;
}

void Cluster::fence(const std::string& transactional_id) {
    // Its init_transactions is all that is wanted of it.
    const Producer successor{context_, transactional_id, context_.options().patience};
}

void Cluster::probe(milliseconds patience) {
    const TopicHandle topic{
        rd_kafka_topic_new(uncommitted_.get(), context_.topic(Topic::commands).c_str(), nullptr)};
    const struct rd_kafka_metadata* raw = nullptr;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(uncommitted_.get(), 0, topic.get(), &raw,
                                                       static_cast<int>(patience.count()));
    const Metadata metadata{raw};
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return context_.set_trouble("Kafka does not answer: " + text(code));
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        const rd_kafka_metadata_topic& one = metadata->topics[i];
        if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return context_.set_trouble("Kafka's topic '" + std::string{one.topic} +
                                        "' cannot be used: " + text(one.err));
        for (int j = 0; j < one.partition_cnt; ++j)
            if (one.partitions[j].leader < 0)
                return context_.set_trouble("Kafka's topic '" + std::string{one.topic} +
                                            "' has no leader for partition " +
                                            std::to_string(one.partitions[j].id));
    }
    context_.set_trouble({});
    // Serves its error callbacks, which nobody else does.
    rd_kafka_message_t* none = rd_kafka_consumer_poll(uncommitted_.get(), 0);
    if (none != nullptr) rd_kafka_message_destroy(none);
    none = rd_kafka_consumer_poll(committed_.get(), 0);
    if (none != nullptr) rd_kafka_message_destroy(none);
}

} // namespace bus::kafka
