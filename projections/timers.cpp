#include "projections/timers.hpp"

#include "domain/policies/deadlines.hpp"
#include "schemas/messages.hpp"

namespace projections {

namespace {

// What is kept of a deadline until it has come.
struct DueCommand {
    std::string stream;
    std::string type;
    std::string data; // JSON
};
BOOST_DESCRIBE_STRUCT(DueCommand, (), (stream, type, data))

template <class Aggregate>
void open_for(const schemas::EventView& event, std::vector<TodoFold::Opening>& openings) {
    using Event = typename Aggregate::Event;
    if constexpr (requires(const Event& happened, const domain::Cause& cause) {
                      deadlines(happened, cause);
                  }) {
        const auto happened =
            schemas::read_data<Event>(event.type, event.data, schemas::Unknown::skip);
        if (!happened) return; // Who decides cannot read it either, and says so.
        const domain::Cause cause{event.stream.substr(Aggregate::name.size() + 1), event.id,
                                  event.time};
        for (const domain::Deadline& one : deadlines(*happened, cause)) {
            DueCommand command{one.stream, std::string{schemas::type_of(one.command)}, {}};
            schemas::write_data(one.command, command.data);
            TodoFold::Opening opening;
            opening.step = one.purpose;
            opening.kind = command.type;
            schemas::write(command, opening.data);
            opening.due = one.due;
            openings.push_back(std::move(opening));
        }
    }
}

} // namespace

void TimersTodo::open(const schemas::EventView& event, std::vector<Opening>& openings) const {
    const std::string_view name = event.stream.substr(0, event.stream.find('-'));
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Aggregate = typename decltype(type)::type;
        if (name == Aggregate::name) open_for<Aggregate>(event, openings);
    });
}

Performed TimersPerformer::perform(const TodoItem& item) {
    const auto command =
        schemas::read_text<DueCommand>(item.data, schemas::Unknown::refuse, item.data.size());
    Performed performed;
    if (!command) {
        performed.kind = Performed::Kind::parked;
        performed.reason = command.error().where + " " + command.error().problem;
        return performed;
    }
    performed.commands.push_back({command->stream, command->type, command->data});
    return performed;
}

} // namespace projections
