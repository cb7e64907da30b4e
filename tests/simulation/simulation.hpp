// Processors, their stores and a client in a world that goes wrong by a seed, and the checks of
// what must hold whatever happens: every acknowledged command has its events exactly once,
// retries have one effect, the chain holds, nothing that was asked for is lost, and a replay
// gives byte for byte what the running processors have.

#pragma once

#include "projections/processor.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tests {

struct SimulationOptions {
    int processes = 2;
    int commands = 60;
    bool faults = true;
    projections::ProcessorOptions::Plant plant = projections::ProcessorOptions::Plant::none;
};

struct SimulationResult {
    std::vector<std::string> broken; // What did not hold; empty when all did.
    std::uint64_t trace = 0;         // The same for the same seed and options.
    std::uint64_t steps = 0, crashes = 0, lost = 0, refused = 0, rebalances = 0, frozen = 0;
};

SimulationResult simulate(std::uint64_t seed, const SimulationOptions& options);

} // namespace tests
