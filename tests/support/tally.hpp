// An aggregate for tests of what moves commands and events: a tally that is added to, and sends
// to others by way of a policy. What is sent anywhere arrives there once, or a promise is broken.

#pragma once

#include "domain/described.hpp"
#include "domain/result.hpp"
#include "domain/time.hpp"
#include "projections/aggregate.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tests {

using boost::describe::operators::operator==;

struct Add {
    static constexpr std::string_view type = "tally.add";
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Add, (), (amount))

struct Send {
    static constexpr std::string_view type = "tally.send";
    std::string to; // A stream.
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Send, (), (to, amount))

// Deciding throws: stands for a bug.
struct Explode {
    static constexpr std::string_view type = "tally.explode";
    std::string why;
};
BOOST_DESCRIBE_STRUCT(Explode, (), (why))

struct Added {
    static constexpr std::string_view type = "tally.added";
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Added, (), (amount))

struct Sent {
    static constexpr std::string_view type = "tally.sent";
    std::string to;
    std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Sent, (), (to, amount))

enum class TallyRejection { not_positive, not_enough };
BOOST_DESCRIBE_ENUM(TallyRejection, not_positive, not_enough)

struct Tally {
    static constexpr std::string_view name = "tally";
    using Command = std::variant<Add, Send, Explode>;
    using Event = std::variant<Added, Sent>;
    using Rejection = TallyRejection;

    std::int64_t amount = 0;
    std::int64_t sent = 0;
};
BOOST_DESCRIBE_STRUCT(Tally, (), (amount, sent))

inline domain::Result<std::vector<Tally::Event>, TallyRejection>
decide(const Tally& tally, const Tally::Command& command, domain::Time) {
    using Events = std::vector<Tally::Event>;
    if (const auto* add = std::get_if<Add>(&command)) {
        if (add->amount < 0) return TallyRejection::not_positive;
        if (add->amount == 0) return Events{}; // Accepted, and nothing happens.
        return Events{Added{add->amount}};
    }
    if (const auto* send = std::get_if<Send>(&command)) {
        if (send->amount <= 0) return TallyRejection::not_positive;
        if (send->amount > tally.amount) return TallyRejection::not_enough;
        return Events{Sent{send->to, send->amount}};
    }
    throw std::runtime_error{std::get<Explode>(command).why};
}

inline Tally evolve(Tally tally, const Tally::Event& event) {
    if (const auto* added = std::get_if<Added>(&event)) tally.amount += added->amount;
    if (const auto* sent = std::get_if<Sent>(&event)) {
        tally.amount -= sent->amount;
        tally.sent += sent->amount;
    }
    return tally;
}

// What was sent is added there.
inline void pass_on(const Tally::Event& event, const schemas::EventView&,
                    projections::PolicySink& sink) {
    const auto* sent = std::get_if<Sent>(&event);
    if (sent == nullptr) return;
    std::string data;
    schemas::write_data(Tally::Command{Add{sent->amount}}, data);
    sink.command("pass-on", "add", sent->to, Add::type, data);
}

inline const projections::Registry& tally_registry() {
    static const projections::Registry registry = [] {
        projections::Registry all;
        all.add<Tally>({pass_on});
        return all;
    }();
    return registry;
}

} // namespace tests
