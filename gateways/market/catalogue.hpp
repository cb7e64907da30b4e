// The nodes of each tenant in memory, as placement sees them, kept as the view of resources has
// them: what changed since the last look is read again, and nothing else.

#pragma once

#include "domain/node.hpp"
#include "projections/resources_view.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gateways::market {

// In no order; a node keeps its place. `offers()[i]` is made of `nodes()[i]`.
class TenantNodes {
public:
    std::span<const domain::NodeOffer> offers() const { return offers_; }
    std::span<const domain::Node> nodes() const { return nodes_; }

private:
    friend class Catalogue;

    void put(const std::string& id, const domain::Node& node, domain::Time now);
    void make_offer(std::size_t at, domain::Time now);
    void forget_lapsed(domain::Time now);

    std::vector<domain::NodeOffer> offers_;
    std::vector<domain::Node> nodes_;
    std::vector<std::int64_t> lapse_at_; // When the next of a node's reservations does.
    std::unordered_map<std::string, std::size_t> places_;
};

class Catalogue {
public:
    explicit Catalogue(const projections::Registry& registry) : registry_{registry} {}

    // A stream has changed. Any thread.
    void note(std::string_view stream);

    // For the reading thread; stays as it is until the next call. The first call for a tenant reads
    // all its nodes.
    const TenantNodes& of(const std::shared_ptr<const projections::ViewRows>& rows,
                          const std::string& tenant, domain::Time now);

private:
    void read_all(const projections::Resources& resources, const std::string& tenant,
                  domain::Time now);

    const projections::Registry& registry_;
    std::shared_ptr<const projections::ViewRows> rows_; // That all below was read from.
    std::map<std::string, TenantNodes, std::less<>> tenants_;
    std::atomic<bool> used_ = false; // Before that, nothing needs to be noted.
    std::mutex mutex_;
    std::unordered_set<std::string> changed_; // Streams. Guarded by mutex_.
};

} // namespace gateways::market
