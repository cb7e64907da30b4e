#include "gateways/workers/bills_watch.hpp"

#include "gateways/tfgrid/posted.hpp"
#include "gateways/workers/states.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace gateways::workers {

namespace {

using projections::Poster;
using projections::Resources;
using projections::ResourcesView;

// For commands that were posted together.
constexpr std::chrono::seconds decided_within{60};

tfgrid::GridProxyOptions proxy_at(const std::string& origin) {
    tfgrid::GridProxyOptions options;
    options.url = origin;
    return options;
}

} // namespace

// What has become of commands. Outlives who waits for them, because an answer may come late.
struct BillsWatch::Decided {
    std::mutex mutex;
    std::condition_variable all;
    std::size_t waiting = 0;
    std::string trouble; // Why one was not decided, or how it was refused.
};

BillsWatch::BillsWatch(const std::string& grid_proxy, projections::Views& views,
                       const projections::Registry& registry, Poster& poster,
                       std::function<std::int64_t()> milliseconds_now)
    : proxy_{proxy_at(grid_proxy)},
      views_{views},
      registry_{registry},
      poster_{poster},
      milliseconds_now_{std::move(milliseconds_now)} {}

std::vector<BillsWatch::Found> BillsWatch::due(domain::Time now) const {
    std::vector<Found> found;
    const auto rows = views_.rows(ResourcesView::view_name);
    const Resources resources{*rows, registry_};
    for (const std::string& tenant : resources.tenants())
        each_of<domain::Deployment>(
            resources, tenant, [&](const std::string& id, const domain::Deployment& deployment) {
                for (const domain::ClaimedContract& one : deployment.contracts) {
                    const tfgrid::BilledContract contract{
                        one.is.contract, domain::DeploymentId{id}, one.is.kind,
                        one.status == domain::GridContractStatus::live};
                    auto usage =
                        state_of<domain::Usage>(resources, "usage-" + one.is.contract.value);
                    const auto looked = looked_.find(one.is.contract.value);
                    if (!usage) usage.emplace();
                    if (tfgrid::is_worth_a_look(
                            *usage, contract,
                            looked == looked_.end() ? std::nullopt : std::optional{looked->second},
                            now))
                        found.push_back({tenant, contract, std::move(*usage)});
                }
            });
    return found;
}

// The time is taken first: an hour that is over by then is a gap only of a contract that was live
// after it, and has no bill when it is looked for still later.
void BillsWatch::round() {
    const domain::Time now{milliseconds_now_()};
    std::erase_if(looked_, [&](const auto& one) {
        return now.milliseconds - one.second.milliseconds > tfgrid::late_bills_every.count();
    });
    std::size_t unread = 0;
    std::string why;
    for (Found& found : due(now)) {
        if (stopping_) break;
        try {
            look(found, now);
        } catch (const std::exception& error) {
            ++unread;
            if (why.empty())
                why = "contract " + found.contract.contract.value + ": " + error.what();
        }
    }
    unread_ = unread;
    if (unread > 0) throw std::runtime_error{why};
}

void BillsWatch::look(Found& found, domain::Time now) {
    const domain::ContractId& contract = found.contract.contract;
    std::optional<domain::Time> since;
    if (found.usage.bills_forgotten) since = found.usage.bills.front().timestamp;
    const auto bills = proxy_.bills(contract, since);
    std::optional<domain::Time> created;
    if (!found.usage.last_bill) created = proxy_.created(contract);
    // As many at a time as the usage can still tell apart.
    for (auto commands = tfgrid::bill_news(found.contract, bills, found.usage, created, now);
         !commands.empty();
         commands = tfgrid::bill_news(found.contract, bills, found.usage, created, now)) {
        tell(found, commands);
        for (const domain::UsageCommand& command : commands)
            if (const auto events = domain::decide(found.usage, command, now))
                for (const domain::UsageEvent& event : *events)
                    found.usage = domain::evolve(std::move(found.usage), event);
    }
    if (found.usage.status == domain::UsageStatus::closed) looked_[contract.value] = now;
}

void BillsWatch::tell(const Found& found, const std::vector<domain::UsageCommand>& commands) {
    const auto decided = std::make_shared<Decided>();
    decided->waiting = commands.size();
    projections::TodoItem item;
    item.name.append("grid/").append(name).append("/1"); // The middle is who asks.
    item.tenant = found.tenant;
    for (const domain::UsageCommand& command : commands) {
        const auto posted = std::visit(
            [&](const auto& one) {
                return tfgrid::posted("usage-" + found.contract.contract.value, one);
            },
            command);
        ++(std::holds_alternative<domain::RecordChainBill>(command) ? bills_ : gaps_);
        poster_.post(
            item, tfgrid::command_id(found.contract.contract, command), posted,
            [decided, type = posted.type](Poster::Told told, const std::string& rejection) {
                const std::lock_guard lock{decided->mutex};
                if (told == Poster::Told::not_now || told == Poster::Told::impossible ||
                    !rejection.empty())
                    decided->trouble = type + ": " + rejection;
                if (--decided->waiting == 0) decided->all.notify_all();
            });
    }
    std::unique_lock lock{decided->mutex};
    if (!decided->all.wait_for(lock, decided_within, [&] { return decided->waiting == 0; }))
        throw std::runtime_error{"commands are not decided"};
    if (!decided->trouble.empty()) throw std::runtime_error{decided->trouble};
}

void BillsWatch::read(metrics::Reading& reading) const {
    reading.counter("market_grid_bills_total", "Bills of the chain that were posted.", {},
                    static_cast<double>(bills_));
    reading.counter("market_grid_bill_gaps_total", "Hours without a bill that were posted.", {},
                    static_cast<double>(gaps_));
    reading.gauge("market_grid_contracts_unread",
                  "Contracts whose bills could not be had in the last round.", {},
                  static_cast<double>(unread_));
}

} // namespace gateways::workers
