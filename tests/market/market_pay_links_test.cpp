// Links to pay with.

#include "tests/market/running_market.hpp"

namespace tests {

namespace {

const Person links_auditor{"auditor", Roles::auditor};

class MarketPayLinksTest : public testing::Test {
protected:
    void SetUp() override {
        const Response made = market.request_payment(alice, "k1", 1250);
        path = "/v1/payments/" + made.at("/id");
        id = made.at("/id");
        record(R"({"outcome":"declined","reason":"insufficient_funds"})");
    }
    void record(const std::string& body) {
        const Response recorded =
            market.post(robot, path + "/record-outcome", "o" + std::to_string(++keys_), body);
        ASSERT_EQ(recorded.status(), 200u) << recorded.http.body;
        const std::string position = recorded.at("/position");
        ASSERT_EQ(market.get(alice, path, {{"Min-Position", position}}).status(), 200u);
    }
    // As whoever got the link, without a token of his own.
    Response open(const std::string& url) const { return market.request_plain(url); }
    Response confirm(const std::string& url, std::string_view key, std::string_view body) const {
        const auto question = url.find('?');
        const std::vector<http::Header> headers{{"Content-Type", "application/json"},
                                                {"Idempotency-Key", key}};
        auto answer =
            http::post(market.url() + url.substr(0, question) + "/confirm" + url.substr(question),
                       body, {}, headers);
        return answer ? Response{std::move(*answer)} : Response{};
    }

    RunningMarket market;
    std::string path, id;

private:
    int keys_ = 0;
};

TEST_F(MarketPayLinksTest, WhoHasTheLinkSeesThePaymentAndPays) {
    const Response made = market.post(alice, path + "/pay-link", "", "{}");
    ASSERT_EQ(made.status(), 201u) << made.http.body;
    const std::string url = made.at("/url");
    EXPECT_EQ(url, "/v1/pay/" + id + "?token=" + made.at("/token"));

    const Response seen = open(url);
    ASSERT_EQ(seen.status(), 200u) << seen.http.body;
    EXPECT_EQ(seen.at("/amount"), R"({"minor":1250,"currency":"USD"})");
    EXPECT_EQ(seen.at("/status"), "declined");
    EXPECT_EQ(seen.at("/reason"), "insufficient_funds");
    EXPECT_EQ(seen.at("/payable"), "true");
    EXPECT_EQ(seen.at("/payer"), "");

    EXPECT_EQ(confirm(url, "", R"({"card":"pm_2"})").at("/code"), "idempotency_key_missing");
    EXPECT_EQ(confirm(url, "p0", R"({"card":7})").at("/code"), "command_invalid");
    const Response paid = confirm(url, "p1", R"({"card":"pm_2"})");
    ASSERT_EQ(paid.status(), 200u) << paid.http.body;
    EXPECT_EQ(paid.at("/status"), "requested");
    EXPECT_EQ(paid.at("/attempt"), "2");
    const Response again = confirm(url, "p1", R"({"card":"pm_2"})");
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.http.body, paid.http.body);

    record(R"({"outcome":"held"})");
    EXPECT_EQ(open(url).at("/payable"), "false");
    EXPECT_EQ(confirm(url, "p2", R"({"card":"pm_3"})").at("/code"), "payment_settled");
    EXPECT_EQ(market.post(alice, path + "/pay-link", "", "{}").at("/code"), "payment_settled");
}

TEST_F(MarketPayLinksTest, ALinkIsForOnePaymentAndAsItWasMade) {
    const Response made = market.post(operator_o, path + "/pay-link", "", "");
    ASSERT_EQ(made.status(), 201u) << made.http.body;
    const std::string url = made.at("/url"), token = made.at("/token");
    const std::string other = market.request_payment(alice, "k2").at("/id");
    EXPECT_EQ(open("/v1/pay/" + other + "?token=" + token).at("/code"), "pay_link_invalid");
    EXPECT_EQ(confirm("/v1/pay/" + other + "?token=" + token, "p1", R"({"card":"pm_2"})").status(),
              403u);
    std::string changed = url;
    changed[changed.size() - 3] = changed[changed.size() - 3] == 'A' ? 'B' : 'A';
    EXPECT_EQ(open(changed).status(), 403u);
    EXPECT_EQ(open(url + "x").status(), 403u);
    EXPECT_EQ(open("/v1/pay/" + id).at("/code"), "token_missing");
    EXPECT_EQ(open("/v1/pay/" + id + "?token=").status(), 403u);
    EXPECT_EQ(open("/v1/pay/" + id + "/other?token=" + token).status(), 404u);
    EXPECT_EQ(open("/v1/pay/" + id + "/confirm?token=" + token).status(), 405u);
    // It opens nothing else.
    EXPECT_EQ(open(path + "?token=" + token).status(), 401u);
    EXPECT_EQ(open(url).status(), 200u);
}

TEST_F(MarketPayLinksTest, WhoMayNotSeeThePaymentGetsNone) {
    const Person stranger{"alice", Roles::cloud_user, "other"};
    EXPECT_EQ(market.post(bob, path + "/pay-link", "", "{}").status(), 404u);
    EXPECT_EQ(market.post(stranger, path + "/pay-link", "", "{}").status(), 404u);
    EXPECT_EQ(market.post(links_auditor, path + "/pay-link", "", "{}").status(), 403u);
    EXPECT_EQ(market.post(alice, path + "/pay-link", "", R"({"a":1})").status(), 422u);
    const Response get = market.get(alice, path + "/pay-link");
    EXPECT_EQ(get.status(), 405u);
    EXPECT_EQ(get.header("Allow"), "POST");
}

} // namespace

} // namespace tests
