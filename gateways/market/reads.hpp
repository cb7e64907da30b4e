// What can be read, and the answers to commands that have to be looked up again.
// Reading may touch the disk or the broker, so it happens in a thread of its own.

#pragma once

#include "bus/bus.hpp"
#include "projections/resources_view.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace gateways::market {

// Who reads: everything of a tenant, or one owner's own.
struct Reader {
    std::string tenant;
    std::optional<std::string> owner; // Absent: all of the tenant's.
};

bool may_read(const Reader& reader, const projections::ResourceRow& row);

// A resource as clients see it.
struct Resource {
    std::string body; // JSON
    std::uint64_t version = 0;
};

// {"id", "version", "position", "created", "updated", then the fields of `state`}.
std::string resource_json(std::string_view id, std::uint64_t version, bus::PartitionOffset position,
                          domain::Time created, domain::Time updated, std::string_view state);
std::string position_text(bus::PartitionOffset position);
std::optional<bus::PartitionOffset> parse_position(std::string_view text, int partitions);

// All but run() block, and are for the reading thread.
class Reads {
public:
    Reads(bus::Log& log, projections::Views& views, const projections::Registry& registry,
          std::size_t waiting_max);
    ~Reads();

    int partitions() const { return log_.partitions(); }

    // Runs `read` in the reading thread. False when too many wait.
    bool run(std::function<void()> read);
    // The same, once the view contains the position; `late` when it does not in time.
    bool run_at(bus::PartitionOffset position, bus::milliseconds wait, std::function<void()> read,
                std::function<void()> late);

    // The same, once the view contains all that is in the log now. False when too many wait.
    bool run_fresh(bus::milliseconds wait, std::function<void()> read, std::function<void()> late);

    // Streams are "<aggregate>-<id>".
    std::optional<Resource> one(const Reader& reader, std::string_view stream) const;
    // As it was after its event `version`. For answers given before.
    std::optional<Resource> then(std::string_view tenant, std::string_view stream,
                                 std::uint64_t version) const;
    // Where its event `version` is; nothing when the view does not have it yet.
    std::optional<bus::PartitionOffset> position(std::string_view stream,
                                                 std::uint64_t version) const;
    // Its events, as they are in the log: {"data": [...]}.
    std::optional<std::string> events(const Reader& reader, std::string_view stream) const;

    struct ListQuery {
        std::string aggregate;
        std::size_t limit = 20;
        std::string cursor; // As a list gave it.
        std::optional<std::string> status, owner;
    };
    // Nothing when the cursor is not of this list.
    std::optional<std::string> list(const Reader& reader, const ListQuery& query) const;

    void stop();

private:
    struct Freshness;
    void await_fresh(std::shared_ptr<Freshness> asked, int partition);
    std::string json_of(std::string_view stream, const projections::ResourceRow& row) const;

    bus::Log& log_;
    projections::Views& views_;
    const projections::Registry& registry_;
    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable wanted_;
    std::deque<std::function<void()>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace gateways::market
