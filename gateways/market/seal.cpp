#include "gateways/market/seal.hpp"

#include "gateways/market/cursor.hpp"

#include <fstream>
#include <sodium.h>
#include <stdexcept>

namespace gateways::market {

namespace {

constexpr std::size_t sealed_bytes_max = 64 * 1024;

} // namespace

Seal::Seal(const std::filesystem::path& key_file) {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used"};
    if (!std::filesystem::exists(key_file)) {
        key_.resize(crypto_auth_hmacsha256_KEYBYTES);
        randombytes_buf(key_.data(), key_.size());
        std::filesystem::path made = key_file;
        made += ".new";
        std::ofstream{made, std::ios::binary} << key_;
        std::filesystem::permissions(made, std::filesystem::perms::owner_read |
                                               std::filesystem::perms::owner_write);
        std::filesystem::rename(made, key_file);
    }
    std::ifstream file{key_file, std::ios::binary};
    key_.assign(std::istreambuf_iterator<char>{file}, {});
    if (key_.size() != crypto_auth_hmacsha256_KEYBYTES)
        throw std::runtime_error{key_file.string() + " has to hold " +
                                 std::to_string(crypto_auth_hmacsha256_KEYBYTES) + " bytes"};
}

std::string Seal::hash_of(std::string_view kind, std::string_view body) const {
    std::string text{kind};
    text.append(1, '.').append(body);
    std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(hash.data()),
                           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                           reinterpret_cast<const unsigned char*>(key_.data()));
    return hash;
}

std::string Seal::seal(std::string_view kind, std::string_view text) const {
    const std::string body = base64(text);
    return body + "." + base64(hash_of(kind, body));
}

std::optional<std::string> Seal::open(std::string_view kind, std::string_view sealed) const {
    const auto point = sealed.find('.');
    if (sealed.size() > sealed_bytes_max || point == std::string_view::npos) return std::nullopt;
    const std::string_view body = sealed.substr(0, point);
    const auto hash = from_base64(sealed.substr(point + 1));
    const std::string expected = hash_of(kind, body);
    if (!hash || hash->size() != expected.size() ||
        sodium_memcmp(hash->data(), expected.data(), expected.size()) != 0)
        return std::nullopt;
    return from_base64(body);
}

} // namespace gateways::market
