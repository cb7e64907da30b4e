// A command as a worker posts it.

#pragma once

#include "projections/worker.hpp"
#include "schemas/messages.hpp"

namespace gateways::tfgrid {

template <class Command>
projections::PostedCommand posted(std::string stream, const Command& command) {
    projections::PostedCommand is{std::move(stream), std::string{Command::type}, {}};
    schemas::write(command, is.data);
    return is;
}

} // namespace gateways::tfgrid
