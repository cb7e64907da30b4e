// One task for each sort of effect: which questions it has, and what the answers mean to it. What
// is the same for all of them is in translate.cpp.

#pragma once

#include "gateways/tfgrid/answers.hpp"

#include <memory>
#include <utility>

namespace gateways::tfgrid {

class Task {
public:
    virtual ~Task() = default;

    // Where it begins, with `progress.stage` set to what the question is.
    virtual Verdict first() = 0;
    // It is there, or it is not.
    virtual Verdict found(const boost::json::object& view) = 0;
    virtual Verdict missing() = 0;
    // Its list has come.
    virtual Verdict listed(const boost::json::object& body);
    // The job, or the change itself, has gone well.
    virtual Verdict done(const boost::json::object& body) = 0;
    // An error that trying again does not mend. `Sort::again` never comes here.
    virtual Verdict refused(const GridError& error, Sort sort) = 0;
    // Of the contract that counts, in a job or a view.
    virtual std::string_view contract_kind() const { return "vm"; }
    virtual Commands news() const { return {}; }

    // What the wallet or the node cannot give just now: tried again, to a limit.
    Verdict wallet_is_empty(const GridError& error) const;
    std::optional<Verdict> node_is_away(const GridError& error);

protected:
    Task(const Effect& effect, Progress& progress, const Terms& terms, const Standing& standing)
        : effect_{effect}, progress_{progress}, terms_{terms}, standing_{standing} {}

    Ask look(std::string path);
    Ask change(http::Verb verb, std::string path, const boost::json::value* body);

    const Effect& effect_;
    Progress& progress_;
    const Terms& terms_;
    const Standing& standing_;
};

std::unique_ptr<Task> deploy_task(const Effect& effect, const domain::AttemptStarted& what,
                                  Progress& progress, const Terms& terms, const Standing& standing);
std::unique_ptr<Task> release_task(const Effect& effect, const Release& what, Progress& progress,
                                   const Terms& terms, const Standing& standing);
std::unique_ptr<Task> domain_task(const Effect& effect, const domain::DomainRequested& what,
                                  Progress& progress, const Terms& terms, const Standing& standing);
std::unique_ptr<Task> restart_task(const Effect& effect, const domain::RestartRequested& what,
                                   Progress& progress, const Terms& terms,
                                   const Standing& standing);
std::unique_ptr<Task> resize_task(const Effect& effect, const domain::ResizeRequested& what,
                                  Progress& progress, const Terms& terms, const Standing& standing);
std::unique_ptr<Task> access_task(const Effect& effect, const Access& what, Progress& progress,
                                  const Terms& terms, const Standing& standing);

// A number of the grid that the domain keeps as text.
std::optional<std::int64_t> number_of(std::string_view text);
// "http://10.0.0.1:80", "http://[5c9::1]:80"
std::string backend(const std::string& address, std::uint16_t port);
std::string host_of(std::string_view backend);
boost::json::object render(const domain::Resources& is);

} // namespace gateways::tfgrid
