// The course of every task: look, ask, follow the job; and what is the same whatever was asked.

#include "gateways/tfgrid/translate.hpp"

#include "gateways/tfgrid/tasks.hpp"

#include <boost/json.hpp>

#include <charconv>

namespace gateways::tfgrid {

namespace {

namespace json = boost::json;

constexpr std::size_t reason_bytes_max = 700;

std::unique_ptr<Task> task_of(const Effect& effect, Progress& progress, const Terms& terms,
                              const Standing& standing) {
    struct Maker {
        const Effect& effect;
        Progress& progress;
        const Terms& terms;
        const Standing& standing;

        auto operator()(const domain::AttemptStarted& what) const {
            return deploy_task(effect, what, progress, terms, standing);
        }
        auto operator()(const Release& what) const {
            return release_task(effect, what, progress, terms, standing);
        }
        auto operator()(const domain::DomainRequested& what) const {
            return domain_task(effect, what, progress, terms, standing);
        }
        auto operator()(const domain::RestartRequested& what) const {
            return restart_task(effect, what, progress, terms, standing);
        }
        auto operator()(const domain::ResizeRequested& what) const {
            return resize_task(effect, what, progress, terms, standing);
        }
        auto operator()(const Access& what) const {
            return access_task(effect, what, progress, terms, standing);
        }
    };
    return std::visit(Maker{effect, progress, terms, standing}, effect.what);
}

Verdict refused(Task& task, const GridError& error) {
    const Sort sort = sort_of(error);
    switch (sort) {
    case Sort::again: return Again{error.text()};
    case Sort::wallet: return task.wallet_is_empty(error);
    case Sort::unreachable:
        if (auto verdict = task.node_is_away(error)) return *verdict;
        break;
    case Sort::broken: return Park{error.text()};
    default: break;
    }
    return task.refused(error, sort);
}

void note_contract(Task& task, Progress& progress, const json::object& all, bool ended) {
    // After the end it is what is left; before, it only grows.
    const auto contract = main_contract(all, task.contract_kind());
    if (ended) progress.contract = contract;
    if (contract && !ended) {
        for (const json::value& one : list_in(all, "contracts"))
            if (number_in(one.get_object(), "id") == contract &&
                text_in(one.get_object(), "kind") == task.contract_kind())
                progress.contract = contract;
    }
}

Verdict follow(Task& task, Progress& progress, const json::object& job) {
    const std::string state = state_in(job);
    progress.job = text_in(job, "job").value_or("");
    progress.stage = Stage::following;
    if (state == "running") {
        note_contract(task, progress, job, false);
        return Ask{{http::Verb::get, "/v1/jobs/" + progress.job, {}}, true};
    }
    note_contract(task, progress, job, true);
    if (state == "succeeded") return task.done(job);
    return refused(task, error_in(object_in(job, "error")));
}

Verdict answered(Task& task, Progress& progress, unsigned status, const json::object& body) {
    if (status >= 400) {
        const GridError error = error_in(body);
        if (error.code == "not_found" && progress.stage == Stage::looking) return task.missing();
        // Jobs are lost when the sidecar is started anew: the name tells what became of it.
        if (error.code == "not_found" && progress.stage == Stage::following)
            return Again{"the job is gone"};
        return refused(task, error);
    }
    switch (progress.stage) {
    case Stage::looking: return task.found(body);
    case Stage::listing: return task.listed(body);
    case Stage::asking: return status == 202 ? follow(task, progress, body) : task.done(body);
    case Stage::following: break;
    }
    return follow(task, progress, body);
}

Verdict shortened(Verdict verdict) {
    if (auto* park = std::get_if<Park>(&verdict); park && park->reason.size() > reason_bytes_max)
        park->reason.resize(reason_bytes_max);
    return verdict;
}

} // namespace

Verdict begin(const Effect& effect, Progress& progress, const Terms& terms,
              const Standing& standing) {
    progress.stage = Stage::looking;
    progress.names.clear();
    progress.unreadable_name = false;
    return task_of(effect, progress, terms, standing)->first();
}

Verdict conclude(const Effect& effect, Progress& progress, const GridAnswer& answer,
                 const Terms& terms, const Standing& standing) {
    if (!answer.answered) return Again{"no answer: " + answer.reason};
    boost::system::error_code error;
    const json::value body = json::parse(answer.body, error);
    if (error || !body.is_object()) return Again{"the answer is no JSON object"};
    try {
        const auto task = task_of(effect, progress, terms, standing);
        return shortened(answered(*task, progress, answer.status, body.get_object()));
    } catch (const Unreadable& unreadable) {
        return Again{"the answer is not as agreed: " + unreadable.what};
    }
}

Commands news(const Effect& effect, Progress& progress) {
    if (progress.told || !progress.contract) return {};
    Commands commands = task_of(effect, progress, {}, {})->news();
    progress.told = !commands.empty();
    return commands;
}

// What tasks have in common.

Verdict Task::listed(const json::object&) { return Again{"nobody asked for a list"}; }

Verdict Task::wallet_is_empty(const GridError& error) const {
    // An operator who has filled it up and says "retry" is believed once.
    if (standing_.age >= wallet_patience && standing_.tries > 0) return Park{error.text()};
    return Again{error.text()};
}

std::optional<Verdict> Task::node_is_away(const GridError& error) {
    if (++progress_.unreachable < unreachable_max) return Again{error.text()};
    return std::nullopt;
}

Ask Task::look(std::string path) {
    progress_.stage = Stage::looking;
    return {{http::Verb::get, std::move(path), {}}, false};
}

Ask Task::change(http::Verb verb, std::string path, const json::value* body) {
    progress_.stage = Stage::asking;
    return {{verb, std::move(path), body == nullptr ? std::string{} : json::serialize(*body)},
            false};
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

std::string backend(const std::string& address, std::uint16_t port) {
    const bool v6 = address.find(':') != address.npos;
    return "http://" + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::string host_of(std::string_view backend) {
    if (const auto scheme = backend.find("://"); scheme != backend.npos)
        backend.remove_prefix(scheme + 3);
    if (backend.starts_with('[')) return std::string{backend.substr(1, backend.find(']') - 1)};
    return std::string{backend.substr(0, backend.find_first_of(":/"))};
}

json::object render(const domain::Resources& is) {
    return {{"cru", is.cru}, {"mru", is.mru},   {"sru", is.sru},
            {"hru", is.hru}, {"gpus", is.gpus}, {"public_ips", is.public_ips}};
}

} // namespace gateways::tfgrid
