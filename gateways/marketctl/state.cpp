#include "gateways/marketctl/state.hpp"

#include "gateways/marketctl/record_digest.hpp"
#include "gateways/marketctl/walk.hpp"
#include "projections/fold.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <stdexcept>

namespace gateways::marketctl {

namespace {

using projections::Seen;
using projections::Stamp;
using projections::Store;
using projections::Stream;

constexpr std::size_t streams_kept = 65536;
constexpr std::size_t streams_dirty_max = 16384;

// A row of a stream has its name as key; that of an answer which moved out of it goes on with a
// zero byte.
bool is_stream(std::string_view key) { return key.find('\0') == key.npos; }

Stream read_stream(std::string_view key, std::string_view row, int partition,
                   const projections::Registry& registry) {
    Stream stream;
    stream.name = key;
    stream.partition = partition;
    stream.aggregate = registry.of_stream(key);
    if (stream.aggregate == nullptr)
        throw std::runtime_error{"the store has a stream of an unknown kind: " + stream.name};
    projections::read_row(row, stream);
    return stream;
}

void without_positions(std::string_view key, std::string_view row, int partition,
                       const projections::Registry& registry, std::string& out) {
    out.clear();
    if (!is_stream(key)) {
        Seen seen = projections::read_seen(row);
        seen.position = 0;
        projections::write_seen(seen, out);
        return;
    }
    Stream stream = read_stream(key, row, partition, registry);
    stream.position = stream.event_position = 0;
    for (Seen& seen : stream.seen)
        seen.position = 0;
    projections::write_row(stream, out);
}

// What is shown of a remembered command.
struct ShownCommand {
    std::string hash; // XXH3 (128 bits) of its id, as `xxhsum -H2` prints it.
    std::string fingerprint;
    std::uint64_t sequence = 0;
    std::int64_t position = 0;
    std::string rejection;
};
BOOST_DESCRIBE_STRUCT(ShownCommand, (), (hash, fingerprint, sequence, position, rejection))

std::string hex(const projections::CommandHash& hash) {
    char digits[33];
    std::snprintf(digits, sizeof digits, "%016llx%016llx",
                  static_cast<unsigned long long>(hash.high),
                  static_cast<unsigned long long>(hash.low));
    return digits;
}

ShownCommand shown(const Seen& seen) {
    return {hex(seen.command),
            {seen.fingerprint.data(), seen.fingerprint.size()},
            seen.sequence,
            seen.position,
            seen.rejection};
}

} // namespace

void bring_up(bus::Log& log, Store& store, const projections::Registry& registry, int partition,
              Progress& progress) {
    std::map<int, Stamp> stamps;
    std::vector<bus::PartitionOffset> from;
    std::uint64_t total = 0;
    for (int one = 0; one < log.partitions(); ++one) {
        if (partition >= 0 && one != partition) continue;
        const Stamp& stamp = stamps[one] = store.stamp(one);
        const bus::Offset end = log.end(bus::Topic::events, one);
        if (stamp.next > end)
            throw projections::BrokenLog{"the store contains partition " + std::to_string(one) +
                                         " up to " + std::to_string(stamp.next) +
                                         ", but the log ends at " + std::to_string(end) +
                                         ": it is of another log, or the log has lost its end"};
        from.push_back({one, stamp.next});
        total += static_cast<std::uint64_t>(end - stamp.next);
    }
    projections::Streams streams{store, registry, streams_kept};
    projections::EventFold fold{streams};
    progress.begin("folding", total);
    const auto reached =
        walk(log, bus::Topic::events, from, progress, [&](const bus::Record& record) {
            fold.fold(record, stamps[record.partition]);
            if (streams.dirty() > streams_dirty_max) {
                streams.flush_all(stamps);
                streams.trim();
            }
            return true;
        });
    for (const bus::PartitionOffset& one : reached)
        stamps[one.partition].next = one.offset;
    streams.flush_all(stamps);
    progress.end();
}

StateDigest state_digest(const std::function<Store&(int partition)>& store,
                         const projections::Registry& registry, int partitions,
                         Positions positions) {
    StateDigest digest;
    RecordDigest all;
    std::string bare;
    for (int partition = 0; partition < partitions; ++partition) {
        RecordDigest rows;
        store(partition).for_each(partition, [&](std::string_view key, std::string_view row) {
            rows.add(key);
            if (positions == Positions::left_out) {
                without_positions(key, row, partition, registry, bare);
                rows.add(bare);
            } else {
                rows.add(row);
            }
            ++digest.rows;
        });
        digest.partitions.push_back(rows.hex());
        all.add(digest.partitions.back());
    }
    digest.all = all.hex();
    return digest;
}

StateDigest replayed_digest(bus::Log& log, const projections::Registry& registry,
                            Positions positions) {
    projections::MemoryStore store;
    NoProgress progress;
    bring_up(log, store, registry, -1, progress);
    return state_digest([&](int) -> Store& { return store; }, registry, log.partitions(),
                        positions);
}

std::string show_stream(Store& store, const projections::Registry& registry, int partitions,
                        std::string_view name) {
    const int partition = bus::partition_of(name, partitions);
    std::string row;
    if (!store.get(partition, name, row)) return {};
    const Stream stream = read_stream(name, row, partition, registry);

    // Answers that moved out stand behind the row, in no order of time. Those without an event of
    // their own share the position of the one before them.
    std::vector<Seen> seen;
    if (stream.seen_moved_out > 0) {
        const std::string prefix = std::string{name} + '\0';
        store.for_each(partition, [&](std::string_view key, std::string_view answer) {
            if (key.starts_with(prefix)) seen.push_back(projections::read_seen(answer));
        });
        std::ranges::sort(seen, {}, &Seen::position);
    }
    seen.insert(seen.end(), stream.seen.begin(), stream.seen.end());
    std::vector<ShownCommand> commands;
    for (const Seen& one : seen)
        commands.push_back(shown(one));

    std::string out = "{\"stream\":";
    schemas::write_text(stream.name, out);
    out += ",\"partition\":" + std::to_string(partition);
    out += ",\"sequence\":" + std::to_string(stream.sequence);
    out += ",\"position\":" + std::to_string(stream.position);
    out += ",\"tenant\":";
    schemas::write_text(stream.tenant, out);
    out += ",\"created\":";
    schemas::write_time(stream.created, out);
    out += ",\"updated\":";
    schemas::write_time(stream.updated, out);
    out += stream.unreadable ? ",\"unreadable\":true" : "";
    out += ",\"state\":";
    stream.state->write(out);
    out += ",\"commands\":";
    schemas::write(commands, out);
    out += "}";
    return out;
}

} // namespace gateways::marketctl
