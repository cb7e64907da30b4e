// A deployment's name: at a gateway of the grid, or the customer's own.

#include "domain/deployment_rules.hpp"

namespace domain {

namespace {

using Rejection = DeploymentRejection;
using Status = DeploymentStatus;

constexpr std::uint16_t web_port = 80;

bool is_well_formed(const DomainName& domain) {
    if (domain.label.has_value() == domain.own.has_value()) return false;
    return domain.label ? is_domain_label(*domain.label) : is_domain_name(*domain.own);
}

GridContract name_contract(const Deployment& deployment, const ContractId& contract) {
    if (const auto* known = find_contract(deployment, contract)) return known->is;
    return {contract, ContractKind::name, {}, {}, {}, {}};
}

} // namespace

void request_domain(DeploymentCourse& course, const DomainName& domain) {
    DomainRequested requested{course.state().domains + 1, domain, {}};
    const auto primary = serving(course.state(), WorkloadRole::primary);
    if (!primary.empty()) {
        const WorkloadAccess& access = primary.front().access;
        requested.target.node = primary.front().place.node;
        requested.target.contract = primary.front().contract;
        if (!access.addresses.empty()) requested.target.address = access.addresses.front();
        requested.target.port = access.ports.empty() ? web_port : access.ports.front();
    }
    course.add(std::move(requested));
}

DeploymentDecision handle(const Deployment& deployment, const AttachDomain& command, Time now) {
    const Status status = deployment.status;
    if (status != Status::running && status != Status::changing) return Rejection::not_running;
    if (!is_well_formed(command.domain)) return Rejection::domain_malformed;
    if (!deployment.quote.web_name) return Rejection::plan_forbids;
    if (deployment.domain_pending) {
        if (deployment.domain_pending->domain == command.domain) return nothing_decided();
        return Rejection::domain_pending;
    }
    if (deployment.domain && deployment.domain->domain == command.domain) return nothing_decided();
    if (command.name_taken) return Rejection::name_taken;
    if (command.domain.own && !command.dns_proved) return Rejection::dns_unproved;
    DeploymentCourse course{deployment, now};
    request_domain(course, command.domain);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordDomain& command, Time now) {
    const std::uint32_t number = command.number.value_or(deployment.domains);
    if (number == 0 || number > deployment.domains) return Rejection::domain_unknown;
    DeploymentCourse course{deployment, now};
    const auto& pending = deployment.domain_pending;
    if (!pending || pending->number != number) {
        // Concluded, or the deployment is over: what was made for it after all is given back.
        if (command.contract && !find_contract(deployment, *command.contract))
            course.add(ContractReleaseRequested{name_contract(deployment, *command.contract)});
        return course.take();
    }
    const auto contract = pending->contract ? pending->contract : command.contract;
    if (command.contract && command.contract != contract) return Rejection::contract_taken;
    const auto* known = contract ? find_contract(deployment, *contract) : nullptr;
    if (known != nullptr && (known->is.role || known->status != GridContractStatus::live))
        return Rejection::contract_taken;
    if (!command.attached) {
        DomainRefused refused{number, pending->domain, {}, command.reason};
        if (contract) refused.contract = name_contract(deployment, *contract);
        course.add(std::move(refused));
        complete(course);
        return course.take();
    }
    if (!contract) return Rejection::contract_unknown;
    if (known == nullptr) course.add(ContractCreated{name_contract(deployment, *contract)});
    const DomainName& domain = pending->domain;
    const std::string called = domain.own ? *domain.own : domain.label.value_or("");
    course.add(DomainAttached{number, domain, *contract, command.fqdn.value_or(called)});
    // The name before it is not used any more.
    if (deployment.domain)
        course.add(
            ContractReleaseRequested{name_contract(deployment, deployment.domain->contract)});
    complete(course);
    return course.take();
}

} // namespace domain
