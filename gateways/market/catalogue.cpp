#include "gateways/market/catalogue.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gateways::market {

namespace {

constexpr std::string_view node_streams = "node-";
constexpr std::size_t rows_at_once = 1000;
// What is known of a node's health is in its condition.
constexpr std::uint32_t healthy = 10'000;

} // namespace

void TenantNodes::put(const std::string& id, const domain::Node& node, domain::Time now) {
    const auto [known, is_new] = places_.try_emplace(id, nodes_.size());
    if (is_new) {
        nodes_.emplace_back();
        offers_.emplace_back().node = {id};
        lapse_at_.emplace_back();
    }
    nodes_[known->second] = node;
    make_offer(known->second, now);
}

void TenantNodes::make_offer(std::size_t at, domain::Time now) {
    offers_[at] = offer_of(nodes_[at], domain::NodeId{offers_[at].node}, healthy, now);
    lapse_at_[at] = std::numeric_limits<std::int64_t>::max();
    for (const domain::CapacityHold& hold : nodes_[at].holds)
        if (hold.until && now < *hold.until)
            lapse_at_[at] = std::min(lapse_at_[at], hold.until->milliseconds);
}

// A reservation ends with its time, whether or not an event has said so yet.
void TenantNodes::forget_lapsed(domain::Time now) {
    for (std::size_t at = 0; at < lapse_at_.size(); ++at)
        if (lapse_at_[at] <= now.milliseconds) make_offer(at, now);
}

void Catalogue::note(std::string_view stream) {
    if (!used_ || !stream.starts_with(node_streams)) return;
    const std::lock_guard lock{mutex_};
    changed_.emplace(stream);
}

const TenantNodes& Catalogue::of(const std::shared_ptr<const projections::ViewRows>& rows,
                                 const std::string& tenant, domain::Time now) {
    used_ = true; // Before anything is read, so that no change is missed.
    std::unordered_set<std::string> changed;
    {
        const std::lock_guard lock{mutex_};
        changed.swap(changed_);
    }
    if (rows_ != rows) { // The view was made anew.
        rows_ = rows;
        tenants_.clear();
    }
    const projections::Resources resources{*rows, registry_};
    try {
        for (const std::string& stream : changed)
            if (const auto row = resources.row(stream))
                if (const auto known = tenants_.find(row->head.tenant); known != tenants_.end())
                    known->second.put(stream.substr(node_streams.size()),
                                      projections::state_in<domain::Node>(*row), now);
    } catch (...) {
        tenants_.clear(); // What has changed is not known any more.
        throw;
    }
    auto known = tenants_.find(tenant);
    if (known == tenants_.end()) {
        read_all(resources, tenant, now);
        known = tenants_.find(tenant);
    }
    known->second.forget_lapsed(now);
    return known->second;
}

void Catalogue::read_all(const projections::Resources& resources, const std::string& tenant,
                         domain::Time now) {
    TenantNodes nodes;
    std::string place, next;
    do {
        place = next;
        for (const auto& one : resources.list(
                 domain::Node::name, tenant, std::nullopt, place, rows_at_once,
                 [](const projections::ResourceRow&) { return true; }, next))
            nodes.put(one.id, projections::state_in<domain::Node>(one.row), now);
    } while (!next.empty());
    tenants_.emplace(tenant, std::move(nodes));
}

} // namespace gateways::market
