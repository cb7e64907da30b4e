#include "gateways/marketctl/stores.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace gateways::marketctl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t store_cache_bytes = 64 << 20;

int lane_number(const fs::path& folder) {
    const std::string name = folder.filename();
    int number = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc{} && end == name.data() + name.size() ? number : -1;
}

} // namespace

ScratchFolder::ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "marketctl-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error{"no folder can be made in " + fs::temp_directory_path().string()};
    path_ = pattern;
}
ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_{std::exchange(other.path_, {})} {}
ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

ScratchStore scratch_store(const projections::Registry& registry) {
    ScratchFolder folder;
    auto store = projections::open_rocksdb_store(folder.path() / "state", registry.layout(),
                                                 store_cache_bytes);
    return {std::move(folder), std::move(store)};
}

std::vector<fs::path> lane_folders(const fs::path& state) {
    std::vector<fs::path> lanes;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator{state, none})
        if (entry.is_directory() && lane_number(entry.path()) >= 0) lanes.push_back(entry.path());
    std::ranges::sort(lanes, {}, lane_number);
    return lanes;
}

// RocksDB locks the file LOCK with fcntl for as long as it is open.
void expect_unused(const fs::path& database) {
    const int file = ::open((database / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return; // There is none: it was never opened.
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool asked = ::fcntl(file, F_GETLK, &lock) == 0;
    ::close(file);
    if (asked && lock.l_type != F_UNLCK)
        throw std::runtime_error{database.string() + " is in use by process " +
                                 std::to_string(lock.l_pid) + ": stop it first"};
}

StoredState::StoredState(const fs::path& state, const projections::Registry& registry) {
    const auto lanes = lane_folders(state);
    if (lanes.empty()) throw std::runtime_error{state.string() + " holds no state"};
    for (const fs::path& lane : lanes) {
        expect_unused(lane);
        const fs::path copy = folder_.path() / lane.filename();
        fs::copy(lane, copy, fs::copy_options::recursive);
        lanes_.push_back(projections::open_rocksdb_store(copy, registry.layout(), store_cache_bytes,
                                                         projections::OtherLayout::refuse));
    }
}

projections::Store& StoredState::of(int partition) {
    return **std::ranges::max_element(
        lanes_, {}, [&](const auto& lane) { return lane->stamp(partition).next; });
}

} // namespace gateways::marketctl
