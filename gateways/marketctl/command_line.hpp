// What the commands' flags have in common.

#pragma once

#include "gateways/marketctl/commands.hpp"
#include "gateways/marketctl/places.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateways::marketctl {

// --data, --log, --kafka-...: the place is whole when the command line has been read.
std::shared_ptr<Place> add_place(CLI::App& command);

// "key=value" settings of librdkafka, into the options. Throws CLI::ValidationError that names the
// flag.
void add_settings(CLI::App& command, const std::string& flag, bus::kafka::Options& options,
                  const std::string& text);

// A command with its help; `more` stands below the flags: exit codes, an example.
CLI::App& add_command(CLI::App& parent, const char* name, const char* what, const char* more);

void print_line(std::string_view line); // To stdout.
// A reason may quote anything; a line stays a line.
std::string one_line(std::string text);

} // namespace gateways::marketctl
