#include "projections/view_rows.hpp"

#include <boost/sort/spreadsort/string_sort.hpp>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace projections {

namespace {

constexpr std::size_t view_rows_at_once = 128;
constexpr std::size_t rows_for_a_table = 4096; // Fewer are not worth a file and its sync.

void check(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error{"view: " + status.ToString()};
}

// Rows begin with a letter, so the position comes before them all.
constexpr std::string_view position_key{"\0", 1};

rocksdb::WriteOptions without_log() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return options;
}

// Keys share long beginnings, which a comparison would read again and again.
template <class Row>
void sort_by_key(std::vector<Row>& rows) {
    boost::sort::spreadsort::string_sort(
        rows.begin(), rows.end(),
        [](const Row& row, std::size_t at) { return static_cast<unsigned char>(row.key[at]); },
        [](const Row& row) { return row.key.size(); },
        [](const Row& left, const Row& right) { return left.key < right.key; });
}

} // namespace

ViewRows::ViewRows(std::shared_ptr<rocksdb::DB> database,
                   std::unique_ptr<rocksdb::ColumnFamilyHandle> family, int partitions)
    : database_{std::move(database)},
      family_{std::move(family)},
      positions_(static_cast<std::size_t>(partitions), 0) {
    if (const auto row = stored(position_key)) {
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
    const std::string_view first = std::max(prefix, from);
    Listed waiting;
    std::unique_ptr<rocksdb::Iterator> at;
    {
        const std::shared_lock lock{mutex_};
        for (const Listed* listed : {&listed_, &listed_writing_})
            for (const auto& row : *listed)
                if (row.first >= first && row.first.starts_with(prefix)) waiting.push_back(row);
        at.reset(database_->NewIterator(rocksdb::ReadOptions{}, family_.get()));
    }
    std::ranges::sort(waiting);
    auto next = waiting.begin();
    // One that waits may be stored already, when it is being written just now.
    const auto visit_waiting = [&](std::string_view before) {
        for (; next != waiting.end() && (before.empty() || next->first <= before); ++next) {
            const bool again = next != waiting.begin() && std::prev(next)->first == next->first;
            if (next->first == before || again || (after && next->first == from)) continue;
            if (!visit(next->first, next->second)) return false;
        }
        return true;
    };
    for (at->Seek(first); at->Valid(); at->Next()) {
        const std::string_view key = at->key().ToStringView();
        if (!key.starts_with(prefix)) break;
        if (!visit_waiting(key)) return;
        if (after && key == from) continue;
        if (!visit(key, at->value().ToStringView())) return;
    }
    check(at->status());
    visit_waiting({});
}

bus::Offset ViewRows::position(int partition) const {
    const std::shared_lock lock{mutex_};
    return positions_[static_cast<std::size_t>(partition)];
}

std::optional<std::string> ViewRows::get_for_change(std::string_view key) const {
    for (const Changes* changes : {&changed_, &writing_})
        if (const auto found = changes->find(key); found != changes->end()) return found->second;
    return stored(key);
}

void ViewRows::put(std::string_view key, std::string row) {
    const std::unique_lock lock{mutex_};
    const auto found = changed_.find(key);
    if (found != changed_.end())
        found->second = std::move(row);
    else
        changed_.emplace(key, std::move(row));
}

void ViewRows::erase(std::string_view key) {
    const std::unique_lock lock{mutex_};
    changed_.insert_or_assign(std::string{key}, std::nullopt);
}

void ViewRows::put_listed(std::string_view key, std::string_view row) {
    const std::unique_lock lock{mutex_};
    listed_.emplace_back(key, row);
}

void ViewRows::release(const std::vector<bus::PartitionOffset>& positions) {
    const std::unique_lock lock{mutex_};
    for (const bus::PartitionOffset& one : positions)
        positions_[static_cast<std::size_t>(one.partition)] = one.offset;
}

void ViewRows::flush(bool persist) {
    std::string positions;
    {
        const std::unique_lock lock{mutex_};
        std::swap(changed_, writing_);
        std::swap(listed_, listed_writing_);
        positions.assign(reinterpret_cast<const char*>(positions_.data()),
                         positions_.size() * sizeof(bus::Offset));
    }
    // In the order of their keys, which is fastest.
    std::vector<Row> rows;
    rows.reserve(writing_.size() + listed_writing_.size() + 1);
    rows.push_back({position_key, &positions});
    for (const auto& [key, row] : writing_)
        rows.push_back({key, row ? &*row : nullptr});
    for (const auto& [key, row] : listed_writing_)
        rows.push_back({key, &row});
    sort_by_key(rows);
    const auto again = std::ranges::unique(rows, {}, &Row::key);
    rows.erase(again.begin(), again.end());
    if (rows.size() >= rows_for_a_table)
        add_table(rows);
    else
        write(rows);
    {
        const std::unique_lock lock{mutex_};
        writing_.clear();
        listed_writing_.clear();
    }
    if (persist) check(database_->Flush(rocksdb::FlushOptions{}, family_.get()));
}

// In small pieces, which stall nobody. The position goes last.
void ViewRows::write(const std::vector<Row>& rows) {
    rocksdb::WriteBatch batch;
    const Row* position = nullptr;
    for (std::size_t at = 0; at < rows.size();) {
        batch.Clear();
        for (std::size_t i = 0; i < view_rows_at_once && at < rows.size(); ++i, ++at) {
            if (rows[at].key == position_key)
                position = &rows[at];
            else if (rows[at].row != nullptr)
                check(batch.Put(family_.get(), rows[at].key, *rows[at].row));
            else
                check(batch.Delete(family_.get(), rows[at].key));
        }
        check(database_->Write(without_log(), &batch));
    }
    check(database_->Put(without_log(), family_.get(), position_key, *position->row));
}

// As a table of its own, which spares each row the way through memory: a skip list, and a flush.
void ViewRows::add_table(const std::vector<Row>& rows) {
    const rocksdb::Options options = database_->GetOptions(family_.get());
    const std::string file = database_->GetName() + "/" + family_->GetName() + ".incoming";
    rocksdb::SstFileWriter table{rocksdb::EnvOptions{}, options, family_.get()};
    check(table.Open(file));
    for (const Row& row : rows)
        check(row.row != nullptr ? table.Put(row.key, *row.row) : table.Delete(row.key));
    check(table.Finish());
    rocksdb::IngestExternalFileOptions ingestion;
    ingestion.move_files = true;
    ingestion.write_global_seqno = false;
    check(database_->IngestExternalFile(family_.get(), {file}, ingestion));
}

} // namespace projections
