// A participation: a provider's nodes in a dashboard's offer.
//
//     requested --> approved --> ended
//         \--> denied, withdrawn       (each may be followed by another request)
//
// The stream "<provider>.<dashboard>" names both. Events repeat them where a policy needs one of
// them, because the name cannot be taken apart with certainty.

#pragma once

#include "domain/participation_messages.hpp"
#include "domain/result.hpp"
#include "domain/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::size_t participation_nodes_max = 1'000;
inline constexpr std::uint32_t participation_comments_max = 200;

// `none`: never requested.
enum class ParticipationStatus { none, requested, approved, denied, withdrawn, ended };
BOOST_DESCRIBE_ENUM(ParticipationStatus, none, requested, approved, denied, withdrawn, ended)

struct Participation {
    static constexpr std::string_view name = "participation";
    using Command = ParticipationCommand;
    using Event = ParticipationEvent;
    using Rejection = ParticipationRejection;

    ParticipationStatus status = ParticipationStatus::none;
    ProviderId provider;
    DashboardId dashboard;
    ParticipationOffer offer;          // The latest; its SLA version is the one in force.
    std::uint32_t comments = 0;        // On the latest request.
    std::optional<std::string> reason; // Why it was denied or ended.
};
BOOST_DESCRIBE_STRUCT(Participation, (), (status, provider, dashboard, offer, comments, reason))

inline bool exists(const Participation& participation) {
    return participation.status != ParticipationStatus::none;
}

// No events: accepted, and nothing changes.
using ParticipationDecision = Result<std::vector<ParticipationEvent>, ParticipationRejection>;

ParticipationDecision decide(const Participation& participation,
                             const ParticipationCommand& command, Time now);
Participation evolve(Participation participation, const ParticipationEvent& event);

// Who asked for it.
inline std::string_view owner(const Participation& participation) {
    return participation.provider.value;
}

} // namespace domain
