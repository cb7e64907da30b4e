// The four topics, and which partition a stream lives in.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bus {

enum class Topic : std::uint8_t { commands, events, outcomes, parked };

inline constexpr std::array<Topic, 4> all_topics{Topic::commands, Topic::events, Topic::outcomes,
                                                 Topic::parked};

std::string_view name(Topic topic);
std::optional<Topic> topic_named(std::string_view name);

// Kafka's own hash (murmur2 with its seed), as org.apache.kafka.common.utils.Utils.murmur2.
std::uint32_t murmur2(std::string_view bytes);

// The partition Kafka's default partitioner chooses for this key: any Kafka client routes
// the same. `partitions` is at least 1.
int partition_of(std::string_view key, int partitions);

} // namespace bus
