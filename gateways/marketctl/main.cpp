// marketctl: looks at, checks and moves what a marketplace keeps.

#include "gateways/marketctl/commands.hpp"
#include "gateways/marketctl/progress.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace {

constexpr const char* more = R"(
`marketctl COMMAND --help` tells of each command. --data, --log and the --kafka flags can also
stand in the environment, under the names that marketd reads: MARKETD_DATA, MARKETD_LOG,
MARKETD_KAFKA_BROKERS, MARKETD_KAFKA_PREFIX, MARKETD_KAFKA_GROUP, MARKETD_KAFKA_SET.
Exit codes: 0 done, 1 failed (one line on stderr tells why), 2 wrong use, 130 interrupted.)";

constexpr int interrupted_exit = 130; // As shells have it: 128 and the signal's number.

} // namespace

int main(int argc, char** argv) {
    using namespace gateways::marketctl;
    CLI::App program{"Looks at, checks and moves what a marketplace keeps.", "marketctl"};
    program.footer(more);
    program.set_version_flag("--version", "marketctl " MARKETPLACE_VERSION);
    program.require_subcommand(1);
    Action chosen;
    add_log_commands(program, chosen);
    add_state_commands(program, chosen);
    add_parked_commands(program, chosen);
    add_effects_commands(program, chosen);
    add_ledger_commands(program, chosen);
    add_token_command(program, chosen);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : 2;
    }

    note_interrupts();
    try {
        return chosen();
    } catch (const Interrupted&) {
        std::fprintf(stderr, "marketctl: interrupted\n");
        return interrupted_exit;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "marketctl: %s\n", error.what());
        return 1;
    }
}
