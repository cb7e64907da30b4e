#include "domain/inbound_event.hpp"

#include <utility>

namespace domain {

namespace {

using Events = std::vector<InboundEventEvent>;
using Rejection = InboundEventRejection;
using Status = InboundEventStatus;

// An initializer list would copy the event.
template <class Event>
InboundEventDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

InboundEventDecision nothing() { return Events{}; }

bool is_outside(Time signed_at, Time received_at) {
    const auto tolerance = inbound_tolerance.count();
    return signed_at.milliseconds < received_at.milliseconds - tolerance ||
           signed_at.milliseconds > received_at.milliseconds + tolerance;
}

InboundEventDecision handle(const InboundEvent& message, const ReceiveInboundEvent& command, Time) {
    // Sources repeat themselves, also long after the first time.
    if (exists(message)) return nothing();
    if (!command.signature_valid) return Rejection::signature_invalid;
    if (command.signed_at && is_outside(*command.signed_at, command.received_at))
        return Rejection::timestamp_outside;
    if (command.live != command.live_expected) return Rejection::mode_mismatch;
    if (command.source.empty()) return Rejection::source_missing;
    if (command.kind.empty()) return Rejection::kind_missing;
    if (command.body.empty()) return Rejection::body_missing;
    if (command.body.size() > inbound_body_max) return Rejection::body_too_large;
    return decided(
        InboundEventReceived{command.source, command.kind, command.body, command.received_at});
}

InboundEventDecision handle(const InboundEvent& message, const ApplyInboundEvent&, Time) {
    if (message.status == Status::applied) return nothing();
    return decided(InboundEventApplied{message.source, message.kind});
}

InboundEventDecision handle(const InboundEvent& message, const ParkInboundEvent& command,
                            Time now) {
    if (command.reason.empty()) return Rejection::reason_missing;
    const std::uint32_t attempt = command.attempt.value_or(message.attempts + 1);
    if (attempt == 0 || attempt > message.attempts + 1) return Rejection::attempt_unknown;
    if (message.status == Status::applied || attempt <= message.attempts) return nothing();
    InboundEventParked parked{message.source, message.kind, attempt, command.reason, std::nullopt};
    if (attempt <= inbound_retries.size())
        parked.retry_at = Time{now.milliseconds + inbound_retries[attempt - 1].count()};
    return decided(std::move(parked));
}

void apply(InboundEvent& message, const InboundEventReceived& event) {
    message.status = Status::received;
    message.source = event.source;
    message.kind = event.kind;
    message.received_at = event.received_at;
}

void apply(InboundEvent& message, const InboundEventApplied&) {
    message.status = Status::applied;
    message.reason.reset();
    message.retry_at.reset();
}

void apply(InboundEvent& message, const InboundEventParked& event) {
    message.status = Status::parked;
    message.attempts = event.attempt;
    message.reason = event.reason;
    message.retry_at = event.retry_at;
}

} // namespace

InboundEventDecision decide(const InboundEvent& message, const InboundEventCommand& command,
                            Time now) {
    if (!exists(message) && !std::holds_alternative<ReceiveInboundEvent>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(message, one, now); }, command);
}

InboundEvent evolve(InboundEvent message, const InboundEventEvent& event) {
    std::visit([&](const auto& one) { apply(message, one); }, event);
    return message;
}

} // namespace domain
