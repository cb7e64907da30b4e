#include "gateways/market/identity.hpp"

#include <openssl/sha.h>

#include <array>

namespace gateways::market {

namespace {

constexpr std::size_t id_bytes = 16;

std::string hex(const std::array<unsigned char, SHA256_DIGEST_LENGTH>& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * id_bytes);
    for (std::size_t i = 0; i < id_bytes; ++i) {
        text.push_back(digits[digest[i] >> 4]);
        text.push_back(digits[digest[i] & 15]);
    }
    return text;
}

void add(SHA256_CTX& context, std::string_view part) {
    const std::array<unsigned char, 2> size{static_cast<unsigned char>(part.size() >> 8),
                                            static_cast<unsigned char>(part.size() & 0xff)};
    SHA256_Update(&context, size.data(), size.size());
    SHA256_Update(&context, part.data(), part.size());
}

} // namespace

std::string command_id(std::string_view tenant, std::string_view subject, std::string_view path,
                       std::string_view key) {
    SHA256_CTX context;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256_Init(&context);
    for (const std::string_view part : {tenant, subject, path, key})
        add(context, part);
    SHA256_Final(digest.data(), &context);
    return hex(digest);
}

std::string resource_id(std::string_view command_id) {
    SHA256_CTX context;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256_Init(&context);
    add(context, "resource");
    add(context, command_id);
    SHA256_Final(digest.data(), &context);
    return hex(digest);
}

} // namespace gateways::market
