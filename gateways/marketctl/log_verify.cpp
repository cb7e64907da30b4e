#include "gateways/marketctl/log_verify.hpp"

#include "gateways/marketctl/walk.hpp"
#include "projections/chain.hpp"
#include "projections/stream.hpp"
#include "schemas/envelope.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <optional>

namespace gateways::marketctl {

namespace {

using projections::CommandHash;

constexpr std::string_view answered_type = "command.answered";

struct HashOfHash {
    std::size_t operator()(const CommandHash& hash) const { return hash.low; }
};

bool before(const CommandHash& left, const CommandHash& right) {
    return left.high != right.high ? left.high < right.high : left.low < right.low;
}

bool hexadecimal(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Finds commands that come twice, in memory that is bounded: each pass over the log collects one
// class of them.
class CommandPasses {
public:
    CommandPasses(std::uint64_t records, std::size_t bytes)
        : passes_{1 + records / std::max<std::uint64_t>(1, bytes / sizeof(CommandHash))} {}

    std::uint64_t count() const { return passes_; }
    void begin(std::uint64_t pass) {
        pass_ = pass;
        collected_.clear();
    }
    void add(const CommandHash& command) {
        if (command.high % passes_ == pass_) collected_.push_back(command);
    }
    std::uint64_t collected() const { return collected_.size(); }

    // Those that were collected twice or more, in order.
    std::vector<CommandHash> repeated() {
        std::ranges::sort(collected_, before);
        std::vector<CommandHash> found;
        for (std::size_t i = 1; i < collected_.size(); ++i)
            if (collected_[i] == collected_[i - 1] &&
                (found.empty() || found.back() != collected_[i]))
                found.push_back(collected_[i]);
        return found;
    }

private:
    const std::uint64_t passes_;
    std::uint64_t pass_ = 0;
    std::vector<CommandHash> collected_;
};

class Verifier {
public:
    Verifier(bus::Log& log, const VerifyOptions& options)
        : partitions_{log.partitions()}, passes_{records_of(log), options.command_bytes} {
        for (int partition = 0; partition < partitions_; ++partition) {
            places_.emplace_back();
            report_.partitions.push_back({partition, 0, {}, {}, {}});
        }
    }

    Verification run(bus::Log& log, Progress& progress) {
        const std::uint64_t total = records_of(log);
        progress.begin("verifying", total);
        passes_.begin(0);
        walk(log, bus::Topic::events, all_partitions(log), progress,
             [&](const bus::Record& record) { return take(record); });
        find_repeated(log, progress);
        for (std::uint64_t pass = 1; pass < passes_.count() && report_.faults.empty(); ++pass) {
            progress.begin("looking for repeated commands, pass " + std::to_string(pass + 1) +
                               " of " + std::to_string(passes_.count()),
                           total);
            passes_.begin(pass);
            collect(log, progress);
            find_repeated(log, progress);
        }
        progress.end();

        for (std::size_t i = 0; i < places_.size(); ++i) {
            report_.partitions[i].head = places_[i].head.text();
            report_.records += report_.partitions[i].records;
        }
        report_.streams = streams_.size();
        report_.whole = report_.faults.empty();
        return std::move(report_);
    }

private:
    struct Place {
        projections::ChainHash head;
        std::string command;      // That caused the last record,
        std::uint64_t number = 0; // and how many records it has caused so far.
        bool answered = false;    // One that can only stand alone.
        std::string stream;
    };
    struct Stream {
        std::uint64_t sequence = 0;
        std::uint32_t tenant = 0; // Part of its hash.
    };

    static std::uint64_t records_of(bus::Log& log) {
        std::uint64_t records = 0;
        for (int partition = 0; partition < log.partitions(); ++partition)
            records += static_cast<std::uint64_t>(log.end(bus::Topic::events, partition));
        return records;
    }

    bool take(const bus::Record& record) {
        std::string problem = check(record);
        if (problem.empty()) return true;
        report_.faults.push_back({place(record), std::move(problem)});
        return false;
    }

    // Empty when all is well.
    std::string check(const bus::Record& record) {
        const auto read = reader_.event(record.value);
        if (!read) return "is no event: " + read.error().where + " " + read.error().problem;
        const schemas::EventView& event = *read;
        const auto at = static_cast<std::size_t>(record.partition);
        Place& place = places_[at];

        if (event.previous != place.head.text())
            return "does not follow the record before it: `previous` is " +
                   std::string{event.previous} + ", but the SHA-256 of that record is " +
                   std::string{place.head.text()};
        place.head = projections::chain_hash(record.value);

        if (event.type.empty() || event.stream.empty() || event.tenant.empty() ||
            event.actor.empty() || event.command.empty() || event.correlation.empty())
            return "has an empty field";
        if (event.fingerprint.size() != 16 || !hexadecimal(event.fingerprint))
            return "has a fingerprint that is not 16 hex digits";
        if (record.key != event.stream)
            return "has the key " + std::string{record.key} + ", but is of the stream " +
                   std::string{event.stream};
        if (bus::partition_of(event.stream, partitions_) != record.partition)
            return "is of the stream " + std::string{event.stream} +
                   ", which lives in another partition";
        if (std::string problem = check_stream(event); !problem.empty()) return problem;
        if (std::string problem = check_command(event, place); !problem.empty()) return problem;

        VerifiedPartition& summary = report_.partitions[at];
        last_.clear();
        schemas::append_time(event.time, last_);
        if (summary.records++ == 0) summary.first = last_;
        summary.last = last_;
        return {};
    }

    std::string check_stream(const schemas::EventView& event) {
        Stream& stream = streams_[projections::command_hash(event.stream)];
        const auto tenant =
            static_cast<std::uint32_t>(projections::command_hash(event.tenant).low | 1);
        if (event.type == answered_type) {
            if (event.sequence != 0) return "is a command.answered, but has a sequence";
        } else {
            if (event.sequence != stream.sequence + 1)
                return "says it is event " + std::to_string(event.sequence) + " of " +
                       std::string{event.stream} + ", which has " +
                       std::to_string(stream.sequence) + " before it";
            stream.sequence = event.sequence;
            if (stream.tenant == 0) stream.tenant = tenant;
        }
        // A refused command on a stream that never began is nobody's yet.
        if (stream.tenant != 0 && stream.tenant != tenant)
            return "says that " + std::string{event.stream} + " is of the tenant " +
                   std::string{event.tenant} + ", but it began as another's";
        return {};
    }

    std::string check_command(const schemas::EventView& event, Place& place) {
        const bool answered = event.type == answered_type;
        if (event.command != place.command) {
            place.command = event.command;
            place.number = 0;
            place.answered = answered;
            place.stream = event.stream;
            const CommandHash hash = projections::command_hash(event.command);
            passes_.add(hash);
            ++report_.commands;
        } else if (answered || place.answered) {
            return "repeats the command " + std::string{event.command} + ", which was answered";
        } else if (event.stream != place.stream) {
            return "is of the command " + std::string{event.command} + ", which is for " +
                   place.stream;
        }
        ++place.number;
        id_.assign(event.command).append(".").append(std::to_string(place.number));
        if (event.id != id_)
            return "has the id " + std::string{event.id} + ", but is record " +
                   std::to_string(place.number) + " of its command: " + id_;
        return {};
    }

    // Calls visit(record, hash) for the first record of each run of a command's records.
    template <class Visit>
    void commands(bus::Log& log, Progress& progress, Visit visit) {
        std::vector<std::string> last(places_.size());
        walk(log, bus::Topic::events, all_partitions(log), progress,
             [&](const bus::Record& record) {
                 const auto event = reader_.event(record.value);
                 std::string& command = last[static_cast<std::size_t>(record.partition)];
                 // What was appended since the first pass is left for the next verification.
                 if (!event || event->command == command) return event.has_value();
                 command = event->command;
                 return visit(record, projections::command_hash(command));
             });
    }

    void collect(bus::Log& log, Progress& progress) {
        commands(log, progress, [&](const bus::Record&, const CommandHash& hash) {
            passes_.add(hash);
            return true;
        });
    }

    void find_repeated(bus::Log& log, Progress& progress) {
        if (!report_.faults.empty()) return;
        const auto repeated = passes_.repeated();
        if (repeated.empty()) return;
        progress.begin("looking for the place", records_of(log));
        std::vector<bool> met(repeated.size(), false);
        commands(log, progress, [&](const bus::Record& record, const CommandHash& hash) {
            const auto found = std::ranges::lower_bound(repeated, hash, before);
            if (found == repeated.end() || *found != hash) return true;
            const auto at = static_cast<std::size_t>(found - repeated.begin());
            if (!met[at]) {
                met[at] = true;
                return true;
            }
            const auto event = reader_.event(record.value);
            report_.faults.push_back({place(record), "repeats the command " +
                                                         std::string{event->command} +
                                                         ", which has taken effect before"});
            return false;
        });
    }

    const int partitions_;
    CommandPasses passes_;
    Verification report_;
    std::vector<Place> places_;
    boost::unordered_flat_map<CommandHash, Stream, HashOfHash> streams_;
    schemas::EnvelopeReader reader_;
    std::string id_, last_;
};

} // namespace

Verification verify(bus::Log& log, const VerifyOptions& options, Progress& progress) {
    return Verifier{log, options}.run(log, progress);
}

} // namespace gateways::marketctl
