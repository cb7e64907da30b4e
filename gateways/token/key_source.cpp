#include "gateways/token/key_source.hpp"

namespace gateways::token {

namespace {

constexpr std::size_t unknown_keys_max = 1024;

} // namespace

KeySource::KeySource(KeySourceOptions options, Fetch fetch)
    : options_{std::move(options)},
      fetch_{std::move(fetch)},
      due_at_{Clock::now()},
      missed_at_{due_at_ - options_.cool_down} {
    thread_ = std::thread{[this] { run(); }};
}

KeySource::~KeySource() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::shared_ptr<const KeySet> KeySource::keys() const {
    const std::lock_guard lock{mutex_};
    if (!keys_ || Clock::now() - read_at_ > options_.stale_max) return nullptr;
    return keys_;
}

bool KeySource::miss(const std::string& key_id) {
    const std::lock_guard lock{mutex_};
    if (unknown_.contains(key_id)) return false;
    if (reading_ || wanted_) return true;
    const auto now = Clock::now();
    if (now - missed_at_ < options_.cool_down) return false;
    missed_at_ = now;
    missed_ids_.push_back(key_id);
    wanted_ = true;
    changed_.notify_all();
    return true;
}

bool KeySource::wait_for_read(std::chrono::milliseconds time_max) {
    std::unique_lock lock{mutex_};
    const std::uint64_t target = reads_ + (reading_ ? 2 : 1);
    wanted_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, time_max, [&] { return reads_ >= target; });
}

std::uint64_t KeySource::reads() const {
    const std::lock_guard lock{mutex_};
    return reads_;
}

void KeySource::run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (!wanted_ && Clock::now() < due_at_) {
            changed_.wait_until(lock, due_at_, [this] { return stopping_ || wanted_; });
            continue;
        }
        read(lock);
    }
}

void KeySource::read(std::unique_lock<std::mutex>& lock) {
    wanted_ = false;
    reading_ = true;
    lock.unlock();
    std::optional<std::string> text;
    std::shared_ptr<const KeySet> set;
    if ((text = fetch_())) set = KeySet::parse(*text, options_.algorithms);
    lock.lock();
    reading_ = false;
    ++reads_;
    const auto now = Clock::now();
    const bool readable = set != nullptr;
    if (readable) {
        if (*text != text_) {
            text_ = std::move(*text);
            keys_ = std::move(set);
            unknown_.clear();
            version_.fetch_add(1, std::memory_order_release);
        }
        read_at_ = now;
        if (unknown_.size() + missed_ids_.size() > unknown_keys_max) unknown_.clear();
        unknown_.insert(missed_ids_.begin(), missed_ids_.end());
        missed_ids_.clear();
    }
    due_at_ = now + (readable ? options_.age_max / 2
                     : keys_  ? options_.cool_down
                              : options_.retry_after);
    changed_.notify_all();
}

} // namespace gateways::token
