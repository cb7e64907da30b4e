// The server when something is missing, or is taken away.

#include "tests/market/running_market.hpp"

#include <future>

namespace tests {

namespace {

TEST(MarketOutage, ASecondProcessOnTheSameFolderIsRefused) {
    RunningMarket market;
    gateways::marketd::Options options;
    options.data = market.folder();
    options.listen = "127.0.0.1:0";
    options.dev = true;
    options.environment = "test";
    try {
        const gateways::marketd::Market second{options};
        FAIL() << "it started";
    } catch (const std::exception& error) {
        EXPECT_NE(std::string{error.what()}.find("in use by process"), std::string::npos)
            << error.what();
    }
    EXPECT_EQ(market.request_payment(alice, "k1").status(), 201u);
}

TEST(MarketOutage, AnotherPartitionCountIsRefused) {
    RunningMarket market;
    market.stop();
    gateways::marketd::Options options;
    options.data = market.folder();
    options.listen = "127.0.0.1:0";
    options.dev = true;
    options.environment = "test";
    options.partitions = 5;
    EXPECT_THROW(gateways::marketd::Market{options}, std::exception);
}

TEST(MarketOutage, WhatIsInFlightIsFinishedWhenItStops) {
    RunningMarket market;
    std::vector<std::future<Response>> asked;
    for (int i = 0; i < 20; ++i)
        asked.push_back(std::async(std::launch::async, [&, i] {
            Response last;
            for (int n = 0; n < 1000; ++n) {
                const std::string bearer = "Bearer " + market.token(alice);
                const std::string key = std::to_string(i) + "-" + std::to_string(n);
                const std::vector<http::Header> headers{{"Authorization", bearer},
                                                        {"Content-Type", "application/json"},
                                                        {"Idempotency-Key", key}};
                auto answer = http::post(
                    market.url() + "/v1/payments",
                    R"({"payer":"alice","amount":{"minor":5,"currency":"USD"}})", {}, headers);
                // Refused or cut off before it was taken is fine; half of an answer is not.
                if (!answer || answer->status == 503) break;
                last = {std::move(*answer)};
                EXPECT_EQ(last.status(), 201u) << last.http.body;
            }
            return last;
        }));
    while (market.request_plain("/metrics").http.body.find("result=\"accepted\"} 0") !=
           std::string::npos)
        std::this_thread::yield();
    market.stop();
    EXPECT_EQ(market.failure(), "");
    std::vector<std::string> acknowledged;
    for (auto& one : asked)
        if (const Response last = one.get(); last.status() == 201)
            acknowledged.push_back(last.at("/id"));
    market.start();
    for (const std::string& id : acknowledged)
        EXPECT_EQ(market.get(alice, "/v1/payments/" + id).status(), 200u);
}

TEST(MarketOutage, TheStateAndTheViewsCanBeThrownAway) {
    RunningMarket market;
    const Response made = market.request_payment(alice, "k1");
    market.stop();
    std::filesystem::remove_all(market.folder() / "state");
    std::filesystem::remove_all(market.folder() / "views");
    market.start();
    EXPECT_EQ(market.get(alice, "/v1/payments/" + made.at("/id")).http.body, made.http.body);
    EXPECT_EQ(market.request_payment(alice, "k1").http.body, made.http.body);
}

} // namespace

} // namespace tests
