// Bills of the chain for the contracts that deployments have or had, read from the Grid Proxy. What
// is new becomes commands whose ids derive from the contract and the chain's time, so that however
// often a bill is read, and by whom, it counts once.

#pragma once

#include "gateways/metrics/metrics.hpp"
#include "gateways/tfgrid/bills.hpp"
#include "projections/resources_view.hpp"
#include "projections/worker.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <string>

namespace gateways::workers {

class BillsWatch {
public:
    static constexpr const char* name = "grid-bills";

    // All outlive the object.
    BillsWatch(const std::string& grid_proxy, projections::Views& views,
               const projections::Registry& registry, projections::Poster& poster,
               std::function<std::int64_t()> milliseconds_now);

    // One look at all contracts whose bills are due. A contract whose bills cannot be had is put
    // off, and the others are looked at; throws std::runtime_error at the end when there was one.
    void round();
    void stop() { stopping_ = true; } // A round that is under way ends with its contract.

    void read(metrics::Reading& reading) const; // Any thread.

private:
    struct Decided;
    struct Found {
        std::string tenant;
        tfgrid::BilledContract contract;
        domain::Usage usage;
    };
    std::vector<Found> due(domain::Time now) const;
    void look(Found& found, domain::Time now);
    void tell(const Found& found, const std::vector<domain::UsageCommand>& commands);

    tfgrid::GridProxy proxy_;
    projections::Views& views_;
    const projections::Registry& registry_;
    projections::Poster& poster_;
    const std::function<std::int64_t()> milliseconds_now_;
    std::map<std::string, domain::Time> looked_; // At contracts whose usage is closed.

    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> bills_{0}, gaps_{0};
    std::atomic<std::size_t> unread_{0};
};

} // namespace gateways::workers
