// What became of an effect that no aggregate's own fact concludes, or that nobody can conclude
// without help. An effect is asked for by an event and carried out by a worker; most end with a
// Record... command to the aggregate that asked. The stream is named after the effect.
//
//     concluded        parked --> retried --> concluded | parked
//                          \----> dropped

#pragma once

#include "domain/described.hpp"
#include "domain/result.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// Nothing is left to do, and nobody has to be told.
struct ConcludeEffect {
    static constexpr std::string_view type = "effect.conclude";
    std::string effect; // Its whole name: the event's id, the worker, the step.
};
BOOST_DESCRIBE_STRUCT(ConcludeEffect, (), (effect))

// Trying again would not help: a person has to look.
struct ParkEffect {
    static constexpr std::string_view type = "effect.park";
    std::string effect;
    std::string worker;
    std::string stream; // Which asked for it.
    std::string kind;   // The event's type.
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ParkEffect, (), (effect, worker, stream, kind, reason))

struct RetryEffect {
    static constexpr std::string_view type = "effect.retry";
};
BOOST_DESCRIBE_STRUCT(RetryEffect, (), ())

// It was concluded by hand, or shall never be.
struct DropEffect {
    static constexpr std::string_view type = "effect.drop";
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(DropEffect, (), (reason))

using EffectCommand = std::variant<ConcludeEffect, ParkEffect, RetryEffect, DropEffect>;

struct EffectConcluded {
    static constexpr std::string_view type = "effect.concluded";
    std::string effect;
};
BOOST_DESCRIBE_STRUCT(EffectConcluded, (), (effect))

struct EffectParked {
    static constexpr std::string_view type = "effect.parked";
    std::string effect;
    std::string worker;
    std::string stream;
    std::string kind;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(EffectParked, (), (effect, worker, stream, kind, reason))

struct EffectRetried {
    static constexpr std::string_view type = "effect.retried";
    std::string effect;
};
BOOST_DESCRIBE_STRUCT(EffectRetried, (), (effect))

struct EffectDropped {
    static constexpr std::string_view type = "effect.dropped";
    std::string effect;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(EffectDropped, (), (effect, reason))

using EffectEvent = std::variant<EffectConcluded, EffectParked, EffectRetried, EffectDropped>;

enum class EffectRejection { not_parked, reason_missing };
BOOST_DESCRIBE_ENUM(EffectRejection, not_parked, reason_missing)

enum class EffectStatus { none, parked, retried, dropped, concluded };
BOOST_DESCRIBE_ENUM(EffectStatus, none, parked, retried, dropped, concluded)

struct Effect {
    static constexpr std::string_view name = "effect";
    using Command = EffectCommand;
    using Event = EffectEvent;
    using Rejection = EffectRejection;

    EffectStatus status = EffectStatus::none;
    std::string effect;
    std::string worker;
    std::string stream;
    std::string kind;
    std::string reason;
    std::uint32_t parked = 0; // How often.
};
BOOST_DESCRIBE_STRUCT(Effect, (), (status, effect, worker, stream, kind, reason, parked))

using EffectDecision = Result<std::vector<EffectEvent>, EffectRejection>;

EffectDecision decide(const Effect& effect, const EffectCommand& command, Time now);
Effect evolve(Effect effect, const EffectEvent& event);

} // namespace domain
