// The sidecar's stand-in as a program, for the sidecar's own contract suite. Prints {"port":N} and
// runs until its input ends. The token comes from SIDECAR_TOKEN.

#include "gateways/sandbox/grid/grid_sandbox.hpp"

#include <cstdlib>
#include <iostream>

int main() {
    gateways::sandbox::GridOptions options;
    if (const char* token = std::getenv("SIDECAR_TOKEN")) options.desk.token = token;
    gateways::sandbox::GridSandbox grid{std::move(options)};
    grid.start();
    std::cout << "{\"port\":" << grid.port() << "}" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
    }
    return 0;
}
