// A deployment up to its payment: the order, places on nodes, the discount code.

#include "tests/domain/deployment_samples.hpp"

namespace domain {

namespace {

using namespace deployment_samples;

TEST(DeploymentOrder, RecordsWhatWasPromised) {
    auto command = order(with_code(double_quote()));
    command.card = CardId{"pm_1"};
    command.charge_first = true;
    given<Deployment>({}).when(command).then({DeploymentOrdered{{"d1"},
                                                                with_code(double_quote()),
                                                                "acme",
                                                                "ssh-ed25519 AAAA",
                                                                "acme",
                                                                CardId{"pm_1"},
                                                                true,
                                                                {{1, 3, 7}, false}}});
}

TEST(DeploymentOrder, IsPlacedOnce) {
    for (const History& history : {ordered, running, cancelled, abandoned})
        given<Deployment>(history)
            .when(order(single_quote()))
            .then_rejected(Rejection::already_ordered);
}

void refuses(Rejection reason, void (*change)(PlaceOrder&), Time now = some_time) {
    auto command = order(double_quote());
    change(command);
    given<Deployment>({}).when(command, now).then_rejected(reason);
}

TEST(DeploymentOrder, NeedsAllThatItStandsOn) {
    refuses(Rejection::deployment_missing, [](auto& one) { one.deployment.value.clear(); });
    refuses(Rejection::dashboard_not_live, [](auto& one) { one.dashboard_live = false; });
    refuses(Rejection::terms_missing, [](auto& one) { one.terms_accepted = false; });
    refuses(Rejection::spending_stopped, [](auto& one) { one.spending_stopped = true; });
    refuses(Rejection::card_missing, [](auto& one) { one.card_present = false; });
    refuses(Rejection::card_missing, [](auto& one) { one.card = CardId{}; });
    refuses(Rejection::name_missing, [](auto& one) { one.name.clear(); });
    refuses(Rejection::ssh_key_missing, [](auto& one) { one.ssh_key.clear(); });
    refuses(Rejection::domain_malformed, [](auto& one) { one.domain_label = "a.b"; });
    refuses(Rejection::plan_forbids, [](auto& one) { one.quote.web_name = false; });
}

TEST(DeploymentOrder, NeedsAQuoteThatHoldsTogether) {
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.workloads.clear(); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.workloads[1].role = primary; });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.workloads[0].role = backup; });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.account.value.clear(); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.dashboard.value.clear(); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.gross = usd(999); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.tax = usd(1); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.discount = usd(1); });
    refuses(Rejection::quote_invalid, [](auto& one) { one.quote.tax = {0, Currency::eur}; });
    refuses(Rejection::quote_invalid,
            [](auto& one) { one.quote.price = one.quote.net = one.quote.gross = usd(-1); });
    refuses(
        Rejection::quote_expired, [](auto&) {}, minutes_later(15));
}

TEST(DeploymentOrder, StaysWithinTheSpendingLimit) {
    auto command = order(double_quote());
    command.spending_limit = usd(3000);
    command.committed = usd(2000);
    EXPECT_TRUE(decide({}, command, some_time));
    command.committed = usd(2001);
    given<Deployment>({}).when(command).then_rejected(Rejection::limit_exceeded);
    command.committed = usd(0);
    command.spending_limit = usd(999);
    given<Deployment>({}).when(command).then_rejected(Rejection::limit_exceeded);
    command.spending_limit = Money{5000, Currency::eur};
    given<Deployment>({}).when(command).then_rejected(Rejection::limit_exceeded);
}

TEST(OrderThatWasNeverPlaced, RefusesEverythingElse) {
    const std::vector<DeploymentCommand> commands{
        PlaceWorkloads{},    RecordReservation{}, RecordDiscount{},   RecordPayment{},
        RecordContract{},    RecordWorkload{},    RecordRelease{},    RecordDomain{},
        RestartDeployment{}, RecordRestart{},     ResizeDeployment{}, RecordResize{},
        AttachDomain{},      OpenConsole{},       AddBackup{},        RemoveBackup{},
        SuspendDeployment{}, ResumeDeployment{},  CancelDeployment{},
    };
    // But for the reconciler's word of a contract that is on the grid all the same.
    EXPECT_EQ(commands.size() + 2, std::variant_size_v<DeploymentCommand>);
    EXPECT_FALSE(exists(Deployment{}));
    for (const DeploymentCommand& command : commands)
        given<Deployment>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(DeploymentPlacement, AsksTheBestNodesThatGoTogether) {
    given<Deployment>(ordered)
        .when(PlaceWorkloads{})
        .then({PlacementChosen{
            1, {"user-b"}, {"operator-t"}, {placed(primary, 1, node_11)}, {}, {}}});
    const History with_both = after({}, {order(with_code(double_quote()))});
    given<Deployment>(with_both)
        .when(PlaceWorkloads{})
        .then({PlacementChosen{1,
                               {"user-b"},
                               {"operator-t"},
                               {placed(primary, 1, node_11), placed(backup, 1, node_21)},
                               {},
                               "SPRING"}});
    given<Deployment>(reserving).when(PlaceWorkloads{}).then_nothing();
    given<Deployment>(cancelled).when(PlaceWorkloads{}).then_nothing();
}

TEST(DeploymentPlacement, FailsWithoutNodesThatGoTogether) {
    auto quote = double_quote();
    quote.candidates = {node_11, node_12};
    GiveBack nothing{{}, {}, {}, ChargeState::none, billing_terms(quote, {}), {"d1.1"}, {"d1.1"}};
    given<Deployment>(after({}, {order(quote)}))
        .when(PlaceWorkloads{})
        .then({PlacementFailed{1, {primary, backup}},
               DeploymentFailed{FailureReason::no_capacity, nothing}});
}

TEST(DeploymentReservation, OfEveryRoleAsksForTheMoney) {
    given<Deployment>(reserving)
        .when(reserved(primary, 1, node_11))
        .then({ReservationHeld{primary, 1, {"11"}, minutes_later(15)},
               AllReserved{terms, false, first_payment, first_invoice}});
    // Each role for itself.
    given<Deployment>(double_reserving)
        .when(reserved(backup, 1, node_21))
        .then({ReservationHeld{backup, 1, {"21"}, minutes_later(15)}});
    const History other_first = after(double_reserving, {reserved(backup, 1, node_21)});
    EXPECT_NE(last<AllReserved>(after(other_first, {reserved(primary, 1, node_11)})), nullptr);
}

TEST(DeploymentReservation, LapsesWhenTheNodeSaysSo) {
    auto command = reserved(primary, 1, node_11);
    command.until = minutes_later(3);
    EXPECT_EQ(last<ReservationHeld>(after(reserving, {command}))->until, minutes_later(3));
}

TEST(DeploymentReservation, SaysNothingNewTheSecondTime) {
    for (const History& history : {awaiting, provisioning, running, suspended, cancelled}) {
        given<Deployment>(history).when(reserved(primary, 1, node_11)).then_nothing();
        given<Deployment>(history).when(refused(primary, 1, node_11)).then_nothing();
    }
}

TEST(DeploymentReservation, IsOfAPlaceThatWasChosen) {
    for (const auto& command : {reserved(backup, 1, node_11), reserved(primary, 2, node_11),
                                reserved(primary, 1, node_12)})
        given<Deployment>(reserving).when(command).then_rejected(Rejection::attempt_unknown);
}

TEST(RefusedReservation, GoesToTheNextCandidate) {
    given<Deployment>(reserving)
        .when(refused(primary, 1, node_11))
        .then({ReservationRefused{primary, 1, {"11"}, "capacity_exhausted"},
               PlacementChosen{
                   2, {"user-b"}, {"operator-t"}, {placed(primary, 1, node_12)}, {}, {}}});
}

TEST(RefusedReservation, LeavesTheOtherRoleWhereItIsWhenItCan) {
    const History one_held = after(double_reserving, {reserved(primary, 1, node_11)});
    given<Deployment>(one_held)
        .when(refused(backup, 1, node_21))
        .then(
            {ReservationRefused{backup, 1, {"21"}, "capacity_exhausted"},
             PlacementChosen{2, {"user-b"}, {"operator-t"}, {placed(backup, 1, node_31)}, {}, {}}});
}

// 21 and 41 are in two countries. Without 21, beside 41 there is only 11, in its own country; but
// 11 and 42 are in two.
const Candidate node_41{{"41"}, {"20"}, "BE"}, node_42{{"42"}, {"20"}, "DE"};

QuoteTerms scattered_quote() {
    auto quote = double_quote();
    quote.candidates = {node_21, node_41, node_11, node_42};
    return quote;
}

TEST(RefusedReservation, MovesTheOtherRoleForTheSakeOfTwoCountries) {
    const History chosen = after({}, {order(scattered_quote()), PlaceWorkloads{}});
    ASSERT_EQ(last<PlacementChosen>(chosen)->placements,
              (std::vector{placed(primary, 1, node_21), placed(backup, 1, node_41)}));
    const PlacementChosen next{2,
                               {"user-b"},
                               {"operator-t"},
                               {placed(primary, 1, node_11), placed(backup, 1, node_42)},
                               {placed(backup, 1, node_41)},
                               {}};
    for (const History& history : {chosen, after(chosen, {reserved(backup, 1, node_41)})})
        given<Deployment>(history)
            .when(refused(primary, 1, node_21))
            .then({ReservationRefused{primary, 1, {"21"}, "capacity_exhausted"}, next});
    // The answer of the place that was left in the meantime.
    given<Deployment>(after(chosen, {refused(primary, 1, node_21)}))
        .when(reserved(backup, 1, node_41))
        .then({ReservationsReleased{{placed(backup, 1, node_41)}}});
    // And without 42 it stays, in the same country.
    auto quote = scattered_quote();
    quote.candidates.pop_back();
    EXPECT_EQ(last<PlacementChosen>(
                  after({}, {order(quote), PlaceWorkloads{}, refused(primary, 1, node_21)}))
                  ->placements,
              (std::vector{placed(primary, 1, node_11)}));
}

TEST(RefusedReservation, AfterThePaymentMovesTheOtherRoleInTheSameWay) {
    History history = after({}, {order(scattered_quote()), PlaceWorkloads{},
                                 reserved(primary, 1, node_21), reserved(backup, 1, node_41)});
    history = after(history, {held}, minutes_later(30));
    given<Deployment>(history)
        .when(refused(primary, 1, node_21), minutes_later(31))
        .then({ReservationRefused{primary, 1, {"21"}, "capacity_exhausted"},
               ReservationsReleased{{placed(backup, 1, node_41)}},
               ReservationRequested{placed(primary, 1, node_11), {"operator-t"}},
               ReservationRequested{placed(backup, 1, node_42), {"operator-t"}}});
}

TEST(RefusedReservation, OfTheLastCandidateEndsTheOrder) {
    auto quote = with_code(single_quote());
    quote.candidates = {node_11};
    const History history = after({}, {order(quote), PlaceWorkloads{}, RecordDiscount{true, {}}});
    GiveBack give_back{{},       {},      "SPRING", ChargeState::none, billing_terms(quote, {}),
                       {"d1.1"}, {"d1.1"}};
    given<Deployment>(history)
        .when(refused(primary, 1, node_11))
        .then({ReservationRefused{primary, 1, {"11"}, "capacity_exhausted"},
               PlacementFailed{2, {primary}},
               DeploymentFailed{FailureReason::no_capacity, give_back}});
}

TEST(LateReservation, IsReleasedAtOnceAndOnce) {
    const History over = after(double_reserving, {CancelDeployment{}});
    EXPECT_EQ(last<CancellationRequested>(over)->give_back.reservations.size(), 2U);
    given<Deployment>(over)
        .when(reserved(primary, 1, node_11))
        .then({ReservationsReleased{{placed(primary, 1, node_11)}}});
    given<Deployment>(after(over, {reserved(primary, 1, node_11)}))
        .when(reserved(primary, 1, node_11))
        .then_nothing();
    given<Deployment>(over).when(refused(primary, 1, node_11)).then_nothing();
}

TEST(OrderDiscountCode, HasToBeReservedBeforeTheMoneyIsAskedFor) {
    const History history = after(
        {}, {order(with_code(single_quote())), PlaceWorkloads{}, reserved(primary, 1, node_11)});
    EXPECT_EQ(last<AllReserved>(history), nullptr);
    given<Deployment>(history)
        .when(RecordDiscount{true, {}})
        .then({DiscountRecorded{true, {}}, AllReserved{billing_terms(with_code(single_quote()), {}),
                                                       false, first_payment, first_invoice}});
    const History both = after(history, {RecordDiscount{true, {}}});
    given<Deployment>(both).when(RecordDiscount{true, {}}).then_nothing();
    given<Deployment>(both).when(RecordDiscount{false, {}}).then_nothing();
}

TEST(OrderDiscountCode, ThatIsRefusedEndsTheOrder) {
    const History history = after(
        {}, {order(with_code(single_quote())), PlaceWorkloads{}, reserved(primary, 1, node_11)});
    GiveBack give_back{{},
                       {placed(primary, 1, node_11)},
                       {},
                       ChargeState::none,
                       billing_terms(with_code(single_quote()), {}),
                       {"d1.1"},
                       {"d1.1"}};
    given<Deployment>(history)
        .when(RecordDiscount{false, "code_exhausted"})
        .then({DiscountRecorded{false, "code_exhausted"},
               DeploymentFailed{FailureReason::discount_refused, give_back}});
}

TEST(OrderDiscountCode, ThatIsReservedTooLateIsReleased) {
    const History over =
        after({}, {order(with_code(single_quote())), PlaceWorkloads{}, CancelDeployment{}});
    EXPECT_EQ(last<CancellationRequested>(over)->give_back.discount_code, "SPRING");
    given<Deployment>(over)
        .when(RecordDiscount{true, {}})
        .then({DiscountReleaseRequested{{"user-b"}, {"operator-t"}, "SPRING"}});
    given<Deployment>(after(over, {RecordDiscount{true, {}}}))
        .when(RecordDiscount{true, {}})
        .then_nothing();
    given<Deployment>(over).when(RecordDiscount{false, {}}).then_nothing();
}

TEST(OrderDiscountCode, ThatNobodyGaveIsUnknown) {
    given<Deployment>(reserving)
        .when(RecordDiscount{true, {}})
        .then_rejected(Rejection::discount_unknown);
}

} // namespace

} // namespace domain
