#include "gateways/sandbox/grid_proxy/catalogue.hpp"

#include <algorithm>

namespace gateways::sandbox::grid_proxy {

namespace {

// A node that is on reports every 40 minutes, one that sleeps once a day.
constexpr Seconds report_every = 40 * 60, sleeping_report_every = 24 * 60 * 60;
constexpr Seconds up_for = 2 * report_every, standby_for = sleeping_report_every;

// The chain's policy 1 as the main network had it, USD/1e7 per hour and unit.
constexpr double cu_price = 305'600, su_price = 194'400;
constexpr double hours_a_month = 720;

double discount_of(double price, double balance) {
    if (balance >= price * 18) return 0.6;
    if (balance >= price * 6) return 0.4;
    if (balance >= price * 3) return 0.3;
    if (balance >= price * 1.5) return 0.2;
    return 0;
}

} // namespace

std::size_t Farm::free_ips() const {
    return static_cast<std::size_t>(
        std::ranges::count(public_ips, std::uint64_t{0}, &PublicIp::contract));
}

Seconds Node::updated_at(Seconds now) const {
    if (silent_since) return std::min(*silent_since, now);
    const Seconds every = power_state == "Down" ? sleeping_report_every : report_every;
    const Seconds since = now - (created + id) % every; // Not all at the same time.
    return now - since % every;
}

std::string_view Node::status(Seconds now) const {
    const Seconds silent_for = now - updated_at(now);
    const bool unmanaged = power_state.empty() && power_target.empty();
    const bool on = power_state == "Up" && power_target == "Up";
    if (silent_for <= up_for && (unmanaged || on)) return "up";
    if (!unmanaged && !on && silent_for <= standby_for) return "standby";
    return "down";
}

void Catalogue::count_occupations() {
    occupations.clear();
    for (const auto& [id, contract] : contracts) {
        if (contract.state == "Deleted" || contract.type == ContractType::name) continue;
        Occupation& occupation = occupations[contract.node];
        if (contract.type == ContractType::node) {
            ++occupation.contracts;
        } else {
            occupation.rent_contract = id;
            occupation.renter = contract.twin;
        }
    }
}

const Farm& Catalogue::farm_of(const Node& node) const {
    static const Farm unknown;
    const auto found = farms.find(node.farm);
    return found == farms.end() ? unknown : found->second;
}

Occupation Catalogue::occupation_of(const Node& node) const {
    const auto found = occupations.find(node.id);
    return found == occupations.end() ? Occupation{} : found->second;
}

bool Catalogue::is_rentable(const Node& node) const {
    const Occupation occupation = occupation_of(node);
    return occupation.renter == 0 && (farm_of(node).dedicated || occupation.contracts == 0);
}

bool Catalogue::is_dedicated(const Node& node) const {
    const Occupation occupation = occupation_of(node);
    return farm_of(node).dedicated || occupation.contracts == 0 || occupation.renter != 0 ||
           node.extra_fee > 0;
}

double price_usd(const Node& node, double balance) {
    const double cru = static_cast<double>(node.total.cru);
    const double mru = static_cast<double>(node.total.mru) / static_cast<double>(gib);
    const double sru = static_cast<double>(node.total.sru) / static_cast<double>(gib);
    const double hru = static_cast<double>(node.total.hru) / static_cast<double>(gib);
    const double cu =
        std::min({std::max(mru / 4, cru / 2), std::max(mru / 8, cru), std::max(mru / 2, cru / 4)});
    const double su = hru / 1200 + sru / 200;
    // Whole nodes cost half.
    double price = (cu * cu_price + su * su_price) * hours_a_month / 1e7 / 2;
    if (node.certified) price *= 1.25;
    price += static_cast<double>(node.extra_fee) / 1000;
    price -= price * discount_of(price, balance);
    return static_cast<double>(static_cast<std::int64_t>(price * 1000 + 0.5)) / 1000;
}

} // namespace gateways::sandbox::grid_proxy
