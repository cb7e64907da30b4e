#include "domain/effect.hpp"

#include <utility>

namespace domain {

namespace {

using Events = std::vector<EffectEvent>;
using Status = EffectStatus;

bool is_over(const Effect& effect) {
    return effect.status == Status::concluded || effect.status == Status::dropped;
}

EffectDecision handle(const Effect& effect, const ConcludeEffect& command) {
    if (is_over(effect)) return Events{};
    return Events{EffectConcluded{command.effect}};
}

EffectDecision handle(const Effect& effect, const ParkEffect& command) {
    if (is_over(effect) || effect.status == Status::parked) return Events{};
    return Events{
        EffectParked{command.effect, command.worker, command.stream, command.kind, command.reason}};
}

EffectDecision handle(const Effect& effect, const RetryEffect&) {
    if (effect.status != Status::parked) return EffectRejection::not_parked;
    return Events{EffectRetried{effect.effect}};
}

EffectDecision handle(const Effect& effect, const DropEffect& command) {
    if (effect.status != Status::parked) return EffectRejection::not_parked;
    if (command.reason.empty()) return EffectRejection::reason_missing;
    return Events{EffectDropped{effect.effect, command.reason}};
}

void apply(Effect& effect, const EffectConcluded& event) {
    effect.status = Status::concluded;
    effect.effect = event.effect;
}

void apply(Effect& effect, const EffectParked& event) {
    effect.status = Status::parked;
    effect.effect = event.effect;
    effect.worker = event.worker;
    effect.stream = event.stream;
    effect.kind = event.kind;
    effect.reason = event.reason;
    ++effect.parked;
}

void apply(Effect& effect, const EffectRetried&) { effect.status = Status::retried; }

void apply(Effect& effect, const EffectDropped& event) {
    effect.status = Status::dropped;
    effect.reason = event.reason;
}

} // namespace

EffectDecision decide(const Effect& effect, const EffectCommand& command, Time) {
    return std::visit([&](const auto& one) { return handle(effect, one); }, command);
}

Effect evolve(Effect effect, const EffectEvent& event) {
    std::visit([&](const auto& one) { apply(effect, one); }, event);
    return effect;
}

} // namespace domain
