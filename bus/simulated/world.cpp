#include "bus/simulated/broker.hpp"
#include "bus/simulated/log.hpp"
#include "bus/simulated/simulated.hpp"

#include <algorithm>
#include <utility>

namespace bus::simulated {

namespace {

constexpr Time step_time_max{200};
constexpr Time disk_full_time_max = std::chrono::seconds{2};
// How much of the time that a frozen process stands still passes between two calls of
// meanwhile()'s function that do not move the clock themselves.
constexpr Time frozen_slice = std::chrono::milliseconds{50};

} // namespace

Faults Faults::all() {
    Faults faults;
    faults.crash = 0.0008;
    faults.freeze = 0.0004;
    faults.rebalance = 0.001;
    faults.disk_full = 0.0005;
    faults.refuse = 0.01;
    faults.lose = 0.015;
    faults.late = 0.1;
    faults.leave_gaps = 0.3;
    faults.post_lost = 0.02;
    faults.post_delayed = 0.05;
    faults.post_repeated = 0.05;
    faults.less = 0.2;
    return faults;
}

World::World(std::uint64_t seed, Options options)
    : seed_{seed}, options_{options}, random_{seed}, broker_{std::make_unique<Broker>(*this)} {}

World::~World() = default;

Time World::up_to(Time longest) {
    return Time{
        1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(longest.count())))};
}

void World::note(std::uint64_t fact) {
    trace_ = (trace_ ^ fact) * 0x9e3779b97f4a7c15U;
    trace_ ^= trace_ >> 29;
}

void World::step(std::string_view name) {
    ++steps_;
    std::uint64_t hash = 0xcbf29ce484222325U; // FNV-1a
    for (const char one : name)
        hash = (hash ^ static_cast<unsigned char>(one)) * 0x100000001b3U;
    const int process = broker_->running();
    note(hash ^ static_cast<std::uint64_t>(now_.count()) ^
         (static_cast<std::uint64_t>(process + 1) << 48));

    if (in_action_) return; // What is done in between steps is not interrupted.
    advance(up_to(step_time_max));
    if (random_.chance(options_.faults.rebalance)) rebalance(random_.coin());
    if (random_.chance(options_.faults.disk_full))
        broker_->fill_disk_for(up_to(disk_full_time_max));
    if (process < 0) return;
    if (!broker_->alive(process)) throw Crash{};
    if (steps_ == crash_at_ || random_.chance(options_.faults.crash)) {
        broker_->die(process);
        throw Crash{};
    }
    if (random_.chance(options_.faults.freeze)) stand_still(process);
}

void World::stand_still(int process) {
    ++counts_.freezes;
    const Time until = now_ + up_to(3 * options_.session_timeout);
    broker_->set_frozen(process, true);
    while (now_ < until && broker_->alive(process)) {
        const Time before = now_;
        if (others_) others_();
        if (now_ == before) advance(std::min(frozen_slice, until - now_));
    }
    broker_->set_frozen(process, false);
    broker_->enter(process);
}

void World::advance(Time by) {
    const Time until = now_ + by;
    if (!in_action_) {
        in_action_ = true;
        const int process = broker_->running();
        while (!due_.empty() && due_.front().time <= until) {
            std::pop_heap(due_.begin(), due_.end());
            const Due due = std::move(due_.back());
            due_.pop_back();
            now_ = std::max(now_, due.time);
            due.action();
        }
        broker_->set_running(process);
        in_action_ = false;
    }
    now_ = std::max(now_, until);
}

void World::wait(Time until) {
    if (!due_.empty() && !in_action_) until = std::min(until, due_.front().time);
    advance(std::max(until - now_, Time{1}));
}

void World::after(Time delay, std::function<void()> action) {
    due_.push_back({now_ + delay, ++due_count_, std::move(action)});
    std::push_heap(due_.begin(), due_.end());
}

void World::runs(const Log& log) { broker_->enter(process_of(log)); }
void World::meanwhile(std::function<void()> others) { others_ = std::move(others); }
bool World::frozen(const Log& log) const { return broker_->frozen(process_of(log)); }
void World::freeze(const Log& log) { broker_->set_frozen(process_of(log), true); }
void World::kill(const Log& log) { broker_->die(process_of(log)); }

void World::rebalance(bool abrupt) { broker_->rebalance(abrupt, true); }

void World::fill_disk() { broker_->set_disk_full(true); }
void World::make_room() { broker_->set_disk_full(false); }

void World::calm() {
    options_.faults = {};
    crash_at_ = 0;
    make_room();
}

std::unique_ptr<Log> open(World& world) { return make_log(*world.broker_); }

std::unique_ptr<Log> open(World& world, int partitions) {
    if (partitions != world.options().partitions)
        throw Error{"the simulated log was made with " +
                    std::to_string(world.options().partitions) +
                    " partitions and cannot be opened with " + std::to_string(partitions)};
    return open(world);
}

} // namespace bus::simulated
