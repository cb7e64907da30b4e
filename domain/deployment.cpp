#include "domain/deployment_rules.hpp"

#include <algorithm>

namespace domain {

const QuoteTerms& wanted_quote(const Deployment& deployment) {
    const auto& change = deployment.change;
    return change && change->kind == DeploymentChange::add_backup && change->quote
               ? *change->quote
               : deployment.quote;
}

const Workload* find_workload(const QuoteTerms& quote, WorkloadRole role) {
    const auto found = std::ranges::find(quote.workloads, role, &Workload::role);
    return found == quote.workloads.end() ? nullptr : &*found;
}

std::vector<ServingWorkload> serving(const Deployment& deployment,
                                     std::optional<WorkloadRole> role) {
    std::vector<ServingWorkload> workloads;
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.status == WorkloadStatus::ready && (!role || *role == one.place.role))
            workloads.push_back({one.place, one.contract.value_or(ContractId{}),
                                 one.grid_name.value_or(""),
                                 one.access.value_or(WorkloadAccess{})});
    return workloads;
}

BillingTerms terms_of(const Deployment& deployment) {
    return billing_terms(deployment.quote, deployment.card);
}

GiveBack to_give_back(const Deployment& deployment) {
    GiveBack all;
    for (const ClaimedContract& contract : deployment.contracts)
        if (contract.status == GridContractStatus::live) all.contracts.push_back(contract.is);
    for (const WorkloadAttempt& one : deployment.attempts)
        if (is_current(one.status) && (one.reservation == PlaceReservation::asked ||
                                       one.reservation == PlaceReservation::held))
            all.reservations.push_back(one.place);
    if (deployment.discount == OrderDiscount::asked ||
        deployment.discount == OrderDiscount::reserved)
        all.discount_code = deployment.quote.discount_code;
    all.charge = deployment.charge;
    all.terms = terms_of(deployment);
    all.payment = payment_of(deployment.deployment.value, 1);
    all.invoice = invoice_of(deployment.deployment.value, 1);
    return all;
}

std::optional<DeploymentRejection> wrong(const QuoteTerms& quote, Time now) {
    const auto count = [&](WorkloadRole role) {
        return std::ranges::count(quote.workloads, role, &Workload::role);
    };
    if (count(WorkloadRole::primary) != 1 || count(WorkloadRole::backup) > 1 ||
        quote.account.value.empty() || quote.dashboard.value.empty() ||
        !adds_up(billing_terms(quote, {})))
        return DeploymentRejection::quote_invalid;
    if (now >= quote.expires) return DeploymentRejection::quote_expired;
    return std::nullopt;
}

DeploymentDecision decide(const Deployment& deployment, const DeploymentCommand& command,
                          Time now) {
    // The grid may show contracts of an order that nobody here has heard of.
    const bool without_order =
        std::holds_alternative<PlaceOrder>(command) ||
        std::holds_alternative<ClaimOrphan>(command) ||
        (std::holds_alternative<RecordRelease>(command) && !deployment.contracts.empty());
    if (!exists(deployment) && !without_order) return DeploymentRejection::not_found;
    return std::visit([&](const auto& one) { return handle(deployment, one, now); }, command);
}

} // namespace domain
