#include "domain/deployment_placement.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace domain {

namespace {

// Where the grid does not tell, it may be the same.
bool differ(std::string_view one, std::string_view other) {
    return !one.empty() && !other.empty() && one != other;
}

class Choice {
public:
    Choice(std::span<const Candidate> candidates, std::span<const Workload> workloads,
           std::span<const NodeId> excluded, std::span<const WorkloadPlacement> staying,
           bool other_countries)
        : candidates_{candidates},
          workloads_{workloads},
          excluded_{excluded},
          staying_{staying},
          other_countries_{other_countries} {}

    // Tries candidates for the workloads that have none yet, the best first.
    bool complete() {
        if (chosen_.size() == workloads_.size()) return true;
        for (const Candidate& candidate : candidates_) {
            if (!fits(candidate)) continue;
            chosen_.push_back({workloads_[chosen_.size()].role, candidate});
            if (complete()) return true;
            chosen_.pop_back();
        }
        return false;
    }

    std::vector<ChosenNode> take() { return std::move(chosen_); }

private:
    bool fits(const Candidate& candidate) const {
        if (std::ranges::find(excluded_, candidate.node) != excluded_.end()) return false;
        const auto beside = [&](const auto& other) {
            return candidate.farm != other.farm && candidate.node != other.node &&
                   (!other_countries_ || differ(candidate.country, other.country));
        };
        return std::ranges::all_of(staying_, beside) &&
               std::ranges::all_of(chosen_, beside, &ChosenNode::candidate);
    }

    std::span<const Candidate> candidates_;
    std::span<const Workload> workloads_;
    std::span<const NodeId> excluded_;
    std::span<const WorkloadPlacement> staying_;
    bool other_countries_;
    std::vector<ChosenNode> chosen_;
};

} // namespace

std::optional<std::vector<ChosenNode>> choose(std::span<const Candidate> candidates,
                                              std::span<const Workload> workloads,
                                              std::span<const NodeId> excluded,
                                              std::span<const WorkloadPlacement> staying) {
    for (const bool other_countries : {true, false}) {
        Choice choice{candidates, workloads, excluded, staying, other_countries};
        if (choice.complete()) return choice.take();
    }
    return std::nullopt;
}

bool are_abroad(std::span<const ChosenNode> chosen, std::span<const WorkloadPlacement> staying) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const std::string_view country = chosen[i].candidate.country;
        for (std::size_t j = 0; j < i; ++j)
            if (!differ(country, chosen[j].candidate.country)) return false;
        for (const WorkloadPlacement& other : staying)
            if (!differ(country, other.country)) return false;
    }
    return true;
}

} // namespace domain
