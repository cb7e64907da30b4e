// Processes, records, and what is on its way. The group is in group.cpp.

#include "bus/simulated/broker.hpp"

#include <algorithm>
#include <utility>

namespace bus::simulated {

namespace {

constexpr Time post_time{100}; // Without a fault: so short, and in order.
constexpr Time post_time_max = std::chrono::seconds{20};
constexpr Time late_time_max = std::chrono::seconds{1};

} // namespace

Broker::Broker(World& world)
    : world_{world}, seats_(static_cast<std::size_t>(world.options().partitions)) {
    for (auto& lines : lines_)
        lines.resize(seats_.size());
}

int Broker::start_process() {
    processes_.emplace_back();
    return static_cast<int>(processes_.size()) - 1;
}

void Broker::end_process(int process) {
    if (!alive(process)) return;
    processes_[index(process)].alive = false;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].process == process) lose_member(static_cast<int>(i));
    if (running_ == process) running_ = -1;
}

void Broker::die(int process) {
    if (!alive(process)) return;
    ++counts().crashes;
    end_process(process);
    // What it had not sent yet is gone with it, where the world loses records at all.
    if (world_.options().faults.post_lost > 0)
        for (auto one = posted_.begin(); one != posted_.end();) {
            if (one->second.process == process && world_.random().coin()) {
                ++counts().posts_lost;
                one = posted_.erase(one);
            } else {
                ++one;
            }
        }
}

void Broker::set_frozen(int process, bool frozen) {
    Process& state = processes_[index(process)];
    state.frozen = frozen;
    const std::uint64_t freeze = ++state.freezes;
    if (!frozen) return;
    world_.after(world_.options().session_timeout, [this, process, freeze] {
        if (processes_[index(process)].freezes != freeze) return;
        for (std::size_t i = 0; i < members_.size(); ++i)
            if (members_[i].process == process) expire(static_cast<int>(i));
    });
}

void Broker::enter(int process) {
    if (!alive(process)) throw Crash{};
    if (frozen(process)) set_frozen(process, false);
    running_ = process;
}

void Broker::check_partition(int partition) const {
    if (partition < 0 || partition >= partitions())
        throw Error{"there is no partition " + std::to_string(partition)};
}

std::string Broker::check(const Transaction& transaction) const {
    for (const Transaction::Entry& entry : transaction.entries()) {
        if (entry.key_size > key_bytes_max || entry.value_size > value_bytes_max)
            return "a record of " + std::to_string(entry.key_size + entry.value_size) +
                   " bytes is too large";
        if (entry.partition < 0 || entry.partition >= partitions())
            return "there is no partition " + std::to_string(entry.partition);
    }
    if (disk_full_) return "the disk is full";
    return {};
}

void Broker::store(Topic topic, int partition, std::string_view key, std::string_view value) {
    Line& one = line(topic, partition);
    one.records.push_back({one.next++, std::string{key}, std::string{value}});
}

// What is stored up to now becomes visible, not before what was stored earlier.
void Broker::show(Topic topic, int partition, bool late) {
    Line& one = line(topic, partition);
    if (one.shown == one.next) return;
    one.shown = one.next;
    Time at = world_.now();
    if (late) at += world_.up_to(late_time_max);
    one.visible_at = std::max(one.visible_at, at);
    if (one.visible_at <= world_.now()) {
        one.visible = one.next;
        return;
    }
    world_.after(one.visible_at - world_.now(),
                 [&one, next = one.next] { one.visible = std::max(one.visible, next); });
}

std::vector<Offset> Broker::apply(const Transaction& transaction,
                                  const std::vector<PartitionOffset>& consumed) {
    std::vector<Offset> offsets;
    offsets.reserve(transaction.entries().size());
    for (const Transaction::Entry& entry : transaction.entries()) {
        offsets.push_back(line(entry.topic, entry.partition).next);
        store(entry.topic, entry.partition, transaction.key(entry), transaction.value(entry));
    }
    leave_gaps(transaction);
    for (const Transaction::Entry& entry : transaction.entries()) {
        const bool late = world_.random().chance(world_.options().faults.late);
        if (late) ++counts().late;
        show(entry.topic, entry.partition, late);
    }
    for (const PartitionOffset& one : consumed)
        seats_[index(one.partition)].consumed = one.offset;
    for (const Offset offset : offsets)
        world_.note(static_cast<std::uint64_t>(offset));
    return offsets;
}

void Broker::leave_gaps(const Transaction& transaction) {
    for (const Transaction::Entry& entry : transaction.entries())
        if (world_.random().chance(world_.options().faults.leave_gaps)) {
            ++counts().gaps;
            line(entry.topic, entry.partition).next += 1;
        }
}

void Broker::abort(const Transaction& transaction) {
    leave_gaps(transaction);
    for (const Transaction::Entry& entry : transaction.entries())
        show(entry.topic, entry.partition, false);
}

void Broker::leave_open(const Transaction& transaction, std::vector<int> held, bool died) {
    const std::uint64_t number = ++numbers_;
    open_.emplace(number, Open{transaction, std::move(held), died, world_.random().coin()});
    world_.after(world_.up_to(world_.options().transaction_timeout),
                 [this, number] { resolve(number); });
}

void Broker::resolve(std::uint64_t number) {
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    const Open open = std::move(found->second);
    open_.erase(found);
    world_.note(open.commits ? 1 : 2);
    if (open.commits) {
        ++(open.died ? counts().died_committed : counts().lost_committed);
        apply(open.transaction, open.transaction.consumed());
    } else {
        ++(open.died ? counts().died_aborted : counts().lost_aborted);
        abort(open.transaction);
    }
}

void Broker::settle(int partition) {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, open] : open_)
        if (std::ranges::find(open.held, partition) != open.held.end()) numbers.push_back(number);
    for (const std::uint64_t number : numbers)
        resolve(number);
}

Offset Broker::consumed(int partition) {
    settle(partition);
    return seat(partition).consumed;
}

bool Broker::post(int process, Topic topic, int partition, std::string_view key,
                  std::string_view value) {
    const Faults& faults = world_.options().faults;
    Random& random = world_.random();
    Process& sender = processes_[index(process)];
    const std::size_t bytes = key.size() + value.size();
    if (partition < 0 || partition >= partitions() || key.size() > key_bytes_max ||
        value.size() > value_bytes_max ||
        sender.posted_bytes + bytes > world_.options().posted_bytes_max)
        return false;
    if (random.chance(faults.post_lost)) {
        ++counts().posts_lost;
        return true;
    }
    int times = 1;
    if (random.chance(faults.post_repeated)) {
        ++counts().posts_repeated;
        times = 2;
    }
    for (; times > 0; --times) {
        const std::uint64_t number = ++numbers_;
        posted_.emplace(number,
                        Posted{process, topic, partition, std::string{key}, std::string{value}});
        sender.posted_bytes += bytes;
        Time delay = post_time;
        if (random.chance(faults.post_delayed)) {
            ++counts().posts_delayed;
            delay = world_.up_to(post_time_max);
        }
        world_.after(delay, [this, number] { deliver(number); });
    }
    return true;
}

void Broker::deliver(std::uint64_t number) {
    const auto found = posted_.find(number);
    if (found == posted_.end()) return;
    const Posted posted = std::move(found->second);
    posted_.erase(found);
    processes_[index(posted.process)].posted_bytes -= posted.key.size() + posted.value.size();
    if (disk_full_) return;
    store(posted.topic, posted.partition, posted.key, posted.value);
    show(posted.topic, posted.partition, false);
    world_.note(static_cast<std::uint64_t>(posted.partition));
}

void Broker::set_disk_full(bool full) {
    disk_full_ = full;
    ++disk_fills_;
}

void Broker::fill_disk_for(Time time) {
    ++counts().disks_full;
    disk_full_ = true;
    const std::uint64_t fill = ++disk_fills_;
    world_.after(time, [this, fill] {
        if (disk_fills_ == fill) disk_full_ = false;
    });
}

} // namespace bus::simulated
