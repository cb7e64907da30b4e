#include "gateways/token/principal.hpp"

#include <array>
#include <utility>

namespace gateways::token {

namespace {

constexpr std::array<std::pair<std::string_view, Roles>, 5> all{{
    {"cloud-user", Roles::cloud_user},
    {"cloud-provider", Roles::cloud_provider},
    {"cloud-operator", Roles::cloud_operator},
    {"service", Roles::service},
    {"auditor", Roles::auditor},
}};

} // namespace

Roles role_named(std::string_view name) {
    for (const auto& [text, role] : all)
        if (text == name) return role;
    return Roles::none;
}

std::string names_of(Roles roles) {
    std::string names;
    for (const auto& [text, role] : all)
        if ((roles & role) != Roles::none) names.append(names.empty() ? "" : " ").append(text);
    return names;
}

bool Principal::has_scope(std::string_view name) const {
    for (std::string_view rest = scope; !rest.empty();) {
        const auto space = rest.find(' ');
        if (rest.substr(0, space) == name) return true;
        rest = space == rest.npos ? std::string_view{} : rest.substr(space + 1);
    }
    return false;
}

} // namespace gateways::token
