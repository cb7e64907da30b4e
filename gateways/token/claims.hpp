// What a verified token says about its caller. Pure.

#pragma once

#include "gateways/token/compact.hpp"
#include "gateways/token/principal.hpp"

namespace gateways::token {

struct ClaimRules {
    std::string issuer;   // Compared letter by letter.
    std::string audience; // Must be `aud`, or one of them.
    // Claims' names; those of an issuer that wants names with a URL in front can be given so.
    std::string roles_claim = "roles";
    std::string tenant_claim = "tenant";
    std::string mfa_claim = "mfa_at";
    std::int64_t leeway_milliseconds = 30'000; // At most a minute.
};

// Of a payload whose signature was verified. `sub`, `exp`, `iss`, `aud` and the tenant must be
// there; roles that nobody knows are left out.
Accepted<Principal> read_claims(const json_t* payload, const ClaimRules& rules, domain::Time now);

// For a principal that was accepted before.
bool has_expired(const Principal& principal, const ClaimRules& rules, domain::Time now);

} // namespace gateways::token
