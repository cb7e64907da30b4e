#include "projections/store.hpp"

#include <map>
#include <vector>

namespace projections {

namespace {

struct Partition {
    std::map<std::string, std::string, std::less<>> rows;
    Stamp stamp;
};

struct Write {
    int partition = 0;
    bool clears = false;
    std::vector<RowWrite> rows;
    std::optional<Stamp> stamp;
};

void perform(std::map<int, Partition>& partitions, const Write& write) {
    Partition& partition = partitions[write.partition];
    if (write.clears) partition = {};
    for (const RowWrite& row : write.rows)
        if (row.row.empty())
            partition.rows.erase(row.key);
        else
            partition.rows[row.key] = row.row;
    if (write.stamp) partition.stamp = *write.stamp;
}

} // namespace

struct MemoryStore::Content {
    std::map<int, Partition> kept, current;
    std::vector<Write> unpersisted;

    void write(Write write) {
        perform(current, write);
        unpersisted.push_back(std::move(write));
    }
};

MemoryStore::MemoryStore() : now_{std::make_unique<Content>()} {}
MemoryStore::~MemoryStore() = default;

bool MemoryStore::get(int partition, std::string_view key, std::string& row) {
    const auto& rows = now_->current[partition].rows;
    const auto found = rows.find(key);
    if (found == rows.end()) return false;
    row = found->second;
    return true;
}

Stamp MemoryStore::stamp(int partition) { return now_->current[partition].stamp; }

void MemoryStore::write(int partition, std::span<const RowWrite> rows,
                        const std::optional<Stamp>& stamp) {
    now_->write({partition, false, {rows.begin(), rows.end()}, stamp});
}

void MemoryStore::persist() {
    for (const Write& write : now_->unpersisted)
        perform(now_->kept, write);
    now_->unpersisted.clear();
}

void MemoryStore::for_each(int partition,
                           const std::function<void(std::string_view, std::string_view)>& row) {
    for (const auto& [key, value] : now_->current[partition].rows)
        row(key, value);
}

void MemoryStore::clear(int partition) { now_->write({partition, true, {}, {}}); }

std::uint64_t MemoryStore::rows_about() {
    std::uint64_t rows = 0;
    for (const auto& [number, partition] : now_->current)
        rows += partition.rows.size();
    return rows;
}

void MemoryStore::forget_unpersisted(std::size_t writes_kept) {
    now_->unpersisted.resize(std::min(writes_kept, now_->unpersisted.size()));
    persist();
    now_->current = now_->kept;
}

std::size_t MemoryStore::unpersisted() const { return now_->unpersisted.size(); }

} // namespace projections
