#include "domain/participation.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<ParticipationEvent>;
using Rejection = ParticipationRejection;
using Status = ParticipationStatus;

// An initializer list would copy the event.
template <class Event>
ParticipationDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

ParticipationDecision nothing() { return Events{}; }

std::optional<Rejection> wrong(const ParticipationOffer& offer, std::vector<NodeId> owned) {
    if (offer.nodes.empty()) return Rejection::node_missing;
    if (offer.nodes.size() > participation_nodes_max) return Rejection::too_many_nodes;
    std::vector<NodeId> nodes = offer.nodes;
    std::ranges::sort(nodes);
    if (nodes.front().value.empty()) return Rejection::node_missing;
    if (std::ranges::adjacent_find(nodes) != nodes.end()) return Rejection::node_repeated;
    std::ranges::sort(owned);
    if (!std::ranges::includes(owned, nodes)) return Rejection::node_not_owned;
    if (offer.network.empty()) return Rejection::network_missing;
    if (offer.sealed_contact.empty()) return Rejection::contact_missing;
    return std::nullopt;
}

ParticipationDecision handle(const Participation& participation,
                             const RequestParticipation& command) {
    if (participation.status == Status::requested || participation.status == Status::approved)
        return Rejection::already_participating;
    if (command.provider.value.empty()) return Rejection::provider_missing;
    if (command.dashboard.value.empty()) return Rejection::dashboard_missing;
    if (!command.provider_approved) return Rejection::provider_not_approved;
    if (const auto reason = wrong(command.offer, command.nodes_owned)) return *reason;
    if (command.offer.sla_version != command.sla_offered) return Rejection::sla_not_accepted;
    return decided(ParticipationRequested{command.provider, command.dashboard, command.offer,
                                          command.sealed_comment});
}

ParticipationDecision handle(const Participation& participation,
                             const CommentOnParticipation& command) {
    if (participation.status != Status::requested) return Rejection::case_closed;
    if (command.sealed_comment.empty()) return Rejection::comment_missing;
    if (participation.comments >= participation_comments_max) return Rejection::too_many_comments;
    return decided(ParticipationCommented{participation.comments + 1, command.sealed_comment});
}

ParticipationDecision handle(const Participation& participation,
                             const ApproveParticipation& command) {
    if (!command.dashboard_operator) return Rejection::not_dashboard_operator;
    if (participation.status == Status::approved) return nothing();
    if (participation.status != Status::requested) return Rejection::case_closed;
    if (command.sla_version != participation.offer.sla_version) return Rejection::sla_not_accepted;
    return decided(ParticipationApproved{participation.provider, participation.dashboard,
                                         participation.offer.nodes, participation.offer.apps,
                                         command.sla_version});
}

ParticipationDecision handle(const Participation& participation, const DenyParticipation& command) {
    if (!command.dashboard_operator) return Rejection::not_dashboard_operator;
    if (participation.status == Status::denied) return nothing();
    if (participation.status != Status::requested) return Rejection::case_closed;
    if (command.reason.empty()) return Rejection::reason_missing;
    return decided(
        ParticipationDenied{participation.provider, participation.dashboard, command.reason});
}

ParticipationDecision handle(const Participation& participation, const WithdrawParticipation&) {
    if (participation.status == Status::withdrawn) return nothing();
    if (participation.status != Status::requested) return Rejection::case_closed;
    return decided(ParticipationWithdrawn{participation.provider, participation.dashboard});
}

ParticipationDecision handle(const Participation& participation,
                             const AcceptParticipationSla& command) {
    if (participation.status != Status::approved) return Rejection::not_participating;
    if (command.sla_version != command.sla_offered) return Rejection::sla_not_accepted;
    if (command.sla_version == participation.offer.sla_version) return nothing();
    // What was agreed to is not taken back by an older version.
    if (command.sla_version < participation.offer.sla_version) return Rejection::sla_not_accepted;
    return decided(ParticipationSlaAccepted{participation.provider, participation.dashboard,
                                            command.sla_version});
}

ParticipationDecision handle(const Participation& participation, const EndParticipation& command) {
    if (participation.status == Status::ended) return nothing();
    if (participation.status != Status::approved) return Rejection::not_participating;
    if (command.placed_workloads > 0) return Rejection::workloads_still_placed;
    return decided(ParticipationEnded{participation.provider, participation.dashboard,
                                      participation.offer.nodes, command.reason});
}

// The fold.

void apply(Participation& participation, const ParticipationRequested& event) {
    participation =
        Participation{Status::requested, event.provider, event.dashboard, event.offer, 0, {}};
}

void apply(Participation& participation, const ParticipationCommented& event) {
    participation.comments = event.number;
}

void apply(Participation& participation, const ParticipationApproved& event) {
    participation.status = Status::approved;
    participation.offer.sla_version = event.sla_version;
}

void apply(Participation& participation, const ParticipationDenied& event) {
    participation.status = Status::denied;
    participation.reason = event.reason;
}

void apply(Participation& participation, const ParticipationWithdrawn&) {
    participation.status = Status::withdrawn;
}

void apply(Participation& participation, const ParticipationSlaAccepted& event) {
    participation.offer.sla_version = event.sla_version;
}

void apply(Participation& participation, const ParticipationEnded& event) {
    participation.status = Status::ended;
    participation.reason = event.reason;
}

} // namespace

ParticipationDecision decide(const Participation& participation,
                             const ParticipationCommand& command, Time) {
    if (!exists(participation) && !std::holds_alternative<RequestParticipation>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(participation, one); }, command);
}

Participation evolve(Participation participation, const ParticipationEvent& event) {
    std::visit([&](const auto& one) { apply(participation, one); }, event);
    return participation;
}

} // namespace domain
