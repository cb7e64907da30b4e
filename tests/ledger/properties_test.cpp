// What holds for every story: entries balance, balances are the sum of the entries, and neither the
// order in which partitions are read nor a crash changes anything.

#include "tests/ledger/random_story.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

namespace tests {

namespace {

using domain::Int128;
using projections::AccountBalance;
using projections::LedgerEntry;
using projections::MemoryLedgerRows;

using Account = std::tuple<std::string, std::string, std::string, domain::Currency>;

std::map<Account, Int128> sums_of(const std::vector<LedgerEntry>& entries) {
    std::map<Account, Int128> sums;
    for (const LedgerEntry& entry : entries)
        for (const domain::JournalLine& line : entry.lines)
            sums[{entry.tenant, entry.book, line.account, line.amount.currency}] +=
                line.amount.minor;
    return sums;
}

std::map<Account, Int128> sums_of(const std::vector<AccountBalance>& balances) {
    std::map<Account, Int128> sums;
    for (const AccountBalance& one : balances)
        EXPECT_TRUE(
            sums.emplace(Account{one.tenant, one.book, one.account, one.currency}, one.minor)
                .second)
            << one.account << " is there twice";
    return sums;
}

class Seeds : public testing::TestWithParam<int> {
protected:
    RandomStory story_{static_cast<std::uint64_t>(GetParam()), 25};
};

TEST_P(Seeds, EveryEntryBalancesAndBalancesAreTheirSum) {
    MemoryLedgerRows rows;
    fold(story_.told().records(), rows);
    const auto entries = entries_of(rows);
    EXPECT_GT(entries.size(), 100U);
    for (const LedgerEntry& entry : entries)
        EXPECT_TRUE(domain::is_balanced(entry.lines)) << text_of(entry.cause, entry.lines);
    const auto all = projections::balances(rows, {});
    EXPECT_EQ(sums_of(all), sums_of(entries));
    for (const auto& total : projections::trial_balance(all))
        EXPECT_TRUE(total.sum() == 0);
    EXPECT_EQ(projections::postings_waiting(rows), 0U);
}

TEST_P(Seeds, AStatementAddsUpToTheBalance) {
    MemoryLedgerRows rows;
    fold(story_.told().records(), rows);
    std::map<std::string, std::map<domain::Currency, Int128>> sums;
    const std::vector<AccountBalance> all = projections::balances(rows, {"acme", "operator-t"});
    for (const AccountBalance& one : all) {
        if (sums.contains(one.account)) continue;
        auto& of_account = sums[one.account];
        const auto told = projections::statement(
            rows, {"acme", "operator-t", one.account, after(-1000 * day), after(1000 * day)}, {},
            100'000);
        for (const auto& line : told.lines) {
            of_account[line.amount.currency] += line.amount.minor;
            EXPECT_TRUE(line.balance == of_account[line.amount.currency]);
        }
        EXPECT_TRUE(told.opening.empty());
        for (const AccountBalance& end : told.closing)
            EXPECT_NE(std::ranges::find(all, end), all.end()) << end.account;
    }
    ASSERT_FALSE(all.empty());
    for (const AccountBalance& one : all)
        EXPECT_TRUE(sums[one.account][one.currency] == one.minor) << one.account;
}

// Credit notes and the end of their period may both take from what is deferred, but not twice.
TEST_P(Seeds, NothingIsEarnedThatWasGivenBack) {
    MemoryLedgerRows rows;
    fold(story_.told().records(), rows);
    std::map<Account, Int128> open;
    for (const LedgerEntry& entry : entries_of(rows))
        for (const domain::JournalLine& line : entry.lines)
            if (line.account.starts_with("deferred:"))
                open[{entry.tenant, entry.book, line.account, line.amount.currency}] +=
                    line.amount.minor;
    for (const auto& [account, sum] : open)
        EXPECT_TRUE(sum <= 0) << std::get<2>(account)
                              << " earned more than was owed: " << projections::number_text(sum);
}

TEST_P(Seeds, PartitionsMayBeReadInAnyOrder) {
    MemoryLedgerRows told;
    fold(story_.told().records(), told);
    for (int round = 0; round < 4; ++round) {
        MemoryLedgerRows rows;
        fold(story_.told().shuffled(story_.random()), rows);
        EXPECT_EQ(entries_of(rows), entries_of(told));
        EXPECT_EQ(balances_of(rows), balances_of(told));
        EXPECT_EQ(projections::postings_waiting(rows), 0U);
    }
}

// Rows as a view keeps them: some written, the latest in memory. A crash keeps, of those that were
// just being written, a part that is first in the order of keys, and none of the positions.
class FragileRows final : public projections::LedgerRows {
public:
    std::optional<std::string> get(std::string_view key) const override {
        for (const auto* rows : {&changed_, &written_})
            if (const auto found = rows->find(key); found != rows->end()) return found->second;
        return std::nullopt;
    }
    void scan(std::string_view prefix, std::string_view from, bool after,
              const std::function<bool(std::string_view, std::string_view)>& visit) const override {
        auto all = written_;
        for (const auto& [key, row] : changed_)
            all.insert_or_assign(key, row);
        for (auto at = all.lower_bound(std::max(prefix, from));
             at != all.end() && std::string_view{at->first}.starts_with(prefix); ++at) {
            if (after && at->first == from) continue;
            if (!visit(at->first, at->second)) return;
        }
    }
    void put(std::string_view key, std::string row) override {
        changed_.insert_or_assign(std::string{key}, std::move(row));
    }
    void list(std::string_view key, std::string_view row) override {
        changed_.insert_or_assign(std::string{key}, row);
    }

    std::size_t waiting() const { return changed_.size(); }
    void write() { crash(changed_.size()); }
    void crash(std::size_t rows_written) {
        for (const auto& [key, row] : changed_) {
            if (rows_written-- == 0) break;
            written_.insert_or_assign(key, row);
        }
        changed_.clear();
    }

private:
    std::map<std::string, std::string, std::less<>> written_, changed_;
};

TEST_P(Seeds, ACrashChangesNothing) {
    MemoryLedgerRows told;
    fold(story_.told().records(), told);
    auto& random = story_.random();
    for (int round = 0; round < 6; ++round) {
        FragileRows rows;
        std::map<int, bus::Offset> positions; // As the last whole write left them.
        std::vector<ToldRecord> left = story_.told().shuffled(random);
        int crashes = 8;
        while (!left.empty()) {
            const std::size_t some = std::min(left.size(), random() % 200 + 1);
            fold({left.begin(), left.begin() + static_cast<std::ptrdiff_t>(some)}, rows);
            if (crashes-- > 0 && random() % 2 == 0) {
                rows.crash(random() % (rows.waiting() + 1));
                // Read again, in another order.
                left = story_.told().shuffled(random);
                std::erase_if(left, [&](const ToldRecord& record) {
                    return record.offset < positions[record.partition];
                });
                continue;
            }
            rows.write();
            for (std::size_t i = 0; i < some; ++i)
                positions[left[i].partition] = left[i].offset + 1;
            left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(some));
        }
        EXPECT_EQ(entries_of(rows), entries_of(told));
        EXPECT_EQ(balances_of(rows), balances_of(told));
    }
}

INSTANTIATE_TEST_SUITE_P(Ledger, Seeds, testing::Range(1, 9));

TEST(LedgerSums, GoBeyondSixtyFourBits) {
    ToldStory story;
    constexpr std::int64_t most = 9'000'000'000'000'000'000;
    const std::vector<domain::AdjustmentLine> lines{{"tft.chain", tft(most)},
                                                    {"opening", tft(-most)}};
    for (std::uint32_t number = 1; number <= 5; ++number)
        story.tell(
            "book-operator-t",
            domain::BookEvent{domain::AdjustmentApproved{number, "2027-04", lines, "x", {}, {}}},
            after(0));
    MemoryLedgerRows rows;
    fold(story.records(), rows);
    const auto all = projections::balances(rows, {});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(projections::number_text(all[0].minor), "-45000000000000000000");
    EXPECT_EQ(projections::amount_text(all[1].minor, all[1].currency), "4500000000000.0000000 TFT");
    EXPECT_TRUE(projections::trial_balance(all).front().sum() == 0);
}

TEST(LedgerSums, AreWrittenInWholeUnitsOfTheirCurrency) {
    using projections::amount_text;
    EXPECT_EQ(amount_text(0, domain::Currency::usd), "0.00 USD");
    EXPECT_EQ(amount_text(-5, domain::Currency::usd), "-0.05 USD");
    EXPECT_EQ(amount_text(100, domain::Currency::eur), "1.00 EUR");
    EXPECT_EQ(amount_text(1, domain::Currency::tft), "0.0000001 TFT");
    EXPECT_EQ(amount_text(-12'345'678, domain::Currency::usdc), "-1.2345678 USDC");
    EXPECT_EQ(projections::number_text(Int128{1} << 100), "1267650600228229401496703205376");
    EXPECT_EQ(projections::number_text(-(Int128{1} << 126) * 2),
              "-170141183460469231731687303715884105728");
}

} // namespace

} // namespace tests
