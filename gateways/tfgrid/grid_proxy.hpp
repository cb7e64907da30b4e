// Reads nodes, farms, and what contracts were billed, from a Grid Proxy, the public index of the
// grid. What it says of a node may be more than an hour old.

#pragma once

#include "domain/market_types.hpp"
#include "gateways/http/client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::tfgrid {

// Cores, and whole GiB, rounded down. Used ones may be more than there are: nodes oversell.
struct GridCapacity {
    std::int64_t cru = 0, mru = 0, sru = 0, hru = 0;

    friend bool operator==(const GridCapacity&, const GridCapacity&) = default;
};

struct GridGpu {
    std::string id, vendor, device;
    std::int64_t contract = 0; // 0: free.
};

struct GridNode {
    std::int64_t node = 0, farm = 0, twin = 0;
    std::string farm_name, country, city, region; // The country in words.
    GridCapacity capacity, used;
    std::string status;        // "up", "standby", "down".
    std::string certification; // "Diy", "Certified".
    bool healthy = false, dedicated = false, in_dedicated_farm = false, rentable = false,
         rented = false;
    std::int64_t rented_by = 0; // A twin; 0: nobody.
    std::int64_t gpu_count = 0;
    std::vector<GridGpu> gpus;
    std::string ipv4, ipv6, gateway_domain; // Empty: none.
    std::int64_t farm_free_ips = 0;
    std::int64_t extra_fee = 0; // A month, in mUSD.
    std::int64_t updated = 0;   // Seconds since 1970.
};

struct GridFarm {
    std::int64_t farm = 0, twin = 0;
    std::string name, certification;
    bool dedicated = false;
    std::int64_t public_ips = 0, free_public_ips = 0;
};

struct GridBill {
    domain::Time timestamp; // Of the chain.
    domain::Money amount;   // TFT
    domain::DiscountTier tier = domain::DiscountTier::none;

    friend bool operator==(const GridBill&, const GridBill&) = default;
};

template <class One>
struct Listing {
    std::vector<One> all;
    std::size_t unreadable = 0; // Left out, because they are not as documented.
};

// Of one page's body: a bare list. Throws std::runtime_error when it is none.
Listing<GridNode> read_nodes(std::string_view body);
Listing<GridFarm> read_farms(std::string_view body);
// Throws for a single bill that is not as documented, too: what is left out is not paid.
std::vector<GridBill> read_bills(std::string_view body);
// When a contract was made. Throws std::runtime_error when it does not say so.
domain::Time read_contract_created(std::string_view body);

struct GridProxyOptions {
    std::string url = "https://gridproxy.grid.tf";
    std::size_t page_size = 200;
    std::size_t bills_page_size = 100; // Most of the time one of them is new.
    std::size_t pages_max = 1000;
    std::chrono::milliseconds time_max{30'000}; // For each page.
};

class GridProxy {
public:
    explicit GridProxy(GridProxyOptions options);

    // All pages. `filters` as the proxy has them ("status=up&healthy=true"), or empty. Throw
    // std::runtime_error when a page cannot be had: a part would be taken for the whole.
    Listing<GridNode> nodes(std::string_view filters = {});
    Listing<GridFarm> farms(std::string_view filters = {});

    // Newest first, as far back as `since` at least; absent: all. None of a contract that it does
    // not know (yet). One that came while pages were turned may be there twice.
    std::vector<GridBill> bills(const domain::ContractId& contract,
                                std::optional<domain::Time> since);
    // When it was made. Nothing of a contract that it does not know (yet).
    std::optional<domain::Time> created(const domain::ContractId& contract);

private:
    // Nothing: 404.
    std::optional<std::string> page(const std::string& target);
    template <class One>
    Listing<One> all(std::string_view path, std::string_view filters,
                     Listing<One> (*read)(std::string_view));

    const GridProxyOptions options_;
    http::Client client_;
};

} // namespace gateways::tfgrid
