// The records that were set aside: which ones wait for a decision, and taking it.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"
#include "schemas/envelope.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::marketctl {

// What was asked for cannot be done with this record.
class NotParked : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Open: no later record of the same id says how it was resolved. One id may be open more than
// once, when a door's command was set aside again at its sender's next try.
struct OpenRecord {
    schemas::Parked parked; // Without its payload.
    bus::PartitionOffset at;
};
std::vector<OpenRecord> open_records(bus::Log& log, Progress& progress);

// The open records of this id, whole. Throws NotParked when there is none.
std::vector<schemas::Parked> parked_under(bus::Log& log, std::string_view id, Progress& progress);

// The bytes that were set aside.
std::string payload(const schemas::Parked& parked);

// Appends the command to `commands` once more, and that it was "retried", in one transaction.
// Throws NotParked also when the record is no command or only its data was kept.
void retry(bus::Log& log, std::string_view id, domain::Time now, Progress& progress);

// Appends that it was "dropped".
void drop(bus::Log& log, std::string_view id, domain::Time now, Progress& progress);

} // namespace gateways::marketctl
