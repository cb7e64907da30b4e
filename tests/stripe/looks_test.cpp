// When an answer was not clear: what is seen at Stripe decides, and nothing is done twice.

#include "tests/stripe/effects.hpp"

namespace tests::stripe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Answer stored_error = answer(500, "{}", {{"Idempotent-Replayed", "true"}});
const Answer wrong_state =
    answer(400, R"({"error":{"code":"payment_intent_unexpected_state","payment_intent":
        {"id":"pi_1","status":"requires_capture"}}})");

std::string intent_object(const std::string& status, const std::string& more = "") {
    return R"({"id":"pi_1","currency":"usd","status":")" + status +
           R"(","metadata":{"payment":"p1","attempt":"1"})" + more + "}";
}
std::string found(const std::string& object) { return R"({"data":[)" + object + "]}"; }

// What `first` says leads to a look, which finds `seen`.
std::vector<std::string> seen_after(const Effect& effect, const Answer& first,
                                    const std::string& seen, const Standing& standing = {}) {
    const Step look = step_of(after(effect, first, standing));
    EXPECT_EQ(look.request.verb, gateways::http::Verb::get);
    return words_of(conclude(effect, look, answer(200, seen), standing));
}
// Past the life of its key an effect begins with a look.
std::vector<std::string> seen_late(const Effect& effect, const std::string& seen,
                                   milliseconds age = 24h) {
    return words_of(after(effect, answer(200, seen), {5, age}));
}

const std::string held = intent_object("requires_capture", R"(,"amount_capturable":1000)");
const std::string charged = intent_object("succeeded", R"(,"amount_received":1000)");
const std::string held_1 = "payment-p1 payment.record_outcome outcome=held attempt=1 "
                           "provider_reference=pi_1 amount=1000usd";

TEST(StripeLooks, AnIntentThatIsFoundIsTheOutcome) {
    const Effect effect = payment_effect(request());
    EXPECT_THAT(seen_after(effect, stored_error, found(held)), ElementsAre(held_1));
    EXPECT_THAT(seen_late(effect, found(held)), ElementsAre(held_1));
    EXPECT_THAT(seen_after(intent_effect(request(2)), wrong_state, charged),
                ElementsAre("payment-p1 payment.record_outcome outcome=charged attempt=2 "
                            "provider_reference=pi_1 amount=1000usd"));
}

TEST(StripeLooks, AnIntentThatNobodyConfirmedIsDeclined) {
    EXPECT_THAT(seen_after(payment_effect(request()), stored_error,
                           found(intent_object("requires_confirmation"))),
                ElementsAre("payment-p1 payment.record_outcome outcome=declined attempt=1 "
                            "provider_reference=pi_1 reason=not_confirmed "
                            "advice=try_again_later"));
}

TEST(StripeLooks, AnIntentThatIsNotFoundIsNeverMadeAgain) {
    const Effect effect = payment_effect(request());
    const std::string unknown = "payment-p1 payment.record_outcome outcome=unknown attempt=1";
    EXPECT_THAT(seen_after(effect, stored_error, found("")), ElementsAre(unknown));
    EXPECT_THAT(seen_late(effect, found("")), ElementsAre(unknown));
    EXPECT_THAT(seen_late(effect, found(held + "," + held)),
                ElementsAre("park: the payment has more than one intent"));
    EXPECT_THAT(seen_late(effect, found(R"({"id":"pi_9","metadata":{"payment":"p10"}})")),
                ElementsAre("park: a search found another payment"));
}

TEST(StripeLooks, AnUnknownOutcomeIsLookedUpMoreAndMoreSeldom) {
    const Effect effect = payment_effect(domain::PaymentOutcomeUnknown{1, {}});
    std::vector<std::string> steps;
    for (unsigned tries = 0; tries < 10; ++tries)
        steps.push_back(words_of(after(effect, answer(200, found("")), {tries, 0ms})).front());
    EXPECT_THAT(steps, ElementsAre("repeat after 5000", "repeat after 60000", "repeat after 300000",
                                   "repeat after 3600000", "repeat after 86400000",
                                   "repeat after 86400000", "repeat after 86400000",
                                   "repeat after 86400000", "repeat after 86400000",
                                   "park: the outcome stays unknown"));
    EXPECT_THAT(words_of(after(effect, answer(200, found(held)))), ElementsAre(held_1));
    const Effect named = payment_effect(domain::PaymentOutcomeUnknown{1, "pi_1"});
    EXPECT_THAT(words_of(after(named, answer(200, intent_object("processing")))),
                ElementsAre("repeat after 5000"));
    EXPECT_THAT(words_of(after(named, answer(200, held))), ElementsAre(held_1));
}

TEST(StripeLooks, ASecondAttemptThatMadeTheIntentIsNotConfirmedAgain) {
    const Effect effect = payment_effect(request(2, "pm_2"));
    EXPECT_THAT(words_of(after(effect, answer(200, found(R"({"id":"pi_1","currency":"usd",
            "status":"requires_capture","amount_capturable":1000,
            "metadata":{"payment":"p1","attempt":"2"}})")))),
                ElementsAre("payment-p1 payment.record_outcome outcome=held attempt=2 "
                            "provider_reference=pi_1 amount=1000usd"));
}

TEST(StripeLooks, ACaptureIsSeenInTheIntent) {
    const Effect effect = intent_effect(domain::CaptureRequested{1, usd(1000)});
    const std::string captured =
        "payment-p1 payment.record_capture_outcome outcome=captured capture=1 amount=1000usd";
    EXPECT_THAT(seen_after(effect, stored_error, charged), ElementsAre(captured));
    EXPECT_THAT(seen_after(effect, wrong_state, charged), ElementsAre(captured));
    EXPECT_THAT(seen_late(effect, charged), ElementsAre(captured));
    // Not yet sure that it will not be.
    EXPECT_THAT(seen_after(effect, stored_error, held), ElementsAre("repeat after 60000"));
    EXPECT_THAT(seen_after(effect, stored_error, held, {9, 10min}),
                ElementsAre("payment-p1 payment.record_capture_outcome outcome=failed capture=1 "
                            "reason=provider_error"));
    EXPECT_THAT(seen_late(effect, held),
                ElementsAre("POST /v1/payment_intents/pi_1/capture p1/1/capture"));
    EXPECT_THAT(seen_after(effect, wrong_state, intent_object("canceled")),
                ElementsAre("payment-p1 payment.record_capture_outcome outcome=failed capture=1 "
                            "reason=payment_intent_canceled",
                            "payment-p1 payment.expire_hold"));
}

TEST(StripeLooks, AVoidEndsWithNothingHeld) {
    const Effect effect = intent_effect(domain::PaymentVoided{});
    EXPECT_THAT(seen_after(effect, wrong_state, intent_object("canceled")), IsEmpty());
    EXPECT_THAT(seen_after(effect, stored_error, held), ElementsAre("repeat after 600000"));
    EXPECT_THAT(seen_late(effect, held),
                ElementsAre("POST /v1/payment_intents/pi_1/cancel p1/1/cancel"));
    EXPECT_THAT(seen_after(effect, wrong_state, charged),
                ElementsAre("payment-p1 payment.record_outcome outcome=charged "
                            "provider_reference=pi_1 amount=1000usd"));
    // Nobody knows of an intent_object: there may be one that a search does not show yet.
    const Effect blind = payment_effect(domain::PaymentVoided{});
    EXPECT_THAT(words_of(after(blind, answer(200, found("")), {0, 59min})),
                ElementsAre("repeat after 300000"));
    EXPECT_THAT(words_of(after(blind, answer(200, found("")), {0, 1h})), IsEmpty());
    EXPECT_THAT(words_of(after(blind, answer(200, found(held)), {0, 1h})),
                ElementsAre("POST /v1/payment_intents/pi_1/cancel p1/1/cancel"));
}

TEST(StripeLooks, ARefundIsFoundByItsNumber) {
    const Effect effect = intent_effect(domain::RefundRequested{2, usd(100), {}});
    const std::string first = R"({"status":"succeeded","metadata":{"payment":"p1","refund":"1"}})";
    const std::string second = R"({"status":"pending","metadata":{"payment":"p1","refund":"2"}})";
    const std::string other = R"({"status":"failed","metadata":{}})";
    EXPECT_THAT(seen_after(effect, stored_error, found(other + "," + first + "," + second)),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=2 outcome=pending"));
    EXPECT_THAT(seen_after(effect, stored_error, found(first)), ElementsAre("repeat after 60000"));
    EXPECT_THAT(seen_after(effect, stored_error, found(first), {9, 10min}),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=2 outcome=failed "
                            "reason=provider_error"));
    EXPECT_THAT(seen_after(effect, answer(400, R"({"error":{"code":"charge_already_refunded"}})"),
                           found(first)),
                ElementsAre("payment-p1 payment.record_refund_outcome refund=2 outcome=failed "
                            "reason=charge_already_refunded"));
    EXPECT_THAT(seen_late(effect, found(first)), ElementsAre("POST /v1/refunds p1/2/refund"));
    EXPECT_THAT(seen_late(effect, R"({"data":[],"has_more":true})"),
                ElementsAre("park: more refunds than can be looked through"));
}

TEST(StripeLooks, ARefundOfAPaymentWhoseIntentWasForgottenFindsIt) {
    const Effect effect = payment_effect(domain::RefundRequested{1, usd(100), {}});
    const Verdict next = after(effect, answer(200, found(charged)));
    EXPECT_THAT(words_of(next), ElementsAre("POST /v1/refunds p1/1/refund"));
    // What is learned on the way is known to the end.
    EXPECT_THAT(words_of(conclude(effect, step_of(next), stored_error, {})),
                ElementsAre("GET /v1/refunds"));
    EXPECT_THAT(words_of(after(effect, answer(200, found("")), {0, 1h})),
                ElementsAre("park: the payment's intent is not found"));
}

TEST(StripeLooks, ADisputeThatIsOverIsItsOutcome) {
    const Effect accepted = intent_effect(domain::DisputeAccepted{{"du_1"}});
    const Answer refused = answer(400, R"({"error":{"type":"invalid_request_error"}})");
    const std::string lost = R"({"id":"du_1","status":"lost","amount":1000,"currency":"usd",
        "reason":"fraudulent","evidence_details":{"due_by":1800000000}})";
    const auto is_lost = ElementsAre(
        "payment-p1 payment.record_dispute dispute=du_1 amount=1000usd reason=fraudulent "
        "evidence_due=1800000000000",
        "payment-p1 payment.record_dispute_outcome dispute=du_1 outcome=lost");
    EXPECT_THAT(words_of(after(accepted, answer(200, lost))), is_lost);
    EXPECT_THAT(seen_after(accepted, refused, lost), is_lost);
    EXPECT_THAT(seen_after(accepted, refused, R"({"id":"du_1","status":"needs_response",
            "amount":1000,"currency":"usd"})"),
                ElementsAre("park: the dispute is open, and yet not to be answered: refused"));

    Effect evidence = intent_effect(domain::EvidenceSubmitted{{"du_1"}, "vault/7"});
    evidence.evidence = "text";
    const std::string reviewed =
        R"({"id":"du_1","status":"under_review","amount":1000,"currency":"usd"})";
    EXPECT_THAT(words_of(after(evidence, answer(200, reviewed))), IsEmpty());
    EXPECT_THAT(seen_after(evidence, stored_error, reviewed), IsEmpty());
    EXPECT_THAT(seen_late(evidence, R"({"id":"du_1","status":"needs_response","amount":1000,
            "currency":"usd"})"),
                ElementsAre("POST /v1/disputes/du_1 p1/e1/evidence"));
}

TEST(StripeLooks, ACardThatWasAttachedWhileItsSetupWasGivenUpIsDetached) {
    domain::CardRemoved removed;
    removed.provider_reference = "seti_1";
    const Answer refused = answer(400, R"({"error":{"code":"setup_intent_unexpected_state"}})");
    EXPECT_THAT(
        seen_after(card_effect(removed), refused,
                   R"({"id":"seti_1","status":"succeeded","payment_method":{"id":"pm_1"}})"),
        ElementsAre("POST /v1/payment_methods/pm_1/detach c1/1/detach"));
    EXPECT_THAT(seen_after(card_effect(removed), refused, R"({"status":"canceled"})"), IsEmpty());
}

TEST(StripeLooks, ALookThatFailsIsRepeated) {
    const Effect effect = intent_effect(domain::PaymentOutcomeUnknown{1, {}});
    EXPECT_THAT(words_of(after(effect, stored_error)), ElementsAre("repeat after 500"));
    EXPECT_THAT(words_of(after(effect, answer(404, R"({"error":{"code":"resource_missing"}})"))),
                ElementsAre("park: Stripe refused with 404 resource_missing"));
}

} // namespace
} // namespace tests::stripe
