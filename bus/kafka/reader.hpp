// Follows partitions of one topic with a consumer of its own, outside of any group.

#pragma once

#include "bus/kafka/client.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace bus::kafka {

class TopicReader final : public Reader {
public:
    // `settings` are for the consumer. The offsets have to exist or to be the end.
    TopicReader(Context& context, Topic topic, std::vector<PartitionOffset> from,
                Settings settings);
    ~TopicReader() override;

    std::span<const Record> read(std::size_t bytes_max, milliseconds wait) override;
    std::vector<PartitionOffset> position() const override { return position_; }
    void wake() override;

    // Goes on from other offsets.
    void move(std::vector<PartitionOffset> from);

private:
    std::size_t take(std::size_t at_most, int wait_ms);
    bool hand_out(std::size_t from);
    PartitionOffset* position_of(int partition);
    void drop_messages();

    Context& context_;
    Topic topic_;
    std::vector<PartitionOffset> position_;
    Consumer consumer_;
    Queue queue_;
    std::vector<rd_kafka_message_t*> messages_;
    std::vector<Record> records_;
    std::size_t bytes_ = 0;     // Of records_.
    std::size_t average_ = 512; // Of the records read lately, bytes.
    std::atomic<bool> woken_{false};
};

// What a reader of the whole log needs: as much ahead as the options allow.
std::unique_ptr<TopicReader> follow(Context& context, Topic topic,
                                    std::vector<PartitionOffset> from);

} // namespace bus::kafka
