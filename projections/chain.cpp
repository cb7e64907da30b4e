#include "projections/chain.hpp"

#include "projections/sha256_pair.hpp"

#include <openssl/sha.h>

#include <cstring>

namespace projections {

namespace {

// The two digits of every byte.
constexpr auto digit_pairs = [] {
    constexpr std::string_view hex = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {hex[byte >> 4], hex[byte & 15]};
    return pairs;
}();

ChainHash in_hexadecimal(const Sha256& digest) {
    ChainHash hash;
    for (std::size_t i = 0; i < digest.size(); ++i)
        std::memcpy(hash.digits.data() + 2 * i, digit_pairs[digest[i]].data(), 2);
    return hash;
}

} // namespace

ChainHash chain_hash(std::string_view record) {
    SHA256_CTX context;
    Sha256 digest;
    SHA256_Init(&context);
    SHA256_Update(&context, record.data(), record.size());
    SHA256_Final(digest.data(), &context);
    return in_hexadecimal(digest);
}

void chain_hash_pair(std::string_view first, std::string_view second, ChainHash& first_hash,
                     ChainHash& second_hash) {
    static const bool together = sha256_pair_usable();
    if (!together) {
        first_hash = chain_hash(first);
        second_hash = chain_hash(second);
        return;
    }
    Sha256 digests[2];
    sha256_pair(first, second, digests[0], digests[1]);
    first_hash = in_hexadecimal(digests[0]);
    second_hash = in_hexadecimal(digests[1]);
}

} // namespace projections
