// The log on Kafka: topics of a cluster, transactions that carry consumed offsets, a consumer
// group that hands out the partitions. README.md tells what the cluster has to be like.

#pragma once

#include "bus/bus.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace bus::kafka {

struct Options {
    std::string brokers;               // "host:port,host:port"
    std::string prefix;                // Before the topics', the group's and producers' names,
                                       // so that several logs share a cluster.
    std::string group = "marketplace"; // The consumer group of the owners.
    int partitions = 8;                // Of each topic, when they are created.
    short replication = 1;             // Likewise.

    // Any setting of librdkafka, for every client: SASL, TLS, compression, sizes. Those that
    // the promises of the log rest on are refused.
    std::map<std::string, std::string> settings;

    // An owner that falls silent for this long loses its partitions. Brokers allow 6 s to
    // 30 minutes unless told otherwise.
    milliseconds session_timeout{6'000};
    // A transaction open for longer is aborted by the broker, and an answer that is missing for
    // longer is called unclear. 1 s or more.
    milliseconds transaction_timeout{10'000};
    // How long a question to the cluster (open, end, consumed, fetch, append) may take.
    milliseconds patience{20'000};

    // Records fetched ahead, for each owner and reader, bytes.
    std::size_t prefetch_bytes = 64U << 20U;
    // What post() holds at most until the broker has it, records and bytes.
    std::size_t post_records = 100'000;
    std::size_t post_bytes = 64U << 20U;

    // What librdkafka has to say, by syslog level (3 error ... 7 debug), from any thread.
    std::function<void(int level, std::string_view text)> log;
};

// Creates the topics where they are missing and waits until they can be used. Throws Error
// when the cluster cannot be reached, a setting is unknown or forbidden, or the topics have
// another count of partitions than options.partitions.
std::unique_ptr<Log> open(Options options);

} // namespace bus::kafka
