// Old forms of events, brought into today's when they are read, so that no fold ever sees one.

#pragma once

#include "schemas/parser.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace schemas {

struct Upcast {
    std::string type;
    std::string data;
};

// The event one form nearer to today's; nothing when it needs no change. What it makes is asked
// again until nothing is left to do.
std::optional<Upcast> upcast(std::string_view type, const Json& data);

} // namespace schemas
