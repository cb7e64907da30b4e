#include "bus/kafka/reader.hpp"

#include "bus/kafka/cluster.hpp"

#include <algorithm>
#include <chrono>

namespace bus::kafka {

namespace {

using Clock = std::chrono::steady_clock;

// Messages asked for in one call of the library, at most.
constexpr std::size_t take_max = 4096;

} // namespace

TopicReader::TopicReader(Context& context, Topic topic, std::vector<PartitionOffset> from,
                         Settings settings)
    : context_{context},
      topic_{topic},
      consumer_{make_consumer(*context.callbacks(), Isolation::committed, settings)},
      queue_{rd_kafka_queue_get_consumer(consumer_.get())} {
    const TopicHandle handle{
        rd_kafka_topic_new(consumer_.get(), context_.topic(topic_).c_str(), nullptr)};
    if (const std::string why = learn(consumer_.get(), handle.get(), context_.options().partitions,
                                      context_.options().patience);
        !why.empty())
        throw Error{why};
    move(std::move(from));
}

TopicReader::~TopicReader() { drop_messages(); }

void TopicReader::move(std::vector<PartitionOffset> from) {
    drop_messages();
    position_ = std::move(from);
    PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(position_.size()))};
    for (const PartitionOffset& one : position_)
        rd_kafka_topic_partition_list_add(list.get(), context_.topic(topic_).c_str(), one.partition)
            ->offset = one.offset;
    const rd_kafka_resp_err_t code = rd_kafka_assign(consumer_.get(), list.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Error{"Kafka: '" + context_.topic(topic_) + "' cannot be read: " + text(code)};
}

void TopicReader::drop_messages() {
    for (rd_kafka_message_t* message : messages_)
        rd_kafka_message_destroy(message);
    messages_.clear();
    records_.clear();
    bytes_ = 0;
}

PartitionOffset* TopicReader::position_of(int partition) {
    for (PartitionOffset& one : position_)
        if (one.partition == partition) return &one;
    return nullptr;
}

std::size_t TopicReader::take(std::size_t at_most, int wait_ms) {
    const std::size_t before = messages_.size();
    messages_.resize(before + at_most);
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), wait_ms, messages_.data() + before, at_most);
    messages_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return messages_.size() - before;
}

// True when a position moved, be it only over places that hold no record.
bool TopicReader::hand_out(std::size_t from) {
    bool moved = false;
    PartitionOffset* at = nullptr;
    for (std::size_t i = from; i < messages_.size(); ++i) {
        const rd_kafka_message_t& message = *messages_[i];
        if (at == nullptr || at->partition != message.partition)
            at = position_of(message.partition);
        if (at == nullptr || message.offset < at->offset) continue;
        if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            // Markers and aborted records end here; without this a reader would never be seen
            // to have come to the end.
            moved = moved || message.offset > at->offset;
            at->offset = message.offset;
            continue;
        }
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            context_.set_trouble("Kafka: '" + context_.topic(topic_) +
                                 "' cannot be read: " + rd_kafka_message_errstr(&message));
            continue;
        }
        at->offset = message.offset + 1;
        moved = true;
        bytes_ += message.len + message.key_len;
        records_.push_back({topic_,
                            message.partition,
                            message.offset,
                            {static_cast<const char*>(message.key), message.key_len},
                            {static_cast<const char*>(message.payload), message.len}});
    }
    return moved;
}

std::span<const Record> TopicReader::read(std::size_t bytes_max, milliseconds wait) {
    drop_messages();
    bool moved = false;
    const auto gather = [&] {
        while (bytes_ < bytes_max || records_.empty()) {
            const std::size_t room = bytes_max > bytes_ ? bytes_max - bytes_ : 0;
            const std::size_t count = std::clamp<std::size_t>(room / average_, 1, take_max);
            const std::size_t from = messages_.size();
            if (take(count, 0) == 0) return;
            moved = hand_out(from) || moved;
        }
    };
    const auto until = Clock::now() + wait;
    gather();
    while (!moved && !woken_.exchange(false)) {
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (left <= milliseconds{0}) break;
        const std::size_t from = messages_.size();
        // One, because the library would wait until all that it is asked for are there.
        if (take(1, static_cast<int>(left.count())) == 0) continue;
        moved = hand_out(from);
        gather();
    }
    if (!records_.empty()) average_ = std::max<std::size_t>(1, bytes_ / records_.size());
    return records_;
}

void TopicReader::wake() {
    woken_ = true;
    rd_kafka_queue_yield(queue_.get());
}

std::unique_ptr<TopicReader> follow(Context& context, Topic topic,
                                    std::vector<PartitionOffset> from) {
    const std::size_t kilobytes = std::max<std::size_t>(1, context.options().prefetch_bytes >> 10U);
    return std::make_unique<TopicReader>(
        context, topic, std::move(from),
        Settings{{"enable.partition.eof", "true"},
                 // How long an answer without records takes. A broker (4.1) does not end the wait
                 // when a transaction is committed, so what it holds arrives up to this late; and
                 // the end of a partition is told by such an answer.
                 {"fetch.wait.max.ms", "10"},
                 {"queued.min.messages", "1000000"},
                 {"topic.metadata.refresh.interval.ms", std::string{refill_interval}},
                 {"queued.max.messages.kbytes", std::to_string(kilobytes)}});
}

} // namespace bus::kafka
