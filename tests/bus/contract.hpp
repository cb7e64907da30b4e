// What every log promises (bus/bus.hpp), checked on each. An implementation says how it is
// opened, crashed and damaged, and instantiates the suite:
//
//     INSTANTIATE_TEST_SUITE_P(Embedded, LogContract, testing::Values(LogKind{"", make}),
//     kind_name);
//
// The tests are in contract_*_test.cpp.

#pragma once

#include "bus/bus.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace tests {

using bus::milliseconds;

// Something that goes on beside the test until this is destroyed.
class Aside {
public:
    virtual ~Aside() = default;
};

// Where one test's log is kept. Opening it again is a restart. The defaults are those of an
// implementation in real time.
class LogStorage {
public:
    virtual ~LogStorage() = default;

    virtual std::unique_ptr<bus::Log> open(int partitions) = 0;

    // Time as the log has it.
    virtual milliseconds now() const;
    virtual void pause(); // For a moment, while a condition is waited for.
    // Beside the test: in another thread, or between the steps of virtual time.
    virtual std::unique_ptr<Aside> once(std::function<void()> action);
    virtual std::unique_ptr<Aside> repeatedly(std::function<void()> action);

    // How long anything may take, the takeover from a dead owner included.
    virtual milliseconds patience() const { return milliseconds{20'000}; }
    // How long a takeover from an owner that left may take.
    virtual milliseconds handover() const { return milliseconds{2'000}; }
    // All partitions show a transaction in the same moment. Otherwise each does, soon.
    virtual bool visible_at_once() const { return true; }
    // A partition is taken from an owner that does not even poll, as a frozen one.
    virtual bool takes_from_the_silent() const { return true; }

    // A disk that can be filled: why not, or empty.
    virtual std::string cannot_fill() const { return "its disk cannot be filled by a test"; }
    virtual void fill_disk() {}
    virtual void make_room() {}

    // Files that can be damaged while the log is closed: why not, or empty.
    virtual std::string cannot_damage() const { return "it has no files of its own"; }
    // As if the power had gone while the last transaction was written. There are `torn_ways`.
    virtual void tear_last(int) {}
    virtual int torn_ways() const { return 0; }
    // Changes a byte of a transaction that others follow.
    virtual void change_a_byte_in_the_middle() {}
};

struct LogKind {
    std::string name;
    std::function<std::unique_ptr<LogStorage>()> make;

    friend void PrintTo(const LogKind& kind, std::ostream* out) { *out << kind.name; }
};

inline std::string kind_name(const testing::TestParamInfo<LogKind>& info) {
    return info.param.name;
}

// A record that outlives its reader's next call.
struct Kept {
    int partition = 0;
    bus::Offset offset = 0;
    std::string key, value;

    friend bool operator==(const Kept&, const Kept&) = default;
};

std::vector<std::string> values(const std::vector<Kept>& records);

// An owner, and what its polls told.
class Participant {
public:
    Participant(bus::Log& log, const std::string& name) : owner{log.own(name)} {}

    void turn(std::size_t commands_max = 1000, milliseconds wait = milliseconds{20});
    bool holds(int partition) const { return held.contains(partition); }

    std::unique_ptr<bus::Owner> owner;
    std::map<int, bus::Tenure> held;
    std::set<int> lost; // Since the test looked.
    std::vector<Kept> commands;
};

class LogContract : public testing::TestWithParam<LogKind> {
protected:
    static constexpr int partitions = 4;

    void SetUp() override;
    void reopen(); // A clean restart.

    bus::Log& log() { return *log_; }
    LogStorage& storage() { return *storage_; }

    // Waits for the condition, no longer than the storage's patience.
    bool eventually(const std::function<bool()>& condition);
    // Polls until all partitions are held.
    [[nodiscard]] bool gains_all(Participant& participant);
    // All records of one partition from `from` on, up to its end.
    std::vector<Kept> all(bus::Topic topic, int partition, bus::Offset from = 0);
    std::vector<std::string> all_values(bus::Topic topic, int partition) {
        return values(all(topic, partition));
    }
    void append(bus::Topic topic, int partition, const std::vector<std::string>& values);

    std::unique_ptr<LogStorage> storage_;
    std::unique_ptr<bus::Log> log_;
};

// A transaction of one record.
bus::Transaction one(bus::Topic topic, int partition, std::string_view value);

// "prefix0" ... "prefixN-1"
std::vector<std::string> numbered(const std::string& prefix, int count);

} // namespace tests
