#include "gateways/sandbox/grid_proxy/catalogue.hpp"
#include "gateways/sandbox/random.hpp"

#include <array>
#include <cstdio>

namespace gateways::sandbox::grid_proxy {

namespace {

constexpr Seconds day = 24 * 60 * 60;

struct Place {
    std::string_view country, city, region;
    double longitude, latitude;
    unsigned share; // Of all farms, in thousandths.
};

// About where the grid's farms are.
constexpr std::array places{
    Place{"Belgium", "Ghent", "Europe", 3.72, 51.05, 230},
    Place{"Belgium", "Lochristi", "Europe", 3.83, 51.10, 70},
    Place{"Germany", "Nuremberg", "Europe", 11.07, 49.45, 110},
    Place{"Germany", "Berlin", "Europe", 13.40, 52.52, 40},
    Place{"Austria", "Salzburg", "Europe", 13.04, 47.81, 50},
    Place{"France", "Paris", "Europe", 2.35, 48.86, 40},
    Place{"Netherlands", "Amsterdam", "Europe", 4.90, 52.37, 40},
    Place{"Switzerland", "Lucerne", "Europe", 8.31, 47.05, 40},
    Place{"Finland", "Helsinki", "Europe", 24.94, 60.17, 20},
    Place{"United Kingdom", "London", "Europe", -0.13, 51.51, 30},
    Place{"United States", "New York", "Americas", -74.01, 40.71, 90},
    Place{"United States", "Miami", "Americas", -80.19, 25.76, 60},
    Place{"Canada", "Toronto", "Americas", -79.38, 43.65, 40},
    Place{"Brazil", "Sao Paulo", "Americas", -46.63, -23.55, 15},
    Place{"Egypt", "Cairo", "Africa", 31.24, 30.04, 30},
    Place{"Tanzania", "Dar es Salaam", "Africa", 39.27, -6.80, 20},
    Place{"South Africa", "Cape Town", "Africa", 18.42, -33.92, 15},
    Place{"United Arab Emirates", "Dubai", "Asia", 55.30, 25.27, 25},
    Place{"Singapore", "Singapore", "Asia", 103.85, 1.29, 20},
    Place{"Australia", "Sydney", "Oceania", 151.21, -33.87, 15},
};

struct Machine {
    std::uint64_t cru;
    std::int64_t memory, ssd, disk; // GiB
    unsigned share;
};

constexpr std::array machines{
    Machine{4, 16, 512, 0, 200},    Machine{8, 32, 1000, 0, 300},
    Machine{16, 64, 2000, 0, 180},  Machine{24, 96, 1000, 8000, 90},
    Machine{32, 128, 4000, 0, 110}, Machine{48, 256, 4000, 24000, 60},
    Machine{64, 512, 8000, 0, 40},  Machine{128, 1024, 15000, 0, 20},
};

struct Card {
    std::string_view id, vendor, device;
};

constexpr std::array cards{
    Card{"1002/744c", "Advanced Micro Devices, Inc. [AMD/ATI]",
         "Navi 31 [Radeon RX 7900 XT/7900 XTX]"},
    Card{"10de/2204", "NVIDIA Corporation", "GA102 [GeForce RTX 3090]"},
    Card{"10de/2684", "NVIDIA Corporation", "AD102 [GeForce RTX 4090]"},
    Card{"10de/1eb8", "NVIDIA Corporation", "TU104GL [Tesla T4]"},
};

template <class List>
const auto& drawn(Random& random, const List& list) {
    std::uint64_t all = 0;
    for (const auto& one : list)
        all += one.share;
    std::uint64_t at = random.below(all);
    for (const auto& one : list) {
        if (at < one.share) return one;
        at -= one.share;
    }
    return list.back();
}

std::string text(Random& random, std::string_view letters, std::size_t size) {
    std::string out;
    while (out.size() < size)
        out.push_back(letters[random.below(letters.size())]);
    return out;
}

std::string base58(Random& random, std::string_view start, std::size_t size) {
    return std::string{start} +
           text(random, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", size);
}

std::string stellar_address(Random& random) {
    return "G" + text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 55);
}

std::string ip_in(std::uint32_t network, std::uint64_t host) {
    return "185." + std::to_string(network / 250 % 250) + "." + std::to_string(network % 250) +
           "." + std::to_string(host);
}

class Generation {
public:
    Generation(std::uint64_t seed, Seconds now) : random_{mixed(seed)}, now_{now} {}

    Catalogue grid(std::size_t nodes) {
        for (std::uint32_t user = 0; user < 50; ++user)
            users_.push_back(add_twin());
        while (grid_.nodes.size() < nodes)
            add_farm(nodes);
        add_names();
        grid_.count_occupations();
        return std::move(grid_);
    }

private:
    std::uint32_t add_twin() {
        Twin twin;
        twin.id = static_cast<std::uint32_t>(grid_.twins.size() + 1);
        twin.account = base58(random_, "5", 47);
        twin.relay = "relay.grid.tf";
        twin.public_key = "0x" + text(random_, "0123456789abcdef", 66);
        grid_.twins.emplace(twin.id, twin);
        return twin.id;
    }

    void add_farm(std::size_t nodes) {
        const Place& place = drawn(random_, places);
        Farm farm;
        farm.id = static_cast<std::uint32_t>(grid_.farms.size() + 1);
        farm.twin = add_twin();
        farm.name = "farm-" + std::to_string(farm.id);
        farm.certified = random_.chance(60);
        farm.dedicated = random_.chance(40);
        if (random_.chance(700)) farm.stellar_address = stellar_address(random_);
        if (random_.chance(200)) {
            const std::uint64_t count = random_.between(2, 16);
            for (std::uint64_t host = 2; host < 2 + count; ++host)
                farm.public_ips.push_back({std::to_string(farm.id) + "-" + std::to_string(host),
                                           ip_in(farm.id, host) + "/24", ip_in(farm.id, 1), 0});
        }
        // Most farms are small, a few are large.
        const std::uint64_t size =
            random_.chance(80) ? random_.between(20, 60) : random_.between(1, 9);
        grid_.farms.emplace(farm.id, farm);
        for (std::uint64_t i = 0; i < size && grid_.nodes.size() < nodes; ++i)
            add_node(farm, place);
    }

    void add_node(const Farm& farm, const Place& place) {
        const Machine& machine = drawn(random_, machines);
        Node node;
        node.id = static_cast<std::uint32_t>(grid_.nodes.size() + 1);
        node.farm = farm.id;
        node.twin = add_twin();
        node.country = place.country;
        node.city = place.city;
        node.region = place.region;
        if (!random_.chance(20)) {
            node.longitude = place.longitude;
            node.latitude = place.latitude;
        }
        node.total = {machine.cru, machine.ssd * gib, machine.disk * gib, machine.memory * gib};
        node.used = {0, 100 * gib, 0, 2 * gib}; // What the system keeps for itself.
        node.certified = random_.chance(farm.certified ? 900 : 20);
        node.healthy = !random_.chance(30);
        node.has_ipv6 = random_.chance(300);
        node.serial_number = text(random_, "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 10);
        node.created = now_ - static_cast<Seconds>(random_.between(30, 1500)) * day;
        node.booted = now_ - static_cast<Seconds>(random_.between(1, 200 * day));
        node.features = {
            "zmount", "network",  "zdb",      "zmachine",           "volume",
            "ipv4",   "ip",       "qsfs",     "gateway-name-proxy", "gateway-fqdn-proxy",
            "zlogs",  "mycelium", "wireguard"};
        node.upload = static_cast<double>(random_.between(20, 1000)) * 1e6;
        node.download = static_cast<double>(random_.between(50, 2000)) * 1e6;
        decide_power(node);
        if (!farm.public_ips.empty() && random_.chance(300)) make_gateway(node);
        if (random_.chance(40)) add_gpus(node);
        if (farm.dedicated && random_.chance(300)) node.extra_fee = random_.between(5, 500) * 1000;
        occupy(node, farm);
        grid_.nodes.emplace(node.id, std::move(node));
    }

    void decide_power(Node& node) {
        if (random_.chance(120)) { // Gone, for an hour or for months.
            node.silent_since = now_ - static_cast<Seconds>(random_.between(2 * 3600, 90 * day));
            node.healthy = false;
        } else if (random_.chance(80)) {
            node.power_state = node.power_target = "Down"; // Asleep.
        } else if (random_.chance(300)) {
            node.power_state = node.power_target = "Up";
        }
    }

    void make_gateway(Node& node) {
        const std::uint64_t host = 100 + node.id % 150;
        node.public_config = {"gw" + std::to_string(node.id) + ".example.grid.tf",
                              ip_in(node.farm, 1), "fe80::1", ip_in(node.farm, host) + "/24",
                              "2a10:b600:" + std::to_string(node.farm) +
                                  "::" + std::to_string(host) + "/64"};
        node.has_ipv6 = true;
    }

    void add_gpus(Node& node) {
        const Card& card = cards[random_.below(cards.size())];
        const std::uint64_t count = random_.chance(800) ? 1 : random_.between(2, 8);
        for (std::uint64_t slot = 0; slot < count; ++slot) {
            std::array<char, 32> place;
            std::snprintf(place.data(), place.size(), "0000:%02x:00.0/",
                          static_cast<unsigned>(0x0e + slot));
            node.gpus.push_back({place.data() + std::string{card.id}, std::string{card.vendor},
                                 std::string{card.device}, 0});
        }
    }

    void occupy(Node& node, const Farm& farm) {
        std::uint32_t renter = 0;
        if (random_.chance(farm.dedicated || node.extra_fee > 0 ? 250 : 30)) {
            renter = users_[random_.below(users_.size())];
            const std::uint64_t rent = add_contract(ContractType::rent, renter, node);
            for (Gpu& gpu : node.gpus)
                if (random_.chance(500)) gpu.contract = rent;
        }
        if (renter == 0 && (farm.dedicated || !random_.chance(450))) return;
        const std::uint64_t count = random_.between(1, 6);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::int64_t memory = static_cast<std::int64_t>(random_.between(1, 8)) * gib;
            const std::int64_t disk = static_cast<std::int64_t>(random_.between(10, 200)) * gib;
            if (node.free_mru() < memory || node.free_sru() < disk) return;
            node.used.cru += random_.between(1, 4);
            node.used.mru += memory;
            node.used.sru += disk;
            add_contract(ContractType::node,
                         renter != 0 ? renter : users_[random_.below(users_.size())], node);
        }
    }

    std::uint64_t add_contract(ContractType type, std::uint32_t twin, const Node& node) {
        Contract contract;
        contract.id = 1000 + grid_.contracts.size();
        contract.twin = twin;
        contract.type = type;
        contract.node = type == ContractType::name ? 0 : node.id;
        contract.created = now_ - static_cast<Seconds>(random_.between(day, 300 * day));
        if (random_.chance(30)) contract.state = "GracePeriod";
        if (type == ContractType::node) {
            contract.deployment_hash = text(random_, "0123456789abcdef", 32);
            contract.deployment_data =
                R"({"version":4,"type":"vm","name":"vm)" + std::to_string(contract.id) + "\"}";
        }
        for (int hour = 3; hour > 0; --hour)
            grid_.bills[contract.id].push_back(
                {random_.between(100'000, 50'000'000), "Gold", now_ - hour * 3600});
        grid_.contracts.emplace(contract.id, contract);
        return contract.id;
    }

    void add_names() {
        const Node nowhere;
        const std::size_t names = grid_.nodes.size() / 20;
        for (std::size_t i = 0; i < names; ++i) {
            const std::uint64_t id =
                add_contract(ContractType::name, users_[random_.below(users_.size())], nowhere);
            grid_.contracts.at(id).name = "name" + std::to_string(i);
        }
    }

    Random random_;
    const Seconds now_;
    Catalogue grid_;
    std::vector<std::uint32_t> users_;
};

} // namespace

std::string_view region_of(std::string_view country) {
    for (const Place& place : places)
        if (place.country == country) return place.region;
    return {};
}

Catalogue generate(std::uint64_t seed, std::size_t nodes, Seconds now) {
    return Generation{seed, now}.grid(nodes);
}

} // namespace gateways::sandbox::grid_proxy
