// The files of schemas/json/: one for each message, envelope and shared type.

#pragma once

#include <map>
#include <string>

namespace schemas {

// Name of the file to its text: "payment.request.json", ...
std::map<std::string, std::string> schema_files();

} // namespace schemas
