#include "gateways/marketctl/rebuild.hpp"

#include "gateways/marketctl/state.hpp"
#include "gateways/marketctl/stores.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace gateways::marketctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t cache_bytes = 64 << 20;
constexpr bus::milliseconds look_every{50};

// A folder beside the one it shall become.
fs::path beside(const fs::path& folder) {
    fs::path made = folder;
    made += ".new";
    fs::remove_all(made); // Of a rebuild that was broken off.
    fs::create_directories(made.parent_path());
    return made;
}

void take_place(const fs::path& made, const fs::path& folder) {
    fs::remove_all(folder);
    fs::rename(made, folder);
}

} // namespace

void rebuild_state(bus::Log& log, const fs::path& state, const projections::Registry& registry,
                   Progress& progress) {
    auto lanes = lane_folders(state);
    if (lanes.empty()) lanes.push_back(state / "0");
    for (const fs::path& lane : lanes)
        expect_unused(lane);
    for (const fs::path& lane : lanes) {
        const fs::path made = beside(lane);
        {
            const auto store =
                projections::open_rocksdb_store(made, registry.layout(), cache_bytes);
            bring_up(log, *store, registry, -1, progress);
            store->persist();
        }
        take_place(made, lane);
    }
}

void rebuild_views(bus::Log& log, const fs::path& folder,
                   std::vector<std::unique_ptr<projections::ViewFold>> folds, Progress& progress) {
    expect_unused(folder);
    const fs::path made = beside(folder);
    std::uint64_t total = 0;
    for (int partition = 0; partition < log.partitions(); ++partition)
        total += static_cast<std::uint64_t>(log.end(bus::Topic::events, partition));
    total *= folds.size();
    {
        projections::Views views{log, made, std::move(folds), {}};
        views.start();
        progress.begin("making the views", total);
        // The views work in threads of their own; this one only looks on.
        while (!views.caught_up()) {
            if (const std::string trouble = views.trouble(); !trouble.empty())
                throw std::runtime_error{trouble};
            std::uint64_t behind = 0;
            for (const projections::ViewLag& lag : views.lag())
                behind += static_cast<std::uint64_t>(lag.records);
            progress.at(total - std::min(total, behind));
            std::this_thread::sleep_for(look_every);
        }
        views.stop();
        if (const std::string trouble = views.trouble(); !trouble.empty())
            throw std::runtime_error{trouble};
    }
    take_place(made, folder);
    progress.end();
}

} // namespace gateways::marketctl
