#include "gateways/sandbox/grid_proxy/records.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::grid_proxy {

namespace {

namespace json = boost::json;

json::object write_capacity(const Capacity& capacity) {
    return {
        {"cru", capacity.cru}, {"sru", capacity.sru}, {"hru", capacity.hru}, {"mru", capacity.mru}};
}

json::value degrees(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value{};
}

} // namespace

std::string_view name_of(ContractType type) {
    switch (type) {
    case ContractType::node: return "node";
    case ContractType::name: return "name";
    case ContractType::rent: break;
    }
    return "rent";
}

json::array write_gpus(const Node& node, Seconds now) {
    json::array out;
    for (const Gpu& gpu : node.gpus)
        out.push_back(json::object{{"node_twin_id", node.twin},
                                   {"id", gpu.id},
                                   {"vendor", gpu.vendor},
                                   {"device", gpu.device},
                                   {"contract", gpu.contract},
                                   {"updated_at", node.updated_at(now)}});
    return out;
}

json::object write_node(const Catalogue& grid, const Node& node, Seconds now, double balance) {
    const Farm& farm = grid.farm_of(node);
    const Occupation occupation = grid.occupation_of(node);
    const Seconds updated_at = node.updated_at(now);
    json::array features;
    for (const std::string& feature : node.features)
        features.emplace_back(feature);
    return {{"id", "node-" + std::to_string(node.id)},
            {"nodeId", node.id},
            {"farmId", node.farm},
            {"farmName", farm.name},
            {"twinId", node.twin},
            {"country", node.country},
            {"gridVersion", 3},
            {"city", node.city},
            {"uptime", std::max<Seconds>(updated_at - node.booted, 0)},
            {"created", node.created},
            {"farmingPolicyId", 1},
            {"updatedAt", updated_at},
            {"total_resources", write_capacity(node.total)},
            {"used_resources", write_capacity(node.used)},
            {"location", json::object{{"country", node.country},
                                      {"city", node.city},
                                      {"region", node.region},
                                      {"longitude", degrees(node.longitude)},
                                      {"latitude", degrees(node.latitude)}}},
            {"publicConfig", json::object{{"domain", node.public_config.domain},
                                          {"gw4", node.public_config.gw4},
                                          {"gw6", node.public_config.gw6},
                                          {"ipv4", node.public_config.ipv4},
                                          {"ipv6", node.public_config.ipv6}}},
            {"status", node.status(now)},
            {"certificationType", node.certified ? "Certified" : "Diy"},
            {"dedicated", grid.is_dedicated(node)},
            {"inDedicatedFarm", farm.dedicated},
            {"rentContractId", occupation.rent_contract},
            {"rented", occupation.renter != 0},
            {"rentable", grid.is_rentable(node)},
            {"rentedByTwinId", occupation.renter},
            {"serialNumber", node.serial_number},
            {"power", json::object{{"state", node.power_state}, {"target", node.power_target}}},
            {"num_gpu", node.gpus.size()},
            {"extraFee", node.extra_fee},
            {"healthy", node.healthy},
            {"dmi",
             json::object{{"bios", json::object{{"vendor", ""}, {"version", ""}}},
                          {"baseboard", json::object{{"manufacturer", ""}, {"product_name", ""}}},
                          {"processor", nullptr},
                          {"memory", nullptr}}},
            {"speed", json::object{{"upload", node.upload}, {"download", node.download}}},
            {"cpu_benchmark",
             json::object{{"single", 0.0}, {"multi", 0.0}, {"threads", 0}, {"workloads", 0}}},
            {"gpus", node.gpus.empty() ? json::value{} : json::value(write_gpus(node, now))},
            {"price_usd", price_usd(node, balance)},
            {"farm_free_ips", farm.free_ips()},
            {"features", std::move(features)}};
}

json::object write_single_node(const Catalogue& grid, const Node& node, Seconds now) {
    json::object out = write_node(grid, node, now, 0);
    json::object capacity{{"total_resources", out["total_resources"]},
                          {"used_resources", out["used_resources"]}};
    out.erase("total_resources");
    out.erase("used_resources");
    out["capacity"] = std::move(capacity);
    return out;
}

json::object write_statistics(const Catalogue& grid, const Node& node) {
    const auto resources = [](const Capacity& capacity) {
        json::object out = write_capacity(capacity);
        out["ipv4u"] = 0;
        return out;
    };
    const Occupation occupation = grid.occupation_of(node);
    return {{"system", resources({0, std::int64_t{100} << 30, 0, std::int64_t{2} << 30})},
            {"total", resources(node.total)},
            {"used", resources(node.used)},
            {"users", json::object{{"deployments", occupation.contracts},
                                   {"workloads", occupation.contracts},
                                   {"last_deployment_timestamp", 0}}}};
}

json::object write_public_ip(const Farm& farm, const PublicIp& ip) {
    return {{"id", ip.id},
            {"ip", ip.ip},
            {"farm_id", farm.id},
            {"contract_id", ip.contract},
            {"gateway", ip.gateway}};
}

json::object write_farm(const Farm& farm) {
    json::array ips;
    for (const PublicIp& ip : farm.public_ips)
        ips.push_back(json::object{
            {"id", ip.id}, {"ip", ip.ip}, {"contract_id", ip.contract}, {"gateway", ip.gateway}});
    return {{"name", farm.name},
            {"farmId", farm.id},
            {"twinId", farm.twin},
            {"pricingPolicyId", farm.pricing_policy},
            {"certificationType", farm.certified ? "Gold" : "NotCertified"},
            {"stellarAddress", farm.stellar_address},
            {"dedicated", farm.dedicated},
            {"publicIps", std::move(ips)}};
}

json::object write_contract(const Catalogue& grid, const Contract& contract) {
    json::object details;
    if (contract.type == ContractType::name) {
        details["name"] = contract.name;
    } else {
        details["nodeId"] = contract.node;
        const auto node = grid.nodes.find(contract.node);
        const Farm farm = node == grid.nodes.end() ? Farm{} : grid.farm_of(node->second);
        details["farm_name"] = farm.name;
        details["farm_id"] = farm.id;
    }
    if (contract.type == ContractType::node) {
        details["deployment_data"] = contract.deployment_data;
        details["deployment_hash"] = contract.deployment_hash;
        details["number_of_public_ips"] = contract.public_ips;
    }
    return {{"contract_id", contract.id},     {"twin_id", contract.twin},
            {"state", contract.state},        {"created_at", contract.created},
            {"type", name_of(contract.type)}, {"details", std::move(details)}};
}

json::object write_bill(const Bill& bill) {
    return {{"amountBilled", bill.amount},
            {"discountReceived", bill.discount},
            {"timestamp", bill.time}};
}

json::object write_twin(const Twin& twin) {
    return {{"twinId", twin.id},
            {"accountId", twin.account},
            {"relay", twin.relay},
            {"publicKey", twin.public_key}};
}

} // namespace gateways::sandbox::grid_proxy
