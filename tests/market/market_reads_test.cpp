// What clients of the HTTP door rely on when they read.

#include "tests/market/running_market.hpp"

#include <set>

namespace tests {

namespace {

class MarketReadsTest : public testing::Test {
protected:
    // Everything posted so far can be read.
    void wait_for(const Response& answer) {
        const std::string position = answer.at("/position");
        ASSERT_EQ(market.get(robot, "/v1/payments", {{"Min-Position", position}}).status(), 200u);
    }
    RunningMarket market;
};

TEST_F(MarketReadsTest, ListsComeNewestFirstInPages) {
    std::vector<std::string> ids;
    for (int i = 0; i < 25; ++i) {
        const Response made =
            market.request_payment(i % 5 == 0 ? bob : alice, "k" + std::to_string(i));
        ids.push_back(made.at("/id"));
        wait_for(made);
    }
    std::set<std::string> seen;
    std::string cursor, path = "/v1/payments?limit=10";
    int pages = 0;
    do {
        const Response page =
            market.get(operator_o, path + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.status(), 200u) << page.http.body;
        for (int i = 0; i < 10; ++i)
            if (const auto id = page.at("/data/" + std::to_string(i) + "/id"); !id.empty()) {
                EXPECT_TRUE(seen.insert(id).second);
            }
        cursor = page.at("/next_cursor");
        EXPECT_EQ(page.at("/has_more"), cursor.empty() ? "false" : "true");
        ++pages;
    } while (!cursor.empty() && pages < 10);
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(seen, std::set<std::string>(ids.begin(), ids.end()));

    // A cloud user sees what is his; an operator can ask for one payer's.
    EXPECT_EQ(market.get(bob, "/v1/payments?limit=100").at("/data/4/payer"), "bob");
    EXPECT_EQ(market.get(bob, "/v1/payments?limit=100").at("/data/5"), "");
    EXPECT_EQ(market.get(operator_o, "/v1/payments?payer=bob&limit=3").at("/data/2/payer"), "bob");
    EXPECT_EQ(market.get(operator_o, "/v1/payments?status=held").at("/data"), "[]");
}

TEST_F(MarketReadsTest, WrongParametersAreNamed) {
    for (const std::string query : {"limit=0", "limit=x", "cursor=%%%", "status=nope", "foo=1"})
        EXPECT_EQ(market.get(operator_o, "/v1/payments?" + query).status(), 400u) << query;
    EXPECT_EQ(market.get(operator_o, "/v1/payments?cursor=AAAA").at("/code"), "cursor_invalid");
    EXPECT_EQ(market.get(operator_o, "/v1/payments", {{"Min-Position", "x"}}).status(), 400u);
    EXPECT_EQ(market.get(operator_o, "/v1/payments", {{"Min-Position", "99:1"}}).status(), 400u);
}

TEST_F(MarketReadsTest, ACursorBelongsToItsList) {
    for (int i = 0; i < 3; ++i)
        wait_for(market.request_payment(alice, "k" + std::to_string(i)));
    const std::string cursor = market.get(operator_o, "/v1/payments?limit=1").at("/next_cursor");
    EXPECT_EQ(market.get(operator_o, "/v1/payments?limit=1&cursor=" + cursor).status(), 200u);
    EXPECT_EQ(market.get(operator_o, "/v1/payments?payer=alice&cursor=" + cursor).status(), 400u);
    EXPECT_EQ(market.get(alice, "/v1/payments?cursor=" + cursor).status(), 400u);
}

TEST_F(MarketReadsTest, EventsAreAsTheyStandInTheLog) {
    const Response made = market.request_payment(alice, "k1");
    const std::string path = "/v1/payments/" + made.at("/id");
    wait_for(market.post(robot, path + "/record-outcome", "k2", R"({"outcome":"held"})"));
    const Response events = market.get(alice, path + "/events");
    EXPECT_EQ(events.at("/data/0/type"), "payment.requested");
    EXPECT_EQ(events.at("/data/1/type"), "payment.held");
    EXPECT_EQ(events.at("/data/1/sequence"), "2");
    EXPECT_EQ(market.get(bob, path + "/events").status(), 404u);
}

TEST_F(MarketReadsTest, AnUnchangedResourceIsNotSentAgain) {
    const Response made = market.request_payment(alice, "k1");
    wait_for(made);
    const std::string path = "/v1/payments/" + made.at("/id");
    const Response unchanged = market.get(alice, path, {{"If-None-Match", "\"1\""}});
    EXPECT_EQ(unchanged.status(), 304u);
    EXPECT_EQ(unchanged.http.body, "");
    EXPECT_EQ(market.get(alice, path, {{"If-None-Match", "\"7\""}}).status(), 200u);
}

TEST_F(MarketReadsTest, HealthAndMetricsNeedNoToken) {
    EXPECT_EQ(market.request_plain("/livez").status(), 200u);
    EXPECT_EQ(market.request_plain("/readyz").status(), 200u);
    market.request_payment(alice, "k1");
    const std::string metrics = market.request_plain("/metrics").http.body;
    for (const std::string name :
         {"market_commands_total{lane=\"0\",result=\"accepted\"} 1", "market_view_lag_records",
          "market_http_request_duration_seconds_bucket", "market_build_info",
          "process_resident_memory_bytes", "market_commit_seconds_total"})
        EXPECT_NE(metrics.find(name), std::string::npos) << name;
}

} // namespace

} // namespace tests
