// Stores that last as long as a command, and the ones of a system that stands still.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"
#include "projections/store.hpp"
#include "projections/streams.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace gateways::marketctl {

// A folder in the system's place for temporary files; gone with the object.
class ScratchFolder {
public:
    ScratchFolder();
    ScratchFolder(ScratchFolder&& other) noexcept;
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// A store to fill and to throw away, on disk, so that memory stays bounded.
struct ScratchStore {
    ScratchFolder folder;
    std::unique_ptr<projections::Store> store;
};
ScratchStore scratch_store(const projections::Registry& registry);

// The stores of a stopped system's lanes (DATA/state/0, 1 ...), as copies: what is done with
// them changes nothing.
class StoredState {
public:
    // Throws std::runtime_error when there is none or somebody uses them.
    StoredState(const std::filesystem::path& state, const projections::Registry& registry);
    // Of the lane whose store contains most of the partition.
    projections::Store& of(int partition);

private:
    ScratchFolder folder_;
    std::vector<std::unique_ptr<projections::Store>> lanes_;
};

// The lanes' folders, in the order of their numbers.
std::vector<std::filesystem::path> lane_folders(const std::filesystem::path& state);

// Throws std::runtime_error when a process has this RocksDB folder open.
void expect_unused(const std::filesystem::path& database);

} // namespace gateways::marketctl
