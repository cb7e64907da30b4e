// Work that takes a while, by name. Not thread-safe.

#pragma once

#include "gateways/sandbox/grid/world.hpp"

#include <functional>
#include <memory>

namespace gateways::sandbox::grid {

enum class JobKind { deploy, restart, resize, name, backends };
std::string_view name_of(JobKind kind);
// Whether it is about a name at a gateway.
inline bool is_of_name(JobKind kind) { return kind == JobKind::name || kind == JobKind::backends; }

struct JobContract {
    std::int64_t id = 0;
    ContractKind kind = ContractKind::vm;
    std::optional<std::int64_t> node;
};

struct Job {
    std::string id;
    JobKind kind = JobKind::deploy;
    std::string name;
    std::string contents;
    Time due;
    std::function<void(Job&)> finish; // While it runs. Throws Refusal when it fails.
    bool running = true;
    std::vector<JobContract> contracts;
    boost::json::value result; // When it succeeded.
    std::optional<Refusal> error;
};

class Jobs {
public:
    // The job that answers this request already, if there is one. Throws Refusal when another
    // one stands in the way.
    const Job* same(JobKind kind, const std::string& name, const std::string& contents) const;
    Job& add(Job job);
    const Job* find(std::string_view id) const;
    const Job* running_on(std::int64_t contract) const;
    // Ends those that are due, unless they are.
    void settle(Time now);
    // Their contracts are cancelled: the next request begins anew.
    void release(const std::vector<std::int64_t>& contracts);
    void clear(); // As a restart of the sidecar does.
    std::size_t running() const;

    static boost::json::object describe(const Job& job);

private:
    static constexpr std::size_t kept = 4096; // As the sidecar keeps.

    static std::string subject(JobKind kind, const std::string& name);
    void trim();

    std::uint64_t made_ = 0;
    std::vector<std::shared_ptr<Job>> jobs_;              // In order of arrival.
    std::map<std::string, std::shared_ptr<Job>> current_; // By subject: the last one.
};

} // namespace gateways::sandbox::grid
