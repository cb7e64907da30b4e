// A transactional producer: carries a Transaction to the cluster and says truly what became
// of it. README.md, "What an error means", is what it follows.

#pragma once

#include "bus/kafka/client.hpp"

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace bus::kafka {

// The offsets that take part in a transaction, and by whose authority.
struct Positions {
    const rd_kafka_topic_partition_list_t* offsets = nullptr;
    const rd_kafka_consumer_group_metadata_t* group = nullptr;
};

// One thread.
class Producer {
public:
    using Clock = std::chrono::steady_clock;

    // Ends what a former producer of this id left open and bars it. Throws Error when that is
    // not done within `wait`.
    Producer(Context& context, std::string id, milliseconds wait);
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    const std::string& id() const { return id_; }

    // False after an answer that was fatal or unclear: only a new producer helps.
    bool usable() const { return client_ != nullptr; }

    // Blocks until the outcome is known or known to be unclear. `lost` with a usable producer
    // means that the group refused the positions and nothing became visible.
    Commit commit(const Transaction& transaction, Positions positions);

    // Asks the group whether it would take the positions, and changes nothing: `committed` means
    // that it would, otherwise as commit().
    Commit verify(Positions positions);

    // Lets errors be noticed between transactions.
    void serve();

    // Before this the next small transaction would likely be slower than if it waited: README.md,
    // "A pause after a small transaction".
    Clock::time_point rested() const { return rested_; }

private:
    enum class Step { done, refused, ownership_lost, broken };
    struct Outcome {
        Step step = Step::done;
        std::string reason;
    };

    void delivered(const rd_kafka_message_t& message);
    void rest(std::size_t records, Clock::duration delivery);
    void collect(const Transaction& transaction);
    Outcome begin();
    Outcome enqueue();
    Outcome enqueue(Topic topic);
    Outcome await_delivery();
    Outcome send(Positions positions);
    Outcome end();
    Outcome abort();
    Commit told(Outcome outcome);
    Outcome run(const Transaction& transaction, Positions positions);
    Outcome judged(rd_kafka_resp_err_t code, const std::string& what) const;
    Outcome judged(const Fault& fault, const std::string& what) const;
    int patience() const;

    Context& context_;
    std::string id_;
    Callbacks callbacks_;
    std::array<std::vector<rd_kafka_message_t>, all_topics.size()> messages_;
    std::vector<Offset> offsets_;
    std::size_t outstanding_ = 0;
    rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR; // The first delivery that failed.
    std::chrono::microseconds pause_{2'000};
    Clock::time_point rested_;
    Client client_; // Before the topics, which have to go first.
    std::array<TopicHandle, all_topics.size()> topics_;
};

} // namespace bus::kafka
