#include "gateways/http/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>
#include <random>

namespace gateways::http {

namespace {

std::uint64_t random_number() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

void write_hex(std::uint64_t number, char* begin, char* end) {
    while (end != begin) {
        *--end = "0123456789abcdef"[number & 15];
        number >>= 4;
    }
}

} // namespace

IoThread::IoThread(Shared& shared, unsigned index)
    : shared_{shared},
      index_{index},
      work_{context_.get_executor()},
      timer_{context_},
      id_prefix_{random_number()} {}

void IoThread::start() {
    asio::post(context_, [this] { sweep(); });
    thread_ = std::thread{[this] { run(); }};
    ::pthread_setname_np(thread_.native_handle(), "http");
}

void IoThread::run() {
    context_.run();
    const std::lock_guard lock{mutex_};
    ended_ = true;
    has_ended_.notify_all();
}

bool IoThread::wait_until(std::chrono::steady_clock::time_point time) {
    std::unique_lock lock{mutex_};
    return has_ended_.wait_until(lock, time, [this] { return ended_; });
}

void IoThread::join() {
    if (thread_.joinable()) thread_.join();
}

void IoThread::add(Socket socket, std::string remote, bool over_limit) {
    asio::dispatch(context_, [this, socket = std::move(socket), remote = std::move(remote),
                              over_limit]() mutable {
        if (draining_) {
            shared_.connections.fetch_sub(1, std::memory_order_relaxed);
            return;
        }
        auto connection = std::make_unique<Connection>(*this, std::move(socket), std::move(remote));
        asio::co_spawn(context_, Connection::serve(std::move(connection), over_limit),
                       asio::detached);
    });
}

void IoThread::answer(Answer* begin, Answer* end) {
    {
        const std::lock_guard lock{mutex_};
        inbox_.insert(inbox_.end(), std::make_move_iterator(begin), std::make_move_iterator(end));
        if (std::exchange(delivery_pending_, true)) return;
    }
    asio::post(context_, [this] { deliver(); });
}

void IoThread::deliver() {
    delivered_.clear();
    {
        const std::lock_guard lock{mutex_};
        inbox_.swap(delivered_);
        delivery_pending_ = false;
    }
    for (Answer& answer : delivered_) {
        const std::uint64_t number = answer.exchange.number();
        const std::size_t slot = number >> 32 & 0xffffff;
        if (slot >= slots_.size()) continue;
        const Slot& to = slots_[slot];
        if (to.connection != nullptr && to.generation == static_cast<std::uint32_t>(number) &&
            to.connection->waiting_)
            to.connection->answered(std::move(answer.bytes), answer.goes_on && !draining_);
    }
}

void IoThread::notice_handled() {
    if (std::exchange(handled_pending_, true)) return;
    // Behind everything that is ready now: requests that arrived together are handled first.
    asio::post(context_, [this] {
        handled_pending_ = false;
        shared_.handler.handled();
    });
}

// One coarse round over all connections instead of a timer for each.
void IoThread::sweep() {
    ++tick_;
    for (const Slot& slot : slots_)
        if (slot.connection != nullptr && slot.connection->late_at_ <= tick_ &&
            !slot.connection->late_) {
            slot.connection->late_ = true;
            slot.connection->cancel();
        }
    if (draining_ && free_slots_.size() == slots_.size()) return;
    timer_.expires_after(shared_.options.sweep_every);
    timer_.async_wait([this](boost::system::error_code) { sweep(); });
}

void IoThread::drain() {
    asio::post(context_, [this] {
        draining_ = true;
        work_.reset();
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            Connection* const connection = slots_[i].connection;
            if (connection == nullptr) continue;
            if (connection->phase_ == Connection::Phase::idle) connection->cancel();
            if (connection->streaming_ && connection->waiting_) connection->answered({}, false);
        }
        timer_.cancel();
    });
}

void IoThread::abort() {
    asio::post(context_, [this] {
        // A connection that is cut may leave its slot, but no slot goes.
        for (std::size_t i = 0; i < slots_.size(); ++i)
            if (slots_[i].connection != nullptr) slots_[i].connection->cut();
    });
}

std::uint32_t IoThread::enter(Connection& connection) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[slot].connection = &connection;
    ++slots_[slot].generation;
    return slot;
}

void IoThread::leave(std::uint32_t slot) {
    slots_[slot].connection = nullptr;
    ++slots_[slot].generation;
    free_slots_.push_back(slot);
    if (draining_ && free_slots_.size() == slots_.size()) timer_.cancel();
}

RequestId IoThread::next_id() {
    RequestId id;
    write_hex(id_prefix_, id.data(), id.data() + 12);
    write_hex(++id_next_, id.data() + 12, id.data() + id.size());
    return id;
}

} // namespace gateways::http
