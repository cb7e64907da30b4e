// Money that goes back: by the merchant, and by the payer's bank.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;

class StripeRefunds : public Stripe {
protected:
    using Stripe::Stripe;

    Reply paid(const char* amount, const char* card = "pm_card_visa") const {
        return post("/v1/payment_intents", payment(amount, card));
    }
    Reply refund(const Reply& payment, Form more = {}) const {
        more.emplace_back("payment_intent", payment.id());
        return post("/v1/refunds", more);
    }
    // What all lines of the books come to.
    std::int64_t balance() const {
        const Reply read = get("/v1/balance");
        return read.number("/available/0/amount") + read.number("/pending/0/amount");
    }
    std::vector<std::string> types_since(std::size_t count) const {
        auto types = event_types();
        types.erase(types.begin(), types.begin() + static_cast<std::ptrdiff_t>(count));
        return types;
    }
};

TEST_F(StripeRefunds, ARefundKeepsTheFee) {
    const Reply payment = paid("1500");
    const std::size_t before = event_types().size();
    const Reply back =
        refund(payment, {{"reason", "requested_by_customer"}, {"metadata[refund]", "r1"}});
    ASSERT_EQ(back.status, 200U) << back.response.body;
    EXPECT_EQ(back.text("/status"), "succeeded");
    EXPECT_EQ(back.number("/amount"), 1500);
    EXPECT_EQ(back.text("/charge"), payment.text("/latest_charge"));
    EXPECT_EQ(balance(), -74);
    const Reply charge =
        get("/v1/charges/" + payment.text("/latest_charge"), {{"expand[]", "refunds"}});
    EXPECT_TRUE(charge.at("/refunded").as_bool());
    EXPECT_EQ(charge.text("/refunds/data/0/id"), back.id());
    EXPECT_THAT(types_since(before), ElementsAre("refund.created", "charge.refunded"));
    EXPECT_EQ(refund(payment).code(), "charge_already_refunded");
}

TEST_F(StripeRefunds, PartsGoBackUntilNothingIsLeft) {
    const Reply payment = paid("1000");
    const std::string charge = "/v1/charges/" + payment.text("/latest_charge");
    EXPECT_EQ(refund(payment, {{"amount", "300"}}).number("/amount"), 300);
    EXPECT_FALSE(get(charge).at("/refunded").as_bool());
    EXPECT_EQ(refund(payment, {{"amount", "701"}}).code(), "amount_too_large");
    EXPECT_EQ(refund(payment, {{"amount", "0"}}).code(), "parameter_invalid_integer");
    EXPECT_EQ(refund(payment).number("/amount"), 700); // What is left.
    EXPECT_TRUE(get(charge).at("/refunded").as_bool());
    EXPECT_EQ(get("/v1/refunds", {{"payment_intent", payment.id()}}).at("/data").as_array().size(),
              2U);
}

TEST_F(StripeRefunds, ARefundMaySucceedLater) {
    const Reply payment = paid("1000", "pm_card_pendingRefund");
    const Reply back = refund(payment);
    EXPECT_EQ(back.text("/status"), "pending");
    EXPECT_EQ(back.text("/pending_reason"), "processing");
    pass(std::chrono::seconds{1});
    EXPECT_EQ(get("/v1/refunds/" + back.id()).text("/status"), "succeeded");
    const Reply event = get("/v1/events", {{"type", "refund.updated"}});
    EXPECT_EQ(event.text("/data/0/data/previous_attributes/status"), "pending");
}

TEST_F(StripeRefunds, ARefundMayFailAfterItSucceeded) {
    const Reply payment = paid("1000", "pm_card_refundFail");
    const Reply back = refund(payment);
    EXPECT_EQ(back.text("/status"), "succeeded");
    EXPECT_EQ(balance(), -59);
    pass(std::chrono::seconds{1});
    const Reply failed =
        get("/v1/refunds/" + back.id(), {{"expand[]", "failure_balance_transaction"}});
    EXPECT_EQ(failed.text("/status"), "failed");
    EXPECT_EQ(failed.text("/failure_reason"), "expired_or_canceled_card");
    EXPECT_EQ(failed.number("/failure_balance_transaction/amount"), 1000);
    EXPECT_EQ(balance(), 941);
    EXPECT_EQ(get("/v1/charges/" + payment.text("/latest_charge")).number("/amount_refunded"), 0);
    EXPECT_EQ(event_types().back(), "refund.failed");
}

TEST_F(StripeRefunds, ATestMayEndARefund) {
    const Reply back = refund(paid("1000"));
    EXPECT_EQ(control("refunds/" + back.id(), {{"outcome", "succeeded"}}).status, 409U);
    const Reply failed =
        control("refunds/" + back.id(), {{"outcome", "failed"}, {"failure_reason", "declined"}});
    EXPECT_EQ(failed.text("/failure_reason"), "declined");
    EXPECT_EQ(control("refunds/" + back.id(), {{"outcome", "failed"}}).status, 409U);
}

TEST_F(StripeRefunds, OnlyCapturedMoneyGoesBack) {
    const Reply held = post("/v1/payment_intents",
                            payment("1000", "pm_card_visa", {{"capture_method", "manual"}}));
    EXPECT_EQ(refund(held).code(), "charge_not_refundable");
    const Reply open = post("/v1/payment_intents", {{"amount", "1000"}, {"currency", "usd"}});
    EXPECT_EQ(refund(open).code(), "payment_intent_unexpected_state");
    EXPECT_EQ(post("/v1/refunds", {{"payment_intent", "pi_nothing"}}).code(), "resource_missing");
    EXPECT_EQ(post("/v1/refunds").code(), "parameter_missing");
    const Reply back = refund(paid("1000"));
    EXPECT_EQ(post("/v1/refunds/" + back.id() + "/cancel").status, 400U);
}

class StripePoorRefunds : public StripeRefunds {
protected:
    static gateways::sandbox::stripe::Terms terms() {
        gateways::sandbox::stripe::Terms terms;
        terms.refunds_need_balance = true;
        return terms;
    }
    StripePoorRefunds() : StripeRefunds{terms()} {}
};

TEST_F(StripePoorRefunds, ARefundNeedsAvailableMoney) {
    const Reply payment = paid("1000");
    EXPECT_EQ(refund(payment).code(), "balance_insufficient");
    pass(std::chrono::days{2});
    EXPECT_EQ(refund(payment, {{"amount", "941"}}).status, 200U);
    EXPECT_EQ(refund(payment, {{"amount", "59"}}).code(), "balance_insufficient");
}

class StripeDisputes : public StripeRefunds {
protected:
    Reply disputed(const Reply& payment, json::object more = {}) const {
        more["payment_intent"] = payment.id();
        return control("disputes", more);
    }
};

TEST_F(StripeDisputes, ADisputeTakesTheMoneyAndAFee) {
    const Reply payment = paid("1000");
    const std::size_t before = event_types().size();
    const Reply dispute = disputed(payment, {{"reason", "product_not_received"}});
    ASSERT_EQ(dispute.status, 200U) << dispute.response.body;
    EXPECT_EQ(dispute.text("/status"), "needs_response");
    EXPECT_EQ(dispute.number("/amount"), 1000);
    EXPECT_EQ(dispute.number("/balance_transactions/0/amount"), -1000);
    EXPECT_EQ(dispute.number("/balance_transactions/0/fee"), 1500);
    EXPECT_EQ(balance(), 941 - 2500);
    EXPECT_THAT(types_since(before),
                ElementsAre("charge.dispute.created", "charge.dispute.funds_withdrawn"));
    EXPECT_TRUE(get("/v1/charges/" + payment.text("/latest_charge")).at("/disputed").as_bool());
    EXPECT_EQ(refund(payment).code(), "charge_disputed");
    EXPECT_EQ(disputed(payment).status, 409U);
    EXPECT_EQ(get("/v1/disputes/" + dispute.id()).body, dispute.body);
}

TEST_F(StripeDisputes, EvidenceMayWin) {
    const Reply payment = paid("1000");
    const Reply dispute = disputed(payment);
    const std::string path = "/v1/disputes/" + dispute.id();
    const Reply kept =
        post(path, {{"evidence[product_description]", "a virtual machine"}, {"submit", "false"}});
    EXPECT_EQ(kept.text("/status"), "needs_response");
    EXPECT_EQ(kept.text("/evidence/product_description"), "a virtual machine");
    EXPECT_EQ(kept.number("/evidence_details/submission_count"), 0);
    const Reply sent = post(path, {{"evidence[uncategorized_text]", "winning_evidence"}});
    EXPECT_EQ(sent.text("/status"), "under_review");
    EXPECT_EQ(sent.number("/evidence_details/submission_count"), 1);
    const std::size_t before = event_types().size();
    pass(std::chrono::seconds{1});
    const Reply won = get(path);
    EXPECT_EQ(won.text("/status"), "won");
    EXPECT_EQ(won.number("/balance_transactions/1/amount"), 1000);
    EXPECT_EQ(balance(), 941 - 1500);
    EXPECT_THAT(types_since(before),
                ElementsAre("charge.dispute.closed", "charge.dispute.funds_reinstated"));
    EXPECT_EQ(post(path, {{"evidence[uncategorized_text]", "more"}}).status, 400U);
}

TEST_F(StripeDisputes, EvidenceMayLoseAndSoMaySilence) {
    const Reply answered = disputed(paid("1000"));
    post("/v1/disputes/" + answered.id(), {{"evidence[uncategorized_text]", "losing_evidence"}});
    const Reply silent = disputed(paid("2000"));
    pass(std::chrono::days{7} - std::chrono::seconds{1});
    EXPECT_EQ(get("/v1/disputes/" + answered.id()).text("/status"), "lost");
    EXPECT_EQ(get("/v1/disputes/" + silent.id()).text("/status"), "needs_response");
    pass(std::chrono::seconds{1});
    EXPECT_EQ(get("/v1/disputes/" + silent.id()).text("/status"), "lost");
    EXPECT_EQ(balance(), 1000 - 59 - 2500 + 2000 - 88 - 3500);
}

TEST_F(StripeDisputes, ADisputeMayBeAccepted) {
    const Reply dispute = disputed(paid("1000"));
    const std::string path = "/v1/disputes/" + dispute.id();
    EXPECT_EQ(post(path + "/close").text("/status"), "lost");
    EXPECT_EQ(post(path + "/close").status, 400U);
    EXPECT_EQ(control("disputes/" + dispute.id(), {{"outcome", "won"}}).status, 409U);
}

TEST_F(StripeDisputes, ATestMayPlayTheBank) {
    const Reply won = disputed(paid("1000"));
    EXPECT_EQ(control("disputes/" + won.id(), {{"outcome", "won"}}).text("/status"), "won");
    const Reply lost = disputed(paid("1000"));
    EXPECT_EQ(control("disputes/" + lost.id(), {{"outcome", "lost"}}).text("/status"), "lost");
    EXPECT_EQ(control("disputes/" + disputed(paid("1000")).id(), {{"outcome", "maybe"}}).status,
              400U);
}

TEST_F(StripeDisputes, TheMoneyOfALostOneIsNotDisputedAgain) {
    const Reply charge = paid("1000");
    const Reply first = disputed(charge);
    control("disputes/" + first.id(), {{"outcome", "won"}});
    const Reply second = disputed(charge);
    EXPECT_EQ(control("disputes/" + second.id(), {{"outcome", "lost"}}).text("/status"), "lost");
    EXPECT_EQ(disputed(charge).status, 409U);
}

TEST_F(StripeDisputes, AnInquiryMovesNoMoneyUntilItGrows) {
    const Reply payment = paid("1000");
    const Reply inquiry = disputed(payment, {{"inquiry", true}});
    EXPECT_EQ(inquiry.text("/status"), "warning_needs_response");
    EXPECT_TRUE(inquiry.at("/is_charge_refundable").as_bool());
    EXPECT_EQ(balance(), 941);
    const Reply grown = control("disputes/" + inquiry.id(), {{"outcome", "escalated"}});
    EXPECT_EQ(grown.text("/status"), "needs_response");
    EXPECT_EQ(balance(), 941 - 2500);
    EXPECT_EQ(refund(payment).code(), "charge_disputed");

    const Reply other = disputed(paid("1000"), {{"inquiry", true}});
    EXPECT_EQ(control("disputes/" + other.id(), {{"outcome", "closed"}}).text("/status"),
              "warning_closed");
}

TEST_F(StripeDisputes, TestCardsDisputeByThemselves) {
    const Reply payment = paid("1000", "pm_card_createDisputeProductNotReceived");
    const Reply inquired = paid("1000", "pm_card_createDisputeInquiry");
    const Reply refunded = paid("1000", "pm_card_createDispute");
    refund(refunded); // In time.
    pass(std::chrono::seconds{1});
    EXPECT_EQ(get("/v1/disputes", {{"payment_intent", payment.id()}}).text("/data/0/reason"),
              "product_not_received");
    EXPECT_EQ(get("/v1/disputes", {{"payment_intent", inquired.id()}}).text("/data/0/status"),
              "warning_needs_response");
    EXPECT_TRUE(
        get("/v1/disputes", {{"payment_intent", refunded.id()}}).at("/data").as_array().empty());
}

TEST_F(StripeDisputes, TheBankMayWarnOfFraud) {
    const Reply payment = paid("1000", "pm_card_createIssuerFraudRecord");
    pass(std::chrono::seconds{1});
    const Reply warnings =
        get("/v1/radar/early_fraud_warnings", {{"payment_intent", payment.id()}});
    EXPECT_EQ(warnings.text("/data/0/charge"), payment.text("/latest_charge"));
    EXPECT_EQ(event_types().back(), "radar.early_fraud_warning.created");
}

} // namespace
} // namespace tests::sandbox
