#include "gateways/marketd/readings.hpp"

#include <ctime>
#include <fstream>
#include <unistd.h>

namespace gateways::marketd {

namespace {

double value(const auto& counter) { return static_cast<double>(counter.load()); }

} // namespace

void read_processor(const projections::ProcessorMeter& meter, std::size_t lane,
                    metrics::Reading& reading) {
    const metrics::Labels labels{{"lane", std::to_string(lane)}};
    const auto decided = [&](const char* result, const auto& counter) {
        reading.counter("market_commands_total", "Commands decided, by result.",
                        {{"lane", std::to_string(lane)}, {"result", result}}, value(counter));
    };
    decided("accepted", meter.accepted);
    decided("refused", meter.refused);
    decided("replayed", meter.replayed);
    decided("conflict", meter.conflicts);
    decided("parked", meter.parked);
    reading.counter("market_batches_total", "Batches decided.", labels, value(meter.batches));
    reading.counter("market_batch_records_total", "Records appended by batches.", labels,
                    value(meter.batch_records));
    reading.counter("market_batch_bytes_total", "Bytes appended by batches.", labels,
                    value(meter.batch_bytes));
    reading.counter("market_commit_seconds_total", "Time spent waiting for commits.", labels,
                    value(meter.commit_nanoseconds) * 1e-9);
    reading.counter("market_decide_seconds_total", "Time spent deciding.", labels,
                    value(meter.decide_nanoseconds) * 1e-9);
    const auto failed = [&](const char* outcome, const auto& counter) {
        reading.counter("market_commits_failed_total", "Commits that did not succeed, by outcome.",
                        {{"lane", std::to_string(lane)}, {"outcome", outcome}}, value(counter));
    };
    failed("refused", meter.commits_refused);
    failed("lost", meter.commits_lost);
    reading.counter("market_unreadable_events_total", "Events that could not be read.", labels,
                    value(meter.unreadable_events));
    reading.gauge("market_streams_cached", "Aggregates in memory.", labels, value(meter.streams));
    reading.gauge("market_streams_unwritten", "Aggregates not yet written to the store.", labels,
                  value(meter.streams_dirty));
    reading.gauge("market_partitions_owned", "Partitions this lane decides.", labels,
                  value(meter.partitions_owned));
    reading.gauge("market_partitions_restoring", "Partitions being caught up.", labels,
                  value(meter.partitions_restoring));
}

void read_worker(const projections::Worker& worker, metrics::Reading& reading) {
    const metrics::Labels labels{{"worker", std::string{worker.name()}}};
    const projections::WorkerMeter& meter = worker.meter();
    reading.gauge("market_effects_open", "Effects that are not concluded.", labels,
                  value(meter.open));
    reading.gauge("market_effects_parked", "Effects that wait for a person.", labels,
                  value(meter.parked));
    reading.gauge("market_effects_due", "Effects that could be carried out now.", labels,
                  value(meter.due));
    reading.counter("market_effects_begun_total", "Attempts to carry an effect out.", labels,
                    value(meter.begun));
    reading.counter("market_effects_concluded_total", "Effects that came to an end.", labels,
                    value(meter.concluded));
    reading.counter("market_effects_again_total", "Attempts that have to be repeated.", labels,
                    value(meter.again));
}

void read_views(const projections::Views& views, metrics::Reading& reading) {
    for (const auto& lag : views.lag()) {
        const metrics::Labels labels{{"view", lag.view},
                                     {"partition", std::to_string(lag.partition)}};
        reading.gauge("market_view_lag_records", "Records of the log a view has not seen.", labels,
                      static_cast<double>(lag.records));
        reading.gauge("market_view_lag_seconds", "Age of the last event a lagging view has seen.",
                      labels, static_cast<double>(lag.milliseconds) * 1e-3);
        if (lag.partition == 0)
            reading.gauge("market_view_rebuilding", "1 while a view is made anew.",
                          {{"view", lag.view}}, lag.rebuilding ? 1 : 0);
    }
    reading.gauge("market_views_failed", "1 when a view stands still.", {},
                  views.trouble().empty() ? 0 : 1);
}

void read_door(const market::DoorMeter& meter, const http::Counts& counts,
               metrics::Reading& reading) {
    const char* const help = "Time from request to answer, by kind of route.";
    const char* const name = "market_http_request_duration_seconds";
    reading.histogram(name, help, {{"route", "command"}}, meter.commands);
    reading.histogram(name, help, {{"route", "batch"}}, meter.batches);
    reading.histogram(name, help, {{"route", "read"}}, meter.reads);
    const auto webhooks = [&](const char* result, const auto& counter) {
        reading.counter("market_webhooks_total", "Messages that came in by themselves, by result.",
                        {{"result", result}}, value(counter));
    };
    webhooks("received", meter.webhooks.received);
    webhooks("repeated", meter.webhooks.repeated);
    webhooks("refused", meter.webhooks.refused);
    webhooks("unavailable", meter.webhooks.unavailable);
    reading.counter("market_webhooks_other_version_total",
                    "Messages in another version of Stripe's interface than is expected.", {},
                    value(meter.webhooks.other_version));
    for (std::size_t digit = 1; digit < meter.by_status.size(); ++digit)
        reading.counter("market_http_responses_total", "Answers of the door, by class of status.",
                        {{"status", std::to_string(digit) + "xx"}}, value(meter.by_status[digit]));
    reading.gauge("market_http_connections", "Connections open now.", {},
                  static_cast<double>(counts.connections));
    reading.counter("market_http_connections_total", "Connections accepted.", {},
                    static_cast<double>(counts.accepted));
    const auto refused = [&](const char* reason, std::uint64_t count) {
        reading.counter("market_http_refused_total",
                        "Connections and requests refused before any route, by reason.",
                        {{"reason", reason}}, static_cast<double>(count));
    };
    refused("connection_limit", counts.over_limit);
    refused("malformed", counts.refused);
    refused("too_slow", counts.timed_out);
}

void read_log(const bus::Log& log, metrics::Reading& reading) {
    reading.gauge("market_log_available", "1 while the log can be used.", {},
                  log.trouble().empty() ? 1 : 0);
    reading.gauge("market_log_partitions", "Partitions of the log.", {}, log.partitions());
}

void read_process(metrics::Reading& reading) {
    reading.gauge("market_build_info", "Always 1; the labels tell the version.",
                  {{"version", MARKETPLACE_VERSION}}, 1);
    reading.counter("process_cpu_seconds_total", "CPU time used.", {},
                    static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC));
    std::ifstream memory{"/proc/self/statm"};
    double pages = 0, resident = 0;
    memory >> pages >> resident;
    reading.gauge("process_resident_memory_bytes", "Memory resident.", {},
                  resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

} // namespace gateways::marketd
