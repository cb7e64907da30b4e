// Where the command processor keeps what it derived from the log: a row a stream, and for
// each partition a stamp that says how much of `events` the rows contain.
//
// A store never leads the log: only what was committed is written to it. It may lag behind,
// and after a crash it may have forgotten its latest writes, always a whole suffix of them.
// Rows may be ahead of the stamp; each says itself which records it contains.

#pragma once

#include "bus/transaction.hpp"
#include "projections/chain.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace projections {

struct Stamp {
    bus::Offset next = 0; // The first record of `events` the rows may not contain yet.
    ChainHash head;       // Of the last record before it.

    friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct RowWrite {
    std::string key; // Starts with a letter.
    std::string row; // Empty: it has none any more.
};

// One thread at a time.
class Store {
public:
    virtual ~Store() = default;

    virtual bool get(int partition, std::string_view key, std::string& row) = 0;
    virtual Stamp stamp(int partition) = 0;
    // In one step. Rows in the order of their keys are written fastest.
    virtual void write(int partition, std::span<const RowWrite> rows,
                       const std::optional<Stamp>& stamp) = 0;
    // What was written so far is kept from now on, crash or not. May be slow.
    virtual void persist() = 0;
    virtual void for_each(int partition,
                          const std::function<void(std::string_view, std::string_view)>& row) = 0;
    virtual void clear(int partition) = 0;
    // About how many rows there are, of all partitions. Cheap.
    virtual std::uint64_t rows_about() = 0;
};

// What to do with rows of another layout, which this program cannot read.
enum class OtherLayout { make_anew, refuse };

// In RocksDB, in its own folder, without a write-ahead log. `layout` is the registry's, of what
// the rows hold. `cache_bytes` bounds what it holds in memory for reading and, once more, for
// writing. Throws std::runtime_error.
std::unique_ptr<Store> open_rocksdb_store(const std::filesystem::path& folder, std::uint64_t layout,
                                          std::size_t cache_bytes,
                                          OtherLayout other = OtherLayout::make_anew);

// In memory, for tests and simulation: forget_unpersisted() is what a crash does to it.
class MemoryStore final : public Store {
public:
    MemoryStore();
    ~MemoryStore() override;
    bool get(int partition, std::string_view key, std::string& row) override;
    Stamp stamp(int partition) override;
    void write(int partition, std::span<const RowWrite> rows,
               const std::optional<Stamp>& stamp) override;
    void persist() override;
    void for_each(int partition,
                  const std::function<void(std::string_view, std::string_view)>& row) override;
    void clear(int partition) override;
    std::uint64_t rows_about() override;
    // Keeps a prefix of the writes since persist(): the first `writes_kept` of them.
    void forget_unpersisted(std::size_t writes_kept);
    std::size_t unpersisted() const;

private:
    struct Content;
    std::unique_ptr<Content> now_;
};

} // namespace projections
