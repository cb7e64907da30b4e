#include "gateways/sandbox/later.hpp"

#include <pthread.h>

namespace gateways::sandbox {

void Later::start() {
    thread_ = std::thread{[this] { run(); }};
    ::pthread_setname_np(thread_.native_handle(), "sandbox-later");
}

void Later::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        tasks_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Later::after(std::chrono::milliseconds wait, Task task) {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return;
        tasks_.emplace(Steady::now() + wait, std::move(task));
    }
    changed_.notify_all();
}

void Later::run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (tasks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto due = tasks_.begin()->first;
        if (Steady::now() < due) {
            changed_.wait_until(lock, due);
            continue;
        }
        const Task task = std::move(tasks_.begin()->second);
        tasks_.erase(tasks_.begin());
        lock.unlock();
        task();
        lock.lock();
    }
}

} // namespace gateways::sandbox
