#include "gateways/marketctl/effects.hpp"

#include "domain/effect.hpp"
#include "gateways/marketctl/walk.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

namespace gateways::marketctl {

namespace {

// What the aggregate of one effect says.
struct Told {
    domain::Effect effect;
    std::string stream;
};

std::string_view worker_of(std::string_view name) {
    const auto last = name.rfind('/');
    const auto before = name.rfind('/', last - 1);
    return name.substr(before + 1, last - before - 1);
}

OpenEffect described(const projections::TodoItem& item, const Told* told) {
    OpenEffect open{.name = item.name,
                    .worker = std::string{worker_of(item.name)},
                    .kind = item.kind,
                    .stream = item.stream,
                    .tenant = item.tenant,
                    .asked = item.asked,
                    .due = item.due,
                    .state = item.parked ? "parked" : "open",
                    .reason = {},
                    .effect = {},
                    .data = item.data};
    if (told == nullptr) return open;
    if (!item.parked) open.state = "retried";
    open.parked = told->effect.parked;
    open.reason = told->effect.reason;
    open.effect = told->stream;
    return open;
}

template <class Command>
void append(bus::Log& log, const OpenEffect& effect, const Command& command, domain::Time now) {
    std::string data;
    schemas::write(command, data);
    // The same for each try to decide on this parking of it.
    const std::string id = "marketctl/" + std::string{Command::type} + "/" + effect.effect + "/" +
                           std::to_string(effect.parked);
    bus::Transaction transaction;
    transaction.append(bus::Topic::commands, bus::partition_of(effect.effect, log.partitions()),
                       effect.effect, [&](std::string& out) {
                           schemas::write_command({.id = id,
                                                   .type = Command::type,
                                                   .stream = effect.effect,
                                                   .time = now,
                                                   .tenant = effect.tenant,
                                                   .actor = "marketctl",
                                                   .owner = {},
                                                   .fingerprint = {},
                                                   .correlation = {},
                                                   .trace = {},
                                                   .reply = {},
                                                   .data = {}},
                                                  data, out);
                       });
    log.append(transaction);
}

OpenEffect parked_effect(bus::Log& log, const Folds& folds, std::string_view name,
                         Progress& progress) {
    OpenEffect effect = open_effect(log, folds, name, progress);
    if (effect.state != "parked")
        throw NotOpen{"'" + effect.name + "' is not parked: its worker is at it"};
    return effect;
}

} // namespace

std::vector<OpenEffect> open_effects(bus::Log& log, const Folds& folds, Progress& progress) {
    projections::MemoryStore store; // Only written to by a flush, which nobody needs here.
    std::deque<projections::Todo> todos;
    for (const auto& fold : folds)
        todos.emplace_back(*fold, store, log.partitions());
    std::map<std::string, Told, std::less<>> told;
    schemas::EnvelopeReader reader;
    walk(log, bus::Topic::events, all_partitions(log), progress, [&](const bus::Record& record) {
        for (projections::Todo& todo : todos)
            todo.apply(record);
        const auto event = reader.event(record.value);
        if (!event || event->sequence == 0 || !event->stream.starts_with("effect-")) return true;
        const auto change = schemas::read_data<domain::EffectEvent>(event->type, event->data,
                                                                    schemas::Unknown::skip);
        if (!change) return true;
        std::visit(
            [&](const auto& one) {
                Told& known = told[one.effect];
                known.effect = evolve(std::move(known.effect), domain::EffectEvent{one});
                known.stream = event->stream;
            },
            *change);
        return true;
    });

    std::vector<OpenEffect> all;
    const auto known = [&](const std::string& name) {
        const auto found = told.find(name);
        return found == told.end() ? nullptr : &found->second;
    };
    for (const projections::Todo& todo : todos) {
        todo.due({std::numeric_limits<std::int64_t>::max()},
                 [&](const projections::TodoItem& item) {
                     all.push_back(described(item, known(item.name)));
                     return true;
                 });
        for (const auto& [name, one] : told)
            if (const projections::TodoItem* item = todo.find(name);
                item != nullptr && item->parked)
                all.push_back(described(*item, &one));
    }
    std::ranges::stable_sort(all, {}, [](const OpenEffect& one) { return one.due; });
    return all;
}

OpenEffect open_effect(bus::Log& log, const Folds& folds, std::string_view name,
                       Progress& progress) {
    for (OpenEffect& one : open_effects(log, folds, progress))
        if (one.name == name || (!one.effect.empty() && one.effect == name)) return std::move(one);
    throw NotOpen{"no open effect has the name '" + std::string{name} + "'"};
}

void retry_effect(bus::Log& log, const Folds& folds, std::string_view name, domain::Time now,
                  Progress& progress) {
    append(log, parked_effect(log, folds, name, progress), domain::RetryEffect{}, now);
}

void drop_effect(bus::Log& log, const Folds& folds, std::string_view name, std::string_view reason,
                 domain::Time now, Progress& progress) {
    if (reason.empty()) throw std::invalid_argument{"an effect is dropped for a reason"};
    append(log, parked_effect(log, folds, name, progress), domain::DropEffect{std::string{reason}},
           now);
}

} // namespace gateways::marketctl
