// Disputes and fraud warnings.

#include "tests/domain/payment_samples.hpp"

namespace domain {

namespace {

const RecordDispute opened{dispute, usd(1000), "fraudulent", later(24)};
const RecordDisputeOutcome dispute_won{dispute, DisputeOutcome::won};
const RecordDisputeOutcome dispute_lost{dispute, DisputeOutcome::lost};

TEST(PaymentDisputes, AreOpened) {
    given<Payment>(captured).when(opened).then(
        {DisputeOpened{dispute, usd(1000), "fraudulent", later(24), payer}});
    EXPECT_EQ(given<Payment>(disputed).state().dispute->status, DisputeStatus::open);
}

TEST(PaymentDisputes, AreOpenedOnce) {
    for (const History& history : {disputed, accepted, won, lost}) {
        given<Payment>(history).when(opened).then_nothing();
        given<Payment>(history)
            .when(RecordDispute{other_dispute, usd(1), "duplicate", {}})
            .then_rejected(Rejection::dispute_differs);
    }
}

TEST(PaymentDisputes, AreAboutMoneyThatWasTaken) {
    const auto with = [](const History& history, const Money& amount) {
        return given<Payment>(history).when(RecordDispute{dispute, amount, "fraudulent", {}});
    };
    with(held, usd(1000)).then_rejected(Rejection::not_captured);
    with(captured, usd(1001)).then_rejected(Rejection::dispute_exceeds_payment);
    with(partly_refunded, usd(601)).then_rejected(Rejection::dispute_exceeds_payment);
    with(captured, usd(0)).then_rejected(Rejection::amount_zero);
    with(captured, eur(1000)).then_rejected(Rejection::wrong_currency);
    with(partly_refunded, usd(600))
        .then({DisputeOpened{dispute, usd(600), "fraudulent", {}, payer}});
}

TEST(PaymentDisputes, AreAnsweredWithEvidence) {
    const SubmitEvidence evidence{"vault/7"};
    const PaymentEvent submitted = EvidenceSubmitted{dispute, "vault/7"};
    given<Payment>(disputed).when(evidence, later(24)).then({submitted});
    given<Payment>(disputed + submitted).when(evidence).then({submitted});
    EXPECT_EQ(given<Payment>(disputed + submitted).state().dispute->evidence, 1U);
}

TEST(PaymentDisputes, AreAnsweredInTime) {
    const Time after{later(24).milliseconds + 1};
    given<Payment>(disputed)
        .when(SubmitEvidence{"vault/7"}, after)
        .then_rejected(Rejection::past_due);
    given<Payment>(disputed).when(AcceptDispute{}, after).then_rejected(Rejection::past_due);
    // The provider told no date.
    given<Payment>(captured + DisputeOpened{dispute, usd(1000), "fraudulent", {}})
        .when(AcceptDispute{}, after)
        .then({DisputeAccepted{dispute}});
}

TEST(PaymentDisputes, AreAnsweredWhileOpen) {
    for (const History& history : {captured, won, lost}) {
        given<Payment>(history)
            .when(SubmitEvidence{"vault/7"})
            .then_rejected(Rejection::not_disputed);
        given<Payment>(history).when(AcceptDispute{}).then_rejected(Rejection::not_disputed);
    }
    given<Payment>(accepted)
        .when(SubmitEvidence{"vault/7"})
        .then_rejected(Rejection::dispute_accepted);
    given<Payment>(disputed).when(SubmitEvidence{}).then_rejected(Rejection::evidence_missing);
}

TEST(PaymentDisputes, AreAcceptedOnce) {
    given<Payment>(disputed).when(AcceptDispute{}).then({DisputeAccepted{dispute}});
    given<Payment>(accepted).when(AcceptDispute{}).then_nothing();
}

TEST(PaymentDisputes, AreWonOrLost) {
    for (const History& history : {disputed, accepted}) {
        given<Payment>(history).when(dispute_won).then({DisputeWon{dispute, usd(1000), payer}});
        given<Payment>(history).when(dispute_lost).then({DisputeLost{dispute, usd(1000), payer}});
    }
    EXPECT_EQ(given<Payment>(won).state().lost, usd(0));
    EXPECT_EQ(given<Payment>(won).state().dispute->status, DisputeStatus::won);
    EXPECT_EQ(given<Payment>(lost).state().lost, usd(1000));
    EXPECT_EQ(given<Payment>(lost).state().dispute->status, DisputeStatus::lost);
}

TEST(PaymentDisputes, EndOnce) {
    given<Payment>(won).when(dispute_won).then_nothing();
    given<Payment>(lost).when(dispute_lost).then_nothing();
    given<Payment>(won).when(dispute_lost).then_rejected(Rejection::outcome_older_than_state);
    given<Payment>(lost).when(dispute_won).then_rejected(Rejection::outcome_older_than_state);
}

TEST(PaymentDisputes, EndAsTheOneThatWasOpened) {
    given<Payment>(captured).when(dispute_won).then_rejected(Rejection::not_disputed);
    given<Payment>(disputed)
        .when(RecordDisputeOutcome{other_dispute, DisputeOutcome::lost})
        .then_rejected(Rejection::dispute_differs);
}

TEST(PaymentDisputes, CannotTakeWhatARefundGaveBack) {
    const History both =
        refunding + DisputeOpened{dispute, usd(1000), "fraudulent", {}} + refund_succeeded(1, 400);
    given<Payment>(both).when(dispute_lost).then_rejected(Rejection::dispute_exceeds_payment);
    given<Payment>(both).when(dispute_won).then({DisputeWon{dispute, usd(1000), payer}});
}

TEST(PaymentFraudWarnings, AskForSmallPaymentsBack) {
    const RecordFraudWarning warning{{"issfr_1"}, "misc"};
    const auto limited = [](History history, const Money& limit) {
        std::get<PaymentRequested>(history.front()).fraud_refund_limit = limit;
        return history;
    };
    const auto refunds = [&](const History& history, std::optional<Money> refund) {
        given<Payment>(history).when(warning).then(
            {FraudWarningReceived{{"issfr_1"}, "misc", refund}});
    };
    refunds(limited(captured, usd(1000)), usd(1000));
    refunds(limited(partly_refunded, usd(1000)), usd(600));
    refunds(limited(captured, usd(999)), std::nullopt);
    refunds(limited(captured, eur(1000)), std::nullopt);
    for (const History& history : {held, refunded, disputed, lost})
        refunds(limited(history, usd(1000)), std::nullopt);
}

TEST(PaymentFraudWarnings, AreReceivedOnce) {
    const RecordFraudWarning warning{{"issfr_1"}, "misc"};
    const PaymentEvent received = FraudWarningReceived{{"issfr_1"}, "misc"};
    given<Payment>(captured).when(warning).then({received});
    given<Payment>(captured + received).when(warning).then_nothing();
    given<Payment>(captured + received)
        .when(RecordFraudWarning{{"issfr_2"}, "stolen_card"})
        .then({FraudWarningReceived{{"issfr_2"}, "stolen_card"}});
    EXPECT_EQ(given<Payment>(captured + received).state().fraud_warning, WarningId{"issfr_1"});
}

} // namespace

} // namespace domain
