// The timer: a worker whose outside is the clock. Events set deadlines, and when one has come its
// command is posted. Nothing is taken back: who gets the command judges it by its state.

#pragma once

#include "projections/worker.hpp"

namespace projections {

class TimersTodo final : public TodoFold {
public:
    std::string_view name() const override { return "timers"; }
    std::uint64_t version() const override { return 1; }
    void open(const schemas::EventView& event, std::vector<Opening>& openings) const override;
};

class TimersPerformer final : public Performer {
public:
    Performed perform(const TodoItem& item) override;
};

} // namespace projections
