#include "gateways/token/issuer.hpp"

#include "gateways/token/compact.hpp"

#include <cjose/cjose.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sodium.h>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gateways::token {

namespace {

constexpr std::size_t rsa_bits = 2048;
constexpr std::array<std::uint8_t, 3> rsa_exponent{1, 0, 1};

struct Release {
    void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
    void operator()(cjose_jws_t* signature) const { cjose_jws_release(signature); }
    void operator()(char* text) const { cjose_get_dealloc()(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw std::runtime_error{path.string() + ": " + what};
}

template <class T>
T* made(T* value, const char* what) {
    if (value == nullptr) throw std::runtime_error{std::string{"issuer: cannot "} + what};
    return value;
}

std::string dump(const json_t* json) {
    const Owned<char> text{json_dumps(json, JSON_COMPACT)};
    return text ? text.get() : "";
}

// Whole or not at all, with its mode from the first byte on.
void write_file(const std::filesystem::path& path, const std::string& text, mode_t mode) {
    std::string pattern = path.string() + ".XXXXXX";
    const int file = ::mkstemp(pattern.data()); // 0600
    if (file < 0) fail(path, std::generic_category().message(errno));
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fchmod(file, mode) == 0 && ::fsync(file) == 0;
    ::close(file);
    if (!written || ::rename(pattern.c_str(), path.c_str()) != 0) {
        ::unlink(pattern.c_str());
        fail(path, "cannot be written");
    }
}

std::optional<std::string> read_private(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::nullopt;
        fail(path, std::generic_category().message(errno));
    }
    if ((status.st_mode & 077) != 0) fail(path, "a private key that others may read; chmod 600");
    std::ifstream stream{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (!stream) fail(path, "cannot be read");
    return text;
}

Owned<cjose_jwk_t> new_key(Algorithm algorithm) {
    cjose_err error;
    Owned<cjose_jwk_t> key{made(algorithm == Algorithm::es256
                                    ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error)
                                    : cjose_jwk_create_RSA_random(rsa_bits, rsa_exponent.data(),
                                                                  rsa_exponent.size(), &error),
                                "make a key")};
    std::array<char, 12> random;
    randombytes_buf(random.data(), random.size());
    const std::string id = encode_base64url({random.data(), random.size()});
    if (!cjose_jwk_set_kid(key.get(), id.data(), id.size(), &error))
        throw std::runtime_error{"issuer: cannot name a key"};
    return key;
}

} // namespace

struct Issuer::Content {
    std::string issuer, audience;
    Algorithm algorithm{};
    Owned<cjose_jwk_t> key;
};

Issuer::Issuer(const std::filesystem::path& folder, std::string issuer, std::string audience,
               Algorithm algorithm)
    : content_{std::make_unique<Content>()} {
    if (algorithm != Algorithm::es256 && algorithm != Algorithm::rs256)
        throw std::runtime_error{"issuer: makes es256 and rs256 tokens"};
    if (sodium_init() < 0) throw std::runtime_error{"issuer: libsodium does not start"};
    content_->issuer = std::move(issuer);
    content_->audience = std::move(audience);
    std::filesystem::create_directories(folder);
    const std::filesystem::path path = folder / key_file;
    cjose_err error;
    if (const auto text = read_private(path)) {
        content_->key.reset(cjose_jwk_import(text->data(), text->size(), &error));
        if (!content_->key || cjose_jwk_get_kid(content_->key.get(), &error) == nullptr)
            fail(path, "is not a key of this issuer");
    } else {
        content_->key = new_key(algorithm);
        const Owned<char> json{
            made(cjose_jwk_to_json(content_->key.get(), true, &error), "write a key")};
        write_file(path, json.get(), 0600);
    }
    // The key's own kind counts, whatever was asked for.
    content_->algorithm = cjose_jwk_get_kty(content_->key.get(), &error) == CJOSE_JWK_KTY_EC
                              ? Algorithm::es256
                              : Algorithm::rs256;
    write_file(folder / key_set_file, key_set(), 0644);
}

Issuer::~Issuer() = default;

std::string Issuer::key_set() const {
    cjose_err error;
    const Owned<char> text{
        made(cjose_jwk_to_json(content_->key.get(), false, &error), "write a key")};
    const JsonPointer key = parse_object(text.get());
    json_object_set_new(key.get(), "use", json_string("sig"));
    json_object_set_new(key.get(), "alg",
                        json_string(std::string{name_of(content_->algorithm)}.c_str()));
    const JsonPointer set{json_pack("{s:[O]}", "keys", key.get())};
    return dump(set.get());
}

std::string Issuer::token(const Grant& grant) const {
    const JsonPointer claims{json_object()};
    const auto set = [&](const char* name, json_t* value) {
        json_object_set_new(claims.get(), name, made(value, "write a claim that is not UTF-8"));
    };
    const std::int64_t now = grant.now.milliseconds / 1000;
    set("iss", json_string(content_->issuer.c_str()));
    set("aud", json_string(content_->audience.c_str()));
    set("sub", json_string(grant.subject.c_str()));
    set("tenant", json_string(grant.tenant.c_str()));
    set("iat", json_integer(now));
    set("exp", json_integer(now + grant.lifetime_seconds));
    json_t* const roles = json_array();
    const std::string names = names_of(grant.roles);
    for (std::string_view rest = names; !rest.empty();) {
        const auto space = rest.find(' ');
        json_array_append_new(roles, json_string(std::string{rest.substr(0, space)}.c_str()));
        rest = space == rest.npos ? std::string_view{} : rest.substr(space + 1);
    }
    set("roles", roles);
    if (!grant.scope.empty()) set("scope", json_string(grant.scope.c_str()));
    if (grant.mfa) set("mfa_at", json_integer(grant.mfa->milliseconds / 1000));

    cjose_err error;
    const JsonPointer header{json_object()};
    json_object_set_new(header.get(), "alg",
                        json_string(std::string{name_of(content_->algorithm)}.c_str()));
    json_object_set_new(header.get(), "typ", json_string("at+jwt"));
    json_object_set_new(header.get(), "kid",
                        json_string(cjose_jwk_get_kid(content_->key.get(), &error)));
    const std::string payload = dump(claims.get());
    const Owned<cjose_jws_t> jws{
        made(cjose_jws_sign(content_->key.get(), header.get(),
                            reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(),
                            &error),
             "sign")};
    const char* text = nullptr;
    if (!cjose_jws_export(jws.get(), &text, &error))
        throw std::runtime_error{"issuer: cannot write a token"};
    return text;
}

} // namespace gateways::token
