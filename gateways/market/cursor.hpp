// Opaque texts for clients: base64 as URLs have it, and cursors.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gateways::market {

std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

// A place in a list. It belongs to the list it came from: `list` says which one it is, with whose
// it is and all filters.
std::string cursor_of(std::string_view list, std::string_view place);
// Nothing when it is of another list, or of none.
std::optional<std::string> place_of(std::string_view list, std::string_view cursor);

} // namespace gateways::market
