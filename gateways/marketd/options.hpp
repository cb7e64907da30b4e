// How marketd is set up: flags, a TOML file, environment variables, in this order of weight.

#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateways::marketd {

struct Options {
    std::filesystem::path data = "data";

    std::string log = "embedded"; // Or "kafka".
    int partitions = 0;           // 0: what the log has, 8 for a new one.
    std::string kafka_brokers = "127.0.0.1:9092";
    std::string kafka_prefix, kafka_group = "marketplace";
    std::map<std::string, std::string> kafka_settings;

    std::string instance; // Empty: the host's name.
    std::vector<std::string> roles{"http", "processor", "views"};
    int lanes = 1;

    bool sandbox = false;
    std::filesystem::path sandbox_at; // Then `sandbox` is true as well.
    std::string stripe_origin = "https://api.stripe.com";
    std::filesystem::path stripe_key_file;
    std::string grid_origin = "http://127.0.0.1:8650";
    std::filesystem::path grid_token_file;
    std::string grid_gateway_domain;
    std::filesystem::path grid_secret_file;
    std::string grid_proxy;
    int grid_seconds = 60, contracts_seconds = 300, bills_seconds = 300;
    std::filesystem::path stripe_webhook_secret_file;
    bool stripe_live = false; // Whether messages are of real money; follows from the environment.
    std::string tenant = "market";        // Of what comes in by itself.
    std::filesystem::path quote_key_file; // Empty: in the data folder.
    // Somebody outside is asked, or pretended.
    bool has_workers() const {
        return sandbox || !stripe_key_file.empty() || !grid_token_file.empty() ||
               !grid_proxy.empty();
    }

    std::string listen = "127.0.0.1:8080";
    int http_threads = 1;
    std::size_t connections_max = 4096;
    std::filesystem::path tls_certificate, tls_key;

    bool dev = false;
    std::string environment = "production";
    std::string jwks, issuer, audience = "marketplace";
    std::string roles_claim = "roles", tenant_claim = "tenant", mfa_claim = "mfa_at";
    std::int64_t mfa_minutes = 15;

    std::size_t streams_kept = 16384;
    std::size_t store_cache_bytes = 16 << 20;
    std::size_t view_cache_bytes = 32 << 20;
    std::string log_level = "info";

    bool has_role(const std::string& role) const {
        return std::ranges::find(roles, role) != roles.end();
    }
};

// Nothing when the program has said what it had to say and ends with `exit_code` (--help, a
// wrong flag).
std::optional<Options> read_options(int argc, char** argv, int& exit_code);

} // namespace gateways::marketd
