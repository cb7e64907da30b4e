#include "gateways/token/claims.hpp"

#include <algorithm>
#include <cmath>

namespace gateways::token {

namespace {

constexpr std::size_t subject_bytes_max = 255, tenant_bytes_max = 128, scope_bytes_max = 4096;
constexpr double seconds_max = 253'402'300'799; // The end of the year 9999.

// A NumericDate (RFC 7519, 2): seconds, maybe with a fraction.
struct Date {
    bool present = false, valid = true;
    domain::Time time;
};

Date date_of(const json_t* payload, const std::string& name) {
    const json_t* const value = json_object_get(payload, name.c_str());
    if (value == nullptr) return {};
    const double seconds = json_number_value(value);
    if (!json_is_number(value) || !std::isfinite(seconds) || seconds < 0 || seconds > seconds_max)
        return {.present = true, .valid = false, .time = {}};
    return {.present = true,
            .valid = true,
            .time = {static_cast<std::int64_t>(std::floor(seconds * 1000))}};
}

bool is_name(std::optional<std::string_view> text, std::size_t bytes_max) {
    return text && !text->empty() && text->size() <= bytes_max &&
           std::ranges::none_of(
               *text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_meant_for(const json_t* audience, std::string_view us) {
    if (json_is_string(audience)) return json_string_value(audience) == us;
    std::size_t index;
    json_t* one;
    bool found = false;
    json_array_foreach(audience, index, one) {
        if (!json_is_string(one)) return false;
        found = found || json_string_value(one) == us;
    }
    return found;
}

std::optional<Roles> roles_of(const json_t* claim) {
    if (claim == nullptr) return Roles::none;
    if (json_is_string(claim)) return role_named(json_string_value(claim));
    if (!json_is_array(claim)) return std::nullopt;
    Roles roles = Roles::none;
    std::size_t index;
    json_t* one;
    json_array_foreach(claim, index, one) {
        if (!json_is_string(one)) return std::nullopt;
        roles = roles | role_named(json_string_value(one));
    }
    return roles;
}

} // namespace

Accepted<Principal> read_claims(const json_t* payload, const ClaimRules& rules, domain::Time now) {
    if (text_member(payload, "iss") != std::optional<std::string_view>{rules.issuer})
        return Refusal::issuer_wrong;
    if (!is_meant_for(json_object_get(payload, "aud"), rules.audience))
        return Refusal::audience_wrong;

    const Date expires = date_of(payload, "exp"), begins = date_of(payload, "nbf"),
               issued = date_of(payload, "iat"), mfa = date_of(payload, rules.mfa_claim);
    if (!expires.present || !expires.valid || !begins.valid || !issued.valid || !mfa.valid)
        return Refusal::claim_invalid;
    Principal principal;
    principal.expires = expires.time;
    if (has_expired(principal, rules, now)) return Refusal::expired;
    const domain::Time soon{now.milliseconds + rules.leeway_milliseconds};
    if (begins.time > soon || issued.time > soon || mfa.time > soon) return Refusal::not_yet_valid;
    if (mfa.present) principal.mfa = mfa.time;

    const auto subject = text_member(payload, "sub");
    const auto tenant = text_member(payload, rules.tenant_claim.c_str());
    const auto roles = roles_of(json_object_get(payload, rules.roles_claim.c_str()));
    if (!is_name(subject, subject_bytes_max) || !is_name(tenant, tenant_bytes_max) || !roles)
        return Refusal::claim_invalid;
    principal.subject = *subject;
    principal.tenant = *tenant;
    principal.roles = *roles;
    if (json_object_get(payload, "scope") != nullptr) {
        const auto scope = text_member(payload, "scope");
        if (!scope || scope->size() > scope_bytes_max) return Refusal::claim_invalid;
        principal.scope = *scope;
    }
    return principal;
}

bool has_expired(const Principal& principal, const ClaimRules& rules, domain::Time now) {
    return now.milliseconds >= principal.expires.milliseconds + rules.leeway_milliseconds;
}

} // namespace gateways::token
