// The ledger over HTTP.

#include "schemas/scalars.hpp"
#include "tests/market/running_market.hpp"

#include <atomic>
#include <set>

namespace tests {

namespace {

const Person auditor{"auditor", Roles::auditor};
const Person stranger{"auditor", Roles::auditor, "other"};

class MarketLedgerTest : public testing::Test {
protected:
    // What `who` paid; the ledger has it when this is back.
    void pay(const Person& who, int cents) {
        const std::string key = "k" + std::to_string(++keys_);
        const Response made = market.request_payment(who, key, cents);
        const std::string path = "/v1/payments/" + made.at("/id");
        market.post(robot, path + "/record-outcome", key + "h", R"({"outcome":"held"})");
        market.post(operator_o, path + "/capture", key + "c", "{}");
        const Response captured = market.post(robot, path + "/record-capture-outcome", key + "o",
                                              R"({"outcome":"captured"})");
        ASSERT_EQ(captured.at("/status"), "captured") << captured.http.body;
        const std::string position = captured.at("/position");
        ASSERT_EQ(market.get(auditor, "/v1/ledger/accounts", {{"Min-Position", position}}).status(),
                  200u);
        // Statements are cut by time: the next one's is another.
        const auto paid = schemas::parse_time(captured.at("/updated"));
        ASSERT_TRUE(paid);
        while (std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count() <= paid->milliseconds)
            std::this_thread::yield();
    }
    static std::string statement_of(const std::string& account) {
        return "/v1/ledger/accounts/" + account + "/entries";
    }

    RunningMarket market;

private:
    int keys_ = 0;
};

TEST_F(MarketLedgerTest, AccountsAreThereForThoseWhoMaySeeThem) {
    pay(alice, 1000);
    pay(bob, 250);
    const Response all = market.get(auditor, "/v1/ledger/accounts");
    ASSERT_EQ(all.status(), 200u) << all.http.body;
    EXPECT_EQ(all.at("/data/0/account"), "receivable:alice");
    EXPECT_EQ(all.at("/data/0/balance"), R"({"minor":-1000,"currency":"USD"})");
    EXPECT_EQ(all.at("/data/1/account"), "receivable:bob");
    EXPECT_EQ(all.at("/data/2/account"), "stripe.balance");
    EXPECT_EQ(all.at("/data/2/balance/minor"), "1250");
    EXPECT_EQ(all.at("/data/3"), "");
    EXPECT_EQ(all.at("/has_more"), "false");

    EXPECT_EQ(market.get(operator_o, "/v1/ledger/accounts?prefix=stripe").at("/data/0/account"),
              "stripe.balance");
    EXPECT_EQ(market.get(operator_o, "/v1/ledger/accounts?prefix=stripe").at("/data/1"), "");
    EXPECT_EQ(market.get(operator_o, "/v1/ledger/accounts?book=none").at("/data"), "[]");

    // A customer sees his own.
    const Response own = market.get(bob, "/v1/ledger/accounts");
    EXPECT_EQ(own.at("/data/0/account"), "receivable:bob");
    EXPECT_EQ(own.at("/data/1"), "");
    EXPECT_EQ(market.get(bob, "/v1/ledger/accounts?prefix=stripe").at("/data"), "[]");
    // Another tenant has other books.
    EXPECT_EQ(market.get(stranger, "/v1/ledger/accounts").at("/data"), "[]");
    EXPECT_EQ(market.request_plain("/v1/ledger/accounts").status(), 401u);
}

TEST_F(MarketLedgerTest, AccountsComeInPages) {
    pay(alice, 100);
    pay(bob, 200);
    for (const Person& who : {auditor, alice}) {
        std::set<std::string> seen;
        std::string cursor;
        int pages = 0;
        do {
            const Response page =
                market.get(who, "/v1/ledger/accounts?limit=1" +
                                    (cursor.empty() ? std::string{} : "&cursor=" + cursor));
            ASSERT_EQ(page.status(), 200u) << page.http.body;
            EXPECT_EQ(page.at("/data/1"), "");
            EXPECT_TRUE(seen.insert(page.at("/data/0/account")).second);
            cursor = page.at("/next_cursor");
        } while (!cursor.empty() && ++pages < 10);
        EXPECT_EQ(seen.size(), who.subject == "alice" ? 1u : 3u);
    }
    const std::string cursor =
        market.get(auditor, "/v1/ledger/accounts?limit=1").at("/next_cursor");
    EXPECT_EQ(market.get(operator_o, "/v1/ledger/accounts?limit=1&prefix=s&cursor=" + cursor)
                  .at("/errors/0/field"),
              "cursor");
}

TEST_F(MarketLedgerTest, AStatementBeginsAndEndsWithWhatWasThere) {
    for (const int cents : {100, 200, 400})
        pay(alice, cents);
    const std::string path = statement_of("stripe.balance");
    const Response whole = market.get(auditor, path);
    ASSERT_EQ(whole.status(), 200u) << whole.http.body;
    EXPECT_EQ(whole.at("/opening"), "[]");
    EXPECT_EQ(whole.at("/closing/0/minor"), "700");
    EXPECT_EQ(whole.at("/data/0/amount/minor"), "100");
    EXPECT_EQ(whole.at("/data/1/balance/minor"), "300");
    EXPECT_EQ(whole.at("/data/2/balance/minor"), "700");
    EXPECT_EQ(whole.at("/data/2/cause"), "payment.captured");
    EXPECT_EQ(whole.at("/data/3"), "");

    const std::string second = whole.at("/data/1/time"), third = whole.at("/data/2/time");
    const Response part = market.get(auditor, path + "?from=" + second + "&to=" + third);
    EXPECT_EQ(part.at("/opening/0/minor"), "100");
    EXPECT_EQ(part.at("/closing/0/minor"), "300");
    EXPECT_EQ(part.at("/data/0/amount/minor"), "200");
    EXPECT_EQ(part.at("/data/0/balance/minor"), "300");
    EXPECT_EQ(part.at("/data/1"), "");

    // Balances go on from page to page.
    const Response first = market.get(auditor, path + "?limit=2");
    EXPECT_EQ(first.at("/has_more"), "true");
    const Response next = market.get(auditor, path + "?limit=2&cursor=" + first.at("/next_cursor"));
    EXPECT_EQ(next.at("/data/0/balance/minor"), "700");
    EXPECT_EQ(next.at("/closing/0/minor"), "700");
    EXPECT_EQ(next.at("/has_more"), "false");
    EXPECT_EQ(market.get(auditor, path + "?currency=EUR").at("/closing"), "[]");
}

TEST_F(MarketLedgerTest, AStatementIsForItsOwner) {
    pay(alice, 100);
    EXPECT_EQ(market.get(alice, statement_of("receivable:alice")).at("/closing/0/minor"), "-100");
    EXPECT_EQ(market.get(auditor, statement_of("receivable%3Aalice")).at("/closing/0/minor"),
              "-100");
    EXPECT_EQ(market.get(bob, statement_of("receivable:alice")).status(), 404u);
    EXPECT_EQ(market.get(alice, statement_of("stripe.balance")).status(), 404u);
    EXPECT_EQ(market.get(stranger, statement_of("stripe.balance")).status(), 404u);
    EXPECT_EQ(market.get(auditor, statement_of("no.such")).status(), 404u);
    const Person nobody{"nobody", Roles::none};
    EXPECT_EQ(market.get(nobody, statement_of("receivable:alice")).status(), 403u);
}

TEST_F(MarketLedgerTest, WhatIsWrongIsNamed) {
    pay(alice, 100);
    const std::string path = statement_of("stripe.balance");
    for (const std::string query :
         {"from=yesterday", "to=x", "currency=GBP", "limit=0", "cursor=%25", "cursor=AAAA"}) {
        const Response answer = market.get(auditor, path + "?" + query);
        EXPECT_EQ(answer.status(), 400u) << query;
        EXPECT_EQ(answer.at("/errors/0/field"), query.substr(0, query.find('='))) << query;
    }
    EXPECT_EQ(
        market.get(auditor, path + "?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z").status(),
        400u);
    EXPECT_EQ(market.get(auditor, path + "?foo=1").at("/errors/0/field"), "foo");
    EXPECT_EQ(market.get(auditor, path, {{"Min-Position", "x"}}).status(), 400u);
    EXPECT_EQ(market.post(auditor, path, "k1", "{}").status(), 405u);
    EXPECT_EQ(market.post(auditor, path, "k1", "{}").header("Allow"), "GET, HEAD");
}

TEST_F(MarketLedgerTest, TheBooksBalance) {
    pay(alice, 1000);
    pay(bob, 1);
    const Response totals = market.get(auditor, "/v1/ledger/trial-balance");
    ASSERT_EQ(totals.status(), 200u) << totals.http.body;
    EXPECT_EQ(totals.at("/balanced"), "true");
    EXPECT_EQ(totals.at("/data/0/debit/minor"), "1001");
    EXPECT_EQ(totals.at("/data/0/credit/minor"), "-1001");
    EXPECT_EQ(totals.at("/data/0/sum/minor"), "0");
    EXPECT_EQ(totals.at("/data/1"), "");
    EXPECT_EQ(market.get(alice, "/v1/ledger/trial-balance").status(), 403u);
    EXPECT_EQ(market.get(stranger, "/v1/ledger/trial-balance").at("/data"), "[]");
}

// Totals are taken between two records, so they balance at any moment.
TEST_F(MarketLedgerTest, TheBooksBalanceWhileTheyAreWritten) {
    std::atomic<bool> done = false;
    std::thread writer{[&] {
        for (int i = 0; i < 20; ++i)
            pay(i % 2 == 0 ? alice : bob, 100 + i);
        done = true;
    }};
    int looks = 0;
    while (!done || looks < 3) {
        const Response totals = market.get(auditor, "/v1/ledger/trial-balance");
        EXPECT_EQ(totals.status(), 200u);
        EXPECT_EQ(totals.at("/balanced"), "true") << totals.http.body;
        ++looks;
    }
    writer.join();
}

TEST_F(MarketLedgerTest, TheViewShowsHowFarItIs) {
    pay(alice, 100);
    const std::string metrics = market.request_plain("/metrics").http.body;
    EXPECT_NE(metrics.find(R"(market_view_lag_records{partition="0",view="ledger"} 0)"),
              std::string::npos)
        << metrics;
}

} // namespace

} // namespace tests
