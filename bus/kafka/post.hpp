// Records sent without waiting and outside of any transaction.

#pragma once

#include "bus/kafka/client.hpp"

#include <array>
#include <memory>
#include <shared_mutex>
#include <string_view>

namespace bus::kafka {

// Any thread.
class Post {
public:
    // The topics have to be there.
    explicit Post(Context& context);

    // False when the queue is full. May be lost, never blocks.
    bool send(Topic topic, int partition, std::string_view key, std::string_view value);

    // To be called now and then, from one thread: notices errors, and replaces a producer that
    // an error has ended.
    void serve();

private:
    struct Line {
        Client client; // Before the topics, which have to go first.
        std::array<TopicHandle, all_topics.size()> topics;
    };
    std::unique_ptr<Line> line() const;

    Context& context_;
    std::shared_mutex mutex_; // Held alone only to replace the line.
    std::unique_ptr<Line> line_;
};

} // namespace bus::kafka
