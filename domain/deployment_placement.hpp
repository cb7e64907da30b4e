// Which nodes the workloads of one deployment take, of those its quote offers.

#pragma once

#include "domain/deployment_parts.hpp"

#include <optional>
#include <span>
#include <vector>

namespace domain {

struct ChosenNode {
    WorkloadRole role = WorkloadRole::primary;
    Candidate candidate;
};
BOOST_DESCRIBE_STRUCT(ChosenNode, (), (role, candidate))

// A candidate for each of the workloads, in their order, the best that go together: never two on
// one farm, nor on the farm of one that stays; in different countries when the candidates leave
// a choice. Earlier candidates are better, and the first workload chooses first. Nothing when
// there is no such set.
std::optional<std::vector<ChosenNode>> choose(std::span<const Candidate> candidates,
                                              std::span<const Workload> workloads,
                                              std::span<const NodeId> excluded,
                                              std::span<const WorkloadPlacement> staying = {});

// Whether no two of them may be in one country.
bool are_abroad(std::span<const ChosenNode> chosen, std::span<const WorkloadPlacement> staying);

} // namespace domain
