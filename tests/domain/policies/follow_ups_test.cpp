// Each policy by itself: an event in, exactly these commands out. Orders.

#include "tests/domain/policies/answers.hpp"

namespace domain::stories {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Orders.

TEST(Policies, PlaceAnOrder) {
    EXPECT_THAT(of_deployment(DeploymentOrdered{}),
                ElementsAre(asks("place_workloads", "deployment-d1", PlaceWorkloads{})));
}

TEST(Policies, ReserveWhatWasChosen) {
    PlacementChosen chosen;
    chosen.payer = {"user-a"};
    chosen.dashboard = {"operator-t"};
    chosen.placements = {placed(primary, 1, node_12), placed(backup, 1, node_21)};
    chosen.released = {placed(primary, 1, node_11)};
    EXPECT_THAT(of_deployment(chosen),
                ElementsAre(asks("release_capacity", "node-11", ReleaseCapacity{{"d1"}, primary, 1},
                                 "11.primary.1"),
                            asks("reserve_capacity", "node-12", reserving(primary, 1), "primary.1"),
                            asks("reserve_capacity", "node-21", reserving(backup, 1), "backup.1")));

    chosen.placements.clear();
    chosen.released.clear();
    chosen.discount_code = "SPRING";
    chosen.first_order = true;
    EXPECT_THAT(of_deployment(chosen),
                ElementsAre(asks("reserve_discount", "discount_code-operator-t.SPRING",
                                 ReserveDiscount{{"d1"}, {"user-a"}, true, true})));
}

TEST(Policies, ReserveForTheNextAttempt) {
    EXPECT_THAT(
        of_deployment(ReservationRequested{placed(primary, 2, node_12), {"operator-t"}}),
        ElementsAre(asks("reserve_capacity", "node-12", reserving(primary, 2), "primary.2")));
}

TEST(Policies, ReleaseWhatNobodyWaitsFor) {
    const std::string release =
        asks("release_capacity", "node-11", ReleaseCapacity{{"d1"}, primary, 1}, "11.primary.1");
    EXPECT_THAT(of_deployment(ReservationsReleased{{placed(primary, 1, node_11)}}),
                ElementsAre(release));
    EXPECT_THAT(of_deployment(WorkloadFailed{placed(primary, 1, node_11), {}, {}}),
                ElementsAre(release));
    EXPECT_THAT(of_deployment(DiscountReleaseRequested{{"user-a"}, {"operator-t"}, "SPRING"}),
                ElementsAre(asks("release_discount", "discount_code-operator-t.SPRING",
                                 ReleaseDiscount{{"d1"}})));
}

TEST(Policies, TellTheOrderWhatTheNodeSaid) {
    EXPECT_THAT(
        answers(NodeEvent{CapacityReserved{{"d1"}, primary, 1, small, minutes_later(15), {"7"}}},
                "11"),
        ElementsAre(asks("tell_order", "deployment-d1",
                         RecordReservation{primary, 1, {"11"}, true, minutes_later(15), {}})));
    EXPECT_THAT(
        answers(NodeEvent{CapacityRefused{
                    {"d1"}, primary, 1, small, CapacityRefusal::node_not_available}},
                "11"),
        ElementsAre(asks("tell_order", "deployment-d1",
                         RecordReservation{primary, 1, {"11"}, false, {}, "node_not_available"})));
}

TEST(Policies, TellTheOrderWhatTheCodeSaid) {
    EXPECT_THAT(answers(DiscountCodeEvent{DiscountReserved{{"d1"}, {"user-a"}}}, "operator-t.X"),
                ElementsAre(asks("tell_order", "deployment-d1", RecordDiscount{true, {}})));
    EXPECT_THAT(
        answers(
            DiscountCodeEvent{DiscountRefused{{"d1"}, {"user-a"}, DiscountRefusal::code_expired}},
            "operator-t.X"),
        ElementsAre(asks("tell_order", "deployment-d1", RecordDiscount{false, "code_expired"})));
}

TEST(Policies, AskForTheMoneyWhenAllIsReserved) {
    RequestPayment request{{"user-b"}, usd(1000), CardId{"pm_1"}, "invoice d1.1", false};
    EXPECT_THAT(of_deployment(AllReserved{terms, false, payment, invoice}),
                ElementsAre(asks("request_payment", "payment-d1.1", request)));
    BillingTerms free = terms;
    free.net = free.gross = usd(0);
    EXPECT_THAT(of_deployment(AllReserved{free, false, payment, invoice}), IsEmpty());
}

TEST(Policies, InvoiceAndCaptureWhatRuns) {
    DeploymentRunning running;
    running.terms = terms;
    running.charge = ChargeState::held;
    running.payment = payment;
    running.invoice = invoice;
    running.period_start = some_time;
    running.workloads = {serving(placed(primary, 1, node_11))};
    const std::string confirm = asks("confirm_capacity", "node-11",
                                     ConfirmCapacity{{"d1"}, primary, 1, small}, "primary.1");
    const std::string consume =
        asks("consume_discount", "discount_code-operator-t.SPRING", ConsumeDiscount{{"d1"}});
    EXPECT_THAT(of_deployment(running),
                ElementsAre(confirm, consume,
                            asks("charge_order", "invoice-d1.1", DraftInvoice{first_period, terms}),
                            asks("charge_order", "payment-d1.1", CapturePayment{})));
    running.charge = ChargeState::charged;
    EXPECT_THAT(of_deployment(running), ElementsAre(confirm, consume));
    running.charge = ChargeState::none;
    running.terms.discount_code.reset();
    EXPECT_THAT(of_deployment(running),
                ElementsAre(confirm, asks("charge_order", "invoice-d1.1",
                                          DraftInvoice{first_period, running.terms})));
}

TEST(Policies, InvoiceWhatWasCharged) {
    OrderPaymentRecorded recorded{OrderPayment::charged, {}, false, terms, payment, invoice};
    const std::string paid =
        asks("invoice_charge", "invoice-d1.1", RecordInvoicePayment{payment, usd(1000)});
    EXPECT_THAT(of_deployment(recorded), ElementsAre(asks("invoice_charge", "invoice-d1.1",
                                                          DraftInvoice{first_period, terms}),
                                                     paid));
    recorded.over = true;
    EXPECT_THAT(of_deployment(recorded), IsEmpty());
    recorded.ran = true;
    EXPECT_THAT(of_deployment(recorded), ElementsAre(paid));
    recorded.kind = OrderPayment::held;
    EXPECT_THAT(of_deployment(recorded), IsEmpty());
}

TEST(Policies, StartTheSubscriptionOfWhatIsPaid) {
    const DunningTerms dunning{{1, 3}, false};
    EXPECT_THAT(of_deployment(DeploymentPaid{terms, payment, invoice, some_time, {}, dunning}),
                ElementsAre(asks("start_subscription", "subscription-d1",
                                 StartSubscription{true, terms, some_time, dunning})));
}

TEST(Policies, GiveEverythingBackWhenAnOrderFails) {
    const std::string release_first =
        asks("release_capacity", "node-11", ReleaseCapacity{{"d1"}, primary, 1}, "11.primary.1");
    const std::string release_second =
        asks("release_capacity", "node-21", ReleaseCapacity{{"d1"}, backup, 1}, "21.backup.1");
    const std::string release_code =
        asks("release_discount", "discount_code-operator-t.SPRING", ReleaseDiscount{{"d1"}});
    const auto fails = [](ChargeState charge) {
        return of_deployment(DeploymentFailed{FailureReason::no_capacity, all_of(charge)});
    };
    EXPECT_THAT(fails(ChargeState::none), ElementsAre(release_first, release_second, release_code));
    for (const ChargeState charge : {ChargeState::requested, ChargeState::held})
        EXPECT_THAT(fails(charge), ElementsAre(release_first, release_second, release_code,
                                               asks("give_back", "payment-d1.1",
                                                    VoidPayment{"deployment_failed"})));
    EXPECT_THAT(
        fails(ChargeState::charged),
        ElementsAre(
            release_first, release_second, release_code,
            asks("give_back", "invoice-d1.1",
                 IssueCreditNote{"deployment_failed", usd(1000), "deployment_failed"}),
            asks("give_back", "payment-d1.1", RequestRefund{usd(1000), "deployment_failed"})));
}

TEST(Policies, ReturnMoneyThatCameTooLate) {
    EXPECT_THAT(of_deployment(PaymentReturnRequested{ChargeState::held, terms, payment, invoice}),
                ElementsAre(asks("return_payment", "payment-d1.1", VoidPayment{"order_ended"})));
    EXPECT_THAT(
        of_deployment(PaymentReturnRequested{ChargeState::charged, terms, payment, invoice}),
        ElementsAre(
            asks("return_payment", "payment-d1.1", RequestRefund{usd(1000), "order_ended"})));
}

TEST(Policies, EndTheSubscriptionWithTheDeployment) {
    GiveBack only_money;
    only_money.charge = ChargeState::charged;
    only_money.terms = terms;
    only_money.payment = payment;
    only_money.invoice = invoice;
    const auto cancel = [](CancellationReason reason) {
        return asks("settle_cancellation", "subscription-d1",
                    CancelSubscription{SubscriptionMoment::now, reason});
    };
    EXPECT_THAT(
        of_deployment(CancellationRequested{CancellationReason::customer, true, only_money}),
        ElementsAre(cancel(CancellationReason::customer)));
    EXPECT_THAT(
        of_deployment(CancellationRequested{CancellationReason::customer, false, only_money}),
        ElementsAre(
            asks("give_back", "invoice-d1.1",
                 IssueCreditNote{"cancelled_before_it_ran", usd(1000), "cancelled_before_it_ran"}),
            asks("give_back", "payment-d1.1",
                 RequestRefund{usd(1000), "cancelled_before_it_ran"})));
    only_money.charge = ChargeState::held;
    EXPECT_THAT(
        of_deployment(CancellationRequested{CancellationReason::unpaid, true, only_money}),
        ElementsAre(cancel(CancellationReason::unpaid),
                    asks("settle_cancellation", "payment-d1.1", VoidPayment{"unpaid"}),
                    asks("settle_cancellation", "invoice-d1.1", ProposeWriteOff{{}, "unpaid"})));
}

TEST(Policies, ChangeTheTermsOfWhatFollows) {
    const std::string change = asks("change_terms", "subscription-d1",
                                    ChangePlan{terms, SubscriptionMoment::now, true, false, false});
    const WorkloadPlacement place = placed(backup, 1, node_21);
    const std::string confirm =
        asks("confirm_capacity", "node-21", ConfirmCapacity{{"d1"}, backup, 1, small}, "backup.1");
    EXPECT_THAT(of_deployment(BackupReady{serving(place), terms}), ElementsAre(confirm, change));
    EXPECT_THAT(of_deployment(BackupReady{serving(place), {}}), IsEmpty());
    EXPECT_THAT(of_deployment(DeploymentResized{1, terms, {place}, {place}}),
                ElementsAre(confirm, change));
    EXPECT_THAT(of_deployment(BackupRemoved{{}, terms, place, {}}),
                ElementsAre(asks("release_capacity", "node-21", ReleaseCapacity{{"d1"}, backup, 1},
                                 "21.backup.1"),
                            change));
}

} // namespace

} // namespace domain::stories
