// marketctl parked list | show | retry | drop

#include "gateways/marketctl/command_line.hpp"
#include "gateways/marketctl/parked.hpp"
#include "gateways/marketctl/progress.hpp"
#include "gateways/wall_time.hpp"

#include <CLI/CLI.hpp>
#include <chrono>

namespace gateways::marketctl {

namespace {

constexpr const char* list_more = R"(
One line for each record that was set aside and not resolved yet: id, time and reason, with tabs
between them; with --json the whole records, one a line. Reads beside a running server.
Exit codes: 0 done, 1 the log cannot be read, 2 wrong use.
Example:
  marketctl parked list --data ./data)";
constexpr const char* show_more = R"(
Prints the record that was set aside, byte for byte, and a line end; with --json all that is
known of it. Reads beside a running server.
Exit codes: 0 done, 1 nothing open has this id or the log cannot be read, 2 wrong use.
Example:
  marketctl parked show --data ./data commands/3/17 | jq .)";
constexpr const char* retry_more = R"(
Appends the command to `commands` once more, and to `parked` that it was retried, in one
transaction. A command that still cannot be decided is set aside again, under a new id.
The embedded log has one writer: there the server has to be stopped. On Kafka it may run.
Exit codes: 0 done, 1 nothing open has this id, or the server runs (embedded), or the log
refused, 2 wrong use.
Example:
  marketctl parked retry --data ./data commands/3/17)";
constexpr const char* drop_more = R"(
Appends to `parked` that the record was dropped: it is not listed any more. Its bytes stay in
the log. The embedded log has one writer: there the server has to be stopped. On Kafka it may
run.
Exit codes: 0 done, 1 nothing open has this id, or the server runs (embedded), or the log
refused, 2 wrong use.
Example:
  marketctl parked drop --data ./data commands/3/17)";

struct Asked {
    std::string id;
    bool json = false;
};

void print_json(const schemas::Parked& parked) {
    std::string json;
    schemas::write(parked, json);
    print_line(json);
}

int list(const Place& place, const Asked& asked) {
    const auto log = open_running(place);
    const auto progress = shown_progress();
    for (const OpenRecord& one : open_records(*log, *progress))
        if (asked.json)
            print_json(one.parked);
        else
            print_line(one.parked.id + "\t" + one.parked.time + "\t" + one_line(one.parked.reason));
    return 0;
}

int show(const Place& place, const Asked& asked) {
    const auto log = open_running(place);
    OnlyInterrupts progress;
    for (const schemas::Parked& one : parked_under(*log, asked.id, progress))
        if (asked.json)
            print_json(one);
        else
            print_line(payload(one));
    return 0;
}

int resolve(const Place& place, const Asked& asked, decltype(retry)& how) {
    const auto log = open_to_append(place);
    OnlyInterrupts progress;
    how(*log, asked.id, wall_time(), progress);
    return 0;
}

void add(CLI::App& command, bool with_id, bool with_json, Action& chosen,
         int (*run)(const Place&, const Asked&)) {
    const auto asked = std::make_shared<Asked>();
    if (with_id) command.add_option("id", asked->id, "As `parked list` prints it")->required();
    if (with_json) command.add_flag("--json", asked->json, "As JSON");
    command.callback([&chosen, place = add_place(command), asked, run] {
        chosen = [place, asked, run] { return run(*place, *asked); };
    });
}

} // namespace

void add_parked_commands(CLI::App& program, Action& chosen) {
    CLI::App& parked = *program.add_subcommand("parked", "Decide on records that were set aside");
    parked.require_subcommand(1);
    add(add_command(parked, "list", "List what waits for a decision", list_more), false, true,
        chosen, list);
    add(add_command(parked, "show", "Show a record that was set aside", show_more), true, true,
        chosen, show);
    add(add_command(parked, "retry", "Ask for a command once more", retry_more), true, false,
        chosen,
        [](const Place& place, const Asked& asked) { return resolve(place, asked, retry); });
    add(add_command(parked, "drop", "Give a record up", drop_more), true, false, chosen,
        [](const Place& place, const Asked& asked) { return resolve(place, asked, drop); });
}

} // namespace gateways::marketctl
