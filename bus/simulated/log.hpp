// The log of one simulated process.

#pragma once

#include "bus/simulated/broker.hpp"

#include <memory>

namespace bus::simulated {

std::unique_ptr<Log> make_log(Broker& broker);

// Of a log made here.
int process_of(const Log& log);

} // namespace bus::simulated
