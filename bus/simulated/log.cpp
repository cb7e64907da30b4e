#include "bus/simulated/log.hpp"

#include <algorithm>
#include <utility>

namespace bus::simulated {

namespace {

using State = Commit::State;

class MemoryReader final : public Reader {
public:
    MemoryReader(Broker& broker, int process, Topic topic, std::vector<PartitionOffset> from)
        : broker_{broker}, process_{process}, topic_{topic}, position_{std::move(from)} {
        for (PartitionOffset& one : position_) {
            broker_.check_partition(one.partition);
            one.offset = std::max(one.offset, Offset{0});
        }
    }

    std::span<const Record> read(std::size_t bytes_max, milliseconds wait) override;
    std::vector<PartitionOffset> position() const override { return position_; }
    void wake() override { woken_ = true; }

private:
    bool gather(std::size_t bytes_max);

    Broker& broker_;
    const int process_;
    const Topic topic_;
    std::vector<PartitionOffset> position_;
    std::vector<Record> records_;
    bool woken_ = false;
};

// The first record at or after this offset.
auto from(Line& line, Offset offset) {
    return std::ranges::lower_bound(line.records, offset, {}, &Stored::offset);
}

// True when the position moved, be it only over offsets that hold no record.
bool MemoryReader::gather(std::size_t bytes_max) {
    if (position_.empty()) return false;
    Random& random = broker_.world().random();
    std::size_t count_max = std::size_t(-1);
    if (random.chance(broker_.world().options().faults.less)) count_max = 1 + random.below(3);
    const std::size_t first = random.below(position_.size());
    std::size_t bytes = 0;
    bool moved = false;
    for (std::size_t i = 0; i < position_.size(); ++i) {
        PartitionOffset& at = position_[(first + i) % position_.size()];
        Line& line = broker_.line(topic_, at.partition);
        if (at.offset >= line.visible) continue;
        auto next = from(line, at.offset);
        for (; next != line.records.end() && next->offset < line.visible; ++next) {
            const std::size_t size = next->key.size() + next->value.size();
            if (records_.size() == count_max || (!records_.empty() && bytes + size > bytes_max))
                return true;
            records_.push_back({topic_, at.partition, next->offset, next->key, next->value});
            bytes += size;
            at.offset = next->offset + 1;
        }
        at.offset = line.visible;
        moved = true;
    }
    return moved;
}

std::span<const Record> MemoryReader::read(std::size_t bytes_max, milliseconds wait) {
    World& world = broker_.world();
    broker_.enter(process_);
    records_.clear();
    world.step("read");
    const Time until = world.now() + wait;
    while (!gather(bytes_max) && !woken_ && world.now() < until) {
        world.wait(until);
        broker_.enter(process_);
    }
    woken_ = false;
    return records_;
}

class MemoryOwner final : public Owner {
public:
    MemoryOwner(Broker& broker, int process, std::string name)
        : broker_{broker},
          process_{process},
          member_{broker.add_member(process, std::move(name))} {}
    ~MemoryOwner() override { broker_.lose_member(member_); }

    void poll(Turn& turn, std::size_t commands_max, milliseconds wait) override;
    Commit commit(const Transaction& transaction) override;
    void wake() override { woken_ = true; }
    void leave() override;

private:
    Commit lost(std::string reason);
    void check_tenures(const Transaction& transaction);
    void hand_out(std::vector<Record>& commands, std::size_t commands_max);

    Broker& broker_;
    const int process_;
    const int member_;
    bool woken_ = false;
};

void MemoryOwner::poll(Turn& turn, std::size_t commands_max, milliseconds wait) {
    World& world = broker_.world();
    turn.lost.clear();
    turn.gained.clear();
    turn.commands.clear();
    broker_.enter(process_);
    world.step("poll");
    const Time until = world.now() + wait;
    while (true) {
        const Member& member = broker_.member(member_);
        if (!member.left) {
            if (!member.joined) broker_.join(member_);
            broker_.tell(member_, turn.lost);
            // A partition may come back in the same turn, and bring its commands.
            if (turn.lost.empty() || world.random().coin()) broker_.grant(member_, turn.gained);
            if ((turn.lost.empty() && turn.gained.empty()) || world.random().coin())
                hand_out(turn.commands, commands_max);
        }
        if (!turn.lost.empty() || !turn.gained.empty() || !turn.commands.empty()) break;
        if (woken_ || world.now() >= until) break;
        world.wait(until);
        broker_.enter(process_);
    }
    woken_ = false;
}

void MemoryOwner::hand_out(std::vector<Record>& commands, std::size_t commands_max) {
    Member& member = broker_.member(member_);
    if (member.held.empty()) return;
    Random& random = broker_.world().random();
    if (commands_max > 1 && random.chance(broker_.world().options().faults.less))
        commands_max = 1 + random.below(3) % commands_max;
    const std::size_t first = random.below(member.held.size());
    for (std::size_t i = 0; i < member.held.size(); ++i) {
        const int partition = member.held[(first + i) % member.held.size()];
        Line& line = broker_.line(Topic::commands, partition);
        Offset& at = member.next[static_cast<std::size_t>(partition)];
        auto next = from(line, at);
        for (; next != line.records.end() && next->offset < line.visible; ++next) {
            if (commands.size() >= commands_max) return;
            commands.push_back({Topic::commands, partition, next->offset, next->key, next->value});
            at = next->offset + 1;
        }
    }
}

// Where an implementation would go on quietly, so that a bug above is seen.
void MemoryOwner::check_tenures(const Transaction& transaction) {
    const Member& member = broker_.member(member_);
    const auto held = [&](int partition) {
        if (std::ranges::find(member.held, partition) == member.held.end())
            throw Misuse{"a commit for partition " + std::to_string(partition) + ", which '" +
                         member.name + "' does not own"};
    };
    for (const Transaction::Entry& entry : transaction.entries())
        if (entry.topic == Topic::events) held(entry.partition);
    for (const PartitionOffset& one : transaction.consumed()) {
        held(one.partition);
        const Offset before = broker_.seat(one.partition).consumed;
        const Offset handed_out = member.next[static_cast<std::size_t>(one.partition)];
        if (one.offset < before || one.offset > handed_out)
            throw Misuse{"partition " + std::to_string(one.partition) + " is said to be consumed " +
                         "up to " + std::to_string(one.offset) + ", but stood at " +
                         std::to_string(before) + " and was handed out up to " +
                         std::to_string(handed_out)};
    }
}

Commit MemoryOwner::lost(std::string reason) {
    broker_.end_tenures(member_);
    return {State::lost, {}, std::move(reason)};
}

Commit MemoryOwner::commit(const Transaction& transaction) {
    World& world = broker_.world();
    const Faults& faults = world.options().faults;
    broker_.enter(process_);
    world.step("commit");
    const auto fenced = [&] { return broker_.member(member_).fenced; };
    const auto lost_to_another = [&] {
        ++broker_.counts().fenced;
        return lost("another owner has taken a partition");
    };
    if (fenced()) return lost_to_another();
    check_tenures(transaction);
    if (std::string refusal = broker_.check(transaction); !refusal.empty())
        return {State::refused, {}, std::move(refusal)};
    if (world.random().chance(faults.refuse)) {
        ++broker_.counts().refused;
        broker_.abort(transaction);
        return {State::refused, {}, "the simulation refuses it"};
    }

    const std::vector<int> held = broker_.member(member_).held;
    try {
        world.step("commit under way");
    } catch (const Crash&) {
        // Whoever has taken over meanwhile has aborted it.
        if (!fenced()) broker_.leave_open(transaction, held, true);
        throw;
    }
    // It may have stood still in between.
    if (fenced()) return lost_to_another();
    if (world.random().chance(faults.lose)) {
        broker_.leave_open(transaction, held, false);
        return lost("the simulation keeps the outcome to itself");
    }
    Commit commit{State::committed, broker_.apply(transaction, transaction.consumed()), {}};
    world.step("committed");
    return commit;
}

void MemoryOwner::leave() {
    broker_.enter(process_);
    broker_.world().step("leave");
    broker_.leave(member_);
}

class MemoryLog final : public Log {
public:
    explicit MemoryLog(Broker& broker) : broker_{broker}, process_{broker.start_process()} {}
    ~MemoryLog() override { broker_.end_process(process_); }

    int process() const { return process_; }
    int partitions() const override { return broker_.partitions(); }

    Offset end(Topic topic, int partition) override {
        enter(partition);
        return broker_.line(topic, partition).visible;
    }

    Offset consumed(int partition) override {
        enter(partition);
        return broker_.consumed(partition);
    }

    std::unique_ptr<Reader> read(Topic topic, std::vector<PartitionOffset> from) override {
        broker_.enter(process_);
        return std::make_unique<MemoryReader>(broker_, process_, topic, std::move(from));
    }

    std::vector<std::string> fetch(Topic topic, int partition,
                                   std::span<const Offset> offsets) override {
        enter(partition);
        broker_.world().step("fetch");
        Line& line = broker_.line(topic, partition);
        std::vector<std::string> values;
        for (const Offset offset : offsets) {
            const auto found = from(line, offset);
            if (found == line.records.end() || found->offset != offset)
                throw Error{"the simulated " + std::string{name(topic)} + "/" +
                            std::to_string(partition) + " has no record at " +
                            std::to_string(offset)};
            while (line.visible <= offset && broker_.world().now() < line.visible_at)
                broker_.world().wait(line.visible_at);
            values.push_back(found->value);
        }
        return values;
    }

    std::unique_ptr<Owner> own(std::string name) override {
        broker_.enter(process_);
        return std::make_unique<MemoryOwner>(broker_, process_, std::move(name));
    }

    void append(const Transaction& transaction) override;

    bool post(Topic topic, int partition, std::string_view key, std::string_view value) override {
        broker_.enter(process_);
        return broker_.post(process_, topic, partition, key, value);
    }

    std::string trouble() const override {
        return broker_.disk_full() ? "the disk is full" : std::string{};
    }

private:
    void enter(int partition) {
        broker_.enter(process_);
        broker_.check_partition(partition);
    }

    Broker& broker_;
    const int process_;
};

void MemoryLog::append(const Transaction& transaction) {
    World& world = broker_.world();
    const Faults& faults = world.options().faults;
    broker_.enter(process_);
    world.step("append");
    if (const std::string refusal = broker_.check(transaction); !refusal.empty())
        throw Error{refusal};
    if (world.random().chance(faults.refuse)) {
        ++broker_.counts().refused;
        broker_.abort(transaction);
        throw Error{"the simulation refuses it"};
    }
    world.step("append under way");
    // Nobody's position is moved behind its back.
    std::vector<PartitionOffset> positions;
    for (const PartitionOffset& one : transaction.consumed()) {
        broker_.check_partition(one.partition);
        const Seat& seat = broker_.seat(one.partition);
        if (seat.holder >= 0 || seat.target >= 0) continue;
        broker_.settle(one.partition);
        positions.push_back(one);
    }
    if (world.random().chance(faults.lose)) {
        if (world.random().coin()) broker_.apply(transaction, positions);
        throw Error{"the simulation keeps the outcome to itself"};
    }
    broker_.apply(transaction, positions);
    world.step("appended");
}

} // namespace

std::unique_ptr<Log> make_log(Broker& broker) { return std::make_unique<MemoryLog>(broker); }

int process_of(const Log& log) { return dynamic_cast<const MemoryLog&>(log).process(); }

} // namespace bus::simulated
