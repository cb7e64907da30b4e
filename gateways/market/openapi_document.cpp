// The committed description, as it is, inside the program.

#include "gateways/market/openapi.hpp"

#include <xxhash.h>

// C++20 has no #embed; the assembler has.
asm(".section .rodata\n"
    ".global marketplace_openapi_begin\n"
    ".global marketplace_openapi_end\n"
    "marketplace_openapi_begin:\n"
    ".incbin \"" MARKETPLACE_OPENAPI "\"\n"
    "marketplace_openapi_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char marketplace_openapi_begin[], marketplace_openapi_end[];

namespace gateways::market {

std::string_view openapi_document() { return {marketplace_openapi_begin, marketplace_openapi_end}; }

std::string_view openapi_etag() {
    static const std::string tag = [] {
        XXH64_canonical_t bytes;
        const std::string_view text = openapi_document();
        XXH64_canonicalFromHash(&bytes, XXH3_64bits(text.data(), text.size()));
        constexpr std::string_view digits = "0123456789abcdef";
        std::string made = "\"";
        for (const unsigned char byte : bytes.digest)
            made.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        return made + '"';
    }();
    return tag;
}

} // namespace gateways::market
