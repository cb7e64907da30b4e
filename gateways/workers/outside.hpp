// The workers of a process and what they work with: real providers where credentials are given, a
// sandbox that stands in for all of them where one is asked for.

#pragma once

#include "bus/bus.hpp"
#include "gateways/market/errands.hpp"
#include "gateways/metrics/metrics.hpp"
#include "projections/view.hpp"
#include "projections/worker.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gateways::workers {

struct OutsideOptions {
    std::filesystem::path data; // Folder for the to-do lists.
    std::size_t store_cache_bytes = 4 << 20;

    bool sandbox = false;             // Pretend all providers.
    std::filesystem::path sandbox_at; // With one that runs elsewhere: its directory file.
    std::string stripe_origin = "https://api.stripe.com";
    std::filesystem::path stripe_key_file;             // Empty and no sandbox: no payments worker.
    std::string grid_origin = "http://127.0.0.1:8650"; // Of the sidecar.
    std::filesystem::path grid_token_file;             // Empty and no sandbox: no grid worker.
    std::string grid_gateway_domain; // Of web names, where it is known beforehand.
    std::string grid_secret;         // Tokens of clusters are derived from it.
    std::string grid_proxy_origin;   // Empty and no sandbox: no nodes and bills come in.
    std::chrono::milliseconds grid_every{60'000}, contracts_every{5 * 60'000},
        bills_every{5 * 60'000};
    std::string tenant; // Whose it is what comes in by itself.
    std::function<void(const projections::TodoItem& item, std::string_view reason)> notice;
    std::function<void(std::string_view watch, std::string_view why)> watch_notice;
};

class Outside {
public:
    // Starts the sandbox's servers, so that its clock is there. Throws std::exception.
    explicit Outside(OutsideOptions options);
    ~Outside();

    std::int64_t milliseconds_now() const;
    // Where the sandbox's servers are, a line each; empty without one.
    std::vector<std::string> addresses() const;
    // What the sandbox's Stripe signs its webhooks with; empty without one.
    const std::string& sandbox_webhook_secret() const;
    // Has the sandbox's Stripe deliver them to `url`. Throws std::runtime_error.
    void deliver_webhooks_to(const std::string& url);

    // All outlive the object, or stop() comes first.
    void start(bus::Log& log, const projections::Registry& registry, projections::Views& views,
               projections::Poster& poster);
    void stop();

    const std::vector<std::unique_ptr<projections::Worker>>& workers() const;
    bool caught_up() const;
    std::string trouble() const; // Why one stands still; empty when none does.
    void read_watches(metrics::Reading& reading) const; // After start().

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace gateways::workers
