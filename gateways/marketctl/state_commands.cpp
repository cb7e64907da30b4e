// marketctl state | rebuild

#include "gateways/market_registry.hpp"
#include "gateways/marketctl/command_line.hpp"
#include "gateways/marketctl/progress.hpp"
#include "gateways/marketctl/rebuild.hpp"
#include "gateways/marketctl/state.hpp"
#include "gateways/marketctl/stores.hpp"
#include "projections/ledger/ledger_view.hpp"
#include "projections/resources_view.hpp"

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace gateways::marketctl {

namespace {

using projections::Store;

constexpr const char* state_more = R"(
With --stream: the stream's state, sequence and remembered commands, as one JSON object. With
--digest: a SHA-256 over the rows of each partition in the order of their keys, and one over
those. Positions in the log are left out, so that a log and its copy have the same digest;
--exact takes them in.
The state is folded from the log into a folder for temporary files, beside a running server or
not. With --stored it is that of DATA/state, of a system that does not run, brought up to the
log's end as the next start would (in a copy: DATA is not changed). Both give the same, byte for
byte.
Exit codes: 0 done, 1 there is no such stream, the log contradicts itself or cannot be read,
2 wrong use, 130 interrupted.
Examples:
  marketctl state --data ./data --stream payment-0192ab | jq .state
  marketctl state --data ./data --digest --exact)";
constexpr const char* rebuild_more = R"(
Of a system that does not run: throws away the aggregates' state (--state), the views (--views),
or both (neither flag), and makes them anew from the log. The old ones stay until the new ones
are whole. With --log kafka this is about the DATA of this machine.
Exit codes: 0 done, 1 the system runs, or the log contradicts itself or cannot be read, 2 wrong
use, 130 interrupted.
Example:
  marketctl rebuild --data ./data --views)";

struct StateQuestion {
    std::string stream;
    bool digest = false, stored = false, exact = false;
};

void print_digest(const StateDigest& digest) {
    for (std::size_t i = 0; i < digest.partitions.size(); ++i)
        print_line(digest.partitions[i] + "  partition " + std::to_string(i));
    print_line(digest.all + "  all");
}

// An embedded log belongs to the data folder, so nobody may work on either. On Kafka others may.
StoppedLog open_own(const Place& place) {
    if (place.on_kafka) return {{}, open_running(place)};
    return open_stopped(place);
}

int answer(bus::Log& log, const StateQuestion& question,
           const std::function<Store&(int partition)>& store) {
    const auto& registry = market_registry();
    const int partitions = log.partitions();
    if (question.digest)
        print_digest(state_digest(store, registry, partitions,
                                  question.exact ? Positions::included : Positions::left_out));
    if (question.stream.empty()) return 0;
    Store& of_stream = store(bus::partition_of(question.stream, partitions));
    const std::string shown = show_stream(of_stream, registry, partitions, question.stream);
    if (shown.empty()) throw std::runtime_error{"there is no stream " + question.stream};
    print_line(shown);
    return 0;
}

int state(const Place& place, const StateQuestion& question) {
    const auto progress = shown_progress();
    const auto& registry = market_registry();
    if (question.stored) {
        const StoppedLog system = open_own(place);
        StoredState stored{place.data / "state", market_registry()};
        for (int partition = 0; partition < system.log->partitions(); ++partition)
            bring_up(*system.log, stored.of(partition), registry, partition, *progress);
        return answer(*system.log, question,
                      [&](int partition) -> Store& { return stored.of(partition); });
    }
    const auto log = open_running(place);
    const ScratchStore scratch = scratch_store(market_registry());
    const int only = question.digest ? -1 : bus::partition_of(question.stream, log->partitions());
    bring_up(*log, *scratch.store, registry, only, *progress);
    return answer(*log, question, [&](int) -> Store& { return *scratch.store; });
}

struct Rebuild {
    bool state = false, views = false;
};

int rebuild(const Place& place, const Rebuild& wanted) {
    const bool all = !wanted.state && !wanted.views;
    const StoppedLog system = open_own(place);
    const auto progress = shown_progress();
    if (wanted.state || all)
        rebuild_state(*system.log, place.data / "state", market_registry(), *progress);
    if (wanted.views || all) {
        std::vector<std::unique_ptr<projections::ViewFold>> folds;
        folds.push_back(std::make_unique<projections::ResourcesView>(market_registry()));
        folds.push_back(std::make_unique<projections::LedgerView>());
        rebuild_views(*system.log, place.data / "views", std::move(folds), *progress);
    }
    return 0;
}

} // namespace

void add_state_commands(CLI::App& program, Action& chosen) {
    CLI::App& state_command =
        add_command(program, "state", "What the aggregates' state is", state_more);
    const auto place = add_place(state_command);
    const auto question = std::make_shared<StateQuestion>();
    state_command.add_option("--stream", question->stream, "Show this stream, as payment-0192ab");
    state_command.add_flag("--digest", question->digest, "Print digests of all rows");
    state_command.add_flag("--stored", question->stored, "Of DATA/state instead of the log alone");
    state_command.add_flag("--exact", question->exact, "Digests with the positions in the log")
        ->needs("--digest");
    state_command.callback([&chosen, place, question] {
        if (question->stream.empty() && !question->digest)
            throw CLI::RequiredError("--stream or --digest");
        chosen = [place, question] { return state(*place, *question); };
    });

    CLI::App& rebuild_command =
        add_command(program, "rebuild", "Make anew what is derived from the log", rebuild_more);
    const auto wanted = std::make_shared<Rebuild>();
    rebuild_command.add_flag("--state", wanted->state, "The aggregates' state: DATA/state");
    rebuild_command.add_flag("--views", wanted->views, "The views: DATA/views");
    rebuild_command.callback([&chosen, place = add_place(rebuild_command), wanted] {
        chosen = [place, wanted] { return rebuild(*place, *wanted); };
    });
}

} // namespace gateways::marketctl
