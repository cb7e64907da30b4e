// What one transaction appends, and how far it consumed. Built by one thread, reused from
// batch to batch: all bytes lie in one buffer, so that building it allocates nothing.

#pragma once

#include "bus/topic.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bus {

// The place of a record in its partition. Offsets grow; gaps are allowed (Kafka's
// transaction markers take places of their own).
using Offset = std::int64_t;

struct PartitionOffset {
    int partition = 0;
    Offset offset = 0;

    friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

class Transaction {
public:
    struct Entry {
        Topic topic{};
        int partition = 0;
        std::size_t key_at = 0, key_size = 0;
        std::size_t value_at = 0, value_size = 0;
    };

    // Appends a record; write(std::string& out) appends its value to `out` and touches
    // nothing before. Returns the entry's index, which is that of its offset in a Commit.
    template <std::invocable<std::string&> Write>
    std::size_t append(Topic topic, int partition, std::string_view key, Write write) {
        Entry entry{topic, partition, bytes_.size(), key.size(), 0, 0};
        bytes_.append(key);
        entry.value_at = bytes_.size();
        write(bytes_);
        entry.value_size = bytes_.size() - entry.value_at;
        entries_.push_back(entry);
        return entries_.size() - 1;
    }
    std::size_t append(Topic topic, int partition, std::string_view key, std::string_view value) {
        return append(topic, partition, key, [&](std::string& out) { out.append(value); });
    }

    // The transaction has dealt with all records of `commands` in this partition before
    // `next`. Partitions not named stay where they are.
    void consumed(int partition, Offset next) {
        for (PartitionOffset& one : consumed_)
            if (one.partition == partition) {
                one.offset = next;
                return;
            }
        consumed_.push_back({partition, next});
    }

    const std::vector<Entry>& entries() const { return entries_; }
    const std::vector<PartitionOffset>& consumed() const { return consumed_; }
    // Valid until the next append.
    std::string_view key(const Entry& entry) const {
        return std::string_view{bytes_}.substr(entry.key_at, entry.key_size);
    }
    std::string_view value(const Entry& entry) const {
        return std::string_view{bytes_}.substr(entry.value_at, entry.value_size);
    }
    std::size_t bytes() const { return bytes_.size(); }
    bool empty() const { return entries_.empty() && consumed_.empty(); }

    // Where the transaction stands, to take back what was appended since.
    struct Savepoint {
        std::size_t entries = 0, bytes = 0;
    };
    Savepoint savepoint() const { return {entries_.size(), bytes_.size()}; }
    void rewind(Savepoint to) {
        entries_.resize(to.entries);
        bytes_.resize(to.bytes);
    }

    void clear() {
        bytes_.clear();
        entries_.clear();
        consumed_.clear();
    }

private:
    std::string bytes_;
    std::vector<Entry> entries_;
    std::vector<PartitionOffset> consumed_;
};

} // namespace bus
