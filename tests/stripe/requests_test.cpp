// What is sent to Stripe for each effect.

#include "gateways/stripe/requests.hpp"

#include "gateways/stripe/form.hpp"
#include "tests/stripe/effects.hpp"

namespace tests::stripe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

StripeRequest first(const Effect& effect, const Standing& standing = {}) {
    return step_of(begin(effect, standing)).request;
}

TEST(StripeRequests, TheFirstAttemptMakesAndConfirmsTheIntent) {
    Effect effect = payment_effect(request());
    effect.customer = "cus_1";
    const StripeRequest sent = first(effect);
    EXPECT_EQ(sent.verb, gateways::http::Verb::post);
    EXPECT_EQ(sent.path, "/v1/payment_intents");
    EXPECT_EQ(sent.idempotency_key, "p1/1/confirm");
    EXPECT_EQ(sent.form, "amount=1000&currency=usd&customer=cus_1&capture_method=manual"
                         "&automatic_payment_methods[enabled]=true"
                         "&automatic_payment_methods[allow_redirects]=never"
                         "&metadata[payment]=p1&metadata[attempt]=1&metadata[event]=e1"
                         "&confirm=true&payment_method=pm_1"
                         "&expand[0]=latest_charge.balance_transaction");
}

TEST(StripeRequests, APaymentMayBeChargedAtOnceOrWithoutItsPayer) {
    auto event = request();
    event.charge_first = true;
    EXPECT_THAT(first(payment_effect(event)).form, HasSubstr("capture_method=automatic&"));
    Effect absent = payment_effect(request());
    EXPECT_THAT(first(absent).form, Not(HasSubstr("off_session")));
    absent.off_session = true;
    EXPECT_THAT(first(absent).form,
                HasSubstr("&off_session=true"
                          "&payment_method_options[card][stored_credential_usage]=recurring"));
    auto retried = request(2);
    retried.retry = true;
    EXPECT_THAT(first(intent_effect(retried)).form, HasSubstr("off_session=true"));
}

TEST(StripeRequests, AnotherAttemptConfirmsTheSameIntent) {
    const StripeRequest sent = first(intent_effect(request(2, "pm_2")));
    EXPECT_EQ(sent.path, "/v1/payment_intents/pi_1/confirm");
    EXPECT_EQ(sent.idempotency_key, "p1/2/confirm");
    EXPECT_EQ(sent.form, "payment_method=pm_2&expand[0]=latest_charge.balance_transaction");
}

TEST(StripeRequests, AnotherAttemptWithoutAnIntentLooksForIt) {
    const Effect effect = payment_effect(request(2, "pm_2"));
    EXPECT_THAT(words_of(begin(effect, {})), ElementsAre("GET /v1/payment_intents/search"));
    EXPECT_THAT(first(effect).form,
                HasSubstr("query=metadata%5B%27payment%27%5D%3A%27p1%27&limit=2"));
    EXPECT_THAT(
        words_of(after(effect, answer(200, R"({"data":[{"id":"pi_7","object":"payment_intent",
        "status":"requires_payment_method","metadata":{"payment":"p1","attempt":"1"}}]})"))),
        ElementsAre("POST /v1/payment_intents/pi_7/confirm p1/2/confirm"));
    EXPECT_THAT(words_of(after(effect, answer(200, R"({"data":[]})"))),
                ElementsAre("POST /v1/payment_intents p1/2/confirm"));
}

TEST(StripeRequests, TheDefaultCardIsTakenWhenNoneIsNamed) {
    auto event = request();
    event.card.reset();
    Effect effect = payment_effect(event);
    EXPECT_THAT(words_of(begin(effect, {})),
                ElementsAre("payment-p1 payment.record_outcome outcome=declined attempt=1 "
                            "reason=card_missing"));
    effect.card = domain::CardId{"pm_default"};
    EXPECT_THAT(first(effect).form, HasSubstr("payment_method=pm_default"));
}

TEST(StripeRequests, OnlyCurrenciesThatCardsPayAreSent) {
    auto event = request();
    event.amount = {1000, domain::Currency::eur};
    EXPECT_THAT(first(payment_effect(event)).form, HasSubstr("amount=1000&currency=eur&"));
    for (const auto currency : {domain::Currency::tft, domain::Currency::usdc}) {
        event.amount.currency = currency;
        EXPECT_THAT(words_of(begin(payment_effect(event), {})),
                    ElementsAre("park: no card pays this currency"));
    }
}

TEST(StripeRequests, HoldsAreCapturedAndReleased) {
    const StripeRequest captured = first(intent_effect(domain::CaptureRequested{2, usd(600)}));
    EXPECT_EQ(captured.path, "/v1/payment_intents/pi_1/capture");
    EXPECT_EQ(captured.idempotency_key, "p1/2/capture");
    EXPECT_THAT(captured.form, HasSubstr("amount_to_capture=600&"));
    EXPECT_THAT(words_of(begin(intent_effect(domain::PaymentVoided{}), {})),
                ElementsAre("POST /v1/payment_intents/pi_1/cancel p1/1/cancel"));
}

TEST(StripeRequests, RefundsAreNumberedAndSayWhoseTheyAre) {
    const StripeRequest sent =
        first(intent_effect(domain::RefundRequested{3, usd(250), "He was not happy"}));
    EXPECT_EQ(sent.path, "/v1/refunds");
    EXPECT_EQ(sent.idempotency_key, "p1/3/refund");
    EXPECT_EQ(sent.form, "payment_intent=pi_1&amount=250&metadata[payment]=p1&metadata[refund]=3"
                         "&metadata[event]=e1");
    EXPECT_THAT(first(intent_effect(domain::RefundRequested{3, usd(250), "duplicate"})).form,
                HasSubstr("&reason=duplicate"));
}

TEST(StripeRequests, DisputesAreAnswered) {
    EXPECT_THAT(words_of(begin(intent_effect(domain::DisputeAccepted{{"du_1"}}), {})),
                ElementsAre("POST /v1/disputes/du_1/close p1/1/accept_dispute"));
    Effect evidence = intent_effect(domain::EvidenceSubmitted{{"du_1"}, "vault/7"});
    EXPECT_THAT(words_of(begin(evidence, {})),
                ElementsAre("park: the evidence is not where it was kept"));
    evidence.evidence = "he logged in & used it";
    const StripeRequest sent = first(evidence);
    EXPECT_EQ(sent.idempotency_key, "p1/e1/evidence");
    EXPECT_EQ(sent.form,
              "evidence[uncategorized_text]=he%20logged%20in%20%26%20used%20it&submit=true");
}

TEST(StripeRequests, ACardIsSetUpForItsCustomer) {
    domain::CardSetupStarted started;
    started.account = {"user-a"};
    started.dashboard = {"d1"};
    const StripeRequest made = first(card_effect(started));
    EXPECT_EQ(made.path, "/v1/customers");
    EXPECT_EQ(made.idempotency_key, "user-a.d1/1/customer");
    EXPECT_EQ(made.form, "metadata[account]=user-a&metadata[dashboard]=d1");
    const Verdict next = after(card_effect(started), answer(200, R"({"id":"cus_1"})"));
    EXPECT_THAT(words_of(next), ElementsAre("POST /v1/setup_intents c1/1/setup"));
    EXPECT_THAT(step_of(next).request.form, HasSubstr("customer=cus_1&usage=off_session"));
    started.customer = "cus_2";
    EXPECT_THAT(first(card_effect(started)).form, HasSubstr("customer=cus_2"));
}

TEST(StripeRequests, ARemovedCardIsDetachedAndASetupCanceled) {
    domain::CardRemoved removed;
    EXPECT_THAT(words_of(begin(card_effect(removed), {})), IsEmpty());
    removed.provider_reference = "seti_1";
    EXPECT_THAT(words_of(begin(card_effect(removed), {})),
                ElementsAre("POST /v1/setup_intents/seti_1/cancel c1/1/cancel_setup"));
    removed.payment_method = domain::CardId{"pm_1"};
    EXPECT_THAT(words_of(begin(card_effect(removed), {})),
                ElementsAre("POST /v1/payment_methods/pm_1/detach c1/1/detach"));
}

TEST(StripeRequests, ACardIsFoundByTheSetupThatAttachedIt) {
    const StripeRequest sent = find_setup("pm_1&limit=9").request;
    EXPECT_EQ(sent.path, "/v1/setup_intents");
    EXPECT_EQ(sent.form, "payment_method=pm_1%26limit%3D9");
    EXPECT_EQ(sent.idempotency_key, "");
}

TEST(StripeRequests, AKeyThatIsTooOldIsNotTrusted) {
    const auto begun = [](const Effect& effect, milliseconds age) {
        return words_of(begin(effect, {1, age})).front();
    };
    const Effect made = payment_effect(request());
    EXPECT_EQ(begun(made, 23h - 1ms), "POST /v1/payment_intents p1/1/confirm");
    EXPECT_EQ(begun(made, 23h), "GET /v1/payment_intents/search");
    EXPECT_EQ(begun(intent_effect(request(2)), 23h), "GET /v1/payment_intents/pi_1");
    EXPECT_EQ(begun(intent_effect(domain::CaptureRequested{1, usd(1)}), 23h),
              "GET /v1/payment_intents/pi_1");
    EXPECT_EQ(begun(intent_effect(domain::PaymentVoided{}), 23h), "GET /v1/payment_intents/pi_1");
    EXPECT_EQ(begun(intent_effect(domain::RefundRequested{1, usd(1), {}}), 23h), "GET /v1/refunds");
    EXPECT_EQ(begun(intent_effect(domain::DisputeAccepted{{"du_1"}}), 23h),
              "GET /v1/disputes/du_1");
}

TEST(StripeRequests, WhatIsInAnIdStaysInIt) {
    Effect odd = payment_effect(request(2));
    odd.id = "p'1\\&x=y";
    EXPECT_THAT(first(odd).form, HasSubstr("%27p%5C%271%5C%5C%26x%3Dy%27"));
    Effect path = intent_effect(domain::PaymentVoided{});
    path.intent = "pi/../x?y";
    EXPECT_EQ(first(path).path, "/v1/payment_intents/pi%2F..%2Fx%3Fy/cancel");
    EXPECT_EQ(Form{}.add("a[b]", "c d").add("e", -5).text(), "a[b]=c%20d&e=-5");
}

TEST(StripeRequests, OnlySomeEventsAskForSomething) {
    EXPECT_TRUE(asks_stripe(domain::PaymentEvent{request()}));
    EXPECT_TRUE(asks_stripe(domain::PaymentEvent{domain::PaymentOutcomeUnknown{}}));
    EXPECT_TRUE(asks_stripe(domain::CardEvent{domain::CardRemoved{}}));
    EXPECT_FALSE(asks_stripe(domain::PaymentEvent{domain::PaymentCaptured{}}));
    EXPECT_FALSE(asks_stripe(domain::CardEvent{domain::CardAttached{}}));
    EXPECT_THAT(words_of(begin(payment_effect(domain::PaymentCaptured{}), {})), IsEmpty());
}

} // namespace
} // namespace tests::stripe
