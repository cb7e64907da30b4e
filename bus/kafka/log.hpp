// The parts of the log put together.

#pragma once

#include "bus/kafka/cluster.hpp"
#include "bus/kafka/post.hpp"
#include "bus/kafka/producer.hpp"
#include "bus/kafka/reader.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace bus::kafka {

class KafkaLog final : public Log {
public:
    explicit KafkaLog(Options options);
    ~KafkaLog() override;

    int partitions() const override { return context_.options().partitions; }
    Offset end(Topic topic, int partition) override;
    Offset end_bound(Topic topic, int partition) override;
    Offset consumed(int partition) override;
    std::unique_ptr<Reader> read(Topic topic, std::vector<PartitionOffset> from) override;
    std::vector<std::string> fetch(Topic topic, int partition,
                                   std::span<const Offset> offsets) override;
    std::unique_ptr<Owner> own(std::string name) override;
    void append(const Transaction& transaction) override;
    bool post(Topic topic, int partition, std::string_view key, std::string_view value) override;
    std::string trouble() const override { return context_.trouble(); }

private:
    void watch();
    void check(int partition) const;
    PartitionList unowned_positions(const Transaction& transaction);

    Context context_;
    Cluster cluster_;
    std::unique_ptr<Post> post_;

    std::mutex fetching_;
    std::unique_ptr<TopicReader> fetcher_; // Of the topic asked for last.
    Topic fetched_{};

    std::mutex appending_;
    std::unique_ptr<Producer> appender_;

    std::mutex watching_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread watcher_; // Last: it uses all of the above.
};

} // namespace bus::kafka
