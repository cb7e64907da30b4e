// Who owns a partition on a real broker, and what becomes of a transaction whose owner dies,
// sleeps or never learns its outcome.

#include "bus/kafka/kafka.hpp"
#include "tests/support/kafka_broker.hpp"
#include "tests/support/kafka_instance.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace bus {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using tests::KafkaTopics;
using Verdict = tests::TcpProxy::Verdict;
using State = Commit::State;

constexpr std::int16_t end_transaction = 26; // Kafka's number for the request EndTxn.

// A request begins with its size (4 bytes) and its kind (2); librdkafka sends this one alone.
auto when_transaction_ends(Verdict verdict) {
    return [verdict](std::string_view sent) {
        if (sent.size() < 6) return Verdict::pass;
        const auto kind = static_cast<std::int16_t>(static_cast<unsigned char>(sent[4]) << 8U |
                                                    static_cast<unsigned char>(sent[5]));
        return kind == end_transaction ? verdict : Verdict::pass;
    };
}

// An owner, and what poll() told of it.
struct Instance {
    std::unique_ptr<Owner> owner;
    Turn turn{};
    std::vector<Tenure> tenures{};
    std::vector<std::string> commands{};
    int lost = 0;

    Instance(Log& log, std::string name) : owner{log.own(std::move(name))} {}

    void poll() {
        owner->poll(turn, 100, 100ms);
        for (const int gone : turn.lost) {
            std::erase_if(tenures, [&](const Tenure& one) { return one.partition == gone; });
            ++lost;
        }
        tenures.insert(tenures.end(), turn.gained.begin(), turn.gained.end());
        for (const Record& command : turn.commands)
            commands.emplace_back(command.value);
    }

    template <class Condition>
    testing::AssertionResult poll_until(Condition condition) {
        const auto until = Clock::now() + 60s;
        while (!condition()) {
            if (Clock::now() > until)
                return testing::AssertionFailure() << "a minute of polling was not enough";
            poll();
        }
        return testing::AssertionSuccess();
    }
    testing::AssertionResult owns(std::size_t count) {
        return poll_until([&] { return tenures.size() == count; });
    }
};

std::vector<std::string> values(Log& log, Topic topic, int partition, Offset end) {
    const auto reader = log.read(topic, {{partition, 0}});
    std::vector<std::string> found;
    const auto until = Clock::now() + 60s;
    while (reader->position().front().offset < end && Clock::now() < until)
        for (const Record& record : reader->read(1U << 20U, 100ms))
            found.emplace_back(record.value);
    EXPECT_GE(reader->position().front().offset, end);
    return found;
}

// All events once there are so many: a commit returns a moment before its markers are written.
std::vector<std::string> events(Log& log, std::size_t count) {
    std::vector<std::string> found;
    tests::eventually([&] {
        found = values(log, Topic::events, 0, log.end(Topic::events, 0));
        return found.size() >= count;
    });
    return found;
}

Transaction deciding(std::string_view event, Offset consumed) {
    Transaction transaction;
    transaction.append(Topic::events, 0, "stream", event);
    transaction.append(Topic::outcomes, 0, "reply", event);
    transaction.consumed(0, consumed);
    return transaction;
}

void ask(Log& log, std::initializer_list<std::string_view> commands) {
    Transaction transaction;
    for (const std::string_view command : commands)
        transaction.append(Topic::commands, 0, "stream", command);
    log.append(transaction);
}

TEST(KafkaOwner, BringsCommandsAndGoesOnWhereItCommitted) {
    const KafkaTopics topics{1};
    const auto log = kafka::open(topics.options());
    ask(*log, {"a", "b", "c"});
    {
        Instance first{*log, "market-1/0"};
        ASSERT_TRUE(first.owns(1));
        EXPECT_EQ(first.tenures.front().commands, 0);
        EXPECT_EQ(first.tenures.front().events_end, 0);
        ASSERT_TRUE(first.poll_until([&] { return first.commands.size() == 3; }));
        EXPECT_THAT(first.commands, ElementsAre("a", "b", "c"));
        const Commit commit = first.owner->commit(deciding("decided", 2));
        ASSERT_EQ(commit.state, State::committed) << commit.reason;
        EXPECT_THAT(commit.offsets, ElementsAre(0, testing::Ge(0)));
        first.owner->leave();
    }
    EXPECT_EQ(log->consumed(0), 2);
    Instance second{*log, "market-1/0"};
    ASSERT_TRUE(second.owns(1));
    EXPECT_EQ(second.tenures.front().commands, 2);
    EXPECT_GE(second.tenures.front().events_end, 1);
    ASSERT_TRUE(second.poll_until([&] { return !second.commands.empty(); }));
    EXPECT_THAT(second.commands, ElementsAre("c"));
    EXPECT_THAT(events(*log, 1), ElementsAre("decided"));
}

TEST(KafkaOwner, HandsOverAtOnceWhenItLeaves) {
    const KafkaTopics topics{2};
    const auto log = kafka::open(topics.options());
    Instance leaver{*log, "a"};
    ASSERT_TRUE(leaver.owns(2));
    ASSERT_EQ(leaver.owner->commit(deciding("by a", 0)).state, State::committed);
    const auto begin = Clock::now();
    leaver.owner->leave();
    Instance heir{*log, "b"};
    ASSERT_TRUE(heir.owns(2));
    EXPECT_LT(Clock::now() - begin, 5s) << "the session of the one who left was waited for";
    EXPECT_EQ(heir.owner->commit(deciding("by b", 0)).state, State::committed);
    EXPECT_THAT(events(*log, 2), ElementsAre("by a", "by b"));
}

TEST(KafkaOwner, SharesWithAnother) {
    const KafkaTopics topics{4};
    const auto log = kafka::open(topics.options());
    Instance first{*log, "a"}, second{*log, "b"};
    ASSERT_TRUE(first.owns(4));
    // Both have to poll for the partitions to change hands.
    ASSERT_TRUE(first.poll_until([&] {
        second.poll();
        return first.tenures.size() == 2 && second.tenures.size() == 2;
    }));
    EXPECT_EQ(first.lost, 4);
    std::vector<int> all;
    for (const Instance* one : {&first, &second})
        for (const Tenure& tenure : one->tenures)
            all.push_back(tenure.partition);
    EXPECT_THAT(all, UnorderedElementsAre(0, 1, 2, 3));
    EXPECT_EQ(first.owner->commit({}).state, State::committed);
    EXPECT_EQ(second.owner->commit({}).state, State::committed);
    Transaction foreign;
    foreign.consumed(second.tenures.front().partition, 1);
    EXPECT_NE(first.owner->commit(foreign).state, State::committed);
}

TEST(KafkaOwner, RefusesWhatIsTooLargeAndGoesOn) {
    const KafkaTopics topics{1};
    kafka::Options options = topics.options();
    const auto log = kafka::open(options);
    Instance instance{*log, "a"};
    ASSERT_TRUE(instance.owns(1));
    EXPECT_EQ(instance.owner->commit(deciding(std::string(value_bytes_max + 1, 'x'), 1)).state,
              State::refused);
    EXPECT_EQ(instance.owner->commit(deciding("small", 0)).state, State::committed);
    EXPECT_EQ(instance.lost, 0);
    EXPECT_THAT(events(*log, 1), ElementsAre("small"));
}

TEST(KafkaOwner, AbortsWhatTheLibraryRefusesAndGoesOn) {
    const KafkaTopics topics{1};
    kafka::Options options = topics.options();
    options.settings["message.max.bytes"] = "2000";
    const auto log = kafka::open(options);
    Instance instance{*log, "a"};
    ASSERT_TRUE(instance.owns(1));
    Transaction mixed = deciding("never seen", 0);
    mixed.append(Topic::events, 0, "stream", std::string(3000, 'x'));
    const Commit refused = instance.owner->commit(mixed);
    EXPECT_EQ(refused.state, State::refused) << refused.reason;
    const Commit commit = instance.owner->commit(deciding("small", 0));
    EXPECT_EQ(commit.state, State::committed) << commit.reason;
    EXPECT_EQ(instance.lost, 0);
    EXPECT_THAT(events(*log, 1), ElementsAre("small")) << "what was aborted is never seen";
}

TEST(KafkaOwner, IsWokenFromItsWait) {
    const KafkaTopics topics{1};
    const auto log = kafka::open(topics.options());
    Instance instance{*log, "a"};
    ASSERT_TRUE(instance.owns(1));
    const auto begin = Clock::now();
    for (int i = 0; i < 20; ++i) {
        std::thread waker{[&] { instance.owner->wake(); }};
        instance.owner->poll(instance.turn, 100, 50s);
        waker.join();
    }
    EXPECT_LT(Clock::now() - begin, 40s);
}

TEST(KafkaOwner, TakesOverFromTheDeadWithoutWaitingForItsTransaction) {
    const KafkaTopics topics{1};
    kafka::Options through_proxy = topics.options();
    through_proxy.brokers = "127.0.0.1:" + std::to_string(tests::kafka_proxy_port());
    tests::KafkaInstance dying{through_proxy, "dying"};
    tests::TcpProxy proxy{tests::kafka_proxy_port(), tests::kafka_proxied_port()};
    ASSERT_TRUE(dying.gains());
    ASSERT_EQ(dying.commit("kept"), State::committed);

    // The request to commit never arrives: the transaction stays open, its records written.
    proxy.judge(when_transaction_ends(Verdict::hold_all));
    dying.begin_commit("never seen");
    ASSERT_TRUE(tests::eventually([&] { return proxy.held() > 0; }));
    dying.kill();

    const auto begin = Clock::now();
    const auto log = kafka::open(topics.options());
    Instance heir{*log, "heir"};
    ASSERT_TRUE(heir.owns(1));
    const auto taken = Clock::now() - begin;
    std::cout << "[ INFO     ] taken over after "
              << std::chrono::duration_cast<std::chrono::milliseconds>(taken).count()
              << " ms, of which 6000 are the session of the dead\n";
    EXPECT_LT(taken, 9s) << "the broker's own timeout (10 s and more) was waited for";
    EXPECT_THAT(values(*log, Topic::events, 0, heir.tenures.front().events_end),
                ElementsAre("kept"));
    ASSERT_EQ(heir.owner->commit(deciding("heir", 0)).state, State::committed);
    EXPECT_THAT(events(*log, 2), ElementsAre("kept", "heir"));
}

TEST(KafkaOwner, WhoComesBackUnderTheSameNameNeedNotWaitForTheSession) {
    const KafkaTopics topics{1};
    tests::KafkaInstance killed{topics.options(), "same"};
    ASSERT_TRUE(killed.gains());
    ASSERT_EQ(killed.commit("before"), State::committed);
    killed.kill();
    const auto begin = Clock::now();
    const auto log = kafka::open(topics.options());
    Instance again{*log, "same"};
    ASSERT_TRUE(again.owns(1));
    EXPECT_LT(Clock::now() - begin, 5s);
    EXPECT_EQ(again.owner->commit(deciding("after", 0)).state, State::committed);
    EXPECT_THAT(events(*log, 2), ElementsAre("before", "after"));
}

TEST(KafkaOwner, JoinsAnewWhenItsMembershipWasTaken) {
    const KafkaTopics topics{2};
    const auto log = kafka::open(topics.options());
    ask(*log, {"a", "b"});
    Instance instance{*log, "same"};
    ASSERT_TRUE(instance.owns(2));
    ASSERT_EQ(instance.owner->commit(deciding("before", 1)).state, State::committed);
    {
        // As when the group knows a later join of one's own, whose answer never came.
        Instance namesake{*log, "same"};
        ASSERT_TRUE(namesake.owns(2));
    }
    ASSERT_TRUE(instance.poll_until([&] { return instance.lost == 2; }));
    instance.commands.clear();
    ASSERT_TRUE(instance.owns(2));
    ASSERT_TRUE(instance.poll_until([&] { return !instance.commands.empty(); }));
    EXPECT_THAT(instance.commands, ElementsAre("b"));
    const Commit commit = instance.owner->commit(deciding("after", 2));
    EXPECT_EQ(commit.state, State::committed) << commit.reason;
    EXPECT_THAT(events(*log, 2), ElementsAre("before", "after"));
}

TEST(KafkaOwner, GivesUpWhenAnotherKeepsItsName) {
    const KafkaTopics topics{1};
    const auto log = kafka::open(topics.options());
    Instance older{*log, "same"};
    ASSERT_TRUE(older.owns(1));
    Instance younger{*log, "same"};
    ASSERT_TRUE(younger.owns(1));
    EXPECT_NE(older.owner->commit(deciding("older", 0)).state, State::committed);
    EXPECT_EQ(younger.owner->commit(deciding("younger", 0)).state, State::committed);
    std::string reason;
    const auto until = Clock::now() + 60s;
    while (reason.empty() && Clock::now() < until) {
        younger.poll();
        try {
            older.poll();
        } catch (const Error& error) {
            reason = error.what();
        }
    }
    EXPECT_THAT(reason, testing::HasSubstr("another instance has the name 'same'"));
    ASSERT_TRUE(younger.owns(1));
    EXPECT_EQ(younger.owner->commit(deciding("younger again", 0)).state, State::committed);
    EXPECT_THAT(events(*log, 2), ElementsAre("younger", "younger again"));
}

TEST(KafkaOwner, IsFencedWhenItSleptThroughItsSession) {
    const KafkaTopics topics{1};
    tests::KafkaInstance sleeper{topics.options(), "sleeper"};
    ASSERT_TRUE(sleeper.gains());
    ASSERT_EQ(sleeper.commit("before"), State::committed);
    sleeper.freeze();

    const auto log = kafka::open(topics.options());
    Instance heir{*log, "heir"};
    ASSERT_TRUE(heir.owns(1));
    ASSERT_EQ(heir.owner->commit(deciding("heir", 0)).state, State::committed);

    sleeper.wake();
    EXPECT_EQ(sleeper.commit("zombie"), State::lost);
    // It goes on and asks for its partition, which must not disturb the heir.
    EXPECT_EQ(sleeper.commit("zombie again"), State::lost);
    const Commit commit = heir.owner->commit(deciding("heir again", 0));
    EXPECT_EQ(commit.state, State::committed) << commit.reason;
    EXPECT_THAT(events(*log, 3), ElementsAre("before", "heir", "heir again"));
}

class UnclearCommit : public testing::TestWithParam<Verdict> {};

TEST_P(UnclearCommit, IsLostAndTheTruthIsFoundByReading) {
    const KafkaTopics topics{1};
    kafka::Options options = topics.options();
    options.brokers = "127.0.0.1:" + std::to_string(tests::kafka_proxy_port());
    options.transaction_timeout = 2s;
    tests::TcpProxy proxy{tests::kafka_proxy_port(), tests::kafka_proxied_port()};
    const auto log = kafka::open(options);
    ask(*log, {"a", "b"});
    Instance instance{*log, "a"};
    ASSERT_TRUE(instance.owns(1));
    ASSERT_EQ(instance.owner->commit(deciding("clear", 1)).state, State::committed);

    proxy.judge(when_transaction_ends(GetParam()));
    const Commit commit = instance.owner->commit(deciding("unclear", 2));
    EXPECT_EQ(commit.state, State::lost) << commit.reason;
    EXPECT_NE(commit.reason, "");
    EXPECT_NE(instance.owner->commit(deciding("too early", 2)).state, State::committed);
    proxy.judge({});
    proxy.cut();

    instance.commands.clear();
    ASSERT_TRUE(instance.poll_until([&] { return instance.lost == 1; }));
    ASSERT_TRUE(instance.owns(1));
    const Tenure tenure = instance.tenures.front();
    const auto truth = values(*log, Topic::events, 0, tenure.events_end);
    if (GetParam() == Verdict::hold_answers) {
        EXPECT_THAT(truth, ElementsAre("clear", "unclear"));
        EXPECT_EQ(tenure.commands, 2);
    } else {
        EXPECT_THAT(truth, ElementsAre("clear"));
        EXPECT_EQ(tenure.commands, 1) << "the command is to be decided again";
        ASSERT_TRUE(instance.poll_until([&] { return !instance.commands.empty(); }));
        EXPECT_THAT(instance.commands, ElementsAre("b"));
    }
    EXPECT_EQ(instance.owner->commit(deciding("next", 2)).state, State::committed);
}

INSTANTIATE_TEST_SUITE_P(Kafka, UnclearCommit,
                         testing::Values(Verdict::hold_answers, Verdict::hold_all),
                         [](const auto& test) {
                             return test.param == Verdict::hold_answers ? "AnswerLost"
                                                                        : "RequestLost";
                         });

} // namespace

} // namespace bus
