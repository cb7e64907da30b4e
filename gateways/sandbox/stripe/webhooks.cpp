#include "gateways/sandbox/stripe/webhooks.hpp"

#include "gateways/http/client.hpp"

#include <boost/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <pthread.h>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::array possible_faults{FaultKind::duplicate, FaultKind::reorder, FaultKind::lose,
                                     FaultKind::delay};
constexpr milliseconds usual_webhook_delay{2000};
// How often a running clock is compared with what is due later.
constexpr milliseconds look_every{20};

std::string hmac_hex(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex.push_back("0123456789abcdef"[digest[i] >> 4]);
        hex.push_back("0123456789abcdef"[digest[i] & 15]);
    }
    return hex;
}

} // namespace

std::string signature_header(std::int64_t time, std::string_view body,
                             const std::vector<std::string>& secrets) {
    const std::string stamp = std::to_string(time);
    const std::string text = stamp + "." + std::string{body};
    std::string header = "t=" + stamp;
    for (const std::string& secret : secrets)
        header += ",v1=" + hmac_hex(secret, text);
    return header;
}

Webhooks::Webhooks(std::shared_ptr<Clock> clock, Faults& faults)
    : clock_{std::move(clock)}, faults_{faults} {}

void Webhooks::start() {
    thread_ = std::thread{[this] { run(); }};
    ::pthread_setname_np(thread_.native_handle(), "webhooks");
}

void Webhooks::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Webhooks::wake() { changed_.notify_all(); }

bool Webhooks::wants(const WebhookEndpoint& endpoint, std::string_view type) {
    return std::ranges::any_of(endpoint.event_types, [&](const std::string& wanted) {
        return wanted == "*" || wanted == type;
    });
}

WebhookEndpoint* Webhooks::endpoint_named(std::string_view id) {
    const auto found = std::ranges::find(endpoints_, id, &WebhookEndpoint::id);
    return found == endpoints_.end() ? nullptr : &*found;
}

std::string Webhooks::add(WebhookEndpoint endpoint) {
    const std::lock_guard lock{mutex_};
    endpoint.id = "we_" + std::to_string(++made_endpoints_);
    return endpoints_.emplace_back(std::move(endpoint)).id;
}

bool Webhooks::remove(std::string_view id) {
    const std::lock_guard lock{mutex_};
    for (auto one = queue_.begin(); one != queue_.end();) {
        if (one->second.endpoint != id) {
            ++one;
            continue;
        }
        no_longer_pending(one->second);
        held_ -= one->second.held;
        one = queue_.erase(one);
    }
    return std::erase_if(endpoints_, [&](const auto& one) { return one.id == id; }) > 0;
}

void Webhooks::clear() {
    const std::lock_guard lock{mutex_};
    endpoints_.clear();
    queue_.clear();
    held_ = 0;
    pending_.clear();
}

unsigned Webhooks::subscribers(std::string_view type) const {
    const std::lock_guard lock{mutex_};
    return static_cast<unsigned>(
        std::ranges::count_if(endpoints_, [&](const auto& one) { return wants(one, type); }));
}

unsigned Webhooks::pending(std::string_view event_id) const {
    const std::lock_guard lock{mutex_};
    const auto found = pending_.find(event_id);
    return found == pending_.end() ? 0 : found->second;
}

void Webhooks::send(const Event& event) {
    const std::lock_guard lock{mutex_};
    bool sent = false;
    for (WebhookEndpoint& endpoint : endpoints_) {
        if (!wants(endpoint, event.type)) continue;
        sent = true;
        ++pending_[event.id];
        if (queue_.size() >= queue_max) {
            ++endpoint.dropped;
            continue;
        }
        const Time now = clock_->now();
        Delivery delivery;
        delivery.event_id = event.id;
        delivery.endpoint = endpoint.id;
        delivery.body = event.body;
        delivery.created = now;
        put(now, std::move(delivery));
    }
    if (sent) changed_.notify_all();
}

bool Webhooks::resend(std::string_view endpoint, const Event& event) {
    const std::lock_guard lock{mutex_};
    if (endpoint_named(endpoint) == nullptr) return false;
    Delivery delivery;
    delivery.event_id = event.id;
    delivery.endpoint = endpoint;
    delivery.body = event.body;
    delivery.created = clock_->now();
    put(delivery.created, std::move(delivery));
    changed_.notify_all();
    return true;
}

void Webhooks::put(Time due, Delivery delivery) {
    held_ += delivery.held;
    queue_.emplace(Place{due, ++order_}, std::move(delivery));
}

void Webhooks::no_longer_pending(const Delivery& delivery) {
    if (delivery.extra) return;
    const auto found = pending_.find(delivery.event_id);
    if (found != pending_.end() && --found->second == 0) pending_.erase(found);
}

void Webhooks::run() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        if (queue_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = queue_.begin();
        if (clock_->now() < first->first.first) {
            changed_.wait_for(lock, look_every);
            continue;
        }
        Delivery delivery = std::move(first->second);
        queue_.erase(first);
        held_ -= delivery.held;
        delivering_ = true;
        deliver(lock, std::move(delivery));
        delivering_ = false;
    }
}

void Webhooks::deliver(std::unique_lock<std::mutex>& lock, Delivery delivery) {
    const WebhookEndpoint* endpoint = endpoint_named(delivery.endpoint);
    if (endpoint == nullptr) return no_longer_pending(delivery);
    const Time now = clock_->now();
    delivery.held = false;
    const auto fault = std::exchange(delivery.faulted, false)
                           ? std::nullopt
                           : faults_.next(operation, possible_faults);
    if (fault && (fault->kind == FaultKind::reorder || fault->kind == FaultKind::delay)) {
        delivery.faulted = true;
        delivery.held = fault->kind == FaultKind::reorder;
        put(now + (fault->delay.count() > 0 ? fault->delay : usual_webhook_delay),
            std::move(delivery));
        return;
    }
    if (fault && fault->kind == FaultKind::lose) return conclude(std::move(delivery), false);

    const std::string url = endpoint->url;
    // Signed anew each time.
    const std::string signature =
        signature_header(unix_seconds(now), delivery.body, endpoint->secrets);
    lock.unlock();
    const http::Header headers[]{{"Content-Type", "application/json; charset=utf-8"},
                                 {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
                                 {"Stripe-Signature", signature}};
    http::ClientOptions options;
    options.time_max = answer_time_max;
    const http::ClientResult answer = http::post(url, delivery.body, options, headers);
    lock.lock();

    const bool taken = answer && answer->status >= 200 && answer->status < 300;
    if (taken && fault && fault->kind == FaultKind::duplicate) {
        Delivery again = delivery;
        again.faulted = again.extra = true;
        put(now, std::move(again));
    }
    conclude(std::move(delivery), taken);
}

void Webhooks::conclude(Delivery delivery, bool taken) {
    WebhookEndpoint* endpoint = endpoint_named(delivery.endpoint);
    if (endpoint == nullptr) return no_longer_pending(delivery);
    release_held();
    if (taken) {
        ++endpoint->delivered;
        return no_longer_pending(delivery);
    }
    ++endpoint->failed;
    const auto wait = endpoint->first_retry * (std::int64_t{1} << std::min(delivery.attempt, 20U));
    const Time due = clock_->now() + wait;
    if (due - delivery.created > retry_for) {
        ++endpoint->given_up; // Still pending: whoever asks for what was missed finds it.
        return;
    }
    ++delivery.attempt;
    put(due, std::move(delivery));
}

// Something has overtaken them.
void Webhooks::release_held() {
    if (held_ == 0) return;
    const Time now = clock_->now();
    std::vector<Delivery> held;
    for (auto one = queue_.begin(); one != queue_.end();) {
        if (!one->second.held) {
            ++one;
            continue;
        }
        held.push_back(std::move(one->second));
        one = queue_.erase(one);
    }
    held_ = 0;
    for (Delivery& delivery : held) {
        delivery.held = false;
        put(now, std::move(delivery));
    }
}

json::object Webhooks::describe() const {
    const std::lock_guard lock{mutex_};
    const Time now = clock_->now();
    json::array endpoints;
    for (const WebhookEndpoint& one : endpoints_) {
        json::array types;
        for (const std::string& type : one.event_types)
            types.emplace_back(type);
        endpoints.push_back(json::object{{"id", one.id},
                                         {"url", one.url},
                                         {"enabled_events", std::move(types)},
                                         {"delivered", one.delivered},
                                         {"failed", one.failed},
                                         {"dropped", one.dropped},
                                         {"given_up", one.given_up}});
    }
    const bool due = !queue_.empty() && queue_.begin()->first.first <= now;
    return {{"endpoints", std::move(endpoints)},
            {"queued", queue_.size()},
            {"idle", !delivering_ && !due}};
}

} // namespace gateways::sandbox::stripe
