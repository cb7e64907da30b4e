// sandboxd: a pretended Stripe and a pretended grid, for several marketplaces, or for one that is
// stopped and started meanwhile. Nothing in it is real, and it forgets with its process.

#include "gateways/sandbox/servers.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <pthread.h>

namespace {

constexpr const char* description =
    "A pretended Stripe, grid and Grid Proxy. Nothing in it is real.\n"
    "Prints where it listens as a line of JSON, and ends on SIGTERM or SIGINT.";
constexpr const char* examples = R"(
  sandboxd --directory /tmp/sandbox.json &
  marketd --dev --sandbox-at /tmp/sandbox.json)";

// Whole or not at all: a reader may look at any moment.
void write(const std::filesystem::path& file, const std::string& text) {
    const std::filesystem::path beside = file.string() + ".new";
    std::ofstream out{beside};
    out << text << '\n';
    out.close();
    if (!out) throw std::runtime_error{beside.string() + " cannot be written"};
    std::filesystem::rename(beside, file);
}

} // namespace

int main(int argc, char** argv) {
    gateways::sandbox::ServersOptions options;
    std::filesystem::path directory;
    CLI::App app{description, "sandboxd"};
    app.footer(examples);
    app.set_version_flag("--version", "sandboxd " MARKETPLACE_VERSION);
    app.add_option("--address", options.address, "To listen on")->capture_default_str();
    app.add_option("--port", options.first_port,
                   "Stripe's; the grid's and the proxy's are the next two. 0: free ones")
        ->capture_default_str();
    app.add_option("--nodes", options.nodes, "How many nodes the Grid Proxy tells of at first")
        ->capture_default_str()
        ->check(CLI::Range(0, 100'000));
    app.add_option("--directory", directory, "File that tells `marketd --sandbox-at` where all is");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    try {
        gateways::sandbox::Servers servers{options};
        servers.start();
        const std::string text = servers.directory().text();
        if (!directory.empty()) write(directory, text);
        std::puts(text.c_str());
        std::fflush(stdout);
        int signal = 0;
        sigwait(&signals, &signal);
        servers.stop();
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "sandboxd: %s\n", fault.what());
        return 1;
    }
    return 0;
}
