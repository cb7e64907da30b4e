#include "gateways/marketd/market.hpp"

#include "bus/embedded/embedded.hpp"
#include "bus/kafka/kafka.hpp"
#include "gateways/market/door.hpp"
#include "gateways/market_registry.hpp"
#include "gateways/marketd/logging.hpp"
#include "gateways/marketd/readings.hpp"
#include "gateways/marketd/secrets.hpp"
#include "gateways/token/issuer.hpp"
#include "gateways/workers/outside.hpp"
#include "projections/ledger/ledger_view.hpp"
#include "projections/resources_view.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace gateways::marketd {

namespace {

constexpr std::size_t reads_waiting_max = 10'000;
constexpr std::chrono::seconds stop_grace{10};
// Of each lane and each view: some 15,000 records, several times what a refill may be late.
constexpr std::size_t kafka_prefetch_bytes = 4 << 20;
constexpr const char* dev_issuer = "marketplace-dev"; // As `marketctl token` has them.
constexpr const char* dev_audience = "marketplace";

std::unique_ptr<bus::Log> open_log(const Options& options) {
    if (options.log == "embedded") {
        bus::embedded::Options embedded;
        embedded.folder = options.data / "log";
        embedded.partitions = options.partitions;
        embedded.notice = [](const std::string& text) {
            log_line(spdlog::level::warn, "log", {{"text", text}});
        };
        return bus::embedded::open(std::move(embedded));
    }
    bus::kafka::Options kafka;
    kafka.brokers = options.kafka_brokers;
    kafka.prefix = options.kafka_prefix;
    kafka.group = options.kafka_group;
    kafka.settings = options.kafka_settings;
    kafka.prefetch_bytes = kafka_prefetch_bytes;
    if (options.partitions != 0) kafka.partitions = options.partitions;
    kafka.log = [](int level, std::string_view text) {
        log_line(level <= 3   ? spdlog::level::err
                 : level <= 4 ? spdlog::level::warn
                              : spdlog::level::debug,
                 "kafka", {{"text", std::string{text}}});
    };
    return bus::kafka::open(std::move(kafka));
}

http::Options http_options(const Options& options) {
    http::Options http;
    const auto colon = options.listen.rfind(':');
    if (colon == std::string::npos)
        throw std::runtime_error{"--listen " + options.listen + " is not address:port"};
    http.address = options.listen.substr(0, colon);
    const std::string port = options.listen.substr(colon + 1);
    try {
        const int number = std::stoi(port);
        if (number < 0 || number > 65535) throw std::out_of_range{port};
        http.port = static_cast<unsigned short>(number);
    } catch (const std::logic_error&) {
        throw std::runtime_error{"--listen " + options.listen + ": " + port + " is no port"};
    }
    http.threads = static_cast<unsigned>(options.http_threads);
    http.connections_max = options.connections_max;
    http.tls_certificate = options.tls_certificate;
    http.tls_key = options.tls_key;
    return http;
}

token::VerifierOptions verifier_options(const Options& options) {
    token::VerifierOptions verifier;
    verifier.environment = options.environment;
    verifier.claims.audience = options.audience;
    verifier.claims.roles_claim = options.roles_claim;
    verifier.claims.tenant_claim = options.tenant_claim;
    verifier.claims.mfa_claim = options.mfa_claim;
    verifier.claims.issuer = options.issuer;
    verifier.keys = options.jwks;
    if (options.dev) {
        // Makes the key when there is none; `marketctl token` signs with it.
        const token::Issuer issuer{options.data / "dev", dev_issuer, dev_audience};
        verifier.claims.issuer = dev_issuer;
        verifier.claims.audience = dev_audience;
        verifier.keys = (options.data / "dev" / token::Issuer::key_set_file).string();
    }
    return verifier;
}

market::WebhookOptions webhook_options(const Options& options, const workers::Outside* outside) {
    market::WebhookOptions webhooks;
    webhooks.tenant = options.tenant;
    if (options.sandbox && outside != nullptr)
        webhooks.stripe_secrets = {outside->sandbox_webhook_secret()};
    else if (!options.stripe_webhook_secret_file.empty())
        webhooks.stripe_secrets = secrets_in(options.stripe_webhook_secret_file);
    webhooks.live = options.stripe_live;
    return webhooks;
}

} // namespace

// One thread that decides, and what it decides with.
struct Lane {
    std::unique_ptr<projections::Store> store;
    std::unique_ptr<projections::Processor> processor;
    std::thread thread;
};

struct Market::Parts {
    explicit Parts(const Options& the_options);
    ~Parts() { end(); }

    void start();
    void end();
    void fail(std::string why);
    void work(Lane& lane);
    void deliver_sandbox_webhooks();
    std::string not_ready() const;
    void read_metrics(metrics::Reading& reading) const;

    const Options options;
    std::unique_ptr<bus::Log> log;
    std::vector<std::unique_ptr<Lane>> lanes;
    std::unique_ptr<market::Catalogue> catalogue;
    std::unique_ptr<projections::Views> views;
    std::unique_ptr<market::Reads> reads;
    std::unique_ptr<market::Seal> seal;
    std::unique_ptr<market::Orders> orders;
    std::unique_ptr<market::ReadSources> read_sources;
    std::unique_ptr<market::EventFeed> feed;
    std::unique_ptr<workers::Outside> outside;
    std::unique_ptr<market::Errands> errands;
    std::unique_ptr<token::Verifier> verifier;
    std::unique_ptr<market::Desk> desk;
    std::unique_ptr<market::Door> door;
    std::unique_ptr<http::Server> server;
    metrics::Metrics metrics;

    mutable std::mutex mutex;
    std::condition_variable ended;
    bool stopping = false, started = false;
    std::string failure;
};

Market::Parts::Parts(const Options& the_options) : options{the_options}, log{open_log(options)} {
    if (options.has_role("views")) {
        std::vector<std::unique_ptr<projections::ViewFold>> folds;
        catalogue = std::make_unique<market::Catalogue>(market_registry());
        folds.push_back(std::make_unique<projections::ResourcesView>(
            market_registry(), [this](std::string_view stream) { catalogue->note(stream); }));
        folds.push_back(std::make_unique<projections::LedgerView>());
        projections::ViewsOptions views_options;
        views_options.cache_bytes = options.view_cache_bytes;
        views = std::make_unique<projections::Views>(*log, options.data / "views", std::move(folds),
                                                     views_options);
        reads = std::make_unique<market::Reads>(*log, *views, market_registry(), reads_waiting_max);
        seal = std::make_unique<market::Seal>(
            options.quote_key_file.empty() ? options.data / "quote.key" : options.quote_key_file);
        orders = std::make_unique<market::Orders>(*views, market_registry(), *catalogue, *seal);
        read_sources = std::make_unique<market::ReadSources>(
            market::ReadSources{*views, market_registry(), *reads, *catalogue, *seal});
        feed = std::make_unique<market::EventFeed>(*log, *views, market_registry());
    }
    if (options.has_workers()) {
        workers::OutsideOptions outside_options;
        outside_options.data = options.data;
        outside_options.sandbox = options.sandbox;
        outside_options.sandbox_at = options.sandbox_at;
        outside_options.stripe_origin = options.stripe_origin;
        outside_options.stripe_key_file = options.stripe_key_file;
        outside_options.grid_origin = options.grid_origin;
        outside_options.grid_token_file = options.grid_token_file;
        outside_options.grid_gateway_domain = options.grid_gateway_domain;
        if (!options.grid_secret_file.empty())
            outside_options.grid_secret = secrets_in(options.grid_secret_file).front();
        outside_options.grid_proxy_origin = options.grid_proxy;
        outside_options.grid_every = std::chrono::seconds{options.grid_seconds};
        outside_options.contracts_every = std::chrono::seconds{options.contracts_seconds};
        outside_options.bills_every = std::chrono::seconds{options.bills_seconds};
        outside_options.tenant = options.tenant;
        outside_options.watch_notice = [](std::string_view watch, std::string_view why) {
            log_line(spdlog::level::warn, "watch",
                     {{"watch", std::string{watch}}, {"reason", std::string{why}}});
        };
        outside_options.notice = [](const projections::TodoItem& item, std::string_view reason) {
            log_line(spdlog::level::warn, "effect not concluded",
                     {{"effect", item.name},
                      {"stream", item.stream},
                      {"kind", item.kind},
                      {"reason", std::string{reason}}});
        };
        outside = std::make_unique<workers::Outside>(std::move(outside_options));
    }
    market::DeskOptions desk_options;
    desk_options.remote = options.log == "kafka" && options.has_role("http");
    desk = std::make_unique<market::Desk>(*log, desk_options,
                                          [this](std::vector<projections::Answer>& answers) {
                                              market::deliver(answers, server.get());
                                          });
    if (options.has_role("processor"))
        for (int number = 0; number < options.lanes; ++number) {
            auto lane = std::make_unique<Lane>();
            lane->store = projections::open_rocksdb_store(
                options.data / "state" / std::to_string(number), market_registry().layout(),
                options.store_cache_bytes);
            projections::ProcessorOptions processor;
            processor.streams_kept_max = options.streams_kept;
            processor.streams_dirty_max = std::max<std::size_t>(options.streams_kept / 2, 1);
            lane->processor = std::make_unique<projections::Processor>(
                *log, options.instance + "/" + std::to_string(number), *lane->store,
                market_registry(), *desk, std::move(processor));
            desk->add(*lane->processor);
            lanes.push_back(std::move(lane));
        }
    if (outside)
        errands = std::make_unique<market::Errands>(market_registry(), *desk,
                                                    [this] { return outside->milliseconds_now(); });
    metrics.add([this](metrics::Reading& reading) { read_metrics(reading); });
    if (options.has_role("http")) {
        verifier = std::make_unique<token::Verifier>(verifier_options(options));
        market::DoorOptions door_options;
        door_options.second_factor_milliseconds = options.mfa_minutes * 60'000;
        if (outside) door_options.milliseconds_now = [this] { return outside->milliseconds_now(); };
        door_options.webhooks = webhook_options(options, outside.get());
        door = std::make_unique<market::Door>(
            door_options, market_registry(), *desk, reads.get(), orders.get(), *verifier,
            market::Door::Health{[this] { return not_ready(); },
                                 [this] { return metrics.text(); }});
        server = std::make_unique<http::Server>(http_options(options), *door);
        door->connect(*server);
        if (feed) {
            door->show(*read_sources, *feed);
            feed->connect(*server);
        }
    }
}

void Market::Parts::start() {
    started = true;
    // The door opens first: /livez is true from now on, /readyz says what is still missing.
    if (server) server->start();
    if (views) views->start();
    if (feed && server) feed->start();
    desk->start();
    if (outside) {
        for (const std::string& address : outside->addresses())
            log_line(spdlog::level::warn, "sandbox: nothing real is paid or deployed",
                     {{"address", address}});
        outside->start(*log, market_registry(), *views, *errands);
        if (options.sandbox) deliver_sandbox_webhooks();
    }
    for (const auto& lane : lanes)
        lane->thread = std::thread{[this, &lane = *lane] { work(lane); }};
}

// To this door, as Stripe would through whatever stands before it.
void Market::Parts::deliver_sandbox_webhooks() {
    if (!options.tls_certificate.empty())
        return log_line(spdlog::level::warn, "sandbox: no webhooks over TLS");
    std::string host = options.listen.substr(0, options.listen.rfind(':'));
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    outside->deliver_webhooks_to("http://" + host + ":" + std::to_string(server->port()) +
                                 std::string{market::stripe_webhook_path});
}

void Market::Parts::work(Lane& lane) {
    while (true) {
        try {
            lane.processor->run();
            return;
        } catch (const std::exception& error) {
            // Deciding on a log that contradicts itself, or without one, helps nobody.
            return fail(error.what());
        }
    }
}

void Market::Parts::fail(std::string why) {
    const std::lock_guard lock{mutex};
    if (failure.empty()) failure = std::move(why);
    stopping = true;
    ended.notify_all();
}

// What came in is finished: the door takes no more, the processors decide what waits, then the
// rest goes.
void Market::Parts::end() {
    if (!started) return;
    started = false;
    if (server) server->stop(stop_grace);
    if (feed) feed->stop();
    if (outside) outside->stop();
    for (const auto& lane : lanes)
        lane->processor->stop();
    for (const auto& lane : lanes)
        if (lane->thread.joinable()) lane->thread.join();
    desk->stop();
    if (views) views->stop();
    if (reads) reads->stop();
}

std::string Market::Parts::not_ready() const {
    std::string reasons;
    const auto add = [&](bool missing, const std::string& reason) {
        if (missing) reasons += reason + "\n";
    };
    {
        const std::lock_guard lock{mutex};
        add(stopping, "stopping");
    }
    const std::string trouble = log->trouble();
    add(!trouble.empty(), "log: " + trouble);
    for (const auto& lane : lanes)
        add(!lane->processor->ready(), "processor: its partitions are not caught up yet");
    if (views) {
        add(!views->caught_up(), "views: not caught up yet");
        add(!views->trouble().empty(), "views: " + views->trouble());
    }
    if (outside) {
        add(!outside->caught_up(), "workers: not caught up yet");
        add(!outside->trouble().empty(), "workers: " + outside->trouble());
    }
    if (verifier) add(!verifier->ready(), "tokens: the key set was never loaded");
    return reasons;
}

void Market::Parts::read_metrics(metrics::Reading& reading) const {
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
        read_processor(lanes[lane]->processor->meter(), lane, reading);
    if (views) read_views(*views, reading);
    if (outside)
        for (const auto& worker : outside->workers())
            read_worker(*worker, reading);
    if (feed)
        reading.gauge("market_event_listeners", "Streams of events that are open.", {},
                      static_cast<double>(feed->listeners()));
    if (outside) outside->read_watches(reading);
    if (door) read_door(door->meter(), server->counts(), reading);
    read_log(*log, reading);
    read_process(reading);
}

Market::Market(const Options& options) : parts_{std::make_unique<Parts>(options)} {}
Market::~Market() = default;

std::string Market::address() const {
    if (!parts_->server) return {};
    const std::string& listen = parts_->options.listen;
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(parts_->server->port());
}

void Market::stop() {
    const std::lock_guard lock{parts_->mutex};
    parts_->stopping = true;
    parts_->ended.notify_all();
}

std::string Market::run() {
    Parts& parts = *parts_;
    parts.start();
    log_line(spdlog::level::info, "listening",
             {{"address", address()}, {"version", MARKETPLACE_VERSION}});
    constexpr std::chrono::milliseconds look_every{20};
    bool told = false;
    {
        std::unique_lock lock{parts.mutex};
        while (!parts.stopping) {
            parts.ended.wait_for(lock, told ? std::chrono::milliseconds{1000} : look_every);
            if (told || parts.stopping) continue;
            lock.unlock();
            told = parts.not_ready().empty();
            if (told) log_line(spdlog::level::info, "ready", {{"address", address()}});
            lock.lock();
        }
    }
    parts.end();
    const std::lock_guard lock{parts.mutex};
    return parts.failure;
}

} // namespace gateways::marketd
