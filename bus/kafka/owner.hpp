// A member of the consumer group with a producer of its own. README.md, "Takeover", says in
// which order a partition changes hands.

#pragma once

#include "bus/kafka/cluster.hpp"
#include "bus/kafka/producer.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace bus::kafka {

class GroupOwner final : public Owner {
public:
    // Does not wait for the cluster: poll() joins the group as soon as it can.
    GroupOwner(Context& context, Cluster& cluster, std::string name);
    ~GroupOwner() override;

    void poll(Turn& turn, std::size_t commands_max, milliseconds wait) override;
    Commit commit(const Transaction& transaction) override;
    void wake() override;
    void leave() override;

private:
    using Clock = std::chrono::steady_clock;
    static constexpr milliseconds retry_after_failure{200};
    // A membership that ends so often within the span, and never brings an assignment that
    // lasts, is contested by another instance of the same name.
    static constexpr std::size_t ends_max = 3;
    static constexpr std::chrono::seconds ends_span{60};
    static constexpr std::chrono::seconds lasting{10};

    struct Held {
        int partition = 0;
        Offset consumed = 0; // As last committed.
        Offset next = 0;     // The next one to be handed out.
    };

    Held* held(int partition);
    void rebalanced(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions);
    void end_tenures();
    void release();
    bool ready();
    void claim();
    void make_sure_of_membership();
    void fence_former_owners();
    void give_up_producer();
    PartitionList positions(const Transaction& transaction, const std::string& owner) const;
    void consume(std::size_t commands_max, int wait_ms);
    std::size_t take(std::size_t at_most, int wait_ms);
    void hand_out(Turn& turn);
    void join_anew_when_over();
    void join();
    void drop_consumer();
    bool is_member() const;
    void drop_messages();
    milliseconds until_next_try() const;

    Context& context_;
    Cluster& cluster_;
    std::string name_;
    Callbacks callbacks_;
    std::unique_ptr<Producer> producer_;
    std::set<std::string> given_up_; // Own producers whose last transaction may be open.
    Consumer consumer_;
    std::mutex waking_; // Of queue_, which wake() uses from other threads.
    Queue queue_;
    std::deque<Clock::time_point> ends_; // When memberships ended, since one that lasted.
    Clock::time_point assigned_since_ = Clock::time_point::max();
    bool subscribed_ = false;
    bool left_ = false;

    // What the group gave us and since when we may act on it.
    std::vector<int> assigned_;
    GroupMetadata membership_;
    std::vector<Held> held_; // Empty until the assignment is claimed.
    bool doubted_ = false;   // Something went wrong since the group gave it.
    Clock::time_point next_try_{};

    std::vector<int> lost_;      // To be told by the next poll().
    std::vector<Tenure> gained_; // Likewise.
    std::vector<rd_kafka_message_t*> messages_;
    std::vector<rd_kafka_message_t*> carried_; // Taken while none was asked for.
    std::atomic<bool> woken_{false};
};

} // namespace bus::kafka
