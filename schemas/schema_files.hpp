// What describes the messages to others: the files of schemas/json/, one for each message,
// envelope and shared type, and what they are made of.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace schemas {

struct Schema {
    std::string title;
    std::string text; // Compact JSON, an object. Shared types are named as "money.json".
};
using Schemas = std::map<std::string, Schema>;

// By name: "payment.request", "payment.requested", "payment" (the state), "event", "money", ...
Schemas message_schemas();

// Name of the file to its text: "payment.request.json", ...
std::map<std::string, std::string> schema_files();

// Compact JSON with a line for each member and element, by two spaces a level.
std::string indented(std::string_view json);

} // namespace schemas
