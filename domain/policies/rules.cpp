#include "domain/policies/rules.hpp"

#include <charconv>

namespace domain {

std::optional<PeriodName> period_of(std::string_view id) {
    const std::size_t dot = id.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    const std::string_view digits = id.substr(dot + 1);
    PeriodName name{std::string{id.substr(0, dot)}, 0};
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, name.number);
    if (read.ec != std::errc{} || read.ptr != end || digits.front() == '0') return std::nullopt;
    return name;
}

RecordRenewalFailure last_failure(std::uint32_t period, std::string reason) {
    return {period, payment_attempts_max, std::move(reason), true};
}

} // namespace domain
