#include "gateways/workers/rounds.hpp"

#include "projections/thread_name.hpp"

#include <algorithm>
#include <exception>

namespace gateways::workers {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_every{50}; // At a clock that may jump.

} // namespace

milliseconds pause_after(std::uint32_t failures, milliseconds first, milliseconds longest,
                         std::uint64_t chance) {
    milliseconds pause = first;
    for (std::uint32_t i = 1; i < failures && pause < longest; ++i)
        pause *= 2;
    pause = std::min(pause, longest);
    const auto spread = static_cast<std::uint64_t>(pause.count()) / 2 + 1;
    return pause * 3 / 4 + milliseconds{static_cast<std::int64_t>(chance % spread)};
}

Rounds::Rounds(RoundsOptions options, std::function<void()> round)
    : options_{std::move(options)}, round_{std::move(round)} {}

void Rounds::start() {
    thread_ = std::thread{[this] { run(); }};
}

void Rounds::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Rounds::run() {
    projections::name_thread(options_.name, 5);
    std::mt19937_64 random{std::random_device{}()};
    std::int64_t ended = 0, due = 0;
    std::uint32_t failures = 0;
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        const std::int64_t now = options_.milliseconds_now();
        // A clock that was set back is not waited for.
        if ((now < due && now >= ended) || !options_.mine()) {
            stopped_.wait_for(lock, look_every, [&] { return stopping_; });
            continue;
        }
        lock.unlock();
        const auto begun = std::chrono::steady_clock::now();
        milliseconds pause = options_.every;
        try {
            round_();
            failures = 0;
            ++meter_.done;
            meter_.last_success = options_.milliseconds_now();
        } catch (const std::exception& error) {
            ++failures;
            ++meter_.failed;
            if (options_.notice) options_.notice(options_.name, error.what());
            pause = pause_after(failures, options_.pause_first, options_.pause_max, random());
        }
        // When the clock jumped meanwhile, the round knows nothing of what is due since then.
        const auto took = std::chrono::steady_clock::now() - begun;
        ended = std::min(options_.milliseconds_now(),
                         now + std::chrono::duration_cast<milliseconds>(took).count());
        due = ended + pause.count();
        lock.lock();
    }
}

} // namespace gateways::workers
