#include "domain/ssh_key.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace domain {

namespace {

constexpr std::size_t text_max = 8'192; // An RSA key of 16384 bits has less than 3000.
constexpr std::size_t rsa_bits_min = 2'048;
constexpr std::size_t rsa_bits_max = 16'384;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

// With its padding, and nothing in the bits that are left over: one text for one key.
std::optional<std::string> decode_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const int value = base64_value(c);
        if (value < 0) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>((bits >> held) & 0xFF);
        bits &= (1U << held) - 1;
    }
    if (bits != 0) return std::nullopt;
    return bytes;
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

// A string as SSH writes it: four bytes of length, then itself.
std::optional<std::string_view> take_string(std::string_view& bytes) {
    if (bytes.size() < 4) return std::nullopt;
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i)
        size = (size << 8) | byte_at(bytes, i);
    bytes.remove_prefix(4);
    if (size > bytes.size()) return std::nullopt;
    const std::string_view taken = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return taken;
}

// Of a number above zero in its shortest form; otherwise 0.
std::size_t bits_of(std::string_view number) {
    if (number.empty() || (byte_at(number, 0) & 0x80U) != 0) return 0;
    if (byte_at(number, 0) == 0) {
        number.remove_prefix(1);
        if (number.empty() || (byte_at(number, 0) & 0x80U) == 0) return 0;
    }
    std::size_t bits = number.size() * 8;
    for (std::uint32_t first = byte_at(number, 0); (first & 0x80U) == 0; first <<= 1)
        --bits;
    return bits;
}

bool is_rsa(std::string_view rest) {
    const auto exponent = take_string(rest);
    const auto modulus = take_string(rest);
    if (!exponent || !modulus || !rest.empty() || bits_of(*exponent) < 2) return false;
    const std::size_t bits = bits_of(*modulus);
    return bits >= rsa_bits_min && bits <= rsa_bits_max;
}

bool is_ed25519(std::string_view rest) {
    const auto point = take_string(rest);
    return point && rest.empty() && point->size() == 32;
}

bool is_ecdsa(std::string_view curve, std::string_view rest) {
    const std::size_t size = curve == "nistp256"   ? 32
                             : curve == "nistp384" ? 48
                             : curve == "nistp521" ? 66
                                                   : 0;
    const auto named = take_string(rest);
    const auto point = take_string(rest);
    return size > 0 && named == curve && point && rest.empty() && point->size() == 1 + 2 * size &&
           byte_at(*point, 0) == 4; // Not compressed.
}

bool is_key(std::string_view type, std::string_view bytes) {
    constexpr std::string_view ecdsa = "ecdsa-sha2-";
    if (take_string(bytes) != type) return false;
    if (type == "ssh-ed25519") return is_ed25519(bytes);
    if (type == "ssh-rsa") return is_rsa(bytes);
    return type.starts_with(ecdsa) && is_ecdsa(type.substr(ecdsa.size()), bytes);
}

std::string_view take_word(std::string_view& text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    std::size_t end = 0;
    while (end < text.size() && !is_blank(text[end]))
        ++end;
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

} // namespace

std::optional<std::string> canonical_ssh_key(std::string_view text) {
    if (text.size() > text_max) return std::nullopt;
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    // A second line would be a second key.
    if (text.find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
    const std::string_view type = take_word(text);
    const std::string_view body = take_word(text);
    const auto bytes = decode_base64(body);
    if (!bytes || !is_key(type, *bytes)) return std::nullopt;
    return std::string{type} + " " + std::string{body};
}

} // namespace domain
