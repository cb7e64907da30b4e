#include "gateways/workers/outside.hpp"

#include "gateways/http/client.hpp"
#include "gateways/sandbox/servers.hpp"
#include "gateways/tfgrid/performer.hpp"
#include "gateways/workers/payments.hpp"
#include "gateways/workers/watches.hpp"
#include "projections/timers.hpp"

#include <boost/json.hpp>

#include <fstream>

namespace gateways::workers {

using projections::Worker;

namespace {

std::filesystem::path secret_file(const std::filesystem::path& file, const std::string& secret) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << secret;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    return file;
}

} // namespace

struct Outside::Parts {
    explicit Parts(OutsideOptions the_options) : options{std::move(the_options)} {
        if (!options.sandbox) return;
        if (options.sandbox_at.empty()) {
            servers = std::make_unique<sandbox::Servers>();
            servers->start();
            clock = servers->clock();
            directory = servers->directory();
        } else {
            directory = sandbox::Directory::read(options.sandbox_at);
            clock_follower = std::make_unique<sandbox::ClockFollower>(directory.stripe);
            clock = clock_follower->clock();
        }
        const auto folder = options.data / "sandbox";
        options.stripe_origin = directory.stripe;
        options.stripe_key_file = secret_file(folder / "stripe.key", directory.stripe_key);
        options.grid_origin = directory.grid;
        options.grid_token_file = secret_file(folder / "grid.token", directory.grid_token);
        options.grid_gateway_domain = directory.gateway_domain;
        options.grid_secret = directory.grid_token;
        options.grid_proxy_origin = directory.grid_proxy;
    }

    void add(bus::Log& log, projections::Poster& poster, const projections::TodoFold& fold,
             projections::Performer& performer, std::size_t at_once, double per_second) {
        stores.push_back(projections::open_rocksdb_store(
            options.data / "workers" / std::string{fold.name()}, projections::Todo::layout(fold),
            options.store_cache_bytes));
        projections::WorkerOptions worker;
        worker.at_once = at_once;
        worker.per_second = per_second;
        worker.notice = options.notice;
        worker.milliseconds_now = [this] { return now(); };
        workers.push_back(std::make_unique<Worker>(log, fold, *stores.back(), performer, poster,
                                                   std::move(worker)));
    }

    std::int64_t now() const {
        const auto time = clock ? clock->now()
                                : std::chrono::time_point_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now());
        return time.time_since_epoch().count();
    }

    OutsideOptions options;
    std::shared_ptr<sandbox::Clock> clock;
    std::unique_ptr<sandbox::Servers> servers; // Or somebody else's:
    std::unique_ptr<sandbox::ClockFollower> clock_follower;
    sandbox::Directory directory;

    projections::TimersTodo timers_todo;
    projections::TimersPerformer timers;
    PaymentsTodo payments_todo;
    std::unique_ptr<stripe::Transport> stripe_transport;
    std::unique_ptr<PaymentsPerformer> payments;
    tfgrid::GridTodo grid_todo;
    std::unique_ptr<tfgrid::Sidecar> sidecar;
    std::unique_ptr<tfgrid::GridPerformer> grid;

    std::vector<std::unique_ptr<projections::Store>> stores;
    std::vector<std::unique_ptr<Worker>> workers;
    std::unique_ptr<Watches> watches;
};

Outside::Outside(OutsideOptions options) : parts_{std::make_unique<Parts>(std::move(options))} {}

Outside::~Outside() { stop(); }

std::int64_t Outside::milliseconds_now() const { return parts_->now(); }

std::vector<std::string> Outside::addresses() const {
    if (!parts_->clock) return {};
    const sandbox::Directory& directory = parts_->directory;
    return {"stripe " + directory.stripe, "grid " + directory.grid,
            "grid_proxy " + directory.grid_proxy};
}

const std::string& Outside::sandbox_webhook_secret() const {
    return parts_->directory.webhook_secret;
}

void Outside::deliver_webhooks_to(const std::string& url) {
    const std::string endpoints = parts_->directory.stripe + "/sandbox/webhook_endpoints";
    // One that runs elsewhere remembers us from before.
    const auto known = http::get(endpoints, {});
    if (known && known->body.find('"' + url + '"') != std::string::npos) return;
    const boost::json::object endpoint{{"url", url}, {"secret", parts_->directory.webhook_secret}};
    const auto added = http::post(endpoints, boost::json::serialize(endpoint), {});
    if (!added || added->status != 200)
        throw std::runtime_error{"the sandbox's Stripe does not take " + url};
}

void Outside::start(bus::Log& log, const projections::Registry& registry, projections::Views& views,
                    projections::Poster& poster) {
    Parts& parts = *parts_;
    // What the providers bear; the timer posts to ourselves.
    parts.add(log, poster, parts.timers_todo, parts.timers, 1, 2000);
    if (!parts.options.stripe_key_file.empty()) {
        stripe::TransportOptions transport;
        transport.origin = parts.options.stripe_origin;
        transport.key_file = parts.options.stripe_key_file;
        parts.stripe_transport = std::make_unique<stripe::Transport>(transport);
        parts.payments = std::make_unique<PaymentsPerformer>(
            *parts.stripe_transport, log, views, registry, [this] { return parts_->now(); });
        parts.add(log, poster, parts.payments_todo, *parts.payments, 8, 80);
    }
    if (!parts.options.grid_token_file.empty()) {
        tfgrid::SidecarOptions sidecar;
        sidecar.url = parts.options.grid_origin;
        std::ifstream{parts.options.grid_token_file} >> sidecar.token;
        if (sidecar.token.empty())
            throw std::runtime_error{parts.options.grid_token_file.string() + " holds no token"};
        parts.sidecar = std::make_unique<tfgrid::Sidecar>(sidecar);
        tfgrid::GridPerformerOptions grid;
        grid.terms = {parts.options.grid_gateway_domain, parts.options.grid_secret};
        grid.milliseconds_now = [this] { return parts_->now(); };
        if (parts.options.sandbox) grid.poll_every = std::chrono::milliseconds{20};
        parts.grid = std::make_unique<tfgrid::GridPerformer>(*parts.sidecar, std::move(grid));
        parts.add(log, poster, parts.grid_todo, *parts.grid, 8, 50);
    }
    WatchesOptions watches;
    watches.tenant = parts.options.tenant;
    watches.grid_proxy = parts.options.grid_proxy_origin;
    watches.grid_every = parts.options.grid_every;
    watches.contracts_every = parts.options.contracts_every;
    watches.bills_every = parts.options.bills_every;
    watches.milliseconds_now = [this] { return parts_->now(); };
    watches.notice = parts.options.watch_notice;
    parts.watches = std::make_unique<Watches>(std::move(watches), log, views, registry, poster,
                                              parts.sidecar.get());
    for (const auto& worker : parts.workers)
        worker->start();
    parts.watches->start();
}

void Outside::stop() {
    if (parts_->watches) parts_->watches->stop();
    if (parts_->grid) parts_->grid->stop();
    for (const auto& worker : parts_->workers)
        worker->stop();
    if (parts_->servers) parts_->servers->stop();
}

void Outside::read_watches(metrics::Reading& reading) const {
    if (parts_->watches) parts_->watches->read(reading);
}

const std::vector<std::unique_ptr<Worker>>& Outside::workers() const { return parts_->workers; }

bool Outside::caught_up() const {
    return std::ranges::all_of(parts_->workers,
                               [](const auto& worker) { return worker->caught_up(); });
}

std::string Outside::trouble() const {
    for (const auto& worker : parts_->workers)
        if (auto why = worker->trouble(); !why.empty()) return why;
    return {};
}

} // namespace gateways::workers
