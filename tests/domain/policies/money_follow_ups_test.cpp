// Each policy by itself: an event in, exactly these commands out. Money, periods, accounts.

#include "tests/domain/policies/answers.hpp"

namespace domain::stories {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Payments.

TEST(Policies, TellTheOrderWhatBecameOfItsPayment) {
    const auto tells = [](OrderPayment kind, std::optional<Time> before = {}) {
        return ElementsAre(asks("tell_payer_side", "deployment-d1", RecordPayment{kind, before}));
    };
    EXPECT_THAT(of_payment(PaymentHeld{usd(1000), 1, {}, month_later}),
                tells(OrderPayment::held, month_later));
    EXPECT_THAT(of_payment(PaymentActionRequired{1, {}, {}}), tells(OrderPayment::action_required));
    EXPECT_THAT(of_payment(PaymentDeclined{1, {}, {}, {}}), tells(OrderPayment::declined));
    EXPECT_THAT(of_payment(PaymentOutcomeUnknown{1, {}}), tells(OrderPayment::unknown));
    EXPECT_THAT(of_payment(PaymentCaptured{usd(1000), 1, {}}), tells(OrderPayment::charged));
    EXPECT_THAT(of_payment(PaymentVoided{}), tells(OrderPayment::abandoned));
}

TEST(Policies, TellTheSubscriptionWhatBecameOfARenewal) {
    EXPECT_THAT(of_renewal(PaymentHeld{usd(1000), 1, {}, {}}),
                ElementsAre(asks("tell_payer_side", "payment-d1.2", CapturePayment{})));
    EXPECT_THAT(of_renewal(PaymentCaptured{usd(700), 1, {}}),
                ElementsAre(asks("tell_payer_side", "invoice-d1.2",
                                 RecordInvoicePayment{{"d1.2"}, usd(700)})));
    EXPECT_THAT(of_renewal(PaymentOutcomeUnknown{1, {}}), IsEmpty());
    const auto fails = [](std::uint32_t attempt, const char* reason, bool last) {
        return ElementsAre(asks("tell_payer_side", "subscription-d1",
                                RecordRenewalFailure{2, attempt, reason, last}));
    };
    EXPECT_THAT(of_renewal(PaymentDeclined{2, {}, "expired_card", {}}),
                fails(2, "expired_card", false));
    EXPECT_THAT(of_renewal(PaymentDeclined{2, {}, "stolen_card", "do_not_try_again"}),
                fails(2, "stolen_card", true));
    EXPECT_THAT(of_renewal(PaymentActionRequired{1, {}, "redirect_to_url"}),
                fails(1, "authentication_required", false));
    EXPECT_THAT(of_renewal(PaymentVoided{"by hand"}), fails(3, "by hand", true));
}

TEST(Policies, LeavePaymentsForOtherThingsAlone) {
    for (const char* id : {"p1", "d1.", "d1.x", "d1.01", "d1.0", ".1", "d1.99999999999"}) {
        EXPECT_THAT(of_payment(PaymentHeld{usd(1000), 1, {}, {}}, id), IsEmpty()) << id;
        EXPECT_THAT(of_payment(PaymentCaptured{usd(1000), 1, {}}, id), IsEmpty()) << id;
        EXPECT_THAT(of_payment(PaymentVoided{}, id), IsEmpty()) << id;
        EXPECT_THAT(of_payment(HoldExpired{usd(1000)}, id), IsEmpty()) << id;
        EXPECT_THAT(of_payment(RefundSucceeded{1, usd(1)}, id), IsEmpty()) << id;
    }
}

TEST(Policies, StopWhatIsNotPaid) {
    for (const PaymentEvent& event : {PaymentEvent{HoldExpired{usd(1000)}},
                                      PaymentEvent{CaptureFailed{4, usd(1000), "hold_expired"}}}) {
        EXPECT_THAT(of_payment(event),
                    ElementsAre(asks("stop_unpaid", "invoice-d1.1", MarkPastDue{}),
                                asks("stop_unpaid", "deployment-d1",
                                     SuspendDeployment{SuspensionReason::unpaid})));
        EXPECT_THAT(of_renewal(event),
                    ElementsAre(asks("stop_unpaid", "subscription-d1",
                                     RecordRenewalFailure{2, 3, "hold_expired", true})));
    }
    EXPECT_THAT(of_payment(CaptureFailed{3, usd(1000), {}}), IsEmpty());
}

TEST(Policies, TellTheInvoiceOfRefunds) {
    EXPECT_THAT(of_payment(RefundSucceeded{2, usd(5)}),
                ElementsAre(asks("tell_invoice", "invoice-d1.1",
                                 RecordInvoiceRefund{{"d1.1"}, 2, usd(5), false})));
    EXPECT_THAT(of_payment(RefundFailed{2, usd(5), {}}),
                ElementsAre(asks("tell_invoice", "invoice-d1.1",
                                 RecordInvoiceRefund{{"d1.1"}, 2, usd(5), true})));
}

TEST(Policies, AnswerDisputes) {
    const AccountId payer{"user-a"};
    EXPECT_THAT(
        of_payment(DisputeOpened{{"du_1"}, usd(1000), "fraudulent", {}, payer}),
        ElementsAre(
            asks("stop_disputed", "account-user-a", SuspendSpending{SpendingReason::dispute}),
            asks("stop_disputed", "deployment-d1", SuspendDeployment{SuspensionReason::dispute})));
    EXPECT_THAT(of_payment(DisputeWon{{"du_1"}, usd(1000), payer}),
                ElementsAre(asks("resume_after_dispute", "account-user-a",
                                 ResumeSpending{SpendingReason::dispute}),
                            asks("resume_after_dispute", "deployment-d1",
                                 ResumeDeployment{SuspensionReason::dispute})));
    EXPECT_THAT(
        of_payment(DisputeLost{{"du_1"}, usd(1000), payer}),
        ElementsAre(asks("cancel_after_dispute", "subscription-d1",
                         CancelSubscription{SubscriptionMoment::now, CancellationReason::dispute}),
                    asks("cancel_after_dispute", "deployment-d1",
                         CancelDeployment{CancellationReason::dispute})));
    // A payment for something else has only its payer.
    EXPECT_THAT(of_payment(DisputeOpened{{"du_1"}, usd(1000), "fraudulent", {}, payer}, "p1"),
                ElementsAre(asks("stop_disputed", "account-user-a",
                                 SuspendSpending{SpendingReason::dispute})));
}

TEST(Policies, RefundWhatTheNetworkWarnsOf) {
    EXPECT_THAT(of_payment(FraudWarningReceived{{"issfr_1"}, "misc", usd(1000)}),
                ElementsAre(asks("refund_warned_payment", "payment-d1.1",
                                 RequestRefund{usd(1000), "fraud_warning"})));
    EXPECT_THAT(of_payment(FraudWarningReceived{{"issfr_1"}, "misc", {}}), IsEmpty());
}

// Invoices and credit.

TEST(Policies, NumberAndIssueInvoices) {
    EXPECT_THAT(
        of_invoice(InvoiceDrafted{second_period, terms}),
        ElementsAre(asks("number_invoice", "invoice_book-operator-t", AssignNumber{{"d1.2"}})));
    EXPECT_THAT(answers(InvoiceBookEvent{NumberAssigned{{"d1.2"}, 7}}, "operator-t"),
                ElementsAre(asks("issue_invoice", "invoice-d1.2", IssueInvoice{7})));
}

TEST(Policies, HoldCreditForARenewal) {
    HoldCredit hold{{"user-b"}, {"operator-t"}, "d1.2", usd(1000), true, CardId{"pm_1"}};
    EXPECT_THAT(of_invoice(InvoiceIssued{7, second_period, terms, usd(1000)}),
                ElementsAre(asks("hold_credit", "customer_credit-user-b.operator-t", hold)));
    EXPECT_THAT(of_invoice(InvoiceIssued{7, second_period, terms, usd(0)}), IsEmpty());
    EXPECT_THAT(of_invoice(InvoiceIssued{7, first_period, terms, usd(1000)}, "d1.1"), IsEmpty());
}

TEST(Policies, AskTheCardForWhatCreditDoesNotCover) {
    const auto held = [](std::int64_t cents, const char* purpose = "d1.2") {
        return answers(
            CustomerCreditEvent{CreditHeld{
                {"user-b"}, {"operator-t"}, purpose, usd(cents), usd(1000), {}, CardId{"pm_1"}}},
            "user-b.operator-t");
    };
    const auto pays = [](std::int64_t cents) {
        return ElementsAre(
            asks("collect_renewal", "payment-d1.2",
                 RequestPayment{{"user-b"}, usd(cents), CardId{"pm_1"}, "invoice d1.2", true}));
    };
    EXPECT_THAT(held(300), pays(700));
    EXPECT_THAT(held(990), pays(50));
    EXPECT_THAT(held(1000), ElementsAre(asks("collect_renewal", "customer_credit-user-b.operator-t",
                                             SpendCredit{"d1.2", {}})));
    EXPECT_THAT(held(300, "d1.1"), IsEmpty());
    EXPECT_THAT(held(300, "gift"), IsEmpty());
    EXPECT_THAT(answers(CustomerCreditEvent{CreditUnavailable{
                            {"user-b"}, {"operator-t"}, "d1.2", usd(1000), CardId{"pm_1"}}},
                        "user-b.operator-t"),
                pays(1000));
}

TEST(Policies, SpendCreditWhenTheRestHasCome) {
    const InvoicePaid in_part{PaymentId{"d1.2"}, usd(700), usd(300), false, false,
                              second_period,     terms};
    EXPECT_THAT(of_invoice(in_part),
                ElementsAre(asks("spend_credit", "customer_credit-user-b.operator-t",
                                 SpendCredit{"d1.2", usd(300)})));
    EXPECT_THAT(
        answers(CustomerCreditEvent{CreditSpent{{"user-b"}, {"operator-t"}, "d1.2", usd(300), {}}},
                "user-b.operator-t"),
        ElementsAre(asks("apply_credit", "invoice-d1.2", ApplyCredit{"d1.2", usd(300)})));
}

TEST(Policies, RenewWhatIsPaid) {
    const InvoicePaid paid{PaymentId{"d1.2"}, usd(1000), usd(0), true, true, second_period, terms};
    EXPECT_THAT(of_invoice(paid), ElementsAre(asks("renew_subscription", "subscription-d1",
                                                   RenewSubscription{2, true})));
    InvoicePaid of_order = paid;
    of_order.period = first_period;
    EXPECT_THAT(of_invoice(of_order, "d1.1"), IsEmpty());
}

TEST(Policies, ReturnWhatWasNotDue) {
    const InvoicePaid twice{PaymentId{"d1.2"}, usd(1000), usd(-400), false, false,
                            second_period,     terms};
    EXPECT_THAT(of_invoice(twice), ElementsAre(asks("return_overpayment", "payment-d1.2",
                                                    RequestRefund{usd(400), "not_due"})));
}

// Renewals.

TEST(Policies, InvoiceARenewal) {
    EXPECT_THAT(
        of_subscription(RenewalDue{2, second_period.from, second_period.until, terms}),
        ElementsAre(asks("invoice_renewal", "invoice-d1.2", DraftInvoice{second_period, terms})));
}

TEST(Policies, DunStepByStep) {
    RenewalFailed failed{2, 1, some_time, {}, false, terms};
    EXPECT_THAT(of_subscription(failed), IsEmpty());
    failed.next_try.reset();
    EXPECT_THAT(of_subscription(failed),
                ElementsAre(asks("end_dunning", "subscription-d1", SuspendSubscription{})));
    failed.cancels = true;
    EXPECT_THAT(
        of_subscription(failed),
        ElementsAre(asks("end_dunning", "subscription-d1",
                         CancelSubscription{SubscriptionMoment::now, CancellationReason::unpaid})));
    EXPECT_THAT(of_subscription(SubscriptionPastDue{2, some_time, terms}),
                ElementsAre(asks("mark_past_due", "invoice-d1.2", MarkPastDue{})));
    EXPECT_THAT(of_subscription(SubscriptionSuspended{2, some_time, some_time, terms}),
                ElementsAre(asks("suspend_deployment", "deployment-d1",
                                 SuspendDeployment{SuspensionReason::unpaid})));
    EXPECT_THAT(of_subscription(SubscriptionRecovered{2, true}),
                ElementsAre(asks("resume_deployment", "deployment-d1",
                                 ResumeDeployment{SuspensionReason::unpaid})));
    EXPECT_THAT(of_subscription(SubscriptionRecovered{2, false}), IsEmpty());
}

TEST(Policies, SettleAPeriodThatIsCutShort) {
    SubscriptionCancelled cut;
    cut.period = 2;
    cut.terms = terms;
    cut.used = usd(400);
    cut.unused = cut.unused_gross = usd(600);
    const auto settles = [&](CancellationReason reason, bool paid) {
        cut.reason = reason;
        cut.paid = paid;
        return of_subscription(cut);
    };
    const auto cancel = [](CancellationReason reason) {
        return asks("end_service", "deployment-d1", CancelDeployment{reason});
    };
    const std::string note =
        asks("end_service", "invoice-d1.2",
             IssueCreditNote{"unused_period", usd(600), "not served until its end"});
    using enum CancellationReason;
    for (const auto reason : {customer, dispute, fraud})
        EXPECT_THAT(settles(reason, true), ElementsAre(cancel(reason)));
    for (const auto reason : {erasure, staff})
        EXPECT_THAT(settles(reason, true),
                    ElementsAre(cancel(reason), note,
                                asks("end_service", "payment-d1.2",
                                     RequestRefund{usd(600), "unused_period"})));
    EXPECT_THAT(
        settles(unpaid, false),
        ElementsAre(cancel(unpaid), asks("end_service", "payment-d1.2", VoidPayment{"unpaid"}),
                    asks("end_service", "customer_credit-user-b.operator-t", ReleaseCredit{"d1.2"}),
                    note, asks("end_service", "invoice-d1.2", ProposeWriteOff{{}, "unpaid"})));
}

TEST(Policies, EndTheServiceWithTheLastPeriod) {
    const auto ends = [](bool paid) {
        return of_subscription(
            SubscriptionEnded{CancellationReason::customer, 2, some_time, paid, terms});
    };
    const std::string cancel =
        asks("end_service", "deployment-d1", CancelDeployment{CancellationReason::customer});
    EXPECT_THAT(ends(true), ElementsAre(cancel));
    EXPECT_THAT(
        ends(false),
        ElementsAre(cancel, asks("end_service", "payment-d1.2", VoidPayment{"unpaid"}),
                    asks("end_service", "customer_credit-user-b.operator-t", ReleaseCredit{"d1.2"}),
                    asks("end_service", "invoice-d1.2", ProposeWriteOff{{}, "unpaid"})));
}

// Nodes and cards.

TEST(Policies, HideNodesThatMayNotServe) {
    EXPECT_THAT(
        answers(NodeEvent{NodeExcluded{"broken", {"provider-h"}, {{"operator-t"}, {"u"}}, {}}},
                "11"),
        ElementsAre(asks("hide_excluded_node", "node-11", HideNode{{"operator-t"}}, "operator-t"),
                    asks("hide_excluded_node", "node-11", HideNode{{"u"}}, "u")));
    EXPECT_THAT(answers(ParticipationEvent{ParticipationEnded{
                            {"provider-h"}, {"operator-t"}, {{"11"}, {"12"}}, {}}},
                        "provider-h.operator-t"),
                ElementsAre(asks("hide_nodes", "node-11", HideNode{{"operator-t"}}, "11"),
                            asks("hide_nodes", "node-12", HideNode{{"operator-t"}}, "12")));
    EXPECT_THAT(
        answers(ProviderEvent{ProviderSuspended{{"user-h"}, "complaints", {{"11"}}}}, "provider-h"),
        ElementsAre(asks("exclude_nodes", "node-11", ExcludeNode{"provider_suspended"}, "11")));
    EXPECT_THAT(
        answers(ProviderEvent{FarmProofExpired{{"7"}, "43", {{"11"}}}}, "provider-h"),
        ElementsAre(asks("exclude_nodes", "node-11", ExcludeNode{"farm_proof_expired"}, "11")));
}

TEST(Policies, KeepTheAccountsDefaultCard) {
    EXPECT_THAT(
        answers(CardEvent{DefaultCardChosen{{"user-a"}, {"operator-t"}, {"pm_1"}, "cus_1"}}, "c1"),
        ElementsAre(asks("record_default_card", "account-user-a",
                         RecordDefaultCard{{{"operator-t"}, {"c1"}, {"pm_1"}, "cus_1"}})));
    EXPECT_THAT(answers(CardEvent{CardRemoved{{"user-a"}, {"operator-t"}, {}, {}}}, "c1"),
                ElementsAre(asks("forget_default_card", "account-user-a",
                                 ForgetDefaultCard{{"operator-t"}, {"c1"}})));
}

} // namespace

} // namespace domain::stories
