// A small processor in thousands of simulated worlds. Each of its promises rests on one of the
// log's: sequences without a gap on `order` and `one owner`, an event with its copy and its
// follow-up on `whole`, what commit() said on `kept`.

#include "bus/simulated/simulated.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bus::simulated {

namespace {

constexpr int partitions = 3;
constexpr int processes = 2;
constexpr int commands = 60;

using Place = std::pair<int, Offset>;

// What all processes of a run did, as seen from outside.
struct Acknowledged {
    std::map<Place, std::string> events;
    std::set<std::string> ids;
};

// One process: answers each command with an event "SEQUENCE ID", a copy of it in `parked` of
// the next partition, and, for a client's command, a follow-up command there.
class Processor {
public:
    Processor(World& world, std::string name, Acknowledged& acknowledged)
        : world_{world},
          acknowledged_{acknowledged},
          log_{open(world)},
          owner_{log_->own(std::move(name))} {}

    Log& log() { return *log_; }

    void turn() {
        Turn turn;
        owner_->poll(turn, refused_.empty() ? 20 : 0, milliseconds{5});
        for (const int partition : turn.lost)
            end(partition);
        for (const Tenure& tenure : turn.gained)
            begin(tenure);
        for (const Record& command : turn.commands)
            refused_.push_back({command.partition, command.offset, std::string{command.value}});
        if (!refused_.empty()) answer();
    }

private:
    struct Command {
        int partition = 0;
        Offset offset = 0;
        std::string id;
    };
    struct State {
        std::set<std::string> seen;
        int sequence = 0;
    };

    void end(int partition) {
        states_.erase(partition);
        std::erase_if(refused_, [&](const Command& one) { return one.partition == partition; });
    }

    void begin(const Tenure& tenure) {
        State& state = states_[tenure.partition] = {};
        const auto reader = log_->read(Topic::events, {{tenure.partition, 0}});
        while (reader->position().at(0).offset < tenure.events_end)
            for (const Record& event : reader->read(200, milliseconds{50})) {
                if (event.offset >= tenure.events_end) continue;
                state.seen.emplace(event.value.substr(event.value.find(' ') + 1));
                ++state.sequence;
            }
        world_.step("caught up");
    }

    void answer() {
        std::map<int, State> next = states_;
        Transaction transaction;
        std::vector<std::pair<std::size_t, std::string>> events;
        for (const Command& command : refused_) {
            State& state = next.at(command.partition);
            transaction.consumed(command.partition, command.offset + 1);
            if (!state.seen.insert(command.id).second) continue;
            const std::string event = std::to_string(++state.sequence) + " " + command.id;
            const int other = (command.partition + 1) % partitions;
            events.emplace_back(transaction.append(Topic::events, command.partition, "key", event),
                                command.id);
            transaction.append(Topic::parked, other, "key", event);
            if (!command.id.ends_with("+"))
                transaction.append(Topic::commands, other, "key", command.id + "+");
        }
        const Commit commit = owner_->commit(transaction);
        if (commit.state == Commit::State::refused) return;
        if (commit.state == Commit::State::committed) {
            for (const auto& [index, id] : events) {
                const Transaction::Entry& entry = transaction.entries()[index];
                acknowledged_.events[{entry.partition, commit.offsets[index]}] =
                    transaction.value(entry);
                acknowledged_.ids.insert(id);
            }
            states_ = std::move(next);
        } else {
            states_.clear();
        }
        refused_.clear();
    }

    World& world_;
    Acknowledged& acknowledged_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<Owner> owner_;
    std::map<int, State> states_;
    std::vector<Command> refused_; // Taken, not yet answered.
};

// A run of one seed.
class History {
public:
    explicit History(std::uint64_t seed, const Faults& faults)
        : world_{seed, {.partitions = partitions, .faults = faults}} {
        world_.meanwhile([this] {
            for (int i = 0; i < processes; ++i)
                if (world_.random().coin()) turn(i);
        });
        outside_ = open(world_);
        for (int partition = 0; partition < partitions; ++partition)
            watchers_.push_back(outside_->read(Topic::events, {{partition, 0}}));
    }

    void play() {
        constexpr int rounds_max = 50'000;
        int rounds = 0;
        bool calm = false;
        while (!finished()) {
            ASSERT_LT(++rounds, rounds_max) << "no end";
            // In the end all faults cease, so that the run ends as well.
            if (!calm && rounds > 2'000) world_.calm(), calm = true;
            const int process = static_cast<int>(world_.random().below(processes));
            post(process);
            turn(process);
            from_outside([&] { watch(); });
        }
        world_.calm();
        world_.advance(std::chrono::seconds{60}); // All that is on its way arrives.
        from_outside([&] { check(); });
    }

    const World& world() const { return world_; }

private:
    // The observer dies as well now and then.
    template <class Action>
    void from_outside(Action action) {
        try {
            action();
        } catch (const Crash&) {
            watchers_.clear();
            outside_ = open(world_);
            for (int partition = 0; partition < partitions; ++partition)
                watchers_.push_back(
                    outside_->read(Topic::events, {{partition, watched_next_[partition]}}));
        }
    }

    void turn(int number) {
        if (running_[number]) return; // It is frozen, further up the stack.
        running_[number] = true;
        std::unique_ptr<Processor>& process = processes_[number];
        try {
            if (!process)
                process = std::make_unique<Processor>(world_, "p" + std::to_string(number),
                                                      acknowledged_);
            process->turn();
        } catch (const Crash&) {
            process.reset();
        }
        running_[number] = false;
    }

    // The client repeats what was not acknowledged, at any door.
    void post(int number) {
        if (!processes_[number] || running_[number]) return;
        const auto i = static_cast<int>(world_.random().below(commands));
        const std::string id = "c" + std::to_string(i);
        if (acknowledged_.ids.contains(id) && !world_.random().chance(0.05)) return;
        processes_[number]->log().post(Topic::commands, i % partitions, "key", id);
    }

    bool finished() {
        // Each command and its follow-up.
        return acknowledged_.ids.size() == 2 * commands || found_all_;
    }

    void watch() {
        for (auto& reader : watchers_)
            for (const Record& event : reader->read(500, milliseconds{0})) {
                watched_[{event.partition, event.offset}] = event.value;
                watched_next_[event.partition] = event.offset + 1;
                found_.emplace(event.value.substr(event.value.find(' ') + 1));
            }
        // An unclear commit's events are there, though nobody was told so.
        found_all_ = found_.size() == 2 * commands;
    }

    std::map<Place, std::string> all(Topic topic, int partition) {
        std::map<Place, std::string> found;
        const auto reader = outside_->read(topic, {{partition, 0}});
        while (reader->position().at(0).offset < outside_->end(topic, partition))
            for (const Record& record : reader->read(1 << 20, milliseconds{0}))
                found[{record.partition, record.offset}] = record.value;
        return found;
    }

    void check() {
        std::map<Place, std::string> events;
        std::multiset<std::string> of_events, of_copies, of_commands, ids;
        for (int partition = 0; partition < partitions; ++partition) {
            int sequence = 0;
            for (const auto& [place, event] : all(Topic::events, partition)) {
                EXPECT_EQ(event.substr(0, event.find(' ')), std::to_string(++sequence))
                    << "order, or a second owner";
                of_events.insert(event + " of " + std::to_string(partition));
                ids.insert(event.substr(event.find(' ') + 1));
                events[place] = event;
            }
            for (const auto& [place, event] : all(Topic::parked, partition))
                of_copies.insert(event + " of " +
                                 std::to_string((partition + partitions - 1) % partitions));
            for (const auto& [place, id] : all(Topic::commands, partition))
                if (id.ends_with("+")) of_commands.insert(id);
        }
        EXPECT_EQ(of_events, of_copies) << "a part of a transaction";
        for (const auto& [place, event] : acknowledged_.events) {
            const auto found = events.find(place);
            ASSERT_TRUE(found != events.end()) << event << " was acknowledged and is gone";
            EXPECT_EQ(found->second, event);
        }
        for (const auto& [place, event] : watched_)
            EXPECT_EQ(events[place], event) << "a reader saw something else before";
        for (int i = 0; i < commands; ++i) {
            const std::string id = "c" + std::to_string(i);
            EXPECT_EQ(ids.count(id), 1U) << id;
            EXPECT_EQ(of_commands.count(id + "+"), 1U) << id << "'s follow-up";
        }
    }

    World world_;
    Acknowledged acknowledged_;
    std::unique_ptr<Processor> processes_[processes];
    bool running_[processes] = {};
    std::unique_ptr<Log> outside_;
    std::vector<std::unique_ptr<Reader>> watchers_;
    std::map<int, Offset> watched_next_;
    std::map<Place, std::string> watched_;
    std::set<std::string> found_;
    bool found_all_ = false;
};

TEST(SimulatedModel, KeepsThePromisesUnderEverySeed) {
    Counts sum;
    for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        History run{seed, Faults::all()};
        ASSERT_NO_FATAL_FAILURE(run.play());
        if (testing::Test::HasFailure()) return;
        const Counts& counts = run.world().counts();
        for (const auto field :
             {&Counts::crashes, &Counts::freezes, &Counts::rebalances, &Counts::abrupt_rebalances,
              &Counts::disks_full, &Counts::refused, &Counts::fenced, &Counts::lost_committed,
              &Counts::lost_aborted, &Counts::died_committed, &Counts::died_aborted, &Counts::late,
              &Counts::gaps, &Counts::posts_lost, &Counts::posts_delayed, &Counts::posts_repeated,
              &Counts::expired})
            sum.*field += counts.*field;
    }
    for (const auto& [name, count] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"crashes", sum.crashes},
             {"freezes", sum.freezes},
             {"rebalances", sum.rebalances},
             {"abrupt rebalances", sum.abrupt_rebalances},
             {"disks full", sum.disks_full},
             {"refused", sum.refused},
             {"fenced", sum.fenced},
             {"unclear, committed", sum.lost_committed},
             {"unclear, aborted", sum.lost_aborted},
             {"died, committed", sum.died_committed},
             {"died, aborted", sum.died_aborted},
             {"late", sum.late},
             {"gaps", sum.gaps},
             {"posts lost", sum.posts_lost},
             {"posts delayed", sum.posts_delayed},
             {"posts repeated", sum.posts_repeated},
             {"expired", sum.expired}}) {
        EXPECT_GT(count, 0U) << name << " never happened";
        RecordProperty(name, std::to_string(count));
    }
}

TEST(SimulatedModel, GoesTheSameWayForTheSameSeed) {
    std::set<std::uint64_t> traces;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        History first{seed, Faults::all()};
        first.play();
        History second{seed, Faults::all()};
        second.play();
        EXPECT_EQ(first.world().trace(), second.world().trace()) << seed;
        EXPECT_EQ(first.world().steps(), second.world().steps()) << seed;
        EXPECT_EQ(first.world().now(), second.world().now()) << seed;
        traces.insert(first.world().trace());
    }
    EXPECT_EQ(traces.size(), 50U) << "two seeds went the same way";
}

TEST(SimulatedModel, GoesWrongNowhereWithoutFaults) {
    History run{7, {}};
    run.play();
    const Counts& counts = run.world().counts();
    EXPECT_EQ(counts.crashes + counts.freezes + counts.rebalances + counts.refused + counts.fenced +
                  counts.lost_committed + counts.lost_aborted + counts.late + counts.gaps +
                  counts.posts_lost + counts.posts_delayed + counts.posts_repeated + counts.expired,
              0U);
}

} // namespace

} // namespace bus::simulated
