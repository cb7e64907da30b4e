// What can be asked of an inbound event, what can happen to it, and why it is refused. Stored names
// are never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace domain {

// Commands.

struct ReceiveInboundEvent {
    static constexpr std::string_view type = "inbound_event.receive";
    std::string source; // "stripe", "bridge", "horizon".
    std::string kind;   // "charge.updated", in the source's word.
    std::string body;
    Time received_at;
    // Found by the door.
    bool signature_valid = false;
    std::optional<Time> signed_at; // Absent: the source signs no time.
    bool live = false;             // The message is about real money.
    bool live_expected = false;    // So are we.
};
BOOST_DESCRIBE_STRUCT(ReceiveInboundEvent, (),
                      (source, kind, body, received_at, signature_valid, signed_at, live,
                       live_expected))

// What it says was carried out.
struct ApplyInboundEvent {
    static constexpr std::string_view type = "inbound_event.apply";
};
BOOST_DESCRIBE_STRUCT(ApplyInboundEvent, (), ())

// It could not be carried out.
struct ParkInboundEvent {
    static constexpr std::string_view type = "inbound_event.park";
    std::string reason;
    std::optional<std::uint32_t> attempt; // Which failed: 1, 2, 3 ...; absent: the next.
};
BOOST_DESCRIBE_STRUCT(ParkInboundEvent, (), (reason, attempt))

using InboundEventCommand = std::variant<ReceiveInboundEvent, ApplyInboundEvent, ParkInboundEvent>;

// Events.

struct InboundEventReceived {
    static constexpr std::string_view type = "inbound_event.received";
    std::string source;
    std::string kind;
    std::string body;
    Time received_at;
};
BOOST_DESCRIBE_STRUCT(InboundEventReceived, (), (source, kind, body, received_at))

struct InboundEventApplied {
    static constexpr std::string_view type = "inbound_event.applied";
    std::string source;
    std::string kind;
};
BOOST_DESCRIBE_STRUCT(InboundEventApplied, (), (source, kind))

struct InboundEventParked {
    static constexpr std::string_view type = "inbound_event.parked";
    std::string source;
    std::string kind;
    std::uint32_t attempt = 0;
    std::string reason;
    std::optional<Time> retry_at; // Absent: it is for a person.
};
BOOST_DESCRIBE_STRUCT(InboundEventParked, (), (source, kind, attempt, reason, retry_at))

using InboundEventEvent =
    std::variant<InboundEventReceived, InboundEventApplied, InboundEventParked>;

// Clients see the name. Each says what would have to be otherwise.
enum class InboundEventRejection {
    not_found, // Never received.
    source_missing,
    kind_missing,
    body_missing,
    body_too_large,
    signature_invalid,
    timestamp_outside,
    mode_mismatch,
    reason_missing,
    attempt_unknown,
};
BOOST_DESCRIBE_ENUM(InboundEventRejection, not_found, source_missing, kind_missing, body_missing,
                    body_too_large, signature_invalid, timestamp_outside, mode_mismatch,
                    reason_missing, attempt_unknown)

} // namespace domain
