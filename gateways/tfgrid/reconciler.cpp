#include "gateways/tfgrid/reconciler.hpp"

#include "gateways/tfgrid/answers.hpp"
#include "gateways/tfgrid/posted.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;
using domain::ContractKind;
using domain::WorkloadRole;

struct Place {
    domain::DeploymentId deployment;
    std::optional<WorkloadRole> role; // Absent: a name at a gateway.
    std::uint32_t attempt = 0;
};

// Machines and names at gateways may be called the same without being the same.
std::string machine_key(std::string_view name) { return "machine/" + std::string{name}; }
std::string name_key(std::string_view name) { return "name/" + std::string{name}; }

bool is_of_machine(const LiveContract& is) { return is.kind == "vm" || is.kind == "network"; }

std::string key_of(const LiveContract& is) {
    return is_of_machine(is) ? machine_key(is.name) : name_key(is.name);
}

// The one of a family that stands for it; the others are cancelled with it.
int weight(const LiveContract& is) { return is.kind == "vm" || is.kind == "name" ? 1 : 0; }

void add_places(const Claims& claims, std::map<std::string, Place>& places) {
    const auto attempts = [&](WorkloadRole role, std::uint32_t count) {
        for (std::uint32_t attempt = 1; attempt <= count; ++attempt)
            places[machine_key(domain::grid_name(claims.deployment, role, attempt))] = {
                claims.deployment, role, attempt};
    };
    attempts(WorkloadRole::primary, claims.primary_attempts);
    attempts(WorkloadRole::backup, claims.backup_attempts);
    for (const std::string& label : claims.labels)
        places[name_key(label)] = {claims.deployment, std::nullopt, 0};
}

domain::GridContract contract_of(const LiveContract& is, const Place& place) {
    domain::GridContract contract;
    contract.contract = {std::to_string(is.id)};
    contract.kind = place.role ? ContractKind::node : ContractKind::name;
    contract.role = place.role;
    if (place.role) {
        contract.attempt = place.attempt;
        contract.grid_name = is.name;
    }
    if (is.node) contract.node = domain::NodeId{std::to_string(*is.node)};
    return contract;
}

} // namespace

std::vector<LiveContract> read_contracts(std::string_view body) {
    boost::system::error_code error;
    const json::value all = json::parse(body, error);
    if (error || !all.is_object())
        throw std::runtime_error{"the list of contracts is no JSON object"};
    std::vector<LiveContract> contracts;
    try {
        for (const json::value& one : list_in(all.get_object(), "contracts")) {
            if (!one.is_object()) throw Unreadable{"a contract is no object"};
            const json::object& given = one.get_object();
            LiveContract contract;
            contract.id = number_in(given, "id").value_or(0);
            contract.kind = text_in(given, "kind").value_or("");
            contract.name = text_in(given, "name").value_or("");
            const json::value* ours = given.if_contains("ours");
            contract.ours = ours != nullptr && ours->is_bool() && ours->get_bool();
            contract.node = number_in(given, "node");
            const std::int64_t created = number_in(given, "created").value_or(0);
            if (created > 0) contract.created = domain::Time{created * 1000};
            contracts.push_back(std::move(contract));
        }
    } catch (const Unreadable& unreadable) {
        throw std::runtime_error{"the list of contracts is not as agreed: " + unreadable.what};
    }
    return contracts;
}

Claims claims_of(const domain::Deployment& deployment) {
    Claims claims{
        deployment.deployment, deployment.primary_attempts, deployment.backup_attempts, {}, {}};
    for (const domain::ClaimedContract& one : deployment.contracts)
        if (one.status != domain::GridContractStatus::cancelled)
            claims.contracts.push_back(one.is.contract);
    const auto add = [&](const std::optional<std::string>& label) {
        if (label) claims.labels.push_back(*label);
    };
    add(deployment.domain_label);
    if (deployment.domain) add(deployment.domain->domain.label);
    if (deployment.domain_pending) add(deployment.domain_pending->domain.label);
    return claims;
}

Findings reconcile(std::span<const LiveContract> contracts, std::span<const Claims> claims,
                   const Unclaimed& before, domain::Time now) {
    std::map<std::string, Place> places;
    std::set<std::string> claimed;
    for (const Claims& one : claims) {
        add_places(one, places);
        for (const domain::ContractId& contract : one.contracts)
            claimed.insert(contract.value);
    }
    struct Family {
        const LiveContract* main = nullptr;
        bool claimed = false;
    };
    std::map<std::string, Family> families;
    for (const LiveContract& one : contracts) {
        const bool may_be_cancelled =
            is_of_machine(one) || one.kind == "name" || one.kind == "gateway";
        if (!one.ours || !may_be_cancelled) continue;
        Family& family = families[key_of(one)];
        if (family.main == nullptr || weight(one) > weight(*family.main)) family.main = &one;
        family.claimed = family.claimed || claimed.contains(std::to_string(one.id));
    }
    Findings findings;
    for (const auto& [key, family] : families) {
        if (family.claimed) continue;
        const LiveContract& one = *family.main;
        const auto seen = before.find(one.id);
        const domain::Time since = seen == before.end() ? now : seen->second;
        findings.unclaimed[one.id] = since;
        if (now.milliseconds - since.milliseconds < unclaimed_time.count()) continue;
        const auto place = places.find(key);
        if (place == places.end()) {
            findings.strangers.push_back(one);
            continue;
        }
        findings.commands.push_back(posted("deployment-" + place->second.deployment.value,
                                           domain::ClaimOrphan{contract_of(one, place->second)}));
    }
    return findings;
}

} // namespace gateways::tfgrid
