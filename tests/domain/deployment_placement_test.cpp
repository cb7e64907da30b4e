// Which nodes go together, and what an attempt is called on the grid.

#include "domain/deployment_placement.hpp"

#include "tests/domain/deployment_samples.hpp"

#include <random>
#include <set>

namespace domain {

namespace {

using namespace deployment_samples;

using Nodes = std::vector<std::string>;

Nodes nodes(const std::optional<std::vector<ChosenNode>>& chosen) {
    if (!chosen) return {"none"};
    Nodes names;
    for (const ChosenNode& one : *chosen)
        names.push_back(one.candidate.node.value);
    return names;
}

const std::vector<Workload> one_role{{primary, small}};
const std::vector<Workload> both_roles{{primary, small}, {backup, small}};
const std::vector<Workload> backup_role{{backup, small}};
const std::vector<NodeId> nobody;

TEST(Choosing, TakesTheBestCandidate) {
    const std::vector<Candidate> candidates{node_11, node_21};
    EXPECT_EQ(nodes(choose(candidates, one_role, nobody)), Nodes{"11"});
    EXPECT_EQ(nodes(choose(candidates, one_role, std::vector<NodeId>{{"11"}})), Nodes{"21"});
    EXPECT_EQ(nodes(choose({}, one_role, nobody)), Nodes{"none"});
    EXPECT_EQ(nodes(choose(candidates, {}, nobody)), Nodes{});
}

TEST(Choosing, NeverTakesTwoNodesOfOneFarm) {
    EXPECT_EQ(nodes(choose(std::vector{node_11, node_12, node_21}, both_roles, nobody)),
              (Nodes{"11", "21"}));
    EXPECT_EQ(nodes(choose(std::vector{node_11, node_12}, both_roles, nobody)), Nodes{"none"});
}

TEST(Choosing, TakesAnotherCountryWhenThereIsOne) {
    const Candidate belgian{{"41"}, {"20"}, "BE"}, nowhere{{"42"}, {"21"}, ""};
    EXPECT_EQ(nodes(choose(std::vector{node_11, belgian, node_21}, both_roles, nobody)),
              (Nodes{"11", "21"}));
    EXPECT_EQ(nodes(choose(std::vector{node_11, belgian}, both_roles, nobody)),
              (Nodes{"11", "41"}));
    // Where the grid does not tell, it may be the same country.
    EXPECT_EQ(nodes(choose(std::vector{node_11, nowhere, node_21}, both_roles, nobody)),
              (Nodes{"11", "21"}));
    EXPECT_EQ(nodes(choose(std::vector{node_11, nowhere}, both_roles, nobody)),
              (Nodes{"11", "42"}));
}

TEST(Choosing, GivesUpTheBestFirstWhenOnlyThatLeavesAChoice) {
    // 11 goes with 41, in its own country; 41 and 21 are in two.
    const Candidate belgian{{"41"}, {"20"}, "BE"}, same_farm{{"21"}, {"7"}, "DE"};
    EXPECT_EQ(nodes(choose(std::vector{node_11, belgian, same_farm}, both_roles, nobody)),
              (Nodes{"41", "21"}));
}

TEST(Choosing, KeepsApartFromWhatStays) {
    const std::vector<Candidate> candidates{node_11, node_12, node_21, node_31};
    const std::vector<WorkloadPlacement> staying{placed(primary, 1, node_21)};
    EXPECT_EQ(nodes(choose(candidates, backup_role, nobody, staying)), Nodes{"11"});
    EXPECT_EQ(nodes(choose(std::vector{node_21}, backup_role, nobody, staying)), Nodes{"none"});
}

TEST(Choosing, FindsAPlaceWhereverThereIsOne) {
    std::mt19937_64 random{7};
    const auto draw = [&](int below) {
        return std::uniform_int_distribution<int>{0, below - 1}(random);
    };
    for (int round = 0; round < 5'000; ++round) {
        std::vector<Candidate> candidates;
        for (int i = draw(6); i > 0; --i)
            candidates.push_back(
                {{std::to_string(i)},
                 {std::to_string(draw(3))},
                 std::vector<std::string>{"", "BE", "DE"}[static_cast<std::size_t>(draw(3))]});
        // Every pair, by the rules as they are said.
        bool any = false, abroad = false;
        for (const Candidate& one : candidates)
            for (const Candidate& other : candidates) {
                if (one.node == other.node || one.farm == other.farm) continue;
                any = true;
                abroad |=
                    one.country != other.country && !one.country.empty() && !other.country.empty();
            }
        const auto chosen = choose(candidates, both_roles, nobody);
        ASSERT_EQ(chosen.has_value(), any);
        if (!chosen) continue;
        const Candidate& first = chosen->front().candidate;
        const Candidate& second = chosen->back().candidate;
        EXPECT_NE(first.node, second.node);
        EXPECT_NE(first.farm, second.farm);
        if (abroad) {
            EXPECT_NE(first.country, second.country);
        }
    }
}

TEST(GridNames, AreShortAndOfTheirOwn) {
    EXPECT_EQ(grid_name({"d1"}, primary, 1), "d1p1");
    EXPECT_EQ(grid_name({"d1"}, backup, 12), "d1b12");
    const DeploymentId long_id{"0192c3d4-e5f6-7a8b-9c0d-1e2f3a4b5c6d"};
    EXPECT_EQ(grid_name(long_id, primary, 1), grid_name(long_id, primary, 1));
    EXPECT_EQ(grid_name(long_id, primary, 1).size(), grid_name_size_max);

    std::set<std::string> names;
    std::size_t asked = 0;
    std::vector<DeploymentId> ids{{""}, {"a-b"}, {"ab"}, {"a_b"}, {"A-B"}, {"é"}, {"-"}};
    for (int i = 0; i < 3'000; ++i) {
        // Alike in all that stands in a name that is cut.
        ids.push_back({"0192c3d4-e5f6-7a8b-9c0d-1e2f3a" + std::to_string(i)});
        ids.push_back({std::string(40, 'x') + std::to_string(i)});
    }
    for (const DeploymentId& id : ids)
        for (const WorkloadRole role : {primary, backup})
            for (const std::uint32_t attempt : {1U, 3U, 4'294'967'295U}) {
                const std::string name = grid_name(id, role, attempt);
                EXPECT_LE(name.size(), grid_name_size_max);
                for (const char c : name)
                    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) || c == '_') << name;
                names.insert(name);
                ++asked;
            }
    EXPECT_EQ(names.size(), asked);
}

TEST(DomainNames, LabelsAreAsGatewaysTakeThem) {
    for (const char* label : {"abc", "acme", "a1b2", "999"})
        EXPECT_TRUE(is_domain_label(label)) << label;
    EXPECT_TRUE(is_domain_label(std::string(35, 'a')));
    for (const char* label : {"", "ab", "my-blog", "Acme", "a.bc", "a bc", "a_bc", "éa"})
        EXPECT_FALSE(is_domain_label(label)) << label;
    EXPECT_FALSE(is_domain_label(std::string(36, 'a')));
}

TEST(DomainNames, AreAsDnsHasThem) {
    for (const char* name : {"acme.example", "www.acme-1.example", "a.b"})
        EXPECT_TRUE(is_domain_name(name)) << name;
    for (const char* name : {"", "acme", ".", "acme.", ".example", "a..b", "Acme.example",
                             "-a.example", "a-.example", "a_b.example"})
        EXPECT_FALSE(is_domain_name(name)) << name;
    EXPECT_TRUE(is_domain_name(std::string(63, 'a') + ".b"));
    EXPECT_FALSE(is_domain_name(std::string(64, 'a') + ".b"));
    std::string endless = "a";
    while (endless.size() < 252)
        endless += ".a";
    EXPECT_TRUE(is_domain_name(endless));
    EXPECT_FALSE(is_domain_name(endless + ".a"));
}

} // namespace

} // namespace domain
