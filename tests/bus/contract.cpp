#include "tests/bus/contract.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace tests {

namespace {

class ThreadAside final : public Aside {
public:
    explicit ThreadAside(std::function<void(const std::atomic<bool>&)> run)
        : thread_{[this, run = std::move(run)] { run(ended_); }} {}
    ~ThreadAside() override {
        ended_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

} // namespace

milliseconds LogStorage::now() const {
    return std::chrono::duration_cast<milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void LogStorage::pause() { std::this_thread::sleep_for(milliseconds{1}); }

std::unique_ptr<Aside> LogStorage::once(std::function<void()> action) {
    return std::make_unique<ThreadAside>(
        [action = std::move(action)](const std::atomic<bool>&) { action(); });
}

std::unique_ptr<Aside> LogStorage::repeatedly(std::function<void()> action) {
    return std::make_unique<ThreadAside>(
        [action = std::move(action)](const std::atomic<bool>& ended) {
            do {
                action();
                std::this_thread::yield();
            } while (!ended);
        });
}

std::vector<std::string> values(const std::vector<Kept>& records) {
    std::vector<std::string> found;
    for (const Kept& record : records)
        found.push_back(record.value);
    return found;
}

void Participant::turn(std::size_t commands_max, milliseconds wait) {
    bus::Turn turn;
    owner->poll(turn, commands_max, wait);
    for (const int partition : turn.lost) {
        held.erase(partition);
        lost.insert(partition);
    }
    for (const bus::Tenure& tenure : turn.gained) {
        EXPECT_FALSE(holds(tenure.partition)) << "gained twice: " << tenure.partition;
        held[tenure.partition] = tenure;
    }
    EXPECT_LE(turn.commands.size(), commands_max);
    for (const bus::Record& record : turn.commands) {
        EXPECT_EQ(record.topic, bus::Topic::commands);
        EXPECT_TRUE(holds(record.partition)) << "a command of partition " << record.partition;
        commands.push_back(
            {record.partition, record.offset, std::string{record.key}, std::string{record.value}});
    }
}

void LogContract::SetUp() {
    storage_ = GetParam().make();
    log_ = storage_->open(partitions);
}

void LogContract::reopen() {
    log_.reset();
    log_ = storage_->open(partitions);
}

bool LogContract::eventually(const std::function<bool()>& condition) {
    const milliseconds until = storage_->now() + storage_->patience();
    while (!condition()) {
        if (storage_->now() >= until) return false;
        storage_->pause();
    }
    return true;
}

bool LogContract::gains_all(Participant& participant) {
    return eventually([&] {
        participant.turn(0);
        return participant.held.size() == static_cast<std::size_t>(log().partitions());
    });
}

std::vector<Kept> LogContract::all(bus::Topic topic, int partition, bus::Offset from) {
    std::vector<Kept> found;
    const bus::Offset end = log().end(topic, partition);
    const auto reader = log().read(topic, {{partition, from}});
    EXPECT_TRUE(eventually([&] {
        for (const bus::Record& record : reader->read(1 << 20, milliseconds{20})) {
            EXPECT_EQ(record.topic, topic);
            found.push_back({record.partition, record.offset, std::string{record.key},
                             std::string{record.value}});
        }
        return reader->position().at(0).offset >= end;
    })) << "the reader came to "
        << reader->position().at(0).offset << " of " << end;
    return found;
}

void LogContract::append(bus::Topic topic, int partition, const std::vector<std::string>& values) {
    bus::Transaction transaction;
    for (const std::string& value : values)
        transaction.append(topic, partition, "key", value);
    const bus::Offset before = log().end(topic, partition);
    log().append(transaction);
    EXPECT_TRUE(eventually([&] {
        return log().end(topic, partition) >= before + static_cast<bus::Offset>(values.size());
    }));
}

bus::Transaction one(bus::Topic topic, int partition, std::string_view value) {
    bus::Transaction transaction;
    transaction.append(topic, partition, "key", value);
    return transaction;
}

std::vector<std::string> numbered(const std::string& prefix, int count) {
    std::vector<std::string> result;
    for (int i = 0; i < count; ++i)
        result.push_back(prefix + std::to_string(i));
    return result;
}

} // namespace tests
