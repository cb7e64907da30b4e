// What clients read: every stream of every aggregate as it stands, and lists of a tenant's, or of
// one owner's in it, newest first.

#pragma once

#include "projections/aggregate.hpp"
#include "projections/view.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace projections {

struct ResourceHead {
    std::string tenant;
    std::uint64_t version = 0; // The sequence of its last event.
    domain::Time created, updated;
    // Where its latest events are in their partition, in order; older ones have rows of their own.
    std::vector<std::int64_t> events;
};
BOOST_DESCRIBE_STRUCT(ResourceHead, (), (tenant, version, created, updated, events))

struct ResourceRow {
    ResourceHead head;
    std::unique_ptr<AnyState> state;
};

// Of a row whose stream is one of this aggregate's.
template <class Domain>
const Domain& state_in(const ResourceRow& row) {
    return static_cast<const typename Aggregate<Domain>::State&>(*row.state).state();
}

class ResourcesView final : public ViewFold {
public:
    static constexpr std::string_view view_name = "resources";

    // `registry` outlives the view. `changed` hears of every stream whose row was changed, in the
    // view's thread, when readers see the change; also while the view is made anew beside the rows
    // that are read.
    explicit ResourcesView(const Registry& registry,
                           std::function<void(std::string_view stream)> changed = {})
        : registry_{registry}, changed_{std::move(changed)} {}
    std::string_view name() const override { return view_name; }
    std::uint64_t version() const override;
    void apply(const schemas::EventView& event, const bus::Record& record,
               ViewRows& rows) const override;

private:
    const Registry& registry_;
    const std::function<void(std::string_view)> changed_;
};

// Reading, for any thread.
class Resources {
public:
    Resources(const ViewRows& rows, const Registry& registry) : rows_{rows}, registry_{registry} {}

    std::optional<ResourceRow> row(std::string_view stream) const;
    // Where the stream's events 1 to `count` are.
    std::vector<std::int64_t> events(std::string_view stream, const ResourceHead& head,
                                     std::uint64_t count) const;

    // All that have anything.
    std::vector<std::string> tenants() const;

    struct Listed {
        std::string id;
        ResourceRow row;
    };
    // Up to `limit` of an aggregate, newest first, after `place` (empty: from the newest), for
    // which `wanted` holds. `next` becomes the place to go on after, or empty at the end.
    std::vector<Listed> list(std::string_view aggregate, std::string_view tenant,
                             const std::optional<std::string>& owner, std::string_view place,
                             std::size_t limit,
                             const std::function<bool(const ResourceRow&)>& wanted,
                             std::string& next) const;

private:
    const ViewRows& rows_;
    const Registry& registry_;
};

} // namespace projections
