// The log as it may go wrong, in memory and in virtual time: crashes, unclear commits, frozen
// owners, rebalances, delays, duplicates, a full disk, all by a seed. With every fault at zero
// it is a log that keeps each promise at once.
//
// One thread. Nothing sleeps: who waits moves the clock. The same seed and the same calls give
// the same world, step by step.

#pragma once

#include "bus/bus.hpp"
#include "bus/simulated/random.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bus::simulated {

// Since the world began.
using Time = std::chrono::microseconds;

// The process that was running has just died. Thrown out of any call on its log, and out of
// World::step(). Whoever plays the machine catches it, destroys all the process had in memory,
// and may open() the world again. Not a std::exception, so that nothing in between takes it
// for an ordinary error.
struct Crash {};

// The code above did what bus.hpp does not allow, as committing for a partition it was told it
// lost. A bug found, not a fault of the world.
class Misuse : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

// Probabilities, 0 to 1.
struct Faults {
    // At each step.
    double crash = 0;     // The process dies.
    double freeze = 0;    // It stands still for up to three session timeouts, then goes on.
    double rebalance = 0; // Partitions move; in half of the cases without asking their owner.
    double disk_full = 0; // Everything is refused for up to 2 s.

    // Of each commit and append.
    double refuse = 0;     // Refused, nothing became visible.
    double lose = 0;       // Unclear: half of them were committed, or will be.
    double late = 0;       // Readers see it up to 1 s later, each partition at its own time.
    double leave_gaps = 0; // It leaves unused offsets behind, as Kafka's markers do.

    // Of each record posted.
    double post_lost = 0;
    double post_delayed = 0; // By up to 20 s, so others overtake it.
    double post_repeated = 0;

    // Of each read and poll: brings less than there is.
    double less = 0;

    // All of them, each as likely as makes runs of a few hundred commands interesting.
    static Faults all();
};

struct Options {
    int partitions = 4; // Used when the world is made; see also open().
    Faults faults{};
    Time session_timeout = std::chrono::seconds{6};
    Time transaction_timeout = std::chrono::seconds{10};
    // Bytes on their way from one process behind post(), past which it answers false.
    std::size_t posted_bytes_max = std::size_t{1} << 20;
};

// How often each fault happened.
struct Counts {
    std::uint64_t crashes = 0, freezes = 0, rebalances = 0, abrupt_rebalances = 0;
    std::uint64_t disks_full = 0, refused = 0, fenced = 0;
    std::uint64_t lost_committed = 0, lost_aborted = 0; // Answered unclear.
    std::uint64_t died_committed = 0, died_aborted = 0; // The owner died inside of a commit.
    std::uint64_t late = 0, gaps = 0;
    std::uint64_t posts_lost = 0, posts_delayed = 0, posts_repeated = 0;
    std::uint64_t expired = 0; // Owners that were dead or frozen for a session timeout.
};

class Broker;

// The machines, the network and the disks. Outlives every log opened on it.
class World {
public:
    explicit World(std::uint64_t seed, Options options = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint64_t seed() const { return seed_; }
    const Options& options() const { return options_; }
    Time now() const { return now_; }
    // For the code of the simulation itself; takes part in the same sequence.
    Random& random() { return random_; }

    // A point where the running process may be interrupted: it may die here (throws Crash),
    // freeze, lose partitions. Every call on a log has several; the code above adds its own
    // between what it does to its store.
    void step(std::string_view name);
    // The steps that follow are those of this log's process. Calls on a log, or on what came
    // from it, say so by themselves.
    void runs(const Log& log);

    // Lets time pass, with all that is due in it.
    void advance(Time by);
    // Does this when its time has come, between steps of others. It must not throw.
    void after(Time delay, std::function<void()> action);
    // Lets time pass to the next thing that is due, at most to `until`.
    void wait(Time until);

    // Called again and again while a process is frozen inside of one of its calls, so that the
    // others can go on: it gives each process that is not frozen() a turn.
    void meanwhile(std::function<void()> others);
    bool frozen(const Log& log) const;

    // The same by hand. A frozen process wakes with its next call.
    void freeze(const Log& log);
    void kill(const Log& log); // Its next call throws Crash.
    void rebalance(bool abrupt = false);
    void fill_disk();
    void make_room();
    // Ends all faults for good, so that what is left to do can come to its end.
    void calm();
    // The process that comes to this step dies there, whatever the faults are: with steps() of
    // an undisturbed run, every point of it can be tried.
    void crash_at(std::uint64_t step) { crash_at_ = step; }

    std::uint64_t steps() const { return steps_; }
    // A hash of all that happened.
    std::uint64_t trace() const { return trace_; }
    void note(std::uint64_t fact); // Takes part in trace().
    const Counts& counts() const { return counts_; }

private:
    friend class Broker;
    friend std::unique_ptr<Log> open(World& world);

    struct Due {
        Time time;
        std::uint64_t order;
        std::function<void()> action;
        bool operator<(const Due& other) const { // The earliest on top of the heap.
            return time != other.time ? time > other.time : order > other.order;
        }
    };

    Time up_to(Time longest); // A random one, at least a microsecond.
    void stand_still(int process);

    const std::uint64_t seed_;
    Options options_;
    Random random_;
    Time now_{0};
    std::vector<Due> due_; // A heap.
    std::uint64_t due_count_ = 0;
    bool in_action_ = false;
    std::function<void()> others_;
    std::uint64_t steps_ = 0, crash_at_ = 0;
    std::uint64_t trace_ = 0xcbf29ce484222325U;
    Counts counts_;
    std::unique_ptr<Broker> broker_;
};

// A new process that uses the world's log. All that it owns and reads belongs to it, and dies
// with it.
std::unique_ptr<Log> open(World& world);

// The same, and throws Error when the world has another number of partitions.
std::unique_ptr<Log> open(World& world, int partitions);

} // namespace bus::simulated
