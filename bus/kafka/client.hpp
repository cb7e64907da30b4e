// Makes librdkafka's clients: one place for the settings that the log's promises rest on.

#pragma once

#include "bus/kafka/handles.hpp"
#include "bus/kafka/kafka.hpp"

#include <array>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace bus::kafka {

class Context;

// What a client's callbacks find their way by. Outlives the client.
struct Callbacks {
    Context& context;
    // Of a member of the group: partitions were assigned, revoked or lost. Called inside the
    // functions that serve its queue.
    std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)> rebalanced = {};
    // Of a producer: a record was written, or was not.
    std::function<void(const rd_kafka_message_t&)> delivered = {};
};

// What all clients of one log share. Outlives them.
class Context {
public:
    explicit Context(Options options);

    const Options& options() const { return options_; }
    const std::string& topic(Topic topic) const { return topics_[static_cast<std::size_t>(topic)]; }
    const std::string& group() const { return group_; }

    // Why the cluster cannot be used; empty when it can. Any thread.
    std::string trouble() const;
    void set_trouble(std::string reason);

    Callbacks* callbacks() { return &callbacks_; }

private:
    Options options_;
    std::array<std::string, all_topics.size()> topics_;
    std::string group_;
    mutable std::mutex mutex_;
    std::string trouble_;
    Callbacks callbacks_{*this};
};

enum class Isolation { committed, uncommitted };

using Settings = std::initializer_list<std::pair<const char*, std::string>>;

// The given settings, then those of the options. Throws Error that names the one which is wrong.
Configuration configuration(Callbacks& callbacks, Settings settings);

// A consumer's topic.metadata.refresh.interval.ms. A queue that was full is filled up again only
// when something wakes the thread of its connection, and this does.
constexpr std::string_view refill_interval = "100";

Consumer make_consumer(Callbacks& callbacks, Isolation isolation, Settings settings);
Client make_producer(Configuration configuration);

// Asks the cluster for a topic, so that the client knows its partitions and their leaders from
// now on; by itself the library takes a second for it. An error's text, or nothing.
std::string learn(rd_kafka_t* client, rd_kafka_topic_t* topic, int partitions, milliseconds wait);

std::string random_part();

} // namespace bus::kafka
