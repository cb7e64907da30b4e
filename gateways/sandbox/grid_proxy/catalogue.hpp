// What the grid has, as its proxy sees it: farms, nodes, contracts, twins, bills.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::sandbox::grid_proxy {

using Seconds = std::int64_t;

inline constexpr std::int64_t gib = std::int64_t{1024} * 1024 * 1024;

struct Capacity {
    std::uint64_t cru = 0;
    std::int64_t sru = 0, hru = 0, mru = 0; // Bytes.
};

struct Gpu {
    std::string id; // "0000:0e:00.0/1002/744c": slot, vendor, device.
    std::string vendor, device;
    std::uint64_t contract = 0; // 0: free.
};

struct PublicConfig {
    std::string domain, gw4, gw6, ipv4, ipv6;
};

struct PublicIp {
    std::string id, ip, gateway;
    std::uint64_t contract = 0;
};

struct Farm {
    std::uint32_t id = 0, twin = 0;
    std::string name;
    std::uint32_t pricing_policy = 1;
    bool certified = false, dedicated = false;
    std::string stellar_address;
    std::vector<PublicIp> public_ips;

    std::size_t free_ips() const;
};

struct Node {
    std::uint32_t id = 0, farm = 0, twin = 0;
    std::string country, city, region;
    std::optional<double> longitude, latitude;
    Capacity total, used;
    PublicConfig public_config;
    bool certified = false, healthy = true, has_ipv6 = false;
    std::string power_state, power_target; // "Up", "Down"; empty: nobody manages its power.
    std::uint64_t extra_fee = 0;           // USD/1000 a month.
    std::string serial_number;
    std::vector<Gpu> gpus;
    std::vector<std::string> features;
    double upload = 0, download = 0; // Bits a second.
    Seconds created = 0, booted = 0;
    // It reports to the grid now and then; empty: it does, else when it last did.
    std::optional<Seconds> silent_since;

    // When it last reported, which decides whether it counts as up.
    Seconds updated_at(Seconds now) const;
    std::string_view status(Seconds now) const; // "up", "standby", "down"

    std::int64_t free_sru() const { return total.sru - used.sru; }
    std::int64_t free_mru() const { return total.mru - used.mru; }
    std::int64_t free_hru() const { return total.hru - used.hru; }
};

enum class ContractType { node, name, rent };

struct Contract {
    std::uint64_t id = 0;
    std::uint32_t twin = 0, node = 0;
    ContractType type = ContractType::node;
    std::string state = "Created"; // "GracePeriod", "Deleted"
    Seconds created = 0;
    std::string name, deployment_data, deployment_hash;
    std::uint32_t public_ips = 0;
};

struct Bill {
    std::uint64_t amount = 0; // TFT, 1e-7
    std::string discount;     // "Gold"
    Seconds time = 0;
};

struct Twin {
    std::uint32_t id = 0;
    std::string account, relay, public_key;
};

// What follows from the contracts on a node.
struct Occupation {
    std::size_t contracts = 0;       // On the node, without the rent.
    std::uint64_t rent_contract = 0; // 0: not rented.
    std::uint32_t renter = 0;
};

// How much is in a catalogue of what a chain beside it has to tell.
struct ToldByChain {
    std::size_t changes = 0, bills = 0;
};

struct Catalogue {
    std::map<std::uint32_t, Farm> farms;
    std::map<std::uint32_t, Node> nodes;
    std::map<std::uint64_t, Contract> contracts;
    std::map<std::uint32_t, Twin> twins;
    std::map<std::uint64_t, std::vector<Bill>> bills; // Oldest first.
    std::map<std::uint32_t, Occupation> occupations;  // As count_occupations() left them.
    ToldByChain told_by_chain;

    void count_occupations();
    const Farm& farm_of(const Node& node) const; // An empty one when nobody knows it.
    Occupation occupation_of(const Node& node) const;

    bool is_rentable(const Node& node) const;
    // Also of nodes nobody uses: look at is_rentable() to decide anything.
    bool is_dedicated(const Node& node) const;
};

// USD a month for the whole node, as the proxy estimates it for somebody with so much money.
double price_usd(const Node& node, double balance);

// A grid of so many nodes: the same for the same seed, with its times before `now`.
Catalogue generate(std::uint64_t seed, std::size_t nodes, Seconds now);

// "Belgium" gives "Europe"; empty when nobody knows the country.
std::string_view region_of(std::string_view country);

} // namespace gateways::sandbox::grid_proxy
