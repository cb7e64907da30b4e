// The rows of one view: in RocksDB, with the latest changes in memory above it until they are
// written together. One thread writes, any may read.

#pragma once

#include "bus/transaction.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace projections {

class ViewRows {
public:
    ViewRows(std::shared_ptr<rocksdb::DB> database,
             std::unique_ptr<rocksdb::ColumnFamilyHandle> family, int partitions);

    // Reading, from any thread.
    std::optional<std::string> get(std::string_view key) const;
    // Listed rows whose keys begin with `prefix`, from the first key greater than or equal to
    // `from` (or greater than, when `after`), in order, until visit answers false.
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view key, std::string_view row)>& visit) const;
    // The next event of the partition it will take in.
    bus::Offset position(int partition) const;

    // Changing, in the view's own thread. Readers see a change at once, and the position it
    // belongs to with release(): rows may be ahead of the position, never behind.
    std::optional<std::string> get_for_change(std::string_view key) const;
    void put(std::string_view key, std::string row);
    void erase(std::string_view key);
    // A row that is found by scanning and then stays as it is, as an entry of an index.
    void put_listed(std::string_view key, std::string_view row);
    void release(const std::vector<bus::PartitionOffset>& positions);

    std::size_t waiting() const { return changed_.size() + listed_.size(); }
    // Writes what waits, and the positions with or after it. After a crash rows may be ahead of
    // the positions: a fold has to know by the row itself that it contains a record.
    void flush(bool persist);

    rocksdb::ColumnFamilyHandle* family() const { return family_.get(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const {
            return std::hash<std::string_view>{}(key);
        }
    };
    using Changes =
        std::unordered_map<std::string, std::optional<std::string>, Hash, std::equal_to<>>;

    struct Row {
        std::string_view key;
        const std::string* row; // Null: the key has none any more.
    };

    std::optional<std::string> stored(std::string_view key) const;
    void write(const std::vector<Row>& rows);
    void add_table(const std::vector<Row>& rows);

    const std::shared_ptr<rocksdb::DB> database_;
    const std::unique_ptr<rocksdb::ColumnFamilyHandle> family_;
    mutable std::shared_mutex mutex_;
    // Only the view's own thread changes these; it takes the lock to do so, not to read.
    Changes changed_, writing_;
    using Listed = std::vector<std::pair<std::string, std::string>>;
    Listed listed_, listed_writing_; // As they came.
    std::vector<bus::Offset> positions_;
};

} // namespace projections
