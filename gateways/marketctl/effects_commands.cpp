// marketctl effects list | show | retry | drop

#include "gateways/marketctl/command_line.hpp"
#include "gateways/marketctl/effects.hpp"
#include "gateways/marketctl/progress.hpp"
#include "gateways/wall_time.hpp"
#include "gateways/workers/folds.hpp"
#include "schemas/codec.hpp"

#include <CLI/CLI.hpp>
#include <chrono>

namespace gateways::marketctl {

namespace {

constexpr const char* list_more = R"(
One line for each effect that was asked for and is neither concluded nor dropped, the longest due
first: name, state (open, parked, retried), due, kind, stream and why it was parked, with tabs
between them; with --json all that is known of it, one a line. Attempts are a worker's own and not
in the log: `parked` counts how often it gave up. Reads the whole log, beside a running server.
Exit codes: 0 done, 1 the log cannot be read, 2 wrong use.
Example:
  marketctl effects list --data ./data --worker payments --parked)";
constexpr const char* show_more = R"(
Prints all that is known of one open effect, as JSON: what asked for it and when, what its worker
needs, how often and why it was parked. Reads beside a running server.
Exit codes: 0 done, 1 nothing open has this name or the log cannot be read, 2 wrong use.
Example:
  marketctl effects show --data ./data NAME | jq .)";
constexpr const char* retry_more = R"(
Appends the command effect.retry to `commands`: the worker takes the parked effect up again, under
the same name, so that the outside does nothing twice. Asking twice is asking once. What is not
parked is being worked at, and needs no retry. The embedded log has one writer: there the server
has to be stopped, and decides at its next start; beside a running one POST
/v1/effects/{id}/retry does the same. On Kafka it may run.
Exit codes: 0 done, 1 it is not parked, or the server runs (embedded), or the log refused, 2 wrong
use.
Example:
  marketctl effects retry --data ./data NAME)";
constexpr const char* drop_more = R"(
Appends the command effect.drop to `commands`: nobody carries the parked effect out any more. For
what was concluded by hand, or shall never be; whoever asked for it is not told. The reason is kept
in the log. The embedded log has one writer: there the server has to be stopped, and decides at its
next start; beside a running one POST /v1/effects/{id}/drop does the same. On Kafka it may run.
Exit codes: 0 done, 1 it is not parked, or the server runs (embedded), or the log refused, 2 wrong
use.
Example:
  marketctl effects drop --data ./data NAME --reason 'refunded by hand on 3 May')";

struct Asked {
    std::string name, worker, reason;
    bool parked = false, json = false;
};

void print_json(const OpenEffect& effect) {
    std::string json;
    schemas::write(effect, json);
    print_line(json);
}

int list(const Place& place, const Asked& asked) {
    const auto log = open_running(place);
    const auto progress = shown_progress();
    for (const OpenEffect& one : open_effects(*log, workers::all_folds(), *progress)) {
        if (!asked.worker.empty() && one.worker != asked.worker) continue;
        if (asked.parked && one.state != "parked") continue;
        if (asked.json) {
            print_json(one);
            continue;
        }
        std::string due;
        schemas::append_time(one.due, due);
        print_line(one.name + "\t" + one.state + "\t" + due + "\t" + one.kind + "\t" + one.stream +
                   "\t" + one_line(one.reason));
    }
    return 0;
}

int show(const Place& place, const Asked& asked) {
    const auto log = open_running(place);
    OnlyInterrupts progress;
    print_json(open_effect(*log, workers::all_folds(), asked.name, progress));
    return 0;
}

int retry(const Place& place, const Asked& asked) {
    const auto log = open_to_append(place);
    OnlyInterrupts progress;
    retry_effect(*log, workers::all_folds(), asked.name, wall_time(), progress);
    return 0;
}

int drop(const Place& place, const Asked& asked) {
    const auto log = open_to_append(place);
    OnlyInterrupts progress;
    drop_effect(*log, workers::all_folds(), asked.name, asked.reason, wall_time(), progress);
    return 0;
}

void choose(CLI::App& command, std::shared_ptr<Asked> asked, Action& chosen,
            int (*run)(const Place&, const Asked&)) {
    command.callback([&chosen, place = add_place(command), asked, run] {
        chosen = [place, asked, run] { return run(*place, *asked); };
    });
}

std::shared_ptr<Asked> add_name(CLI::App& command) {
    const auto asked = std::make_shared<Asked>();
    command.add_option("name", asked->name, "As `effects list` prints it")->required();
    return asked;
}

} // namespace

void add_effects_commands(CLI::App& program, Action& chosen) {
    CLI::App& effects = *program.add_subcommand(
        "effects", "Look at what workers have to do, decide on what is stuck");
    effects.require_subcommand(1);

    CLI::App& listing = add_command(effects, "list", "List what is not concluded", list_more);
    const auto asked = std::make_shared<Asked>();
    std::vector<std::string> names;
    for (const auto& fold : workers::all_folds())
        names.emplace_back(fold->name());
    listing.add_option("--worker", asked->worker, "Only what this one has to do")
        ->check(CLI::IsMember(names));
    listing.add_flag("--parked", asked->parked, "Only what waits for a decision");
    listing.add_flag("--json", asked->json, "As JSON");
    choose(listing, asked, chosen, list);

    CLI::App& showing = add_command(effects, "show", "Show one effect", show_more);
    choose(showing, add_name(showing), chosen, show);
    CLI::App& retrying = add_command(effects, "retry", "Have a parked one tried again", retry_more);
    choose(retrying, add_name(retrying), chosen, retry);
    CLI::App& dropping = add_command(effects, "drop", "Give a parked one up", drop_more);
    const auto dropped = add_name(dropping);
    dropping.add_option("--reason", dropped->reason, "Why; kept in the log")
        ->required()
        ->check([](const std::string& text) {
            return text.empty() ? std::string{"may not be empty"} : std::string{};
        });
    choose(dropping, dropped, chosen, drop);
}

} // namespace gateways::marketctl
