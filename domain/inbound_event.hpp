// A message from outside (a webhook, a record of a feed), kept before it is believed.
//
//     received --> applied
//        \--> parked --> (tried again) --> applied | parked
//
// The stream "<source>.<id of the message>" names it, so that the same message that comes twice
// meets itself. Whether a signature is good is checked at the door; what follows from that, from
// an old timestamp, or from a message of another mode, is decided here. The body is kept in the
// event alone; personal data in it is encrypted at the door.

#pragma once

#include "domain/inbound_event_messages.hpp"
#include "domain/result.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::size_t inbound_body_max = 64 * 1024; // Bytes.
// How far a signed timestamp may be from the moment of arrival.
inline constexpr std::chrono::milliseconds inbound_tolerance = std::chrono::minutes{5};
// How long a parked message waits before each next try; then it is for a person.
inline constexpr std::array<std::chrono::milliseconds, 5> inbound_retries{
    std::chrono::minutes{1}, std::chrono::minutes{10}, std::chrono::hours{1}, std::chrono::hours{6},
    std::chrono::hours{24}};

// `none`: never received.
enum class InboundEventStatus { none, received, parked, applied };
BOOST_DESCRIBE_ENUM(InboundEventStatus, none, received, parked, applied)

struct InboundEvent {
    static constexpr std::string_view name = "inbound_event";
    using Command = InboundEventCommand;
    using Event = InboundEventEvent;
    using Rejection = InboundEventRejection;

    InboundEventStatus status = InboundEventStatus::none;
    std::string source;
    std::string kind;
    Time received_at;
    std::uint32_t attempts = 0;        // Which failed.
    std::optional<std::string> reason; // Why the last one did.
    std::optional<Time> retry_at;
};
BOOST_DESCRIBE_STRUCT(InboundEvent, (),
                      (status, source, kind, received_at, attempts, reason, retry_at))

inline bool exists(const InboundEvent& message) {
    return message.status != InboundEventStatus::none;
}

// No events: accepted, and nothing changes.
using InboundEventDecision = Result<std::vector<InboundEventEvent>, InboundEventRejection>;

InboundEventDecision decide(const InboundEvent& message, const InboundEventCommand& command,
                            Time now);
InboundEvent evolve(InboundEvent message, const InboundEventEvent& event);

} // namespace domain
