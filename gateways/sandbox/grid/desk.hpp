// Answers what the sidecar is asked. Not thread-safe; the sandbox's lock is around it.
//
// Operations for scripted faults are "deploy.<node>", "restart.<node>", "resize.<node>",
// "name.<node>", "backends.<node>", "cancel.<node>" ("cancel.0" for a contract on no node),
// "look" and "job" (reading). `error` with a code fails the job, or, with a status, refuses at
// once; `error_after` has the work done, and says so all the same; both at once, or after
// `delay_milliseconds`. `cut_before` and `cut_after` end the connection.

#pragma once

#include "gateways/sandbox/front.hpp"
#include "gateways/sandbox/grid/jobs.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace gateways::sandbox::grid {

struct DeskTerms {
    std::string token = "sandbox-token";
    std::chrono::milliseconds job_time{0}; // Of the sandbox's clock; 0: a job is ready at once.
    std::int64_t twin = 42;
    std::string network = "main";
};

class Desk {
public:
    Desk(DeskTerms terms, World& world, Faults& faults)
        : terms_{std::move(terms)}, world_{world}, faults_{faults} {}

    Answer answer(const Call& call, Time now);
    std::optional<Answer> control(const Call& call);
    void settle(Time now) { jobs_.settle(now); }
    std::int64_t twin() const { return terms_.twin; }

private:
    struct Asked; // A change by name.

    Answer route(const Call& call);
    boost::json::value body_of(const Call& call) const;
    void allow(const Call& call, std::initializer_list<http::Verb> verbs) const;

    Answer deployments(const Call& call);
    Answer deployment(const Call& call, std::string_view rest);
    Answer name(const Call& call, std::string_view rest);
    Answer cancel(const Call& call, std::string_view id);
    Answer contracts() const;
    Answer health() const;
    Answer set_balance(const Call& call);
    Answer set_level(const Call& call);
    Answer set_prices(const Call& call);
    void bill_with(const boost::json::object& prices);

    Answer deploy(DeploymentOrder order);
    Answer change(JobKind kind, const std::string& name, const ChangeOrder& order);
    Answer attach(NameOrder order);
    Answer point(const NameOrder& order);

    Answer start(Asked asked);
    void begin(Job& job, Asked& asked, const std::optional<Fault>& fault);
    void finish(Job& job, const Asked& asked, const std::optional<Fault>& fault);
    void note(Job& job, std::int64_t contract) const;
    void check_reading(std::string_view operation);

    const DeskTerms terms_;
    World& world_;
    Faults& faults_;
    Jobs jobs_;
    // Of the chain, as the sidecar tells them; none until it is told.
    boost::json::object prices_{{"tft", nullptr}, {"policy", nullptr}};
    Time now_;
    std::optional<Fault> reading_; // A lost answer to a question.
};

} // namespace gateways::sandbox::grid
