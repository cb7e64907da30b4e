#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/grid_proxy/records.hpp"

#include <boost/json.hpp>

#include <limits>

namespace gateways::sandbox::grid_proxy {

namespace {

namespace json = boost::json;

// Long enough ago to count as gone.
constexpr Seconds long_silence = 7 * 24 * 60 * 60;

// A record's fields, each read at most once; those that nobody reads are unknown.
class Record {
public:
    explicit Record(const json::object& given) : given_{given}, left_{given} {}

    void text(std::string_view name, std::string& into) {
        if (const json::value* value = take(name)) {
            if (!value->is_string()) bad(name, "text");
            into = value->get_string();
        }
    }
    void flag(std::string_view name, bool& into) {
        if (const json::value* value = take(name)) {
            if (!value->is_bool()) bad(name, "true or false");
            into = value->get_bool();
        }
    }
    template <class Number>
    void number(std::string_view name, Number& into) {
        const json::value* value = take(name);
        if (value == nullptr) return;
        const bool whole = value->is_int64() || value->is_uint64();
        boost::system::error_code error;
        const Number read = value->to_number<Number>(error);
        if (!whole || error || value->kind() == json::kind::double_) bad(name, "a whole number");
        into = read;
    }
    void decimal(std::string_view name, double& into) {
        if (const json::value* value = take(name)) {
            if (!value->is_number()) bad(name, "a number");
            into = value->to_number<double>();
        }
    }
    void degrees(std::string_view name, std::optional<double>& into) {
        const json::value* value = take(name);
        if (value == nullptr) return;
        if (value->is_null()) {
            into.reset();
        } else {
            if (!value->is_number()) bad(name, "a number");
            into = value->to_number<double>();
        }
    }
    const json::object* object(std::string_view name) {
        const json::value* value = take(name);
        if (value == nullptr || value->is_null()) return nullptr;
        if (!value->is_object()) bad(name, "an object");
        return &value->get_object();
    }
    const json::array* list(std::string_view name) {
        static const json::array empty;
        const json::value* value = take(name);
        if (value == nullptr) return nullptr;
        if (value->is_null()) return &empty;
        if (!value->is_array()) bad(name, "a list");
        return &value->get_array();
    }
    void pass_over(std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names)
            left_.erase(name);
    }
    void finish() const {
        if (!left_.empty()) throw BadScript{"unknown field " + std::string{left_.begin()->key()}};
    }

private:
    [[noreturn]] static void bad(std::string_view name, std::string_view wanted) {
        throw BadScript{std::string{name} + " must be " + std::string{wanted}};
    }
    const json::value* take(std::string_view name) {
        left_.erase(name);
        return given_.if_contains(name);
    }

    const json::object& given_;
    json::object left_;
};

void read_capacity(const json::object& given, Capacity& capacity) {
    Record record{given};
    record.number("cru", capacity.cru);
    record.number("sru", capacity.sru);
    record.number("hru", capacity.hru);
    record.number("mru", capacity.mru);
    record.finish();
}

void read_status(std::string_view status, Node& node, Seconds now) {
    node.silent_since.reset();
    if (status == "standby") {
        node.power_state = node.power_target = "Down";
    } else if (status == "up" || status == "down") {
        if (!node.power_state.empty()) node.power_state = node.power_target = "Up";
        if (status == "down") node.silent_since = now - long_silence;
    } else {
        throw BadScript{"status is up, standby or down"};
    }
}

void read_gpus(const json::array& given, Node& node) {
    node.gpus.clear();
    for (const json::value& value : given) {
        Gpu gpu;
        Record record{as_object(value)};
        record.text("id", gpu.id);
        record.text("vendor", gpu.vendor);
        record.text("device", gpu.device);
        record.number("contract", gpu.contract);
        record.pass_over({"updated_at", "node_twin_id"});
        record.finish();
        node.gpus.push_back(std::move(gpu));
    }
}

} // namespace

void read_node(const json::object& given, Node& node, Seconds now) {
    Record record{given};
    record.number("nodeId", node.id);
    record.number("farmId", node.farm);
    record.number("twinId", node.twin);
    record.text("country", node.country);
    record.text("city", node.city);
    if (given.contains("country")) node.region = region_of(node.country);
    record.text("region", node.region);
    if (const json::object* location = record.object("location")) {
        Record place{*location};
        place.degrees("longitude", node.longitude);
        place.degrees("latitude", node.latitude);
        place.text("region", node.region);
        place.pass_over({"country", "city"});
        place.finish();
    }
    if (const json::object* total = record.object("total_resources"))
        read_capacity(*total, node.total);
    if (const json::object* used = record.object("used_resources")) read_capacity(*used, node.used);
    if (const json::object* config = record.object("publicConfig")) {
        Record part{*config};
        part.text("domain", node.public_config.domain);
        part.text("gw4", node.public_config.gw4);
        part.text("gw6", node.public_config.gw6);
        part.text("ipv4", node.public_config.ipv4);
        part.text("ipv6", node.public_config.ipv6);
        part.finish();
    }
    std::string certification;
    record.text("certificationType", certification);
    if (!certification.empty()) node.certified = certification == "Certified";
    record.flag("healthy", node.healthy);
    record.flag("has_ipv6", node.has_ipv6);
    if (const json::object* power = record.object("power")) {
        Record part{*power};
        part.text("state", node.power_state);
        part.text("target", node.power_target);
        part.finish();
    }
    record.number("extraFee", node.extra_fee);
    record.text("serialNumber", node.serial_number);
    if (const json::array* gpus = record.list("gpus")) read_gpus(*gpus, node);
    if (const json::array* features = record.list("features")) {
        node.features.clear();
        for (const json::value& feature : *features) {
            if (!feature.is_string()) throw BadScript{"features are texts"};
            node.features.emplace_back(feature.get_string());
        }
    }
    if (const json::object* speed = record.object("speed")) {
        Record part{*speed};
        part.decimal("upload", node.upload);
        part.decimal("download", node.download);
        part.finish();
    }
    record.number("created", node.created);
    std::string status;
    record.text("status", status);
    if (!status.empty()) read_status(status, node, now);
    // Stops reporting now, and is noticed when the proxy would notice.
    bool reports = !node.silent_since;
    record.flag("reports", reports);
    if (!reports && !node.silent_since)
        node.silent_since = node.updated_at(now);
    else if (reports)
        node.silent_since.reset();
    record.pass_over({"id", "farmName", "gridVersion", "uptime", "farmingPolicyId", "updatedAt",
                      "dedicated", "inDedicatedFarm", "rentContractId", "rented", "rentable",
                      "rentedByTwinId", "num_gpu", "dmi", "cpu_benchmark", "price_usd",
                      "farm_free_ips"});
    record.finish();
    if (node.id == 0 || node.farm == 0) throw BadScript{"a node needs nodeId and farmId"};
}

void read_farm(const json::object& given, Farm& farm) {
    Record record{given};
    record.number("farmId", farm.id);
    record.number("twinId", farm.twin);
    record.text("name", farm.name);
    record.number("pricingPolicyId", farm.pricing_policy);
    std::string certification;
    record.text("certificationType", certification);
    if (!certification.empty()) farm.certified = certification != "NotCertified";
    record.text("stellarAddress", farm.stellar_address);
    record.flag("dedicated", farm.dedicated);
    if (const json::array* ips = record.list("publicIps")) {
        farm.public_ips.clear();
        for (const json::value& value : *ips) {
            PublicIp ip;
            Record part{as_object(value)};
            part.text("id", ip.id);
            part.text("ip", ip.ip);
            part.text("gateway", ip.gateway);
            part.number("contract_id", ip.contract);
            part.finish();
            farm.public_ips.push_back(std::move(ip));
        }
    }
    record.finish();
    if (farm.id == 0) throw BadScript{"a farm needs farmId"};
}

void read_contract(const json::object& given, Contract& contract) {
    Record record{given};
    record.number("contract_id", contract.id);
    record.number("twin_id", contract.twin);
    record.text("state", contract.state);
    record.number("created_at", contract.created);
    std::string type;
    record.text("type", type);
    if (type == "node" || type.empty())
        contract.type = ContractType::node;
    else if (type == "name")
        contract.type = ContractType::name;
    else if (type == "rent")
        contract.type = ContractType::rent;
    else
        throw BadScript{"type is node, name or rent"};
    if (const json::object* details = record.object("details")) {
        Record part{*details};
        part.number("nodeId", contract.node);
        part.text("name", contract.name);
        part.text("deployment_data", contract.deployment_data);
        part.text("deployment_hash", contract.deployment_hash);
        part.number("number_of_public_ips", contract.public_ips);
        part.pass_over({"farm_name", "farm_id"});
        part.finish();
    }
    record.finish();
    if (contract.id == 0) throw BadScript{"a contract needs contract_id"};
    if (contract.state != "Created" && contract.state != "GracePeriod" &&
        contract.state != "Deleted")
        throw BadScript{"state is Created, GracePeriod or Deleted"};
}

void read_bill(const json::object& given, Bill& bill) {
    Record record{given};
    record.number("amountBilled", bill.amount);
    record.text("discountReceived", bill.discount);
    record.number("timestamp", bill.time);
    record.finish();
}

void read_twin(const json::object& given, Twin& twin) {
    Record record{given};
    record.number("twinId", twin.id);
    record.text("accountId", twin.account);
    record.text("relay", twin.relay);
    record.text("publicKey", twin.public_key);
    record.finish();
    if (twin.id == 0) throw BadScript{"a twin needs twinId"};
}

} // namespace gateways::sandbox::grid_proxy
