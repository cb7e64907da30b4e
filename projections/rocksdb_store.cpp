#include "projections/rocksdb_options.hpp"
#include "projections/store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <stdexcept>

namespace projections {

namespace {

// Keys are the partition in two bytes, big-endian, then the row's key. The stamp has an empty
// one, so that it comes first.
std::string& full_key(std::string& out, int partition, std::string_view key) {
    out.clear();
    out.push_back(static_cast<char>(partition >> 8));
    out.push_back(static_cast<char>(partition & 0xff));
    out.append(key);
    return out;
}

// Behind all partitions.
const std::string layout_key = "\xff\xfflayout";

class RocksdbStore final : public Store {
public:
    RocksdbStore(const std::filesystem::path& folder, std::uint64_t layout, std::size_t cache_bytes,
                 OtherLayout other) {
        without_log_.disableWAL = true;
        std::filesystem::create_directories(folder);
        const rocksdb::Options options = rocksdb_options(cache_bytes);
        open(options, folder);
        const std::string wanted = std::to_string(layout);
        if (const auto found = stored_layout(); found != wanted && !is_empty()) {
            if (other == OtherLayout::refuse)
                throw std::runtime_error{folder.string() +
                                         " was written by another version of this program: "
                                         "`marketctl rebuild` makes it anew"};
            check(database_->Close());
            database_.reset();
            check(rocksdb::DestroyDB(folder.string(), options));
            open(options, folder);
        }
        if (stored_layout() == wanted) return;
        rocksdb::WriteOptions synced;
        synced.sync = true;
        check(database_->Put(synced, layout_key, wanted));
    }

    ~RocksdbStore() override {
        if (database_) database_->Close();
    }

    bool get(int partition, std::string_view key, std::string& row) override {
        const auto status =
            database_->Get(rocksdb::ReadOptions{}, full_key(key_, partition, key), &row);
        if (status.IsNotFound()) return false;
        check(status);
        return true;
    }

    Stamp stamp(int partition) override {
        Stamp stamp;
        std::string row;
        if (!get(partition, {}, row)) return stamp;
        if (row.size() != sizeof stamp.next + stamp.head.digits.size())
            throw std::runtime_error{"the store's stamp cannot be read"};
        std::memcpy(&stamp.next, row.data(), sizeof stamp.next);
        std::memcpy(stamp.head.digits.data(), row.data() + sizeof stamp.next,
                    stamp.head.digits.size());
        return stamp;
    }

    void write(int partition, std::span<const RowWrite> rows,
               const std::optional<Stamp>& stamp) override {
        batch_.Clear();
        for (const RowWrite& row : rows)
            if (row.row.empty())
                batch_.Delete(full_key(key_, partition, row.key));
            else
                batch_.Put(full_key(key_, partition, row.key), row.row);
        if (stamp) {
            std::string row(sizeof stamp->next, '\0');
            std::memcpy(row.data(), &stamp->next, sizeof stamp->next);
            row.append(stamp->head.text());
            batch_.Put(full_key(key_, partition, {}), row);
        }
        check(database_->Write(without_log_, &batch_));
    }

    void persist() override { check(database_->Flush(rocksdb::FlushOptions{})); }

    void for_each(int partition,
                  const std::function<void(std::string_view, std::string_view)>& row) override {
        rocksdb::ReadOptions options;
        options.fill_cache = false;
        const std::unique_ptr<rocksdb::Iterator> at{database_->NewIterator(options)};
        const std::string prefix = full_key(key_, partition, {});
        for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
            const auto key = at->key().ToStringView().substr(prefix.size());
            if (!key.empty()) row(key, at->value().ToStringView());
        }
        check(at->status());
    }

    void clear(int partition) override {
        std::string from, to;
        full_key(from, partition, {});
        full_key(to, partition + 1, {});
        check(database_->DeleteRange(without_log_, database_->DefaultColumnFamily(), from, to));
    }

    std::uint64_t rows_about() override {
        std::uint64_t rows = 0;
        database_->GetIntProperty(rocksdb::DB::Properties::kEstimateNumKeys, &rows);
        return rows;
    }

private:
    void open(const rocksdb::Options& options, const std::filesystem::path& folder) {
        rocksdb::DB* database = nullptr;
        check(rocksdb::DB::Open(options, folder.string(), &database));
        database_.reset(database);
    }

    std::string stored_layout() const {
        std::string layout;
        const auto status = database_->Get(rocksdb::ReadOptions{}, layout_key, &layout);
        if (!status.IsNotFound()) check(status);
        return layout;
    }

    bool is_empty() const {
        const std::unique_ptr<rocksdb::Iterator> any{
            database_->NewIterator(rocksdb::ReadOptions{})};
        any->SeekToFirst();
        check(any->status());
        return !any->Valid();
    }

    static void check(const rocksdb::Status& status) {
        if (!status.ok()) throw std::runtime_error{"store: " + status.ToString()};
    }

    std::unique_ptr<rocksdb::DB> database_;
    rocksdb::WriteOptions without_log_;
    rocksdb::WriteBatch batch_;
    std::string key_;
};

} // namespace

std::unique_ptr<Store> open_rocksdb_store(const std::filesystem::path& folder, std::uint64_t layout,
                                          std::size_t cache_bytes, OtherLayout other) {
    return std::make_unique<RocksdbStore>(folder, layout, cache_bytes, other);
}

} // namespace projections
