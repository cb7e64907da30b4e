#include "bus/kafka/log.hpp"

#include "bus/kafka/owner.hpp"

#include <algorithm>
#include <chrono>

namespace bus::kafka {

namespace {

constexpr milliseconds probe_every{1'000};
constexpr milliseconds probe_patience{2'000};
constexpr milliseconds trouble_patience{3'000};
constexpr std::size_t fetch_bytes = 64U << 10U;
// A record further away than this is sought, not read up to.
constexpr Offset seek_distance = 256;

} // namespace

KafkaLog::KafkaLog(Options options) : context_{std::move(options)}, cluster_{context_} {
    cluster_.prepare_topics();
    post_ = std::make_unique<Post>(context_);
    watcher_ = std::thread{[this] { watch(); }};
}

KafkaLog::~KafkaLog() {
    {
        const std::lock_guard lock{watching_};
        stopping_ = true;
    }
    stopped_.notify_all();
    if (watcher_.joinable()) watcher_.join();
}

void KafkaLog::watch() {
    std::unique_lock lock{watching_};
    while (!stopped_.wait_for(lock, probe_every, [this] { return stopping_; })) {
        lock.unlock();
        cluster_.probe(probe_patience);
        post_->serve();
        lock.lock();
    }
}

void KafkaLog::check(int partition) const {
    if (partition < 0 || partition >= partitions())
        throw Error{"there is no partition " + std::to_string(partition)};
}

Offset KafkaLog::end(Topic topic, int partition) {
    check(partition);
    return cluster_.ends(topic, {&partition, 1}, Isolation::committed).front();
}

Offset KafkaLog::end_bound(Topic topic, int partition) {
    check(partition);
    return cluster_.ends(topic, {&partition, 1}, Isolation::uncommitted).front();
}

Offset KafkaLog::consumed(int partition) {
    check(partition);
    // Nothing was ever committed: the next one is the first.
    return std::max<Offset>(
        0, cluster_.committed({&partition, 1}, Isolation::committed).front().offset);
}

std::unique_ptr<Reader> KafkaLog::read(Topic topic, std::vector<PartitionOffset> from) {
    std::vector<int> partitions;
    for (const PartitionOffset& one : from) {
        check(one.partition);
        partitions.push_back(one.partition);
    }
    if (!from.empty()) {
        const auto begins = cluster_.begins(topic, partitions);
        const auto ends = cluster_.ends(topic, partitions, Isolation::uncommitted);
        for (std::size_t i = 0; i < from.size(); ++i) {
            // Kafka would begin again from the first record.
            if (from[i].offset > ends[i])
                throw Error{"Kafka's topic '" + context_.topic(topic) + "' ends at " +
                            std::to_string(ends[i]) + " in partition " +
                            std::to_string(from[i].partition) + ", but is to be read from " +
                            std::to_string(from[i].offset) + ": it is not the log it was"};
            from[i].offset = std::max(from[i].offset, begins[i]);
        }
    }
    return follow(context_, topic, std::move(from));
}

std::vector<std::string> KafkaLog::fetch(Topic topic, int partition,
                                         std::span<const Offset> offsets) {
    check(partition);
    std::vector<std::string> values;
    if (offsets.empty()) return values;
    const std::lock_guard lock{fetching_};
    // Somebody waits for the answer, and so does the end of the process.
    if (const std::string why = trouble(); !why.empty()) throw Error{why};
    if (fetcher_ == nullptr || fetched_ != topic) {
        fetcher_ = std::make_unique<TopicReader>(context_, topic, std::vector<PartitionOffset>{},
                                                 Settings{{"enable.partition.eof", "true"},
                                                          {"queued.min.messages", "100000"},
                                                          {"queued.max.messages.kbytes", "4096"},
                                                          {"fetch.wait.max.ms", "10"}});
        fetched_ = topic;
    }
    const auto missing = [&](Offset offset) {
        // Nothing may go on from here, not even into memory.
        fetcher_->move({});
        throw Error{"Kafka's topic '" + context_.topic(topic) + "' has no record at " +
                    std::to_string(offset) + " in partition " + std::to_string(partition)};
    };
    const auto first = cluster_.begins(topic, {&partition, 1}, trouble_patience).front();
    const auto end =
        cluster_.ends(topic, {&partition, 1}, Isolation::committed, trouble_patience).front();
    const auto begun = std::chrono::steady_clock::now();
    Offset reached = -1; // Of what was asked of the fetcher, all before this has been seen.
    for (auto wanted = offsets.begin(); wanted != offsets.end();) {
        if (*wanted < first || *wanted >= end) missing(*wanted);
        if (reached < 0 || *wanted > reached + seek_distance) {
            fetcher_->move({{partition, *wanted}});
            reached = *wanted;
        }
        const auto records = fetcher_->read(fetch_bytes, probe_every);
        for (const Record& record : records) {
            if (wanted == offsets.end()) break;
            if (record.offset < *wanted) continue;
            if (record.offset > *wanted) missing(*wanted);
            values.emplace_back(record.value);
            ++wanted;
        }
        reached = fetcher_->position().front().offset;
        if (wanted != offsets.end() && *wanted < reached) missing(*wanted);
        if (wanted == offsets.end() || !records.empty()) continue;
        const auto waited = std::chrono::steady_clock::now() - begun;
        if (waited > context_.options().patience ||
            (waited > trouble_patience && !trouble().empty())) {
            fetcher_->move({});
            throw Error{"Kafka did not bring the record in time: " + trouble()};
        }
    }
    fetcher_->move({});
    return values;
}

std::unique_ptr<Owner> KafkaLog::own(std::string name) {
    return std::make_unique<GroupOwner>(context_, cluster_, std::move(name));
}

// Empty when somebody owns the partitions.
PartitionList KafkaLog::unowned_positions(const Transaction& transaction) {
    if (transaction.consumed().empty() || cluster_.group_has_members()) return {};
    std::vector<int> partitions;
    for (const PartitionOffset& one : transaction.consumed())
        partitions.push_back(one.partition);
    // The name of who died owning them goes away with this, so it is fenced here and now.
    std::vector<std::string> former;
    for (const Committed& one : cluster_.committed(partitions, Isolation::uncommitted))
        if (!one.owner.empty() && std::ranges::find(former, one.owner) == former.end())
            former.push_back(one.owner);
    for (const std::string& id : former)
        cluster_.fence(id);
    PartitionList list = partition_list(context_.topic(Topic::commands), partitions);
    for (int i = 0; i < list->cnt; ++i)
        list->elems[i].offset = transaction.consumed()[static_cast<std::size_t>(i)].offset;
    return list;
}

void KafkaLog::append(const Transaction& transaction) {
    for (const Transaction::Entry& entry : transaction.entries()) {
        check(entry.partition);
        if (entry.key_size > key_bytes_max || entry.value_size > value_bytes_max)
            throw Error{"a record is larger than the log takes"};
    }
    const std::lock_guard lock{appending_};
    if (appender_ == nullptr)
        appender_ = std::make_unique<Producer>(
            context_, context_.options().prefix + "append-" + random_part(),
            context_.options().patience);
    const PartitionList positions = unowned_positions(transaction);
    const GroupMetadata group{rd_kafka_consumer_group_metadata_new(context_.group().c_str())};
    const Commit commit = appender_->commit(transaction, {positions.get(), group.get()});
    if (!appender_->usable()) appender_.reset();
    if (commit.state != Commit::State::committed) throw Error{commit.reason};
}

bool KafkaLog::post(Topic topic, int partition, std::string_view key, std::string_view value) {
    if (partition < 0 || partition >= partitions() || key.size() > key_bytes_max ||
        value.size() > value_bytes_max)
        return false;
    return post_->send(topic, partition, key, value);
}

std::unique_ptr<Log> open(Options options) {
    return std::make_unique<KafkaLog>(std::move(options));
}

} // namespace bus::kafka
