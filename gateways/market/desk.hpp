// The way of a command from a door to whoever decides it, and of the answer back. A command for
// a partition owned in this process is handed over in memory; any other goes through the
// `commands` topic, and its answer comes back through `outcomes`.

#pragma once

#include "bus/bus.hpp"
#include "projections/processor.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace gateways::market {

struct DeskOptions {
    bool remote = true;                        // Other processes may own partitions.
    std::size_t pending_max = 65536;           // Commands that wait for an answer of another.
    std::chrono::milliseconds patience{15000}; // For it; then it is "unavailable".
};

// Thread-safe.
class Desk final : public projections::Answerer {
public:
    // Hears all answers of a batch. In a processor's thread, or the desk's own.
    using Deliver = std::function<void(std::vector<projections::Answer>&)>;

    Desk(bus::Log& log, DeskOptions options, Deliver deliver);
    ~Desk();

    // All processors of this process, before anything is submitted.
    void add(projections::Processor& processor) { processors_.push_back(&processor); }

    // Begins to listen for answers from other processes.
    void start();
    void stop();

    // Every submission is answered exactly once, unless false is returned: too many wait, and
    // `submissions` is as it was.
    bool submit(std::vector<projections::Submission>&& submissions);

    // Whether its commands are decided in this process, now.
    bool owns(int partition) const {
        return std::ranges::any_of(
            processors_, [&](const projections::Processor* one) { return one->owns(partition); });
    }

    int partition_of(std::string_view stream) const {
        return bus::partition_of(stream, partitions_);
    }

    void answered(std::vector<projections::Answer>& answers) override;

private:
    struct Pending {
        void* asker;
        std::uint64_t item;
        int partition;
        std::array<char, 16> fingerprint;
        std::chrono::steady_clock::time_point until;
    };

    bool send(projections::Submission& submission);
    void listen();

    bus::Log& log_;
    const DeskOptions options_;
    const Deliver deliver_;
    const int partitions_;
    const std::string address_; // In `outcomes`; new for every start.
    std::vector<projections::Processor*> processors_;

    std::mutex mutex_;
    std::unordered_multimap<std::string, Pending> pending_;
    std::unique_ptr<bus::Reader> replies_;
    std::atomic<bool> stopping_ = false;
    std::thread listener_;
};

} // namespace gateways::market
