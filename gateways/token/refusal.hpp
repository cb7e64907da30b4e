// Why a token was not accepted. For counting and logs; a client hears only `invalid_token`
// (RFC 6750, 3.1), and nobody ever logs the token.

#pragma once

#include "domain/result.hpp"

#include <boost/describe/enum.hpp>

namespace gateways::token {

BOOST_DEFINE_ENUM_CLASS(
    Refusal,
    missing, // No Authorization header of the Bearer scheme.
    too_long,
    malformed, // Not three strict base64url parts of JSON objects.
    algorithm_not_allowed,
    type_not_allowed,   // `typ` is not that of an access token.
    header_not_allowed, // `crit`, or a key or a place of one in the token's own header.
    key_unknown,
    keys_pending,     // Unknown, and the key set is being read again: worth a repetition.
    keys_unavailable, // There is no key set yet, or it is too old.
    signature_wrong, issuer_wrong, audience_wrong, expired, not_yet_valid,
    claim_invalid) // One that must be there is not, or is of another kind.

template <class T>
using Accepted = domain::Result<T, Refusal>;

} // namespace gateways::token
