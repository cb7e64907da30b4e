#include "gateways/token/key_set.hpp"

#include "gateways/token/compact.hpp"

#include <cjose/cjose.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <sodium.h>
#include <utility>

namespace gateways::token {

namespace {

constexpr std::size_t keys_max = 64;
constexpr std::size_t rsa_bytes_min = 2048 / 8, rsa_bytes_max = 8192 / 8;
constexpr std::size_t p256_bytes = 32;

constexpr std::array<std::pair<std::string_view, Algorithm>, 4> names{{
    {"RS256", Algorithm::rs256},
    {"PS256", Algorithm::ps256},
    {"ES256", Algorithm::es256},
    {"EdDSA", Algorithm::eddsa},
}};

struct ReleaseKey {
    void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct ReleaseSignature {
    void operator()(cjose_jws_t* signature) const { cjose_jws_release(signature); }
};
using CjoseKey = std::unique_ptr<cjose_jwk_t, ReleaseKey>;

bool has(const std::vector<Algorithm>& allowed, Algorithm algorithm) {
    return std::ranges::find(allowed, algorithm) != allowed.end();
}

// Whether `use` and `key_ops` let the key verify signatures.
bool is_for_signatures(const json_t* json) {
    const json_t* const use = json_object_get(json, "use");
    if (use != nullptr && text_member(json, "use") != "sig") return false;
    const json_t* const operations = json_object_get(json, "key_ops");
    if (operations == nullptr) return true;
    std::size_t index;
    json_t* one;
    json_array_foreach(operations, index, one) {
        if (json_is_string(one) && std::string_view{json_string_value(one)} == "verify")
            return true;
    }
    return false;
}

// Which one algorithm the key is for.
std::optional<Algorithm> algorithm_of(const json_t* json, const std::vector<Algorithm>& allowed) {
    const auto kind = text_member(json, "kty"), curve = text_member(json, "crv");
    std::vector<Algorithm> fitting;
    if (kind == "RSA") fitting = {Algorithm::rs256, Algorithm::ps256};
    if (kind == "EC" && curve == "P-256") fitting = {Algorithm::es256};
    if (kind == "OKP" && curve == "Ed25519") fitting = {Algorithm::eddsa};
    std::erase_if(fitting, [&](Algorithm one) { return !has(allowed, one); });
    if (json_object_get(json, "alg") != nullptr) {
        const auto name = text_member(json, "alg");
        std::erase_if(fitting, [&](Algorithm one) { return name != name_of(one); });
    }
    if (fitting.empty()) return std::nullopt;
    return fitting[0];
}

bool is_sane_rsa(const json_t* json) {
    const auto modulus = decode_base64url(text_member(json, "n").value_or("!"));
    const auto exponent = decode_base64url(text_member(json, "e").value_or("!"));
    if (!modulus || !exponent) return false;
    const auto first = modulus->find_first_not_of('\0');
    if (first == std::string::npos) return false;
    const std::size_t size = modulus->size() - first;
    // Exactly 2048 bits have the top bit of the 256th byte set.
    const bool large =
        size > rsa_bytes_min || (size == rsa_bytes_min && ((*modulus)[first] & 0x80) != 0);
    if (!large || size > rsa_bytes_max || exponent->size() > 4) return false;
    std::uint32_t value = 0;
    for (const char c : *exponent)
        value = value << 8 | static_cast<unsigned char>(c);
    return value >= 3 && (value & 1U) != 0;
}

// The named members only, so that cjose never meets a private or an odd one.
CjoseKey import(const json_t* json, std::initializer_list<const char*> members) {
    const JsonPointer clean{json_object()};
    for (const char* name : members) {
        json_t* const value = json_object_get(json, name);
        if (!json_is_string(value)) return nullptr;
        json_object_set(clean.get(), name, value);
    }
    cjose_err ignored;
    return CjoseKey{cjose_jwk_import_json(clean.get(), &ignored)};
}

bool has_size(const json_t* json, const char* name, std::size_t bytes) {
    const auto value = decode_base64url(text_member(json, name).value_or("!"));
    return value && value->size() == bytes;
}

} // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
    for (const auto& [text, algorithm] : names)
        if (text == name) return algorithm;
    return std::nullopt;
}

std::string_view name_of(Algorithm algorithm) {
    return names[static_cast<std::size_t>(algorithm)].first;
}

class KeySet::Key {
public:
    std::string id;
    Algorithm algorithm{};
    CjoseKey cjose;      // All but EdDSA, which cjose does not know.
    std::string ed25519; // Its public key.
    std::size_t signature_bytes = 0;
};

KeySet::KeySet() = default;
KeySet::~KeySet() = default;

std::shared_ptr<const KeySet> KeySet::parse(std::string_view text,
                                            const std::vector<Algorithm>& allowed) {
    const JsonPointer document = parse_object(text);
    if (!document) return nullptr;
    const json_t* const list = member(document, "keys");
    if (!json_is_array(list)) return nullptr;
    const std::shared_ptr<KeySet> set{new KeySet};
    std::size_t index;
    json_t* json;
    json_array_foreach(list, index, json) {
        if (!json_is_object(json) || set->keys_.size() == keys_max) continue;
        const auto algorithm = algorithm_of(json, allowed);
        if (!algorithm || !is_for_signatures(json)) continue;
        auto key = std::make_unique<Key>();
        key->id = text_member(json, "kid").value_or("");
        key->algorithm = *algorithm;
        if (!key->id.empty() && set->find(key->id, *algorithm) != nullptr) continue;
        switch (*algorithm) {
        case Algorithm::rs256:
        case Algorithm::ps256:
            if (!is_sane_rsa(json)) continue;
            key->cjose = import(json, {"kty", "n", "e"});
            if (!key->cjose) continue;
            key->signature_bytes = (cjose_jwk_get_keysize(key->cjose.get(), nullptr) + 7) / 8;
            break;
        case Algorithm::es256:
            if (!has_size(json, "x", p256_bytes) || !has_size(json, "y", p256_bytes)) continue;
            key->cjose = import(json, {"kty", "crv", "x", "y"});
            if (!key->cjose) continue;
            key->signature_bytes = 2 * p256_bytes;
            break;
        case Algorithm::eddsa:
            if (!has_size(json, "x", crypto_sign_PUBLICKEYBYTES)) continue;
            key->ed25519 = *decode_base64url(*text_member(json, "x"));
            key->signature_bytes = crypto_sign_BYTES;
            break;
        }
        set->keys_.push_back(std::move(key));
    }
    return set;
}

const KeySet::Key* KeySet::find(const std::optional<std::string>& id, Algorithm algorithm) const {
    const Key* found = nullptr;
    for (const auto& key : keys_) {
        if (key->algorithm != algorithm || (id && key->id != *id)) continue;
        if (id) return key.get();
        if (found != nullptr) return nullptr;
        found = key.get();
    }
    return found;
}

bool KeySet::knows(std::string_view id) const {
    return std::ranges::any_of(keys_, [&](const auto& key) { return key->id == id; });
}

bool KeySet::verify(const Key& key, std::string_view token, std::string_view signed_part,
                    std::string_view signature) {
    if (signature.size() != key.signature_bytes) return false;
    if (key.algorithm == Algorithm::eddsa) {
        const auto* const bytes = reinterpret_cast<const unsigned char*>(signed_part.data());
        return crypto_sign_verify_detached(
                   reinterpret_cast<const unsigned char*>(signature.data()), bytes,
                   signed_part.size(),
                   reinterpret_cast<const unsigned char*>(key.ed25519.data())) == 0;
    }
    cjose_err ignored;
    const std::unique_ptr<cjose_jws_t, ReleaseSignature> jws{
        cjose_jws_import(token.data(), token.size(), &ignored)};
    return jws && cjose_jws_verify(jws.get(), key.cjose.get(), &ignored);
}

} // namespace gateways::token
