#include "bus/kafka/owner.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace bus::kafka {

namespace {

constexpr std::size_t carried_max = 100;
constexpr milliseconds nap{1};
constexpr milliseconds leave_patience{1'000};

// Brokers take only letters, digits, '.', '_' and '-' here, and names have a '/'.
std::string instance_id(const std::string& name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string id;
    for (const char one : name) {
        const auto code = static_cast<unsigned char>(one);
        const bool plain = (one >= '0' && one <= '9') || (one >= 'a' && one <= 'z') ||
                           (one >= 'A' && one <= 'Z') || one == '.' || one == '-';
        if (plain)
            id += one;
        else
            id += {'_', digits[code >> 4U], digits[code & 15U]};
    }
    return id;
}

// librdkafka frees the metadata with free().
void set_owner(rd_kafka_topic_partition_t& one, const std::string& owner) {
    if (owner.empty()) return;
    one.metadata = std::malloc(owner.size());
    if (one.metadata == nullptr) throw std::bad_alloc{};
    std::memcpy(one.metadata, owner.data(), owner.size());
    one.metadata_size = owner.size();
}

Consumer member(Callbacks& callbacks, const std::string& name) {
    const Options& options = callbacks.context.options();
    const auto session = options.session_timeout.count();
    return make_consumer(
        callbacks, Isolation::committed,
        {{"group.instance.id", instance_id(name)},
         {"partition.assignment.strategy", "range"},
         {"session.timeout.ms", std::to_string(session)},
         // A rebalance begins for a member with its next heartbeat.
         {"heartbeat.interval.ms", std::to_string(std::min<std::int64_t>(500, session / 3))},
         {"queued.min.messages", "1000000"},
         {"topic.metadata.refresh.interval.ms", std::string{refill_interval}},
         {"queued.max.messages.kbytes",
          std::to_string(std::max<std::size_t>(1, options.prefetch_bytes >> 10U))}});
}

} // namespace

GroupOwner::GroupOwner(Context& context, Cluster& cluster, std::string name)
    : context_{context},
      cluster_{cluster},
      name_{std::move(name)},
      callbacks_{context,
                 [this](rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions) {
                     rebalanced(code, partitions);
                 },
                 {}} {
    join();
}

GroupOwner::~GroupOwner() { drop_consumer(); }

void GroupOwner::join() {
    consumer_ = member(callbacks_, context_.options().prefix + name_);
    const std::lock_guard lock{waking_};
    queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
}

// All that belongs to it goes first: it would wait for that.
void GroupOwner::drop_consumer() {
    drop_messages();
    messages_.swap(carried_);
    drop_messages();
    membership_.reset();
    {
        const std::lock_guard lock{waking_};
        queue_.reset();
    }
    consumer_.reset();
}

GroupOwner::Held* GroupOwner::held(int partition) {
    for (Held& one : held_)
        if (one.partition == partition) return &one;
    return nullptr;
}

void GroupOwner::end_tenures() {
    for (const Held& one : held_)
        lost_.push_back(one.partition);
    held_.clear();
    gained_.clear();
}

PartitionList GroupOwner::positions(const Transaction& transaction,
                                    const std::string& owner) const {
    PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(held_.size()))};
    for (const Held& one : held_) {
        rd_kafka_topic_partition_t* entry = rd_kafka_topic_partition_list_add(
            list.get(), context_.topic(Topic::commands).c_str(), one.partition);
        entry->offset = one.consumed;
        for (const PartitionOffset& moved : transaction.consumed())
            if (moved.partition == one.partition) entry->offset = moved.offset;
        set_owner(*entry, owner);
    }
    return list;
}

milliseconds GroupOwner::until_next_try() const {
    const auto left = std::chrono::ceil<milliseconds>(next_try_ - Clock::now());
    return std::max(left, milliseconds{1});
}

void GroupOwner::drop_messages() {
    for (rd_kafka_message_t* message : messages_)
        rd_kafka_message_destroy(message);
    messages_.clear();
}

// Serves the group's callbacks as well.
std::size_t GroupOwner::take(std::size_t at_most, int wait_ms) {
    const std::size_t before = messages_.size();
    messages_.resize(before + at_most);
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), wait_ms, messages_.data() + before, at_most);
    messages_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return messages_.size() - before;
}

// With a wait it returns with what there is as soon as there is something: the library's batch
// call would wait until the batch is full.
void GroupOwner::consume(std::size_t commands_max, int wait_ms) {
    if (commands_max == 0) {
        // The library serves callbacks only by taking records; the few that come are kept.
        if (carried_.size() >= carried_max) {
            std::this_thread::sleep_for(std::min(milliseconds{wait_ms}, nap));
            return;
        }
        take(1, wait_ms);
        carried_.insert(carried_.end(), messages_.begin(), messages_.end());
        messages_.clear();
        return;
    }
    const std::size_t before = std::min(commands_max, carried_.size());
    const auto end = carried_.begin() + static_cast<std::ptrdiff_t>(before);
    messages_.assign(carried_.begin(), end);
    carried_.erase(carried_.begin(), end);
    if (before < commands_max) take(commands_max - before, 0);
    if (messages_.empty() && wait_ms > 0 && lost_.empty() && take(1, wait_ms) > 0 &&
        commands_max > 1)
        take(commands_max - 1, 0);
}

void GroupOwner::hand_out(Turn& turn) {
    turn.lost.insert(turn.lost.end(), lost_.begin(), lost_.end());
    turn.gained.insert(turn.gained.end(), gained_.begin(), gained_.end());
    lost_.clear();
    gained_.clear();
    Held* last = nullptr;
    for (const rd_kafka_message_t* one : messages_) {
        const rd_kafka_message_t& message = *one;
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        if (last == nullptr || last->partition != message.partition) last = held(message.partition);
        // Fetched before a rebalance, or before a position was set again.
        if (last == nullptr || message.offset < last->next) continue;
        last->next = message.offset + 1;
        turn.commands.push_back({Topic::commands,
                                 message.partition,
                                 message.offset,
                                 {static_cast<const char*>(message.key), message.key_len},
                                 {static_cast<const char*>(message.payload), message.len}});
    }
}

void GroupOwner::poll(Turn& turn, std::size_t commands_max, milliseconds wait) {
    turn.lost.clear();
    turn.gained.clear();
    turn.commands.clear();
    drop_messages();
    if (producer_ != nullptr) {
        producer_->serve();
        std::this_thread::sleep_until(producer_->rested());
    }
    const auto until = Clock::now() + wait;
    for (;;) {
        if (!left_) join_anew_when_over();
        const bool can_claim = !left_ && ready() && !assigned_.empty() && held_.empty();
        if (can_claim && lost_.empty() && Clock::now() >= next_try_) {
            try {
                claim();
            } catch (const Error& error) {
                // Often a rebalance that is about to be told; the next one to try sees it.
                context_.set_trouble(error.what());
                next_try_ = Clock::now() + retry_after_failure;
            }
        }
        const bool told = !lost_.empty() || !gained_.empty();
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        milliseconds patience = told || woken_ ? milliseconds{0} : std::max(left, milliseconds{0});
        const bool trying = !left_ && (!subscribed_ || producer_ == nullptr ||
                                       (!assigned_.empty() && held_.empty()));
        if (trying) patience = std::min(patience, until_next_try());
        consume(commands_max, static_cast<int>(patience.count()));
        hand_out(turn);
        const bool something = !turn.lost.empty() || !turn.gained.empty() || !turn.commands.empty();
        if (something || woken_.exchange(false) || Clock::now() >= until) return;
        drop_messages();
    }
}

Commit GroupOwner::commit(const Transaction& transaction) {
    if (held_.empty()) {
        if (transaction.empty()) return {Commit::State::committed, {}, {}};
        return {Commit::State::lost, {}, "Kafka: '" + name_ + "' owns no partition"};
    }
    for (const PartitionOffset& moved : transaction.consumed())
        if (held(moved.partition) == nullptr)
            return {Commit::State::refused,
                    {},
                    "partition " + std::to_string(moved.partition) + " is not owned"};
    for (const Transaction::Entry& entry : transaction.entries()) {
        if (entry.key_size > key_bytes_max || entry.value_size > value_bytes_max)
            return {Commit::State::refused, {}, "a record is larger than the log takes"};
        if (entry.partition < 0 || entry.partition >= context_.options().partitions)
            return {Commit::State::refused,
                    {},
                    "there is no partition " + std::to_string(entry.partition)};
    }
    const PartitionList offsets = positions(transaction, producer_->id());
    Commit commit = producer_->commit(transaction, {offsets.get(), membership_.get()});
    switch (commit.state) {
    case Commit::State::committed:
        for (const PartitionOffset& moved : transaction.consumed())
            held(moved.partition)->consumed = moved.offset;
        break;
    case Commit::State::refused: break;
    case Commit::State::lost:
        end_tenures();
        // Nothing more of it is wanted; claim() assigns it again, from what is committed then.
        rd_kafka_assign(consumer_.get(), nullptr);
        doubted_ = true;
        next_try_ = {};
        break;
    }
    return commit;
}

void GroupOwner::wake() {
    woken_ = true;
    const std::lock_guard lock{waking_};
    if (queue_) rd_kafka_queue_yield(queue_.get());
}

bool GroupOwner::is_member() const {
    char* id = rd_kafka_memberid(consumer_.get());
    const bool known = id != nullptr && *id != '\0';
    if (id != nullptr) rd_kafka_mem_free(consumer_.get(), id);
    return known;
}

void GroupOwner::leave() {
    if (left_) return;
    left_ = true;
    if (!subscribed_) return;
    drop_messages();
    // Without a cluster there is nobody to tell, and each request would wait for its time-out.
    cluster_.probe(leave_patience);
    if (!context_.trouble().empty()) {
        end_tenures();
        return;
    }
    // Not a mere close: a static member's close keeps its place until the session ends.
    rd_kafka_unsubscribe(consumer_.get());
    const auto until = Clock::now() + context_.options().session_timeout;
    // The member id goes when the request to leave is sent, and a close before that drops it.
    while ((!assigned_.empty() || is_member()) && Clock::now() < until) {
        consume(1, 10);
        drop_messages();
    }
    // Waits until the coordinator has heard of it.
    rd_kafka_consumer_close(consumer_.get());
    end_tenures();
    assigned_.clear();
}

} // namespace bus::kafka
