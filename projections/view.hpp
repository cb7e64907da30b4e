// Views: what clients read. Each is a fold of `events` into rows of its own RocksDB column
// family, with the position it has read up to kept in the same write. Any view can be thrown
// away and comes back the same; rebuild() makes it anew beside the one in use.

#pragma once

#include "bus/bus.hpp"
#include "projections/view_rows.hpp"
#include "schemas/envelope.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

// What a view is: its name, and how an event changes its rows. Stateless, deterministic.
class ViewFold {
public:
    virtual ~ViewFold() = default;
    virtual std::string_view name() const = 0;
    // Another whenever the rows' meaning changes; a view of another version is rebuilt at start.
    virtual std::uint64_t version() const = 0;
    // Events come in the order of their partition; none twice, none left out. Throws
    // BrokenLog at a gap in a stream.
    virtual void apply(const schemas::EventView& event, const bus::Record& record,
                       ViewRows& rows) const = 0;
};

struct ViewLag {
    std::string view;
    int partition = 0;
    bus::Offset records = 0;       // Behind the end of the log.
    std::int64_t milliseconds = 0; // Age of the last event applied, while behind; else 0.
    bool rebuilding = false;
};

struct ViewsOptions {
    std::size_t cache_bytes = 16 << 20; // For reading; once more for writing.
    std::size_t rows_waiting_max = 65536;
    std::int64_t flush_after_milliseconds = 1000;
};

// As long as whoever asks waits for a view that is behind.
inline constexpr bus::milliseconds view_wait_max{5000};

// Follows the log in threads of its own, one a view. Functions are thread-safe.
class Views {
public:
    Views(bus::Log& log, const std::filesystem::path& folder,
          std::vector<std::unique_ptr<ViewFold>> folds, ViewsOptions options);
    ~Views(); // Stops, and writes what is not written.

    void start();
    void stop();

    // The rows of a view, as far as it has come. Throws std::out_of_range for an unknown name.
    std::shared_ptr<const ViewRows> rows(std::string_view view) const;

    // Calls `then(true)` as soon as the view contains the position, at once if it does, or
    // `then(false)` when `wait` has passed. In the caller's or the view's thread: must not block.
    void when(std::string_view view, bus::PartitionOffset position, bus::milliseconds wait,
              std::function<void(bool)> then);

    // Calls `then(true)` in the view's own thread between two records, so that nothing changes
    // while it reads: sums over many rows belong together. The view stands still meanwhile. Calls
    // `then(false)` when it could not be done within `wait`. It must not throw.
    void at_rest(std::string_view view, bus::milliseconds wait, std::function<void(bool)> then);

    // All views have come to where the log ended when start() was called.
    bool caught_up() const;
    std::vector<ViewLag> lag() const;
    // Why a view stands still; empty when none does.
    std::string trouble() const;

    // Begins to make the view anew, from the first event. The present one is read until the
    // new one has caught up; then they change places.
    void rebuild(std::string_view view);
    bool rebuilding(std::string_view view) const;

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

} // namespace projections
