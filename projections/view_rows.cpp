#include "projections/view_rows.hpp"

#include <rocksdb/write_batch.h>

#include <cstring>
#include <mutex>
#include <stdexcept>

namespace projections {

namespace {

constexpr std::size_t rows_at_once = 128;

void check(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error{"view: " + status.ToString()};
}

// Rows begin with a letter, so the position comes before them all.
std::string position_key() { return std::string(1, '\0'); }

} // namespace

ViewRows::ViewRows(std::shared_ptr<rocksdb::DB> database,
                   std::unique_ptr<rocksdb::ColumnFamilyHandle> family, int partitions)
    : database_{std::move(database)},
      family_{std::move(family)},
      positions_(static_cast<std::size_t>(partitions), 0) {
    if (const auto row = stored(position_key())) {
        if (row->size() != positions_.size() * sizeof(bus::Offset))
            throw std::runtime_error{"view: its position is of a log with other partitions"};
        std::memcpy(positions_.data(), row->data(), row->size());
    }
}

std::optional<std::string> ViewRows::stored(std::string_view key) const {
    std::string row;
    const auto status = database_->Get(rocksdb::ReadOptions{}, family_.get(), key, &row);
    if (status.IsNotFound()) return std::nullopt;
    check(status);
    return row;
}

std::optional<std::string> ViewRows::get(std::string_view key) const {
    {
        const std::shared_lock lock{mutex_};
        for (const Changes* changes : {&changed_, &writing_})
            if (const auto found = changes->find(key); found != changes->end())
                return found->second;
    }
    return stored(key);
}

void ViewRows::scan(std::string_view prefix, std::string_view from, bool after,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const {
    const std::string start{std::max(prefix, from)};
    const std::shared_lock lock{mutex_};
    const std::unique_ptr<rocksdb::Iterator> stored_at{
        database_->NewIterator(rocksdb::ReadOptions{}, family_.get())};
    stored_at->Seek(start);
    auto changed_at = changed_.lower_bound(start), writing_at = writing_.lower_bound(start);
    while (true) {
        // The newest of the sources that stand at the smallest key wins.
        std::optional<std::string_view> key;
        const auto consider = [&](bool there, std::string_view candidate) {
            if (there && (!key || candidate < *key)) key = candidate;
        };
        consider(changed_at != changed_.end(),
                 changed_at == changed_.end() ? "" : std::string_view{changed_at->first});
        consider(writing_at != writing_.end(),
                 writing_at == writing_.end() ? "" : std::string_view{writing_at->first});
        consider(stored_at->Valid(), stored_at->Valid() ? stored_at->key().ToStringView() : "");
        if (!key || !key->starts_with(prefix)) break;

        const std::string at{*key};
        std::optional<std::string> row;
        if (stored_at->Valid() && stored_at->key() == at) {
            row = stored_at->value().ToString();
            stored_at->Next();
        }
        if (writing_at != writing_.end() && writing_at->first == at) row = (writing_at++)->second;
        if (changed_at != changed_.end() && changed_at->first == at) row = (changed_at++)->second;
        if (row && !(after && at == from) && !visit(at, *row)) break;
    }
    check(stored_at->status());
}

bus::Offset ViewRows::position(int partition) const {
    const std::shared_lock lock{mutex_};
    return positions_[static_cast<std::size_t>(partition)];
}

std::optional<std::string> ViewRows::get_for_change(std::string_view key) const {
    for (const Changes* changes : {&block_, &changed_, &writing_})
        if (const auto found = changes->find(key); found != changes->end()) return found->second;
    return stored(key);
}

void ViewRows::put(std::string_view key, std::string row) {
    const auto found = block_.find(key);
    if (found != block_.end())
        found->second = std::move(row);
    else
        block_.emplace(key, std::move(row));
}

void ViewRows::erase(std::string_view key) {
    const auto found = block_.find(key);
    if (found != block_.end())
        found->second.reset();
    else
        block_.emplace(key, std::nullopt);
}

void ViewRows::release(const std::vector<bus::PartitionOffset>& positions) {
    const std::unique_lock lock{mutex_};
    for (auto& [key, row] : block_)
        changed_.insert_or_assign(key, std::move(row));
    for (const bus::PartitionOffset& one : positions)
        positions_[static_cast<std::size_t>(one.partition)] = one.offset;
    block_.clear();
}

void ViewRows::flush(bool persist) {
    std::string positions;
    {
        const std::unique_lock lock{mutex_};
        std::swap(changed_, writing_);
        positions.assign(reinterpret_cast<const char*>(positions_.data()),
                         positions_.size() * sizeof(bus::Offset));
    }
    rocksdb::WriteOptions without_log;
    without_log.disableWAL = true;
    rocksdb::WriteBatch batch;
    for (auto at = writing_.begin(); at != writing_.end();) {
        batch.Clear();
        for (std::size_t i = 0; i < rows_at_once && at != writing_.end(); ++i, ++at) {
            if (at->second)
                check(batch.Put(family_.get(), at->first, *at->second));
            else
                check(batch.Delete(family_.get(), at->first));
        }
        check(database_->Write(without_log, &batch));
    }
    check(database_->Put(without_log, family_.get(), position_key(), positions));
    {
        const std::unique_lock lock{mutex_};
        writing_.clear();
    }
    if (persist) check(database_->Flush(rocksdb::FlushOptions{}, family_.get()));
}

} // namespace projections
