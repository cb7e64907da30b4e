#include "bus/embedded/format.hpp"

#include <xxhash.h>

namespace bus::embedded {

namespace {

constexpr std::string_view head_magic = "MKTLOG01";
constexpr std::uint32_t batch_magic = 0x42544b4d; // "MKTB"

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value); // Little-endian, as every machine we run on.
    out.append(bytes, sizeof value);
}

template <class T>
T get(std::string_view bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::uint64_t batch_checksum(std::uint64_t number, std::string_view payload) {
    return XXH3_64bits_withSeed(payload.data(), payload.size(), number);
}

} // namespace

std::string encode_head(const SegmentHead& head) {
    std::string out{head_magic};
    put(out, static_cast<std::uint32_t>(head.positions.partitions()));
    put(out, std::uint32_t{0});
    put(out, head.number);
    put(out, head.first_batch);
    for (const Offset offset : head.positions.next)
        put(out, offset);
    for (const Offset offset : head.positions.consumed)
        put(out, offset);
    put(out, XXH3_64bits(out.data(), out.size()));
    return out;
}

std::optional<int> head_partitions(std::string_view bytes) {
    if (bytes.size() < 16 || bytes.substr(0, 8) != head_magic) return std::nullopt;
    const auto partitions = get<std::uint32_t>(bytes, 8);
    if (partitions < 1 || partitions > 1024) return std::nullopt;
    return static_cast<int>(partitions);
}

std::optional<SegmentHead> decode_head(std::string_view bytes) {
    const auto partitions = head_partitions(bytes);
    if (!partitions) return std::nullopt;
    const std::size_t size = segment_head_bytes(*partitions);
    if (bytes.size() < size) return std::nullopt;
    if (XXH3_64bits(bytes.data(), size - 8) != get<std::uint64_t>(bytes, size - 8))
        return std::nullopt;
    SegmentHead head{get<std::uint64_t>(bytes, 16), get<std::uint64_t>(bytes, 24),
                     Positions{*partitions}};
    std::size_t at = 32;
    for (Offset& offset : head.positions.next) {
        offset = get<Offset>(bytes, at);
        at += 8;
    }
    for (Offset& offset : head.positions.consumed) {
        offset = get<Offset>(bytes, at);
        at += 8;
    }
    return head;
}

void encode_batch(std::uint64_t number, const Transaction& transaction, std::string& out) {
    const std::size_t head_at = out.size();
    out.resize(head_at + batch_head_bytes);
    const std::size_t payload_at = out.size();
    put(out, static_cast<std::uint32_t>(transaction.consumed().size()));
    put(out, static_cast<std::uint32_t>(transaction.entries().size()));
    for (const PartitionOffset& one : transaction.consumed()) {
        put(out, static_cast<std::uint32_t>(one.partition));
        put(out, std::uint32_t{0});
        put(out, one.offset);
    }
    for (const Transaction::Entry& entry : transaction.entries()) {
        put(out, static_cast<std::uint8_t>(entry.topic));
        put(out, std::uint8_t{0});
        put(out, static_cast<std::uint16_t>(entry.partition));
        put(out, static_cast<std::uint32_t>(entry.key_size));
        put(out, static_cast<std::uint32_t>(entry.value_size));
        out.append(transaction.key(entry));
        out.append(transaction.value(entry));
    }
    out.append((alignment - out.size() % alignment) % alignment, '\0');

    const std::string_view payload = std::string_view{out}.substr(payload_at);
    const auto size = static_cast<std::uint32_t>(payload.size());
    const std::uint64_t checksum = batch_checksum(number, payload);
    std::memcpy(out.data() + head_at, &batch_magic, 4);
    std::memcpy(out.data() + head_at + 4, &size, 4);
    std::memcpy(out.data() + head_at + 8, &number, 8);
    std::memcpy(out.data() + head_at + 16, &checksum, 8);
}

At look_at_batch(std::string_view bytes, BatchHead& head) {
    const auto magic = get<std::uint32_t>(bytes, 0);
    head.payload_bytes = get<std::uint32_t>(bytes, 4);
    head.number = get<std::uint64_t>(bytes, 8);
    head.checksum = get<std::uint64_t>(bytes, 16);
    if (magic == 0 && head.payload_bytes == 0 && head.number == 0 && head.checksum == 0)
        return At::nothing;
    if (magic != batch_magic || head.payload_bytes % alignment != 0 || head.payload_bytes < 8)
        return At::damage;
    return At::batch;
}

bool intact(const BatchHead& head, std::string_view payload) {
    return batch_checksum(head.number, payload) == head.checksum;
}

void advance(Positions& positions, std::string_view payload) {
    BatchCursor cursor{payload};
    for (PartitionOffset one; cursor.next_consumed(one);)
        positions.consumed[static_cast<std::size_t>(one.partition)] = one.offset;
    for (Record record; cursor.next(record);)
        ++positions.of(record.topic, record.partition);
}

} // namespace bus::embedded
