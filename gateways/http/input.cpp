#include "gateways/http/input.hpp"

#include "gateways/http/request.hpp"

#include <algorithm>
#include <cstring>

namespace gateways::http {

namespace {

// Zeroed, so that the padding behind the last body holds no bytes of somebody else's request.
std::unique_ptr<char[]> allocate(std::size_t capacity) {
    return std::make_unique<char[]>(capacity + body_padding);
}

} // namespace

Input::Input(std::size_t bytes, Budget& budget)
    : budget_{budget}, usual_{bytes}, capacity_{bytes}, bytes_{allocate(bytes)} {}

Input::~Input() { budget_.give(capacity_ - usual_); }

std::span<char> Input::room(std::size_t kept, std::size_t bytes_max) {
    // Little room left: reading would go on in small pieces.
    if (capacity_ - end_ < usual_ / 4) {
        const std::size_t needed = kept + (end_ - parsed_);
        const bool last_resort = capacity_ >= bytes_max && end_ == capacity_ && needed < end_;
        if (needed + usual_ / 4 <= capacity_ || last_resort) {
            move_to(capacity_, kept);
        } else if (capacity_ < bytes_max) {
            const std::size_t wanted = std::min(capacity_ * 2, bytes_max);
            out_of_budget_ = !budget_.take(wanted - capacity_);
            if (out_of_budget_) return {};
            move_to(wanted, kept);
        }
    }
    return {bytes_.get() + end_, capacity_ - end_};
}

void Input::move_to(std::size_t capacity, std::size_t kept) {
    std::unique_ptr<char[]> other;
    char* to = bytes_.get();
    if (capacity != capacity_) {
        other = allocate(capacity);
        to = other.get();
    }
    const std::size_t rest = end_ - parsed_;
    std::memmove(to, request(), kept);
    std::memmove(to + kept, bytes_.get() + parsed_, rest);
    begin_ = 0;
    parsed_ = kept;
    end_ = kept + rest;
    if (other) {
        bytes_ = std::move(other);
        capacity_ = capacity;
    }
}

void Input::next_request() {
    begin_ = parsed_;
    if (begin_ == end_) begin_ = parsed_ = end_ = 0;
    if (capacity_ > usual_ && end_ - begin_ <= usual_) {
        budget_.give(capacity_ - usual_);
        move_to(usual_, 0);
    }
}

void Input::forget() {
    parsed_ = end_;
    next_request();
}

} // namespace gateways::http
