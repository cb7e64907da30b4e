// The rows of one view: in RocksDB, with the latest changes in memory above it until they are
// written together. One thread writes, any may read.

#pragma once

#include "bus/transaction.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

class ViewRows {
public:
    ViewRows(std::shared_ptr<rocksdb::DB> database,
             std::unique_ptr<rocksdb::ColumnFamilyHandle> family, int partitions);

    // Reading, from any thread.
    std::optional<std::string> get(std::string_view key) const;
    // Rows whose keys begin with `prefix`, from the first key greater than or equal to `from`
    // (or greater than, when `after`), in order, until visit answers false.
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view key, std::string_view row)>& visit) const;
    // The next event of the partition it will take in.
    bus::Offset position(int partition) const;

    // Changing, in the view's own thread. What a fold changes is seen by itself at once, and by
    // readers with release(), together with the positions it stands at then.
    std::optional<std::string> get_for_change(std::string_view key) const;
    void put(std::string_view key, std::string row);
    void erase(std::string_view key);
    void release(const std::vector<bus::PartitionOffset>& positions);

    std::size_t waiting() const { return changed_.size(); }
    // Writes what waits, then the positions. After a crash rows may be ahead of the positions:
    // a fold has to know by the row itself that it contains a record.
    void flush(bool persist);

    rocksdb::ColumnFamilyHandle* family() const { return family_.get(); }

private:
    using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

    std::optional<std::string> stored(std::string_view key) const;

    const std::shared_ptr<rocksdb::DB> database_;
    const std::unique_ptr<rocksdb::ColumnFamilyHandle> family_;
    mutable std::shared_mutex mutex_;
    // Only the view's own thread changes these; it takes the lock to do so, not to read.
    Changes changed_, writing_;
    Changes block_; // Not released yet.
    std::vector<bus::Offset> positions_;
};

} // namespace projections
