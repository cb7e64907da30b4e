// Reads as the rule it checks:
//
//     given<Payment>({requested}).when(CapturePayment{...}).then({CaptureRequested{...}});

#pragma once

#include "domain/time.hpp"
#include "schemas/codec.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <gtest/gtest.h>

#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace tests {

using Place = std::source_location;

// 2027-01-15T08:00:00.000Z, for what does not depend on it.
inline constexpr domain::Time some_time{1'800'000'000'000};

// Events as they stand on the wire, where every field has its name.
template <class Event>
std::string print(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        text.append("\n  ").append(schemas::type_of(event)).append(" ");
        schemas::write_data(event, text);
    }
    return text.empty() ? " nothing" : text;
}

template <class Decision>
class Outcome {
public:
    using Events = typename Decision::value_type;
    using Reason = typename Decision::error_type;

    explicit Outcome(Decision decision) : decision_{std::move(decision)} {}

    void then(const Events& expected, Place test = Place::current()) const {
        const testing::ScopedTrace trace{test.file_name(), static_cast<int>(test.line()), "then"};
        ASSERT_TRUE(decision_) << "rejected: " << name(decision_.error());
        EXPECT_TRUE(*decision_ == expected)
            << "decided:" << print(*decision_) << "\nexpected:" << print(expected);
    }

    void then_nothing(Place test = Place::current()) const { then({}, test); }

    void then_rejected(Reason expected, Place test = Place::current()) const {
        const testing::ScopedTrace trace{test.file_name(), static_cast<int>(test.line()), "then"};
        ASSERT_FALSE(decision_) << "decided:" << print(*decision_);
        EXPECT_EQ(name(decision_.error()), name(expected));
    }

private:
    static std::string name(Reason reason) { return boost::describe::enum_to_string(reason, "?"); }

    Decision decision_;
};

template <class State>
class Given {
public:
    explicit Given(State state) : state_{std::move(state)} {}

    template <class Command>
    auto when(const Command& command, domain::Time now = some_time) const {
        return Outcome{decide(state_, command, now)};
    }

    const State& state() const { return state_; }

private:
    State state_;
};

template <class State>
Given<State> given(const std::vector<typename State::Event>& history) {
    State state;
    for (const auto& event : history)
        state = evolve(std::move(state), event);
    return Given<State>{std::move(state)};
}

} // namespace tests
