#include "tests/domain/policies/story.hpp"

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <set>

namespace domain::stories {

namespace {

template <class Variant, class One>
constexpr bool has_alternative = boost::mp11::mp_contains<Variant, One>::value;

// As a command of the aggregate that knows it.
template <class Command, std::size_t place = 0>
StoryCommand story_command(const Command& command) {
    using Commands = std::variant_alternative_t<place, StoryCommand>;
    if constexpr (has_alternative<Commands, Command>)
        return Commands{command};
    else
        return story_command<Command, place + 1>(command);
}

StoryCommand story_command(const PolicyCommand& command) {
    return std::visit([](const auto& one) { return story_command(one); }, command);
}

} // namespace

Story::Story(std::uint32_t seed) : seed_{seed}, draw_{seed} {}

template <class Aggregate>
std::string Story::decide_one(const std::string& id, const typename Aggregate::Command& command,
                              const std::string& by) {
    Aggregate& state = std::get<std::map<std::string, Aggregate>>(states_)[id];
    const auto decision = [&] {
        if constexpr (requires { decide(state, command, now_, ActorId{}); })
            return decide(state, command, now_, ActorId{by});
        else
            return decide(state, command, now_);
    }();
    if (!decision) return boost::describe::enum_to_string(decision.error(), "?");
    const std::string stream = std::string{Aggregate::name} + "-" + id;
    for (const auto& event : *decision) {
        const std::string name = "event-" + std::to_string(++events_seen_);
        const Cause cause{id, name, now_};
        if constexpr (requires { follow_ups(event, cause); }) {
            std::set<std::pair<std::string_view, std::string>> steps;
            for (FollowUp& one : follow_ups(event, cause)) {
                EXPECT_TRUE(steps.insert({one.policy, one.step}).second)
                    << one.policy << " repeats " << one.step;
                pending_.push_back(std::move(one));
            }
        }
        if constexpr (requires { deadlines(event, cause); }) {
            std::set<std::string_view> purposes;
            for (Deadline& one : deadlines(event, cause)) {
                EXPECT_TRUE(purposes.insert(one.purpose).second) << one.purpose << " is repeated";
                deadlines_.push_back(std::move(one));
            }
        }
        state = evolve(std::move(state), event);
        events_[stream].push_back(event);
    }
    return {};
}

std::string Story::carry_out(const std::string& stream, const StoryCommand& command,
                             const std::string& by) {
    std::string reason;
    const auto try_one = [&]<class Aggregate>(const Aggregate*) {
        const std::string prefix = std::string{Aggregate::name} + "-";
        const auto* its_own = std::get_if<typename Aggregate::Command>(&command);
        if (its_own == nullptr) return;
        ASSERT_TRUE(stream.starts_with(prefix)) << stream << " is asked as a " << prefix;
        ASSERT_GT(stream.size(), prefix.size());
        reason = decide_one<Aggregate>(stream.substr(prefix.size()), *its_own, by);
    };
    std::apply(
        [&]<class... Maps>(const Maps&...) {
            (try_one(static_cast<const typename Maps::mapped_type*>(nullptr)), ...);
        },
        states_);
    return reason;
}

void Story::drain() {
    while (!pending_.empty()) {
        auto next = pending_.begin();
        if (seed_ != 0) {
            const std::string stream = pending_[draw_() % pending_.size()].stream;
            next = std::ranges::find(pending_, stream, &FollowUp::stream);
        }
        const FollowUp one = std::move(*next);
        pending_.erase(next);
        const std::string reason =
            carry_out(one.stream, story_command(one.command), std::string{one.policy});
        if (reason.empty()) continue;
        const std::string_view type =
            std::visit([](const auto& command) { return command.type; }, one.command);
        refusals_.push_back(one.stream + " " + std::string{type} + " " + reason);
    }
}

void Story::tell(const std::string& stream, const StoryCommand& command) {
    EXPECT_EQ(refusal(stream, command), "") << stream;
}

std::string Story::refusal(const std::string& stream, const StoryCommand& command) {
    std::string reason = carry_out(stream, command, "somebody");
    drain();
    return reason;
}

void Story::advance_to(Time time) {
    for (;;) {
        const auto next = std::ranges::min_element(deadlines_, {}, &Deadline::due);
        if (next == deadlines_.end() || next->due > time) break;
        const Deadline one = std::move(*next);
        deadlines_.erase(next);
        now_ = std::max(now_, one.due);
        const std::string reason =
            carry_out(one.stream, story_command(one.command), std::string{one.purpose});
        if (!reason.empty()) {
            const std::string_view type =
                std::visit([](const auto& command) { return command.type; }, one.command);
            refusals_.push_back(one.stream + " " + std::string{type} + " " + reason);
        }
        drain();
    }
    now_ = time;
}

std::vector<std::string> Story::history(const std::string& stream) const {
    std::vector<std::string> types;
    const auto all = events_.find(stream);
    if (all == events_.end()) return types;
    for (const Events& event : all->second)
        std::visit(
            [&](const auto& one) {
                const std::string_view type = schemas::type_of(one);
                types.emplace_back(type.substr(type.find('.') + 1));
            },
            event);
    return types;
}

void Story::forget() {
    events_.clear();
    refusals_.clear();
}

Story market(std::uint32_t seed) {
    Story story{seed};
    story.tell("account-user-a", RegisterAccount{{}, "hash", "BE", "1", {"1"}, "code", {}});
    story.tell("account-user-a", VerifyEmail{"code"});
    for (const Candidate& node : {node_11, node_12, node_21, node_31}) {
        const std::string stream = "node-" + node.node.value;
        RegisterNode command;
        command.provider = {"provider-h"};
        command.farm = node.farm;
        command.farm_proved = true;
        command.country = node.country;
        command.capacity = {8, 16, 200, 0, 0, 0};
        story.tell(stream, command);
        story.tell(stream, VerifyNode{true, {}});
        story.tell(stream, ExposeNode{{"operator-t"}, true, {}});
    }
    story.forget();
    return story;
}

PlaceOrder order_now(const Story& story, QuoteTerms quote) {
    quote.account = {"user-a"};
    quote.expires = {story.now().milliseconds + quote_validity.count()};
    return order(quote);
}

namespace {

RecordPaymentOutcome outcome(PaymentOutcome which) {
    RecordPaymentOutcome command;
    command.outcome = which;
    command.provider_reference = "pi_1";
    return command;
}

} // namespace

void hold(Story& story, const std::string& payment) {
    auto command = outcome(PaymentOutcome::held);
    command.capture_before = add_days(story.now(), 7);
    story.tell(payment, command);
}

void capture(Story& story, const std::string& payment) {
    story.tell(payment, RecordCaptureOutcome{CaptureOutcome::captured, {}, {}, {}});
}

void charge(Story& story, const std::string& payment) {
    story.tell(payment, outcome(PaymentOutcome::charged));
}

void decline(Story& story, const std::string& payment, const char* reason, const char* advice) {
    auto command = outcome(PaymentOutcome::declined);
    command.reason = reason;
    if (advice != nullptr) command.advice = advice;
    story.tell(payment, command);
}

void deploy(Story& story, WorkloadRole role, std::uint32_t attempt, const char* id) {
    story.tell("deployment-d1", contract(role, attempt, id));
    story.tell("deployment-d1", ready(role, attempt));
}

void fail(Story& story, WorkloadRole role, std::uint32_t attempt, const char* id) {
    story.tell("deployment-d1", contract(role, attempt, id));
    story.tell("deployment-d1", failed(role, attempt));
    story.tell("deployment-d1", RecordRelease{{id}});
}

void run_single(Story& story) {
    story.tell("deployment-d1", order_now(story, single_quote()));
    hold(story, "payment-d1.1");
    deploy(story, primary, 1, "9001");
    capture(story, "payment-d1.1");
    EXPECT_THAT(story.refusals(), testing::IsEmpty());
    story.forget();
}

} // namespace domain::stories
