#include "bus/kafka/post.hpp"

#include <mutex>

namespace bus::kafka {

namespace {

constexpr milliseconds learn_patience{1'000};

} // namespace

Post::Post(Context& context) : context_{context}, line_{line()} {}

std::unique_ptr<Post::Line> Post::line() const {
    const Options& options = context_.options();
    auto made = std::make_unique<Line>();
    // No delivery reports are asked for, so that nobody has to come for them.
    made->client = make_producer(
        configuration(*context_.callbacks(),
                      {{"enable.idempotence", "true"},
                       {"acks", "all"},
                       {"linger.ms", "0"},
                       {"message.timeout.ms", std::to_string(options.transaction_timeout.count())},
                       {"queue.buffering.max.messages", std::to_string(options.post_records)},
                       {"queue.buffering.max.kbytes",
                        std::to_string(std::max<std::size_t>(1, options.post_bytes >> 10U))}}));
    for (const Topic topic : all_topics) {
        TopicHandle& handle = made->topics[static_cast<std::size_t>(topic)];
        handle.reset(
            rd_kafka_topic_new(made->client.get(), context_.topic(topic).c_str(), nullptr));
        // Without an answer the first records just wait for longer.
        learn(made->client.get(), handle.get(), options.partitions, learn_patience);
    }
    return made;
}

bool Post::send(Topic topic, int partition, std::string_view key, std::string_view value) {
    const std::shared_lock lock{mutex_};
    return rd_kafka_produce(line_->topics[static_cast<std::size_t>(topic)].get(), partition,
                            RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(),
                            key.data(), key.size(), nullptr) == 0;
}

void Post::serve() {
    rd_kafka_poll(line_->client.get(), 0);
    if (rd_kafka_fatal_error(line_->client.get(), nullptr, 0) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    // On 2.0.2 an idempotent producer can end after a mere disconnect.
    std::unique_ptr<Line> next = line();
    const std::unique_lock lock{mutex_};
    line_.swap(next);
}

} // namespace bus::kafka
