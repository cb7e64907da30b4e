// The ledger as a view gives what a fold in memory gives, also after a restart and made anew.

#include "bus/embedded/embedded.hpp"
#include "projections/ledger/ledger_view.hpp"
#include "tests/ledger/ledger_log.hpp"
#include "tests/ledger/random_story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace tests {

namespace {

using projections::Views;

class LedgerOnLog : public testing::Test {
protected:
    std::unique_ptr<Views> open() {
        std::vector<std::unique_ptr<projections::ViewFold>> folds;
        folds.push_back(std::make_unique<projections::LedgerView>());
        auto views = std::make_unique<Views>(
            *log_, folder_.path() / "views", std::move(folds),
            projections::ViewsOptions{.rows_waiting_max = 300, .flush_after_milliseconds = 0});
        views->start();
        return views;
    }

    void expect_all(Views& views, const ToldStory& story) {
        for (int partition = 0; partition < log_->partitions(); ++partition) {
            const bus::Offset end = log_->end(bus::Topic::events, partition);
            if (end == 0) continue;
            std::promise<bool> there;
            views.when("ledger", {partition, end - 1}, bus::milliseconds{60'000},
                       [&](bool reached) { there.set_value(reached); });
            ASSERT_TRUE(there.get_future().get()) << views.trouble();
        }
        projections::MemoryLedgerRows rows;
        fold(story.records(), rows);
        const auto stored = views.rows("ledger");
        const projections::LedgerViewReader reader{*stored};
        EXPECT_EQ(entries_of(reader), entries_of(rows));
        EXPECT_EQ(balances_of(reader), balances_of(rows));
        EXPECT_EQ(projections::postings_waiting(reader), 0U);
    }

    TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_ = ledger_log(folder_.path() / "log");
};

TEST_F(LedgerOnLog, TheViewFollowsAndGoesOnAfterARestart) {
    const RandomStory story{11, 60};
    const auto& records = story.told().records();
    const auto half = records.begin() + std::ssize(records) / 2;
    append(*log_, {records.begin(), half});
    {
        const auto views = open();
        while (!views->caught_up())
            std::this_thread::yield();
    }
    const auto views = open();
    append(*log_, {half, records.end()});
    expect_all(*views, story.told());
    views->rebuild("ledger");
    while (views->rebuilding("ledger"))
        std::this_thread::yield();
    expect_all(*views, story.told());
    EXPECT_EQ(views->trouble(), "");
}

} // namespace

} // namespace tests
