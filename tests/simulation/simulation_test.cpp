#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

namespace tests {

namespace {

using Plant = projections::ProcessorOptions::Plant;

TEST(Simulation, HoldsWithoutFaults) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        EXPECT_EQ(simulate(seed, {.faults = false}).broken, std::vector<std::string>{}) << seed;
}

TEST(Simulation, HoldsUnderEveryFault) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        EXPECT_EQ(simulate(seed, {}).broken, std::vector<std::string>{}) << seed;
}

TEST(Simulation, IsTheSameForTheSameSeed) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        EXPECT_EQ(simulate(seed, {}).trace, simulate(seed, {}).trace) << seed;
    EXPECT_NE(simulate(1, {}).trace, simulate(2, {}).trace);
}

// A simulation that finds nothing proves nothing, so each safety is left out once.
std::uint64_t seeds_until_found(Plant plant) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed)
        if (!simulate(seed, {.plant = plant}).broken.empty()) return seed;
    return 0;
}

TEST(Simulation, FindsStateAppliedBeforeTheCommit) {
    EXPECT_NE(seeds_until_found(Plant::apply_before_commit), 0u);
}

TEST(Simulation, FindsAMissingDedupe) { EXPECT_NE(seeds_until_found(Plant::no_dedupe), 0u); }

TEST(Simulation, FindsAPositionOutsideOfTheTransaction) {
    EXPECT_NE(seeds_until_found(Plant::position_outside_transaction), 0u);
}

} // namespace

} // namespace tests
