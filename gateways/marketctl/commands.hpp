// The commands of the program: each adds itself to the command line, with its help, and says what
// to do when it is the one that was asked for.

#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace gateways::marketctl {

// Returns the program's exit code; throws what stopped it.
using Action = std::function<int()>;

void add_log_commands(CLI::App& program, Action& chosen);
void add_state_commands(CLI::App& program, Action& chosen);
void add_parked_commands(CLI::App& program, Action& chosen);
void add_effects_commands(CLI::App& program, Action& chosen);
void add_ledger_commands(CLI::App& program, Action& chosen);
void add_token_command(CLI::App& program, Action& chosen);

} // namespace gateways::marketctl
