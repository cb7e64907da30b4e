#include "gateways/marketctl/log_cat.hpp"

#include "gateways/marketctl/walk.hpp"

#include <memory>

namespace gateways::marketctl {

namespace {

std::vector<bus::PartitionOffset> places(bus::Log& log, const CatOptions& options, bool at_end) {
    std::vector<bus::PartitionOffset> places;
    const int partitions = log.partitions();
    std::optional<int> only = options.partition;
    if (!only && !options.stream.empty()) only = bus::partition_of(options.stream, partitions);
    if (only && (*only < 0 || *only >= partitions))
        throw bus::Error{"there is no partition " + std::to_string(*only) + ": the log has " +
                         std::to_string(partitions)};
    for (int partition = 0; partition < partitions; ++partition) {
        if (only && *only != partition) continue;
        const bus::Offset otherwise = at_end ? log.end(options.topic, partition) : 0;
        places.push_back({partition, options.from.value_or(otherwise)});
    }
    return places;
}

class Printer {
public:
    Printer(const CatOptions& options, const Print& print) : options_{options}, print_{print} {}

    bool done() const { return options_.limit && printed_ >= *options_.limit; }

    // False when nothing more is wanted.
    bool take(const bus::Record& record) {
        if (done()) return false;
        if (!options_.stream.empty() && record.key != options_.stream) return true;
        line_.clear();
        if (options_.offsets)
            line_ += std::to_string(record.partition) + ":" + std::to_string(record.offset) + "\t";
        if (options_.keys) line_.append(record.key).append("\t");
        line_.append(record.value).append("\n");
        print_(line_);
        ++printed_;
        return !done();
    }

private:
    const CatOptions& options_;
    const Print& print_;
    std::string line_;
    std::uint64_t printed_ = 0;
};

} // namespace

void cat(bus::Log& log, const CatOptions& options, const Print& print) {
    const auto from = places(log, options, false);
    Printer printer{options, print};
    if (printer.done()) return;
    OnlyInterrupts progress;
    walk(log, options.topic, from, progress,
         [&](const bus::Record& record) { return printer.take(record); });
}

void tail(std::unique_ptr<bus::Log> log, const CatOptions& options, const Print& print,
          const std::function<std::unique_ptr<bus::Log>(std::unique_ptr<bus::Log>)>& again,
          const std::function<bool()>& ended) {
    auto from = places(*log, options, true);
    Printer printer{options, print};
    NoProgress progress;
    while (!ended() && !printer.done()) {
        from = walk(*log, options.topic, from, progress,
                    [&](const bus::Record& record) { return printer.take(record) && !ended(); });
        if (!printer.done() && !ended()) log = again(std::move(log));
    }
}

} // namespace gateways::marketctl
