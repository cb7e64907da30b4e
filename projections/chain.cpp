// The low-level functions are deprecated, but the others look their algorithm up on each
// call, which doubles the time of a record (0.37 against 0.70 microseconds for 400 bytes).
#define OPENSSL_SUPPRESS_DEPRECATED

#include "projections/chain.hpp"

#include <openssl/sha.h>

namespace projections {

ChainHash chain_hash(std::string_view record) {
    SHA256_CTX context;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256_Init(&context);
    SHA256_Update(&context, record.data(), record.size());
    SHA256_Final(digest.data(), &context);

    constexpr std::string_view hex = "0123456789abcdef";
    ChainHash hash;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        hash.digits[2 * i] = hex[digest[i] >> 4];
        hash.digits[2 * i + 1] = hex[digest[i] & 15];
    }
    return hash;
}

} // namespace projections
