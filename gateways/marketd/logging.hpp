// Log lines as JSON, one a line, on standard error. No personal data, no tokens.

#pragma once

#include <spdlog/spdlog.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gateways::marketd {

void set_up_logging(const std::string& level);

// {"time": ..., "level": ..., "event": ..., then the fields}.
void log_line(spdlog::level::level_enum level, std::string_view event,
              std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

} // namespace gateways::marketd
