// An owner in a process of its own, so that it can be killed or frozen as processes are.

#pragma once

#include "bus/kafka/kafka.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>

namespace tests {

// Until the condition holds, a minute at most.
template <class Condition>
bool eventually(Condition condition) {
    using namespace std::chrono_literals;
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

class KafkaInstance {
public:
    // Forks: there must be no other thread yet.
    KafkaInstance(const bus::kafka::Options& options, const std::string& name);
    ~KafkaInstance();
    KafkaInstance(const KafkaInstance&) = delete;
    KafkaInstance& operator=(const KafkaInstance&) = delete;

    // Waits until it owns partition 0.
    bool gains() { return answer() == 'g'; }

    // Commits one event to partition 0 and tells what became of it.
    bus::Commit::State commit(std::string_view event);
    void begin_commit(std::string_view event); // Does not wait.

    void kill();
    void freeze();
    void wake();

private:
    char answer();

    pid_t process_ = -1;
    int to_ = -1, from_ = -1;
};

} // namespace tests
