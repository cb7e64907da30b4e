// What Stripe's messages mean, and what is kept of them.

#include "gateways/stripe/webhook.hpp"

#include "domain/inbound_event.hpp"
#include "tests/stripe/effects.hpp"

namespace tests::stripe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr domain::Time now{1'800'000'000'000};
const std::string applied = "inbound_event-stripe.evt_1 inbound_event.apply";
const std::string ours = R"("metadata":{"payment":"p1","attempt":"1","event":"e1"})";

class OurDirectory final : public Directory {
public:
    std::optional<KnownPayment> payment(std::string_view intent_fields,
                                        std::string_view payment_id) const override {
        if (intent_fields != "pi_1" && payment_id != "p1") return std::nullopt;
        return known;
    }
    std::optional<domain::StoredCardId> card(std::string_view payment_method) const override {
        if (payment_method != "pm_1") return std::nullopt;
        return domain::StoredCardId{"c1"};
    }
    KnownPayment known{{"p1"}, 1, false};
};

std::string event(const std::string& type, const std::string& object, const std::string& key = "") {
    return R"({"id":"evt_1","object":"event","livemode":false,"type":")" + type +
           R"(","api_version":"2026-10-28.endive","request":{"id":"req_1","idempotency_key":)" +
           (key.empty() ? "null" : "\"" + key + "\"") + R"(},"data":{"object":{)" + object + "}}}";
}

// All a message leads to, in its order. As it came and as it was kept it means the same.
std::vector<std::string> means(const std::string& body, const OurDirectory& directory = {}) {
    const auto lines = [&](const std::string& text) {
        const Meaning found = meaning(text, directory);
        std::vector<std::string> all = words_of(found.commands);
        for (const Effect& reading : found.readings)
            all.push_back(words_of(begin(reading, {})).front() + " for " + reading.id);
        all.push_back(words_of(found.last));
        return all;
    };
    const auto received = receive(body, now, now, false);
    EXPECT_TRUE(received) << body;
    if (!received) return {};
    const auto& command = std::get<domain::InboundEventCommand>(received->directive.command);
    const auto as_it_came = lines(body);
    EXPECT_EQ(lines(std::get<domain::ReceiveInboundEvent>(command).body), as_it_came);
    return as_it_came;
}

std::string intent_fields(const std::string& status, const std::string& more = "") {
    return R"("id":"pi_1","object":"payment_intent","currency":"usd","status":")" + status + "\"," +
           ours + more;
}

TEST(StripeWebhook, AMessageIsReceivedUnderItsOwnId) {
    const auto received =
        receive(event("charge.updated", R"("id":"ch_1")"), {now.milliseconds - 5}, now, true);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->directive.stream, "inbound_event-stripe.evt_1");
    EXPECT_FALSE(received->other_version);
    const auto& command = std::get<domain::ReceiveInboundEvent>(
        std::get<domain::InboundEventCommand>(received->directive.command));
    EXPECT_EQ(command.source, "stripe");
    EXPECT_EQ(command.kind, "charge.updated");
    EXPECT_TRUE(command.signature_valid);
    EXPECT_EQ(command.signed_at->milliseconds, now.milliseconds - 5);
    EXPECT_FALSE(command.live);
    EXPECT_TRUE(command.live_expected);
    // The business has the last word on it.
    EXPECT_EQ(decide(domain::InboundEvent{}, command, now).error(),
              domain::InboundEventRejection::mode_mismatch);
}

TEST(StripeWebhook, SecretsAndWhatPeopleTypedAreNotKept) {
    const auto received = receive(
        event("payment_intent.payment_failed",
              R"("id":"pi_1","client_secret":"pi_1_secret_x","receipt_email":"a@example.com",
                 "description":"for my wife","next_action":{"type":"redirect_to_url",
                 "redirect_to_url":{"url":"https://hooks.stripe.com/x"}},
                 "last_payment_error":{"message":"Dear John","payment_method":{"id":"pm_1",
                 "billing_details":{"name":"John","address":{"line1":"Street 1"}},
                 "card":{"last4":"4242","fingerprint":"fp_1"}}})"),
        now, now, false);
    ASSERT_TRUE(received);
    const auto& kept = std::get<domain::ReceiveInboundEvent>(
                           std::get<domain::InboundEventCommand>(received->directive.command))
                           .body;
    for (const char* secret : {"secret", "example.com", "wife", "John", "Street", "fp_1", "hooks"})
        EXPECT_THAT(kept, Not(HasSubstr(secret)));
    EXPECT_THAT(kept, HasSubstr("redirect_to_url"));
}

TEST(StripeWebhook, WhatIsNoEventIsRefused) {
    for (const char* body :
         {"", "{", "[]", "{}",
          R"({"id":"evt_1","object":"v2.core.event","type":"a","livemode":true})",
          R"({"id":"evt_1","object":"event","type":"a"})",
          R"({"id":"","object":"event","type":"a","livemode":true})",
          R"({"id":"evt 1","object":"event","type":"a","livemode":true})",
          R"({"id":7,"object":"event","type":"a","livemode":true})",
          R"({"id":"evt_1","object":"event","type":"A b","livemode":true})",
          R"({"id":"evt_1","object":"event","type":"a","livemode":"true"})"})
        EXPECT_FALSE(receive(body, now, now, true)) << body;
    EXPECT_FALSE(receive(std::string(100'000, '['), now, now, true));
    EXPECT_EQ(receive(std::string(message_bytes_max + 1, ' '), now, now, true).error(),
              MessageFault::too_large);
    const auto older =
        receive(R"({"id":"evt_1","object":"event","type":"a","livemode":true})", now, now, true);
    ASSERT_TRUE(older);
    EXPECT_TRUE(older->other_version);
}

TEST(StripeWebhook, UnknownKindsMeanNothing) {
    EXPECT_THAT(means(event("customer.tax_id.created", R"("id":"txi_1")")), ElementsAre(applied));
    EXPECT_THAT(means(event("payment_intent.created", intent_fields("requires_payment_method"))),
                ElementsAre(applied));
    EXPECT_THAT(means(event("charge.a_kind_of_next_year", ours)), ElementsAre(applied));
    EXPECT_THAT(means(event("payment_intent.succeeded", R"("id":"pi_9","status":"succeeded")")),
                ElementsAre(applied)); // Somebody else's.
}

TEST(StripeWebhook, AnIntentSaysWhatBecameOfThePayment) {
    EXPECT_THAT(means(event("payment_intent.succeeded",
                            intent_fields("succeeded", R"(,"amount_received":1000)"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=charged "
                            "provider_reference=pi_1 amount=1000usd",
                            applied));
    EXPECT_THAT(means(event("payment_intent.canceled", intent_fields("canceled"))),
                ElementsAre("payment-p1 payment.expire_hold",
                            "payment-p1 payment.record_outcome outcome=declined "
                            "provider_reference=pi_1 reason=payment_intent_canceled "
                            "advice=do_not_try_again",
                            applied));
    EXPECT_THAT(means(event("payment_intent.canceled", intent_fields("canceled"), "p1/1/cancel")),
                ElementsAre(applied));
    EXPECT_THAT(
        means(event("payment_intent.requires_action",
                    intent_fields("requires_action", R"(,"next_action":{"type":"use_stripe_sdk"})"),
                    "p1/1/confirm")),
        ElementsAre("payment-p1 payment.record_outcome outcome=action_required attempt=1 "
                    "provider_reference=pi_1 action=use_stripe_sdk",
                    applied));
}

TEST(StripeWebhook, AHoldIsOnlyRecordedWithItsEnd) {
    const std::string held = intent_fields("requires_capture", R"(,"amount_capturable":1000)");
    EXPECT_THAT(means(event("payment_intent.amount_capturable_updated",
                            held + R"(,"latest_charge":"ch_1")")),
                ElementsAre("GET /v1/payment_intents/pi_1 for p1", applied));
    EXPECT_THAT(means(event("payment_intent.amount_capturable_updated",
                            held + R"(,"latest_charge":{"id":"ch_1","payment_method_details":
                                {"card":{"capture_before":1800410400}}})")),
                ElementsAre("payment-p1 payment.record_outcome outcome=held "
                            "provider_reference=pi_1 amount=1000usd capture_before=1800410400000",
                            applied));
    EXPECT_THAT(means(event("charge.succeeded", R"("id":"ch_1","captured":false,"amount":1000,
            "currency":"usd","payment_intent":"pi_1","payment_method_details":
            {"card":{"capture_before":1800410400}},)" +
                                                    ours)),
                ElementsAre("payment-p1 payment.record_outcome outcome=held "
                            "provider_reference=pi_1 amount=1000usd capture_before=1800410400000",
                            applied));
    EXPECT_THAT(means(event("charge.expired", ours)),
                ElementsAre("payment-p1 payment.expire_hold", applied));
}

TEST(StripeWebhook, AFailureIsOfTheAttemptThatFailed) {
    const std::string failed =
        intent_fields("requires_payment_method",
                      R"(,"last_payment_error":{"code":"card_declined","decline_code":"lost_card",
                   "advice_code":"do_not_try_again"})");
    const std::string kind = "payment_intent.payment_failed";
    const std::string first = "payment-p1 payment.record_outcome outcome=declined attempt=1 "
                              "provider_reference=pi_1 reason=lost_card advice=do_not_try_again";
    OurDirectory directory;
    EXPECT_THAT(means(event(kind, failed)), ElementsAre(first, applied));
    directory.known.attempt = 2;
    EXPECT_THAT(means(event(kind, failed, "p1/1/confirm"), directory), ElementsAre(first, applied));
    // Nobody says which one: what is so now is asked for.
    for (const char* key : {"", "p1/x/confirm", "p1/0/confirm", "p10/1/confirm", "p1/1/capture"})
        EXPECT_THAT(means(event(kind, failed, key), directory),
                    ElementsAre("GET /v1/payment_intents/pi_1 for p1", applied));
}

TEST(StripeWebhook, WhatIsReadIsOfTheLatestAttemptOnlyWhenThatWasAnswered) {
    Effect reading;
    reading.id = "p1";
    reading.what = Reading{Operation::read_intent, "pi_1"};
    const Answer failed = answer(200, "{" + intent_fields("requires_payment_method") + "}");
    EXPECT_THAT(words_of(after(reading, failed)), IsEmpty());
    EXPECT_THAT(
        words_of(
            after(reading,
                  answer(200, "{" + intent_fields("succeeded", R"(,"amount_received":5)") + "}"))),
        ElementsAre("payment-p1 payment.record_outcome outcome=charged "
                    "provider_reference=pi_1 amount=5usd"));
    reading.waits_for_payer = true;
    EXPECT_THAT(words_of(after(reading, failed)),
                ElementsAre("payment-p1 payment.record_outcome outcome=declined "
                            "provider_reference=pi_1 reason=not_confirmed "
                            "advice=try_again_later"));
}

TEST(StripeWebhook, ACapturedChargeBringsItsFee) {
    const std::string charge = R"("id":"ch_1","captured":true,"amount_captured":1000,
        "currency":"usd","payment_intent":"pi_1",)" +
                               ours;
    const std::string taken = "payment-p1 payment.record_outcome outcome=charged "
                              "provider_reference=pi_1 amount=1000usd";
    for (const char* kind : {"charge.captured", "charge.updated", "charge.succeeded"}) {
        EXPECT_THAT(means(event(kind, charge)), ElementsAre(taken, applied));
        EXPECT_THAT(means(event(kind, charge + R"(,"balance_transaction":"txn_1")")),
                    ElementsAre(taken, "GET /v1/balance_transactions/txn_1 for p1", applied));
        EXPECT_THAT(means(event(kind, charge + R"(,"balance_transaction":
                        {"id":"txn_1","fee":59,"currency":"usd"})")),
                    ElementsAre(taken, "payment-p1 payment.record_card_fee fee=59usd", applied));
    }
    Effect fee;
    fee.id = "p1";
    fee.what = Reading{Operation::read_fee, "txn_1"};
    EXPECT_THAT(words_of(after(fee, answer(200, R"({"fee":59,"currency":"usd"})"))),
                ElementsAre("payment-p1 payment.record_card_fee fee=59usd"));
}

TEST(StripeWebhook, RefundsAreKnownByTheirNumber) {
    const std::string refund =
        R"("id":"re_1","payment_intent":"pi_1","metadata":{"payment":"p1","refund":"2"},)";
    EXPECT_THAT(means(event("refund.updated", refund + R"("status":"succeeded")")),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=2 outcome=succeeded",
                            applied));
    EXPECT_THAT(means(event("refund.failed", refund + R"("status":"failed",
            "failure_reason":"expired_or_canceled_card")")),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=2 outcome=failed "
                            "reason=expired_or_canceled_card",
                            applied));
    EXPECT_THAT(means(event("charge.refunded", R"("id":"ch_1","payment_intent":"pi_1",)" + ours)),
                ElementsAre("GET /v1/refunds for p1", applied));
    EXPECT_THAT(means(event("refund.created", R"("id":"re_1","payment_intent":"pi_1",
            "status":"succeeded","metadata":{})")),
                ElementsAre("inbound_event-stripe.evt_1 inbound_event.park "
                            "reason=a refund that is not ours"));
    EXPECT_THAT(means(event("refund.created", R"("id":"re_1","payment_intent":"pi_9")")),
                ElementsAre(applied));
    Effect reading;
    reading.id = "p1";
    reading.what = Reading{Operation::read_refunds, "pi_1"};
    EXPECT_THAT(words_of(after(reading, answer(200, R"({"data":[{"status":"succeeded",
            "metadata":{"payment":"p1","refund":"1"}}]})"))),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=1 "
                            "outcome=succeeded"));
    EXPECT_THAT(words_of(after(reading, answer(200, R"({"data":[{"status":"succeeded"}]})"))),
                ElementsAre("park: a refund that is not ours"));
}

TEST(StripeWebhook, ADisputeIsOpenUntilItIsDecided) {
    const auto dispute = [](const std::string& status) {
        return R"("id":"du_1","payment_intent":"pi_1","amount":1000,"currency":"usd",
            "reason":"fraudulent","evidence_details":{"due_by":1800500000},"status":")" +
               status + "\"";
    };
    const std::string opened = "payment-p1 payment.record_dispute dispute=du_1 amount=1000usd "
                               "reason=fraudulent evidence_due=1800500000000";
    for (const char* kind :
         {"charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated"})
        EXPECT_THAT(means(event(kind, dispute("needs_response"))), ElementsAre(opened, applied));
    for (const char* outcome : {"won", "lost"})
        EXPECT_THAT(means(event("charge.dispute.closed", dispute(outcome))),
                    ElementsAre(opened,
                                std::string{"payment-p1 payment.record_dispute_outcome "
                                            "dispute=du_1 outcome="} +
                                    outcome,
                                applied));
    EXPECT_THAT(means(event("charge.dispute.funds_reinstated", dispute("won"))),
                ElementsAre(opened,
                            "payment-p1 payment.record_dispute_outcome dispute=du_1 outcome=won",
                            applied));
    // No money has moved: a person decides what to tell the bank.
    EXPECT_THAT(means(event("charge.dispute.created", dispute("warning_needs_response"))),
                ElementsAre("inbound_event-stripe.evt_1 inbound_event.park "
                            "reason=a bank asks about a payment"));
    EXPECT_THAT(means(event("charge.dispute.closed", dispute("warning_closed"))),
                ElementsAre(applied));
    EXPECT_THAT(means(event("charge.dispute.created", dispute("new"))),
                ElementsAre(HasSubstr("inbound_event.park reason=it cannot be read")));
    EXPECT_THAT(means(event("charge.dispute.created", R"("id":"du_1","payment_intent":"pi_9",
            "status":"needs_response")")),
                ElementsAre("inbound_event-stripe.evt_1 inbound_event.park "
                            "reason=the payment is not known yet"));
}

TEST(StripeWebhook, AWarningIsRecorded) {
    EXPECT_THAT(means(event("radar.early_fraud_warning.created", R"("id":"issfr_1",
            "payment_intent":"pi_1","fraud_type":"misc")")),
                ElementsAre("payment-p1 payment.record_fraud_warning warning=issfr_1 reason=misc",
                            applied));
}

TEST(StripeWebhook, ASetupSaysWhatBecameOfTheCard) {
    const std::string setup = R"("id":"seti_1","customer":"cus_1","payment_method":"pm_1",
        "metadata":{"card":"c1"},"status":)";
    EXPECT_THAT(means(event("setup_intent.succeeded", setup + R"("succeeded")")),
                ElementsAre("GET /v1/setup_intents/seti_1 for c1", applied));
    Effect reading;
    reading.id = "c1";
    reading.what = Reading{Operation::read_setup, "seti_1"};
    EXPECT_THAT(words_of(after(reading, answer(200, R"({"id":"seti_1","customer":"cus_1",
            "status":"succeeded","payment_method":{"id":"pm_1","card":{"brand":"visa",
            "last4":"4242","exp_month":12,"exp_year":2030}}})"))),
                ElementsAre("card-c1 card.record_setup_outcome outcome=attached "
                            "provider_reference=seti_1 payment_method=pm_1 customer=cus_1 "
                            "face=visa/4242/12/2030"));
    EXPECT_THAT(means(event("setup_intent.setup_failed", setup + R"("requires_payment_method",
            "last_setup_error":{"code":"setup_intent_authentication_failure"})")),
                ElementsAre("card-c1 card.record_setup_outcome outcome=failed "
                            "provider_reference=seti_1 customer=cus_1 "
                            "reason=setup_intent_authentication_failure",
                            applied));
    EXPECT_THAT(means(event("setup_intent.canceled", setup + R"("canceled")")),
                ElementsAre("card-c1 card.record_setup_outcome outcome=failed "
                            "provider_reference=seti_1 customer=cus_1 "
                            "reason=setup_intent_canceled",
                            applied));
}

TEST(StripeWebhook, ACardThatChangesIsRecorded) {
    const std::string method = R"("id":"pm_1","card":{"brand":"visa","last4":"4242",
        "exp_month":1,"exp_year":2031})";
    for (const char* kind : {"payment_method.updated", "payment_method.automatically_updated",
                             "payment_method.attached"})
        EXPECT_THAT(means(event(kind, method)),
                    ElementsAre("card-c1 card.record_update face=visa/4242/1/2031", applied));
    EXPECT_THAT(means(event("payment_method.detached", method)),
                ElementsAre("card-c1 card.remove active_subscriptions=0", applied));
    EXPECT_THAT(means(event("payment_method.updated", R"("id":"pm_9")")), ElementsAre(applied));
}

} // namespace
} // namespace tests::stripe
