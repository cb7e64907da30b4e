// SHA-256 of two messages at once, with the processor's own instructions. One round of a message
// waits for the one before it, four cycles; a second message fills the wait. OpenSSL has this only
// inside its TLS records. FIPS 180-4; the instructions as Intel's manual describes them.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace projections {

using Sha256 = std::array<unsigned char, 32>;

// Whether this processor has the instructions.
bool sha256_pair_usable();

// Only where usable.
void sha256_pair(std::string_view first, std::string_view second, Sha256& first_digest,
                 Sha256& second_digest);

} // namespace projections
