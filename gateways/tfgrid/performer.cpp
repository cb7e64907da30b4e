#include "gateways/tfgrid/performer.hpp"

#include <algorithm>

namespace gateways::tfgrid {

namespace {

using projections::Performed;
using Steady = std::chrono::steady_clock;

Performed again(std::string reason, std::optional<milliseconds> wait, Commands meanwhile) {
    Performed performed;
    performed.kind = Performed::Kind::again;
    performed.reason = std::move(reason);
    performed.wait = wait;
    performed.meanwhile = std::move(meanwhile);
    return performed;
}

} // namespace

GridPerformer::GridPerformer(SidecarDoor& door, GridPerformerOptions options)
    : door_{door}, options_{std::move(options)} {}

void GridPerformer::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
}

bool GridPerformer::pause() {
    std::unique_lock lock{mutex_};
    return !stopped_.wait_for(lock, options_.poll_every, [this] { return stopping_; });
}

// Access that was taken and given back meanwhile must not be taken once more by who comes late.
bool GridPerformer::is_overtaken(const projections::TodoItem& item, const Effect& effect) {
    if (!std::holds_alternative<Access>(effect.what)) return false;
    const std::lock_guard lock{mutex_};
    if (access_at_.size() >= remembered_max) access_at_.clear();
    std::int64_t& latest = access_at_[item.stream];
    if (item.asked.milliseconds < latest) return true;
    latest = item.asked.milliseconds;
    return false;
}

Progress GridPerformer::recall(const std::string& item) {
    const std::lock_guard lock{mutex_};
    const auto found = progress_.find(item);
    return found == progress_.end() ? Progress{} : found->second;
}

void GridPerformer::remember(const std::string& item, Progress progress) {
    const std::lock_guard lock{mutex_};
    if (progress_.size() >= remembered_max) progress_.clear();
    progress_[item] = std::move(progress);
}

Performed GridPerformer::perform(const projections::TodoItem& item) {
    const Effect effect = effect_of(item);
    if (is_overtaken(item, effect)) return {};
    Progress progress = recall(item.name);
    Performed performed = carry_out(item, effect, progress);
    if (performed.kind == Performed::Kind::again) {
        remember(item.name, std::move(progress));
    } else {
        const std::lock_guard lock{mutex_};
        progress_.erase(item.name);
    }
    return performed;
}

Performed GridPerformer::carry_out(const projections::TodoItem& item, const Effect& effect,
                                   Progress& progress) {
    const Standing standing{item.attempts,
                            milliseconds{options_.milliseconds_now() - item.asked.milliseconds}};
    const auto until = Steady::now() + options_.follow_max;
    Verdict verdict = begin(effect, progress, options_.terms, standing);
    while (const auto* ask = std::get_if<Ask>(&verdict)) {
        if (ask->poll && (Steady::now() >= until || !pause()))
            return again("the job runs", options_.follow_on_after, news(effect, progress));
        verdict = conclude(effect, progress, door_.send(ask->request), options_.terms, standing);
    }
    if (const auto* wait = std::get_if<Again>(&verdict)) return again(wait->reason, wait->wait, {});
    Performed performed;
    if (auto* park = std::get_if<Park>(&verdict)) {
        performed.kind = Performed::Kind::parked;
        performed.reason = std::move(park->reason);
    } else {
        performed.commands = std::move(std::get<Conclude>(verdict).commands);
    }
    return performed;
}

} // namespace gateways::tfgrid
