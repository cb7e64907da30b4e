// Issues tokens for development and tests, by the same rules and through the same checks as a
// real issuer's. Not for production: its private key lies in a file.

#pragma once

#include "gateways/token/key_set.hpp"
#include "gateways/token/principal.hpp"

#include <filesystem>

namespace gateways::token {

struct Grant {
    std::string subject;
    std::string tenant;
    Roles roles = Roles::none;
    std::string scope;
    domain::Time now;
    std::int64_t lifetime_seconds = 3600;
    std::optional<domain::Time> mfa;
};

class Issuer {
public:
    // Files in the folder: the private key, readable by its owner only, and beside it the key set
    // that a Verifier reads.
    static constexpr const char* key_file = "issuer-key.json";
    static constexpr const char* key_set_file = "jwks.json";

    // Loads the key of this folder, or makes one: es256 (P-256) or rs256 (2048 bits). Throws
    // std::runtime_error when it cannot be read or written, or is readable by others.
    Issuer(const std::filesystem::path& folder, std::string issuer, std::string audience,
           Algorithm algorithm = Algorithm::es256);
    ~Issuer();

    std::string token(const Grant& grant) const;
    std::string key_set() const; // Public parts only.

private:
    struct Content;
    std::unique_ptr<Content> content_;
};

} // namespace gateways::token
