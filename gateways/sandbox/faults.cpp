#include "gateways/sandbox/faults.hpp"

#include "gateways/sandbox/random.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gateways::sandbox {

namespace {

namespace json = boost::json;

constexpr std::array<std::pair<FaultKind, std::string_view>, 12> kinds{{
    {FaultKind::decline, "decline"},
    {FaultKind::error, "error"},
    {FaultKind::error_after, "error_after"},
    {FaultKind::rate_limit, "rate_limit"},
    {FaultKind::conflict, "conflict"},
    {FaultKind::delay, "delay"},
    {FaultKind::timeout_after, "timeout_after"},
    {FaultKind::cut_before, "cut_before"},
    {FaultKind::cut_after, "cut_after"},
    {FaultKind::duplicate, "duplicate"},
    {FaultKind::reorder, "reorder"},
    {FaultKind::lose, "lose"},
}};

// More would only be a mistake.
constexpr std::size_t script_max = 10'000;

FaultKind kind_of(std::string_view name) {
    for (const auto& [kind, known] : kinds)
        if (known == name) return kind;
    throw BadScript{"no kind of fault is called " + std::string{name}};
}

std::string text(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_string()) throw BadScript{std::string{name} + " must be text"};
    return std::string{value->as_string()};
}

unsigned number(const json::object& given, std::string_view name, unsigned otherwise) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr) return otherwise;
    if (!value->is_int64() || value->as_int64() < 0 ||
        value->as_int64() > std::numeric_limits<int>::max())
        throw BadScript{std::string{name} + " must be a whole number, 0 or more"};
    return static_cast<unsigned>(value->as_int64());
}

void only(const json::object& given, std::span<const std::string_view> known) {
    for (const auto& field : given)
        if (std::ranges::find(known, std::string_view{field.key()}) == known.end())
            throw BadScript{"unknown field " + std::string{field.key()}};
}

const json::array& list(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    static const json::array empty;
    if (value == nullptr) return empty;
    if (!value->is_array()) throw BadScript{std::string{name} + " must be a list"};
    return value->get_array();
}

json::object description(const Fault& fault, std::string_view operation) {
    json::object out{{"operation", operation}, {"kind", name_of(fault.kind)}};
    if (fault.status != 0) out["status"] = fault.status;
    if (!fault.type.empty()) out["type"] = fault.type;
    if (!fault.code.empty()) out["code"] = fault.code;
    if (!fault.decline_code.empty()) out["decline_code"] = fault.decline_code;
    if (!fault.message.empty()) out["message"] = fault.message;
    if (fault.delay.count() != 0) out["delay_milliseconds"] = fault.delay.count();
    if (fault.retry_after.count() != 0) out["retry_after_seconds"] = fault.retry_after.count();
    return out;
}

} // namespace

const json::object& as_object(const json::value& value) {
    if (!value.is_object()) throw BadScript{"an object is needed"};
    return value.get_object();
}

std::string_view name_of(FaultKind kind) {
    return std::ranges::find(kinds, kind, [](const auto& one) { return one.first; })->second;
}

bool Faults::names(std::string_view pattern, std::string_view operation) {
    if (pattern.ends_with('*')) return operation.starts_with(pattern.substr(0, pattern.size() - 1));
    return pattern == operation;
}

std::optional<Fault> Faults::next(std::string_view operation, std::span<const FaultKind> possible) {
    const auto can = [&](const Fault& fault) {
        return std::ranges::find(possible, fault.kind) != possible.end();
    };
    const std::lock_guard lock{mutex_};
    for (auto one = script_.begin(); one != script_.end(); ++one) {
        if (!names(one->operation, operation) || !can(one->fault)) continue;
        if (one->skip > 0) {
            --one->skip;
            continue;
        }
        const Fault fault = one->fault;
        if (--one->times == 0) script_.erase(one);
        ++happened_[fault.kind];
        return fault;
    }
    if (rules_.empty()) return std::nullopt;
    // Drawn from the operation and its count, so that what another operation does meanwhile does
    // not change it.
    const auto counted = calls_.try_emplace(std::string{operation}, 0).first;
    const std::uint64_t call = counted->second++;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const Rule& rule = rules_[i];
        if (!names(rule.operation, operation) || !can(rule.fault)) continue;
        const std::uint64_t draw = mixed(mixed(mixed(seed_ ^ hash_of(operation)) + call) + i);
        if (draw % 1000 >= rule.per_mille) continue;
        ++happened_[rule.fault.kind];
        return rule.fault;
    }
    return std::nullopt;
}

Fault Faults::read_fault(const json::object& given) {
    Fault fault;
    fault.kind = kind_of(text(given, "kind"));
    fault.status = number(given, "status", 0);
    if (fault.status != 0 && (fault.status < 400 || fault.status > 599))
        throw BadScript{"status must be 400 to 599"};
    fault.type = text(given, "type");
    fault.code = text(given, "code");
    fault.decline_code = text(given, "decline_code");
    fault.message = text(given, "message");
    fault.delay = std::chrono::milliseconds{number(given, "delay_milliseconds", 0)};
    fault.retry_after = std::chrono::seconds{number(given, "retry_after_seconds", 0)};
    return fault;
}

void Faults::add(const json::object& request) {
    static constexpr std::array<std::string_view, 2> parts{"script", "seeded"};
    static constexpr std::array<std::string_view, 11> fields{"operation",
                                                             "kind",
                                                             "status",
                                                             "type",
                                                             "code",
                                                             "message",
                                                             "decline_code",
                                                             "delay_milliseconds",
                                                             "skip",
                                                             "times",
                                                             "retry_after_seconds"};
    static constexpr std::array<std::string_view, 10> rule_fields{
        "operation",    "kind",
        "status",       "type",
        "code",         "message",
        "decline_code", "delay_milliseconds",
        "per_mille",    "retry_after_seconds"};
    static constexpr std::array<std::string_view, 2> seeded_fields{"seed", "rules"};

    only(request, parts);
    std::vector<Scripted> script;
    for (const json::value& value : list(request, "script")) {
        const json::object& given = as_object(value);
        only(given, fields);
        Scripted one{text(given, "operation"), read_fault(given), number(given, "skip", 0),
                     number(given, "times", 1)};
        if (one.operation.empty()) throw BadScript{"a fault needs an operation, or \"*\""};
        if (one.times == 0) throw BadScript{"times must be 1 or more"};
        script.push_back(std::move(one));
    }
    std::vector<Rule> rules;
    std::uint64_t seed = 0;
    const json::value* seeded = request.if_contains("seeded");
    if (seeded != nullptr) {
        const json::object& given = as_object(*seeded);
        only(given, seeded_fields);
        seed = number(given, "seed", 0);
        for (const json::value& value : list(given, "rules")) {
            const json::object& one = as_object(value);
            only(one, rule_fields);
            rules.push_back({text(one, "operation"), read_fault(one), number(one, "per_mille", 0)});
            if (rules.back().operation.empty() || rules.back().per_mille > 1000)
                throw BadScript{"a rule needs an operation, and per_mille of at most 1000"};
        }
    }

    const std::lock_guard lock{mutex_};
    if (script_.size() + script.size() > script_max) throw BadScript{"the script is too long"};
    script_.insert(script_.end(), std::make_move_iterator(script.begin()),
                   std::make_move_iterator(script.end()));
    if (seeded != nullptr) {
        rules_ = std::move(rules);
        seed_ = seed;
        calls_.clear();
    }
}

void Faults::clear() {
    const std::lock_guard lock{mutex_};
    script_.clear();
    rules_.clear();
    calls_.clear();
    happened_.clear();
}

json::object Faults::describe() const {
    const std::lock_guard lock{mutex_};
    json::array script, rules;
    for (const Scripted& one : script_) {
        json::object line = description(one.fault, one.operation);
        line["skip"] = one.skip;
        line["times"] = one.times;
        script.push_back(std::move(line));
    }
    for (const Rule& rule : rules_) {
        json::object line = description(rule.fault, rule.operation);
        line["per_mille"] = rule.per_mille;
        rules.push_back(std::move(line));
    }
    json::object happened;
    for (const auto& [kind, count] : happened_)
        happened[name_of(kind)] = count;
    return {{"script", std::move(script)},
            {"seeded", json::object{{"seed", seed_}, {"rules", std::move(rules)}}},
            {"happened", std::move(happened)}};
}

} // namespace gateways::sandbox
