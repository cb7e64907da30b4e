// What deployments ask of the grid, and the to-do list of it.

#pragma once

#include "domain/deployment.hpp"
#include "projections/todo.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gateways::tfgrid {

// To cancel one contract. Several of one event are items of their own, so that one which is stuck
// holds up no other.
struct Release {
    static constexpr std::string_view kind = "grid.release";
    domain::GridContract contract;
};

// To take access away, or to give it back.
struct Access {
    bool open = false;
    std::vector<domain::ServingWorkload> workloads;
};

struct Effect {
    std::string stream; // "deployment-d1"
    std::variant<domain::AttemptStarted, Release, domain::DomainRequested, domain::RestartRequested,
                 domain::ResizeRequested, Access>
        what;

    std::string deployment() const { return stream.substr(stream.find('-') + 1); }
};

// Throws std::runtime_error when the item is none of ours.
Effect effect_of(const projections::TodoItem& item);

class GridTodo final : public projections::TodoFold {
public:
    std::string_view name() const override { return "grid"; }
    std::uint64_t version() const override { return 1; }
    void open(const schemas::EventView& event, std::vector<Opening>& openings) const override;
};

} // namespace gateways::tfgrid
