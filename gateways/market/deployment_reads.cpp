// GET /v1/deployments/{id}/access: how to reach what runs.

#include "domain/deployment.hpp"
#include "gateways/market/read_routes.hpp"
#include "schemas/messages.hpp"

#include <algorithm>

namespace gateways::market {

namespace {

constexpr std::uint16_t ssh_port = 22;

struct WorkloadReach {
    domain::WorkloadRole role = domain::WorkloadRole::primary;
    domain::NodeId node;
    std::string country;
    domain::WorkloadStatus status = domain::WorkloadStatus::placed;
    std::vector<std::string> addresses; // The one to be reached at first.
    std::vector<std::uint16_t> ports;
    std::optional<std::string> ssh; // A command line.
    std::optional<std::string> console;
};
BOOST_DESCRIBE_STRUCT(WorkloadReach, (),
                      (role, node, country, status, addresses, ports, ssh, console))

struct DeploymentReach {
    domain::DeploymentStatus status = domain::DeploymentStatus::none;
    bool usable = false; // Runs, and is not suspended.
    std::optional<std::string> url;
    std::vector<WorkloadReach> workloads; // That hold a place on a node.
};
BOOST_DESCRIBE_STRUCT(DeploymentReach, (), (status, usable, url, workloads))

WorkloadReach reach_of(const domain::WorkloadAttempt& attempt) {
    WorkloadReach reach{
        attempt.place.role, attempt.place.node, attempt.place.country, attempt.status, {}, {},
        std::nullopt,       std::nullopt};
    if (!attempt.access) return reach;
    reach.addresses = attempt.access->addresses;
    reach.ports = attempt.access->ports;
    reach.console = attempt.access->console;
    if (!reach.addresses.empty() && std::ranges::find(reach.ports, ssh_port) != reach.ports.end())
        reach.ssh = "ssh root@" + reach.addresses.front();
    return reach;
}

} // namespace

ReadAnswer read_access(const ReadSources& sources, const ReadAsk& ask) {
    const auto rows = sources.views.rows(projections::ResourcesView::view_name);
    const auto row = projections::Resources{*rows, sources.registry}.row(
        std::string{domain::Deployment::name} + "-" + ask.id);
    if (!row || !may_read(ask.reader, *row)) return not_found();
    const auto& deployment = projections::state_in<domain::Deployment>(*row);
    DeploymentReach reach;
    reach.status = deployment.status;
    reach.usable = is_served(deployment.status) && deployment.suspensions.empty();
    if (deployment.domain) reach.url = "https://" + deployment.domain->fqdn;
    for (const domain::WorkloadAttempt& attempt : deployment.attempts)
        if (is_current(attempt.status)) reach.workloads.push_back(reach_of(attempt));
    ReadAnswer answer;
    schemas::write(reach, answer.body);
    return answer;
}

} // namespace gateways::market
