// What the payment of an order says, and what follows from it.

#include "tests/domain/deployment_samples.hpp"

namespace domain {

namespace {

using namespace deployment_samples;

GiveBack nothing_but_terms(ChargeState charge = ChargeState::none) {
    return {{}, {}, {}, charge, terms, first_payment, first_invoice};
}

OrderPaymentRecorded payment_recorded(OrderPayment kind, std::optional<Time> before = {},
                                      bool ran = false) {
    return {kind, before, ran, terms, first_payment, first_invoice, {}};
}

// Of an order that has ended.
OrderPaymentRecorded late_payment(OrderPayment kind, bool ran) {
    auto recorded = payment_recorded(kind, {}, ran);
    recorded.over = true;
    return recorded;
}

AttemptStarted started(WorkloadRole role, std::uint32_t attempt, const Candidate& node,
                       const char* name, Time at = some_time) {
    return {placed(role, attempt, node), at, name, "ssh-ed25519 AAAA", "ubuntu-24.04", {}};
}

TEST(OrderPaymentNews, OfMoneyStartsTheAttempts) {
    given<Deployment>(awaiting).when(held).then(
        {payment_recorded(OrderPayment::held, minutes_later(7 * 24 * 60)),
         started(primary, 1, node_11, "d1p1")});
    given<Deployment>(awaiting).when(charged).then(
        {payment_recorded(OrderPayment::charged), started(primary, 1, node_11, "d1p1")});
    const auto* name = last<AttemptStarted>(double_provisioning);
    EXPECT_EQ(count<AttemptStarted>(double_provisioning), 2U);
    EXPECT_EQ(name->grid_name, "d1b1");
    EXPECT_EQ(name->web_name, std::nullopt);
}

TEST(OrderPaymentNews, OfTroubleIsShownAndWaitedFor) {
    const History declined = after(awaiting, {payment(OrderPayment::declined)});
    given<Deployment>(awaiting)
        .when(payment(OrderPayment::declined))
        .then({payment_recorded(OrderPayment::declined)});
    given<Deployment>(declined).when(payment(OrderPayment::declined)).then_nothing();
    given<Deployment>(declined)
        .when(payment(OrderPayment::action_required))
        .then({payment_recorded(OrderPayment::action_required)});
    given<Deployment>(declined)
        .when(payment(OrderPayment::unknown))
        .then({payment_recorded(OrderPayment::unknown)});
    EXPECT_EQ(state(declined).status, DeploymentStatus::awaiting_payment);
    // Once there is money, older news mean nothing.
    for (const History& history : {provisioning, running, cancelled})
        for (const OrderPayment kind : {OrderPayment::declined, OrderPayment::action_required,
                                        OrderPayment::unknown, OrderPayment::abandoned})
            given<Deployment>(history).when(payment(kind)).then_nothing();
}

TEST(OrderPaymentNews, OfAPayerWhoDidNotComeBackEndTheOrder) {
    auto give_back = nothing_but_terms(ChargeState::requested);
    give_back.reservations = {placed(primary, 1, node_11)};
    given<Deployment>(awaiting)
        .when(payment(OrderPayment::abandoned))
        .then({payment_recorded(OrderPayment::abandoned),
               DeploymentFailed{FailureReason::payment_abandoned, give_back}});
}

TEST(OrderPaymentNews, ReserveAgainWhatHasLapsed) {
    given<Deployment>(awaiting)
        .when(held, minutes_later(14))
        .then({payment_recorded(OrderPayment::held, minutes_later(7 * 24 * 60)),
               started(primary, 1, node_11, "d1p1", minutes_later(14))});
    given<Deployment>(awaiting)
        .when(held, minutes_later(15))
        .then({payment_recorded(OrderPayment::held, minutes_later(7 * 24 * 60)),
               ReservationRequested{placed(primary, 1, node_11), {"operator-t"}}});
    const History lapsed = after(awaiting, {held}, minutes_later(40));
    given<Deployment>(lapsed)
        .when(reserved(primary, 1, node_11), minutes_later(41))
        .then({ReservationHeld{primary, 1, {"11"}, minutes_later(56)},
               started(primary, 1, node_11, "d1p1", minutes_later(41))});
    // Gone to somebody else meanwhile.
    given<Deployment>(lapsed)
        .when(refused(primary, 1, node_11), minutes_later(41))
        .then({ReservationRefused{primary, 1, {"11"}, "capacity_exhausted"},
               ReservationRequested{placed(primary, 1, node_12), {"operator-t"}}});
}

TEST(OrderPaymentNews, StartNoAttemptBeforeEveryRoleIsReservedAgain) {
    const History both = after(double_reserving, {reserved(primary, 1, node_11)});
    const History apart = after(both, {reserved(backup, 1, node_21)}, minutes_later(10));
    // The primary's has lapsed, the backup's not yet.
    const History lapsed = after(apart, {held}, minutes_later(20));
    EXPECT_EQ(last<ReservationRequested>(lapsed)->place, placed(primary, 1, node_11));
    EXPECT_EQ(count<ReservationRequested>(lapsed), 1U);
    EXPECT_EQ(count<AttemptStarted>(lapsed), 0U);
    const History again = after(lapsed, {reserved(primary, 1, node_11)}, minutes_later(21));
    EXPECT_EQ(count<AttemptStarted>(again), 2U);
    // It took so long that now the other's is gone as well.
    const History late = after(lapsed, {reserved(primary, 1, node_11)}, minutes_later(26));
    EXPECT_EQ(count<AttemptStarted>(late), 0U);
    EXPECT_EQ(last<ReservationRequested>(late)->place, placed(backup, 1, node_21));
}

TEST(OrderPaymentNews, EndTheOrderWhenNoNodeIsLeft) {
    auto quote = double_quote();
    quote.candidates = {node_11, node_21, {{"22"}, {"9"}, "DE"}};
    History history = after({}, {order(quote), PlaceWorkloads{}, reserved(primary, 1, node_11),
                                 reserved(backup, 1, node_21)});
    history = after(history, {held}, minutes_later(30));
    ASSERT_EQ(count<ReservationRequested>(history), 2U);
    history = after(history, {refused(primary, 1, node_11)}, minutes_later(31));
    const auto* failure = last<DeploymentFailed>(history);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->reason, FailureReason::no_node_could_deploy);
    EXPECT_EQ(failure->give_back.charge, ChargeState::held);
    EXPECT_EQ(failure->give_back.reservations, (std::vector{placed(backup, 1, node_21)}));
}

TEST(OrderPaymentNews, ComeOnlyWhenAskedFor) {
    for (const History& history : {ordered, reserving})
        given<Deployment>(history).when(held).then_rejected(Rejection::payment_not_requested);
    given<Deployment>(after(reserving, {CancelDeployment{}})).when(held).then_nothing();
}

TEST(OrderPaymentNews, SayNothingNewTheSecondTime) {
    for (const History& history : {provisioning, running, paid, suspended, cancelled})
        given<Deployment>(history).when(held).then_nothing();
    for (const History& history : {paid, suspended, cancelled})
        given<Deployment>(history).when(charged).then_nothing();
}

TEST(OrderPaymentNews, OfMoneyThatComesTooLateAsksToGiveItBack) {
    given<Deployment>(abandoned).when(charged).then(
        {late_payment(OrderPayment::charged, false),
         PaymentReturnRequested{ChargeState::charged, terms, first_payment, first_invoice}});
    const History returned = after(abandoned, {held});
    EXPECT_EQ(last<PaymentReturnRequested>(returned)->charge, ChargeState::held);
    given<Deployment>(returned).when(held).then_nothing();
    // A capture that was on its way when the hold was given up.
    EXPECT_EQ(count<PaymentReturnRequested>(after(returned, {charged})), 2U);
}

TEST(OrderPaymentNews, OfACancelledServiceAreForOthersToSettle) {
    const History over = after(running, {CancelDeployment{}});
    given<Deployment>(over).when(charged).then({late_payment(OrderPayment::charged, true)});
}

TEST(OrderForNothing, NeedsNoPayment) {
    auto quote = single_quote();
    quote.discount = quote.price;
    quote.net = quote.tax = quote.gross = usd(0);
    auto command = order(quote);
    command.card_present = false;
    const History history = after({}, {command, PlaceWorkloads{}, reserved(primary, 1, node_11)});
    EXPECT_EQ(count<AttemptStarted>(history), 1U);
    given<Deployment>(history).when(held).then_rejected(Rejection::payment_not_requested);
    const History done = after(history, {contract(primary, 1, "9001"), ready(primary, 1)});
    EXPECT_EQ(count<DeploymentRunning>(done), 1U);
    EXPECT_EQ(count<DeploymentPaid>(done), 1U);
}

} // namespace

} // namespace domain
