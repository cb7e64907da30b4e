// The bytes of a segment file, as FORMAT.md describes them. No I/O here.

#pragma once

#include "bus/bus.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bus::embedded {

// Where every partition stands: the next offset of each topic, and what was consumed of
// `commands`.
struct Positions {
    explicit Positions(int partitions)
        : next(all_topics.size() * static_cast<std::size_t>(partitions), 0),
          consumed(static_cast<std::size_t>(partitions), 0) {}

    int partitions() const { return static_cast<int>(consumed.size()); }
    Offset& of(Topic topic, int partition) {
        return next[static_cast<std::size_t>(topic) * consumed.size() +
                    static_cast<std::size_t>(partition)];
    }
    Offset of(Topic topic, int partition) const {
        return const_cast<Positions*>(this)->of(topic, partition);
    }

    std::vector<Offset> next;
    std::vector<Offset> consumed;
};

inline constexpr std::size_t alignment = 8;
inline constexpr std::size_t segment_head_bytes(int partitions) {
    return 40 + 8 * static_cast<std::size_t>(partitions) * (all_topics.size() + 1);
}

struct SegmentHead {
    std::uint64_t number = 0;      // 0, 1, 2 ... in the log.
    std::uint64_t first_batch = 0; // Number of its first batch.
    Positions positions{0};        // Before that batch.
};

std::string encode_head(const SegmentHead& head);
// Nothing when the bytes are no intact head.
std::optional<SegmentHead> decode_head(std::string_view bytes);
// Partitions of the log, from the fixed first bytes of a head; nothing when they are none.
std::optional<int> head_partitions(std::string_view bytes);

inline constexpr std::size_t batch_head_bytes = 24;
inline constexpr std::size_t record_head_bytes = 12;

struct BatchHead {
    std::uint32_t payload_bytes = 0; // A multiple of the alignment.
    std::uint64_t number = 0;
    std::uint64_t checksum = 0;
};

// Appends one batch: head, consumed positions, records.
void encode_batch(std::uint64_t number, const Transaction& transaction, std::string& out);

// What is at the place where a batch should begin.
enum class At { batch, nothing, damage };
// `bytes` holds at least batch_head_bytes. `nothing` are zeros.
At look_at_batch(std::string_view bytes, BatchHead& head);
bool intact(const BatchHead& head, std::string_view payload);

// Walks over the payload of an intact batch.
class BatchCursor {
public:
    explicit BatchCursor(std::string_view payload) : rest_{payload} {
        consumed_left_ = take<std::uint32_t>();
        records_left_ = take<std::uint32_t>();
    }

    // All consumed positions come before the first record.
    bool next_consumed(PartitionOffset& out) {
        if (consumed_left_ == 0) return false;
        --consumed_left_;
        out.partition = static_cast<int>(take<std::uint32_t>());
        take<std::uint32_t>();
        out.offset = take<std::int64_t>();
        return true;
    }

    // Fills everything but the offset.
    bool next(Record& out) {
        if (records_left_ == 0) return false;
        --records_left_;
        out.topic = static_cast<Topic>(take<std::uint8_t>());
        take<std::uint8_t>();
        out.partition = take<std::uint16_t>();
        const auto key_size = take<std::uint32_t>();
        const auto value_size = take<std::uint32_t>();
        out.key = rest_.substr(0, key_size);
        out.value = rest_.substr(key_size, value_size);
        rest_.remove_prefix(key_size + value_size);
        return true;
    }

private:
    template <class T>
    T take() {
        T value;
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return value;
    }

    std::string_view rest_;
    std::uint32_t consumed_left_ = 0, records_left_ = 0;
};

// Moves the positions over a batch.
void advance(Positions& positions, std::string_view payload);

} // namespace bus::embedded
