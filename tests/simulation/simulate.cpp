// Runs many seeds of the simulation, or one again.

#include "tests/simulation/simulation.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
    using Plant = projections::ProcessorOptions::Plant;
    std::uint64_t from = 1, seeds = 10'000;
    std::optional<std::uint64_t> seed;
    tests::SimulationOptions options;
    const std::map<std::string, Plant> plants{
        {"none", Plant::none},
        {"apply-before-commit", Plant::apply_before_commit},
        {"no-dedupe", Plant::no_dedupe},
        {"position-outside", Plant::position_outside_transaction}};

    CLI::App app{
        "Runs processors, stores and a client in a simulated world that crashes, freezes, "
        "fences,\nloses and repeats by a seed, and checks what must hold whatever happens."};
    app.footer("A failing seed runs again with --seed N. Exit code 1 when anything did not hold.");
    app.add_option("--seeds", seeds, "How many")->capture_default_str();
    app.add_option("--from", from, "The first")->capture_default_str();
    app.add_option("--seed", seed, "Only this one; tells what happened in it");
    app.add_option("--commands", options.commands, "Commands a seed")->capture_default_str();
    app.add_option("--processes", options.processes, "Processes a seed")->capture_default_str();
    app.add_option("--plant", options.plant, "A bug to plant")
        ->transform(CLI::CheckedTransformer(plants, CLI::ignore_case));
    CLI11_PARSE(app, argc, argv);
    if (seed) {
        from = *seed;
        seeds = 1;
    }

    std::uint64_t failed = 0, steps = 0, crashes = 0, lost = 0, refused = 0, moved = 0, frozen = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t at = from; at < from + seeds; ++at) {
        const auto result = tests::simulate(at, options);
        steps += result.steps;
        crashes += result.crashes;
        lost += result.lost;
        refused += result.refused;
        moved += result.rebalances;
        frozen += result.frozen;
        if (seed)
            std::printf("seed %llu: trace %016llx\n", static_cast<unsigned long long>(at),
                        static_cast<unsigned long long>(result.trace));
        if (result.broken.empty()) continue;
        ++failed;
        for (const std::string& what : result.broken)
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(at), what.c_str());
        if (failed == 20) break;
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%llu seeds in %.1f s: %llu steps, %llu crashes, %llu unclear and %llu refused "
                "commits, %llu rebalances, %llu freezes; %llu seeds failed\n",
                static_cast<unsigned long long>(seeds), seconds,
                static_cast<unsigned long long>(steps), static_cast<unsigned long long>(crashes),
                static_cast<unsigned long long>(lost), static_cast<unsigned long long>(refused),
                static_cast<unsigned long long>(moved), static_cast<unsigned long long>(frozen),
                static_cast<unsigned long long>(failed));
    if (failed > 0 && !seed) std::printf("again: simulate --seed N\n");
    return failed == 0 ? 0 : 1;
}
