// What nobody asks for and nobody posts: nodes, farms and prices of the grid, looked at again and
// again, bills, and contracts that no deployment claims. One instance does it at a time: who
// decides about the market's prices. What is new becomes commands whose ids derive from their
// streams as they stood and from what they say, so that another round does nothing.

#pragma once

#include "bus/bus.hpp"
#include "gateways/metrics/metrics.hpp"
#include "gateways/tfgrid/news.hpp"
#include "gateways/tfgrid/reconciler.hpp"
#include "gateways/tfgrid/transport.hpp"
#include "gateways/workers/bills_watch.hpp"
#include "gateways/workers/rounds.hpp"
#include "projections/resources_view.hpp"
#include "projections/worker.hpp"

#include <memory>
#include <vector>

namespace gateways::workers {

struct WatchesOptions {
    std::string tenant;     // Whose the market's prices are when they come in first.
    std::string grid_proxy; // Origin; empty: neither nodes nor bills are looked at.
    std::chrono::milliseconds grid_every{60'000}, contracts_every{5 * 60'000},
        bills_every{5 * 60'000};
    std::function<std::int64_t()> milliseconds_now;
    // Hears what failed or was refused. In any thread.
    std::function<void(std::string_view watch, std::string_view why)> notice;
};

class Watches {
public:
    // All outlive the object. `sidecar` is null when there is none: then neither prices nor
    // contracts are looked at.
    Watches(WatchesOptions options, bus::Log& log, projections::Views& views,
            const projections::Registry& registry, projections::Poster& poster,
            tfgrid::SidecarDoor* sidecar);
    ~Watches();

    void start();
    void stop(); // Waits for what is being asked outside.

    void read(metrics::Reading& reading) const; // Any thread.

private:
    void add(std::string name, std::chrono::milliseconds every, std::function<void()> round);
    void watch_nodes();
    void watch_prices();
    void watch_contracts();
    std::int64_t our_twin();
    std::string ask(std::string path);
    void post(const projections::Resources& resources, std::string_view watch, std::string tenant,
              const projections::PostedCommand& command);
    bool is_ours_to_do() const;
    domain::Time now() const { return {options_.milliseconds_now()}; }

    const WatchesOptions options_;
    bus::Log& log_;
    projections::Views& views_;
    const projections::Registry& registry_;
    projections::Poster& poster_;
    tfgrid::SidecarDoor* const sidecar_;
    std::unique_ptr<tfgrid::GridProxy> proxy_;
    std::unique_ptr<BillsWatch> bills_;
    std::int64_t twin_ = 0;       // Of the account that pays; the nodes' thread alone.
    tfgrid::Unclaimed unclaimed_; // The contracts' thread alone.
    std::vector<std::unique_ptr<Rounds>> rounds_;

    std::atomic<std::size_t> nodes_seen_{0}, farms_seen_{0}, unreadable_{0};
    std::atomic<std::size_t> contracts_seen_{0}, contracts_unclaimed_{0}, contracts_strange_{0};
    std::atomic<std::uint64_t> posted_{0}, refused_{0};
};

} // namespace gateways::workers
