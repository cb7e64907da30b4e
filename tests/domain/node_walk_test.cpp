// Random commands at random nodes: never more is taken than there is, and what is repeated does
// nothing.

#include "tests/domain/node_samples.hpp"

#include <map>
#include <random>

namespace domain {

using namespace node_samples;

namespace {

class NodeWalk {
public:
    explicit NodeWalk(std::uint64_t seed) : random_{seed} {}

    std::int64_t draw(std::int64_t below) {
        return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random_);
    }
    bool rarely() { return draw(12) == 0; }
    std::uint32_t number(std::int64_t below) { return static_cast<std::uint32_t>(draw(below)); }

    Time next() {
        now_.milliseconds += draw(8) * 60'000;
        return now_;
    }
    Time near() { return {now_.milliseconds + (draw(5) - 3) * 60'000}; }

    DeploymentId deployment() {
        if (rarely() && rarely()) return {};
        return DeploymentId{"d" + std::to_string(draw(4))};
    }
    WorkloadRole role() { return rarely() ? WorkloadRole::backup : WorkloadRole::primary; }
    Resources resources() {
        if (rarely()) return {number(2), 0, 0, 0, 0, 0};
        // Few sizes, so that the same is asked for again.
        return size(1 + number(3), 2 + 2 * number(2), 25 * number(3));
    }

    NodeCommand command() {
        switch (draw(22)) {
        case 0: return register_node();
        case 1: return VerifyNode{draw(3) > 0, rarely() ? std::nullopt : std::optional{"small"}};
        case 2: return ExposeNode{dashboard(), !rarely(), draw(3) == 0};
        case 3: return HideNode{dashboard()};
        case 4: return LabelNode{{}, draw(2) == 0 ? "storage" : "", ""};
        case 5:
            if (draw(3) > 0) return VerifyNode{true, {}};
            return ExcludeNode{rarely() ? "" : "refused"};
        case 6: return ReadmitNode{rarely() ? "" : "fixed"};
        case 7:
            if (draw(4) > 0) return ReadmitNode{"fixed"};
            return DrainNode{"leaves"};
        case 8:
            if (draw(3) > 0) return VerifyNode{true, {}};
            return RetireNode{};
        case 9: {
            RecordCapacity seen{
                size(6 + number(6), 10 + number(12), 100 + number(120)), near(), {}, {}, {}};
            if (rarely()) seen.price_factor = number(3) * 60'000;
            return seen;
        }
        case 10:
        case 11: return RecordProbe{near(), draw(3) > 0, {}};
        case 12:
        case 13:
        case 14: return ConfirmCapacity{deployment(), role(), 1, perhaps_resources()};
        case 15: return ReleaseCapacity{deployment(), role(), 1};
        case 16: return ExpireReservation{deployment(), role(), 1};
        default: break;
        }
        ReserveCapacity command = reserve(deployment(), resources(), draw(2) == 0);
        command.role = role();
        if (rarely()) command.dashboard = dashboard();
        if (rarely()) command.until = near();
        return command;
    }

private:
    DashboardId dashboard() { return draw(2) == 0 ? shop : other_shop; }
    std::optional<Resources> perhaps_resources() {
        if (draw(2) == 0) return std::nullopt;
        return resources();
    }

    std::mt19937_64 random_;
    Time now_ = some_time;
};

Resources taken(const Node& node, Time now) {
    Resources sum;
    for (const CapacityHold& hold : node.holds) {
        if (!counts(hold, now)) continue;
        sum.cru += hold.resources.cru;
        sum.mru += hold.resources.mru;
        sum.sru += hold.resources.sru;
    }
    return sum;
}

// What the grid shows may shrink under what is taken; what is taken never grows over it.
void check_capacity(const Node& before, const Node& after, Time now) {
    const Resources was = taken(before, now), is = taken(after, now);
    if (is.cru > was.cru) {
        EXPECT_LE(is.cru + after.safety_margin.cru, after.capacity.cru);
    }
    if (is.mru > was.mru) {
        EXPECT_LE(is.mru + after.safety_margin.mru, after.capacity.mru);
    }
    if (is.sru > was.sru) {
        EXPECT_LE(is.sru + after.safety_margin.sru, after.capacity.sru);
    }
}

void check(const Node& node) {
    std::vector<std::string> names;
    for (const CapacityHold& hold : node.holds)
        names.push_back(hold.workload.deployment.value + "/" +
                        std::to_string(static_cast<int>(hold.workload.role)));
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end()) << "one hold for a name";

    const auto alone = std::ranges::count(node.exposures, true, &NodeExposure::exclusive);
    EXPECT_TRUE(alone == 0 || node.exposures.size() == 1) << "one who has it alone is alone";
    EXPECT_EQ(node.public_listing,
              node.verified && node.listing != NodeListing::retired && alone == 0);
    if (node.listing == NodeListing::verified) {
        EXPECT_TRUE(node.verified);
    }
    EXPECT_EQ(node.condition == NodeCondition::down, node.failures >= failed_probes_max);
    EXPECT_EQ(node.condition == NodeCondition::up, node.failures == 0);
    EXPECT_EQ(node.failing_since.has_value(), node.failures > 0);
}

TEST(NodeWalk, NeverSellsMoreThanThereIs) {
    std::map<std::size_t, int> events_seen;
    std::map<NodeRejection, int> rejections_seen;
    for (std::uint64_t seed = 0; seed < 1'500 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        NodeWalk walk{seed};
        Node node;
        for (int step = 0; step < 80; ++step) {
            const Time now = walk.next();
            const NodeCommand command = walk.command();
            const auto decision = decide(node, command, now);
            if (!decision) {
                ++rejections_seen[decision.error()];
                continue;
            }
            for (const NodeEvent& event : *decision) {
                ++events_seen[event.index()];
                const Node before = node;
                node = evolve(std::move(node), event);
                check(node);
                const bool anew = std::holds_alternative<NodeRegistered>(event);
                if (!anew) check_capacity(before, node, now);
            }
            // A refusal is an answer, given as often as it is asked for.
            const bool is_refusal =
                !decision->empty() && std::holds_alternative<CapacityRefused>(decision->front());
            const auto again = decide(node, command, now);
            EXPECT_TRUE(is_refusal || !again || again->empty())
                << tests::print(*again) << " after " << tests::print(*decision);
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<NodeEvent>);
    for (const auto reason :
         {NodeRejection::not_found, NodeRejection::node_taken, NodeRejection::node_retired,
          NodeRejection::node_excluded, NodeRejection::already_verified,
          NodeRejection::node_not_verified, NodeRejection::participation_missing,
          NodeRejection::allocated_elsewhere, NodeRejection::reason_missing,
          NodeRejection::probe_older_than_state, NodeRejection::until_out_of_range,
          NodeRejection::capacity_exhausted, NodeRejection::node_not_available,
          NodeRejection::reservation_exists, NodeRejection::reservation_unknown,
          NodeRejection::workloads_remain})
        EXPECT_GT(rejections_seen[reason], 0) << static_cast<int>(reason);
}

} // namespace

} // namespace domain
