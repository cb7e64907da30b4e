// The identity of a command that came over HTTP. The same caller with the same key at the same
// place means the same command; a new resource's id derives from it too, so that a retry meets
// the same stream, on whichever instance it arrives.

#pragma once

#include <string>
#include <string_view>

namespace gateways::market {

// 32 hexadecimal digits: the first half of the SHA-256 of the parts, each preceded by its
// length. `path` is as in POST /v1/payments/{id}/capture, also for a command of a batch.
std::string command_id(std::string_view tenant, std::string_view subject, std::string_view path,
                       std::string_view key);

// Of the resource that a creating command makes: derived from the command's id.
std::string resource_id(std::string_view command_id);

} // namespace gateways::market
