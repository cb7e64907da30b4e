#include "gateways/sandbox/stripe/idempotency.hpp"

namespace gateways::sandbox::stripe {

const Idempotency::Entry* Idempotency::find(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

void Idempotency::begin(std::string_view key, Entry entry) {
    ages_.emplace_back(entry.since, key);
    entries_.insert_or_assign(std::string{key}, std::move(entry));
}

void Idempotency::finish(std::string_view key, unsigned status, std::string body) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    found->second.running = false;
    found->second.status = status;
    found->second.body = std::move(body);
}

void Idempotency::release(std::string_view key) {
    const auto found = entries_.find(key);
    if (found != entries_.end()) entries_.erase(found);
}

void Idempotency::prune(std::int64_t now) {
    while (!ages_.empty() && ages_.front().first + life_seconds <= now) {
        const auto& [since, key] = ages_.front();
        const auto found = entries_.find(key);
        // A key that was released and used again has a younger place further back.
        if (found != entries_.end() && found->second.since == since) entries_.erase(found);
        ages_.pop_front();
    }
}

} // namespace gateways::sandbox::stripe
