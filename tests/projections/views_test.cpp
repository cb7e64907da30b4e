#include "bus/embedded/embedded.hpp"
#include "projections/fold.hpp"
#include "projections/view.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <future>

namespace projections {

namespace {

using namespace tests;

// A view of this version cannot fold anything.
constexpr std::uint64_t broken = 99;

// The amount of each tally, and in `t` how many events each has.
class AmountsView final : public ViewFold {
public:
    explicit AmountsView(std::uint64_t version) : version_{version} {}
    std::string_view name() const override { return "amounts"; }
    std::uint64_t version() const override { return version_; }
    void apply(const schemas::EventView& event, const bus::Record& record,
               ViewRows& rows) const override {
        if (event.sequence == 0) return;
        if (version_ == broken) throw BrokenLog{"as the test wants it"};
        const auto change =
            schemas::read_data<Tally::Event>(event.type, event.data, schemas::Unknown::skip);
        const std::string key = "t" + std::string{event.stream};
        std::int64_t amount = 0, offset = -1;
        if (const auto row = rows.get_for_change(key))
            std::sscanf(row->c_str(), "%ld %ld", &amount, &offset);
        if (record.offset <= offset) return;
        if (event.sequence == 1) rows.put_listed("l" + std::string{event.stream}, {});
        if (const auto* added = std::get_if<Added>(&*change)) amount += added->amount;
        if (const auto* sent = std::get_if<Sent>(&*change)) amount -= sent->amount;
        rows.put(key, std::to_string(amount) + " " + std::to_string(record.offset) + " v" +
                          std::to_string(version_));
    }

private:
    const std::uint64_t version_;
};

class ViewsTest : public testing::Test {
protected:
    ViewsTest() {
        log = bus::embedded::open(
            {.folder = temporary.path() / "log", .partitions = 4, .segment_bytes = 1 << 20});
        processing = std::make_unique<Processing>(*log, store);
    }

    std::unique_ptr<Views> open(std::uint64_t version = 1, ViewsOptions options = {}) {
        std::vector<std::unique_ptr<ViewFold>> folds;
        folds.push_back(std::make_unique<AmountsView>(version));
        auto views =
            std::make_unique<Views>(*log, temporary.path() / "views", std::move(folds), options);
        views->start();
        return views;
    }

    Answer add(int i) {
        return processing->ask("c" + std::to_string(next_++), "tally-" + std::to_string(i), Add{1});
    }

    static bool wait(Views& views, bus::PartitionOffset position, int milliseconds = 20'000) {
        std::promise<bool> there;
        views.when("amounts", position, bus::milliseconds{milliseconds},
                   [&](bool reached) { there.set_value(reached); });
        return there.get_future().get();
    }

    void wait_for_end(Views& views, int partition) {
        const auto end = log->end(bus::Topic::events, partition);
        if (end > 0) {
            EXPECT_TRUE(wait(views, {partition, end - 1}));
        }
    }

    static std::vector<std::string> keys(Views& views, std::string_view from = {},
                                         bool after = false, std::size_t limit = 1000) {
        std::vector<std::string> all;
        views.rows("amounts")->scan("l", from, after, [&](std::string_view key, std::string_view) {
            all.emplace_back(key);
            return all.size() < limit;
        });
        return all;
    }

    TemporaryFolder temporary;
    MemoryStore store;
    std::unique_ptr<bus::Log> log;
    std::unique_ptr<Processing> processing;
    int next_ = 0;
};

TEST_F(ViewsTest, FollowTheLog) {
    const auto views = open();
    for (int i = 0; i < 20; ++i)
        add(i % 3);
    const Answer last = add(0);
    ASSERT_TRUE(wait(*views, last.position));

    EXPECT_EQ(views->rows("amounts")->get("ttally-0")->substr(0, 2), "8 ");
    EXPECT_TRUE(views->caught_up());
}

TEST_F(ViewsTest, ReadWhatIsOnlyInMemoryAndWhatIsStoredAlike) {
    auto views = open(1, {.rows_waiting_max = 3, .flush_after_milliseconds = 0});
    Answer last;
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 30; ++i)
            last = add(i);
        ASSERT_TRUE(wait(*views, last.position));
        EXPECT_EQ(keys(*views).size(), 30u);
    }
    for (int i = 0; i < 30; ++i)
        last = add(i);
    for (int i = 0; i < 30; ++i) {
        for (int partition = 0; partition < 4; ++partition)
            wait_for_end(*views, partition);
        EXPECT_EQ(views->rows("amounts")->get("ttally-" + std::to_string(i))->substr(0, 2), "6 ");
    }
}

// So many rows at once become a table of their own.
TEST_F(ViewsTest, TakeInManyRowsAtOnce) {
    constexpr int many = 3000;
    Answer last;
    for (int i = 0; i < many; ++i)
        last = add(i);
    auto views = open();
    for (int partition = 0; partition < 4; ++partition)
        wait_for_end(*views, partition);
    EXPECT_EQ(keys(*views, {}, false, 2 * many).size(), std::size_t{many});
    views.reset();
    for (int i = 0; i < many; ++i)
        last = add(i);
    views = open();
    for (int partition = 0; partition < 4; ++partition)
        wait_for_end(*views, partition);
    views.reset();
    views = open();
    EXPECT_EQ(keys(*views, {}, false, 2 * many).size(), std::size_t{many});
    for (int i = 0; i < many; ++i)
        EXPECT_EQ(views->rows("amounts")->get("ttally-" + std::to_string(i))->substr(0, 2), "2 ");
}

TEST_F(ViewsTest, PageThroughRows) {
    const auto views = open();
    for (int i = 0; i < 9; ++i)
        add(i);
    for (int partition = 0; partition < 4; ++partition)
        wait_for_end(*views, partition);

    const auto first = keys(*views, {}, false, 4);
    const auto rest = keys(*views, first.back(), true);
    EXPECT_EQ(first.size(), 4u);
    EXPECT_EQ(rest.size(), 5u);
    EXPECT_EQ(rest.front(), "ltally-4");
}

TEST_F(ViewsTest, GoOnWhereTheyStoppedAfterARestart) {
    auto views = open();
    Answer last = add(1);
    ASSERT_TRUE(wait(*views, last.position));
    views.reset();
    last = add(1);
    views = open();
    ASSERT_TRUE(wait(*views, last.position));
    EXPECT_EQ(views->rows("amounts")->get("ttally-1")->substr(0, 2), "2 ");
}

TEST_F(ViewsTest, AWaitEndsWhenItsTimeIsUp) {
    const auto views = open();
    EXPECT_FALSE(wait(*views, {0, 1'000'000}, 1));
    EXPECT_FALSE(wait(*views, {0, 1'000'000}, 0));
}

TEST_F(ViewsTest, AWaitEndsWhenTheViewStandsStill) {
    const auto views = open(broken);
    std::promise<bool> there;
    views->when("amounts", {0, 1'000'000}, bus::milliseconds{600'000},
                [&](bool reached) { there.set_value(reached); });
    add(1);
    EXPECT_FALSE(there.get_future().get());
    EXPECT_NE(views->trouble(), "");
    EXPECT_FALSE(wait(*views, {0, 1'000'000}));
}

TEST_F(ViewsTest, AreMadeAnewBesideTheOnesInUse) {
    auto views = open();
    Answer last;
    for (int i = 0; i < 200; ++i)
        last = add(i % 10);
    ASSERT_TRUE(wait(*views, last.position));
    const std::weak_ptr<const ViewRows> before = views->rows("amounts");
    views->rebuild("amounts");
    while (views->rebuilding("amounts")) {
        EXPECT_EQ(keys(*views).size(), 10u);
        last = add(3);
    }
    ASSERT_TRUE(wait(*views, last.position));
    EXPECT_TRUE(before.expired());
    EXPECT_EQ(keys(*views).size(), 10u);

    // It is the one in use after a restart too.
    const std::string row = *views->rows("amounts")->get("ttally-3");
    views.reset();
    views = open();
    EXPECT_EQ(*views->rows("amounts")->get("ttally-3"), row);
}

TEST_F(ViewsTest, OfAnotherVersionAreMadeAnewAtStart) {
    auto views = open(1);
    ASSERT_TRUE(wait(*views, add(1).position));
    views.reset();
    views = open(2);
    const Answer last = add(1);
    while (!wait(*views, last.position, 100)) {
    }
    EXPECT_TRUE(views->rows("amounts")->get("ttally-1")->ends_with("v2"));
}

} // namespace

} // namespace projections
