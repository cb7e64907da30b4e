// Throws away what a stopped system derived from its log, and makes it anew.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"
#include "projections/streams.hpp"
#include "projections/view.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace gateways::marketctl {

// The aggregates of every lane that `state` (DATA/state) has, of lane 0 when it has none. The
// old ones stay in place until the new ones are whole. Throws std::runtime_error when a process
// uses them.
void rebuild_state(bus::Log& log, const std::filesystem::path& state,
                   const projections::Registry& registry, Progress& progress);

// All rows of all views in `views` (DATA/views), likewise.
void rebuild_views(bus::Log& log, const std::filesystem::path& views,
                   std::vector<std::unique_ptr<projections::ViewFold>> folds, Progress& progress);

} // namespace gateways::marketctl
