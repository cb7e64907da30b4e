// Carries out what deployments ask of the grid.

#pragma once

#include "gateways/tfgrid/transport.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

namespace gateways::tfgrid {

struct GridPerformerOptions {
    Terms terms;
    // How long a job is followed at a stretch, how often it is asked about, and after what pause
    // it is followed on.
    milliseconds follow_max{60'000}, poll_every{1'000}, follow_on_after{1'000};
    std::function<std::int64_t()> milliseconds_now; // That of the events' times.
};

class GridPerformer final : public projections::Performer {
public:
    // `door` outlives it.
    GridPerformer(SidecarDoor& door, GridPerformerOptions options);

    projections::Performed perform(const projections::TodoItem& item) override;
    // Nobody waits for a job any more; for before the worker is stopped.
    void stop();

private:
    // What is remembered of effects under way, at most. Forgetting does no harm.
    static constexpr std::size_t remembered_max = 10'000;

    projections::Performed carry_out(const projections::TodoItem& item, const Effect& effect,
                                     Progress& progress);
    bool pause(); // False: it shall stop.
    bool is_overtaken(const projections::TodoItem& item, const Effect& effect);
    Progress recall(const std::string& item);
    void remember(const std::string& item, Progress progress);

    SidecarDoor& door_;
    const GridPerformerOptions options_;

    std::mutex mutex_; // Over these:
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::map<std::string, Progress> progress_;      // By item.
    std::map<std::string, std::int64_t> access_at_; // By stream: when its access was last changed.
};

} // namespace gateways::tfgrid
