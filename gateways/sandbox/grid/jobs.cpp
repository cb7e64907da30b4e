#include "gateways/sandbox/grid/jobs.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace gateways::sandbox::grid {

std::string_view name_of(JobKind kind) {
    switch (kind) {
    case JobKind::deploy: return "deploy";
    case JobKind::restart: return "restart";
    case JobKind::resize: return "resize";
    case JobKind::name: return "name";
    case JobKind::backends: break;
    }
    return "backends";
}

std::string Jobs::subject(JobKind kind, const std::string& name) {
    return (is_of_name(kind) ? "name/" : "deployment/") + name;
}

const Job* Jobs::same(JobKind kind, const std::string& name, const std::string& contents) const {
    const auto found = current_.find(subject(kind, name));
    if (found == current_.end()) return nullptr;
    const Job& last = *found->second;
    const bool same = last.kind == kind && last.contents == contents;
    if (last.running) {
        if (same) return &last;
        throw Refusal{"in_progress", "a job on '" + name + "' is running: " + last.id};
    }
    const bool once = kind == JobKind::deploy || kind == JobKind::name;
    if (last.kind != kind || last.error || !once) return nullptr;
    if (same) return &last;
    throw Refusal{"conflict", "'" + name + "' was asked for before, with other contents"};
}

Job& Jobs::add(Job job) {
    std::string number = std::to_string(++made_);
    number.insert(0, 12 - std::min<std::size_t>(12, number.size()), '0');
    job.id = "5a4db0c5-0000-4000-8000-" + number;
    const std::string about = subject(job.kind, job.name);
    jobs_.push_back(std::make_shared<Job>(std::move(job)));
    current_[about] = jobs_.back();
    trim();
    return *current_[about];
}

const Job* Jobs::find(std::string_view id) const {
    const auto found = std::ranges::find_if(jobs_, [&](const auto& one) { return one->id == id; });
    return found == jobs_.end() ? nullptr : found->get();
}

const Job* Jobs::running_on(std::int64_t contract) const {
    for (const auto& [subject, job] : current_)
        if (job->running &&
            std::ranges::find(job->contracts, contract, &JobContract::id) != job->contracts.end())
            return job.get();
    return nullptr;
}

void Jobs::settle(Time now) {
    for (const auto& job : jobs_) {
        if (!job->running || job->due > now) continue;
        try {
            job->finish(*job);
        } catch (const Refusal& refusal) {
            job->error = refusal;
        }
        job->running = false;
        job->finish = nullptr;
        std::ranges::sort(job->contracts, {}, &JobContract::id);
    }
}

void Jobs::release(const std::vector<std::int64_t>& contracts) {
    std::erase_if(current_, [&](const auto& one) {
        return !one.second->running &&
               std::ranges::any_of(one.second->contracts, [&](const JobContract& is) {
                   return std::ranges::find(contracts, is.id) != contracts.end();
               });
    });
}

void Jobs::clear() {
    jobs_.clear();
    current_.clear();
}

std::size_t Jobs::running() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(jobs_, [](const auto& one) { return one->running; }));
}

void Jobs::trim() {
    for (std::size_t i = 0; jobs_.size() > kept && i < jobs_.size();) {
        if (jobs_[i]->running) {
            ++i;
            continue;
        }
        std::erase_if(current_, [&](const auto& one) { return one.second == jobs_[i]; });
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

boost::json::object Jobs::describe(const Job& job) {
    boost::json::array contracts;
    for (const JobContract& one : job.contracts)
        contracts.push_back(boost::json::object{
            {"id", one.id},
            {"kind", name_of(one.kind)},
            {"node", one.node ? boost::json::value(*one.node) : boost::json::value{}}});
    const boost::json::value none;
    return {{"job", job.id},
            {"kind", name_of(job.kind)},
            {"name", job.name},
            {"state", job.running ? "running"
                      : job.error ? "failed"
                                  : "succeeded"},
            {"contracts", std::move(contracts)},
            {"deployment", is_of_name(job.kind) ? none : job.result},
            {"gateway", is_of_name(job.kind) ? job.result : none},
            {"error", job.error ? boost::json::value(render(*job.error)) : none}};
}

} // namespace gateways::sandbox::grid
