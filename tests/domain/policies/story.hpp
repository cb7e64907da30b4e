// The marketplace in memory: all aggregates of a story by their streams, the policies between them,
// and the deadlines. The test is the outside world: it says what people want, and answers what is
// asked of the payment provider and the grid.

#pragma once

#include "domain/calendar.hpp"
#include "domain/policies/deadlines.hpp"
#include "tests/domain/deployment_samples.hpp"

#include <boost/mp11/algorithm.hpp>
#include <gmock/gmock.h>

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace domain::stories {

using namespace deployment_samples;

using StoryCommand =
    std::variant<AccountCommand, CardCommand, CustomerCreditCommand, DeploymentCommand,
                 DiscountCodeCommand, InvoiceCommand, InvoiceBookCommand, MarketDataCommand,
                 NodeCommand, ParticipationCommand, PaymentCommand, ProviderCommand,
                 SubscriptionCommand, UsageCommand>;

class Story {
public:
    // Commands to one stream keep their order. Those to several are carried out first come, first
    // served, or with a seed in an order that is drawn.
    explicit Story(std::uint32_t seed = 0);

    Time now() const { return now_; }

    // Decides, and then all that follows from it. Fails the test when the command is refused.
    void tell(const std::string& stream, const StoryCommand& command);
    // The name of the rejection.
    std::string refusal(const std::string& stream, const StoryCommand& command);

    // Lets time pass, and all that is due meanwhile happen.
    void advance_to(Time time);
    void advance(std::chrono::milliseconds by) { advance_to({now_.milliseconds + by.count()}); }

    template <class Aggregate>
    const Aggregate& state(const std::string& id) {
        return std::get<std::map<std::string, Aggregate>>(states_)[id];
    }

    // The types of a stream's events, without the aggregate's name; since the last forget().
    std::vector<std::string> history(const std::string& stream) const;
    // What policies and deadlines asked for and was refused: "<stream> <command> <rejection>".
    const std::vector<std::string>& refusals() const { return refusals_; }
    void forget();

    // The latest event of this kind in the stream. Fails the test when there is none.
    template <class Event>
    Event last(const std::string& stream) const {
        const auto all = events_.find(stream);
        if (all != events_.end())
            for (auto event = all->second.rbegin(); event != all->second.rend(); ++event) {
                const Event* found = nullptr;
                std::visit(
                    [&]<class Some>(const Some& one) {
                        if constexpr (boost::mp11::mp_contains<Some, Event>::value)
                            found = std::get_if<Event>(&one);
                    },
                    *event);
                if (found != nullptr) return *found;
            }
        ADD_FAILURE() << stream << " has no " << Event::type;
        return {};
    }

    std::size_t deadlines_left() const { return deadlines_.size(); }

private:
    template <class Aggregate>
    std::string decide_one(const std::string& id, const typename Aggregate::Command& command,
                           const std::string& by);
    std::string carry_out(const std::string& stream, const StoryCommand& command,
                          const std::string& by);
    void drain();

    using Events = std::variant<AccountEvent, CardEvent, CustomerCreditEvent, DeploymentEvent,
                                DiscountCodeEvent, InvoiceEvent, InvoiceBookEvent, MarketDataEvent,
                                NodeEvent, ParticipationEvent, PaymentEvent, ProviderEvent,
                                SubscriptionEvent, UsageEvent>;
    template <class... Aggregates>
    using States = std::tuple<std::map<std::string, Aggregates>...>;

    Time now_ = tests::some_time;
    std::uint32_t seed_;
    std::mt19937 draw_;
    States<Account, Card, CustomerCredit, Deployment, DiscountCode, Invoice, InvoiceBook,
           MarketData, Node, Participation, Payment, Provider, Subscription, Usage>
        states_;
    std::map<std::string, std::vector<Events>> events_;
    std::vector<std::string> refusals_;
    std::deque<FollowUp> pending_;
    std::vector<Deadline> deadlines_;
    std::uint64_t events_seen_ = 0;
};

// The world of the stories: user-a, and nodes 11 and 12 of farm 7 in Belgium, 21 of farm 9 in
// Germany and 31 of farm 12 in France, each with room for four small workloads.
Story market(std::uint32_t seed = 0);

// An order whose offer is made now.
PlaceOrder order_now(const Story& story, QuoteTerms quote);

// The outside answers.
void hold(Story& story, const std::string& payment);
void capture(Story& story, const std::string& payment);
void charge(Story& story, const std::string& payment);
void decline(Story& story, const std::string& payment, const char* reason = "insufficient_funds",
             const char* advice = nullptr);
void deploy(Story& story, WorkloadRole role, std::uint32_t attempt, const char* contract);
void fail(Story& story, WorkloadRole role, std::uint32_t attempt, const char* contract);

// An order of one workload that runs and is paid, and its subscription.
void run_single(Story& story);

} // namespace domain::stories
