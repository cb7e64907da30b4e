// What can be asked of a participation, what can happen to it, and why it is refused. What people
// write to each other, and their e-mail addresses, come here encrypted at the door. Stored names
// are never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// What a provider offers a dashboard.
struct ParticipationOffer {
    std::vector<NodeId> nodes;
    std::string network;           // Of the grid: "main", "test", ...
    std::vector<std::string> apps; // That may run there; none: all.
    std::string sealed_contact;    // An e-mail address.
    std::uint32_t sla_version = 0; // Which the provider agreed to.
};
BOOST_DESCRIBE_STRUCT(ParticipationOffer, (), (nodes, network, apps, sealed_contact, sla_version))

// Commands.

struct RequestParticipation {
    static constexpr std::string_view type = "participation.request";
    ProviderId provider;
    DashboardId dashboard;
    ParticipationOffer offer;
    std::optional<std::string> sealed_comment;
    // Filled in by the door.
    bool provider_approved = false;
    std::vector<NodeId> nodes_owned; // Those of the offer that are the provider's.
    std::uint32_t sla_offered = 0;   // The dashboard's version now.
};
BOOST_DESCRIBE_STRUCT(RequestParticipation, (),
                      (provider, dashboard, offer, sealed_comment, provider_approved, nodes_owned,
                       sla_offered))

struct CommentOnParticipation {
    static constexpr std::string_view type = "participation.comment";
    std::string sealed_comment;
};
BOOST_DESCRIBE_STRUCT(CommentOnParticipation, (), (sealed_comment))

struct ApproveParticipation {
    static constexpr std::string_view type = "participation.approve";
    std::uint32_t sla_version = 0;
    bool dashboard_operator = false; // Who asks is of the dashboard's staff.
};
BOOST_DESCRIBE_STRUCT(ApproveParticipation, (), (sla_version, dashboard_operator))

struct DenyParticipation {
    static constexpr std::string_view type = "participation.deny";
    std::string reason;
    bool dashboard_operator = false;
};
BOOST_DESCRIBE_STRUCT(DenyParticipation, (), (reason, dashboard_operator))

struct WithdrawParticipation {
    static constexpr std::string_view type = "participation.withdraw";
};
BOOST_DESCRIBE_STRUCT(WithdrawParticipation, (), ())

// The provider agrees to a later version of the dashboard's SLA.
struct AcceptParticipationSla {
    static constexpr std::string_view type = "participation.accept_sla";
    std::uint32_t sla_version = 0;
    std::uint32_t sla_offered = 0; // The dashboard's version now, filled in by the door.
};
BOOST_DESCRIBE_STRUCT(AcceptParticipationSla, (), (sla_version, sla_offered))

struct EndParticipation {
    static constexpr std::string_view type = "participation.end";
    std::optional<std::string> reason;
    std::uint32_t placed_workloads = 0; // Of the dashboard, on the provider's nodes.
};
BOOST_DESCRIBE_STRUCT(EndParticipation, (), (reason, placed_workloads))

using ParticipationCommand =
    std::variant<RequestParticipation, CommentOnParticipation, ApproveParticipation,
                 DenyParticipation, WithdrawParticipation, AcceptParticipationSla,
                 EndParticipation>;

// Events.

struct ParticipationRequested {
    static constexpr std::string_view type = "participation.requested";
    ProviderId provider;
    DashboardId dashboard;
    ParticipationOffer offer;
    std::optional<std::string> sealed_comment;
};
BOOST_DESCRIBE_STRUCT(ParticipationRequested, (), (provider, dashboard, offer, sealed_comment))

struct ParticipationCommented {
    static constexpr std::string_view type = "participation.commented";
    std::uint32_t number = 0; // 1, 2, 3 ... within the request.
    std::string sealed_comment;
};
BOOST_DESCRIBE_STRUCT(ParticipationCommented, (), (number, sealed_comment))

struct ParticipationApproved {
    static constexpr std::string_view type = "participation.approved";
    ProviderId provider;
    DashboardId dashboard;
    std::vector<NodeId> nodes;
    std::vector<std::string> apps;
    std::uint32_t sla_version = 0;
};
BOOST_DESCRIBE_STRUCT(ParticipationApproved, (), (provider, dashboard, nodes, apps, sla_version))

struct ParticipationDenied {
    static constexpr std::string_view type = "participation.denied";
    ProviderId provider;
    DashboardId dashboard;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ParticipationDenied, (), (provider, dashboard, reason))

struct ParticipationWithdrawn {
    static constexpr std::string_view type = "participation.withdrawn";
    ProviderId provider;
    DashboardId dashboard;
};
BOOST_DESCRIBE_STRUCT(ParticipationWithdrawn, (), (provider, dashboard))

struct ParticipationSlaAccepted {
    static constexpr std::string_view type = "participation.sla_accepted";
    ProviderId provider;
    DashboardId dashboard;
    std::uint32_t sla_version = 0;
};
BOOST_DESCRIBE_STRUCT(ParticipationSlaAccepted, (), (provider, dashboard, sla_version))

struct ParticipationEnded {
    static constexpr std::string_view type = "participation.ended";
    ProviderId provider;
    DashboardId dashboard;
    std::vector<NodeId> nodes; // Which are to be hidden.
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(ParticipationEnded, (), (provider, dashboard, nodes, reason))

using ParticipationEvent =
    std::variant<ParticipationRequested, ParticipationCommented, ParticipationApproved,
                 ParticipationDenied, ParticipationWithdrawn, ParticipationSlaAccepted,
                 ParticipationEnded>;

// Clients see the name. Each says what would have to be otherwise.
enum class ParticipationRejection {
    not_found, // Never requested.
    already_participating,
    provider_missing,
    dashboard_missing,
    provider_not_approved,
    node_missing,
    node_repeated,
    node_not_owned,
    too_many_nodes,
    network_missing,
    contact_missing,
    sla_not_accepted, // Another version than the one in question.
    comment_missing,
    too_many_comments,
    case_closed, // The request was decided or withdrawn.
    not_dashboard_operator,
    reason_missing,
    not_participating,
    workloads_still_placed,
};
BOOST_DESCRIBE_ENUM(ParticipationRejection, not_found, already_participating, provider_missing,
                    dashboard_missing, provider_not_approved, node_missing, node_repeated,
                    node_not_owned, too_many_nodes, network_missing, contact_missing,
                    sla_not_accepted, comment_missing, too_many_comments, case_closed,
                    not_dashboard_operator, reason_missing, not_participating,
                    workloads_still_placed)

} // namespace domain
