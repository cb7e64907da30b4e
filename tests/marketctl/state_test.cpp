// Digests tell whether two states are the same; what was thrown away comes back the same.

#include "gateways/marketctl/state.hpp"

#include "gateways/marketctl/log_cat.hpp"
#include "gateways/marketctl/rebuild.hpp"
#include "gateways/marketctl/stores.hpp"
#include "tests/marketctl/copies.hpp"
#include "tests/marketctl/story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using gateways::marketctl::NoProgress;
using gateways::marketctl::Positions;
using gateways::marketctl::replayed_digest;
using gateways::marketctl::StateDigest;
using gateways::marketctl::StoredState;
using projections::Store;
using testing::HasSubstr;

class State : public testing::Test {
protected:
    StateDigest digest(Store& store, Positions positions = Positions::included) {
        return gateways::marketctl::state_digest([&](int) -> Store& { return store; },
                                                 tests::tally_registry(), 3, positions);
    }
    StateDigest replayed(Positions positions = Positions::included) {
        return replayed_digest(*log_, tests::tally_registry(), positions);
    }
    // A system that ran and was stopped, as its folders are.
    void run(int commands) {
        const auto store = projections::open_rocksdb_store(
            state() / "0", tests::tally_registry().layout(), 1 << 20);
        tests::Processing processing{*log_, *store};
        for (int i = 0; i < commands; ++i)
            processing.ask("c" + std::to_string(i), "tally-" + std::to_string(i % 3),
                           tests::Add{i % 4});
        processing.processor.leave();
        store->persist();
    }
    StateDigest stored() {
        StoredState stored{state(), tests::tally_registry()};
        return gateways::marketctl::state_digest(
            [&](int partition) -> Store& { return stored.of(partition); }, tests::tally_registry(),
            3, Positions::included);
    }
    std::filesystem::path state() const { return folder_.path() / "state"; }

    tests::TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_ = tests::small_log(folder_.path() / "log", 3);
    NoProgress progress_;
};

TEST_F(State, AReplayGivesTheLiveStateByteForByte) {
    // So many that answers move out of the rows.
    run(400);
    EXPECT_EQ(stored(), replayed());
    EXPECT_GT(replayed().rows, 3U);
}

TEST_F(State, AStoreThatLagsBehindIsBroughtUpToTheEnd) {
    run(50);
    projections::MemoryStore other;
    {
        tests::Processing processing{*log_, other};
        processing.ask("later", "tally-1", tests::Add{3});
        processing.processor.leave();
    }
    EXPECT_NE(stored(), replayed());
    StoredState copy{state(), tests::tally_registry()};
    gateways::marketctl::bring_up(*log_, copy.of(0), tests::tally_registry(), -1, progress_);
    EXPECT_EQ(digest(copy.of(0)), replayed());
    // The copy was brought up, not the store.
    EXPECT_NE(stored(), replayed());
}

TEST_F(State, ADigestSeesEveryByteOfARow) {
    run(20);
    projections::MemoryStore store;
    gateways::marketctl::bring_up(*log_, store, tests::tally_registry(), -1, progress_);
    const StateDigest before = digest(store, Positions::left_out);
    const int partition = bus::partition_of("tally-1", 3);
    std::string row;
    ASSERT_TRUE(store.get(partition, "tally-1", row));
    row.back() = static_cast<char>(row.back() ^ 1); // The state's last field is its amount.
    const projections::RowWrite changed{"tally-1", row};
    store.write(partition, {&changed, 1}, std::nullopt);
    const StateDigest after = digest(store, Positions::left_out);
    EXPECT_NE(before.all, after.all);
    for (int one = 0; one < 3; ++one) {
        const auto at = static_cast<std::size_t>(one);
        EXPECT_EQ(before.partitions[at] == after.partitions[at], one != partition);
    }
}

TEST_F(State, AStoreOfAnotherLogIsNoticed) {
    run(20);
    const auto other = tests::small_log(folder_.path() / "other", 3);
    StoredState copy{state(), tests::tally_registry()};
    EXPECT_THROW(
        gateways::marketctl::bring_up(*other, copy.of(0), tests::tally_registry(), -1, progress_),
        projections::BrokenLog);
}

TEST_F(State, AStreamIsShownWithWhatItRemembers) {
    run(400);
    projections::MemoryStore store;
    gateways::marketctl::bring_up(*log_, store, tests::tally_registry(), -1, progress_);
    const std::string shown =
        gateways::marketctl::show_stream(store, tests::tally_registry(), 3, "tally-1");
    simdjson::dom::parser parser;
    const auto json = parser.parse(shown);
    EXPECT_EQ(std::string_view{json["stream"]}, "tally-1");
    EXPECT_EQ(std::string_view{json["tenant"]}, "acme");
    EXPECT_EQ(std::uint64_t{json["sequence"]}, 100U);
    EXPECT_EQ(std::int64_t{json["state"]["amount"]}, 199);
    EXPECT_EQ(json["commands"].get_array().size(), 133U);
    std::int64_t position = -1;
    for (const auto command : json["commands"]) {
        EXPECT_GE(std::int64_t{command["position"]}, position);
        position = std::int64_t{command["position"]};
    }
    EXPECT_EQ(gateways::marketctl::show_stream(store, tests::tally_registry(), 3, "tally-none"),
              "");
}

TEST_F(State, ARebuiltStateIsTheSame) {
    run(100);
    const StateDigest before = stored();
    {
        // Rows that are wrong in any way.
        const auto store = projections::open_rocksdb_store(
            state() / "0", tests::tally_registry().layout(), 1 << 20);
        for (int partition = 0; partition < 3; ++partition) {
            store->clear(partition);
            const projections::RowWrite wrong{"tally-99", "?"};
            store->write(partition, {&wrong, 1}, std::nullopt);
        }
        store->persist();
    }
    gateways::marketctl::rebuild_state(*log_, state(), tests::tally_registry(), progress_);
    EXPECT_EQ(stored(), before);
}

TEST_F(State, AMissingStateIsMade) {
    run(10);
    const StateDigest before = stored();
    std::filesystem::remove_all(state());
    EXPECT_THROW((StoredState{state(), tests::tally_registry()}), std::runtime_error);
    gateways::marketctl::rebuild_state(*log_, state(), tests::tally_registry(), progress_);
    EXPECT_EQ(stored(), before);
}

// Counts the events of each stream.
class CountsView final : public projections::ViewFold {
public:
    std::string_view name() const override { return "counts"; }
    std::uint64_t version() const override { return 1; }
    void apply(const schemas::EventView& event, const bus::Record&,
               projections::ViewRows& rows) const override {
        const std::string count = rows.get_for_change(event.stream).value_or("0");
        rows.put(event.stream, std::to_string(std::stoi(count) + 1));
    }
};

TEST_F(State, ViewsAreMadeAnew) {
    run(90);
    const auto folds = [] {
        std::vector<std::unique_ptr<projections::ViewFold>> all;
        all.push_back(std::make_unique<CountsView>());
        return all;
    };
    const auto folder = folder_.path() / "views";
    for (int round = 0; round < 2; ++round) {
        gateways::marketctl::rebuild_views(*log_, folder, folds(), progress_);
        const projections::Views views{*log_, folder, folds(), {}};
        EXPECT_EQ(views.rows("counts")->get("tally-2"), "30");
    }
}

TEST_F(State, CatPrintsTheRecordsAsTheyAreStored) {
    run(12);
    using gateways::marketctl::CatOptions;
    const auto printed = [&](const CatOptions& options) {
        std::string out;
        gateways::marketctl::cat(*log_, options, [&](std::string_view line) { out += line; });
        return out;
    };
    const int partition = bus::partition_of("tally-1", 3);
    std::string all, of_stream;
    const auto reader = log_->read(bus::Topic::events, {{partition, 0}});
    while (reader->position().front().offset < log_->end(bus::Topic::events, partition))
        for (const bus::Record& record : reader->read(1 << 20, bus::milliseconds{1000})) {
            all.append(record.value).append("\n");
            if (record.key == "tally-1")
                of_stream += std::to_string(partition) + ":" + std::to_string(record.offset) +
                             "\ttally-1\t" + std::string{record.value} + "\n";
        }
    EXPECT_EQ(printed({.partition = partition}), all);
    EXPECT_EQ(printed({.stream = "tally-1", .keys = true, .offsets = true}), of_stream);
    EXPECT_EQ(printed({.partition = partition, .limit = 1}), all.substr(0, all.find('\n') + 1));
    EXPECT_EQ(printed({.partition = partition, .from = 1, .limit = 1}),
              all.substr(all.find('\n') + 1, all.find('\n', all.find('\n') + 1) - all.find('\n')));
    EXPECT_EQ(printed({.partition = partition, .from = 1000}), "");
    EXPECT_THROW(printed({.partition = 3}), bus::Error);
}

TEST_F(State, TailGoesOnWithWhatComes) {
    run(6);
    using gateways::marketctl::CatOptions;
    std::string out;
    int rounds = 0;
    const auto reopened = [&] {
        bus::embedded::Options options;
        options.folder = folder_.path() / "log";
        options.read_only = true;
        return bus::embedded::open(options);
    };
    gateways::marketctl::tail(
        reopened(), CatOptions{.limit = 3}, [&](std::string_view line) { out += line; },
        [&](std::unique_ptr<bus::Log>) {
            projections::MemoryStore store;
            tests::Processing processing{*log_, store};
            processing.ask("more" + std::to_string(++rounds), "tally-1", tests::Add{1});
            return reopened();
        },
        [&] { return rounds > 10; });
    EXPECT_EQ(rounds, 3);
    EXPECT_EQ(std::ranges::count(out, '\n'), 3);
    EXPECT_THAT(out, HasSubstr("\"more3.1\""));
}

} // namespace
