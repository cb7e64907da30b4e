// What answers mean: what Stripe says of a request, row by row.

#include "tests/stripe/effects.hpp"

namespace tests::stripe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string made = "POST /v1/payment_intents p1/1/confirm";

std::string intent(const std::string& status, const std::string& more = "") {
    return R"({"id":"pi_1","object":"payment_intent","currency":"usd","amount":1000,"status":")" +
           status + R"(","metadata":{"payment":"p1","attempt":"1"})" + more + "}";
}
std::string error(const std::string& fields) { return R"({"error":{)" + fields + "}}"; }
std::string declined(const std::string& fields) {
    return error(R"("type":"card_error","message":"Your card was declined.","payment_intent":)" +
                 intent("requires_payment_method") + "," + fields);
}

std::vector<std::string> confirmed(const Answer& given, const Standing& standing = {}) {
    return words_of(after(payment_effect(request()), given, standing));
}

TEST(StripeAnswers, AHoldIsRecordedWithItsEnd) {
    EXPECT_THAT(confirmed(answer(200, intent("requires_capture", R"(,"amount_capturable":1000,
            "latest_charge":{"id":"ch_1","balance_transaction":null,
            "payment_method_details":{"card":{"capture_before":1800410400}}})"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=held attempt=1 "
                            "provider_reference=pi_1 amount=1000usd capture_before=1800410400000"));
}

TEST(StripeAnswers, AChargeIsRecordedWithItsFee) {
    EXPECT_THAT(confirmed(answer(200, intent("succeeded", R"(,"amount_received":1000,
            "latest_charge":{"id":"ch_1","balance_transaction":{"fee":59,"currency":"eur"}})"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=charged attempt=1 "
                            "provider_reference=pi_1 amount=1000usd",
                            "payment-p1 payment.record_card_fee fee=59eur"));
    EXPECT_THAT(confirmed(answer(200, intent("succeeded", R"(,"amount_received":1000,
            "latest_charge":"ch_1")"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=charged attempt=1 "
                            "provider_reference=pi_1 amount=1000usd"));
}

TEST(StripeAnswers, APayerWhoMustActIsTold) {
    EXPECT_THAT(confirmed(answer(200, intent("requires_action", R"(,"client_secret":"pi_1_secret",
            "next_action":{"type":"use_stripe_sdk","use_stripe_sdk":{}})"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=action_required attempt=1 "
                            "provider_reference=pi_1 action=use_stripe_sdk"));
}

TEST(StripeAnswers, WhatIsBeingProcessedIsUnknownYet) {
    for (const char* status : {"processing", "a_status_of_next_year"})
        EXPECT_THAT(confirmed(answer(200, intent(status))),
                    ElementsAre("payment-p1 payment.record_outcome outcome=unknown attempt=1 "
                                "provider_reference=pi_1"));
}

TEST(StripeAnswers, ADeclineIsRecordedInTheBanksWord) {
    const std::string outcome = "payment-p1 payment.record_outcome outcome=declined attempt=1 "
                                "provider_reference=pi_1 reason=";
    for (const char* code :
         {"insufficient_funds", "lost_card", "stolen_card", "generic_decline", "do_not_honor",
          "card_velocity_exceeded", "authentication_required", "a_code_of_next_year"})
        EXPECT_THAT(confirmed(answer(402, declined(R"("code":"card_declined","decline_code":")" +
                                                   std::string{code} + '"'))),
                    ElementsAre(outcome + code));
    for (const char* code : {"expired_card", "incorrect_cvc", "processing_error",
                             "authentication_required", "card_decline_rate_limit_exceeded"})
        EXPECT_THAT(confirmed(answer(402, declined(R"("code":")" + std::string{code} + '"'))),
                    ElementsAre(outcome + code));
    EXPECT_THAT(confirmed(answer(402, declined(R"("code":"card_declined","decline_code":"lost_card",
            "advice_code":"do_not_try_again")"))),
                ElementsAre(outcome + "lost_card advice=do_not_try_again"));
    EXPECT_THAT(confirmed(answer(402, error(R"("type":"api_error")"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=declined attempt=1 "
                            "reason=declined"));
}

TEST(StripeAnswers, AnIntentThatWasTriedTooOftenIsNotTriedAgain) {
    EXPECT_THAT(confirmed(answer(402, error(R"("type":"card_error","code":"card_declined",
            "advice_code":"try_again_later","payment_intent":)" +
                                            intent("canceled")))),
                ElementsAre("payment-p1 payment.record_outcome outcome=declined attempt=1 "
                            "provider_reference=pi_1 reason=card_declined "
                            "advice=do_not_try_again"));
}

TEST(StripeAnswers, WithoutAnAnswerTheSameKeyGoesAgain) {
    for (const Came came : {Came::not_sent, Came::maybe_sent}) {
        EXPECT_THAT(confirmed(Answer{came, 0, {}, {}}), ElementsAre("repeat after 500"));
        EXPECT_THAT(confirmed(Answer{came, 0, {}, {}}, {3, 4s}), ElementsAre("repeat after 4000"));
        EXPECT_THAT(confirmed(Answer{came, 0, {}, {}}, {1000, 4s}),
                    ElementsAre("repeat after 300000"));
        EXPECT_THAT(words_of(after(intent_effect(domain::CaptureRequested{1, usd(1)}),
                                   Answer{came, 0, {}, {}}, {50, 72h})),
                    ElementsAre("park: no clear answer for three days"));
    }
}

TEST(StripeAnswers, WhoIsTooFastWaits) {
    const std::string limited = error(R"("type":"invalid_request_error","code":"rate_limit")");
    EXPECT_THAT(confirmed(answer(429, limited)), ElementsAre("repeat after 500"));
    EXPECT_THAT(confirmed(answer(429, limited, {{"retry-after", "7"}})),
                ElementsAre("repeat after 7000"));
    EXPECT_THAT(confirmed(answer(429, limited, {{"Retry-After", "999999"}})),
                ElementsAre("repeat after 3600000"));
    for (const char* odd : {"-1", "soon", "1.5", "99999999999999999999"})
        EXPECT_THAT(confirmed(answer(429, limited, {{"Retry-After", odd}})),
                    ElementsAre("repeat after 500"));
    EXPECT_THAT(confirmed(answer(429, error(R"("code":"lock_timeout")"))),
                ElementsAre("repeat after 500"));
    EXPECT_THAT(confirmed(answer(429, limited, {{"Stripe-Should-Retry", "false"}})),
                ElementsAre("repeat after 500"));
}

TEST(StripeAnswers, AConflictWaits) {
    EXPECT_THAT(confirmed(answer(409, error(R"("type":"idempotency_error",
            "code":"idempotency_key_in_use")"))),
                ElementsAre("repeat after 500"));
    EXPECT_THAT(confirmed(answer(424, "{}")), ElementsAre("repeat after 500"));
    EXPECT_THAT(confirmed(answer(400, error(R"("code":"unheard_of")"),
                                 Headers{{"Stripe-Should-Retry", "true"}})),
                ElementsAre("repeat after 500"));
}

TEST(StripeAnswers, AnErrorOfStripesIsRepeatedUntilItIsSeenToBeStored) {
    for (const unsigned status : {500U, 502U, 503U, 504U})
        EXPECT_THAT(confirmed(answer(status, "<html>")), ElementsAre("repeat after 500"));
    const Answer stored =
        answer(500, error(R"("type":"api_error")"), Headers{{"Idempotent-Replayed", "true"}});
    EXPECT_THAT(confirmed(stored), ElementsAre("GET /v1/payment_intents/search"));
    EXPECT_THAT(confirmed(answer(500, "", Headers{{"Stripe-Should-Retry", "false"}})),
                ElementsAre("GET /v1/payment_intents/search"));
    const auto looked = [&](const Effect& effect) { return words_of(after(effect, stored)); };
    EXPECT_THAT(looked(intent_effect(request(2))), ElementsAre("GET /v1/payment_intents/pi_1"));
    EXPECT_THAT(looked(intent_effect(domain::CaptureRequested{1, usd(1)})),
                ElementsAre("GET /v1/payment_intents/pi_1"));
    EXPECT_THAT(looked(intent_effect(domain::PaymentVoided{})),
                ElementsAre("GET /v1/payment_intents/pi_1"));
    EXPECT_THAT(looked(intent_effect(domain::RefundRequested{1, usd(1), {}})),
                ElementsAre("GET /v1/refunds"));
    EXPECT_THAT(looked(intent_effect(domain::DisputeAccepted{{"du_1"}})),
                ElementsAre("GET /v1/disputes/du_1"));
    EXPECT_THAT(looked(card_effect(domain::CardSetupStarted{})),
                ElementsAre("card-c1 card.record_setup_outcome outcome=failed "
                            "reason=provider_error"));
}

TEST(StripeAnswers, MistakesOfOursAreParked) {
    EXPECT_THAT(confirmed(answer(400, error(R"("type":"idempotency_error","message":"Keys ...")"))),
                ElementsAre("park: Stripe refused with 400 idempotency_error"));
    EXPECT_THAT(confirmed(answer(400, error(R"("type":"invalid_request_error",
            "code":"parameter_missing","param":"amount","message":"for john@example.com")"))),
                ElementsAre("park: Stripe refused with 400 invalid_request_error "
                            "parameter_missing amount"));
    EXPECT_THAT(confirmed(answer(404, error(R"("type":"invalid_request_error",
            "code":"resource_missing")"))),
                ElementsAre("park: Stripe refused with 404 invalid_request_error "
                            "resource_missing"));
    EXPECT_THAT(confirmed(answer(413, "{}")), ElementsAre("park: Stripe refused with 413"));
}

TEST(StripeAnswers, AKeyThatIsNotLetInStopsEverything) {
    EXPECT_THAT(confirmed(answer(401, error(R"("type":"invalid_request_error")"))),
                ElementsAre("halt: Stripe refused with 401 invalid_request_error"));
    EXPECT_THAT(confirmed(answer(403, "{}")), ElementsAre("halt: Stripe refused with 403"));
    EXPECT_THAT(confirmed(answer(400, error(R"("code":"livemode_mismatch")"))),
                ElementsAre("halt: Stripe refused with 400 livemode_mismatch"));
}

TEST(StripeAnswers, WhatCannotBeReadIsNotGuessed) {
    for (const char* body : {"", "{", "[]", R"({"id":)"})
        EXPECT_THAT(confirmed(answer(200, body)), ElementsAre("repeat after 500")) << body;
    EXPECT_THAT(confirmed(answer(200, "{"), {8, 1h}),
                ElementsAre("park: answers that are not Stripe's"));
    for (const char* amount : {"1000.0", "1e3", "\"1000\"", "99999999999999999999"})
        EXPECT_THAT(confirmed(answer(200, intent("requires_capture", R"(,"amount_capturable":)" +
                                                                         std::string{amount}))),
                    ElementsAre("park: Stripe's answer cannot be read: amount_capturable is no "
                                "whole number"));
    EXPECT_THAT(confirmed(answer(200, R"({"id":"pi_1","status":"succeeded","amount_received":5,
            "currency":"xxx"})")),
                ElementsAre("park: Stripe's answer cannot be read: currency is none of ours"));
}

TEST(StripeAnswers, ACaptureIsConcluded) {
    const Effect effect = intent_effect(domain::CaptureRequested{2, usd(600)});
    EXPECT_THAT(words_of(after(effect, answer(200, intent("succeeded", R"(,"amount_received":600,
            "latest_charge":{"balance_transaction":{"fee":47,"currency":"usd"}})")))),
                ElementsAre("payment-p1 payment.record_capture_outcome outcome=captured capture=2 "
                            "amount=600usd",
                            "payment-p1 payment.record_card_fee fee=47usd"));
    EXPECT_THAT(words_of(after(effect, answer(400, error(R"("code":"amount_too_large")")))),
                ElementsAre("payment-p1 payment.record_capture_outcome outcome=failed capture=2 "
                            "reason=amount_too_large"));
    EXPECT_THAT(
        words_of(after(effect, answer(400, error(R"("code":"charge_expired_for_capture")")))),
        ElementsAre("payment-p1 payment.record_capture_outcome outcome=failed capture=2 "
                    "reason=charge_expired_for_capture",
                    "payment-p1 payment.expire_hold"));
    for (const char* code : {"payment_intent_unexpected_state", "charge_already_captured"})
        EXPECT_THAT(
            words_of(after(effect, answer(400, error(R"("code":")" + std::string{code} + '"')))),
            ElementsAre("GET /v1/payment_intents/pi_1"));
}

TEST(StripeAnswers, ARefundIsConcluded) {
    const Effect effect = intent_effect(domain::RefundRequested{1, usd(400), {}});
    const auto concluded = [&](const Answer& given) { return words_of(after(effect, given)); };
    const std::string outcome = "payment-p1 payment.record_refund_outcome refund=1 outcome=";
    EXPECT_THAT(concluded(answer(200, R"({"id":"re_1","status":"succeeded"})")),
                ElementsAre(outcome + "succeeded"));
    EXPECT_THAT(concluded(answer(200, R"({"status":"pending","pending_reason":"processing"})")),
                ElementsAre(outcome + "pending reason=processing"));
    EXPECT_THAT(concluded(answer(200, R"({"status":"requires_action"})")),
                ElementsAre(outcome + "pending"));
    EXPECT_THAT(concluded(answer(200, R"({"status":"failed","failure_reason":"declined"})")),
                ElementsAre(outcome + "failed reason=declined"));
    EXPECT_THAT(concluded(answer(200, R"({"status":"canceled"})")),
                ElementsAre(outcome + "failed reason=canceled"));
    for (const char* code : {"charge_disputed", "balance_insufficient", "amount_too_large",
                             "charge_not_refundable", "refund_disputed_payment"})
        EXPECT_THAT(concluded(answer(400, error(R"("code":")" + std::string{code} + '"'))),
                    ElementsAre(outcome + "failed reason=" + code));
    EXPECT_THAT(concluded(answer(400, error(R"("code":"charge_already_refunded")"))),
                ElementsAre("GET /v1/refunds"));
    EXPECT_THAT(concluded(answer(200, R"({"status":"new"})")),
                ElementsAre("park: Stripe's answer cannot be read: a refund's status is new"));
}

TEST(StripeAnswers, AVoidNeedsNoWords) {
    const Effect effect = intent_effect(domain::PaymentVoided{});
    EXPECT_THAT(words_of(after(effect, answer(200, intent("canceled")))), IsEmpty());
    EXPECT_THAT(
        words_of(after(effect, answer(400, error(R"("code":"payment_intent_unexpected_state")")))),
        ElementsAre("GET /v1/payment_intents/pi_1"));
}

TEST(StripeAnswers, ASetupIsConcluded) {
    domain::CardSetupStarted started;
    started.customer = "cus_1";
    const Effect effect = card_effect(started);
    EXPECT_THAT(words_of(after(effect, answer(200, R"({"id":"seti_1","customer":"cus_1",
            "client_secret":"seti_1_secret","status":"requires_payment_method"})"))),
                ElementsAre("card-c1 card.record_setup_outcome outcome=action_required "
                            "provider_reference=seti_1 customer=cus_1 "
                            "action=requires_payment_method"));
    EXPECT_THAT(words_of(after(effect, answer(402, error(R"("code":"card_declined",
            "decline_code":"lost_card")")))),
                ElementsAre("card-c1 card.record_setup_outcome outcome=failed reason=lost_card"));
}

TEST(StripeAnswers, WhatIsNotAttachedIsDetached) {
    domain::CardRemoved removed;
    removed.payment_method = domain::CardId{"pm_1"};
    for (const Answer& given : {answer(200, R"({"id":"pm_1"})"),
                                answer(400, error(R"("code":"payment_method_unexpected_state")")),
                                answer(404, error(R"("code":"resource_missing")"))})
        EXPECT_THAT(words_of(after(card_effect(removed), given)), IsEmpty());
}

} // namespace
} // namespace tests::stripe
