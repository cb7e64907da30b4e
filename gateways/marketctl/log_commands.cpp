// marketctl log cat | tail | verify | copy

#include "gateways/marketctl/command_line.hpp"
#include "gateways/marketctl/log_cat.hpp"
#include "gateways/marketctl/log_copy.hpp"
#include "gateways/marketctl/log_verify.hpp"
#include "gateways/marketctl/progress.hpp"
#include "schemas/codec.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace gateways::marketctl {

namespace {

constexpr bus::milliseconds tail_wait{250};

constexpr const char* cat_more = R"(
The value of each record is printed byte for byte, so that jq and sha256sum can be used. Records
of one partition come in their order; those of different partitions are mixed as the log has
them. Reads beside a running server.
Exit codes: 0 done, 1 the log cannot be read, 2 wrong use.
Examples:
  marketctl log cat --data ./data --stream payment-0192ab | jq .type
  marketctl log cat --data ./data --partition 3 --from 100 --limit 5 --offsets)";
constexpr const char* tail_more = R"(
Begins at the end of the log, or at --from, and goes on until Ctrl-C (exit code 0).
Exit codes: 0 ended as asked, 1 the log cannot be read, 2 wrong use.
Example:
  marketctl log tail --data ./data | jq -c '[.time, .stream, .type]')";
constexpr const char* verify_more = R"(
Reads all of `events` beside a running server or not. Checks of each record: it is a well-formed
envelope in its stream's partition, carries the SHA-256 of the record before it, the next
sequence of its stream (command.answered: 0) and its stream's tenant; and that no command took
effect twice. Prints a line for each partition and, last, a summary as one line of JSON.
A log that was cut at its end verifies as well: compare the heads with those of an earlier run.
Exit codes: 0 whole, 1 a fault (stderr tells the place of the first one) or the log cannot be
read, 2 wrong use, 130 interrupted.
Example:
  marketctl log verify --data ./data | tail -n 1 | jq .whole)";
constexpr const char* copy_more = R"(
A place is  embedded:DIR  (the log is in DIR/log)  or
  kafka:HOST:PORT[,HOST:PORT]/PREFIX[@GROUP]  (the prefix may be empty; group: marketplace)

Neither system may run. The target is made when it is missing, with the source's number of
partitions. `events` and `parked` are brought over whole, of `commands` what is not consumed yet,
with keys and order, and are compared with the source in the end. Killed at any moment, the same
command goes on with it. A target that is no beginning of the source is refused and left as it
is. What is derived (state, views) is not copied: the new system makes it anew.
Exit codes: 0 copied and compared, 1 refused or failed (nothing is lost: run it again when the
reason is gone), 2 wrong use, 130 interrupted.
Example:
  marketctl log copy --from embedded:/var/lib/market --to kafka:b1:9092,b2:9092/market. \
      --to-set security.protocol=SSL --to-replication 3)";

struct Cat {
    std::string topic = "events";
    CatOptions options;
};

std::shared_ptr<Cat> add_cat_options(CLI::App& command) {
    auto cat = std::make_shared<Cat>();
    command.add_option("--topic", cat->topic, "Which topic")
        ->check(CLI::IsMember({"events", "commands", "outcomes", "parked"}))
        ->capture_default_str();
    command.add_option("--partition", cat->options.partition, "Only this one; 0, 1, 2 ...")
        ->check(CLI::Range(0, 1023));
    command.add_option("--stream", cat->options.stream, "Only records with this key");
    command.add_option("--from", cat->options.from, "First offset, in each partition")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--limit", cat->options.limit, "End after so many records");
    command.add_flag("--keys", cat->options.keys, "The key and a tab before the value");
    command.add_flag("--offsets", cat->options.offsets,
                     "partition:offset and a tab before all else");
    return cat;
}

void print(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
        throw std::runtime_error{"the output cannot be written"};
}

int cat_log(const Place& place, Cat cat_options) {
    cat_options.options.topic = *bus::topic_named(cat_options.topic);
    const auto log = open_running(place);
    cat(*log, cat_options.options, print);
    return 0;
}

int tail_log(const Place& place, Cat cat_options) {
    cat_options.options.topic = *bus::topic_named(cat_options.topic);
    const auto again = [&](std::unique_ptr<bus::Log> log) {
        std::fflush(stdout);
        if (place.on_kafka) {
            std::this_thread::sleep_for(tail_wait);
            return log;
        }
        wait_for_change(place, tail_wait);
        return open_running(place);
    };
    tail(open_running(place), cat_options.options, print, again, interrupted);
    return 0;
}

int verify_log(const Place& place, const VerifyOptions& options) {
    const auto log = open_running(place);
    const auto progress = shown_progress();
    const Verification found = verify(*log, options, *progress);
    for (const VerifiedPartition& one : found.partitions)
        print_line("partition " + std::to_string(one.partition) + ": " +
                   std::to_string(one.records) + " records" +
                   (one.records > 0 ? ", " + one.first + " to " + one.last : "") + ", head " +
                   one.head);
    std::string json;
    schemas::write(found, json);
    print_line(json);
    for (const Fault& fault : found.faults)
        std::fprintf(stderr, "marketctl: %s %s\n", fault.place.c_str(), fault.problem.c_str());
    return found.whole ? 0 : 1;
}

struct Copy {
    std::string from, to;
    bus::kafka::Options from_options, to_options; // Their settings and replication only.
};

int copy(const Copy& wanted) {
    Place from = parse_place(wanted.from), to = parse_place(wanted.to);
    from.kafka.settings = wanted.from_options.settings;
    to.kafka.settings = wanted.to_options.settings;
    to.kafka.replication = wanted.to_options.replication;
    if (same_place(from, to)) throw std::runtime_error{"source and target are the same log"};
    const StoppedLog source = open_stopped(from);
    const auto target = open_target(to, source.log->partitions());
    const auto progress = shown_progress();
    const CopyReport report = copy_log(*source.log, *target, {}, *progress);
    std::string json;
    schemas::write(report, json);
    print_line(json);
    return 0;
}

} // namespace

void add_log_commands(CLI::App& program, Action& chosen) {
    CLI::App& log = *program.add_subcommand("log", "Read, check and move the log");
    log.require_subcommand(1);

    CLI::App& cat_command =
        add_command(log, "cat", "Print records, one a line, as they are stored", cat_more);
    cat_command.callback(
        [&chosen, place = add_place(cat_command), cat = add_cat_options(cat_command)] {
            chosen = [place, cat] { return cat_log(*place, *cat); };
        });

    CLI::App& tail_command =
        add_command(log, "tail", "Print records as they are appended", tail_more);
    tail_command.callback(
        [&chosen, place = add_place(tail_command), cat = add_cat_options(tail_command)] {
            chosen = [place, cat] { return tail_log(*place, *cat); };
        });

    CLI::App& verify_command =
        add_command(log, "verify", "Check the chain, the streams and the commands", verify_more);
    const auto place = add_place(verify_command);
    const auto megabytes = std::make_shared<std::size_t>(256);
    verify_command
        .add_option("--memory", *megabytes,
                    "MB for telling repeated commands (16 bytes each); with more of them the log "
                    "is read several times")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    verify_command.callback([&chosen, place, megabytes] {
        chosen = [place, megabytes] {
            return verify_log(*place, {.command_bytes = *megabytes << 20});
        };
    });

    CLI::App& copy_command =
        add_command(log, "copy", "Move a stopped system's log to another one", copy_more);
    const auto wanted = std::make_shared<Copy>();
    copy_command.add_option("--from", wanted->from, "The place to copy from")->required();
    copy_command.add_option("--to", wanted->to, "The place to copy to")->required();
    add_settings(copy_command, "--from-set", wanted->from_options,
                 "librdkafka setting for the source, as key=value; repeatable");
    add_settings(copy_command, "--to-set", wanted->to_options,
                 "librdkafka setting for the target, likewise");
    copy_command
        .add_option("--to-replication", wanted->to_options.replication,
                    "Copies of each partition when the topics are made")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    copy_command.callback([&chosen, wanted] {
        for (const std::string& one : {wanted->from, wanted->to}) {
            try {
                static_cast<void>(parse_place(one));
            } catch (const std::invalid_argument& error) {
                throw CLI::ValidationError("--from/--to", error.what());
            }
        }
        chosen = [wanted] { return copy(*wanted); };
    });
}

} // namespace gateways::marketctl
