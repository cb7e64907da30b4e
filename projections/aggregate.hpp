// Aggregates as the command processor sees them: without their names. A domain type brings
//
//     struct Payment { static constexpr std::string_view name; using Command, Event, Rejection; };
//     Result<std::vector<Event>, Rejection> decide(const Payment&, const Command&, Time now);
//     Payment evolve(Payment, const Event&);
//
// and Registry::add<Payment>() makes the rest. decide() may take `const ActorId& by` as a fourth
// argument, where it matters who asks, and `std::string_view owner(const Payment&)` says whose it
// is, where somebody owns it. Policies are added beside their aggregate.

#pragma once

#include "domain/id.hpp"
#include "domain/time.hpp"
#include "schemas/codec.hpp"
#include "schemas/envelope.hpp"
#include "schemas/packed.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace projections {

// A command that was read and found well-formed.
class AnyCommand {
public:
    virtual ~AnyCommand() = default;
    virtual std::string_view type() const = 0;
    virtual void write_data(std::string& out) const = 0;
};

// What a policy asks for. The id of the command derives from the event's, the policy and `step`
// (which is unique within one answer of the policy), so that a repeated event asks for nothing
// new.
class PolicySink {
public:
    virtual void command(std::string_view policy, std::string_view step, std::string_view stream,
                         std::string_view type, std::string_view data) = 0;

protected:
    ~PolicySink() = default;
};

// Receives what a command decided, event by event. touch() comes before the first change of
// the state.
class DecisionSink {
public:
    virtual void touch() = 0;
    // Writes the event and returns its envelope, for the policies.
    virtual const schemas::EventView& event(std::string_view type, std::string_view data) = 0;
    virtual PolicySink& policies() = 0;

protected:
    ~DecisionSink() = default;
};

// One stream's state. Knows how to decide and evolve.
class AnyState {
public:
    virtual ~AnyState() = default;
    virtual std::unique_ptr<AnyState> clone() const = 0;
    // Empty when accepted, else the name of the rejection.
    virtual std::string_view decide(const AnyCommand& command, domain::Time now,
                                    std::string_view actor, DecisionSink& sink) = 0;
    // Whose it is: an account, a provider. Empty when nobody's, or not known yet.
    virtual std::string_view owner() const = 0;
    // Where it stands, by its name, for lists; empty when it has no `status`.
    virtual std::string_view status() const = 0;
    // Folds a stored event in. An error says why it cannot be read; then nothing changed.
    virtual boost::system::result<void, schemas::DecodeError> evolve(std::string_view type,
                                                                     const schemas::Json& data) = 0;
    virtual void write(std::string& out) const = 0; // As JSON.
    virtual void pack(std::string& out) const = 0;  // As schemas::pack() does.
};

class AnyAggregate {
public:
    virtual ~AnyAggregate() = default;
    virtual std::string_view name() const = 0;
    virtual std::unique_ptr<AnyState> fresh() const = 0;
    // What pack() wrote, in a program with the same layout. Throws std::runtime_error.
    virtual std::unique_ptr<AnyState> unpack(std::string_view packed) const = 0;
    virtual std::uint64_t layout() const = 0; // Of packed states.
    // Whether AnyState::status() may be this.
    virtual bool has_status(std::string_view name) const = 0;
    virtual schemas::Decoded<std::unique_ptr<AnyCommand>>
    read_command(std::string_view type, const schemas::Json& data,
                 std::string_view where) const = 0;
};

// The domain's functions are found by their arguments; members of the same names would hide
// them.
template <class Domain>
auto decide_command(const Domain& state, const typename Domain::Command& command, domain::Time now,
                    std::string_view actor) {
    if constexpr (requires(const domain::ActorId& by) { decide(state, command, now, by); })
        return decide(state, command, now, domain::ActorId{std::string{actor}});
    else
        return decide(state, command, now);
}
template <class Domain>
std::string_view owner_of(const Domain& state) {
    if constexpr (requires { owner(state); })
        return owner(state);
    else
        return {};
}
// In place where the domain offers it, change(Payment&, const Event&): a state of many fields
// costs as much to move as to change.
template <class Domain>
void evolve_state(Domain& state, const typename Domain::Event& event) {
    if constexpr (requires { change(state, event); })
        change(state, event);
    else
        state = evolve(std::move(state), event);
}

template <class Domain>
class Aggregate final : public AnyAggregate {
public:
    using Command = typename Domain::Command;
    using Event = typename Domain::Event;
    using Policy = std::function<void(const Event&, const schemas::EventView&, PolicySink&)>;

    struct KnownCommand final : AnyCommand {
        explicit KnownCommand(Command known) : value{std::move(known)} {}
        std::string_view type() const override { return schemas::type_of(value); }
        void write_data(std::string& out) const override { schemas::write_data(value, out); }
        Command value;
    };

    class State final : public AnyState {
    public:
        State(const Aggregate& aggregate, Domain state)
            : aggregate_{aggregate}, state_{std::move(state)} {}

        std::unique_ptr<AnyState> clone() const override { return std::make_unique<State>(*this); }

        std::string_view decide(const AnyCommand& command, domain::Time now, std::string_view actor,
                                DecisionSink& sink) override {
            const auto decision =
                decide_command(state_, static_cast<const KnownCommand&>(command).value, now, actor);
            if (!decision)
                return boost::describe::enum_to_string(decision.error(), "unknown_rejection");
            if (decision->empty()) return {};
            sink.touch();
            thread_local std::string data;
            for (const Event& event : *decision) {
                data.clear();
                schemas::write_data(event, data);
                const schemas::EventView& head = sink.event(schemas::type_of(event), data);
                for (const Policy& policy : aggregate_.policies_)
                    policy(event, head, sink.policies());
                evolve_state(state_, event);
            }
            return {};
        }

        boost::system::result<void, schemas::DecodeError>
        evolve(std::string_view type, const schemas::Json& data) override {
            auto event = schemas::read_data<Event>(type, data, schemas::Unknown::skip);
            if (!event) return event.error();
            evolve_state(state_, *event);
            return {};
        }

        std::string_view owner() const override { return owner_of(state_); }
        std::string_view status() const override {
            if constexpr (requires { boost::describe::enum_to_string(state_.status, ""); })
                return boost::describe::enum_to_string(state_.status, "");
            else
                return {};
        }

        void write(std::string& out) const override { schemas::write(state_, out); }
        void pack(std::string& out) const override { schemas::pack(state_, out); }

        const Domain& state() const { return state_; }

    private:
        const Aggregate& aggregate_;
        Domain state_;
    };

    explicit Aggregate(std::vector<Policy> policies) : policies_{std::move(policies)} {}

    std::string_view name() const override { return Domain::name; }
    std::unique_ptr<AnyState> fresh() const override {
        return std::make_unique<State>(*this, Domain{});
    }
    std::unique_ptr<AnyState> unpack(std::string_view packed) const override {
        Domain state;
        schemas::Packed in{packed};
        schemas::unpack(in, state);
        return std::make_unique<State>(*this, std::move(state));
    }
    std::uint64_t layout() const override { return schemas::packed_layout<Domain>(); }
    bool has_status(std::string_view name) const override {
        bool found = false;
        if constexpr (requires(const Domain& state) {
                          boost::describe::enum_to_string(state.status, "");
                      })
            schemas::for_each_name<decltype(Domain::status)>(
                [&](auto known) { found = found || name == known.name; });
        return found;
    }
    schemas::Decoded<std::unique_ptr<AnyCommand>>
    read_command(std::string_view type, const schemas::Json& data,
                 std::string_view where) const override {
        auto command = schemas::read_data<Command>(type, data, schemas::Unknown::refuse, where);
        if (!command) return command.error();
        return std::unique_ptr<AnyCommand>{std::make_unique<KnownCommand>(std::move(*command))};
    }

private:
    const std::vector<Policy> policies_;
};

// All aggregates of a program. Filled at start, then only read, from any thread.
class Registry {
public:
    template <class Domain>
    Registry& add(std::vector<typename Aggregate<Domain>::Policy> policies = {}) {
        aggregates_.push_back(std::make_unique<Aggregate<Domain>>(std::move(policies)));
        return *this;
    }

    // A stream is "<aggregate>-<id>". Null when no aggregate has that name.
    const AnyAggregate* of_stream(std::string_view stream) const {
        return named(stream.substr(0, stream.find('-')));
    }
    const AnyAggregate* named(std::string_view name) const {
        for (const auto& one : aggregates_)
            if (one->name() == name) return one.get();
        return nullptr;
    }

    // Of the rows of all of them: a store of another layout cannot be read.
    std::uint64_t layout() const {
        std::uint64_t all = 0;
        for (const auto& one : aggregates_)
            all = all * 31 + one->layout();
        return all;
    }

private:
    std::vector<std::unique_ptr<AnyAggregate>> aggregates_;
};

} // namespace projections
