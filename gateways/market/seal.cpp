#include "gateways/market/seal.hpp"

#include "gateways/market/cursor.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sodium.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace gateways::market {

namespace {

constexpr std::size_t sealed_bytes_max = 64 * 1024;

// Whole, for its owner alone from the first byte on, and for good: what was sealed has to open
// after a loss of power too. Of several who make it at the same time the first one's stays.
void make_key_file(const std::filesystem::path& key_file, const std::string& key) {
    const auto fail = [&](int error) {
        throw std::runtime_error{key_file.string() + ": " + std::generic_category().message(error)};
    };
    std::string made = key_file.string() + ".XXXXXX";
    const int file = ::mkostemp(made.data(), O_CLOEXEC); // Exclusive, and 0600.
    if (file < 0) return fail(errno);
    errno = EIO; // Of a write that was too short.
    const bool written =
        ::write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
        ::fsync(file) == 0;
    const bool there = written && (::link(made.c_str(), key_file.c_str()) == 0 || errno == EEXIST);
    const int error = errno;
    ::close(file);
    ::unlink(made.c_str());
    if (!there) return fail(error);

    const std::filesystem::path in = key_file.parent_path();
    const int folder = ::open(in.empty() ? "." : in.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool kept = folder >= 0 && ::fsync(folder) == 0;
    const int folder_error = errno;
    if (folder >= 0) ::close(folder);
    if (!kept) fail(folder_error);
}

} // namespace

Seal::Seal(const std::filesystem::path& key_file) {
    if (sodium_init() < 0) throw std::runtime_error{"libsodium cannot be used"};
    if (!std::filesystem::exists(key_file)) {
        key_.resize(crypto_auth_hmacsha256_KEYBYTES);
        randombytes_buf(key_.data(), key_.size());
        make_key_file(key_file, key_);
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
