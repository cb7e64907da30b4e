// What the workers have still to do outside, as the log says, and deciding on what was parked.

#pragma once

#include "bus/bus.hpp"
#include "gateways/marketctl/progress.hpp"
#include "projections/todo.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::marketctl {

// What was asked for cannot be done with this effect.
class NotOpen : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Asked for, and neither concluded nor dropped.
struct OpenEffect {
    std::string name; // "<event>/<worker>/<step>"
    std::string worker;
    std::string kind;   // The event's type, or what the worker calls it.
    std::string stream; // Which asked.
    std::string tenant;
    domain::Time asked, due;
    std::string state;        // "open", "parked", or "retried" after it was parked.
    std::uint32_t parked = 0; // How often. Attempts between are the worker's own, and not kept.
    std::string reason;       // Why it was parked last.
    std::string effect;       // The stream of the aggregate `effect`; empty before it was parked.
    std::string data;         // What the worker needs, as JSON.
};
BOOST_DESCRIBE_STRUCT(OpenEffect, (),
                      (name, worker, kind, stream, tenant, asked, due, state, parked, reason,
                       effect, data))

// Of these workers, the longest due first. Reads the whole log.
using Folds = std::vector<std::unique_ptr<projections::TodoFold>>;
std::vector<OpenEffect> open_effects(bus::Log& log, const Folds& folds, Progress& progress);

// Throws NotOpen when nothing open has this name, or this stream of its own.
OpenEffect open_effect(bus::Log& log, const Folds& folds, std::string_view name,
                       Progress& progress);

// Append the command `effect.retry` or `effect.drop` to `commands`; asking twice is asking once.
// Throw NotOpen also when it is not parked now, std::invalid_argument without a reason to drop.
void retry_effect(bus::Log& log, const Folds& folds, std::string_view name, domain::Time now,
                  Progress& progress);
void drop_effect(bus::Log& log, const Folds& folds, std::string_view name, std::string_view reason,
                 domain::Time now, Progress& progress);

} // namespace gateways::marketctl
