// marketd: reads its options, puts the parts together, and ends on a signal.

#include "gateways/marketd/logging.hpp"
#include "gateways/marketd/market.hpp"

#include <csignal>
#include <exception>
#include <pthread.h>
#include <thread>
#include <unistd.h>

// Read by jemalloc when it is there: few arenas, and what was freed goes back to the system after
// half a second. After a backlog a fifth less stays resident, at the same speed.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "narenas:4,dirty_decay_ms:500,muzzy_decay_ms:0";
}

int main(int argc, char** argv) {
    using namespace gateways::marketd;
    int exit_code = 0;
    const auto options = read_options(argc, argv, exit_code);
    if (!options) return exit_code;
    set_up_logging(options->log_level);

    // Signals are taken by one thread, which may use locks. All others inherit the mask.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    try {
        Market market{*options};
        std::thread listener{[&] {
            int signal = 0;
            sigwait(&signals, &signal);
            log_line(spdlog::level::info, "stopping", {{"signal", std::to_string(signal)}});
            market.stop();
            sigwait(&signals, &signal);
            ::_exit(1); // Asked twice: at once. The log is safe at any moment.
        }};
        listener.detach();
        const std::string reason = market.run();
        if (!reason.empty()) {
            log_line(spdlog::level::critical, "failed", {{"reason", reason}});
            exit_code = 1;
        }
    } catch (const std::exception& error) {
        log_line(spdlog::level::critical, "failed", {{"reason", error.what()}});
        exit_code = 1;
    }
    if (exit_code == 0) log_line(spdlog::level::info, "stopped");
    spdlog::shutdown();
    // The listener may still hold references into what main has; nothing of it is needed.
    ::_exit(exit_code);
}
