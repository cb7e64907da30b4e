// Reading a topic from given places to where it ends now.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gateways::marketctl {

// All partitions of the log, each from `from` on.
std::vector<bus::PartitionOffset> all_partitions(const bus::Log& log, bus::Offset from = 0);

// Hands out each record below the end that its partition has at the call, those of one partition
// in their order, until `visit` answers false. Returns where that end was, in the order of
// `from`. Throws bus::Error when nothing comes any more though the end is not reached.
std::vector<bus::PartitionOffset> walk(bus::Log& log, bus::Topic topic,
                                       const std::vector<bus::PartitionOffset>& from,
                                       Progress& progress,
                                       const std::function<bool(const bus::Record&)>& visit);

// "events/3/17"
std::string place(const bus::Record& record);

} // namespace gateways::marketctl
