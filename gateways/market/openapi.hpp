// The description of all routes, as OpenAPI 3.1 has it.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gateways::market {

// Made from the route tables, the described types and the stored examples of events (the folder
// schemas/examples). Indented JSON, always the same. Throws std::exception when an example is
// missing or cannot be read.
std::string make_openapi(const std::filesystem::path& examples);

// What make_openapi() gave when it was committed: schemas/openapi.json, in the program.
std::string_view openapi_document();
// Its strong validator, with its quotes.
std::string_view openapi_etag();

} // namespace gateways::market
