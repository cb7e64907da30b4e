#include "gateways/sandbox/clock.hpp"

namespace gateways::sandbox {

using std::chrono::milliseconds;

Clock::Clock()
    : Clock{std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()), false} {}

Clock::Clock(Time time, bool frozen) : at_{time}, frozen_{frozen} {}

Time Clock::read() const {
    if (frozen_) return at_;
    return at_ + std::chrono::duration_cast<milliseconds>(Steady::now() - since_);
}

Time Clock::now() const {
    const std::lock_guard lock{mutex_};
    return read();
}

bool Clock::frozen() const {
    const std::lock_guard lock{mutex_};
    return frozen_;
}

void Clock::set(Time time) {
    {
        const std::lock_guard lock{mutex_};
        at_ = time;
        since_ = Steady::now();
    }
    tell();
}

void Clock::advance(milliseconds by) {
    {
        const std::lock_guard lock{mutex_};
        at_ += by;
    }
    tell();
}

void Clock::freeze(bool frozen) {
    {
        const std::lock_guard lock{mutex_};
        at_ = read();
        since_ = Steady::now();
        frozen_ = frozen;
    }
    tell();
}

unsigned Clock::listen(Listener listener) {
    const std::lock_guard lock{listeners_mutex_};
    listeners_.emplace(next_listener_, std::move(listener));
    return next_listener_++;
}

void Clock::forget(unsigned listener) {
    const std::lock_guard lock{listeners_mutex_};
    listeners_.erase(listener);
}

void Clock::tell() {
    const std::lock_guard lock{listeners_mutex_};
    for (const auto& [number, listener] : listeners_)
        listener();
}

} // namespace gateways::sandbox
