// The time of a sandbox. It runs beside the wall's, stands still, or jumps, as a test wishes; all
// servers of one sandbox share it, so that a hold and a bill expire in the same week.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>

namespace gateways::sandbox {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// Thread-safe.
class Clock {
public:
    Clock(); // Runs, from the wall's time on.
    // Stands still at `time`, or runs from there.
    explicit Clock(Time time, bool frozen = true);

    Time now() const;
    bool frozen() const;

    void set(Time time);
    void advance(std::chrono::milliseconds by);
    void freeze(bool frozen);

    // `listener` is called after every change, on the thread that made it, and not any more once
    // forget() has returned. It must not change the clock or the listeners.
    using Listener = std::function<void()>;
    unsigned listen(Listener listener);
    void forget(unsigned listener);

private:
    using Steady = std::chrono::steady_clock;

    Time read() const;
    void tell();

    mutable std::mutex mutex_;
    Time at_; // The time at `since_`, or simply the time while it stands still.
    Steady::time_point since_ = Steady::now();
    bool frozen_ = false;

    std::mutex listeners_mutex_;
    std::map<unsigned, Listener> listeners_;
    unsigned next_listener_ = 1;
};

// Seconds since 1970, as the outside world counts.
inline std::int64_t unix_seconds(Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace gateways::sandbox
