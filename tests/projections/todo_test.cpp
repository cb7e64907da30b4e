// The to-do list of a worker: what opens and closes its items, and what it remembers.

#include "projections/todo.hpp"

#include "domain/effect.hpp"
#include "schemas/messages.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace projections {

namespace {

constexpr int partitions = 2;

// Opens an item for each event of a payment that asks for something.
class AsksTodo final : public TodoFold {
public:
    std::string_view name() const override { return "asks"; }
    std::uint64_t version() const override { return 1; }
    void open(const schemas::EventView& event, std::vector<Opening>& openings) const override {
        if (event.type == "payment.requested")
            openings.push_back(
                {"ask", std::string{event.type}, "{}", {event.time.milliseconds + 5}});
    }
};

class TodoTest : public testing::Test {
protected:
    // A record of the command, at the partition's next place.
    void happens(int partition, std::string_view command, std::string_view type,
                 std::string_view stream = "payment-1", std::string_view data = "{}",
                 std::uint64_t sequence = 1) {
        const std::string id = std::string{command} + ".1";
        const std::string previous(64, '0');
        const schemas::EventView head{.id = id,
                                      .type = type,
                                      .stream = stream,
                                      .sequence = sequence,
                                      .time = {100},
                                      .tenant = "acme",
                                      .actor = "x",
                                      .command = command,
                                      .fingerprint = "0123456789abcdef",
                                      .correlation = command,
                                      .trace = {},
                                      .data = {},
                                      .previous = previous};
        std::string& value = values_.emplace_back();
        schemas::write_event(head, data, value);
        bus::Record record{};
        record.topic = bus::Topic::events;
        record.partition = partition;
        record.offset = offsets_[partition]++;
        record.key = stream;
        record.value = value;
        todo_->apply(record);
    }

    void restart() {
        todo_->flush();
        todo_ = std::make_unique<Todo>(fold_, store_, partitions);
    }

    std::vector<std::string> due(std::int64_t now) const {
        std::vector<std::string> names;
        todo_->due({now}, [&](const TodoItem& one) {
            names.push_back(one.name);
            return true;
        });
        return names;
    }

    template <class Event>
    void effect(const Event& event) {
        std::string data;
        schemas::write(event, data);
        happens(1, "by-hand-" + std::to_string(offsets_[1]), Event::type, "effect-1", data);
    }

    const std::string item = "c1.1/asks/ask";
    AsksTodo fold_;
    MemoryStore store_;
    std::unique_ptr<Todo> todo_ = std::make_unique<Todo>(fold_, store_, partitions);
    std::deque<std::string> values_;
    bus::Offset offsets_[partitions] = {};
};

TEST_F(TodoTest, AnItemIsOpenUntilTheRecordOfItsConclusion) {
    happens(0, "c1", "payment.requested");
    EXPECT_TRUE(due(104).empty());
    EXPECT_EQ(due(105), std::vector{item});
    EXPECT_EQ(todo_->next_due({100}), domain::Time{105});
    happens(0, item, "payment.held", "payment-1", "{}", 2);
    EXPECT_EQ(todo_->open(0), 0u);
}

TEST_F(TodoTest, ARefusedConclusionIsOneToo) {
    happens(0, "c1", "payment.requested");
    happens(0, item, "command.answered", "payment-1", R"({"rejection":"x"})", 0);
    EXPECT_EQ(todo_->open(0), 0u);
}

TEST_F(TodoTest, AnEndReadBeforeItsBeginningCounts) {
    happens(1, item, "payment.held", "payment-2");
    restart();
    happens(0, "c1", "payment.requested");
    EXPECT_EQ(todo_->open(0), 0u);
    // And only once.
    happens(0, "c2", "payment.requested");
    EXPECT_EQ(todo_->open(0), 1u);
}

TEST_F(TodoTest, ARestartForgetsNothing) {
    happens(0, "c1", "payment.requested");
    happens(0, "c2", "payment.requested");
    happens(0, item, "payment.held", "payment-1", "{}", 2);
    restart();
    EXPECT_EQ(due(105), std::vector<std::string>{"c2.1/asks/ask"});
    EXPECT_EQ(todo_->position(0), 3);
    // What was folded already changes nothing.
    bus::Record again{};
    again.partition = 0;
    again.offset = 0;
    again.value = values_[0];
    todo_->apply(again);
    EXPECT_EQ(todo_->open(0), 1u);
}

TEST_F(TodoTest, AParkedItemWaitsForAPerson) {
    happens(0, "c1", "payment.requested");
    effect(domain::EffectParked{item, "asks", "payment-1", "payment.requested", "why"});
    EXPECT_TRUE(due(10'000).empty());
    EXPECT_EQ(todo_->parked(0), 1u);
    restart();
    EXPECT_TRUE(due(10'000).empty());
    effect(domain::EffectRetried{item});
    EXPECT_EQ(due(10'000), std::vector{item});
    effect(domain::EffectParked{item, "asks", "payment-1", "payment.requested", "why"});
    effect(domain::EffectDropped{item, "by hand"});
    EXPECT_EQ(todo_->open(0), 0u);
    EXPECT_EQ(todo_->parked(0), 0u);
}

TEST_F(TodoTest, APostponedItemIsDueLater) {
    happens(0, "c1", "payment.requested");
    todo_->postpone(item, {500});
    EXPECT_TRUE(due(499).empty());
    EXPECT_EQ(due(500), std::vector{item});
    EXPECT_EQ(todo_->find(item)->attempts, 1u);
}

TEST_F(TodoTest, ALongIdDoesNotMakeALongName) {
    happens(0, std::string(150, 'c'), "payment.requested");
    EXPECT_EQ(due(105).at(0).size(), 32 + std::string_view{"/asks/ask"}.size());
}

} // namespace

} // namespace projections
