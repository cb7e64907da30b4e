#include "gateways/marketd/logging.hpp"

#include "schemas/codec.hpp"

#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>

namespace gateways::marketd {

void set_up_logging(const std::string& level) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("marketd"));
    spdlog::set_pattern("%v");
    spdlog::set_level(spdlog::level::from_str(level));
    spdlog::flush_on(spdlog::level::info);
}

void log_line(spdlog::level::level_enum level, std::string_view event,
              std::initializer_list<std::pair<std::string_view, std::string>> fields) {
    if (!spdlog::should_log(level)) return;
    const domain::Time now{std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count()};
    std::string line = R"({"time":)";
    schemas::write(now, line);
    const auto add = [&](std::string_view name, std::string_view value) {
        line.append(",");
        schemas::write(std::string{name}, line);
        line.append(":");
        schemas::write(std::string{value}, line);
    };
    const auto name = spdlog::level::to_string_view(level);
    add("level", {name.data(), name.size()});
    add("event", event);
    for (const auto& [field, value] : fields)
        add(field, value);
    line.append("}");
    spdlog::log(level, line);
}

} // namespace gateways::marketd
