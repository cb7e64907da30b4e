// The bytes a connection has received: one buffer, in which requests are parsed where they lie.
// It begins small, grows while one request needs it, and is small again after.

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gateways::http {

// What all connections together may have grown by.
class Budget {
public:
    explicit Budget(std::size_t bytes) : free_{static_cast<std::ptrdiff_t>(bytes)} {}

    bool take(std::size_t bytes) {
        const auto wanted = static_cast<std::ptrdiff_t>(bytes);
        if (free_.fetch_sub(wanted, std::memory_order_relaxed) >= wanted) return true;
        give(bytes);
        return false;
    }
    void give(std::size_t bytes) {
        free_.fetch_add(static_cast<std::ptrdiff_t>(bytes), std::memory_order_relaxed);
    }

private:
    std::atomic<std::ptrdiff_t> free_;
};

// The request being received begins at request(); what the parser has consumed of it ends at
// parsed. In a chunked body the decoded bytes lie together at the front, and what is between
// them and the parser's place is free.
class Input {
public:
    Input(std::size_t bytes, Budget& budget);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    char* request() { return bytes_.get() + begin_; }
    std::size_t parsed() const { return parsed_ - begin_; }
    std::string_view unparsed() const { return {bytes_.get() + parsed_, end_ - parsed_}; }
    void consume(std::size_t bytes) { parsed_ += bytes; }

    // Room for more. The request may move. `kept` is how much of its front is still needed: all
    // that was parsed, or less in a chunked body. Empty: it would need more than `bytes_max`,
    // or more than the budget has.
    std::span<char> room(std::size_t kept, std::size_t bytes_max);
    void received(std::size_t bytes) { end_ += bytes; }

    // The next request begins where this one ended.
    void next_request();

    // Of a connection that ends: gives back what it has grown by.
    void forget();

    bool out_of_budget() const { return out_of_budget_; }

private:
    void move_to(std::size_t capacity, std::size_t kept);

    Budget& budget_;
    const std::size_t usual_;
    std::size_t capacity_;
    std::unique_ptr<char[]> bytes_;
    std::size_t begin_ = 0, parsed_ = 0, end_ = 0;
    bool out_of_budget_ = false;
};

} // namespace gateways::http
