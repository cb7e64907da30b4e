#include "gateways/marketd/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <unistd.h>

namespace gateways::marketd {

namespace {

constexpr const char* description =
    R"(The marketplace's server: takes commands over HTTP, decides them, keeps them in the log,
and serves the views that follow from it.

Every flag can also stand in a TOML file (--config) or in the environment as
MARKETD_<FLAG>, in capitals with "_" for "-"; flags win over the environment, that over the file.)";

constexpr const char* examples = R"(
Examples:
  marketd --data ./data --dev
      one process, embedded log, development tokens (marketctl token makes them)
  marketd --data /var/lib/market --log kafka --kafka-brokers b1:9092,b2:9092 \
      --kafka-set security.protocol=SASL_SSL --instance market-1 \
      --jwks https://login.example/.well-known/jwks.json --issuer https://login.example/ \
      --audience https://market.example
  marketd --data ./data --roles processor --log kafka --lanes 2
      decides only; another process has the door

SIGTERM or SIGINT: what is in flight is finished, then it ends with 0. A second one ends it
at once. Exit codes: 0 ended as asked, 1 could not start or go on (the reason is in the log),
2 wrong use.)";

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "market";
}

} // namespace

std::optional<Options> read_options(int argc, char** argv, int& exit_code) {
    Options options;
    CLI::App app{description, "marketd"};
    app.footer(examples);
    app.set_config("--config", "", "Read flags from this TOML file");
    app.set_version_flag("--version", "marketd " MARKETPLACE_VERSION);
    app.get_formatter()->column_width(42);

    const auto add = [&](const char* flag, auto& value, const char* text, const char* group) {
        std::string variable = std::string{"MARKETD_"} + (flag + 2);
        std::ranges::transform(variable, variable.begin(), [](char c) {
            return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        });
        return app.add_option(flag, value, text)
            ->envname(variable)
            ->capture_default_str()
            ->group(group);
    };
    add("--data", options.data, "Folder for the log, the state and the views", "Storage");
    add("--log", options.log, "Where events are kept", "Storage")
        ->check(CLI::IsMember({"embedded", "kafka"}));
    add("--partitions", options.partitions, "Of a new log, 1 to 1024; an old one keeps its own",
        "Storage")
        ->check(CLI::Range(0, 1024));
    add("--streams-kept", options.streams_kept, "Aggregates in memory, a lane", "Storage");
    add("--store-cache-bytes", options.store_cache_bytes, "RocksDB's memory for aggregates",
        "Storage");
    add("--view-cache-bytes", options.view_cache_bytes, "RocksDB's memory for views", "Storage");

    add("--kafka-brokers", options.kafka_brokers, "host:port, comma-separated", "Kafka");
    add("--kafka-prefix", options.kafka_prefix, "Put before the topics' names", "Kafka");
    add("--kafka-group", options.kafka_group, "Consumer group of the processors", "Kafka");
    std::vector<std::string> settings;
    add("--kafka-set", settings, "librdkafka setting, as key=value; repeatable", "Kafka");

    add("--instance", options.instance,
        "Name of this instance, stable over restarts, unlike any other's (default: host name)",
        "Process");
    add("--roles", options.roles, "What this process does", "Process")
        ->delimiter(',')
        ->check(CLI::IsMember({"http", "processor", "views"}));
    add("--lanes", options.lanes, "Processor threads (Kafka; the embedded log has one)", "Process")
        ->check(CLI::Range(1, 64));
    add("--log-level", options.log_level, "How much is logged", "Process")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));

    const CLI::Option* sandbox =
        app.add_flag("--sandbox,!--no-sandbox", options.sandbox,
                     "Pretend Stripe and the grid, in this process, with a clock that can be set. "
                     "Happens by itself when no credentials are given, but not in production")
            ->envname("MARKETD_SANDBOX")
            ->group("Providers");
    add("--sandbox-at", options.sandbox_at,
        "Pretend them with a sandboxd that runs already: the file it wrote", "Providers");
    add("--stripe-key-file", options.stripe_key_file,
        "Stripe's secret key; without it and --sandbox no payments are carried out", "Providers");
    add("--stripe-origin", options.stripe_origin, "Where Stripe is", "Providers");
    add("--grid-token-file", options.grid_token_file,
        "Bearer token of the grid's sidecar; without it and --sandbox nothing is deployed",
        "Providers");
    add("--grid-origin", options.grid_origin, "Where the sidecar listens", "Providers");
    add("--grid-gateway-domain", options.grid_gateway_domain,
        "Domain of web names, as \"gent01.grid.tf\"; apps that must know theirs need it",
        "Providers");
    add("--grid-secret-file", options.grid_secret_file,
        "Tokens of clusters are derived from its first line; needed to deploy them", "Providers");
    add("--grid-proxy", options.grid_proxy,
        "Grid Proxy that nodes and bills are read from; without it and --sandbox none come in",
        "Providers");
    add("--grid-seconds", options.grid_seconds, "How often nodes and prices are looked at",
        "Providers")
        ->check(CLI::Range(1, 3600));
    add("--contracts-seconds", options.contracts_seconds,
        "How often contracts are looked for that nobody claims", "Providers")
        ->check(CLI::Range(1, 3600));
    add("--bills-seconds", options.bills_seconds,
        "How often the chain's bills are looked for of contracts whose hour is over", "Providers")
        ->check(CLI::Range(1, 3600));
    add("--stripe-webhook-secret-file", options.stripe_webhook_secret_file,
        "Webhooks are signed with one of its lines; without it and --sandbox none are taken",
        "Providers");
    add("--tenant", options.tenant, "Whose messages and prices are that come in by themselves",
        "Providers");
    add("--quote-key-file", options.quote_key_file,
        "32 bytes that sign quotes; the same for all instances (default: DATA/quote.key)",
        "Providers");

    add("--listen", options.listen, "address:port of the HTTP door; port 0 takes a free one",
        "HTTP");
    add("--http-threads", options.http_threads, "Threads of the HTTP door", "HTTP")
        ->check(CLI::Range(1, 64));
    add("--connections-max", options.connections_max, "Past which new ones get 503", "HTTP");
    add("--tls-certificate", options.tls_certificate, "PEM chain; with --tls-key serves TLS",
        "HTTP");
    add("--tls-key", options.tls_key, "PEM private key", "HTTP");

    app.add_flag("--dev", options.dev,
                 "A development issuer with its key in DATA/dev; not for production")
        ->envname("MARKETD_DEV")
        ->group("Tokens");
    add("--environment", options.environment, "\"production\" refuses unsafe token sources",
        "Tokens");
    add("--jwks", options.jwks, "Key set of the token issuer: https URL or file", "Tokens");
    add("--issuer", options.issuer, "`iss` of tokens, exactly", "Tokens");
    add("--audience", options.audience, "What `aud` has to contain", "Tokens");
    add("--roles-claim", options.roles_claim, "Claim that lists the roles", "Tokens");
    add("--tenant-claim", options.tenant_claim, "Claim that names the tenant", "Tokens");
    add("--mfa-claim", options.mfa_claim, "Claim with the time of the second factor", "Tokens");
    add("--mfa-minutes", options.mfa_minutes, "How long a second factor counts", "Tokens");

    try {
        app.parse(argc, argv);
        for (const std::string& setting : settings) {
            const auto equals = setting.find('=');
            if (equals == 0 || equals == std::string::npos)
                throw CLI::ValidationError("--kafka-set", setting + " is not key=value");
            options.kafka_settings[setting.substr(0, equals)] = setting.substr(equals + 1);
        }
        if (!options.dev && options.has_role("http") && options.jwks.empty())
            throw CLI::RequiredError("--jwks and --issuer (or --dev)");
        const bool real = !options.stripe_key_file.empty() || !options.grid_token_file.empty() ||
                          !options.stripe_webhook_secret_file.empty() ||
                          !options.grid_proxy.empty();
        const bool production = options.environment == "production" && !options.dev;
        if (sandbox->count() == 0 && !real && !production && options.roles.size() == 3)
            options.sandbox = true;
        options.sandbox = options.sandbox || !options.sandbox_at.empty();
        if (options.sandbox && real)
            throw CLI::ValidationError("--sandbox", "pretends what real credentials are given for");
        if (options.has_workers() && options.roles.size() < 3)
            throw CLI::ValidationError("--roles", "workers need every role in their process");
        if (options.log == "embedded" && options.roles.size() < 3)
            throw CLI::ValidationError("--roles",
                                       "the embedded log serves one process, which has every role");
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error) == 0 ? 0 : 2;
        return std::nullopt;
    }
    if (options.log == "embedded") options.lanes = 1;
    if (options.instance.empty()) options.instance = host_name();
    if (options.dev && options.environment == "production") options.environment = "development";
    options.stripe_live = options.environment == "production" && !options.sandbox;
    return options;
}

} // namespace gateways::marketd
