// Does something again and again, in a thread of its own, by the marketplace's clock: when that
// jumps, what is due then happens. After a failure it waits longer and longer, spread by chance, so
// that many who failed together do not come back together.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>

namespace gateways::workers {

struct RoundsOptions {
    std::string name;                // For logs and metrics.
    std::chrono::milliseconds every; // From the end of a round to the next.
    // After failures: the first pause, doubled each time, up to the last; a quarter more or less.
    std::chrono::milliseconds pause_first{1000}, pause_max{5 * 60'000};
    std::function<std::int64_t()> milliseconds_now;
    std::function<bool()> mine; // Whether this instance is the one to do it, now.
    // Hears why a round failed. In the rounds' thread.
    std::function<void(std::string_view name, std::string_view why)> notice;
};

// Written by the thread, read by any.
struct RoundsMeter {
    std::atomic<std::uint64_t> done{0}, failed{0};
    std::atomic<std::int64_t> last_success{0}; // Milliseconds since 1970; 0: none yet.
};

// After so many failures in a row, 1 or more. `chance` is any number.
std::chrono::milliseconds pause_after(std::uint32_t failures, std::chrono::milliseconds first,
                                      std::chrono::milliseconds longest, std::uint64_t chance);

class Rounds {
public:
    // `round` throws std::exception when it failed.
    Rounds(RoundsOptions options, std::function<void()> round);
    ~Rounds() { stop(); }

    void start(); // The first round comes at once.
    void stop();  // Waits for a round that is under way.

    const std::string& name() const { return options_.name; }
    const RoundsMeter& meter() const { return meter_; }

private:
    void run();

    const RoundsOptions options_;
    const std::function<void()> round_;
    RoundsMeter meter_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace gateways::workers
