// What of a node is taken: reserving, confirming, releasing, and what the grid says of its size.

#include "tests/domain/node_samples.hpp"

namespace domain {

using namespace node_samples;

namespace {

TEST(CapacityReservation, LivesFifteenMinutes) {
    given<Node>(verified).when(reserve(first, small)).then({reserved(first, small)});
    auto command = reserve(first, small);
    command.until = at(60);
    given<Node>(verified).when(command).then({reserved(first, small, 60)});
    for (const std::int64_t minutes : {-1, 0, 24 * 60 + 1}) {
        command.until = at(minutes);
        given<Node>(verified).when(command).then_rejected(Rejection::until_out_of_range);
    }
}

TEST(CapacityReservation, LeavesTheSafetyMargin) {
    // Eight cores, 16 GiB and 150 GiB are for sale.
    given<Node>(verified)
        .when(reserve(first, size(8, 16, 150)))
        .then({reserved(first, size(8, 16, 150))});
    for (const Resources& more :
         {size(9, 1, 0), size(1, 17, 0), size(1, 1, 151), Resources{1, 1, 0, 1, 0, 0},
          Resources{1, 1, 0, 0, 1, 0}, Resources{1, 1, 0, 0, 0, 1}})
        given<Node>(verified)
            .when(reserve(first, more))
            .then_rejected(Rejection::capacity_exhausted);
}

TEST(CapacityReservation, CountsWhatOthersHold) {
    const auto node = given<Node>(holding + reserved(second, large));
    node.when(reserve(third, size(1, 1, 0))).then_rejected(Rejection::capacity_exhausted);
    // What has lapsed counts no more, though its timer has not come yet.
    node.when(reserve(third, large), at(15))
        .then({CapacityReserved{third, WorkloadRole::primary, 1, large, at(30), farm}});
    given<Node>(running)
        .when(reserve(third, size(7, 1, 1)), at(9999))
        .then_rejected(Rejection::capacity_exhausted);
}

TEST(CapacityReservation, AnswersAnOrderInAnyCase) {
    const Resources huge = size(9, 1, 1);
    given<Node>(verified)
        .when(reserve(first, huge, true))
        .then({refused(first, huge, CapacityRefusal::capacity_exhausted)});
    for (const History& history : {History{}, registered, excluded, draining, down, retired})
        given<Node>(history)
            .when(reserve(first, small, true))
            .then({refused(first, small, CapacityRefusal::node_not_available)});
    given<Node>(holding)
        .when(reserve(first, large, true))
        .then({refused(first, large, CapacityRefusal::reservation_exists)});
    const History answered = verified + refused(first, huge, CapacityRefusal::capacity_exhausted);
    EXPECT_EQ(given<Node>(answered).state(), given<Node>(verified).state());
    EXPECT_FALSE(
        exists(given<Node>({refused(first, small, CapacityRefusal::node_not_available)}).state()));
}

TEST(CapacityReservation, NeedsANodeInUse) {
    for (const History& history : {registered, excluded, draining, down})
        given<Node>(history)
            .when(reserve(first, small))
            .then_rejected(Rejection::node_not_available);
    given<Node>(suspect).when(reserve(first, small)).then({reserved(first, small)});
}

TEST(CapacityReservation, IsRefusedToADashboardWhenAnotherHasTheNodeAlone) {
    auto command = reserve(first, small);
    command.dashboard = other_shop;
    given<Node>(allocated).when(command).then_rejected(Rejection::node_not_available);
    given<Node>(exposed).when(command).then({reserved(first, small)});
    command.dashboard = shop;
    given<Node>(allocated).when(command).then({reserved(first, small)});
}

TEST(CapacityReservation, NeedsANameAndASize) {
    given<Node>(verified).when(reserve({}, small)).then_rejected(Rejection::deployment_missing);
    for (const Resources& none : {size(0, 1, 1), size(1, 0, 1), size(1, std::uint64_t{1} << 40, 1)})
        given<Node>(verified)
            .when(reserve(first, none))
            .then_rejected(Rejection::resources_invalid);
}

TEST(CapacityReservation, IsOneForOneName) {
    given<Node>(holding).when(reserve(first, small)).then_nothing();
    given<Node>(holding).when(reserve(first, large)).then_rejected(Rejection::reservation_exists);
    given<Node>(running).when(reserve(first, small), at(99)).then_nothing();
    given<Node>(running)
        .when(reserve(first, large), at(99))
        .then_rejected(Rejection::reservation_exists);
    // Other roles and attempts have names of their own.
    auto other = reserve(first, small);
    other.attempt = 2;
    given<Node>(holding).when(other).then(
        {CapacityReserved{first, WorkloadRole::primary, 2, small, at(15), farm}});
    other.role = WorkloadRole::backup;
    given<Node>(holding).when(other).then(
        {CapacityReserved{first, WorkloadRole::backup, 2, small, at(15), farm}});
}

TEST(CapacityReservation, IsProlongedByAskingAgain) {
    given<Node>(holding).when(reserve(first, small), at(10)).then({reserved(first, small, 25)});
    // Even where nothing else would fit.
    given<Node>(holding + reserved(second, large))
        .when(reserve(first, small), at(10))
        .then({reserved(first, small, 25)});
    const Node prolonged = given<Node>(holding + reserved(first, small, 25)).state();
    EXPECT_EQ(prolonged.holds.size(), 1U);
    EXPECT_EQ(prolonged.holds.front().until, at(25));
    // After it has lapsed it is asked for anew, for any size.
    given<Node>(holding).when(reserve(first, large), at(15)).then({reserved(first, large, 30)});
}

TEST(CapacityReservation, EndsSomewhere) {
    History history =
        verified + CapacityRecorded{size(60'000, 60'000, 0), {}, false, 10'000, at(0)};
    for (std::size_t i = 0; i < node_workloads_max; ++i)
        history.push_back(reserved(DeploymentId{"d" + std::to_string(i)}, size(1, 1, 0)));
    given<Node>(history)
        .when(reserve(DeploymentId{"one more"}, size(1, 1, 0)))
        .then_rejected(Rejection::capacity_exhausted);
}

TEST(CapacityReservation, ExpiresByItsTimer) {
    const ExpireReservation timer{first, WorkloadRole::primary, 1};
    given<Node>(holding)
        .when(timer, at(15))
        .then({CapacityReleased{first, WorkloadRole::primary, 1, small, CapacityRelease::expired,
                                false}});
    given<Node>(holding).when(timer, at(14)).then_nothing();
    given<Node>(holding + reserved(first, small, 25)).when(timer, at(15)).then_nothing();
    given<Node>(running).when(timer, at(99)).then_nothing();
    given<Node>(verified).when(timer, at(99)).then_nothing();
}

TEST(CapacityConfirmation, LastsUntilItIsReleased) {
    const ConfirmCapacity command{first, WorkloadRole::primary, 1, {}};
    given<Node>(holding).when(command).then({confirmed(first, small)});
    given<Node>(running).when(command).then_nothing();
    EXPECT_EQ(given<Node>(running).state().holds.front().until, std::nullopt);
    given<Node>(verified).when(command).then_rejected(Rejection::reservation_unknown);
    given<Node>(holding)
        .when(ConfirmCapacity{first, WorkloadRole::primary, 1, large})
        .then_rejected(Rejection::reservation_exists);
}

TEST(CapacityConfirmation, FollowsTheSizeOfWhatRuns) {
    const auto resized = [](const Resources& size) {
        return ConfirmCapacity{first, WorkloadRole::primary, 1, size};
    };
    given<Node>(running).when(resized(large)).then({confirmed(first, large)});
    given<Node>(running + confirmed(first, large))
        .when(resized(small))
        .then({confirmed(first, small)});
    // Its own room counts, that of others does not.
    given<Node>(running).when(resized(size(8, 16, 150))).then({confirmed(first, size(8, 16, 150))});
    given<Node>(running + confirmed(second, small))
        .when(resized(size(8, 16, 150)))
        .then_rejected(Rejection::capacity_exhausted);
    given<Node>(running).when(resized(Resources{})).then_rejected(Rejection::resources_invalid);
}

TEST(CapacityConfirmation, ComesLateWhereThereIsStillRoom) {
    const ConfirmCapacity plain{first, WorkloadRole::primary, 1, {}};
    const ConfirmCapacity with_size{first, WorkloadRole::primary, 1, small};
    const ConfirmCapacity nobody{{}, WorkloadRole::primary, 1, small};
    // Lapsed, not yet taken out.
    given<Node>(holding).when(plain, at(20)).then({confirmed(first, small)});
    given<Node>(holding + reserved(second, size(8, 1, 1), 30))
        .when(plain, at(20))
        .then_rejected(Rejection::capacity_exhausted);
    // Taken out.
    given<Node>(verified).when(with_size).then({confirmed(first, small)});
    given<Node>(verified + reserved(second, size(8, 1, 1), 30))
        .when(with_size, at(20))
        .then_rejected(Rejection::capacity_exhausted);
    given<Node>(verified).when(nobody).then_rejected(Rejection::deployment_missing);
    given<Node>(verified)
        .when(ConfirmCapacity{first, WorkloadRole::primary, 1, Resources{}})
        .then_rejected(Rejection::resources_invalid);
}

TEST(CapacityRelease, HappensOnce) {
    const ReleaseCapacity command{first, WorkloadRole::primary, 1};
    given<Node>(holding).when(command).then({CapacityReleased{
        first, WorkloadRole::primary, 1, small, CapacityRelease::released, false}});
    given<Node>(running).when(command).then({CapacityReleased{
        first, WorkloadRole::primary, 1, small, CapacityRelease::released, true}});
    given<Node>(verified).when(command).then_nothing();
    const History released = running + CapacityReleased{first, WorkloadRole::primary,     1,
                                                        small, CapacityRelease::released, true};
    EXPECT_EQ(given<Node>(released).state(), given<Node>(verified).state());
}

TEST(CapacityOnTheGrid, IsTakenAsItIsSeen) {
    RecordCapacity command{size(4, 8, 100), at(1), {}, {}, {}};
    given<Node>(verified).when(command).then(
        {CapacityRecorded{size(4, 8, 100), margin, false, 10'000, at(1)}});
    command.certified = true;
    command.safety_margin = small;
    command.price_factor = 12'500;
    given<Node>(verified).when(command).then(
        {CapacityRecorded{size(4, 8, 100), small, true, 12'500, at(1)}});
    given<Node>(verified).when(RecordCapacity{whole, at(1), {}, {}, {}}).then_nothing();
}

TEST(CapacityOnTheGrid, MayBeLessThanIsTaken) {
    const History shrunk = running + CapacityRecorded{size(3, 6, 60), margin, false, 10'000, at(1)};
    EXPECT_EQ(free_of(given<Node>(shrunk).state(), at(2)), Resources{});
    given<Node>(shrunk)
        .when(reserve(second, size(1, 1, 0)), at(2))
        .then_rejected(Rejection::capacity_exhausted);
}

TEST(CapacityOnTheGrid, IsPlausibleAndNotOlderThanTheState) {
    const History seen = verified + CapacityRecorded{small, margin, false, 10'000, at(5)};
    given<Node>(seen)
        .when(RecordCapacity{whole, at(4), {}, {}, {}})
        .then_rejected(Rejection::probe_older_than_state);
    given<Node>(seen)
        .when(RecordCapacity{size(1 << 20, 1, 1), at(6), {}, {}, {}})
        .then_rejected(Rejection::capacity_invalid);
    given<Node>(seen)
        .when(RecordCapacity{whole, at(6), {}, size(1, std::uint64_t{1} << 60, 1), {}})
        .then_rejected(Rejection::capacity_invalid);
    for (const std::uint32_t factor : {0U, 100'001U})
        given<Node>(seen)
            .when(RecordCapacity{whole, at(6), {}, {}, factor})
            .then_rejected(Rejection::price_factor_invalid);
}

} // namespace

} // namespace domain
