// Keeps an issuer's key set fresh, in a thread of its own, so that nobody who checks a token ever
// waits for the network.
//
//   fresh         Read again at half of `age_max`, and when a token names a key that is not there.
//   gentle        One read at a time, and not more than one in `cool_down` for unknown keys; an
//                 unknown key is remembered as such until the set was read again.
//   steadfast     What cannot be read is replaced by what was read last, up to `stale_max`.

#pragma once

#include "gateways/token/key_set.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

namespace gateways::token {

struct KeySourceOptions {
    std::vector<Algorithm> algorithms;
    std::chrono::milliseconds age_max{600'000};
    std::chrono::milliseconds cool_down{30'000};
    std::chrono::milliseconds retry_after{5'000}; // When there is nothing to use at all.
    std::chrono::milliseconds stale_max{24 * 3'600'000};
};

class KeySource {
public:
    // The key set's text, or nothing when it cannot be read. Called in the source's thread.
    using Fetch = std::function<std::optional<std::string>()>;

    KeySource(KeySourceOptions options, Fetch fetch);
    ~KeySource();
    KeySource(const KeySource&) = delete;
    KeySource& operator=(const KeySource&) = delete;

    // Null: none was ever read, or the last is too old.
    std::shared_ptr<const KeySet> keys() const;
    // Changes when the set's text does: what was verified with the old set is to be checked again.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

    // A token named this key and it is not in the set. True: the set is being read again, so that
    // the key may be known soon.
    bool miss(const std::string& key_id);

    // Until the next read has ended that begins from now on, or `time_max` is over. For programs
    // that check one token, and for tests.
    bool wait_for_read(std::chrono::milliseconds time_max);
    // Ended reads, good or not.
    std::uint64_t reads() const;

private:
    using Clock = std::chrono::steady_clock;

    void run();
    void read(std::unique_lock<std::mutex>& lock);

    const KeySourceOptions options_;
    const Fetch fetch_;

    mutable std::mutex mutex_; // Guards all below but the atomic and the thread.
    std::condition_variable changed_;
    std::shared_ptr<const KeySet> keys_;
    std::string text_;
    Clock::time_point read_at_, due_at_, missed_at_;
    std::set<std::string, std::less<>> unknown_; // Keys that the newest set does not have.
    std::vector<std::string> missed_ids_;        // Those the next read is for.
    bool reading_ = false, wanted_ = false, stopping_ = false;
    std::uint64_t reads_ = 0;

    std::atomic<std::uint64_t> version_ = 0;
    std::thread thread_;
};

} // namespace gateways::token
