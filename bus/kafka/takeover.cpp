// How a partition changes hands: README.md, "Takeover".

#include "bus/kafka/owner.hpp"

#include <algorithm>
#include <array>

namespace bus::kafka {

namespace {

// poll() does not stay away for longer than this when there is no broker.
constexpr milliseconds producer_patience{3'000};

} // namespace

// Called from within consume(): eager assignment, so it is always about all partitions.
void GroupOwner::rebalanced(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions) {
    // Ends the wait that this is called from, so that poll() sees to what changed.
    // (rd_kafka_yield() does not, for a callback that was handled.)
    rd_kafka_queue_yield(queue_.get());
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        assigned_.clear();
        for (int i = 0; i < partitions->cnt; ++i)
            assigned_.push_back(partitions->elems[i].partition);
        // Records flow only after the claim. Every rebalance brings new metadata, and what a
        // transaction carries has to be that of the assignment it rests on.
        membership_.reset(rd_kafka_consumer_group_metadata(consumer_.get()));
        assigned_since_ = Clock::now();
        doubted_ = false;
        next_try_ = {};
        if (assigned_.empty()) rd_kafka_assign(consumer_.get(), partitions);
        return;
    }
    if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS &&
        rd_kafka_assignment_lost(consumer_.get()) == 0)
        release();
    else if (!held_.empty())
        give_up_producer(); // The heir fences it by its name.
    end_tenures();
    assigned_.clear();
    membership_.reset();
    rd_kafka_assign(consumer_.get(), nullptr);
}

// The last transaction of a tenure takes the owner's name away, so that the heir need not
// fence anybody.
void GroupOwner::release() {
    if (held_.empty() || producer_ == nullptr) return;
    const Transaction nothing;
    const PartitionList offsets = positions(nothing, {});
    const Commit commit = producer_->commit(nothing, {offsets.get(), membership_.get()});
    // When it fails the name stands, and the heir fences it.
    if (commit.state != Commit::State::committed) give_up_producer();
}

// A producer that works, and membership asked for only then, so that a partition is not given
// to who cannot yet use it.
bool GroupOwner::ready() {
    if (producer_ != nullptr && producer_->usable() && subscribed_) return true;
    if (Clock::now() < next_try_) return false;
    try {
        if (producer_ == nullptr || !producer_->usable()) {
            give_up_producer();
            // A new name each time: what fences the dead must not hit who comes after them.
            producer_ = std::make_unique<Producer>(
                context_, context_.options().prefix + name_ + "-" + random_part(),
                producer_patience);
        }
    } catch (const Error& error) {
        producer_.reset();
        context_.set_trouble(error.what());
        next_try_ = Clock::now() + retry_after_failure;
        return false;
    }
    if (!subscribed_) {
        const std::array<int, 1> any{RD_KAFKA_PARTITION_UA};
        const PartitionList topics = partition_list(context_.topic(Topic::commands), any);
        const rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer_.get(), topics.get());
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
            throw Error{"Kafka: '" + name_ + "' cannot join the group: " + text(code)};
        subscribed_ = true;
    }
    return true;
}

void GroupOwner::give_up_producer() {
    if (producer_ == nullptr) return;
    given_up_.insert(producer_->id());
    producer_.reset();
}

// Asked as read_uncommitted, it answers even while the dead owner's last offsets are pending.
void GroupOwner::fence_former_owners() {
    // Those of our own that ended in doubt may not have come as far as to leave their name.
    std::set<std::string> former = given_up_;
    for (const Committed& one : cluster_.committed(assigned_, Isolation::uncommitted))
        if (!one.owner.empty() && one.owner != producer_->id()) former.insert(one.owner);
    for (const std::string& id : former)
        cluster_.fence(id);
    given_up_.clear();
}

// Who lost a partition without noticing would otherwise fence its rightful heir.
void GroupOwner::make_sure_of_membership() {
    const auto known = cluster_.committed(assigned_, Isolation::uncommitted);
    const PartitionList list = partition_list(context_.topic(Topic::commands), assigned_);
    for (int i = 0; i < list->cnt; ++i)
        list->elems[i].offset = std::max<Offset>(0, known[static_cast<std::size_t>(i)].offset);
    const Commit answer = producer_->verify({list.get(), membership_.get()});
    if (answer.state != Commit::State::committed) throw Error{answer.reason};
}

void GroupOwner::claim() {
    if (doubted_) make_sure_of_membership();
    doubted_ = true; // Until it has gone well.
    fence_former_owners();
    const auto committed = cluster_.committed(assigned_, Isolation::committed);
    const auto begins = cluster_.begins(Topic::commands, assigned_);
    const auto ends = cluster_.ends(Topic::commands, assigned_, Isolation::uncommitted);
    const auto events = cluster_.ends(Topic::events, assigned_, Isolation::uncommitted);

    std::vector<Held> claimed;
    for (std::size_t i = 0; i < assigned_.size(); ++i) {
        if (committed[i].offset > ends[i])
            throw Error{"Kafka: the position of partition " + std::to_string(assigned_[i]) +
                        " is beyond the end of '" + context_.topic(Topic::commands) +
                        "': the topic was made anew; use another prefix or group"};
        const Offset at = std::max(committed[i].offset, begins[i]);
        claimed.push_back({assigned_[i], at, at});
    }
    held_ = std::move(claimed);
    const Transaction nothing;
    const PartitionList named = positions(nothing, producer_->id());
    const Commit commit = producer_->commit(nothing, {named.get(), membership_.get()});
    if (commit.state != Commit::State::committed) {
        held_.clear();
        throw Error{commit.reason};
    }
    const PartitionList from = positions(nothing, {});
    rd_kafka_assign(consumer_.get(), from.get());
    doubted_ = false;
    for (std::size_t i = 0; i < held_.size(); ++i)
        gained_.push_back({held_[i].partition, held_[i].consumed, events[i]});
}

// A membership ends for good when another one begins under the same name. That may have been
// our own: when the answer to a join is lost in a broker's restart, the library asks again with
// an older member id. So we join as a new member, until it is plain that somebody else does too.
void GroupOwner::join_anew_when_over() {
    std::array<char, 512> why{};
    const rd_kafka_resp_err_t code = rd_kafka_fatal_error(consumer_.get(), why.data(), why.size());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const auto now = Clock::now();
    if (now > assigned_since_ && now - assigned_since_ >= lasting) ends_.clear();
    while (!ends_.empty() && now - ends_.front() > ends_span)
        ends_.pop_front();
    ends_.push_back(now);
    // An heir fences the producer by its name; it could not be told from one that works.
    if (!held_.empty()) give_up_producer();
    end_tenures();
    assigned_.clear();
    assigned_since_ = Clock::time_point::max();
    doubted_ = false;
    subscribed_ = false;
    if (ends_.size() >= ends_max)
        throw Error{"Kafka: another instance has the name '" + name_ +
                    "' too: its membership of the group ended " + std::to_string(ends_.size()) +
                    " times within a minute; the last time: " + why.data()};
    context_.set_trouble("Kafka: '" + name_ + "' joins the group anew: " + why.data());
    drop_consumer();
    join();
    next_try_ = now + retry_after_failure;
}

} // namespace bus::kafka
