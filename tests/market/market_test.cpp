// What clients of the HTTP door rely on when they post commands.

#include "tests/market/running_market.hpp"

namespace tests {

namespace {

class MarketTest : public testing::Test {
protected:
    RunningMarket market;
};

TEST_F(MarketTest, APaymentGoesItsWay) {
    const Response made = market.request_payment(alice, "k1");
    ASSERT_EQ(made.status(), 201u) << made.http.body;
    const std::string id = made.at("/id");
    EXPECT_EQ(made.header("Location"), "/v1/payments/" + id);
    EXPECT_EQ(made.header("ETag"), "\"1\"");
    EXPECT_EQ(made.at("/status"), "requested");

    const std::string path = "/v1/payments/" + id;
    EXPECT_EQ(market.post(robot, path + "/record-outcome", "k2", R"({"outcome":"held"})").status(),
              200u);
    EXPECT_EQ(market
                  .post(operator_o, path + "/capture", "k3",
                        R"({"amount":{"minor":700,"currency":"USD"}})")
                  .at("/capture_pending/amount/minor"),
              "700");
    EXPECT_EQ(
        market.post(robot, path + "/record-capture-outcome", "k4", R"({"outcome":"captured"})")
            .at("/status"),
        "captured");
    EXPECT_EQ(market
                  .post(operator_o, path + "/refund", "k5",
                        R"({"amount":{"minor":300,"currency":"USD"}})")
                  .status(),
              200u);
    const Response refunded = market.post(robot, path + "/record-refund-outcome", "k6",
                                          R"({"refund":1,"outcome":"succeeded"})");
    EXPECT_EQ(refunded.at("/status"), "partly_refunded");
    EXPECT_EQ(refunded.at("/refunded/minor"), "300");

    const std::string position = refunded.at("/position");
    const Response read = market.get(alice, path, {{"Min-Position", position}});
    EXPECT_EQ(read.http.body, refunded.http.body);
}

TEST_F(MarketTest, ARepeatedRequestGetsTheSameAnswerByteForByte) {
    const Response first = market.request_payment(alice, "k1");
    const std::string path = "/v1/payments/" + first.at("/id");
    const Response refused = market.post(operator_o, path + "/capture", "k2", "{}");
    EXPECT_EQ(refused.status(), 409u);
    EXPECT_EQ(refused.at("/code"), "not_held");
    const Response held =
        market.post(robot, path + "/record-outcome", "k3", R"({"outcome":"held"})");
    market.post(operator_o, path + "/capture", "k4", "{}");

    for (int start = 0; start < 2; ++start) {
        const Response again = market.request_payment(alice, "k1");
        EXPECT_EQ(again.status(), 201u);
        EXPECT_EQ(again.http.body, first.http.body);
        EXPECT_EQ(again.header("ETag"), first.header("ETag"));
        EXPECT_EQ(again.header("Location"), first.header("Location"));
        EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
        EXPECT_EQ(
            market.post(robot, path + "/record-outcome", "k3", R"({"outcome":"held"})").http.body,
            held.http.body);
        // It would be refused for another reason by now.
        EXPECT_EQ(market.post(operator_o, path + "/capture", "k2", "{}").http.body,
                  refused.http.body);
        market.stop();
        market.start();
    }
}

TEST_F(MarketTest, AKeyIsUsedForOneRequestOnly) {
    market.request_payment(alice, "k1", 1000);
    const Response other = market.request_payment(alice, "k1", 1001);
    EXPECT_EQ(other.status(), 422u);
    EXPECT_EQ(other.at("/code"), "idempotency_key_reused");

    // White space and the order of members do not make another request; another caller does.
    EXPECT_EQ(market
                  .post(alice, "/v1/payments", "k1",
                        R"({ "amount" : {"currency":"USD", "minor":1000}, "payer":"alice"})")
                  .status(),
              201u);
    EXPECT_EQ(market.request_payment(bob, "k1").header("Idempotent-Replayed"), "");
    EXPECT_EQ(market.request_payment(alice, "\"k1\"").header("Idempotent-Replayed"), "true");
}

TEST_F(MarketTest, BadInputIsRefusedWithItsPlaceAndChangesNothing) {
    const auto refused = [&](std::string_view body) {
        return market.post(alice, "/v1/payments", "k1", body);
    };
    EXPECT_EQ(refused("{").at("/code"), "malformed_json");
    EXPECT_EQ(refused("[]").status(), 422u);
    EXPECT_EQ(refused(R"({"payer":"alice"})").at("/errors/0/pointer"), "/amount");
    EXPECT_EQ(refused(R"({"payer":"alice","amount":{"minor":1.5,"currency":"USD"}})")
                  .at("/errors/0/pointer"),
              "/amount/minor");
    EXPECT_EQ(refused(R"({"payer":"alice","amount":{"minor":1,"currency":"USD"},"extra":1})")
                  .at("/errors/0/pointer"),
              "/extra");
    EXPECT_EQ(
        refused("{\"payer\":\"\xff\",\"amount\":{\"minor\":1,\"currency\":\"USD\"}}").status(),
        400u);
    EXPECT_EQ(market.post(alice, "/v1/payments", "", "{}").at("/code"), "idempotency_key_missing");
    EXPECT_EQ(market.post(alice, "/v1/payments", std::string(201, 'k'), "{}").at("/code"),
              "idempotency_key_invalid");
    EXPECT_EQ(market.post(alice, "/v1/nothing", "k1", "{}").status(), 404u);
    EXPECT_EQ(market.post(robot, "/v1/payments/none/capture", "k2", "{}").status(), 404u);
    EXPECT_EQ(market.get(alice, "/v1/payments").at("/data"), "[]");
    EXPECT_EQ(market.request_payment(alice, "k1").status(), 201u);
}

TEST_F(MarketTest, RolesSayWhoMay) {
    const std::string path = "/v1/payments/" + market.request_payment(alice, "k1").at("/id");
    EXPECT_EQ(market.post(alice, path + "/capture", "k2", "{}").at("/code"), "role_missing");
    EXPECT_EQ(market.post(alice, path + "/record-outcome", "k2", R"({"outcome":"held"})").status(),
              403u);
    EXPECT_EQ(market
                  .post(alice, "/v1/payments", "k3",
                        R"({"payer":"bob","amount":{"minor":1,"currency":"USD"}})")
                  .at("/code"),
              "payer_is_not_the_caller");
    const Person without{"operator-p", Roles::cloud_operator, "acme", false};
    EXPECT_EQ(market.post(without, path + "/void", "k4", "{}").at("/code"), "second_factor_needed");
    EXPECT_EQ(market.request_plain("/v1/payments").status(), 401u);
    EXPECT_NE(market.request_plain("/v1/payments").header("WWW-Authenticate"), "");
}

TEST_F(MarketTest, TenantsAreApart) {
    const std::string path = "/v1/payments/" + market.request_payment(alice, "k1").at("/id");
    const Person stranger{"operator-x", Roles::cloud_operator, "other", true};
    const Person strange_robot{"robot", Roles::service, "other"};

    EXPECT_EQ(market.get(stranger, path).status(), 404u);
    EXPECT_EQ(market.get(stranger, path + "/events").status(), 404u);
    EXPECT_EQ(market.get(stranger, "/v1/payments").at("/data"), "[]");
    EXPECT_EQ(market.post(stranger, path + "/void", "k2", "{}").status(), 404u);
    EXPECT_EQ(market.post(strange_robot, path + "/record-outcome", "k2", R"({"outcome":"held"})")
                  .status(),
              404u);
    EXPECT_EQ(market.get(alice, path).at("/version"), "1");
}

TEST_F(MarketTest, IfMatchGuardsAgainstAnOlderVersion) {
    const std::string path = "/v1/payments/" + market.request_payment(alice, "k1").at("/id");
    const auto record = [&](std::string_view key, std::string_view tag) {
        return market.post(robot, path + "/record-outcome", key, R"({"outcome":"held"})",
                           {{"If-Match", tag}});
    };
    EXPECT_EQ(record("k2", "\"2\"").status(), 412u);
    EXPECT_EQ(record("k3", "rubbish").status(), 412u);
    EXPECT_EQ(record("k4", "\"1\"").status(), 200u);
    EXPECT_EQ(record("k4", "\"1\"").header("Idempotent-Replayed"), "true");
}

TEST_F(MarketTest, ABatchAnswersEachOfItsCommands) {
    const std::string id = market.request_payment(alice, "k1").at("/id");
    const std::string body =
        R"({"commands":[)"
        R"({"key":"b1","type":"payment.request","data":{"payer":"bob","amount":{"minor":5,"currency":"EUR"}}},)"
        R"({"key":"b2","type":"payment.record_outcome","id":")" +
        id +
        R"(","data":{"outcome":"held"}},)"
        R"({"key":"b3","type":"payment.capture","id":")" +
        id +
        R"(","data":{}},)"
        R"({"key":"b4","type":"payment.capture","id":"none","data":{}},)"
        R"({"key":"b5","type":"payment.fly","id":"x","data":{}},)"
        R"({"key":"b6","type":"payment.capture","id":")" +
        id +
        R"(","data":{"amount":7}},)"
        R"({"key":"b7","type":"payment.capture","data":{}},7]})";
    const Response answer = market.post(robot, "/v1/commands", "", body);
    ASSERT_EQ(answer.status(), 200u) << answer.http.body;
    const auto status = [&](const Response& from, int item) {
        return from.at("/answers/" + std::to_string(item) + "/status");
    };
    EXPECT_EQ(status(answer, 0), "201");
    EXPECT_EQ(status(answer, 1), "200");
    EXPECT_EQ(answer.at("/answers/2/version"), "3");
    EXPECT_EQ(status(answer, 3), "404");
    EXPECT_EQ(answer.at("/answers/4/field"), "type");
    EXPECT_EQ(answer.at("/answers/5/field"), "data.amount");
    EXPECT_EQ(answer.at("/answers/6/field"), "id");
    EXPECT_EQ(status(answer, 7), "422");

    const Response again = market.post(robot, "/v1/commands", "", body);
    EXPECT_EQ(again.at("/answers/0/id"), answer.at("/answers/0/id"));
    EXPECT_EQ(again.at("/answers/2/replayed"), "true");
    EXPECT_EQ(again.at("/answers/2/position"), answer.at("/answers/2/position"));

    // The same key at the same place is the same command, alone or in a batch.
    EXPECT_EQ(market.post(robot, "/v1/payments/" + id + "/capture", "b3", "{}")
                  .header("Idempotent-Replayed"),
              "true");
}

TEST_F(MarketTest, ABatchIsBounded) {
    EXPECT_EQ(market.post(robot, "/v1/commands", "", R"({"commands":[]})").at("/code"),
              "batch_invalid");
    EXPECT_EQ(market.post(robot, "/v1/commands", "", R"({"commands":[],"more":1})").status(), 400u);
    std::string body = R"({"commands":[)";
    for (int i = 0; i < 1001; ++i)
        body += i == 0 ? "1" : ",1";
    EXPECT_EQ(market.post(robot, "/v1/commands", "", body + "]}").at("/code"), "batch_invalid");
}

} // namespace

} // namespace tests
