// The processors' state: folded from the log anew or read from a store, shown, and reduced to
// digests that tell whether two states are the same.

#pragma once

#include "bus/bus.hpp"
#include "domain/described.hpp"
#include "gateways/marketctl/progress.hpp"
#include "projections/store.hpp"
#include "projections/streams.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::marketctl {

// Brings the store up to the log's end, from its stamps on, in one pass over the log; of one
// partition, or of all (-1). As a processor does before its first command. Throws
// projections::BrokenLog.
void bring_up(bus::Log& log, projections::Store& store, const projections::Registry& registry,
              int partition, Progress& progress);

enum class Positions {
    left_out, // The digest of a log and of its copy is the same: offsets differ there.
    included  // The rows byte for byte.
};

struct StateDigest {
    std::vector<std::string> partitions; // SHA-256 over the rows of each, in the order of keys.
    std::string all;                     // SHA-256 over those.
    std::uint64_t rows = 0;

    friend bool operator==(const StateDigest&, const StateDigest&) = default;
};
BOOST_DESCRIBE_STRUCT(StateDigest, (), (rows, partitions, all))

// A store for each partition: on Kafka every lane has its own. `store` may give the same one
// always.
StateDigest state_digest(const std::function<projections::Store&(int partition)>& store,
                         const projections::Registry& registry, int partitions,
                         Positions positions);

// The digest that a fold of the whole log gives, in a throw-away store in memory.
StateDigest replayed_digest(bus::Log& log, const projections::Registry& registry,
                            Positions positions);

// One stream as JSON: name, partition, sequence, tenant, times, state, and the commands it
// remembers. Empty when nothing is known of it.
std::string show_stream(projections::Store& store, const projections::Registry& registry,
                        int partitions, std::string_view stream);

} // namespace gateways::marketctl
