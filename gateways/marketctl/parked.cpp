#include "gateways/marketctl/parked.hpp"

#include "gateways/marketctl/walk.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gateways::marketctl {

namespace {

// An escape may take six bytes for one.
constexpr std::size_t parked_bytes_max = 8 * schemas::record_bytes_max;

schemas::Parked read(const bus::Record& record) {
    auto parked =
        schemas::read_text<schemas::Parked>(record.value, schemas::Unknown::skip, parked_bytes_max);
    if (!parked)
        throw bus::Error{place(record) + " is no parked record: " + parked.error().where + " " +
                         parked.error().problem};
    return std::move(*parked);
}

// With the key, which is no part of the value.
struct Whole {
    schemas::Parked parked;
    std::string key;
};

std::vector<Whole> whole(bus::Log& log, std::string_view id, Progress& progress) {
    std::vector<bus::PartitionOffset> wanted;
    for (const OpenRecord& one : open_records(log, progress))
        if (one.parked.id == id) wanted.push_back(one.at);
    if (wanted.empty()) throw NotParked{"no open record is parked under '" + std::string{id} + "'"};
    std::vector<Whole> found;
    for (const bus::PartitionOffset& at : wanted)
        walk(log, bus::Topic::parked, {at}, progress, [&](const bus::Record& record) {
            if (record.offset == at.offset)
                found.push_back({read(record), std::string{record.key}});
            return false;
        });
    return found;
}

void append_resolution(bus::Transaction& transaction, const Whole& open, domain::Time now,
                       std::string_view resolution) {
    schemas::Parked resolved = open.parked;
    resolved.payload.clear();
    resolved.base64 = false;
    resolved.time.clear();
    schemas::append_time(now, resolved.time);
    resolved.resolution = resolution;
    transaction.append(bus::Topic::parked, open.parked.partition, open.key,
                       [&](std::string& out) { schemas::write(resolved, out); });
}

} // namespace

std::vector<OpenRecord> open_records(bus::Log& log, Progress& progress) {
    std::vector<OpenRecord> open;
    walk(log, bus::Topic::parked, all_partitions(log), progress, [&](const bus::Record& record) {
        OpenRecord one{read(record), {record.partition, record.offset}};
        if (one.parked.resolution.empty()) {
            one.parked.payload.clear();
            one.parked.payload.shrink_to_fit();
            open.push_back(std::move(one));
        } else {
            std::erase_if(open, [&](const OpenRecord& earlier) {
                return earlier.parked.id == one.parked.id;
            });
        }
        return true;
    });
    std::ranges::stable_sort(open, {}, [](const OpenRecord& one) { return one.parked.time; });
    return open;
}

std::vector<schemas::Parked> parked_under(bus::Log& log, std::string_view id, Progress& progress) {
    std::vector<schemas::Parked> found;
    for (Whole& one : whole(log, id, progress))
        found.push_back(std::move(one.parked));
    return found;
}

std::string payload(const schemas::Parked& parked) {
    if (!parked.base64) return parked.payload;
    const std::string& text = parked.payload;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) throw bus::Error{"the payload of " + parked.id + " is no base64"};
    // It counts what '=' stands for as zeros.
    const auto padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

void retry(bus::Log& log, std::string_view id, domain::Time now, Progress& progress) {
    bus::Transaction transaction;
    schemas::EnvelopeReader reader;
    for (const Whole& open : whole(log, id, progress)) {
        if (open.parked.topic != bus::name(bus::Topic::commands))
            throw NotParked{"'" + std::string{id} + "' is no command: it can only be dropped"};
        if (open.parked.offset < 0)
            throw NotParked{"'" + std::string{id} +
                            "' came through a door, and only its data was kept: its sender asks "
                            "again under the same key, or it can be dropped"};
        const std::string command = payload(open.parked);
        // To where its stream lives, if it tells: it may have been set aside for standing
        // elsewhere.
        const auto readable = reader.command(command);
        const int partition = readable ? bus::partition_of(readable->stream, log.partitions())
                                       : open.parked.partition;
        const std::string key = readable ? std::string{readable->stream} : open.key;
        transaction.append(bus::Topic::commands, partition, key, command);
        append_resolution(transaction, open, now, "retried");
    }
    log.append(transaction);
}

void drop(bus::Log& log, std::string_view id, domain::Time now, Progress& progress) {
    bus::Transaction transaction;
    append_resolution(transaction, whole(log, id, progress).front(), now, "dropped");
    log.append(transaction);
}

} // namespace gateways::marketctl
