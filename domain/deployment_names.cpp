#include "domain/deployment_parts.hpp"

#include <algorithm>
#include <cstddef>

namespace domain {

namespace {

// Without <cctype>, whose answers depend on a locale.
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// FNV-1a in 32 bits, as eight digits.
std::string hash_of(std::string_view text) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    std::string digits(8, '0');
    for (std::size_t i = digits.size(); i-- > 0; hash >>= 4)
        digits[i] = "0123456789abcdef"[hash & 15U];
    return digits;
}

// As DNS has them.
bool is_label_of_name(std::string_view text) {
    if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
    return std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

} // namespace

bool is_domain_label(std::string_view text) {
    return text.size() >= 3 && text.size() <= 35 &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c); });
}

bool is_domain_name(std::string_view text) {
    if (text.size() > 253) return false;
    std::size_t labels = 0;
    for (;; ++labels) {
        const std::size_t dot = text.find('.');
        if (!is_label_of_name(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return labels > 0;
        text.remove_prefix(dot + 1);
    }
}

std::string grid_name(const DeploymentId& deployment, WorkloadRole role, std::uint32_t attempt) {
    const std::string end = (role == WorkloadRole::primary ? "p" : "b") + std::to_string(attempt);
    std::string name;
    for (const char c : deployment.value)
        if (is_letter(c) || is_digit(c)) name += c;
    const bool whole =
        name.size() == deployment.value.size() && name.size() + end.size() <= grid_name_size_max;
    if (!whole) {
        const std::string hash = hash_of(deployment.value);
        name.resize(std::min(name.size(), grid_name_size_max - end.size() - hash.size()));
        name += hash;
    }
    return name + end;
}

} // namespace domain
