// Payments against the sandbox. Whatever happens on the way, there is one intent and one charge.

#include "domain/card.hpp"
#include "tests/stripe/shop.hpp"

namespace tests::stripe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

class StripePayments : public Shop {
protected:
    void expect_one_charge(std::int64_t cents) {
        EXPECT_EQ(intents(), 1U);
        EXPECT_EQ(charges(), 1U);
        EXPECT_EQ(charged(), cents);
    }
};

TEST_F(StripePayments, AreHeldCapturedAndBooked) {
    request_payment("pm_card_visa");
    EXPECT_EQ(status(), "held");
    EXPECT_EQ(payment_.capture_before->milliseconds, (start_seconds + 7 * 86'400) * 1000);
    EXPECT_EQ(charged(), 0);
    tell(domain::CapturePayment{});
    EXPECT_EQ(status(), "captured");
    EXPECT_EQ(*payment_.card_fee, usd(59));
    expect_one_charge(1000);
    EXPECT_THAT(keys, IsSupersetOf({"p1/1/confirm", "p1/1/capture"}));
    const domain::Payment before = payment_;
    hear();
    EXPECT_EQ(payment_, before); // All of it was known.
    EXPECT_THAT(parked, IsEmpty());
    EXPECT_THAT(refusals, testing::Each("outcome_older_than_state"));
}

TEST_F(StripePayments, AreChargedAtOnceWhenAsked) {
    request_payment("pm_card_visa", true);
    EXPECT_EQ(status(), "captured");
    EXPECT_EQ(*payment_.card_fee, usd(59));
    expect_one_charge(1000);
}

TEST_F(StripePayments, AreCapturedInPart) {
    request_payment("pm_card_visa");
    tell(domain::CapturePayment{usd(400)});
    EXPECT_EQ(payment_.captured, usd(400));
    expect_one_charge(400);
    tell(domain::CapturePayment{});
    EXPECT_THAT(refusals, ElementsAre("already_captured"));
}

TEST_F(StripePayments, ThatAreDeclinedGoOnWithAnotherCardAndItsChallenge) {
    request_payment("pm_card_chargeCustomerFail");
    EXPECT_EQ(status(), "declined");
    EXPECT_EQ(payment_.reason, "generic_decline");
    tell(domain::ConfirmPayment{{"pm_card_threeDSecure2Required"}});
    EXPECT_EQ(status(), "action_required");
    EXPECT_EQ(payment_.action, "use_stripe_sdk");
    control("challenges/" + *payment_.provider_reference, {{"outcome", "succeeded"}});
    hear(true);
    EXPECT_EQ(status(), "held");
    EXPECT_TRUE(payment_.capture_before);
    tell(domain::CapturePayment{});
    EXPECT_EQ(status(), "captured");
    expect_one_charge(1000);
    EXPECT_THAT(keys, IsSupersetOf({"p1/1/confirm", "p1/2/confirm"}));
    EXPECT_THAT(parked, IsEmpty());
}

TEST_F(StripePayments, WhoseChallengeFailsAreDeclinedAndAThirdCardIsTheLast) {
    request_payment("pm_card_chargeCustomerFail");
    tell(domain::ConfirmPayment{{"pm_card_threeDSecure2Required"}});
    hear();
    EXPECT_EQ(status(), "action_required"); // What the first card did is old.
    control("challenges/" + *payment_.provider_reference, {{"outcome", "failed"}});
    hear();
    EXPECT_EQ(status(), "declined");
    EXPECT_EQ(payment_.reason, "payment_intent_authentication_failure");
    tell(domain::ConfirmPayment{{"pm_card_chargeCustomerFail"}});
    EXPECT_EQ(status(), "declined");
    tell(domain::ConfirmPayment{{"pm_card_visa"}});
    EXPECT_EQ(refusals.back(), "attempts_exhausted");
    EXPECT_EQ(intents(), 1U);
    EXPECT_EQ(charges(), 0U);
}

TEST_F(StripePayments, WithoutTheirPayerAreDeclinedWhenHeMustAct) {
    customer_ = customer();
    const std::string card = saved_card(*customer_, "pm_card_authenticationRequired");
    off_session_ = true;
    request_payment(card.c_str());
    EXPECT_EQ(status(), "declined");
    EXPECT_EQ(payment_.reason, "authentication_required");
}

TEST_F(StripePayments, ThatAreVoidedHoldNothing) {
    request_payment("pm_card_visa");
    tell(domain::VoidPayment{});
    EXPECT_EQ(get("/v1/payment_intents/" + *payment_.provider_reference).text("/status"),
              "canceled");
    const domain::Payment before = payment_;
    hear(true);
    EXPECT_EQ(payment_, before);
    EXPECT_EQ(charged(), 0);
    EXPECT_THAT(parked, IsEmpty());
}

TEST_F(StripePayments, WhoseHoldRanOutFailToBeCapturedAndSaySo) {
    request_payment("pm_card_visa");
    payment_.capture_before.reset(); // As if nobody had been told.
    pass(std::chrono::days{8});
    tell(domain::CapturePayment{});
    EXPECT_EQ(status(), "hold_expired");
    EXPECT_EQ(charged(), 0);
}

TEST_F(StripePayments, AreGivenBackInParts) {
    request_payment("pm_card_visa", true);
    tell(domain::RequestRefund{usd(300), {}});
    tell(domain::RequestRefund{usd(700), {}});
    EXPECT_EQ(status(), "refunded");
    EXPECT_EQ(refunded(), 1000);
    hear(true);
    EXPECT_EQ(status(), "refunded");
    EXPECT_THAT(parked, IsEmpty());
}

TEST_F(StripePayments, WhoseRefundFailsLaterAreCapturedAgain) {
    request_payment("pm_card_refundFail", true);
    tell(domain::RequestRefund{usd(1000), {}});
    EXPECT_EQ(status(), "refunded");
    pass(2s);
    hear();
    EXPECT_EQ(status(), "captured");
    EXPECT_EQ(payment_.refunds.at(0).reason, "expired_or_canceled_card");
}

TEST_F(StripePayments, WhoseRefundWaitsAreRefundedInTheEnd) {
    request_payment("pm_card_pendingRefund", true);
    tell(domain::RequestRefund{usd(1000), {}});
    EXPECT_EQ(status(), "captured");
    EXPECT_EQ(payment_.refunds_pending, usd(1000));
    pass(2s);
    hear();
    EXPECT_EQ(status(), "refunded");
}

TEST_F(StripePayments, AreDisputedAndLost) {
    request_payment("pm_card_createDispute", true);
    pass(2s);
    hear();
    ASSERT_TRUE(payment_.dispute);
    EXPECT_EQ(payment_.dispute->reason, "fraudulent");
    tell(domain::AcceptDispute{});
    EXPECT_EQ(payment_.dispute->status, domain::DisputeStatus::lost);
    EXPECT_EQ(payment_.lost, usd(1000));
    const domain::Payment before = payment_;
    hear(true);
    EXPECT_EQ(payment_, before);
}

TEST_F(StripePayments, AreDisputedAndWon) {
    request_payment("pm_card_createDisputeProductNotReceived", true);
    pass(2s);
    hear();
    tell(domain::SubmitEvidence{"vault/7"});
    EXPECT_EQ(payment_.dispute->status, domain::DisputeStatus::open);
    pass(2s);
    hear(true);
    EXPECT_EQ(payment_.dispute->status, domain::DisputeStatus::won);
    EXPECT_THAT(parked, IsEmpty());
}

TEST_F(StripePayments, ThatABankOnlyAsksAboutAreForAPerson) {
    request_payment("pm_card_createDisputeInquiry", true);
    pass(2s);
    hear();
    EXPECT_FALSE(payment_.dispute);
    EXPECT_THAT(parked, ElementsAre("a bank asks about a payment"));
}

TEST_F(StripePayments, AreWarnedOf) {
    request_payment("pm_card_createIssuerFraudRecord", true);
    pass(2s);
    hear();
    EXPECT_TRUE(payment_.fraud_warning);
}

// What goes wrong with one request, whichever it is.
struct Trouble {
    const char* kind;
    bool happens = true; // The request is carried out in the end.
    unsigned times = 1;
};
void PrintTo(const Trouble& trouble, std::ostream* out) {
    *out << trouble.kind << " x" << trouble.times;
}

class StripeTrouble : public StripePayments, public testing::WithParamInterface<Trouble> {
protected:
    void meet(const char* operation) const {
        json::object fault{
            {"operation", operation}, {"kind", GetParam().kind}, {"times", GetParam().times}};
        if (std::string_view{GetParam().kind} == "delay") fault["delay_milliseconds"] = 400;
        script(std::move(fault));
    }
};

TEST_P(StripeTrouble, OfAPaymentMakesNoSecondOne) {
    meet("payment_intents.create");
    request_payment("pm_card_visa");
    if (!GetParam().happens) {
        EXPECT_EQ(status(), "unknown");
        EXPECT_EQ(intents(), 0U);
        EXPECT_THAT(parked, ElementsAre("park: the outcome stays unknown"));
        return;
    }
    EXPECT_EQ(status(), "held");
    tell(domain::CapturePayment{});
    expect_one_charge(1000);
    hear(true);
    expect_one_charge(1000);
    EXPECT_EQ(status(), "captured");
    EXPECT_THAT(parked, IsEmpty());
}

TEST_P(StripeTrouble, OfASecondCardMakesNoSecondIntent) {
    request_payment("pm_card_chargeCustomerFail");
    meet("payment_intents.confirm");
    tell(domain::ConfirmPayment{{"pm_card_visa"}});
    EXPECT_EQ(status(), GetParam().happens ? "held" : "declined");
    EXPECT_EQ(intents(), 1U);
    EXPECT_EQ(charges(), GetParam().happens ? 1U : 0U);
}

TEST_P(StripeTrouble, OfACaptureCapturesOnce) {
    request_payment("pm_card_visa");
    meet("payment_intents.capture");
    tell(domain::CapturePayment{});
    if (!GetParam().happens) {
        EXPECT_EQ(status(), "held"); // The next one has another number, and another key.
        EXPECT_EQ(payment_.reason, "provider_error");
        tell(domain::CapturePayment{});
    }
    EXPECT_EQ(status(), "captured");
    expect_one_charge(1000);
}

TEST_P(StripeTrouble, OfAVoidReleasesTheHold) {
    request_payment("pm_card_visa");
    meet("payment_intents.cancel");
    tell(domain::VoidPayment{});
    EXPECT_EQ(get("/v1/payment_intents/" + *payment_.provider_reference).text("/status"),
              "canceled");
}

TEST_P(StripeTrouble, OfARefundGivesBackOnce) {
    request_payment("pm_card_visa", true);
    meet("refunds.create");
    tell(domain::RequestRefund{usd(400), {}});
    EXPECT_EQ(refunded(), GetParam().happens ? 400 : 0);
    EXPECT_EQ(payment_.refunded.minor, refunded());
    EXPECT_EQ(payment_.refunds_pending, usd(0));
}

INSTANTIATE_TEST_SUITE_P(Each, StripeTrouble,
                         testing::Values(Trouble{"rate_limit", true, 3}, Trouble{"conflict"},
                                         Trouble{"cut_before", true, 2}, Trouble{"cut_after"},
                                         Trouble{"timeout_after"}, Trouble{"delay"},
                                         Trouble{"error_after"}, Trouble{"error", false}));

// Everything goes wrong now and then.
class StripeBadDays : public StripePayments, public testing::WithParamInterface<int> {};

TEST_P(StripeBadDays, EndWithOneIntentAndTheSameBooks) {
    json::array rules;
    for (const char* kind : {"rate_limit", "conflict", "cut_before", "cut_after", "error_after"})
        rules.push_back(json::object{{"operation", "*"}, {"kind", kind}, {"per_mille", 120}});
    const sandbox::Reply added = control(
        "faults", {{"seeded", json::object{{"seed", GetParam()}, {"rules", std::move(rules)}}}});
    ASSERT_EQ(added.status, 200U) << added.response.body;
    request_payment("pm_card_visa");
    tell(domain::CapturePayment{});
    tell(domain::RequestRefund{usd(250), {}});
    tell(domain::RequestRefund{usd(750), {}});
    sandbox.faults().clear(); // The books are looked at without them.
    expect_one_charge(1000);
    EXPECT_EQ(status(), "refunded");
    EXPECT_EQ(refunded(), 1000);
    EXPECT_THAT(parked, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, StripeBadDays, testing::Range(1, 25));

TEST_F(StripePayments, WhoseAnswerWasLostForADayAreFoundAndNotMadeAgain) {
    script({{"operation", "payment_intents.create"}, {"kind", "cut_after"}});
    Effect effect = payment_effect(request(1, "pm_card_visa"));
    EXPECT_EQ(transport.send(step_of(begin(effect, {})).request).came, Came::maybe_sent);
    pass(std::chrono::hours{25});
    const Standing late{1, 25h};
    const Step look = step_of(begin(effect, late));
    const auto outcome = words_of(conclude(effect, look, transport.send(look.request), late));
    ASSERT_FALSE(outcome.empty());
    EXPECT_THAT(outcome.front(), HasSubstr("outcome=held attempt=1"));
    EXPECT_EQ(intents(), 1U);
}

TEST_F(StripePayments, ACardIsSetUpUsedAndRemoved) {
    domain::CardSetupStarted started;
    started.account = {"user-a"};
    started.dashboard = {"d1"};
    const auto set_up = carry_out(card_effect(started));
    const auto again = carry_out(card_effect(started)); // The same key, the same customer.
    EXPECT_EQ(words_of(set_up), words_of(again));
    EXPECT_EQ(get("/v1/customers").at("/data").as_array().size(), 1U);
    const auto waiting = std::get<domain::RecordCardSetupOutcome>(
        std::get<domain::CardCommand>(others.front().command));
    EXPECT_EQ(waiting.outcome, domain::CardSetupOutcome::action_required);
    others.clear();
    post("/v1/setup_intents/" + *waiting.provider_reference + "/confirm",
         {{"payment_method", "pm_card_visa"}});
    hear();
    ASSERT_EQ(others.size(), 1U);
    const auto attached = std::get<domain::RecordCardSetupOutcome>(
        std::get<domain::CardCommand>(others.front().command));
    EXPECT_EQ(attached.outcome, domain::CardSetupOutcome::attached);
    EXPECT_EQ(attached.face->last4, "4242");
    customer_ = attached.customer;
    off_session_ = true;
    request_payment(attached.payment_method->value.c_str());
    EXPECT_EQ(status(), "held");
    // Nobody was there: the hold is shorter.
    EXPECT_EQ(payment_.capture_before->milliseconds,
              (start_seconds + 4 * 86'400 + 18 * 3600) * 1000);
    domain::CardRemoved removed;
    removed.payment_method = attached.payment_method;
    carry_out(card_effect(removed));
    EXPECT_TRUE(get("/v1/payment_methods/" + attached.payment_method->value).null("/customer"));
    carry_out(card_effect(removed));
    EXPECT_THAT(parked, IsEmpty());
}

} // namespace
} // namespace tests::stripe
