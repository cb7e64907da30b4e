// A worker's to-do list: a fold of `events`. An event that asks for something opens an item, the
// record of a command with the item's name closes it, so the list needs nothing but the log and
// comes back the same after any crash. Kept in a store beside the position it stands at.

#pragma once

#include "bus/bus.hpp"
#include "projections/store.hpp"
#include "schemas/envelope.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

// Something that has to be done outside, or when its time has come.
struct TodoItem {
    std::string name; // "<event id>/<worker>/<step>": what the outside is asked to deduplicate on.
    std::string stream;
    std::string tenant;
    std::string correlation;
    std::string kind; // The event's type, or what the fold calls it.
    std::string data; // What the performer needs, as the fold wrote it.
    int partition = 0;
    domain::Time asked; // When the event happened.
    domain::Time due;
    bool parked = false;
    std::uint32_t attempts = 0; // Since it was opened or retried.
};
BOOST_DESCRIBE_STRUCT(TodoItem, (),
                      (name, stream, tenant, correlation, kind, data, partition, asked, due, parked,
                       attempts))

// Says which items an event opens. Stateless, deterministic.
class TodoFold {
public:
    struct Opening {
        std::string step; // Unique within the event.
        std::string kind;
        std::string data;
        domain::Time due; // Never before the event.
    };

    virtual ~TodoFold() = default;
    virtual std::string_view name() const = 0; // Of the worker.
    // Changes when an event would open other items: then the list is made anew.
    virtual std::uint64_t version() const = 0;
    virtual void open(const schemas::EventView& event, std::vector<Opening>& openings) const = 0;
};

// One thread.
class Todo {
public:
    // `store` holds nothing else. Throws std::runtime_error when its rows cannot be read.
    Todo(const TodoFold& fold, Store& store, int partitions);

    // Throws BrokenLog when the record does not continue its partition.
    void apply(const bus::Record& record);
    bus::Offset position(int partition) const;
    // Writes what changed since, with the positions.
    void flush();

    // Items that are due and not parked, the longest due first, until visit answers false.
    void due(domain::Time now, const std::function<bool(const TodoItem&)>& visit) const;
    // When the next one is due that is not yet.
    std::optional<domain::Time> next_due(domain::Time now) const;
    const TodoItem* find(std::string_view name) const;
    // Not before then; lost with a crash, which is no harm.
    void postpone(std::string_view name, domain::Time until);
    // The item's command had been decided before: no other record of it will come.
    void close(std::string_view name);

    // Of a partition.
    std::size_t open(int partition) const { return counts_[index(partition)].open; }
    std::size_t parked(int partition) const { return counts_[index(partition)].parked; }

    static std::uint64_t layout(const TodoFold& fold);

private:
    struct Entry {
        TodoItem item;
        domain::Time not_before; // When it is looked at next.
    };
    using Items = std::map<std::string, Entry, std::less<>>;

    void add(TodoItem item);
    void park(std::string_view name, bool parked);
    void changed(const TodoItem& item);

    const TodoFold& fold_;
    Store& store_;
    const std::string infix_; // In the names of this worker's items.
    Items items_;
    // Closed before they were opened: partitions are read side by side, and an item's end may
    // stand in another one than its beginning.
    std::set<std::string, std::less<>> closed_early_;
    std::set<std::pair<std::int64_t, std::string_view>> by_time_; // Of those not parked.
    struct Counts {
        std::size_t open = 0, parked = 0;
    };
    static std::size_t index(int partition) { return static_cast<std::size_t>(partition); }
    std::vector<Counts> counts_; // By partition.
    std::vector<Stamp> stamps_;
    // Rows to write, by partition; empty ones go away.
    std::vector<std::map<std::string, std::string>> rows_;
    schemas::EnvelopeReader reader_;
    std::vector<TodoFold::Opening> openings_;
};

} // namespace projections
