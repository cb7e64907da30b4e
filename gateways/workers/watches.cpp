#include "gateways/workers/watches.hpp"

#include "gateways/tfgrid/answers.hpp"
#include "gateways/workers/states.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace gateways::workers {

namespace {

using projections::Poster;
using projections::Resources;
using projections::ResourcesView;

constexpr const char* nodes_watch = "grid-nodes";
constexpr const char* prices_watch = "grid-prices";
constexpr const char* contracts_watch = "grid-contracts";

} // namespace

Watches::Watches(WatchesOptions options, bus::Log& log, projections::Views& views,
                 const projections::Registry& registry, Poster& poster,
                 tfgrid::SidecarDoor* sidecar)
    : options_{std::move(options)},
      log_{log},
      views_{views},
      registry_{registry},
      poster_{poster},
      sidecar_{sidecar} {
    if (!options_.grid_proxy.empty()) {
        tfgrid::GridProxyOptions proxy;
        proxy.url = options_.grid_proxy;
        proxy_ = std::make_unique<tfgrid::GridProxy>(proxy);
        add(nodes_watch, options_.grid_every, [this] { watch_nodes(); });
        bills_ = std::make_unique<BillsWatch>(options_.grid_proxy, views_, registry_, poster_,
                                              options_.milliseconds_now);
        add(BillsWatch::name, options_.bills_every, [this] { bills_->round(); });
    }
    if (sidecar_ != nullptr) {
        add(prices_watch, options_.grid_every, [this] { watch_prices(); });
        add(contracts_watch, options_.contracts_every, [this] { watch_contracts(); });
    }
}

Watches::~Watches() { stop(); }

void Watches::add(std::string name, std::chrono::milliseconds every, std::function<void()> round) {
    RoundsOptions rounds;
    rounds.name = std::move(name);
    rounds.every = every;
    rounds.milliseconds_now = options_.milliseconds_now;
    rounds.mine = [this] { return is_ours_to_do(); };
    rounds.notice = options_.notice;
    rounds_.push_back(std::make_unique<Rounds>(std::move(rounds), std::move(round)));
}

void Watches::start() {
    for (const auto& one : rounds_)
        one->start();
}

void Watches::stop() {
    if (bills_) bills_->stop();
    for (const auto& one : rounds_)
        one->stop();
}

// A view that is behind would make all that is known look new.
bool Watches::is_ours_to_do() const {
    return poster_.owns(bus::partition_of(tfgrid::market_stream, log_.partitions())) &&
           views_.caught_up();
}

void Watches::watch_nodes() {
    tfgrid::GridListing listing;
    listing.our_twin = our_twin();
    auto nodes = proxy_->nodes();
    auto farms = proxy_->farms();
    listing.nodes = std::move(nodes.all);
    listing.farms = std::move(farms.all);
    nodes_seen_ = listing.nodes.size();
    farms_seen_ = listing.farms.size();
    unreadable_ = nodes.unreadable + farms.unreadable;

    const auto rows = views_.rows(ResourcesView::view_name);
    const Resources resources{*rows, registry_};
    for (const std::string& tenant : resources.tenants()) {
        std::vector<tfgrid::KnownProvider> providers;
        each_of<domain::Provider>(resources, tenant,
                                  [&](const std::string& id, const domain::Provider& provider) {
                                      if (!provider.farms.empty())
                                          providers.push_back({{id}, provider});
                                  });
        if (providers.empty()) continue;
        const auto known = [&](const domain::NodeId& node) {
            return state_of<domain::Node>(resources,
                                          std::string{domain::Node::name} + "-" + node.value);
        };
        for (const auto& command : tfgrid::node_news(listing, providers, known, now()))
            post(resources, nodes_watch, tenant, command);
    }
}

void Watches::watch_prices() {
    const tfgrid::GridPrices prices = tfgrid::read_prices(ask("/v1/prices"));
    const auto rows = views_.rows(ResourcesView::view_name);
    const Resources resources{*rows, registry_};
    const auto market = state_of<domain::MarketData>(resources, tfgrid::market_stream);
    for (const auto& command :
         tfgrid::price_news(prices, market.value_or(domain::MarketData{}), now()))
        post(resources, prices_watch, options_.tenant, command);
}

// Contracts first: a deployment that is younger than the list claims more, not less.
void Watches::watch_contracts() {
    const auto contracts = tfgrid::read_contracts(ask("/v1/contracts"));
    const auto rows = views_.rows(ResourcesView::view_name);
    const Resources resources{*rows, registry_};
    std::vector<tfgrid::Claims> claims;
    if (!contracts.empty())
        for (const std::string& tenant : resources.tenants())
            each_of<domain::Deployment>(
                resources, tenant, [&](const std::string&, const domain::Deployment& deployment) {
                    claims.push_back(tfgrid::claims_of(deployment));
                });
    tfgrid::Findings findings = tfgrid::reconcile(contracts, claims, unclaimed_, now());
    for (const auto& command : findings.commands)
        post(resources, contracts_watch, options_.tenant, command);
    contracts_seen_ = contracts.size();
    contracts_unclaimed_ = findings.unclaimed.size();
    contracts_strange_ = findings.strangers.size();
    unclaimed_ = std::move(findings.unclaimed);
}

std::string Watches::ask(std::string path) {
    tfgrid::GridRequest request;
    request.path = std::move(path);
    const tfgrid::GridAnswer answer = sidecar_->send(request);
    if (!answer.answered) throw std::runtime_error{"the sidecar: " + answer.reason};
    if (answer.status != 200)
        throw std::runtime_error{"the sidecar answered " + std::to_string(answer.status)};
    return answer.body;
}

// Until it is known, no node can be told to be ours or another's.
std::int64_t Watches::our_twin() {
    if (twin_ != 0 || sidecar_ == nullptr) return twin_;
    const auto health = boost::json::parse(ask("/v1/healthz"));
    const auto* twin = health.is_object() ? health.get_object().if_contains("twin") : nullptr;
    if (twin == nullptr || !twin->is_int64())
        throw std::runtime_error{"the sidecar does not say whose account it has"};
    return twin_ = twin->get_int64();
}

void Watches::post(const Resources& resources, std::string_view watch, std::string tenant,
                   const projections::PostedCommand& command) {
    projections::TodoItem item;
    item.name.append("grid/").append(watch).append("/1"); // The middle is who asks.
    item.tenant = std::move(tenant);
    std::uint64_t version = 0;
    if (const auto row = resources.row(command.stream)) {
        version = row->head.version;
        item.tenant = row->head.tenant;
    }
    const auto says = schemas::fingerprint(command.type, command.data);
    const std::string id = "watch/" + command.stream + "@" + std::to_string(version) + "/" +
                           std::string{says.begin(), says.end()};
    ++posted_;
    poster_.post(item, id, command,
                 [this, watch = std::string{watch}, what = command.type + " of " + command.stream](
                     Poster::Told told, const std::string& rejection) {
                     // The next round says it again.
                     if (told == Poster::Told::repeated || told == Poster::Told::not_now) return;
                     if (rejection.empty()) return;
                     ++refused_;
                     if (options_.notice) options_.notice(watch, what + " refused: " + rejection);
                 });
}

void Watches::read(metrics::Reading& reading) const {
    for (const auto& one : rounds_) {
        const metrics::Labels labels{{"watch", one->name()}};
        const RoundsMeter& meter = one->meter();
        reading.counter("market_watch_rounds_total", "Looks at the outside that went well.", labels,
                        static_cast<double>(meter.done));
        reading.counter("market_watch_failures_total", "Looks at the outside that failed.", labels,
                        static_cast<double>(meter.failed));
        reading.gauge("market_watch_last_success_timestamp_seconds",
                      "When a look went well, in the marketplace's time; 0: not yet.", labels,
                      static_cast<double>(meter.last_success) * 1e-3);
    }
    const auto gauge = [&](const char* name, const char* help, const auto& value) {
        reading.gauge(name, help, {}, static_cast<double>(value));
    };
    if (bills_) bills_->read(reading);
    if (proxy_) {
        gauge("market_grid_nodes", "Nodes that the grid proxy showed last.", nodes_seen_);
        gauge("market_grid_farms", "Farms that the grid proxy showed last.", farms_seen_);
        gauge("market_grid_unreadable", "Nodes and farms that could not be read last.",
              unreadable_);
    }
    if (sidecar_ != nullptr) {
        gauge("market_grid_contracts", "Contracts of our account on the grid.", contracts_seen_);
        gauge("market_grid_contracts_unclaimed", "Those that no deployment claims.",
              contracts_unclaimed_);
        gauge("market_grid_contracts_unknown", "Those that no deployment can have made.",
              contracts_strange_);
    }
    reading.counter("market_watch_commands_total", "Commands posted because of what was seen.", {},
                    static_cast<double>(posted_));
    reading.counter("market_watch_commands_refused_total", "Those that were refused.", {},
                    static_cast<double>(refused_));
}

} // namespace gateways::workers
