// What Stripe relies on when it tells something by itself, and what nobody else can do there.

#include "bus/embedded/embedded.hpp"
#include "gateways/market/door.hpp"
#include "gateways/market/questions.hpp"
#include "gateways/market_registry.hpp"
#include "gateways/sandbox/stripe/webhooks.hpp"
#include "tests/market/running_market.hpp"

#include <fstream>

namespace tests {

namespace {

constexpr const char* path = "/v1/webhooks/stripe";

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string message(const std::string& id, const std::string& more = "") {
    return R"({"id":")" + id +
           R"(","object":"event","livemode":false,"type":"customer.updated",
               "api_version":"2026-10-28.endive","data":{"object":{"id":"cus_1"}})" +
           more + "}";
}

http::ClientResult deliver(const std::string& url, std::string_view body,
                           const std::string& signature) {
    const http::Header headers[]{{"Stripe-Signature", signature}};
    return http::post(url + path, body, {}, std::span{headers}.first(signature.empty() ? 0U : 1U));
}

class MarketWebhooks : public testing::Test {
protected:
    Response send(const std::string& body, const std::string& signature) const {
        auto answer = deliver(market.url(), body, signature);
        if (!answer) return {};
        return {std::move(*answer)};
    }
    // Signed as Stripe does.
    Response tell(const std::string& body, const std::string& secret = "whsec_new",
                  std::int64_t age = 0) const {
        return send(
            body, gateways::sandbox::stripe::signature_header(seconds_now() - age, body, {secret}));
    }
    std::string counted(const std::string& result) const {
        const std::string text = market.request_plain("/metrics").http.body;
        const std::string name = "market_webhooks_total{result=\"" + result + "\"} ";
        const auto at = text.find(name);
        if (at == text.npos) return "none";
        return text.substr(at + name.size(), text.find('\n', at) - at - name.size());
    }

    bool live = false;
    RunningMarket market{[this](gateways::marketd::Options& options) {
        options.stripe_live = live;
        const auto file = options.data / "webhook.secrets";
        std::ofstream{file} << "whsec_old\nwhsec_new\n";
        options.stripe_webhook_secret_file = file;
    }};
};

TEST_F(MarketWebhooks, AMessageIsKeptOnceHoweverOftenItComes) {
    const Response first = tell(message("evt_1"));
    EXPECT_EQ(first.status(), 200u) << first.http.body;
    EXPECT_EQ(first.http.body, "");
    EXPECT_EQ(counted("received"), "1");
    // Signed anew, with the other secret, and with another count of deliveries in it.
    EXPECT_EQ(tell(message("evt_1"), "whsec_old", 100).status(), 200u);
    EXPECT_EQ(tell(message("evt_1", R"(,"pending_webhooks":2)")).status(), 200u);
    EXPECT_EQ(counted("repeated"), "2");
    market.stop();
    market.start();
    EXPECT_EQ(tell(message("evt_1")).status(), 200u);
    EXPECT_EQ(counted("received"), "0");
    EXPECT_EQ(counted("repeated"), "1");
    EXPECT_EQ(tell(message("evt_2")).status(), 200u);
    EXPECT_EQ(counted("received"), "1");
}

TEST_F(MarketWebhooks, OnlyStripeIsBelieved) {
    const std::string body = message("evt_1");
    const auto refused = [&](const Response& answer, const char* code) {
        EXPECT_EQ(answer.status(), 400u) << code;
        EXPECT_EQ(answer.at("/code"), code);
        EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    };
    refused(send(body, ""), "signature_missing");
    refused(send(body, "t=1"), "signature_missing");
    refused(tell(body, "whsec_other"), "signature_invalid");
    refused(send(body + " ",
                 gateways::sandbox::stripe::signature_header(seconds_now(), body, {"whsec_new"})),
            "signature_invalid");
    refused(tell(body, "whsec_new", 301), "timestamp_outside");
    refused(tell(body, "whsec_new", -302), "timestamp_outside");
    refused(tell("{"), "message_unreadable");
    refused(tell(R"({"id":"evt_1","object":"v2.core.event","livemode":false,"type":"a"})"),
            "message_unreadable");
    EXPECT_EQ(counted("received"), "0");
    EXPECT_EQ(counted("refused"), "8");
    // None of it was kept, so the true one is still news.
    EXPECT_EQ(tell(body).status(), 200u);
    EXPECT_EQ(counted("received"), "1");
}

TEST_F(MarketWebhooks, RealMoneyIsNotMixedWithPretended) {
    std::string body = message("evt_live");
    body.replace(body.find("false"), 5, "true");
    for (int times = 0; times < 2; ++times) {
        const Response answer = tell(body);
        EXPECT_EQ(answer.status(), 409u);
        EXPECT_EQ(answer.at("/code"), "mode_mismatch");
    }
    // Stripe goes on sending, so nothing is lost when somebody sees the mistake.
    market.stop();
    live = true;
    market.start();
    EXPECT_EQ(tell(body).status(), 200u);
    EXPECT_EQ(tell(message("evt_test")).status(), 409u);
}

TEST_F(MarketWebhooks, TooMuchIsRefusedAndOtherMethodsAre) {
    EXPECT_EQ(tell(std::string(1024 * 1024 + 1, ' ')).status(), 413u);
    // What would be kept of it is too long for one message, although it was read.
    const Response long_one =
        tell(message("evt_1", R"(,"account":")" + std::string(70'000, 'a') + "\""));
    EXPECT_EQ(long_one.status(), 409u);
    EXPECT_EQ(long_one.at("/code"), "body_too_large");
    const Response got = market.request_plain(path);
    EXPECT_EQ(got.status(), 405u);
    EXPECT_EQ(got.header("Allow"), "POST");
}

TEST(MarketWebhooksUnset, WithoutASecretThereIsNoSuchRoute) {
    const RunningMarket market;
    const std::string body = message("evt_1");
    const auto answer =
        deliver(market.url(), body,
                gateways::sandbox::stripe::signature_header(seconds_now(), body, {"whsec_new"}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 404u);
}

TEST(MarketWebhooksUnset, ASecretFileWithoutASecretIsSaid) {
    try {
        const RunningMarket market{[](gateways::marketd::Options& options) {
            options.stripe_webhook_secret_file = options.data / "empty";
            std::ofstream{options.stripe_webhook_secret_file} << "\n\n";
        }};
        FAIL() << "it started";
    } catch (const std::exception& error) {
        EXPECT_NE(std::string{error.what()}.find("no secret in"), std::string::npos);
    }
}

// A door, and nobody behind it who decides.
TEST(MarketWebhooksUnset, WhatCannotBeKeptIsToBeSentAgain) {
    using namespace gateways;
    const TemporaryFolder folder;
    bus::embedded::Options embedded;
    embedded.folder = folder.path() / "log";
    embedded.partitions = 1;
    const auto log = bus::embedded::open(embedded);
    std::unique_ptr<http::Server> server;
    market::DeskOptions alone;
    alone.remote = false;
    market::Desk desk{*log, alone, [&](std::vector<projections::Answer>& answers) {
                          market::deliver(answers, server.get());
                      }};
    const token::Issuer issuer{folder.path() / "dev", "marketplace-dev", "marketplace"};
    token::VerifierOptions tokens;
    tokens.environment = "test";
    tokens.claims.issuer = "marketplace-dev";
    tokens.claims.audience = "marketplace";
    tokens.keys = (folder.path() / "dev" / token::Issuer::key_set_file).string();
    token::Verifier verifier{tokens};
    market::DoorOptions options;
    options.webhooks = {{"whsec_new"}, "acme", false};
    market::Door door{options, market_registry(), desk, nullptr, nullptr, verifier, {}};
    server = std::make_unique<http::Server>(http::Options{}, door);
    door.connect(*server);
    server->start();
    const std::string body = message("evt_1");
    const auto answer =
        deliver("http://127.0.0.1:" + std::to_string(server->port()), body,
                sandbox::stripe::signature_header(seconds_now(), body, {"whsec_new"}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503u);
    EXPECT_EQ(answer->header("Retry-After"), "1");
    EXPECT_EQ(door.meter().webhooks.unavailable, 1u);
    EXPECT_EQ(door.meter().webhooks.received, 0u);
    server->stop({});
}

} // namespace

} // namespace tests
