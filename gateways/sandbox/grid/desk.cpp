// Routes and jobs.

#include "gateways/sandbox/grid/desk.hpp"

#include "gateways/sandbox/form.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace gateways::sandbox::grid {

namespace {

namespace json = boost::json;
using http::Verb;

constexpr std::size_t body_bytes_max = 262'144;
constexpr std::string_view project = "marketplace";

// A refusal that has a header of its own.
struct NotAllowed {
    std::string verbs;
};

Answer refusal_answer(const Refusal& refusal) {
    Answer answer = json_answer(status_of(refusal.code), render(refusal));
    if (refusal.code == "unauthorized") answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
}

Refusal refusal_of(const Fault& fault) {
    const std::string code = fault.code.empty() ? "internal" : fault.code;
    return {code, fault.message.empty() ? "the sandbox was told to fail" : fault.message};
}

std::string_view parameter(const Fields& fields, std::string_view name) {
    for (const auto& [field, value] : fields)
        if (field == name) return value;
    return {};
}

bool takes_path(std::string_view path, std::string_view prefix, std::string_view& rest) {
    if (!path.starts_with(prefix)) return false;
    rest = path.substr(prefix.size());
    return !rest.empty();
}

bool is_json(std::string_view type) {
    constexpr std::string_view wanted = "application/json";
    if (type.size() < wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (std::tolower(static_cast<unsigned char>(type[i])) != wanted[i]) return false;
    const auto end = type.find_first_not_of(" \t", wanted.size());
    return end == type.npos || type[end] == ';';
}

// Errors that come before there is any contract; after others there has been one.
bool is_before_contracts(std::string_view code) {
    constexpr std::array<std::string_view, 14> codes{
        "node_excluded",        "node_unavailable", "no_capacity",
        "no_public_ip",         "no_gpu",           "name_taken",
        "insufficient_balance", "chain_refused",    "chain_unreachable",
        "grid_unavailable",     "conflict",         "validation",
        "outcome_unknown",      "internal"};
    return std::ranges::find(codes, code) != codes.end();
}

} // namespace

struct Desk::Asked {
    JobKind kind = JobKind::deploy;
    std::string name, contents;
    std::int64_t node = 0;                 // For faults.
    std::function<void(Job&)> begin, done; // `done` fills the result.
};

Answer Desk::answer(const Call& call, Time now) {
    now_ = now;
    reading_.reset();
    try {
        Answer answer = route(call);
        if (reading_) answer.cut = true;
        return answer;
    } catch (const Refusal& refusal) {
        return refusal_answer(refusal);
    } catch (const NotAllowed& other) {
        Answer answer = refusal_answer({"method_not_allowed", "this method is not possible here"});
        answer.headers.emplace_back("Allow", other.verbs);
        return answer;
    }
}

void Desk::allow(const Call& call, std::initializer_list<Verb> verbs) const {
    if (std::ranges::find(verbs, call.verb) != verbs.end()) return;
    std::string names;
    for (const Verb verb : verbs) {
        const auto name = boost::beast::http::to_string(verb);
        if (!names.empty()) names += ", ";
        names.append(name.data(), name.size());
    }
    throw NotAllowed{std::move(names)};
}

json::value Desk::body_of(const Call& call) const {
    if (call.body.size() > body_bytes_max)
        throw Refusal{"body_too_large", "a body may have 262144 bytes"};
    if (call.body.empty()) return json::object{};
    if (!is_json(call.header("Content-Type")))
        throw Refusal{"unsupported_media_type", "a body must be application/json"};
    boost::system::error_code error;
    json::value body = json::parse(call.body, error);
    if (error) throw Refusal{"invalid_json", "the body is not JSON"};
    return body;
}

Answer Desk::route(const Call& call) {
    const std::string_view path = call.path;
    if (path == "/v1/healthz") {
        allow(call, {Verb::get});
        return health();
    }
    if (call.header("Authorization") != "Bearer " + terms_.token)
        throw Refusal{"unauthorized", "a bearer token is needed"};
    std::string_view rest;
    if (path == "/v1/deployments") return deployments(call);
    if (takes_path(path, "/v1/deployments/", rest)) return deployment(call, rest);
    if (path == "/v1/names") {
        allow(call, {Verb::post});
        return attach(read_name(body_of(call)));
    }
    if (takes_path(path, "/v1/names/", rest) && rest.find('/') == rest.npos)
        return name(call, rest);
    if (path == "/v1/contracts") {
        allow(call, {Verb::get});
        check_reading("look");
        return contracts();
    }
    if (takes_path(path, "/v1/contracts/", rest) && rest.find('/') == rest.npos) {
        allow(call, {Verb::delete_});
        return cancel(call, rest);
    }
    if (takes_path(path, "/v1/jobs/", rest) && rest.find('/') == rest.npos) {
        allow(call, {Verb::get});
        check_reading("job");
        const Job* job = jobs_.find(rest);
        if (job == nullptr) throw Refusal{"not_found", "there is no such job; look the name up"};
        return json_answer(200, Jobs::describe(*job));
    }
    if (path == "/v1/prices") {
        allow(call, {Verb::get});
        check_reading("look");
        return json_answer(200, prices_);
    }
    if (path == "/v1/balance") {
        allow(call, {Verb::get});
        return json_answer(200, json::object{{"twin", terms_.twin},
                                             {"address", "5FSandbox"},
                                             {"network", terms_.network},
                                             {"free", std::to_string(world_.wallet())},
                                             {"reserved", "0"},
                                             {"frozen", "0"}});
    }
    throw Refusal{"not_found", "there is no such resource"};
}

Answer Desk::health() const {
    return json_answer(
        200, json::object{{"healthy", true},
                          {"chain", true},
                          {"relay", true},
                          {"twin", terms_.twin},
                          {"address", "5FSandbox"},
                          {"network", terms_.network},
                          {"jobs", json::object{{"running", jobs_.running()}, {"waiting", 0}}}});
}

void Desk::check_reading(std::string_view operation) {
    constexpr std::array possible{FaultKind::error, FaultKind::cut_before, FaultKind::cut_after};
    const auto fault = faults_.next(operation, possible);
    if (!fault) return;
    if (fault->kind == FaultKind::error) throw refusal_of(*fault);
    reading_ = fault;
}

Answer Desk::deployments(const Call& call) {
    allow(call, {Verb::get, Verb::post});
    if (call.verb == Verb::post) return deploy(read_deployment(body_of(call)));
    check_reading("look");
    const auto query = decode_form(call.query).value_or(Fields{});
    const std::string prefix{parameter(query, "prefix")};
    if (!prefix.empty()) read_path_name(prefix);
    json::array found;
    for (const auto& [name, machine] : world_.machines()) {
        if (!name.starts_with(prefix)) continue;
        json::object all = world_.describe(machine);
        found.push_back(json::object{{"name", all["name"]},
                                     {"node", all["node"]},
                                     {"contract", all["contract"]},
                                     {"contracts", all["contracts"]}});
    }
    return json_answer(200, json::object{{"deployments", std::move(found)}});
}

Answer Desk::deployment(const Call& call, std::string_view rest) {
    constexpr std::string_view restart = "/restart";
    if (rest.ends_with(restart) && rest.size() > restart.size()) {
        rest.remove_suffix(restart.size());
        if (rest.find('/') != rest.npos) throw Refusal{"not_found", "there is no such resource"};
        allow(call, {Verb::post});
        const std::string name = read_path_name(rest);
        return change(JobKind::restart, name, read_restart(body_of(call)));
    }
    if (rest.find('/') != rest.npos) throw Refusal{"not_found", "there is no such resource"};
    allow(call, {Verb::get, Verb::put});
    const std::string name = read_path_name(rest);
    if (call.verb == Verb::put) return change(JobKind::resize, name, read_resize(body_of(call)));
    check_reading("look");
    const auto query = decode_form(call.query).value_or(Fields{});
    if (const auto node = parameter(query, "node"); !node.empty()) read_number(node, "node");
    const Machine* machine = world_.machine(name);
    if (machine == nullptr) throw Refusal{"not_found", "there is no deployment '" + name + "'"};
    return json_answer(200, world_.describe(*machine));
}

Answer Desk::name(const Call& call, std::string_view rest) {
    allow(call, {Verb::get, Verb::put});
    const std::string name = read_path_name(rest);
    if (call.verb == Verb::put) return point(read_backends(name, body_of(call)));
    check_reading("look");
    const Gateway* gateway = world_.gateway(name);
    if (gateway == nullptr) throw Refusal{"not_found", "there is no name '" + name + "'"};
    return json_answer(200, world_.describe(*gateway));
}

Answer Desk::contracts() const {
    json::array all;
    for (const auto& [id, contract] : world_.contracts()) {
        const json::object brief = world_.brief(contract);
        all.push_back(json::object{{"id", id},
                                   {"kind", brief.at("kind")},
                                   {"name", contract.name},
                                   {"project", contract.kind == ContractKind::name ? "" : project},
                                   {"ours", true},
                                   {"node", brief.at("node")},
                                   {"state", brief.at("state")},
                                   {"created", brief.at("created")}});
    }
    return json_answer(200, json::object{{"contracts", std::move(all)}});
}

Answer Desk::cancel(const Call&, std::string_view text) {
    const std::int64_t id = read_number(text, "the contract");
    if (const Job* job = jobs_.running_on(id))
        throw Refusal{"in_progress",
                      "a job is at work on contract " + std::to_string(id) + ": " + job->id};
    constexpr std::array possible{FaultKind::error, FaultKind::error_after, FaultKind::cut_before,
                                  FaultKind::cut_after};
    const Contract* contract = world_.contract(id);
    const auto node = contract != nullptr ? contract->node.value_or(0) : 0;
    const auto fault = faults_.next("cancel." + std::to_string(node), possible);
    Answer lost;
    lost.cut = true;
    if (fault && fault->kind == FaultKind::error) throw refusal_of(*fault);
    if (fault && fault->kind == FaultKind::cut_before) return lost;
    const auto cancelled = world_.cancel(id);
    jobs_.release(cancelled);
    if (fault && fault->kind == FaultKind::cut_after) return lost;
    if (fault) throw refusal_of(*fault);
    return json_answer(200, json::object{{"cancelled", json::value_from(cancelled)},
                                         {"already_gone", cancelled.empty()}});
}

void Desk::note(Job& job, std::int64_t id) const {
    const Contract* contract = world_.contract(id);
    if (contract == nullptr ||
        std::ranges::find(job.contracts, id, &JobContract::id) != job.contracts.end())
        return;
    job.contracts.push_back({id, contract->kind, contract->node});
}

Answer Desk::deploy(DeploymentOrder order) {
    Asked asked{JobKind::deploy, order.name, order.contents, order.node, {}, {}};
    asked.begin = [this, order](Job& job) {
        if (const Machine* found = world_.machine(order.name)) {
            for (const std::int64_t id : {found->network, found->contract})
                note(job, id);
            if (found->node != order.node)
                throw Refusal{"conflict",
                              "'" + order.name + "' exists on node " + std::to_string(found->node)};
            if (found->state == WorkState::incomplete)
                throw Refusal{"incomplete", "deployment not found"};
            if (found->state == WorkState::failed) throw Refusal{"workload_failed", found->message};
            return;
        }
        const Machine& made = world_.make_machine(order);
        note(job, made.network);
        note(job, made.contract);
    };
    asked.done = [this, name = order.name](Job& job) {
        Machine* machine = world_.machine(name);
        if (machine->state == WorkState::deploying) machine->state = WorkState::ready;
        job.result = world_.describe(*machine);
    };
    return start(std::move(asked));
}

Answer Desk::change(JobKind kind, const std::string& name, const ChangeOrder& order) {
    const Machine* there = world_.machine(name);
    Asked asked{kind, name, order.contents, there == nullptr ? 0 : there->node, {}, {}};
    asked.begin = [this, name](Job& job) {
        const Machine* machine = world_.machine(name);
        if (machine == nullptr) throw Refusal{"not_found", "there is no deployment '" + name + "'"};
        note(job, machine->network);
        note(job, machine->contract);
    };
    asked.done = [this, name, order](Job& job) {
        Machine* machine = world_.machine(name);
        if (machine == nullptr) throw Refusal{"not_found", "there is no deployment '" + name + "'"};
        world_.replace(*machine, order);
        job.result = world_.describe(*machine);
    };
    return start(std::move(asked));
}

Answer Desk::attach(NameOrder order) {
    Asked asked{JobKind::name, order.name, order.contents, order.node, {}, {}};
    asked.begin = [this, order](Job& job) {
        if (const Gateway* found = world_.gateway(order.name)) {
            for (const std::int64_t id : {found->contract, found->name_contract})
                note(job, id);
            if (order.node != 0 && found->node != order.node)
                throw Refusal{"conflict",
                              "'" + order.name + "' exists on node " + std::to_string(found->node)};
            if (found->state == WorkState::incomplete)
                throw Refusal{"incomplete", "deployment not found"};
            return;
        }
        const Gateway& made = world_.make_gateway(order);
        note(job, made.contract);
        note(job, made.name_contract);
    };
    asked.done = [this, name = order.name](Job& job) {
        Gateway* gateway = world_.gateway(name);
        if (gateway->state == WorkState::deploying) gateway->state = WorkState::ready;
        job.result = world_.describe(*gateway);
    };
    return start(std::move(asked));
}

Answer Desk::point(const NameOrder& order) {
    const Gateway* there = world_.gateway(order.name);
    Asked asked{
        JobKind::backends, order.name, order.contents, there == nullptr ? 0 : there->node, {}, {}};
    asked.begin = [this, order](Job& job) {
        const Gateway* gateway = world_.gateway(order.name);
        if (gateway == nullptr)
            throw Refusal{"not_found", "there is no gateway of the name '" + order.name + "'"};
        note(job, gateway->contract);
        note(job, gateway->name_contract);
    };
    asked.done = [this, order](Job& job) {
        Gateway* gateway = world_.gateway(order.name);
        if (gateway == nullptr)
            throw Refusal{"not_found", "there is no gateway of the name '" + order.name + "'"};
        world_.replace(*gateway, order);
        job.result = world_.describe(*gateway);
    };
    return start(std::move(asked));
}

Answer Desk::start(Asked asked) {
    constexpr std::array cuts{FaultKind::cut_before, FaultKind::cut_after};
    constexpr std::array possible{FaultKind::cut_before, FaultKind::cut_after, FaultKind::error,
                                  FaultKind::error_after, FaultKind::delay};
    const std::string operation =
        std::string{name_of(asked.kind)} + "." + std::to_string(asked.node);
    const Job* last = jobs_.same(asked.kind, asked.name, asked.contents);
    const auto fault =
        last != nullptr ? faults_.next(operation, cuts) : faults_.next(operation, possible);
    Answer answer;
    answer.cut =
        fault && (fault->kind == FaultKind::cut_before || fault->kind == FaultKind::cut_after);
    if (fault && fault->kind == FaultKind::cut_before) return answer;
    if (fault && fault->kind == FaultKind::error && fault->status != 0) throw refusal_of(*fault);
    if (last == nullptr) {
        Job job;
        job.kind = asked.kind;
        job.name = asked.name;
        job.contents = asked.contents;
        job.due = now_ + terms_.job_time;
        if (fault) job.due += fault->delay; // A failure may take its time, too.
        begin(job, asked, fault);
        last = &jobs_.add(std::move(job));
        jobs_.settle(now_);
    }
    if (answer.cut) return answer;
    return json_answer(202, Jobs::describe(*last));
}

void Desk::begin(Job& job, Asked& asked, const std::optional<Fault>& fault) {
    const bool planned = fault && fault->kind == FaultKind::error;
    try {
        if (planned && is_before_contracts(fault->code)) throw refusal_of(*fault);
        asked.begin(job);
    } catch (const Refusal& refusal) {
        job.due = now_;
        job.finish = [refusal](Job&) { throw refusal; };
        return;
    }
    job.finish = [this, asked, fault](Job& ended) { finish(ended, asked, fault); };
}

void Desk::finish(Job& job, const Asked& asked, const std::optional<Fault>& fault) {
    const bool makes = job.kind == JobKind::deploy || job.kind == JobKind::name;
    if (fault && fault->kind == FaultKind::error) {
        // What was made for it is cancelled.
        if (makes) {
            if (!job.contracts.empty()) world_.cancel(job.contracts.front().id);
            job.contracts.clear();
        }
        throw refusal_of(*fault);
    }
    if (!fault || fault->kind != FaultKind::error_after) return asked.done(job);
    // What was made stays, in the state that the error speaks of.
    asked.done(job);
    const Refusal refusal = refusal_of(*fault);
    const WorkState state = refusal.code == "incomplete"        ? WorkState::incomplete
                            : refusal.code == "workload_failed" ? WorkState::failed
                                                                : WorkState::ready;
    if (Machine* machine = is_of_name(job.kind) ? nullptr : world_.machine(job.name)) {
        machine->state = state;
        if (state == WorkState::failed) machine->message = refusal.message;
    }
    if (Gateway* gateway = is_of_name(job.kind) ? world_.gateway(job.name) : nullptr)
        gateway->state = state;
    job.result = nullptr;
    throw refusal;
}

} // namespace gateways::sandbox::grid
