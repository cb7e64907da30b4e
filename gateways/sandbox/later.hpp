// Runs things after a while of real time: answers that are held back, what has to be looked after
// now and then.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace gateways::sandbox {

// One thread. What is still waiting at stop() is dropped.
class Later {
public:
    using Task = std::function<void()>;

    Later() = default;
    ~Later() { stop(); }
    Later(const Later&) = delete;
    Later& operator=(const Later&) = delete;

    void start();
    void stop(); // Returns when the task that runs has ended; not to be called by one.

    // Any thread, also a task.
    void after(std::chrono::milliseconds wait, Task task);

private:
    using Steady = std::chrono::steady_clock;

    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Steady::time_point, Task> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace gateways::sandbox
