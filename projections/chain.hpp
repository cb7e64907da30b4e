// The chain of `previous` hashes: each event record of a partition carries the SHA-256 of the
// record before it, in hexadecimal; the first one carries 64 zeros. `sha256sum` over the
// record's bytes gives the same.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace projections {

// 64 hexadecimal digits, as they stand in a record.
struct ChainHash {
    std::array<char, 64> digits;

    ChainHash() { digits.fill('0'); }
    std::string_view text() const { return {digits.data(), digits.size()}; }
    friend bool operator==(const ChainHash&, const ChainHash&) = default;
};

ChainHash chain_hash(std::string_view record);
// Of two records, in the time of little more than one where the processor can.
void chain_hash_pair(std::string_view first, std::string_view second, ChainHash& first_hash,
                     ChainHash& second_hash);

} // namespace projections
