// Who a caller is, once a token has proved it.

#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateways::token {

// A set of roles; each name alone is the set of that one.
enum class Roles : std::uint8_t {
    none = 0,
    cloud_user = 1,
    cloud_provider = 2,
    cloud_operator = 4,
    service = 8,  // One of our own programs: brings conclusions.
    auditor = 16, // Reads, and nothing else.
};

constexpr Roles operator|(Roles left, Roles right) {
    return static_cast<Roles>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
constexpr Roles operator&(Roles left, Roles right) {
    return static_cast<Roles>(static_cast<unsigned>(left) & static_cast<unsigned>(right));
}

// "cloud-operator", as it stands in tokens. None for a word that is no role.
Roles role_named(std::string_view name);
// The words for a set, in a fixed order, with single spaces.
std::string names_of(Roles roles);

struct Principal {
    std::string subject;
    std::string tenant;
    Roles roles = Roles::none;
    std::string scope; // As in the token: words with single spaces.
    domain::Time expires;
    std::optional<domain::Time> mfa; // When a second factor was shown.

    // Any of them.
    bool has(Roles wanted) const { return (roles & wanted) != Roles::none; }
    bool has_scope(std::string_view name) const;
};

} // namespace gateways::token
