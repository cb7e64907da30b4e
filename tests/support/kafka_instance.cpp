#include "tests/support/kafka_instance.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tests {

namespace {

using namespace std::chrono_literals;

void tell(int to, char what) {
    if (write(to, &what, 1) != 1) _exit(1);
}

[[noreturn]] void run(const bus::kafka::Options& options, const std::string& name, int from,
                      int to) {
    try {
        const auto log = bus::kafka::open(options);
        const auto owner = log->own(name);
        bus::Turn turn;
        while (turn.gained.empty())
            owner->poll(turn, 100, 100ms);
        tell(to, 'g');
        for (;;) {
            std::string event;
            char one = 0;
            while (read(from, &one, 1) == 1 && one != '\n')
                event += one;
            if (one != '\n') _exit(0);
            bus::Transaction transaction;
            transaction.append(bus::Topic::events, 0, "stream", event);
            transaction.consumed(0, 0);
            const bus::Commit commit = owner->commit(transaction);
            tell(to, static_cast<char>('0' + static_cast<int>(commit.state)));
            owner->poll(turn, 100, 0ms);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the instance '%s' ended: %s\n", name.c_str(), error.what());
        _exit(1);
    }
}

} // namespace

KafkaInstance::KafkaInstance(const bus::kafka::Options& options, const std::string& name) {
    std::array<int, 2> down{}, up{};
    if (pipe(down.data()) != 0 || pipe(up.data()) != 0) return;
    process_ = fork();
    if (process_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(down[1]);
        close(up[0]);
        run(options, name, down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    to_ = down[1];
    from_ = up[0];
}

KafkaInstance::~KafkaInstance() {
    kill();
    close(to_);
    close(from_);
}

char KafkaInstance::answer() {
    char one = 0;
    return read(from_, &one, 1) == 1 ? one : '\0';
}

void KafkaInstance::begin_commit(std::string_view event) {
    const std::string line = std::string{event} + '\n';
    if (write(to_, line.data(), line.size()) < 0) kill();
}

bus::Commit::State KafkaInstance::commit(std::string_view event) {
    begin_commit(event);
    return static_cast<bus::Commit::State>(answer() - '0');
}

void KafkaInstance::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

void KafkaInstance::freeze() { ::kill(process_, SIGSTOP); }
void KafkaInstance::wake() { ::kill(process_, SIGCONT); }

} // namespace tests
