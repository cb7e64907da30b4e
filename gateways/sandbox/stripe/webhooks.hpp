// Delivers events to the endpoints that asked for them, signed, again and again until they are
// taken, and as badly as the faults say.

#pragma once

#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/stripe/account.hpp"

#include <condition_variable>
#include <memory>
#include <set>
#include <thread>

namespace gateways::sandbox::stripe {

// "t=...,v1=...": a v1 for each secret (HMAC-SHA256 over "t.body").
std::string signature_header(std::int64_t time, std::string_view body,
                             const std::vector<std::string>& secrets);

struct WebhookEndpoint {
    std::string id, url;
    std::vector<std::string> secrets;     // Two while one is being replaced.
    std::vector<std::string> event_types; // "*" for all of them.
    std::chrono::seconds first_retry{5};  // In sandbox time; doubles each time.
    std::uint64_t delivered = 0, failed = 0, dropped = 0, given_up = 0;
};

// Thread-safe. One thread of its own delivers, one event after the other.
class Webhooks final : public Mail {
public:
    static constexpr std::size_t queue_max = 100'000; // Events past it are only kept for reading.
    static constexpr std::chrono::hours retry_for{72};
    static constexpr std::chrono::milliseconds answer_time_max{5000};
    static constexpr std::string_view operation = "webhooks.deliver"; // What faults call it.

    Webhooks(std::shared_ptr<Clock> clock, Faults& faults);
    ~Webhooks() { stop(); }

    void start();
    void stop();
    void wake(); // Time has moved.

    std::string add(WebhookEndpoint endpoint);
    bool remove(std::string_view id);
    bool resend(std::string_view endpoint, const Event& event);
    boost::json::object describe() const;
    void clear();

    unsigned subscribers(std::string_view type) const override;
    void send(const Event& event) override;
    unsigned pending(std::string_view event_id) const override;

private:
    struct Delivery {
        std::string event_id, endpoint;
        std::string body;
        Time created{};
        unsigned attempt = 0;
        bool held = false;    // Until another one has overtaken it.
        bool faulted = false; // It has had its fault.
        bool extra = false;   // Nobody waits for its success.
    };
    using Place = std::pair<Time, std::uint64_t>; // When, and in which order.

    void run();
    void deliver(std::unique_lock<std::mutex>& lock, Delivery delivery);
    void conclude(Delivery delivery, bool taken);
    void put(Time due, Delivery delivery);
    void release_held();
    void no_longer_pending(const Delivery& delivery);
    WebhookEndpoint* endpoint_named(std::string_view id);
    static bool wants(const WebhookEndpoint& endpoint, std::string_view type);

    const std::shared_ptr<Clock> clock_;
    Faults& faults_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<WebhookEndpoint> endpoints_;
    std::map<Place, Delivery> queue_;
    std::size_t held_ = 0; // Of the queue.
    std::uint64_t order_ = 0, made_endpoints_ = 0;
    ById<unsigned> pending_; // Events and how many endpoints have not taken them.
    bool delivering_ = false, stopping_ = false;
    std::thread thread_;
};

} // namespace gateways::sandbox::stripe
