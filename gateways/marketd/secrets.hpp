// Secrets that stand in files.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gateways::marketd {

// Its lines, without those that are empty; at least one. Several are for a time of change. Throws
// std::runtime_error with the file's name, and never with what is in it.
std::vector<std::string> secrets_in(const std::filesystem::path& file);

} // namespace gateways::marketd
