#include "gateways/market_registry.hpp"

#include "domain/policies/policy.hpp"
#include "schemas/messages.hpp"

namespace gateways {

namespace {

// What follows from an event, as commands of the log.
template <class Aggregate>
std::vector<typename projections::Aggregate<Aggregate>::Policy> policies_of() {
    using Event = typename Aggregate::Event;
    if constexpr (requires(const Event& event, const domain::Cause& cause) {
                      follow_ups(event, cause);
                  })
        return {[](const Event& event, const schemas::EventView& head,
                   projections::PolicySink& sink) {
            const std::string_view id = head.stream.substr(Aggregate::name.size() + 1);
            std::string data;
            for (const domain::FollowUp& one : follow_ups(event, {id, head.id, head.time})) {
                data.clear();
                schemas::write_data(one.command, data);
                sink.command(one.policy, one.step, one.stream, schemas::type_of(one.command), data);
            }
        }};
    else
        return {};
}

} // namespace

const projections::Registry& market_registry() {
    static const projections::Registry registry = [] {
        projections::Registry all;
        boost::mp11::mp_for_each<
            boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>(
            [&](auto type) {
                using Aggregate = typename decltype(type)::type;
                all.add<Aggregate>(policies_of<Aggregate>());
            });
        return all;
    }();
    return registry;
}

} // namespace gateways
