#include "bus/topic.hpp"

#include <cstring>

namespace bus {

namespace {

constexpr std::array<std::string_view, 4> names{"commands", "events", "outcomes", "parked"};

} // namespace

std::string_view name(Topic topic) { return names[static_cast<std::size_t>(topic)]; }

std::optional<Topic> topic_named(std::string_view wanted) {
    for (const Topic topic : all_topics)
        if (name(topic) == wanted) return topic;
    return std::nullopt;
}

std::uint32_t murmur2(std::string_view bytes) {
    constexpr std::uint32_t m = 0x5bd1e995;
    constexpr int r = 24;
    std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(bytes.size());

    std::size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        std::uint32_t k; // Little-endian on every machine we run on.
        std::memcpy(&k, bytes.data() + at, 4);
        k *= m;
        k ^= k >> r;
        k *= m;
        hash = hash * m ^ k;
    }
    const auto rest = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i]));
    };
    switch (bytes.size() - at) {
    case 3: hash ^= rest(2) << 16; [[fallthrough]];
    case 2: hash ^= rest(1) << 8; [[fallthrough]];
    case 1:
        hash ^= rest(0);
        hash *= m;
        break;
    default: break;
    }
    hash ^= hash >> 13;
    hash *= m;
    hash ^= hash >> 15;
    return hash;
}

int partition_of(std::string_view key, int partitions) {
    // Kafka drops the sign bit rather than taking the absolute value.
    return static_cast<int>((murmur2(key) & 0x7fffffffU) % static_cast<std::uint32_t>(partitions));
}

} // namespace bus
