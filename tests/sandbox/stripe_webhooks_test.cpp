// Events that are delivered: signed, repeated, late, out of order.

#include "gateways/http/server.hpp"
#include "gateways/sandbox/stripe/webhooks.hpp"
#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Whoever is told.
class Receiver final : public http::Handler {
public:
    struct Delivery {
        std::string body, signature;
        json::value event;
        std::string type() const { return std::string{event.at("type").as_string()}; }
    };

    Receiver() : server_{{}, *this} { server_.start(); }
    ~Receiver() { server_.stop(std::chrono::milliseconds{0}); }

    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(server_.port()) + "/hooks";
    }
    // Answers the next ones with these, then with 200.
    void answer_with(std::vector<unsigned> statuses) {
        const std::lock_guard lock{mutex_};
        statuses_ = std::move(statuses);
    }
    // At least so many; less after a long while.
    std::vector<Delivery> wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::seconds{60},
                          [&] { return deliveries_.size() >= count; });
        return deliveries_;
    }
    std::vector<std::string> types(std::size_t count) {
        std::vector<std::string> types;
        for (const Delivery& delivery : wait_for(count))
            types.push_back(delivery.type());
        return types;
    }

    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        const std::lock_guard lock{mutex_};
        deliveries_.push_back({std::string{request.body},
                               std::string{request.header("Stripe-Signature")},
                               json::parse(request.body)});
        unsigned status = 200;
        if (!statuses_.empty()) {
            status = statuses_.front();
            statuses_.erase(statuses_.begin());
        }
        http::write_response(request.reply, static_cast<http::Status>(status), {}, {}, answer);
        changed_.notify_all();
    }

private:
    http::Server server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Delivery> deliveries_;
    std::vector<unsigned> statuses_;
};

class StripeWebhooks : public Stripe {
protected:
    std::string subscribe(json::object more = {}) const {
        more["url"] = receiver.url();
        if (!more.contains("secrets")) more["secret"] = "whsec_test";
        const Reply added = control("webhook_endpoints", more);
        EXPECT_EQ(added.status, 200U) << added.response.body;
        return added.id();
    }
    // Nothing is due any more.
    Reply quiet() const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        for (;;) {
            const Reply state = control("webhook_endpoints");
            if (state.at("/idle").as_bool() || std::chrono::steady_clock::now() > until)
                return state;
        }
    }
    void fail_delivery(const char* kind) const {
        EXPECT_EQ(
            control("faults",
                    {{"script", {json::object{{"operation", "webhooks.deliver"}, {"kind", kind}}}}})
                .status,
            200U);
    }

    mutable Receiver receiver;
};

TEST(StripeSignature, IsWhatStripesOwnLibrariesCompute) {
    const std::string body = R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded"})";
    EXPECT_EQ(
        gateways::sandbox::stripe::signature_header(1700000000, body, {"whsec_test", "whsec_old"}),
        "t=1700000000,"
        "v1=b5d16909735dfcdc338e1f1e170cbb5d2ea57494fe5f638399aebcce132ec538,"
        "v1=3ce3deb03ce8afeae8ca77ba9591d26dc4568a4f7975ec65242cda7fda976bfa");
}

TEST_F(StripeWebhooks, EveryEventIsDeliveredSigned) {
    subscribe();
    const Reply paid = post("/v1/payment_intents", payment("1000", "pm_card_visa"), "k1");
    EXPECT_THAT(receiver.types(3), ElementsAre("payment_intent.created", "charge.succeeded",
                                               "payment_intent.succeeded"));
    for (const auto& delivery : receiver.wait_for(3))
        EXPECT_EQ(delivery.signature, gateways::sandbox::stripe::signature_header(
                                          start_seconds, delivery.body, {"whsec_test"}));
    const json::value event = receiver.wait_for(3)[2].event;
    EXPECT_EQ(event.at_pointer("/data/object"), paid.body);
    EXPECT_EQ(event.at("api_version"), "2026-10-28.endive");
    EXPECT_EQ(event.at("pending_webhooks"), 1);
    EXPECT_EQ(event.at_pointer("/request/idempotency_key"), "k1");
    quiet();
    EXPECT_EQ(
        get("/v1/events/" + std::string{event.at("id").as_string()}).number("/pending_webhooks"),
        0);
}

TEST_F(StripeWebhooks, OnlyWhatWasAskedForIsDelivered) {
    subscribe({{"enabled_events", {"charge.succeeded", "refund.created"}}});
    const Reply paid = post("/v1/payment_intents", payment("1000", "pm_card_visa"));
    post("/v1/refunds", {{"payment_intent", paid.id()}});
    EXPECT_THAT(receiver.types(2), ElementsAre("charge.succeeded", "refund.created"));
    quiet();
    EXPECT_THAT(receiver.wait_for(2), SizeIs(2));
}

TEST_F(StripeWebhooks, AnEndpointCanBeRemoved) {
    const std::string id = subscribe();
    EXPECT_EQ(control("webhook_endpoints", {{"url", receiver.url()}}).status, 400U);
    const std::string request = "DELETE /sandbox/webhook_endpoints/" + id +
                                " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_THAT(raw(request), testing::HasSubstr("200 OK"));
    EXPECT_THAT(raw(request), testing::HasSubstr("404"));
    post("/v1/customers");
    EXPECT_TRUE(control("webhook_endpoints").at("/endpoints").as_array().empty());
    EXPECT_THAT(receiver.wait_for(0), SizeIs(0));
}

TEST_F(StripeWebhooks, TwoSecretsWhileOneIsReplaced) {
    subscribe({{"secrets", {"whsec_new", "whsec_old"}}});
    post("/v1/customers");
    const auto delivery = receiver.wait_for(1).at(0);
    EXPECT_EQ(delivery.signature, gateways::sandbox::stripe::signature_header(
                                      start_seconds, delivery.body, {"whsec_new", "whsec_old"}));
}

TEST_F(StripeWebhooks, WhatIsNotTakenComesAgain) {
    const std::string id = subscribe({{"retry_seconds", 10}});
    receiver.answer_with({500, 302, 404});
    post("/v1/customers");
    receiver.wait_for(1);
    quiet();
    EXPECT_EQ(get("/v1/events", {{"delivery_success", "false"}}).at("/data").as_array().size(), 1U);
    pass(std::chrono::seconds{9});
    EXPECT_THAT(receiver.wait_for(1), SizeIs(1));
    pass(std::chrono::seconds{1});
    EXPECT_THAT(receiver.wait_for(2), SizeIs(2));
    quiet();
    pass(std::chrono::seconds{20}); // Twice as long.
    receiver.wait_for(3);
    quiet();
    pass(std::chrono::seconds{40});
    const auto all = receiver.wait_for(4);
    ASSERT_THAT(all, SizeIs(4));
    EXPECT_EQ(all[3].body, all[0].body);
    EXPECT_NE(all[3].signature, all[0].signature); // Signed at its own time.
    EXPECT_EQ(all[3].signature, gateways::sandbox::stripe::signature_header(
                                    start_seconds + 70, all[3].body, {"whsec_test"}));
    const Reply state = quiet();
    EXPECT_EQ(state.number("/endpoints/0/failed"), 3);
    EXPECT_EQ(state.number("/endpoints/0/delivered"), 1);
    EXPECT_TRUE(get("/v1/events", {{"delivery_success", "false"}}).at("/data").as_array().empty());
}

TEST_F(StripeWebhooks, AfterThreeDaysItIsGivenUp) {
    subscribe({{"retry_seconds", 3600 * 40}});
    receiver.answer_with({500, 500});
    post("/v1/customers");
    receiver.wait_for(1);
    quiet();
    pass(std::chrono::hours{40});
    receiver.wait_for(2);
    const Reply state = quiet();
    EXPECT_EQ(state.number("/endpoints/0/given_up"), 1);
    EXPECT_EQ(state.number("/queued"), 0);
    // Whoever asks finds it.
    EXPECT_EQ(get("/v1/events", {{"delivery_success", "false"}}).at("/data").as_array().size(), 1U);
}

TEST_F(StripeWebhooks, MayComeTwice) {
    subscribe();
    fail_delivery("duplicate");
    post("/v1/customers");
    const auto twice = receiver.wait_for(2);
    ASSERT_THAT(twice, SizeIs(2));
    EXPECT_EQ(twice[0].body, twice[1].body);
    quiet();
    EXPECT_THAT(receiver.wait_for(2), SizeIs(2));
}

TEST_F(StripeWebhooks, MayBeOvertaken) {
    subscribe();
    fail_delivery("reorder");
    post("/v1/payment_intents", payment("1000", "pm_card_visa"));
    EXPECT_THAT(receiver.types(3), ElementsAre("charge.succeeded", "payment_intent.succeeded",
                                               "payment_intent.created"));
}

TEST_F(StripeWebhooks, MayBeLate) {
    subscribe();
    EXPECT_EQ(control("faults", {{"script",
                                  {json::object{{"operation", "webhooks.deliver"},
                                                {"kind", "delay"},
                                                {"delay_milliseconds", 60'000}}}}})
                  .status,
              200U);
    post("/v1/payment_intents", payment("1000", "pm_card_visa"));
    EXPECT_THAT(receiver.types(2), ElementsAre("charge.succeeded", "payment_intent.succeeded"));
    quiet();
    pass(std::chrono::seconds{59});
    EXPECT_EQ(quiet().number("/queued"), 1);
    pass(std::chrono::seconds{1});
    EXPECT_EQ(receiver.types(3).back(), "payment_intent.created");
}

TEST_F(StripeWebhooks, MayGetLostAndComeLater) {
    subscribe({{"retry_seconds", 5}});
    fail_delivery("lose");
    post("/v1/customers");
    EXPECT_EQ(quiet().number("/endpoints/0/failed"), 1);
    EXPECT_THAT(receiver.wait_for(0), SizeIs(0));
    pass(std::chrono::seconds{5});
    EXPECT_THAT(receiver.wait_for(1), SizeIs(1));
}

TEST_F(StripeWebhooks, MayBeSentAgainByHand) {
    const std::string id = subscribe();
    post("/v1/customers");
    const std::string event{receiver.wait_for(1).at(0).event.at("id").as_string()};
    EXPECT_EQ(control("webhook_endpoints/" + id + "/resend", {{"event", event}}).status, 200U);
    EXPECT_THAT(receiver.wait_for(2), SizeIs(2));
    EXPECT_EQ(control("webhook_endpoints/" + id + "/resend", {{"event", "evt_0"}}).status, 404U);
    EXPECT_EQ(control("webhook_endpoints/we_0/resend", {{"event", event}}).status, 404U);
}

TEST_F(StripeWebhooks, NobodyListeningHoldsNobodyUp) {
    control("webhook_endpoints", {{"url", "http://127.0.0.1:1/"}, {"secret", "whsec_test"}});
    subscribe();
    post("/v1/customers");
    EXPECT_THAT(receiver.wait_for(1), SizeIs(1));
    EXPECT_EQ(quiet().number("/endpoints/0/failed"), 1);
}

} // namespace
} // namespace tests::sandbox
