// A worker: follows `events` with its to-do list, has what is due carried out, and posts what came
// of it as commands whose ids derive from the item's name, so that a repetition does nothing.
// Only items of partitions that are decided in this process are taken up; whoever gets a
// partition finds its items open.

#pragma once

#include "projections/todo.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace projections {

// A command in words, for whoever can read it.
struct PostedCommand {
    std::string stream;
    std::string type;
    std::string data;        // JSON
    std::string tenant = {}; // Empty: the item's.
};

// What came of carrying out an item.
struct Performed {
    enum class Kind {
        concluded, // With `commands`; with none when nobody has to be told.
        again,     // After `wait`, with the same name: not clear, or not now.
        parked,    // Trying again would not help. `reason` says why.
    };
    Kind kind = Kind::concluded;
    std::vector<PostedCommand> commands;
    std::optional<std::chrono::milliseconds> wait; // Absent: by the worker's backoff.
    std::string reason;
    // Commands that do not wait for the end, as "the outcome is unknown". Posted with `again`.
    std::vector<PostedCommand> meanwhile;
};

// Carries out items. Called by several threads at once; may block. Throws nothing but
// std::exception, which counts as `again`.
class Performer {
public:
    virtual ~Performer() = default;
    virtual Performed perform(const TodoItem& item) = 0;
};

// Takes commands to who decides them.
class Poster {
public:
    // `then` hears whether it was decided (accepted, refused, or decided before); in any thread.
    enum class Told { decided, repeated, not_now, impossible };
    using Then = std::function<void(Told, const std::string& rejection)>;
    virtual void post(const TodoItem& item, const std::string& id, const PostedCommand& command,
                      Then then) = 0;
    virtual bool owns(int partition) const = 0;

protected:
    ~Poster() = default;
};

struct WorkerOptions {
    std::size_t at_once = 4; // Items carried out at the same time.
    double per_second = 50;  // Begun, at most.
    std::chrono::milliseconds backoff_first{500}, backoff_max{5 * 60'000};
    std::uint32_t attempts_max = 30; // Then it is parked.
    std::int64_t flush_after_milliseconds = 1000;
    // Hears why an item was not concluded this time. In a thread of the worker.
    std::function<void(const TodoItem& item, std::string_view reason)> notice;
    std::function<std::int64_t()> milliseconds_now; // Of the world whose deadlines it keeps.
};

// Written by its threads, read by any.
struct WorkerMeter {
    std::atomic<std::uint64_t> begun{0}, concluded{0}, again{0}, failed_posts{0};
    std::atomic<std::size_t> open{0}, parked{0}, due{0};
    std::atomic<std::int64_t> lag_records{0};
};

class Worker {
public:
    // All of these outlive the worker.
    Worker(bus::Log& log, const TodoFold& fold, Store& store, Performer& performer, Poster& poster,
           WorkerOptions options);
    ~Worker();

    void start();
    void stop(); // Waits for what is being carried out.

    std::string_view name() const { return fold_.name(); }
    const WorkerMeter& meter() const { return meter_; }
    bool caught_up() const { return caught_up_; }
    std::string trouble() const; // Why it stands still; empty when it does not.

private:
    struct Busy {
        Performed performed;
        std::size_t commands_left = 0;
        bool post_failed = false;
        std::chrono::steady_clock::time_point told_at{}; // When all were decided.
    };
    struct Report {
        std::string item;
        Performed performed;
        bool told = false; // A posted command was decided: `decided` says how.
        Poster::Told decided = Poster::Told::decided;
        std::string rejection;
    };

    void follow();
    void perform();
    void count();
    void take_up(domain::Time now);
    void conclude(const TodoItem& item, Performed performed);
    void heard(Report& report);
    void later(const TodoItem& item, std::optional<std::chrono::milliseconds> wait);
    void park(const TodoItem& item, std::string reason);
    domain::Time now() const { return {options_.milliseconds_now()}; }

    bus::Log& log_;
    const TodoFold& fold_;
    Store& store_;
    Performer& performer_;
    Poster& poster_;
    const WorkerOptions options_;
    Todo todo_;
    std::map<std::string, Busy, std::less<>> busy_; // Taken up and not closed.
    double allowance_ = 0;
    std::chrono::steady_clock::time_point allowed_at_;

    mutable std::mutex mutex_; // Over these:
    std::condition_variable wanted_;
    std::deque<TodoItem> taken_;
    std::deque<Report> reports_;
    std::string trouble_;
    bool stopping_ = false;

    std::atomic<bool> caught_up_ = false;
    WorkerMeter meter_;
    std::unique_ptr<bus::Reader> reader_;
    std::thread follower_;
    std::vector<std::thread> performers_;
};

} // namespace projections
