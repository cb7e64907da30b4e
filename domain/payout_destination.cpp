#include "domain/payout_destination.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace domain {

namespace {

constexpr std::size_t memo_max = 28;

// CRC-16/XMODEM, as Stellar's addresses end in.
std::uint32_t checksum(const std::uint8_t* bytes, std::size_t size) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        sum ^= static_cast<std::uint32_t>(bytes[i]) << 8;
        for (int bit = 0; bit < 8; ++bit)
            sum = ((sum & 0x8000U) != 0 ? (sum << 1) ^ 0x1021U : sum << 1) & 0xFFFFU;
    }
    return sum;
}

// Base32 of a version byte, a key of 32 bytes and a checksum, lowest byte first.
bool is_stellar_address(std::string_view address) {
    constexpr std::uint8_t account_version = 6 << 3;
    std::array<std::uint8_t, 35> bytes{};
    if (address.size() != bytes.size() * 8 / 5) return false;
    std::uint32_t bits = 0;
    int held = 0;
    std::size_t size = 0;
    for (const char c : address) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= '2' && c <= '7')
            value = static_cast<std::uint32_t>(c - '2' + 26);
        else
            return false;
        bits = (bits << 5) | value;
        held += 5;
        if (held < 8) continue;
        held -= 8;
        bytes[size++] = static_cast<std::uint8_t>(bits >> held);
        bits &= (1U << held) - 1;
    }
    return bytes[0] == account_version &&
           checksum(bytes.data(), 33) ==
               (static_cast<std::uint32_t>(bytes[34]) << 8 | std::uint32_t{bytes[33]});
}

bool is_stripe_account(std::string_view address) {
    constexpr std::string_view prefix = "acct_";
    return address.starts_with(prefix) && address.size() > prefix.size() && address.size() <= 64 &&
           std::all_of(address.begin() + prefix.size(), address.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

} // namespace

bool is_valid(const PayoutDestination& destination) {
    switch (destination.kind) {
    case PayoutKind::stellar:
        return is_stellar_address(destination.address) &&
               (!destination.memo ||
                (!destination.memo->empty() && destination.memo->size() <= memo_max));
    case PayoutKind::stripe: return is_stripe_account(destination.address) && !destination.memo;
    }
    return false;
}

} // namespace domain
