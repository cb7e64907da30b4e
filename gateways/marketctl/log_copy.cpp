#include "gateways/marketctl/log_copy.hpp"

#include "gateways/marketctl/record_digest.hpp"
#include "gateways/marketctl/walk.hpp"
#include "projections/chain.hpp"
#include "schemas/envelope.hpp"

#include <algorithm>
#include <array>

namespace gateways::marketctl {

namespace {

// Commands last: whoever opens a copy that was broken off finds nothing to decide in it.
constexpr std::array<bus::Topic, 3> copied_topics{bus::Topic::events, bus::Topic::parked,
                                                  bus::Topic::commands};

std::uint64_t span(bus::Log& log, bus::Topic topic, const std::vector<bus::PartitionOffset>& from) {
    std::uint64_t records = 0;
    for (const bus::PartitionOffset& one : from)
        records += static_cast<std::uint64_t>(
            std::max<bus::Offset>(0, log.end(topic, one.partition) - one.offset));
    return records;
}

// What was seen of one partition of a topic.
struct SeenPartition {
    std::uint64_t records = 0;
    RecordDigest digest;
    projections::ChainHash head; // Of `events`.

    void add(const bus::Record& record) {
        ++records;
        digest.add(record.key);
        digest.add(record.value);
    }
};

// One topic's way from a log to the other.
class TopicCopy {
public:
    TopicCopy(bus::Log& from, bus::Log& to, bus::Topic topic)
        : from_{from}, to_{to}, topic_{topic}, next_{begin()} {
        for (int partition = 0; partition < from.partitions(); ++partition) {
            source_.emplace_back();
            target_.emplace_back();
        }
    }

    // Reads what the target has, and as much of the source. Throws NoCopy when they differ.
    void compare(Progress& progress) {
        const auto all = all_partitions(to_);
        progress.begin(task("reading the target's"), span(to_, topic_, all));
        walk(to_, topic_, all, progress, [&](const bus::Record& record) {
            of(target_, record).add(record);
            return true;
        });

        std::vector<bus::PartitionOffset> begun;
        std::uint64_t found = 0;
        for (const bus::PartitionOffset& one : next_)
            if (const auto records = target_[static_cast<std::size_t>(one.partition)].records) {
                begun.push_back(one);
                found += records;
            }
        if (begun.empty()) return;
        std::size_t left = begun.size();
        std::uint64_t done = 0;
        progress.begin(task("comparing"), found);
        OnlyInterrupts quiet;
        walk(from_, topic_, begun, quiet, [&](const bus::Record& record) {
            SeenPartition& source = of(source_, record);
            const SeenPartition& target = of(target_, record);
            if (source.records == target.records) return true;
            take(source, record);
            next_[static_cast<std::size_t>(record.partition)].offset = record.offset + 1;
            if (++done % 1024 == 0) progress.at(done);
            if (source.records < target.records) return true;
            if (source.digest.hex() != target.digest.hex()) differs(record.partition);
            return --left > 0;
        });
        for (const bus::PartitionOffset& one : begun)
            if (source_[static_cast<std::size_t>(one.partition)].records <
                target_[static_cast<std::size_t>(one.partition)].records)
                differs(one.partition);
    }

    // Goes on behind what was compared. Returns the number of records.
    std::uint64_t copy(const CopyOptions& options, Progress& progress) {
        std::uint64_t done = 0;
        const auto flush = [&] {
            if (transaction_.empty()) return;
            to_.append(transaction_);
            done += transaction_.entries().size();
            transaction_.clear();
        };
        progress.begin(task("copying"), span(from_, topic_, next_));
        OnlyInterrupts quiet;
        walk(from_, topic_, next_, quiet, [&](const bus::Record& record) {
            take(of(source_, record), record);
            transaction_.append(topic_, record.partition, record.key, record.value);
            if (transaction_.bytes() >= options.bytes_max ||
                transaction_.entries().size() >= options.records_max) {
                flush();
                progress.at(done);
            }
            return true;
        });
        flush();
        progress.at(done);
        return done;
    }

    // Reads the whole target once more.
    void verify(Progress& progress) {
        std::vector<SeenPartition> again(source_.size());
        const auto all = all_partitions(to_);
        progress.begin(task("verifying the target's"), span(to_, topic_, all));
        walk(to_, topic_, all, progress, [&](const bus::Record& record) {
            take(of(again, record), record);
            return true;
        });
        for (std::size_t i = 0; i < again.size(); ++i)
            if (again[i].records != source_[i].records || again[i].head != source_[i].head ||
                again[i].digest.hex() != source_[i].digest.hex())
                throw bus::Error{"the copy of " + std::string{bus::name(topic_)} + "/" +
                                 std::to_string(i) + " is not what the source has (" +
                                 std::to_string(again[i].records) + " records against " +
                                 std::to_string(source_[i].records) +
                                 "): has anybody else written to the target? Do not use it"};
    }

    const SeenPartition& source(int partition) const {
        return source_[static_cast<std::size_t>(partition)];
    }
    std::uint64_t found() const {
        std::uint64_t records = 0;
        for (const SeenPartition& one : target_)
            records += one.records;
        return records;
    }

private:
    // Where in the source the target begins.
    std::vector<bus::PartitionOffset> begin() const {
        auto places = all_partitions(from_);
        if (topic_ == bus::Topic::commands)
            for (bus::PartitionOffset& one : places)
                one.offset = from_.consumed(one.partition);
        return places;
    }

    std::string task(const std::string& what) const {
        return what + " " + std::string{bus::name(topic_)};
    }

    static SeenPartition& of(std::vector<SeenPartition>& all, const bus::Record& record) {
        return all[static_cast<std::size_t>(record.partition)];
    }

    void take(SeenPartition& seen, const bus::Record& record) {
        if (topic_ == bus::Topic::events) {
            const auto event = reader_.event(record.value);
            if (!event)
                throw bus::Error{place(record) + " is no event (" + event.error().where + " " +
                                 event.error().problem + "): log verify says more"};
            if (event->previous != seen.head.text())
                throw bus::Error{place(record) +
                                 " does not follow the record before it: log verify says more"};
            seen.head = projections::chain_hash(record.value);
        }
        seen.add(record);
    }

    // Looks for the first difference, to name it.
    [[noreturn]] void differs(int partition) {
        const std::string here = std::string{bus::name(topic_)} + "/" + std::to_string(partition);
        std::vector<std::string> ahead; // Digests of the target's first records.
        NoProgress progress;
        walk(to_, topic_, {{partition, 0}}, progress, [&](const bus::Record& record) {
            ahead.push_back(digest_of(record));
            return true;
        });
        std::size_t same = 0;
        const bus::Offset from = begin()[static_cast<std::size_t>(partition)].offset;
        walk(from_, topic_, {{partition, from}}, progress, [&](const bus::Record& record) {
            if (same == ahead.size() || ahead[same] != digest_of(record)) return false;
            ++same;
            return true;
        });
        throw NoCopy{"the target is no copy of the source: their " + here + " have " +
                     std::to_string(same) +
                     " records in common, then they differ (the target has " +
                     std::to_string(ahead.size()) + "). Nothing was changed"};
    }

    static std::string digest_of(const bus::Record& record) {
        RecordDigest digest;
        digest.add(record.key);
        digest.add(record.value);
        return digest.hex().substr(0, 32);
    }

    bus::Log& from_;
    bus::Log& to_;
    const bus::Topic topic_;
    std::vector<bus::PartitionOffset> next_; // Of the source: what the target has not.
    std::vector<SeenPartition> source_, target_;
    bus::Transaction transaction_;
    schemas::EnvelopeReader reader_;
};

void refuse_used(bus::Log& from, bus::Log& to) {
    if (from.partitions() != to.partitions())
        throw NoCopy{"the source has " + std::to_string(from.partitions()) +
                     " partitions, the target " + std::to_string(to.partitions()) +
                     ": a stream's partition depends on their number. Nothing was changed"};
    for (int partition = 0; partition < to.partitions(); ++partition)
        if (to.consumed(partition) != 0)
            throw NoCopy{"the target has worked on its own: in partition " +
                         std::to_string(partition) + " it has consumed commands up to " +
                         std::to_string(to.consumed(partition)) + ". Nothing was changed"};
}

} // namespace

CopyReport copy_log(bus::Log& from, bus::Log& to, const CopyOptions& options, Progress& progress) {
    refuse_used(from, to);
    // Where the last transaction is still being decided (Kafka), this waits for it; only then are
    // the ends what they will be.
    for (int partition = 0; partition < from.partitions(); ++partition)
        static_cast<void>(from.consumed(partition));
    CopyReport report;
    std::vector<TopicCopy> topics;
    topics.reserve(copied_topics.size());
    // All is compared before anything is written.
    for (const bus::Topic topic : copied_topics) {
        topics.emplace_back(from, to, topic).compare(progress);
        report.found += topics.back().found();
    }
    for (TopicCopy& topic : topics)
        report.copied += topic.copy(options, progress);
    for (TopicCopy& topic : topics)
        topic.verify(progress);
    progress.end();
    for (int partition = 0; partition < from.partitions(); ++partition)
        report.partitions.push_back({partition, topics[0].source(partition).records,
                                     topics[1].source(partition).records,
                                     topics[2].source(partition).records,
                                     std::string{topics[0].source(partition).head.text()}});
    return report;
}

} // namespace gateways::marketctl
