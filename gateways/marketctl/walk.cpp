#include "gateways/marketctl/walk.hpp"

#include <algorithm>
#include <chrono>

namespace gateways::marketctl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t block_bytes = 1 << 20;
constexpr bus::milliseconds round_wait{500};
constexpr std::chrono::seconds patience{60}; // For the next record that has to be there.

} // namespace

std::vector<bus::PartitionOffset> all_partitions(const bus::Log& log, bus::Offset from) {
    std::vector<bus::PartitionOffset> all;
    for (int partition = 0; partition < log.partitions(); ++partition)
        all.push_back({partition, from});
    return all;
}

std::string place(const bus::Record& record) {
    return std::string{bus::name(record.topic)} + "/" + std::to_string(record.partition) + "/" +
           std::to_string(record.offset);
}

std::vector<bus::PartitionOffset> walk(bus::Log& log, bus::Topic topic,
                                       const std::vector<bus::PartitionOffset>& from,
                                       Progress& progress,
                                       const std::function<bool(const bus::Record&)>& visit) {
    std::vector<bus::Offset> ends(static_cast<std::size_t>(log.partitions()), 0);
    std::vector<bus::PartitionOffset> wanted, reached;
    for (const bus::PartitionOffset& one : from) {
        bus::Offset& end = ends.at(static_cast<std::size_t>(one.partition));
        end = log.end(topic, one.partition);
        if (one.offset < end) wanted.push_back(one);
        reached.push_back({one.partition, std::max(one.offset, end)});
    }
    if (wanted.empty()) return reached;

    const auto reader = log.read(topic, wanted);
    auto heard = Clock::now();
    std::uint64_t done = 0;
    while (true) {
        const auto records = reader->read(block_bytes, round_wait);
        for (const bus::Record& record : records) {
            if (record.offset >= ends[static_cast<std::size_t>(record.partition)]) continue;
            if (!visit(record)) return reached;
        }
        done += records.size();
        progress.at(done);
        if (std::ranges::all_of(reader->position(), [&](const bus::PartitionOffset& one) {
                return one.offset >= ends[static_cast<std::size_t>(one.partition)];
            }))
            return reached;
        const auto now = Clock::now();
        if (!records.empty()) heard = now;
        if (now - heard > patience)
            throw bus::Error{std::string{bus::name(topic)} +
                             " cannot be read to its end: no record came for a minute. " +
                             log.trouble()};
    }
}

} // namespace gateways::marketctl
