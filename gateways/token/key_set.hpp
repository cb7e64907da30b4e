// The keys of an issuer (RFC 7517), and the check of a signature with one of them. Cannot be
// changed once made; any thread.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::token {

enum class Algorithm { rs256, ps256, es256, eddsa };

// "RS256"; letters count.
std::optional<Algorithm> algorithm_named(std::string_view name);
std::string_view name_of(Algorithm algorithm);

class KeySet {
public:
    class Key;

    // Takes what can be used and leaves out what cannot: unknown kinds, keys for encryption, RSA
    // below 2048 bits or with an odd exponent (RFC 7517, 5). A key is good for one algorithm: the
    // one it names, or for RSA without a name the first of RS256 and PS256 that is allowed.
    // Nothing when the text is no key set at all.
    static std::shared_ptr<const KeySet> parse(std::string_view text,
                                               const std::vector<Algorithm>& allowed);
    ~KeySet();

    // Without an id: the only key of that algorithm, if there is just one. Null: there is none.
    const Key* find(const std::optional<std::string>& id, Algorithm algorithm) const;
    // There is a key of that id, for whatever algorithm.
    bool knows(std::string_view id) const;
    std::size_t size() const { return keys_.size(); }

    // `token` is the whole compact text, of which read_compact() accepted `signed_part` and
    // `signature`.
    static bool verify(const Key& key, std::string_view token, std::string_view signed_part,
                       std::string_view signature);

private:
    KeySet();
    std::vector<std::unique_ptr<Key>> keys_;
};

} // namespace gateways::token
