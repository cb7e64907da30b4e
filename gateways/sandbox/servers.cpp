#include "gateways/sandbox/servers.hpp"

#include "gateways/http/client.hpp"
#include "gateways/sandbox/grid/grid_sandbox.hpp"
#include "gateways/sandbox/grid_proxy/grid_proxy_sandbox.hpp"
#include "gateways/sandbox/stripe/stripe_sandbox.hpp"

#include <boost/json.hpp>

#include <condition_variable>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace gateways::sandbox {

namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds look_every{20};
// Less is what an answer takes on its way.
constexpr std::chrono::milliseconds apart_max{50};

} // namespace

std::string Directory::text() const {
    return json::serialize(json::object{{"stripe", stripe},
                                        {"grid", grid},
                                        {"grid_proxy", grid_proxy},
                                        {"stripe_key", stripe_key},
                                        {"webhook_secret", webhook_secret},
                                        {"grid_token", grid_token},
                                        {"gateway_domain", gateway_domain}});
}

Directory Directory::read(const std::filesystem::path& file) {
    std::ifstream in{file};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in) throw std::runtime_error{file.string() + " cannot be read"};
    try {
        const json::value read = json::parse(text);
        const auto field = [&](const char* name) {
            return json::value_to<std::string>(read.as_object().at(name));
        };
        Directory found;
        found.stripe = field("stripe");
        found.grid = field("grid");
        found.grid_proxy = field("grid_proxy");
        found.stripe_key = field("stripe_key");
        found.webhook_secret = field("webhook_secret");
        found.grid_token = field("grid_token");
        found.gateway_domain = field("gateway_domain");
        return found;
    } catch (const std::exception& fault) {
        throw std::runtime_error{file.string() + " is no sandbox's directory: " + fault.what()};
    }
}

struct Servers::Parts {
    std::shared_ptr<Clock> clock = std::make_shared<Clock>();
    Directory directory;
    std::unique_ptr<StripeSandbox> stripe;
    std::unique_ptr<GridSandbox> grid;
    std::unique_ptr<GridProxySandbox> proxy;
};

Servers::Servers(const ServersOptions& options) : parts_{std::make_unique<Parts>()} {
    auto take_port = [&, next = options.first_port](FrontOptions& front) mutable {
        front.address = options.address;
        front.port = next;
        if (next != 0) ++next;
        front.clock = parts_->clock;
    };
    StripeOptions for_stripe;
    take_port(for_stripe.front);
    for_stripe.secret_key = parts_->directory.stripe_key;
    parts_->stripe = std::make_unique<StripeSandbox>(for_stripe);
    GridOptions for_grid;
    take_port(for_grid.front);
    for_grid.desk.token = parts_->directory.grid_token;
    parts_->directory.gateway_domain = for_grid.world.gateway_domain;
    parts_->grid = std::make_unique<GridSandbox>(for_grid);
    GridProxyOptions for_proxy;
    take_port(for_proxy.front);
    for_proxy.nodes = options.nodes;
    for_proxy.chain = [grid = parts_->grid.get()](grid_proxy::Catalogue& catalogue) {
        grid->show(catalogue);
    };
    parts_->proxy = std::make_unique<GridProxySandbox>(for_proxy);
}

Servers::~Servers() { stop(); }

void Servers::start() {
    parts_->stripe->start();
    parts_->grid->start();
    parts_->proxy->start();
    const auto origin = [](unsigned short port) {
        return "http://127.0.0.1:" + std::to_string(port);
    };
    parts_->directory.stripe = origin(parts_->stripe->port());
    parts_->directory.grid = origin(parts_->grid->port());
    parts_->directory.grid_proxy = origin(parts_->proxy->port());
}

void Servers::stop() {
    parts_->stripe->stop();
    parts_->grid->stop();
    parts_->proxy->stop();
}

const std::shared_ptr<Clock>& Servers::clock() const { return parts_->clock; }

const Directory& Servers::directory() const { return parts_->directory; }

struct ClockFollower::Thread {
    Thread(const std::string& origin, Clock& the_clock)
        : client{origin, {.time_max = std::chrono::milliseconds{1000}}}, clock{the_clock} {}

    // Why not; empty when it was.
    std::string look() {
        const auto answer = client.send(http::Verb::get, "/sandbox/clock", {});
        if (!answer) return answer.error().reason;
        try {
            const json::value read = json::parse(answer->body);
            const Time there{
                std::chrono::milliseconds{read.at("milliseconds").to_number<std::int64_t>()}};
            const bool frozen = read.at("frozen").as_bool();
            const auto apart = clock.now() - there;
            if (clock.frozen() != frozen) clock.freeze(frozen);
            if (frozen ? apart.count() != 0 : apart < -apart_max || apart > apart_max)
                clock.set(there);
            return {};
        } catch (const std::exception& fault) {
            return fault.what();
        }
    }

    void run() {
        std::unique_lock lock{mutex};
        while (!stopping) {
            lock.unlock();
            (void)look();
            lock.lock();
            wake.wait_for(lock, look_every, [&] { return stopping; });
        }
    }

    http::Client client;
    Clock& clock;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;
};

ClockFollower::ClockFollower(const std::string& origin)
    : clock_{std::make_shared<Clock>()}, thread_{std::make_unique<Thread>(origin, *clock_)} {
    if (const std::string why = thread_->look(); !why.empty())
        throw std::runtime_error{"the sandbox's clock at " + origin + ": " + why};
    thread_->thread = std::thread{[this] { thread_->run(); }};
}

ClockFollower::~ClockFollower() {
    {
        const std::lock_guard lock{thread_->mutex};
        thread_->stopping = true;
    }
    thread_->wake.notify_all();
    thread_->thread.join();
}

} // namespace gateways::sandbox
