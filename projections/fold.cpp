#include "projections/fold.hpp"

#include <algorithm>
#include <array>
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

// A few records at a time: their hashes do not depend on each other, since every record names the
// one before it, and their streams can be fetched from memory side by side.
void EventFold::fold(std::span<const bus::Record> records, const std::vector<Stamp*>& stamps) {
    constexpr std::size_t at_once = 16;
    std::array<ChainHash, at_once> hashes;
    for (; !records.empty(); records = records.subspan(std::min(at_once, records.size()))) {
        const auto some = records.first(std::min(at_once, records.size()));
        for (const bus::Record& record : some)
            streams_.expect(record.key);
        std::size_t at = 0;
        for (; at + 1 < some.size(); at += 2)
            chain_hash_pair(some[at].value, some[at + 1].value, hashes[at], hashes[at + 1]);
        if (at < some.size()) hashes[at] = chain_hash(some[at].value);
        for (std::size_t i = 0; i < some.size(); ++i)
            fold(some[i], hashes[i], *stamps[static_cast<std::size_t>(some[i].partition)]);
    }
}

void EventFold::fold(const bus::Record& record, const ChainHash& hash, Stamp& stamp) {
    if (record.offset < stamp.next) return;
    const auto event = reader_.event(record.value);
    if (!event)
        throw BrokenLog{place(record) + " is no event: " + event.error().where + " " +
                        event.error().problem};
    if (event->previous != stamp.head.text())
        throw BrokenLog{
            place(record) + " does not follow the record before it: its `previous` is " +
            std::string{event->previous} + ", expected " + std::string{stamp.head.text()}};
    stamp.head = hash;
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
        if (stream->seen.empty()) stream->seen.reserve(seen_at_first);
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
    std::vector<Stamp*> all_stamps(static_cast<std::size_t>(log.partitions()));
    std::map<int, Behind*> by_partition;
    for (Behind& one : behind) {
        if (one.stamp.next >= one.end) continue;
        from.push_back({one.partition, one.stamp.next});
        by_partition[one.partition] = &one;
        all_stamps[static_cast<std::size_t>(one.partition)] = &one.stamp;
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
        const auto records = reader->read(block_bytes, patience);
        fold.fold(records, all_stamps);
        folded += records.size();
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
