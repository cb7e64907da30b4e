#include "gateways/token/verifier.hpp"

#include "gateways/http/client.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sodium.h>
#include <stdexcept>

namespace gateways::token {

namespace {

constexpr std::size_t shelves = 16, ways = 4;
constexpr std::size_t keys_bytes_max = 256 * 1024;
constexpr std::chrono::seconds fetch_time_max{5};
constexpr std::int64_t leeway_milliseconds_max = 60'000;
constexpr std::string_view scheme = "bearer ";

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream stream{path, std::ios::binary};
    std::string text(keys_bytes_max + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad() || !stream.eof()) return std::nullopt; // Absent, or too large.
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

std::optional<std::string> read_url(const std::string& url,
                                    const std::filesystem::path& authorities) {
    const auto response = http::get(url, {.time_max = fetch_time_max,
                                          .body_bytes_max = keys_bytes_max,
                                          .tls_authorities = authorities});
    if (!response || response->status != 200) return std::nullopt;
    return response->body;
}

bool is_url(const std::string& place) { return place.find("://") != std::string::npos; }

bool is_loopback(std::string_view url) {
    const std::string_view host = url.substr(std::min(url.size(), url.find("://") + 3));
    return host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
}

void check(const VerifierOptions& options) {
    const auto refuse = [](const char* reason) { throw std::invalid_argument{reason}; };
    if (options.keys.empty()) refuse("tokens: no key set is configured");
    if (options.claims.issuer.empty()) refuse("tokens: no issuer is configured");
    if (options.claims.audience.empty()) refuse("tokens: no audience is configured");
    if (options.algorithms.empty()) refuse("tokens: no algorithm is allowed");
    if (options.types.empty()) refuse("tokens: no type is allowed");
    if (options.claims.leeway_milliseconds < 0 ||
        options.claims.leeway_milliseconds > leeway_milliseconds_max)
        refuse("tokens: the leeway is from 0 to 60 seconds");
    if (is_url(options.keys) && !options.keys.starts_with("https://") &&
        !options.keys.starts_with("http://"))
        refuse("tokens: the key set is an https URL or a file");
    if (options.environment != "production") return;
    if (!options.keys.starts_with("https://"))
        refuse("tokens: in production the key set is an https URL");
    if (!options.claims.issuer.starts_with("https://") || is_loopback(options.claims.issuer))
        refuse("tokens: in production the issuer is an https URL, and not of this machine");
}

// The end of a token is its signature: as good as random, and nothing is remembered whose
// signature was not verified.
std::uint64_t hash_of(std::string_view token) {
    std::uint64_t parts[2];
    if (token.size() < sizeof parts) return 0;
    std::memcpy(parts, token.data() + token.size() - sizeof parts, sizeof parts);
    std::uint64_t hash = (parts[0] ^ parts[1] * 0x9e3779b97f4a7c15U) * 0xff51afd7ed558ccdU;
    return hash ^ hash >> 32U;
}

} // namespace

// Sets of a few entries: bounded, without a list of what was used last.
struct Verifier::Shelf {
    std::mutex mutex;
    std::vector<std::array<Remembered, ways>> sets;
    std::uint64_t clock = 0;

    std::array<Remembered, ways>& set_of(std::uint64_t hash) {
        return sets[(hash >> 8U) % sets.size()];
    }
};

Verifier::Verifier(VerifierOptions options) : options_{std::move(options)} {
    check(options_);
    if (sodium_init() < 0) throw std::runtime_error{"tokens: libsodium does not start"};
    for (std::size_t i = 0; i < shelves; ++i) {
        shelves_.push_back(std::make_unique<Shelf>());
        shelves_.back()->sets.resize(
            std::max<std::size_t>(1, options_.remembered_max / (shelves * ways)));
    }
    source_ = std::make_unique<KeySource>(
        KeySourceOptions{.algorithms = options_.algorithms,
                         .age_max = options_.keys_age_max,
                         .cool_down = options_.keys_cool_down,
                         .stale_max = options_.keys_stale_max},
        [this] {
            return is_url(options_.keys) ? read_url(options_.keys, options_.tls_authorities)
                                         : read_file(options_.keys);
        });
}

Verifier::~Verifier() = default;

Verifier::Verified Verifier::verify(std::string_view authorization, domain::Time now) {
    if (authorization.size() <= scheme.size() ||
        !boost::beast::iequals({authorization.data(), scheme.size()},
                               {scheme.data(), scheme.size()})) {
        refused_[static_cast<std::size_t>(Refusal::missing)]++;
        return Refusal::missing;
    }
    return verify_token(authorization.substr(scheme.size()), now);
}

Verifier::Verified Verifier::verify_token(std::string_view token, domain::Time now) {
    const std::uint64_t version = source_->version();
    if (auto principal = recall(token, version)) {
        if (!has_expired(*principal, options_.claims, now)) {
            remembered_.fetch_add(1, std::memory_order_relaxed);
            return principal;
        }
    }
    Verified verified = decide(token, now);
    if (verified) {
        accepted_.fetch_add(1, std::memory_order_relaxed);
        remember(token, version, *verified);
    } else {
        refused_[static_cast<std::size_t>(verified.error())].fetch_add(1,
                                                                       std::memory_order_relaxed);
    }
    return verified;
}

Verifier::Verified Verifier::decide(std::string_view token, domain::Time now) {
    const auto compact = read_compact(token, options_.token_bytes_max);
    if (!compact) return compact.error();
    const auto algorithm = algorithm_named(compact->algorithm);
    if (!algorithm ||
        std::ranges::find(options_.algorithms, *algorithm) == options_.algorithms.end())
        return Refusal::algorithm_not_allowed;
    const auto is_type = [&](const std::string& type) {
        return boost::beast::iequals(type, compact->type);
    };
    if (std::ranges::none_of(options_.types, is_type)) return Refusal::type_not_allowed;

    const auto keys = source_->keys();
    if (!keys) return Refusal::keys_unavailable;
    const KeySet::Key* const key = keys->find(compact->key_id, *algorithm);
    if (key == nullptr) {
        const bool pending =
            compact->key_id && !keys->knows(*compact->key_id) && source_->miss(*compact->key_id);
        return pending ? Refusal::keys_pending : Refusal::key_unknown;
    }
    if (!KeySet::verify(*key, token, compact->signed_part, compact->signature))
        return Refusal::signature_wrong;
    auto principal = read_claims(compact->payload.get(), options_.claims, now);
    if (!principal) return principal.error();
    return std::make_shared<const Principal>(std::move(*principal));
}

bool Verifier::wait_for_keys(std::chrono::milliseconds time_max) {
    return source_->wait_for_read(time_max) && ready();
}

std::shared_ptr<const Principal> Verifier::recall(std::string_view token, std::uint64_t version) {
    const std::uint64_t hash = hash_of(token);
    Shelf& shelf = shelf_of(hash);
    const std::lock_guard lock{shelf.mutex};
    for (Remembered& one : shelf.set_of(hash))
        if (one.token == token) {
            if (one.version != version) return nullptr;
            one.used = ++shelf.clock;
            return one.principal;
        }
    return nullptr;
}

void Verifier::remember(std::string_view token, std::uint64_t version,
                        const std::shared_ptr<const Principal>& principal) {
    const std::uint64_t hash = hash_of(token);
    Shelf& shelf = shelf_of(hash);
    const std::lock_guard lock{shelf.mutex};
    auto& set = shelf.set_of(hash);
    Remembered* place = &*std::ranges::min_element(set, {}, &Remembered::used);
    for (Remembered& one : set)
        if (one.token == token) place = &one;
    *place = {std::string{token}, principal, version, ++shelf.clock};
}

Verifier::Shelf& Verifier::shelf_of(std::uint64_t hash) { return *shelves_[hash % shelves]; }

Verifier::Counts Verifier::counts() const {
    Counts counts{.remembered = remembered_.load(std::memory_order_relaxed),
                  .accepted = accepted_.load(std::memory_order_relaxed),
                  .key_reads = source_->reads()};
    for (std::size_t i = 0; i < refused_.size(); ++i)
        counts.refused[i] = refused_[i].load(std::memory_order_relaxed);
    return counts;
}

} // namespace gateways::token
