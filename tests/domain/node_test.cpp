// A node's way onto the market and off it, and what probes say of it.

#include "tests/domain/node_samples.hpp"

namespace domain {

using namespace node_samples;

namespace {

TEST(NodeRegistration, TakesDownWhatTheProviderSays) {
    given<Node>({}).when(register_node()).then(registered);
    RegisterNode command = register_node();
    command.safety_margin.reset();
    command.price_factor = 12'500;
    command.certified = true;
    command.country = "";
    given<Node>({}).when(command).then(
        {NodeRegistered{provider, farm, "", "Europe", "Ghent", true, whole, {}, 12'500}});
}

TEST(NodeRegistration, IsMadeOnceUntilTheNodeRetires) {
    for (const History& history : {registered, verified, excluded, draining, down})
        given<Node>(history).when(register_node()).then_rejected(Rejection::node_taken);
    given<Node>(retired).when(register_node()).then(registered);
    EXPECT_EQ(given<Node>(retired + registered.front()).state(), given<Node>(registered).state());
}

TEST(NodeRegistration, NeedsAProvedFarmAndPlausibleFacts) {
    const auto refuses = [](auto change, Rejection reason) {
        RegisterNode command = register_node();
        change(command);
        given<Node>({}).when(command).then_rejected(reason);
    };
    refuses([](auto& c) { c.farm_proved = false; }, Rejection::farm_not_proved);
    refuses([](auto& c) { c.provider = {}; }, Rejection::provider_missing);
    refuses([](auto& c) { c.farm = {}; }, Rejection::farm_missing);
    for (const char* country : {"Belgium", "be", "B", "B1"})
        refuses([&](auto& c) { c.country = country; }, Rejection::country_invalid);
    refuses([](auto& c) { c.capacity.cru = 0; }, Rejection::capacity_invalid);
    refuses([](auto& c) { c.capacity.mru = 0; }, Rejection::capacity_invalid);
    refuses([](auto& c) { c.capacity.sru = std::uint64_t{1} << 60; }, Rejection::capacity_invalid);
    refuses([](auto& c) { c.safety_margin->hru = std::uint64_t{1} << 60; },
            Rejection::capacity_invalid);
    refuses([](auto& c) { c.price_factor = 0; }, Rejection::price_factor_invalid);
    refuses([](auto& c) { c.price_factor = 100'001; }, Rejection::price_factor_invalid);
}

TEST(NodeThatWasNeverRegistered, RefusesEverythingElse) {
    const std::vector<NodeCommand> commands{
        VerifyNode{},      ExposeNode{},      HideNode{},        LabelNode{},
        ExcludeNode{},     ReadmitNode{},     DrainNode{},       RetireNode{},
        ReserveCapacity{}, ConfirmCapacity{}, ReleaseCapacity{}, ExpireReservation{},
        RecordCapacity{},  RecordProbe{},
    };
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<NodeCommand>);
    EXPECT_FALSE(exists(given<Node>({}).state()));
    for (const NodeCommand& command : commands)
        given<Node>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(NodeVerification, PassesOrSaysWhyNot) {
    given<Node>(registered).when(VerifyNode{true, {}}).then({NodeVerified{provider, farm}});
    given<Node>(registered)
        .when(VerifyNode{false, "no uptime"})
        .then({NodeRefused{provider, "no uptime"}});
    const History refused = registered + NodeRefused{provider, "no uptime"};
    given<Node>(refused).when(VerifyNode{false, "no uptime"}).then_nothing();
    given<Node>(refused)
        .when(VerifyNode{false, "too small"})
        .then({NodeRefused{provider, "too small"}});
    given<Node>(refused).when(VerifyNode{true, {}}).then({NodeVerified{provider, farm}});
    given<Node>(registered).when(VerifyNode{}).then_rejected(Rejection::reason_missing);
}

TEST(NodeVerification, IsNotTakenBack) {
    given<Node>(verified).when(VerifyNode{true, {}}).then_nothing();
    given<Node>(verified)
        .when(VerifyNode{false, "too small"})
        .then_rejected(Rejection::already_verified);
    given<Node>(excluded).when(VerifyNode{true, {}}).then_rejected(Rejection::node_excluded);
    given<Node>(retired).when(VerifyNode{true, {}}).then_rejected(Rejection::node_retired);
}

TEST(NodeExposure, NeedsAVerifiedNodeAndAParticipation) {
    given<Node>(verified)
        .when(ExposeNode{shop, true, {}})
        .then({NodeExposed{shop, provider, false, true}});
    given<Node>(verified)
        .when(ExposeNode{shop, false, {}})
        .then_rejected(Rejection::participation_missing);
    given<Node>(verified)
        .when(ExposeNode{{}, true, {}})
        .then_rejected(Rejection::dashboard_missing);
    for (const History& history : {registered, excluded})
        given<Node>(history)
            .when(ExposeNode{shop, true, {}})
            .then_rejected(Rejection::node_not_verified);
}

TEST(NodeExposure, AloneTakesItOffThePublicDashboard) {
    EXPECT_FALSE(given<Node>(registered).state().public_listing);
    EXPECT_TRUE(given<Node>(verified).state().public_listing);
    EXPECT_TRUE(given<Node>(exposed).state().public_listing);
    given<Node>(verified)
        .when(ExposeNode{shop, true, true})
        .then({NodeExposed{shop, provider, true, false}});
    EXPECT_FALSE(given<Node>(allocated).state().public_listing);
    // And back again.
    given<Node>(allocated).when(HideNode{shop}).then({NodeHidden{shop, provider, true}});
    given<Node>(allocated)
        .when(ExposeNode{shop, true, {}})
        .then({NodeExposed{shop, provider, false, true}});
}

TEST(NodeExposure, AloneIsNotShared) {
    given<Node>(allocated)
        .when(ExposeNode{other_shop, true, {}})
        .then_rejected(Rejection::allocated_elsewhere);
    given<Node>(exposed)
        .when(ExposeNode{other_shop, true, true})
        .then_rejected(Rejection::allocated_elsewhere);
    given<Node>(exposed)
        .when(ExposeNode{other_shop, true, {}})
        .then({NodeExposed{other_shop, provider, false, true}});
    // Who has it among no others may have it alone.
    given<Node>(exposed)
        .when(ExposeNode{shop, true, true})
        .then({NodeExposed{shop, provider, true, false}});
}

TEST(NodeExposure, HasNothingToDoTwice) {
    given<Node>(exposed).when(ExposeNode{shop, true, false}).then_nothing();
    given<Node>(allocated).when(ExposeNode{shop, true, true}).then_nothing();
    given<Node>(verified).when(HideNode{shop}).then_nothing();
    given<Node>(exposed).when(HideNode{shop}).then({NodeHidden{shop, provider, true}});
    EXPECT_EQ(given<Node>(exposed + NodeHidden{shop, provider, true}).state(),
              given<Node>(verified).state());
}

TEST(NodeExposure, EndsSomewhere) {
    History history = verified;
    for (std::size_t i = 0; i < node_dashboards_max; ++i)
        history.push_back(
            NodeExposed{DashboardId{"shop-" + std::to_string(i)}, provider, false, true});
    given<Node>(history)
        .when(ExposeNode{shop, true, {}})
        .then_rejected(Rejection::too_many_dashboards);
}

TEST(NodeLabels, ReplaceEachOther) {
    const LabelNode command{{"nextcloud", "k8s"}, "storage", "in the cellar"};
    const NodeLabelled labelled{{"nextcloud", "k8s"}, "storage", "in the cellar"};
    given<Node>(verified).when(command).then({labelled});
    given<Node>(verified + labelled).when(command).then_nothing();
    given<Node>(verified + labelled).when(LabelNode{}).then({NodeLabelled{}});
}

TEST(NodeLabels, AreOfBoundedLength) {
    const std::string endless(label_length_max + 1, 'x');
    for (const LabelNode& command :
         {LabelNode{{endless}, "", ""}, LabelNode{{}, endless, ""}, LabelNode{{}, "", endless},
          LabelNode{std::vector<std::string>(node_labels_max + 1, "x"), "", ""}})
        given<Node>(verified).when(command).then_rejected(Rejection::label_too_long);
}

TEST(NodeExclusion, TellsWhoHasToMove) {
    const History busy = running + NodeExposed{shop, provider, false, true} +
                         reserved(second, small) + NodeExposed{other_shop, provider, false, true};
    given<Node>(busy)
        .when(ExcludeNode{"OnlyTwinAdminCanDeployOnThisNode"})
        .then({NodeExcluded{"OnlyTwinAdminCanDeployOnThisNode",
                            provider,
                            {shop, other_shop},
                            {workload(first), workload(second)}}});
    given<Node>(busy)
        .when(DrainNode{"leaves"})
        .then({NodeDraining{"leaves", provider, {workload(first), workload(second)}}});
}

TEST(NodeExclusion, NeedsAReasonAndHappensOnce) {
    given<Node>(verified).when(ExcludeNode{}).then_rejected(Rejection::reason_missing);
    given<Node>(excluded).when(ReadmitNode{}).then_rejected(Rejection::reason_missing);
    given<Node>(excluded).when(ExcludeNode{"again"}).then_nothing();
    given<Node>(verified).when(ReadmitNode{"fixed"}).then_nothing();
    given<Node>(draining).when(DrainNode{}).then_nothing();
    for (const History& history : {excluded, draining})
        given<Node>(history).when(ReadmitNode{"fixed"}).then({NodeReadmitted{"fixed", provider}});
}

TEST(NodeExclusion, EndsWhereItBegan) {
    const NodeReadmitted readmitted{"fixed", provider};
    EXPECT_EQ(given<Node>(excluded + readmitted).state(), given<Node>(verified).state());
    EXPECT_EQ(given<Node>(draining + readmitted).state(), given<Node>(verified).state());
    const History early = registered + NodeExcluded{"suspended", provider, {}, {}} + readmitted;
    EXPECT_EQ(given<Node>(early).state(), given<Node>(registered).state());
}

TEST(NodeRetirement, WaitsForWhatIsOnTheNode) {
    given<Node>(exposed).when(RetireNode{}).then({NodeRetired{provider, {shop}}});
    given<Node>(running).when(RetireNode{}).then_rejected(Rejection::workloads_remain);
    given<Node>(holding).when(RetireNode{}, at(14)).then_rejected(Rejection::workloads_remain);
    given<Node>(holding).when(RetireNode{}, at(15)).then({NodeRetired{provider, {}}});
    given<Node>(retired).when(RetireNode{}).then_nothing();
}

TEST(NodeThatRetired, IsOutOfUse) {
    const auto node = given<Node>(retired);
    for (const NodeCommand& command : std::vector<NodeCommand>{
             VerifyNode{}, ExposeNode{shop, true, {}}, LabelNode{}, ExcludeNode{"x"},
             ReadmitNode{"x"}, DrainNode{}, reserve(first, small),
             ConfirmCapacity{first, WorkloadRole::primary, 1, {}},
             RecordCapacity{whole, at(1), {}, {}, {}}, RecordProbe{at(1), false, {}}})
        node.when(command).then_rejected(Rejection::node_retired);
    for (const NodeCommand& command :
         std::vector<NodeCommand>{HideNode{shop}, ReleaseCapacity{first}, ExpireReservation{first}})
        node.when(command).then_nothing();
}

TEST(NodeProbes, SuspectAtOnceAndCallDownAtTheThird) {
    given<Node>(verified)
        .when(RecordProbe{at(1), false, "no answer"})
        .then({NodeSuspected{at(1), at(1), 1, "no answer"}});
    given<Node>(suspect)
        .when(RecordProbe{at(2), false, "no answer"})
        .then({NodeSuspected{at(2), at(1), 2, "no answer"}});
    given<Node>(running + NodeSuspected{at(1), at(1), 1, {}} + NodeSuspected{at(2), at(1), 2, {}})
        .when(RecordProbe{at(3), false, "no answer"})
        .then({NodeWentDown{at(3), at(1), 3, "no answer", provider, {workload(first)}}});
    given<Node>(down).when(RecordProbe{at(4), false, "no answer"}).then_nothing();
}

TEST(NodeProbes, ThatSucceedBringItBack) {
    given<Node>(verified).when(RecordProbe{at(1), true, {}}).then_nothing();
    given<Node>(suspect)
        .when(RecordProbe{at(2), true, {}})
        .then({NodeCameBack{at(2), at(1), false, provider, {}}});
    given<Node>(down + reserved(first, small))
        .when(RecordProbe{at(9), true, {}})
        .then({NodeCameBack{at(9), at(1), true, provider, {workload(first)}}});
    // Failures in a row are counted anew.
    const History back = suspect + NodeCameBack{at(2), at(1), false, provider, {}};
    given<Node>(back)
        .when(RecordProbe{at(3), false, {}})
        .then({NodeSuspected{at(3), at(3), 1, {}}});
}

TEST(NodeProbes, OlderThanTheStateChangeNothing) {
    for (const bool reachable : {true, false}) {
        given<Node>(down)
            .when(RecordProbe{at(2), reachable, {}})
            .then_rejected(Rejection::probe_older_than_state);
        given<Node>(down).when(RecordProbe{at(3), reachable, {}}).then_nothing();
    }
}

TEST(NodeOffer, SaysWhatPlacementHasToKnow) {
    const History history = running + NodeExposed{shop, provider, true, false} +
                            reserved(second, small, 5) +
                            CapacityRecorded{whole, margin, true, 12'500, at(0)};
    const NodeId id{"11"};
    NodeOffer expected;
    expected.node = id;
    expected.farm = farm;
    expected.provider = provider;
    expected.country = "BE";
    expected.region = "Europe";
    expected.city = "Ghent";
    expected.available = true;
    expected.certified = true;
    expected.dedicated = true;
    expected.capacity = whole;
    expected.free = size(4, 8, 50);
    expected.price_factor = 12'500;
    expected.health = 9'000;
    expected.dashboards = {shop};
    EXPECT_EQ(offer_of(given<Node>(history).state(), id, 9'000, at(4)), expected);
    // The reservation has lapsed.
    expected.free = size(6, 12, 100);
    EXPECT_EQ(offer_of(given<Node>(history).state(), id, 9'000, at(5)), expected);
    for (const History& unavailable : {registered, excluded, draining, retired})
        EXPECT_FALSE(offer_of(given<Node>(unavailable).state(), id, 0, at(0)).available);
    EXPECT_EQ(offer_of(given<Node>(down).state(), id, 0, at(0)).condition, NodeCondition::down);
}

} // namespace

} // namespace domain
