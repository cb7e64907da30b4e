#include "bus/embedded/embedded.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace projections {

namespace {

using namespace tests;
using Kind = Answer::Kind;

class ProcessorTest : public testing::Test {
protected:
    void start(ProcessorOptions options = {}) {
        log = bus::embedded::open(
            {.folder = folder / "log", .partitions = 4, .segment_bytes = 1 << 20});
        processing = std::make_unique<Processing>(*log, store, std::move(options));
    }
    void restart(ProcessorOptions options = {}) {
        processing.reset();
        log.reset();
        start(std::move(options));
    }
    Answer ask(std::string id, std::string stream, Tally::Command command) {
        return processing->ask(std::move(id), std::move(stream), std::move(command));
    }
    void leave() { processing->processor.leave(); }

    TemporaryFolder temporary;
    const std::filesystem::path folder = temporary.path();
    MemoryStore store;
    std::unique_ptr<bus::Log> log;
    std::unique_ptr<Processing> processing;
};

TEST_F(ProcessorTest, AnswersWithTheStateAsDecided) {
    start();
    const Answer answer = ask("c1", "tally-1", Add{5});

    EXPECT_EQ(answer.kind, Kind::accepted);
    EXPECT_EQ(answer.sequence, 1u);
    EXPECT_EQ(answer.position.offset, 0);
    EXPECT_EQ(answer.state, R"({"amount":5,"sent":0})");
    EXPECT_FALSE(answer.replayed);
}

TEST_F(ProcessorTest, GivesARepeatedCommandTheSameAnswer) {
    start();
    const Answer first = ask("c1", "tally-1", Add{5});
    ask("c2", "tally-1", Add{7});

    const Answer again = ask("c1", "tally-1", Add{5});

    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.kind, Kind::accepted);
    EXPECT_EQ(again.sequence, first.sequence);
    EXPECT_EQ(again.position, first.position);
    EXPECT_EQ(records(*log, bus::Topic::events).size(), 2u);
}

TEST_F(ProcessorTest, RefusesTheSameIdWithAnotherBody) {
    start();
    ask("c1", "tally-1", Add{5});

    EXPECT_EQ(ask("c1", "tally-1", Add{6}).kind, Kind::conflict);
    EXPECT_EQ(ask("c1", "tally-1", Send{"tally-2", 5}).kind, Kind::conflict);
    EXPECT_EQ(ask("c1", "tally-1", Add{5}).kind, Kind::accepted);
    EXPECT_EQ(records(*log, bus::Topic::events).size(), 1u);
}

TEST_F(ProcessorTest, RemembersRefusalsAndWhatChangedNothing) {
    start();
    EXPECT_EQ(ask("c1", "tally-1", Send{"tally-2", 5}).rejection, "not_enough");
    EXPECT_EQ(ask("c2", "tally-1", Add{0}).kind, Kind::accepted);
    ask("c3", "tally-1", Add{5});
    restart();

    // It would be accepted by now, but this id has its answer.
    const Answer again = ask("c1", "tally-1", Send{"tally-2", 5});
    EXPECT_EQ(again.rejection, "not_enough");
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.sequence, 0u);
    EXPECT_TRUE(ask("c2", "tally-1", Add{0}).replayed);
    EXPECT_EQ(records(*log, bus::Topic::events).size(), 3u);
}

TEST_F(ProcessorTest, RunsPoliciesInTheSameTransaction) {
    start();
    ask("c1", "tally-1", Add{5});
    ask("c2", "tally-1", Send{"tally-2", 3});
    EXPECT_EQ(records(*log, bus::Topic::commands).size(), 1u);
    processing->settle();

    EXPECT_EQ(ask("c3", "tally-2", Add{1}).state, R"({"amount":4,"sent":0})");
    EXPECT_EQ(ask("c4", "tally-1", Add{1}).state, R"({"amount":3,"sent":3})");
}

TEST_F(ProcessorTest, DecidesSeveralCommandsOfOneStreamInOneBatch) {
    start();
    std::vector<Submission> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(submission(4, "c" + std::to_string(i % 90), "tally-1", Add{1}));
    processing->processor.submit(std::move(many));
    while (processing->answers.all.size() < 100)
        processing->processor.turn(bus::milliseconds{10});

    EXPECT_EQ(processing->answers.all[89].state, R"({"amount":90,"sent":0})");
    EXPECT_TRUE(processing->answers.all[90].replayed);
    EXPECT_EQ(processing->answers.all[90].sequence, 1u);
    EXPECT_EQ(processing->answers.all[90].position, processing->answers.all[0].position);
}

TEST_F(ProcessorTest, KeepsTenantsApart) {
    start();
    ask("c1", "tally-1", Add{5});
    const Answer stranger = processing->ask("c2", "tally-1", Add{5}, "other");

    EXPECT_EQ(stranger.rejection, "not_found");
    EXPECT_EQ(records(*log, bus::Topic::events).size(), 1u);
}

TEST_F(ProcessorTest, ForgetsNothingOverARestart) {
    start({.flush_after_milliseconds = 0});
    for (int i = 0; i < 300; ++i)
        ask("c" + std::to_string(i), "tally-" + std::to_string(i % 7), Add{1});
    leave();
    restart();
    EXPECT_TRUE(ask("c3", "tally-3", Add{1}).replayed);

    leave();
    EXPECT_EQ(rows(store, 4), replayed_rows(*log));
}

TEST_F(ProcessorTest, ReplaysWhatTheStoreLostInACrash) {
    for (std::size_t kept : {0u, 1u, 3u, 10u, 1000u}) {
        start({.flush_after_milliseconds = 0});
        for (int i = 0; i < 50; ++i)
            ask("c" + std::to_string(kept) + "." + std::to_string(i),
                "tally-" + std::to_string(i % 5), Add{1});
        store.forget_unpersisted(kept);
        restart();
        EXPECT_TRUE(ask("c" + std::to_string(kept) + ".49", "tally-4", Add{1}).replayed);
        leave();
        EXPECT_EQ(rows(store, 4), replayed_rows(*log));
        processing.reset();
        log.reset();
    }
}

TEST_F(ProcessorTest, RemembersMoreAnswersThanAStreamKeeps) {
    start({.flush_after_milliseconds = 0});
    for (int i = 0; i < 500; ++i)
        ask("c" + std::to_string(i), "tally-1", Add{i % 2});
    EXPECT_TRUE(ask("c0", "tally-1", Add{0}).replayed);
    leave();
    EXPECT_EQ(rows(store, 4), replayed_rows(*log));
    restart();

    for (int i = 0; i < 500; ++i)
        EXPECT_TRUE(ask("c" + std::to_string(i), "tally-1", Add{i % 2}).replayed) << i;
    EXPECT_EQ(ask("c7", "tally-1", Add{2}).kind, Kind::conflict);
}

TEST_F(ProcessorTest, KeepsItsCacheBounded) {
    start({.streams_kept_max = 10, .streams_dirty_max = 5});
    for (int i = 0; i < 400; ++i)
        ask("c" + std::to_string(i), "tally-" + std::to_string(i % 100), Add{1});
    EXPECT_LE(processing->processor.streams().size(), 30u);
    EXPECT_EQ(ask("last", "tally-0", Add{1}).state, R"({"amount":5,"sent":0})");
}

TEST_F(ProcessorTest, SetsAsideWhatCannotBeDecidedAndGoesOn) {
    start();
    ask("c1", "tally-1", Add{5});
    std::vector<Submission> three;
    three.push_back(submission(4, "c2", "tally-1", Add{1}));
    three.push_back(submission(4, "c3", "tally-1", Explode{"a bug"}));
    three.push_back(submission(4, "c4", "tally-1", Add{1}));
    processing->processor.submit(std::move(three));
    while (processing->answers.all.size() < 4)
        processing->processor.turn(bus::milliseconds{10});

    EXPECT_EQ(processing->answers.all[1].kind, Kind::accepted);
    EXPECT_EQ(processing->answers.all[2].rejection, "undecidable");
    EXPECT_EQ(processing->answers.all[3].state, R"({"amount":7,"sent":0})");
    const auto parked = records(*log, bus::Topic::parked);
    ASSERT_EQ(parked.size(), 1u);
    EXPECT_NE(parked[0].find("a bug"), std::string::npos);
    leave();
    EXPECT_EQ(rows(store, 4), replayed_rows(*log));
}

TEST_F(ProcessorTest, SetsAsideWhatCannotBeRead) {
    start();
    bus::Transaction rubbish;
    const int partition = bus::partition_of("tally-1", 4);
    const std::string fine =
        R"({"id":"k1","type":"tally.add","stream":"tally-1","time":"2026-04-01T12:00:00.000Z",)"
        R"("tenant":"acme","actor":"x","correlation":"k1","data":{"amount":4}})";
    for (const std::string& value :
         {std::string{"{nonsense"}, std::string{"\xff\xfe"}, std::string{}, fine,
          std::string{R"({"id":"k2","type":"tally.fly","stream":"tally-1",)"
                      R"("time":"2026-04-01T12:00:00.000Z","tenant":"acme","actor":"x",)"
                      R"("correlation":"k2","data":{}})"}})
        rubbish.append(bus::Topic::commands, partition, "tally-1", value);
    log->append(rubbish);
    processing->settle();

    EXPECT_EQ(records(*log, bus::Topic::parked).size(), 4u);
    EXPECT_EQ(ask("c1", "tally-1", Add{1}).state, R"({"amount":5,"sent":0})");
    EXPECT_EQ(processing->processor.meter().parked, 4u);
}

TEST_F(ProcessorTest, ChainsTheRecordsOfAPartition) {
    start();
    for (int i = 0; i < 20; ++i)
        ask("c" + std::to_string(i), "tally-1", Add{1});
    restart();
    for (int i = 20; i < 40; ++i)
        ask("c" + std::to_string(i), "tally-1", Add{i % 2});

    ChainHash head;
    schemas::EnvelopeReader reader;
    for (const std::string& record : records(*log, bus::Topic::events)) {
        EXPECT_EQ(reader.event(record).value().previous, head.text());
        head = chain_hash(record);
    }
}

TEST_F(ProcessorTest, StopsAtALogThatContradictsItself) {
    start();
    ask("c1", "tally-1", Add{5});
    const std::string record = records(*log, bus::Topic::events).front();
    processing.reset();
    bus::Transaction repeated;
    repeated.append(bus::Topic::events, bus::partition_of("tally-1", 4), "tally-1", record);
    log->append(repeated);

    Processing after{*log, store};
    EXPECT_THROW(after.processor.turn(bus::milliseconds{10}), BrokenLog);
}

} // namespace

} // namespace projections
