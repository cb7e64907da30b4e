// Stripe-Signature: t=<unix seconds>,v1=<64 hexadecimal digits>[,v1=...][,v0=...]

#include "domain/inbound_event.hpp"
#include "gateways/stripe/webhook.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>

namespace gateways::stripe {

namespace {

using Fault = MessageFault;

constexpr std::size_t header_bytes_max = 4096;
constexpr std::size_t digest_bytes = 32, hex_digits = 2 * digest_bytes;
constexpr std::int64_t seconds_max = 253'402'300'799; // The end of the year 9999.

struct Signature {
    std::string_view time;
    std::vector<std::string_view> digests;
};

std::optional<Signature> parse(std::string_view header) {
    Signature signature;
    while (!header.empty()) {
        const auto comma = header.find(',');
        const std::string_view part = header.substr(0, comma);
        header.remove_prefix(comma == header.npos ? header.size() : comma + 1);
        const auto equals = part.find('=');
        if (equals == part.npos) return std::nullopt;
        const std::string_view name = part.substr(0, equals), value = part.substr(equals + 1);
        if (name == "t") {
            if (!signature.time.empty() || value.empty()) return std::nullopt;
            signature.time = value;
        } else if (name == "v1") {
            signature.digests.push_back(value);
        } // Others prove nothing: v0 is for tests of others.
    }
    if (signature.time.empty() || signature.digests.empty()) return std::nullopt;
    return signature;
}

std::optional<domain::Time> time_of(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || seconds > seconds_max) return std::nullopt;
    return domain::Time{seconds * 1000};
}

std::string digest_hex(const std::string& secret, std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    std::string hex;
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
             &size) == nullptr)
        return hex;
    for (unsigned i = 0; i < size; ++i) {
        hex.push_back("0123456789abcdef"[digest[i] >> 4]);
        hex.push_back("0123456789abcdef"[digest[i] & 15]);
    }
    return hex;
}

} // namespace

domain::Result<domain::Time, MessageFault> verify(std::string_view header, std::string_view body,
                                                  const std::vector<std::string>& secrets,
                                                  domain::Time now) {
    if (std::ranges::all_of(secrets, &std::string::empty)) return Fault::no_secret;
    if (body.size() > message_bytes_max) return Fault::too_large;
    if (header.size() > header_bytes_max) return Fault::signature_missing;
    const auto signature = parse(header);
    if (!signature) return Fault::signature_missing;
    const auto signed_at = time_of(signature->time);
    if (!signed_at) return Fault::signature_missing;

    const std::string text = std::string{signature->time}.append(".").append(body);
    bool valid = false;
    for (const std::string& secret : secrets) {
        if (secret.empty()) continue;
        const std::string expected = digest_hex(secret, text);
        for (const std::string_view given : signature->digests)
            // Takes as long for a wrong digit at the beginning as for one at the end.
            valid |= expected.size() == hex_digits && given.size() == hex_digits &&
                     CRYPTO_memcmp(expected.data(), given.data(), hex_digits) == 0;
    }
    if (!valid) return Fault::signature_invalid;
    const std::int64_t tolerance = domain::inbound_tolerance.count();
    const std::int64_t age = now.milliseconds - signed_at->milliseconds;
    if (age > tolerance || age < -tolerance) return Fault::timestamp_outside;
    return *signed_at;
}

} // namespace gateways::stripe
