// Which idempotency keys were used, and what was answered.

#pragma once

#include "gateways/sandbox/stripe/shelf.hpp"

#include <cstdint>
#include <deque>
#include <utility>

namespace gateways::sandbox::stripe {

class Idempotency {
public:
    static constexpr std::int64_t life_seconds = 24 * 60 * 60;

    struct Entry {
        std::string fingerprint; // Of the first request's path and parameters.
        bool running = true;
        std::int64_t since = 0;
        std::string request_id; // The first request's.
        unsigned status = 0;
        std::string body;
    };

    // Nothing when the key is new, or has been forgotten.
    const Entry* find(std::string_view key) const;

    void begin(std::string_view key, Entry entry);
    void finish(std::string_view key, unsigned status, std::string body);
    // The request was refused before it was executed: the key is free again.
    void release(std::string_view key);
    // Forgets what is too old.
    void prune(std::int64_t now);

    std::size_t size() const { return entries_.size(); }

private:
    ById<Entry> entries_;
    std::deque<std::pair<std::int64_t, std::string>> ages_; // Oldest first.
};

} // namespace gateways::sandbox::stripe
