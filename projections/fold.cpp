#include "projections/fold.hpp"

#include <algorithm>
#include <cstring>
#include <map>

namespace projections {

namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr bus::milliseconds patience{1000};

std::string place(const bus::Record& record) {
    return "events/" + std::to_string(record.partition) + "/" + std::to_string(record.offset);
}

} // namespace

void EventFold::fold(const bus::Record& record, Stamp& stamp) {
    if (record.offset < stamp.next) return;
    const auto event = reader_.event(record.value);
    if (!event)
        throw BrokenLog{place(record) + " is no event: " + event.error().where + " " +
                        event.error().problem};
    if (event->previous != stamp.head.text())
        throw BrokenLog{
            place(record) + " does not follow the record before it: its `previous` is " +
            std::string{event->previous} + ", expected " + std::string{stamp.head.text()}};
    stamp.head = chain_hash(record.value);
    stamp.next = record.offset + 1;

    Stream* stream = streams_.load(record.partition, event->stream);
    if (stream == nullptr) {
        // Written by a version that knew more: its neighbours go on.
        ++unreadable_;
        return;
    }
    if (record.offset <= stream->position) return;
    if (event->sequence != 0) {
        if (event->sequence != stream->sequence + 1)
            throw BrokenLog{place(record) + ": " + stream->name + " has " +
                            std::to_string(stream->sequence) + " events, and this one says it is " +
                            std::to_string(event->sequence)};
        if (!stream->unreadable && !stream->state->evolve(event->type, event->data)) {
            stream->unreadable = true;
            ++unreadable_;
        }
        if (stream->sequence == 0) {
            stream->tenant = event->tenant;
            stream->created = event->time;
        }
        stream->sequence = event->sequence;
        stream->event_position = record.offset;
        stream->updated = event->time;
    }
    stream->position = record.offset;

    const CommandHash command = command_hash(event->command);
    if (stream->seen.empty() || stream->seen.back().command != command) {
        Seen& seen = stream->seen.emplace_back();
        seen.command = command;
        std::memcpy(seen.fingerprint.data(), event->fingerprint.data(),
                    std::min(event->fingerprint.size(), seen.fingerprint.size()));
    }
    Seen& seen = stream->seen.back();
    seen.sequence = stream->sequence;
    seen.position = stream->event_position;
    if (event->sequence == 0) {
        std::string_view rejection;
        if (event->data["rejection"].get(rejection) == simdjson::SUCCESS)
            seen.rejection = rejection;
    }
    streams_.changed(*stream);
}

void catch_up(bus::Log& log, std::vector<Behind>& behind, Streams& streams, EventFold& fold,
              std::size_t dirty_max, const std::function<void(std::uint64_t)>& progress) {
    std::vector<bus::PartitionOffset> from;
    std::map<int, Behind*> by_partition;
    for (Behind& one : behind) {
        if (one.stamp.next >= one.end) continue;
        from.push_back({one.partition, one.stamp.next});
        by_partition[one.partition] = &one;
    }
    if (from.empty()) return;

    const auto reader = log.read(bus::Topic::events, from);
    const auto there = [&] {
        return std::ranges::all_of(reader->position(), [&](const bus::PartitionOffset& at) {
            return at.offset >= by_partition[at.partition]->end;
        });
    };
    std::uint64_t folded = 0;
    while (!there()) {
        for (const bus::Record& record : reader->read(block_bytes, patience)) {
            fold.fold(record, by_partition[record.partition]->stamp);
            ++folded;
        }
        if (streams.dirty() > dirty_max) {
            std::map<int, Stamp> stamps;
            for (const auto& [partition, one] : by_partition)
                stamps[partition] = one->stamp;
            streams.flush_all(std::move(stamps));
            streams.trim();
        }
        if (progress) progress(folded);
    }
    // What takes places after the last record (Kafka's markers) belongs to what was read.
    for (const auto& [partition, one] : by_partition)
        one->stamp.next = std::max(one->stamp.next, one->end);
}

} // namespace projections
