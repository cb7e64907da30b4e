#include "projections/fold.hpp"

#include <cstring>

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
        throw BrokenLog{place(record) + " does not follow the record before it: its `previous` is " +
                        std::string{event->previous} + ", expected " +
                        std::string{stamp.head.text()}};
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
    seen.position = record.offset;
    if (event->sequence == 0) {
        std::string_view rejection;
        if (event->data["rejection"].get(rejection) == simdjson::SUCCESS)
            seen.rejection = rejection;
    }
    streams_.changed(*stream);
}

void catch_up(bus::Log& log, int partition, bus::Offset end, Streams& streams, EventFold& fold,
              Stamp& stamp, std::size_t dirty_max,
              const std::function<void(bus::Offset)>& progress) {
    if (stamp.next >= end) return;
    const auto reader = log.read(bus::Topic::events, {{partition, stamp.next}});
    while (reader->position().front().offset < end) {
        for (const bus::Record& record : reader->read(block_bytes, patience)) fold.fold(record, stamp);
        if (streams.dirty() > dirty_max) {
            streams.flush_all({{partition, stamp}});
            streams.trim();
        }
        if (progress) progress(stamp.next);
    }
    // What takes places after the last record (Kafka's markers) belongs to what was read.
    stamp.next = std::max(stamp.next, end);
}

} // namespace projections
