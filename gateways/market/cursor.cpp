#include "gateways/market/cursor.hpp"

#include <sodium.h>

namespace gateways::market {

namespace {

constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string mark_of(std::string_view list) {
    constexpr std::size_t enough = 8;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    static_assert(enough < sizeof hash);
    crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(list.data()),
                       list.size(), nullptr, 0);
    return {reinterpret_cast<const char*>(hash), enough};
}

} // namespace

std::string base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), variant);
    text.resize(text.size() - 1);
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, variant) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::string cursor_of(std::string_view list, std::string_view place) {
    return base64(mark_of(list).append(place));
}

std::optional<std::string> place_of(std::string_view list, std::string_view cursor) {
    auto bytes = from_base64(cursor);
    const std::string mark = mark_of(list);
    if (!bytes || !bytes->starts_with(mark)) return std::nullopt;
    return bytes->substr(mark.size());
}

} // namespace gateways::market
