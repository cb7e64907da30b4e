#include "projections/todo.hpp"

#include "domain/effect.hpp"
#include "projections/fold.hpp"
#include "projections/stream.hpp"
#include "schemas/messages.hpp"
#include "schemas/packed.hpp"

#include <algorithm>

namespace projections {

namespace {

std::string item_key(std::string_view name) { return "i" + std::string{name}; }

} // namespace

std::uint64_t Todo::layout(const TodoFold& fold) {
    return schemas::packed_layout<TodoItem>() * 31 + fold.version();
}

Todo::Todo(const TodoFold& fold, Store& store, int partitions)
    : fold_{fold},
      store_{store},
      infix_{"/" + std::string{fold.name()} + "/"},
      counts_(static_cast<std::size_t>(partitions)),
      rows_(static_cast<std::size_t>(partitions)) {
    for (int partition = 0; partition < partitions; ++partition) {
        stamps_.push_back(store.stamp(partition));
        store.for_each(partition, [&](std::string_view key, std::string_view row) {
            if (key.starts_with('x')) {
                closed_early_.emplace(key.substr(1));
                return;
            }
            TodoItem item;
            schemas::Packed in{row};
            schemas::unpack(in, item);
            add(std::move(item));
        });
    }
}

bus::Offset Todo::position(int partition) const {
    return stamps_[static_cast<std::size_t>(partition)].next;
}

void Todo::apply(const bus::Record& record) {
    Stamp& stamp = stamps_[static_cast<std::size_t>(record.partition)];
    if (record.offset < stamp.next) return;
    const auto event = reader_.event(record.value);
    if (!event)
        throw BrokenLog{"events/" + std::to_string(record.partition) + "/" +
                        std::to_string(record.offset) + " is no event: " + event.error().where +
                        " " + event.error().problem};
    stamp.next = record.offset + 1;

    // A record of this command, decided or refused: the item has its conclusion.
    if (find(event->command) == nullptr && event->command.find(infix_) != std::string_view::npos) {
        const auto [early, fresh] = closed_early_.emplace(event->command);
        if (fresh) rows_[static_cast<std::size_t>(record.partition)]["x" + *early] = "x";
    }
    close(event->command);
    if (event->sequence == 0) return;
    if (event->stream.starts_with("effect-")) {
        if (const auto one = schemas::read_data<domain::EffectEvent>(event->type, event->data,
                                                                     schemas::Unknown::skip)) {
            if (const auto* it = std::get_if<domain::EffectConcluded>(&*one)) close(it->effect);
            if (const auto* it = std::get_if<domain::EffectDropped>(&*one)) close(it->effect);
            if (const auto* it = std::get_if<domain::EffectParked>(&*one)) park(it->effect, true);
            if (const auto* it = std::get_if<domain::EffectRetried>(&*one)) park(it->effect, false);
        }
        return;
    }
    openings_.clear();
    fold_.open(*event, openings_);
    for (TodoFold::Opening& opening : openings_) {
        TodoItem item;
        item.name.append(short_id(event->id))
            .append("/")
            .append(fold_.name())
            .append("/")
            .append(opening.step);
        if (const auto early = closed_early_.find(item.name); early != closed_early_.end()) {
            for (auto& rows : rows_)
                rows["x" + *early] = {};
            closed_early_.erase(early);
            continue;
        }
        item.stream = event->stream;
        item.tenant = event->tenant;
        item.correlation = event->correlation;
        item.kind = std::move(opening.kind);
        item.data = std::move(opening.data);
        item.partition = record.partition;
        item.asked = event->time;
        item.due = std::max(opening.due, event->time);
        changed(item);
        add(std::move(item));
    }
}

void Todo::add(TodoItem item) {
    std::string name = item.name;
    const domain::Time due = item.due;
    const bool parked = item.parked;
    Counts& counts = counts_[index(item.partition)];
    const auto [place, fresh] = items_.try_emplace(std::move(name), Entry{std::move(item), due});
    if (!fresh) return;
    ++counts.open;
    if (parked)
        ++counts.parked;
    else
        by_time_.emplace(due.milliseconds, place->first);
}

void Todo::close(std::string_view name) {
    const auto found = items_.find(name);
    if (found == items_.end()) return;
    const Entry& entry = found->second;
    by_time_.erase({entry.not_before.milliseconds, found->first});
    Counts& counts = counts_[index(entry.item.partition)];
    --counts.open;
    if (entry.item.parked) --counts.parked;
    rows_[static_cast<std::size_t>(entry.item.partition)][item_key(name)] = {};
    items_.erase(found);
}

void Todo::park(std::string_view name, bool parked) {
    const auto found = items_.find(name);
    if (found == items_.end() || found->second.item.parked == parked) return;
    Entry& entry = found->second;
    entry.item.parked = parked;
    if (parked) {
        by_time_.erase({entry.not_before.milliseconds, found->first});
        ++counts_[index(entry.item.partition)].parked;
    } else {
        --counts_[index(entry.item.partition)].parked;
        entry.item.attempts = 0;
        entry.not_before = entry.item.due;
        by_time_.emplace(entry.not_before.milliseconds, found->first);
    }
    changed(entry.item);
}

void Todo::changed(const TodoItem& item) {
    std::string& row = rows_[static_cast<std::size_t>(item.partition)][item_key(item.name)];
    row.clear();
    schemas::pack(item, row);
}

void Todo::flush() {
    for (std::size_t partition = 0; partition < rows_.size(); ++partition) {
        std::vector<RowWrite> rows;
        for (auto& [key, row] : rows_[partition])
            rows.push_back({key, std::move(row)});
        rows_[partition].clear();
        store_.write(static_cast<int>(partition), rows, stamps_[partition]);
    }
}

void Todo::due(domain::Time now, const std::function<bool(const TodoItem&)>& visit) const {
    for (const auto& [time, name] : by_time_)
        if (time > now.milliseconds || !visit(items_.find(name)->second.item)) return;
}

std::optional<domain::Time> Todo::next_due(domain::Time now) const {
    const auto next = by_time_.upper_bound({now.milliseconds + 1, {}});
    if (next == by_time_.end()) return std::nullopt;
    return domain::Time{next->first};
}

const TodoItem* Todo::find(std::string_view name) const {
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : &found->second.item;
}

void Todo::postpone(std::string_view name, domain::Time until) {
    const auto found = items_.find(name);
    if (found == items_.end() || found->second.item.parked) return;
    Entry& entry = found->second;
    by_time_.erase({entry.not_before.milliseconds, found->first});
    entry.not_before = until;
    ++entry.item.attempts;
    by_time_.emplace(until.milliseconds, found->first);
}

} // namespace projections
