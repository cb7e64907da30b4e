// Who owns which partition: joining, leaving, moving, and taking from who is silent.

#include "bus/simulated/broker.hpp"

#include <algorithm>
#include <utility>

namespace bus::simulated {

int Broker::add_member(int process, std::string name) {
    Member member;
    member.process = process;
    member.name = std::move(name);
    member.next.resize(seats_.size());
    members_.push_back(std::move(member));
    return static_cast<int>(members_.size()) - 1;
}

void Broker::join(int number) {
    // Who comes back under its name after a crash does not always have to wait for its own
    // former session to end.
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].dead && members_[i].joined && members_[i].name == member(number).name &&
            world_.random().coin())
            expire(static_cast<int>(i));
    member(number).joined = true;
    rebalance(false, false);
}

void Broker::leave(int number) {
    Member& one = member(number);
    one.left = true;
    if (!one.joined) return;
    one.joined = false;
    for (const int partition : std::exchange(one.held, {}))
        release(partition);
    one.taken.clear();
    rebalance(false, false);
}

void Broker::lose_member(int number) {
    Member& one = member(number);
    if (one.left || one.dead) return;
    one.dead = true;
    if (!one.joined) return;
    // A group hears of it at some time before the session ends, or when it does.
    Time silence = world_.options().session_timeout;
    if (world_.options().faults.crash > 0) silence = world_.up_to(silence);
    world_.after(silence, [this, number] { expire(number); });
}

void Broker::expire(int number) {
    Member& one = member(number);
    if (!one.joined) return;
    ++counts().expired;
    one.joined = false;
    for (const int partition : std::vector<int>{one.held})
        take(partition);
    one.fenced = true;
    rebalance(false, false);
}

void Broker::rebalance(bool abrupt, bool moved) {
    std::vector<int> joined;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].joined) joined.push_back(static_cast<int>(i));
    Random& random = world_.random();
    const bool fault = moved || world_.options().faults.rebalance > 0;
    const std::uint64_t rotation = moved ? random.next() % 1024 : 0;
    // Kafka's eager assignment takes everything back, also what stays where it was.
    const bool eager = fault && random.coin();
    if (moved) ++counts().rebalances;
    if (abrupt) ++counts().abrupt_rebalances;
    for (int partition = 0; partition < partitions(); ++partition) {
        Seat& seat = seats_[index(partition)];
        seat.target =
            joined.empty()
                ? -1
                : joined[(static_cast<std::uint64_t>(partition) + rotation) % joined.size()];
        seat.revoked = seat.holder >= 0 && (eager || seat.target != seat.holder);
        const std::uint64_t change = ++seat.changes;
        if (!seat.revoked) continue;
        if (abrupt)
            take(partition);
        else
            world_.after(world_.options().session_timeout, [this, partition, change] {
                const Seat& then = seats_[index(partition)];
                if (then.changes == change && then.revoked) take(partition);
            });
    }
    world_.note(rotation);
}

void Broker::release(int partition) {
    Seat& seat = seats_[index(partition)];
    seat.holder = -1;
    seat.revoked = false;
    ++seat.changes;
}

// The holder is not asked; its next commit is refused.
void Broker::take(int partition) {
    const int holder = seat(partition).holder;
    if (holder < 0) return;
    Member& one = member(holder);
    std::erase(one.held, partition);
    one.taken.push_back(partition);
    one.fenced = true;
    release(partition);
}

void Broker::tell(int number, std::vector<int>& lost) {
    Member& one = member(number);
    one.fenced = false;
    lost.insert(lost.end(), one.taken.begin(), one.taken.end());
    one.taken.clear();
    for (const int partition : std::vector<int>{one.held})
        if (seat(partition).revoked) {
            std::erase(one.held, partition);
            lost.push_back(partition);
            release(partition);
        }
}

void Broker::grant(int number, std::vector<Tenure>& gained) {
    Member& one = member(number);
    for (int partition = 0; partition < partitions(); ++partition) {
        Seat& seat = seats_[index(partition)];
        if (seat.target != number || seat.holder >= 0) continue;
        settle(partition);
        seat.holder = number;
        one.held.insert(std::ranges::upper_bound(one.held, partition), partition);
        one.next[index(partition)] = seat.consumed;
        gained.push_back({partition, seat.consumed, line(Topic::events, partition).next});
        world_.note(static_cast<std::uint64_t>(number) << 16 |
                    static_cast<std::uint64_t>(partition));
    }
}

void Broker::end_tenures(int number) {
    for (const int partition : std::vector<int>{member(number).held})
        take(partition);
}

} // namespace bus::simulated
