// Says who a bearer token's caller is. A token is verified once and remembered until it expires
// or the key set changes; the second time costs a comparison.

#pragma once

#include "gateways/token/claims.hpp"
#include "gateways/token/key_source.hpp"

#include <array>
#include <filesystem>

namespace gateways::token {

struct VerifierOptions {
    ClaimRules claims;
    std::vector<Algorithm> algorithms{Algorithm::rs256, Algorithm::es256, Algorithm::eddsa};
    // Compared without regard to capitals. "JWT" is what Auth0's older profile writes; add it only
    // for an issuer that cannot be told to write at+jwt (RFC 9068).
    std::vector<std::string> types{"at+jwt", "application/at+jwt"};

    // An https:// URL, or a file: a path. Anything but https is for development and refused when
    // the environment is "production".
    std::string keys;
    std::string environment = "production";
    std::filesystem::path tls_authorities; // PEM; empty: whom the system trusts.

    std::chrono::milliseconds keys_age_max{600'000};
    std::chrono::milliseconds keys_cool_down{30'000};
    std::chrono::milliseconds keys_stale_max{24 * 3'600'000};

    std::size_t token_bytes_max = 12 * 1024;
    std::size_t remembered_max = 16 * 1024; // Tokens.
};

// All methods from any thread; none waits for the network, but the one that says so.
class Verifier {
public:
    // Throws std::invalid_argument for options that are not safe, with the reason.
    explicit Verifier(VerifierOptions options);
    ~Verifier();

    using Verified = Accepted<std::shared_ptr<const Principal>>;

    // `authorization` is the header's value: "Bearer <token>".
    Verified verify(std::string_view authorization, domain::Time now);
    Verified verify_token(std::string_view token, domain::Time now);

    // There is a key set. While there is none no token is accepted.
    bool ready() const { return source_->keys() != nullptr; }

    // Tells the key source to read now and waits for it: for programs that check one token.
    bool wait_for_keys(std::chrono::milliseconds time_max);

    struct Counts {
        std::uint64_t remembered = 0, accepted = 0, key_reads = 0;
        std::array<std::uint64_t, 16> refused{}; // By Refusal.
    };
    Counts counts() const;

private:
    struct Remembered {
        std::string token;
        std::shared_ptr<const Principal> principal;
        std::uint64_t version = 0; // Of the key set.
        std::uint64_t used = 0;
    };
    struct Shelf; // A part of what is remembered, with its lock.

    Verified decide(std::string_view token, domain::Time now);
    std::shared_ptr<const Principal> recall(std::string_view token, std::uint64_t version);
    void remember(std::string_view token, std::uint64_t version,
                  const std::shared_ptr<const Principal>& principal);
    Shelf& shelf_of(std::uint64_t hash);

    const VerifierOptions options_;
    std::unique_ptr<KeySource> source_;
    std::vector<std::unique_ptr<Shelf>> shelves_;

    std::atomic<std::uint64_t> remembered_ = 0, accepted_ = 0;
    std::array<std::atomic<std::uint64_t>, 16> refused_{};
};

} // namespace gateways::token
