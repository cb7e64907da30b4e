// Where a log is, and how it is opened for what is to be done with it.

#pragma once

#include "bus/kafka/kafka.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace gateways::marketctl {

struct Place {
    bool on_kafka = false;
    std::filesystem::path data = "data"; // Its folder "log" is the embedded log.
    bus::kafka::Options kafka;           // `partitions` is found out.
};

// "embedded:DIR", or "kafka:HOST:PORT[,HOST:PORT]/PREFIX[@GROUP]" with a PREFIX that may be empty.
// Throws std::invalid_argument.
Place parse_place(std::string_view text);

// The lock of an embedded log's folder: while it is held no server can start on it.
class FolderLock {
public:
    FolderLock() = default;
    // Throws bus::Error when somebody holds it.
    explicit FolderLock(const std::filesystem::path& folder);
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&& other) noexcept;
    ~FolderLock();

private:
    int descriptor_ = -1;
};

// To read only, beside a running system. Shows an embedded log as it is now, a log on Kafka as
// it grows.
std::unique_ptr<bus::Log> open_running(const Place& place);

// To read only, of a system that does not run. Throws bus::Error when it does. On Kafka the
// group is asked once: nothing keeps a server from starting afterwards.
struct StoppedLog {
    FolderLock lock;
    std::unique_ptr<bus::Log> log;
};
StoppedLog open_stopped(const Place& place);

// To append to it beside whoever runs: an embedded log has to be stopped, one on Kafka not.
std::unique_ptr<bus::Log> open_to_append(const Place& place);

// To fill it as a copy: made with this many partitions when it is missing. Throws bus::Error
// when a system runs on it.
std::unique_ptr<bus::Log> open_target(const Place& place, int partitions);

// The same log twice is no copy.
bool same_place(const Place& left, const Place& right);

// Waits until the log's files change, at most `wait`. For an embedded log.
void wait_for_change(const Place& place, bus::milliseconds wait);

} // namespace gateways::marketctl
