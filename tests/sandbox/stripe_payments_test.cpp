// Payments with the payer present or absent, captured at once.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class StripePayments : public Stripe {};

TEST_F(StripePayments, APaymentSucceedsAndItsFeeIsBooked) {
    const Reply paid =
        post("/v1/payment_intents", payment("1000", "pm_card_visa",
                                            {{"expand[0]", "latest_charge.balance_transaction"},
                                             {"metadata[payment]", "d1.1"}}));
    ASSERT_EQ(paid.status, 200U) << paid.response.body;
    EXPECT_THAT(paid.id(), StartsWith("pi_"));
    EXPECT_EQ(paid.text("/status"), "succeeded");
    EXPECT_EQ(paid.number("/amount_received"), 1000);
    EXPECT_EQ(paid.number("/created"), start_seconds);
    EXPECT_EQ(paid.text("/metadata/payment"), "d1.1");
    EXPECT_EQ(paid.text("/latest_charge/status"), "succeeded");
    EXPECT_EQ(paid.text("/latest_charge/metadata/payment"), "d1.1");
    EXPECT_EQ(paid.text("/latest_charge/payment_method_details/card/last4"), "4242");
    const std::string line = "/latest_charge/balance_transaction";
    EXPECT_EQ(paid.number(line + "/amount"), 1000);
    EXPECT_EQ(paid.number(line + "/fee"), 59);
    EXPECT_EQ(paid.number(line + "/net"), 941);
    EXPECT_EQ(paid.text(line + "/status"), "pending");
    EXPECT_THAT(event_types(), ElementsAre("payment_intent.created", "charge.succeeded",
                                           "payment_intent.succeeded"));
}

TEST_F(StripePayments, FeesAreRoundedHalfUp) {
    const auto fee = [&](const char* amount) {
        return post("/v1/payment_intents",
                    payment(amount, "pm_card_visa",
                            {{"expand[]", "latest_charge.balance_transaction"}}))
            .number("/latest_charge/balance_transaction/fee");
    };
    EXPECT_EQ(fee("1815"), 83); // 52.635
    EXPECT_EQ(fee("1500"), 74); // 43.5
    EXPECT_EQ(fee("1499"), 73); // 43.471
}

TEST_F(StripePayments, TheFeeOfAnAsynchronousCaptureComesLater) {
    const Reply paid =
        post("/v1/payment_intents",
             payment("1000", "pm_card_visa",
                     {{"capture_method", "automatic_async"}, {"expand[]", "latest_charge"}}));
    EXPECT_EQ(paid.text("/status"), "succeeded");
    EXPECT_TRUE(paid.null("/latest_charge/balance_transaction"));
    pass(std::chrono::seconds{1});
    const Reply charge =
        get("/v1/charges/" + paid.text("/latest_charge/id"), {{"expand[]", "balance_transaction"}});
    EXPECT_EQ(charge.number("/balance_transaction/fee"), 59);
    const Reply event = get("/v1/events", {{"type", "charge.updated"}});
    EXPECT_TRUE(event.null("/data/0/data/previous_attributes/balance_transaction"));
    EXPECT_TRUE(event.null("/data/0/request/id")); // Nobody asked for it.
}

TEST_F(StripePayments, AnIntentGoesThroughItsStates) {
    const Reply created = post("/v1/payment_intents", {{"amount", "1000"}, {"currency", "USD"}});
    EXPECT_EQ(created.text("/status"), "requires_payment_method");
    EXPECT_EQ(created.text("/currency"), "usd");
    const std::string path = "/v1/payment_intents/" + created.id();
    const Reply updated = post(path, {{"payment_method", "pm_card_visa"}, {"amount", "2000"}});
    EXPECT_EQ(updated.text("/status"), "requires_confirmation");
    EXPECT_EQ(updated.number("/amount"), 2000);
    const Reply confirmed = post(path + "/confirm", {{"return_url", "https://example.com"}});
    EXPECT_EQ(confirmed.text("/status"), "succeeded");
    EXPECT_EQ(confirmed.number("/amount_received"), 2000);
    const Reply read = get(path);
    EXPECT_EQ(read.body, confirmed.body);

    for (const char* verb : {"/confirm", "/cancel", "/capture"}) {
        const Reply refused = post(path + verb);
        EXPECT_EQ(refused.status, 400U) << verb;
        EXPECT_EQ(refused.code(), "payment_intent_unexpected_state") << verb;
        EXPECT_EQ(refused.text("/error/type"), "invalid_request_error") << verb;
    }
    EXPECT_EQ(post(path, {{"amount", "3000"}}).code(), "payment_intent_unexpected_state");
    EXPECT_EQ(post(path, {{"metadata[note]", "kept"}}).text("/metadata/note"), "kept");
}

TEST_F(StripePayments, ACancelledIntentStaysCancelled) {
    const Reply created =
        post("/v1/payment_intents",
             {{"amount", "1000"}, {"currency", "usd"}, {"payment_method", "pm_card_visa"}});
    EXPECT_EQ(created.text("/status"), "requires_confirmation");
    const std::string path = "/v1/payment_intents/" + created.id();
    const Reply cancelled = post(path + "/cancel", {{"cancellation_reason", "abandoned"}});
    EXPECT_EQ(cancelled.text("/status"), "canceled");
    EXPECT_EQ(cancelled.text("/cancellation_reason"), "abandoned");
    EXPECT_EQ(cancelled.number("/canceled_at"), start_seconds);
    EXPECT_EQ(post(path + "/confirm").code(), "payment_intent_unexpected_state");
    EXPECT_EQ(post(path + "/cancel").code(), "payment_intent_unexpected_state");
}

struct Declined {
    const char *card, *code, *decline_code, *advice;
};

class StripeDeclines : public Stripe, public testing::WithParamInterface<Declined> {};

TEST_P(StripeDeclines, LeaveTheIntentForAnotherCard) {
    const auto& [card, code, decline_code, advice] = GetParam();
    const Reply declined = post("/v1/payment_intents", payment("1000", card));
    ASSERT_EQ(declined.status, 402U);
    EXPECT_EQ(declined.text("/error/type"), "card_error");
    EXPECT_EQ(declined.code(), code);
    const auto& error = declined.at("/error").as_object();
    EXPECT_EQ(error.contains("decline_code"), *decline_code != '\0');
    if (*decline_code != '\0') {
        EXPECT_EQ(error.at("decline_code"), decline_code);
    }
    EXPECT_EQ(error.at("advice_code"), advice);
    EXPECT_EQ(declined.text("/error/payment_intent/status"), "requires_payment_method");
    EXPECT_EQ(declined.text("/error/payment_intent/last_payment_error/code"), code);
    EXPECT_TRUE(declined.null("/error/payment_intent/payment_method"));
    EXPECT_EQ(declined.text("/error/payment_method/object"), "payment_method");
    const Reply charge = get("/v1/charges/" + declined.text("/error/charge"));
    EXPECT_EQ(charge.text("/status"), "failed");
    EXPECT_EQ(charge.text("/failure_code"), code);

    const Reply again =
        post("/v1/payment_intents/" + declined.text("/error/payment_intent/id") + "/confirm",
             {{"payment_method", "pm_card_mastercard"}});
    EXPECT_EQ(again.text("/status"), "succeeded");
    EXPECT_TRUE(again.null("/last_payment_error"));
    EXPECT_THAT(event_types(), ElementsAre("payment_intent.created", "charge.failed",
                                           "payment_intent.payment_failed", "charge.succeeded",
                                           "payment_intent.succeeded"));
}

INSTANTIATE_TEST_SUITE_P(
    Cards, StripeDeclines,
    testing::Values(
        Declined{"pm_card_visa_chargeDeclined", "card_declined", "generic_decline",
                 "try_again_later"},
        Declined{"pm_card_chargeDeclined", "card_declined", "generic_decline", "try_again_later"},
        Declined{"pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined",
                 "insufficient_funds", "try_again_later"},
        Declined{"pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds",
                 "try_again_later"},
        Declined{"pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card",
                 "do_not_try_again"},
        Declined{"pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card",
                 "do_not_try_again"},
        Declined{"pm_card_chargeDeclinedExpiredCard", "expired_card", "", "confirm_card_data"},
        Declined{"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "", "confirm_card_data"},
        Declined{"pm_card_chargeDeclinedProcessingError", "processing_error", "",
                 "try_again_later"},
        Declined{"pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined",
                 "card_velocity_exceeded", "try_again_later"},
        Declined{"pm_card_chargeCustomerFail", "card_declined", "generic_decline",
                 "try_again_later"},
        Declined{"pm_card_threeDSecureRequiredProcessingError", "card_declined", "generic_decline",
                 "try_again_later"},
        Declined{"pm_card_radarBlock", "card_declined", "fraudulent", "do_not_try_again"}));

TEST_F(StripePayments, ABlockedPaymentNeverReachesTheBank) {
    const Reply blocked = post("/v1/payment_intents", payment("1000", "pm_card_radarBlock"));
    const Reply charge = get("/v1/charges/" + blocked.text("/error/charge"));
    EXPECT_EQ(charge.text("/outcome/type"), "blocked");
    EXPECT_EQ(charge.text("/outcome/network_status"), "not_sent_to_network");
    EXPECT_EQ(charge.text("/outcome/risk_level"), "highest");
}

TEST_F(StripePayments, ASavedCardPaysWithoutThePayer) {
    const std::string payer = customer();
    const std::string card = saved_card(payer, "pm_card_visa");
    for (int month = 0; month < 3; ++month) {
        const Reply paid =
            post("/v1/payment_intents",
                 payment("1000", card, {{"customer", payer}, {"off_session", "true"}}));
        EXPECT_EQ(paid.text("/status"), "succeeded");
        EXPECT_EQ(paid.text("/payment_method"), card);
        EXPECT_EQ(paid.text("/customer"), payer);
    }
    EXPECT_EQ(get("/v1/payment_intents", {{"customer", payer}}).at("/data").as_array().size(), 3U);
}

TEST_F(StripePayments, ACardBelongsToItsCustomerAlone) {
    const std::string owner = customer(), other = customer();
    const std::string card = saved_card(owner, "pm_card_visa");
    const Reply nobody = post("/v1/payment_intents", payment("1000", card));
    EXPECT_EQ(nobody.status, 400U);
    EXPECT_THAT(nobody.text("/error/message"), testing::HasSubstr("provide the customer"));
    EXPECT_EQ(post("/v1/payment_intents", payment("1000", card, {{"customer", other}})).status,
              400U);
    // Neither left a charge behind.
    EXPECT_TRUE(get("/v1/charges").at("/data").as_array().empty());
}

TEST_F(StripePayments, ACardThatIsNotSavedPaysOnce) {
    const Reply method = post("/v1/payment_methods", {{"type", "card"},
                                                      {"card[number]", "4242424242424242"},
                                                      {"card[exp_month]", "8"},
                                                      {"card[exp_year]", "2031"},
                                                      {"card[cvc]", "314"}});
    ASSERT_EQ(method.status, 200U) << method.response.body;
    EXPECT_EQ(method.number("/card/exp_month"), 8);
    EXPECT_EQ(post("/v1/payment_intents", payment("1000", method.id())).status, 200U);
    const Reply again = post("/v1/payment_intents", payment("1000", method.id()));
    EXPECT_EQ(again.status, 400U);
    EXPECT_THAT(again.text("/error/message"), testing::HasSubstr("may not be used again"));
}

TEST_F(StripePayments, ACardCanBeSavedWhilePaying) {
    const std::string payer = customer();
    const Reply paid = post("/v1/payment_intents",
                            payment("1000", "pm_card_visa",
                                    {{"customer", payer}, {"setup_future_usage", "off_session"}}));
    EXPECT_EQ(paid.text("/setup_future_usage"), "off_session");
    EXPECT_EQ(get("/v1/payment_methods/" + paid.text("/payment_method")).text("/customer"), payer);
}

TEST_F(StripePayments, RefusesWhatIsNoPayment) {
    const auto refused = [&](const char* name, const char* value) {
        return post("/v1/payment_intents", payment("1000", "pm_card_visa", {{name, value}}));
    };
    EXPECT_EQ(refused("amount", "49").code(), "amount_too_small");
    EXPECT_EQ(refused("amount", "100000000").code(), "amount_too_large");
    EXPECT_EQ(refused("amount", "ten").code(), "parameter_invalid_integer");
    EXPECT_EQ(refused("amount", "-5").code(), "parameter_invalid_integer");
    EXPECT_EQ(refused("currency", "xxx").text("/error/param"), "currency");
    EXPECT_EQ(refused("customer", "cus_nobody").code(), "resource_missing");
    EXPECT_EQ(refused("customer", "cus_nobody").status, 400U);
    EXPECT_EQ(refused("payment_method", "pm_nothing").code(), "resource_missing");
    EXPECT_EQ(refused("capture_method", "sometimes").text("/error/param"), "capture_method");
    EXPECT_EQ(refused("confirm", "yes").text("/error/param"), "confirm");
    EXPECT_EQ(refused("payment_method_types[0]", "card").code(), "parameter_unknown");
    EXPECT_EQ(refused("payment_method_types[0]", "card").text("/error/param"),
              "payment_method_types");
    EXPECT_EQ(refused("off_session", "").status, 400U);
    const Reply missing = post("/v1/payment_intents", {{"currency", "usd"}});
    EXPECT_EQ(missing.code(), "parameter_missing");
    EXPECT_EQ(missing.text("/error/param"), "amount");
    const Reply too_early = post(
        "/v1/payment_intents", {{"amount", "1000"}, {"currency", "usd"}, {"off_session", "true"}});
    EXPECT_EQ(too_early.text("/error/param"), "off_session");
    // A payer who may be sent away needs a way back.
    const Reply no_return = post("/v1/payment_intents", {{"amount", "1000"},
                                                         {"currency", "usd"},
                                                         {"confirm", "true"},
                                                         {"payment_method", "pm_card_visa"}});
    EXPECT_EQ(no_return.text("/error/param"), "return_url");
    EXPECT_TRUE(get("/v1/payment_intents").at("/data").as_array().empty());
}

TEST_F(StripePayments, TheBooksAddUp) {
    post("/v1/payment_intents", payment("1000", "pm_card_visa"));
    post("/v1/payment_intents", payment("2000", "pm_card_bypassPending"));
    post("/v1/payment_intents", payment("3000", "pm_card_visa", {{"currency", "eur"}}));
    Reply balance = get("/v1/balance");
    const auto amount = [&](const char* part, const char* currency) {
        for (const json::value& entry : balance.at(part).as_array())
            if (entry.at("currency") == currency) return entry.at("amount").as_int64();
        return INT64_MIN;
    };
    EXPECT_EQ(amount("/available", "usd"), 2000 - 88);
    EXPECT_EQ(amount("/pending", "usd"), 1000 - 59);
    EXPECT_EQ(amount("/pending", "eur"), 3000 - 117);
    pass(std::chrono::days{2});
    balance = get("/v1/balance");
    EXPECT_EQ(amount("/available", "usd"), 3000 - 147);
    EXPECT_EQ(amount("/pending", "usd"), 0);
    EXPECT_EQ(get("/v1/balance_transactions", {{"currency", "eur"}}).text("/data/0/status"),
              "available");
}

} // namespace
} // namespace tests::sandbox
