#include "domain/offers.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <string_view>
#include <utility>

namespace domain {

namespace {

void raise(Resources& most, const Resources& other) {
    most.cru = std::max(most.cru, other.cru);
    most.mru = std::max(most.mru, other.mru);
    most.sru = std::max(most.sru, other.sru);
    most.hru = std::max(most.hru, other.hru);
    most.gpus = std::max(most.gpus, other.gpus);
    most.public_ips = std::max(most.public_ips, other.public_ips);
}

// Any role may take any candidate, so a node has room for the largest of them.
Resources needed_by(std::span<const Workload> workloads, const PlacementFilter& filter) {
    Resources most;
    for (const Workload& workload : workloads)
        raise(most, workload.resources);
    if (filter.free_at_least) raise(most, *filter.free_at_least);
    if (filter.gpu.value_or(false)) most.gpus = std::max(most.gpus, std::uint32_t{1});
    if (filter.ipv4.value_or(false)) most.public_ips = std::max(most.public_ips, std::uint32_t{1});
    return most;
}

template <class Value>
bool is_one_of(const std::optional<std::vector<Value>>& wanted, const Value& value) {
    return !wanted || std::ranges::find(*wanted, value) != wanted->end();
}

bool is_as_wanted(const PlacementFilter& filter, const NodeOffer& offer) {
    return (!filter.certified.value_or(false) || offer.certified) &&
           (!filter.dedicated.value_or(false) || offer.dedicated) &&
           (!filter.price_factor_max || offer.price_factor <= *filter.price_factor_max) &&
           (!filter.own_nodes_of || offer.provider == *filter.own_nodes_of) &&
           is_one_of(filter.regions, offer.region) && is_one_of(filter.countries, offer.country) &&
           is_one_of(filter.cities, offer.city) && is_one_of(filter.farms, offer.farm) &&
           is_one_of(filter.nodes, offer.node);
}

// The share of the fullest kind that is taken, in basis points.
std::uint64_t taken_share(const NodeOffer& offer) {
    const auto share = [](std::uint64_t free, std::uint64_t capacity) -> std::uint64_t {
        if (capacity == 0 || free >= capacity) return 0;
        return static_cast<std::uint64_t>(
            divide(Int128{capacity - free} * 10'000, capacity, Rounding::floor));
    };
    return std::max(
        {share(offer.free.cru, offer.capacity.cru), share(offer.free.mru, offer.capacity.mru),
         share(offer.free.sru, offer.capacity.sru), share(offer.free.hru, offer.capacity.hru)});
}

struct Scored {
    std::uint64_t score = 0; // The lower, the better.
    const NodeOffer* offer = nullptr;
};

bool is_better(const Scored& left, const Scored& right) {
    if (left.score != right.score) return left.score < right.score;
    return compare_numbers(left.offer->node.value, right.offer->node.value) < 0;
}

// A heap's first is its greatest: ordered by this, the best.
bool is_worse(const Scored& left, const Scored& right) { return is_better(right, left); }

std::uint64_t score_of(const NodeOffer& offer, const PlacementPolicy& policy) {
    const std::uint64_t unhealthy = 10'000 - std::min(offer.health, std::uint32_t{10'000});
    return std::uint64_t{policy.price_weight} * offer.price_factor +
           policy.health_weight * unhealthy + policy.spread_weight * taken_share(offer);
}

std::vector<Scored> fitting(std::span<const NodeOffer> offers, const DashboardId& dashboard,
                            const Resources& needed, const PlacementFilter& filter,
                            const PlacementPolicy& policy) {
    std::vector<Scored> found;
    found.reserve(offers.size());
    for (const NodeOffer& offer : offers)
        if (is_offered(offer) && has_room(offer.free, needed) && is_as_wanted(filter, offer) &&
            std::ranges::find(offer.dashboards, dashboard) != offer.dashboards.end())
            found.push_back({score_of(offer, policy), &offer});
    return found;
}

// Of a list, how much is of the same farm, and of the same country.
struct Neighbours {
    std::size_t of_farm = 0;
    std::size_t of_country = 0;
};

Neighbours neighbours_of(const NodeOffer& offer, const std::vector<Scored>& list) {
    Neighbours count;
    for (const Scored& other : list) {
        count.of_farm += other.offer->farm == offer.farm ? 1 : 0;
        count.of_country += other.offer->country == offer.country ? 1 : 0;
    }
    return count;
}

// Takes the best off the heap, and leaves out those whose farm or country has its share. They
// come after all when there are no others: first those whose farm has not.
std::vector<Scored> take_best(std::vector<Scored> heap, std::size_t limit) {
    const std::size_t share = std::max<std::size_t>(limit / 2, 1);
    std::vector<Scored> taken, country_is_full, farm_is_full;
    for (auto* list : {&taken, &country_is_full, &farm_is_full})
        list->reserve(limit);
    const auto keep = [&](std::vector<Scored>& list, const Scored& next) {
        if (list.size() < limit) list.push_back(next);
    };
    std::ranges::make_heap(heap, is_worse);
    while (taken.size() < limit && !heap.empty()) {
        std::ranges::pop_heap(heap, is_worse);
        const Scored best = heap.back();
        heap.pop_back();
        const Neighbours count = neighbours_of(*best.offer, taken);
        keep(count.of_farm >= share      ? farm_is_full
             : count.of_country >= share ? country_is_full
                                         : taken,
             best);
    }
    for (const Scored& next : country_is_full)
        keep(neighbours_of(*next.offer, taken).of_farm < share ? taken : farm_is_full, next);
    for (const Scored& next : farm_is_full)
        keep(taken, next);
    std::ranges::sort(taken, is_better);
    return taken;
}

template <class Value>
bool is_given(const std::optional<std::vector<Value>>& values, auto valid) {
    return !values || (!values->empty() && values->size() <= filter_values_max &&
                       std::ranges::all_of(*values, valid));
}

bool differ_in_farm(const Candidate& left, const Candidate& right) {
    return left.node != right.node && left.farm != right.farm;
}

// A country that is not told may be any.
bool differ_in_country(const Candidate& left, const Candidate& right) {
    return differ_in_farm(left, right) && !left.country.empty() && !right.country.empty() &&
           left.country != right.country;
}

using Pair = std::pair<const Candidate*, const Candidate*>;

std::optional<Pair> first_pair(std::span<const Candidate> candidates,
                               bool (*far_enough)(const Candidate&, const Candidate&)) {
    for (const Candidate& primary : candidates)
        for (const Candidate& backup : candidates)
            if (far_enough(primary, backup)) return Pair{&primary, &backup};
    return std::nullopt;
}

} // namespace

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return left.size() <=> right.size();
    return left <=> right;
}

bool is_offered(const NodeOffer& offer) {
    return offer.available && offer.condition == NodeCondition::up && !offer.dashboards.empty();
}

bool passes(const PlacementFilter& filter, const NodeOffer& offer) {
    return has_room(offer.free, needed_by({}, filter)) && is_as_wanted(filter, offer);
}

bool is_valid(const PlacementFilter& filter) {
    const auto text = [](const std::string& value) { return !value.empty(); };
    const auto id = [](const auto& value) { return !value.value.empty(); };
    return is_given(filter.regions, text) && is_given(filter.countries, is_country_code) &&
           is_given(filter.cities, text) && is_given(filter.farms, id) &&
           is_given(filter.nodes, id) && (!filter.own_nodes_of || id(*filter.own_nodes_of)) &&
           filter.price_factor_max != 0U;
}

std::vector<Candidate> candidates(std::span<const NodeOffer> offers, const DashboardId& dashboard,
                                  std::span<const Workload> workloads,
                                  const PlacementFilter& filter, const PlacementPolicy& policy,
                                  std::size_t limit) {
    const Resources needed = needed_by(workloads, filter);
    const auto best = take_best(fitting(offers, dashboard, needed, filter, policy), limit);
    std::vector<Candidate> list;
    list.reserve(best.size());
    for (const Scored& one : best)
        list.push_back({one.offer->node, one.offer->farm, one.offer->country});
    return list;
}

std::optional<std::vector<NodeChoice>> choose_nodes(std::span<const Candidate> candidates,
                                                    std::span<const Workload> workloads) {
    if (workloads.empty() || workloads.size() > 2 || candidates.empty()) return std::nullopt;
    if (workloads.size() == 1)
        return std::vector{NodeChoice{workloads.front().role, candidates.front()}};

    auto pair = first_pair(candidates, differ_in_country);
    if (!pair) pair = first_pair(candidates, differ_in_farm);
    if (!pair) return std::nullopt;
    std::vector<NodeChoice> choices;
    for (const Workload& workload : workloads)
        choices.push_back(
            {workload.role, workload.role == WorkloadRole::primary ? *pair->first : *pair->second});
    return choices;
}

} // namespace domain
