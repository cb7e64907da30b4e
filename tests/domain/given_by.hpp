// For aggregates that have to know who asks:
//
//     given_by<Account>(staff, {registered}).when(GrantRole{...}).then({RoleGranted{...}});

#pragma once

#include "domain/id.hpp"
#include "tests/support/given.hpp"

#include <utility>
#include <vector>

namespace domain {

template <class State>
class GivenBy {
public:
    GivenBy(ActorId by, State state) : by_{std::move(by)}, state_{std::move(state)} {}

    template <class Command>
    auto when(const Command& command, Time now = tests::some_time) const {
        return tests::Outcome{decide(state_, typename State::Command{command}, now, by_)};
    }

    const State& state() const { return state_; }

private:
    ActorId by_;
    State state_;
};

template <class State>
GivenBy<State> given_by(const ActorId& by, const std::vector<typename State::Event>& history) {
    return {by, tests::given<State>(history).state()};
}

} // namespace domain
