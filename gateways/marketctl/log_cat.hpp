// Prints records as they are stored.

#pragma once

#include "bus/bus.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gateways::marketctl {

struct CatOptions {
    bus::Topic topic = bus::Topic::events;
    std::optional<int> partition = {};       // Empty: all.
    std::string stream = {};                 // Only records with this key; empty: all.
    std::optional<bus::Offset> from = {};    // In each partition. cat: 0, tail: the end.
    std::optional<std::uint64_t> limit = {}; // Records.
    bool keys = false, offsets = false;      // Before the value, each with a tab behind it.
};

using Print = std::function<void(std::string_view)>;

// One record a line, up to where the log ends now. Throws bus::Error for a partition that is
// not there.
void cat(bus::Log& log, const CatOptions& options, const Print& print);

// The same, and what comes after, until `ended` holds. `again` is called when all that `log`
// shows was printed: it waits a moment and gives the log to go on with (the same, or one opened
// anew where a log shows only what was there at its opening).
void tail(std::unique_ptr<bus::Log> log, const CatOptions& options, const Print& print,
          const std::function<std::unique_ptr<bus::Log>(std::unique_ptr<bus::Log>)>& again,
          const std::function<bool()>& ended);

} // namespace gateways::marketctl
