// Holds: placed, captured whole and in part, released, expired.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;

constexpr std::int64_t day = 86'400;

class StripeHolds : public Stripe {
protected:
    Reply hold(const char* amount, const char* card = "pm_card_visa", Form more = {}) const {
        more.emplace_back("capture_method", "manual");
        more.emplace_back("expand[]", "latest_charge");
        return post("/v1/payment_intents", payment(amount, card, std::move(more)));
    }
    static std::int64_t capture_before(const Reply& held) {
        return held.number("/latest_charge/payment_method_details/card/capture_before");
    }
};

TEST_F(StripeHolds, AHoldMovesNoMoney) {
    const Reply held = hold("1000");
    EXPECT_EQ(held.text("/status"), "requires_capture");
    EXPECT_EQ(held.number("/amount_capturable"), 1000);
    EXPECT_EQ(held.number("/amount_received"), 0);
    EXPECT_FALSE(held.at("/latest_charge/captured").as_bool());
    EXPECT_TRUE(held.null("/latest_charge/balance_transaction"));
    EXPECT_TRUE(get("/v1/balance_transactions").at("/data").as_array().empty());
    EXPECT_THAT(event_types(), ElementsAre("payment_intent.created", "charge.succeeded",
                                           "payment_intent.amount_capturable_updated"));
}

TEST_F(StripeHolds, AHoldIsCapturedOnce) {
    const Reply held = hold("1000");
    const std::string path = "/v1/payment_intents/" + held.id();
    const Reply captured =
        post(path + "/capture", {{"expand[]", "latest_charge.balance_transaction"}});
    EXPECT_EQ(captured.text("/status"), "succeeded");
    EXPECT_EQ(captured.number("/amount_received"), 1000);
    EXPECT_EQ(captured.number("/amount_capturable"), 0);
    EXPECT_EQ(captured.number("/latest_charge/balance_transaction/fee"), 59);
    EXPECT_EQ(post(path + "/capture").code(), "payment_intent_unexpected_state");
    EXPECT_THAT(event_types(), ElementsAre("payment_intent.created", "charge.succeeded",
                                           "payment_intent.amount_capturable_updated",
                                           "charge.captured", "payment_intent.succeeded"));
}

TEST_F(StripeHolds, APartIsCapturedAndTheRestReleased) {
    const Reply held = hold("1000");
    const std::string path = "/v1/payment_intents/" + held.id();
    EXPECT_EQ(post(path + "/capture", {{"amount_to_capture", "1001"}}).code(), "amount_too_large");
    EXPECT_EQ(post(path + "/capture", {{"amount_to_capture", "0"}}).code(),
              "parameter_invalid_integer");
    EXPECT_EQ(post(path + "/capture", {{"final_capture", "false"}}).text("/error/param"),
              "final_capture");
    const Reply captured = post(path + "/capture", {{"amount_to_capture", "400"},
                                                    {"expand[]", "latest_charge"},
                                                    {"metadata[invoice]", "d1.1"}});
    EXPECT_EQ(captured.number("/amount"), 1000);
    EXPECT_EQ(captured.number("/amount_received"), 400);
    EXPECT_EQ(captured.text("/metadata/invoice"), "d1.1");
    EXPECT_EQ(captured.number("/latest_charge/amount_captured"), 400);
    EXPECT_EQ(captured.number("/latest_charge/amount_refunded"), 0);
    EXPECT_EQ(post("/v1/refunds", {{"payment_intent", held.id()}, {"amount", "401"}}).code(),
              "amount_too_large");
    EXPECT_EQ(post("/v1/refunds", {{"payment_intent", held.id()}}).number("/amount"), 400);
}

TEST_F(StripeHolds, ACancelledHoldCannotBeCaptured) {
    const Reply held = hold("1000");
    const std::string path = "/v1/payment_intents/" + held.id();
    const Reply cancelled = post(path + "/cancel", {{"cancellation_reason", "abandoned"}});
    EXPECT_EQ(cancelled.text("/status"), "canceled");
    EXPECT_EQ(cancelled.number("/amount_capturable"), 0);
    EXPECT_EQ(post(path + "/capture").code(), "payment_intent_unexpected_state");
    pass(std::chrono::days{8}); // Its expiry passes without a word.
    EXPECT_EQ(event_types().back(), "payment_intent.canceled");
}

TEST_F(StripeHolds, TheTimeToCaptureDependsOnThePayersPresence) {
    EXPECT_EQ(capture_before(hold("1000")), start_seconds + 7 * day);
    const std::string payer = customer();
    const std::string visa = saved_card(payer, "pm_card_visa");
    const std::string mastercard = saved_card(payer, "pm_card_mastercard");
    const Form absent{{"customer", payer}, {"off_session", "true"}};
    EXPECT_EQ(capture_before(hold("1000", visa.c_str(), absent)),
              start_seconds + 4 * day + 18 * 3600);
    EXPECT_EQ(capture_before(hold("1000", mastercard.c_str(), absent)), start_seconds + 7 * day);
}

TEST_F(StripeHolds, AHoldExpires) {
    const Reply held = hold("1000");
    const std::string path = "/v1/payment_intents/" + held.id();
    pass(std::chrono::days{7} - std::chrono::seconds{1});
    EXPECT_EQ(get(path).text("/status"), "requires_capture");
    pass(std::chrono::seconds{1});
    const Reply expired = get(path);
    EXPECT_EQ(expired.text("/status"), "canceled");
    EXPECT_EQ(expired.text("/cancellation_reason"), "automatic");
    EXPECT_EQ(expired.number("/canceled_at"), start_seconds + 7 * day);
    EXPECT_EQ(post(path + "/capture").code(), "payment_intent_unexpected_state");
    const auto types = event_types();
    ASSERT_GE(types.size(), 2U);
    EXPECT_EQ(types[types.size() - 2], "charge.expired");
    EXPECT_EQ(types.back(), "payment_intent.canceled");
}

TEST_F(StripeHolds, TheTimeOfAnEventIsWhenItWasDue) {
    hold("1000");
    pass(std::chrono::days{30});
    EXPECT_EQ(get("/v1/events", {{"type", "charge.expired"}}).number("/data/0/created"),
              start_seconds + 7 * day);
}

} // namespace
} // namespace tests::sandbox
