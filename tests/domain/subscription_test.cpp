// Periods of a subscription: renewals, what is done about those that fail, other terms, the end.

#include "domain/subscription.hpp"

#include "domain/calendar.hpp"
#include "domain/pricing.hpp"
#include "tests/support/given.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <initializer_list>

namespace domain {

namespace {

using tests::given;
using History = std::vector<SubscriptionEvent>;
using Rejection = SubscriptionRejection;
using Status = SubscriptionStatus;
using enum SubscriptionMoment;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }

// 2027-04-01T00:00:00Z; April has 30 days.
constexpr Time april{1'806'537'600'000};
const Time may = add_days(april, 30), june = add_days(april, 61), july = add_days(april, 91);
Time day(std::int64_t days) { return add_days(april, days); }

BillingTerms terms_of(std::int64_t net, std::int64_t tax = 0) {
    BillingTerms terms;
    terms.payer = {"user-a"};
    terms.dashboard = {"operator-t"};
    terms.plan = {"nextcloud-s-backup"};
    terms.plan_version = 1;
    terms.price = terms.net = usd(net);
    terms.tax = usd(tax);
    terms.gross = usd(net + tax);
    return terms;
}

const BillingTerms terms = terms_of(1000), other_terms = terms_of(1500);
const DunningTerms dunning{{1, 3}, false};

History after(History history, std::initializer_list<SubscriptionCommand> commands, Time now) {
    for (const SubscriptionCommand& command : commands) {
        const auto decision = decide(given<Subscription>(history).state(), command, now);
        EXPECT_TRUE(decision) << boost::describe::enum_to_string(decision.error(), "?");
        if (decision) history.insert(history.end(), decision->begin(), decision->end());
    }
    return history;
}

Subscription state(const History& history) { return given<Subscription>(history).state(); }

RecordRenewalFailure failure(std::uint32_t attempt) {
    return {2, attempt, "insufficient_funds", false};
}

const History active = after({}, {StartSubscription{true, terms, april, dunning}}, april);
const History due = after(active, {OpenRenewal{2}}, may);
const History renewed = after(due, {RenewSubscription{2, true}}, may);
const History past_due = after(due, {failure(1)}, may);
const History suspended = after(past_due, {SuspendSubscription{}}, day(34));
const History ending = after(active, {CancelSubscription{period_end, {}}}, day(10));
const History ended = after(ending, {EndSubscription{}}, may);
const History cancelled =
    after(active, {CancelSubscription{now, CancellationReason::erasure}}, day(17));

TEST(Subscription, StartsWithThePeriodThatIsPaid) {
    given<Subscription>({})
        .when(StartSubscription{true, terms, april, dunning})
        .then({SubscriptionStarted{terms, 1, april, may, may, dunning}});
    for (const History& history : {active, past_due, cancelled, ended})
        given<Subscription>(history)
            .when(StartSubscription{true, terms, april, dunning})
            .then_rejected(Rejection::already_started);
}

TEST(Subscription, IsOfADeploymentThatRuns) {
    given<Subscription>({})
        .when(StartSubscription{false, terms, april, dunning})
        .then_rejected(Rejection::deployment_not_running);
    auto wrong = terms;
    wrong.gross = usd(999);
    given<Subscription>({})
        .when(StartSubscription{true, wrong, april, dunning})
        .then_rejected(Rejection::terms_invalid);
    wrong = terms;
    wrong.payer.value.clear();
    given<Subscription>({})
        .when(StartSubscription{true, wrong, april, dunning})
        .then_rejected(Rejection::terms_invalid);
}

TEST(Subscription, KeepsTheRetriesThatFitIntoAPeriod) {
    const auto kept = [](std::vector<std::uint32_t> days) {
        const auto history =
            after({}, {StartSubscription{true, terms, april, {std::move(days), true}}}, april);
        return state(history).dunning.retry_days;
    };
    EXPECT_EQ(kept({1, 3, 7}), (std::vector<std::uint32_t>{1, 3, 7}));
    EXPECT_EQ(kept({0, 5, 5, 2, 20, 21}), (std::vector<std::uint32_t>{5, 20}));
    EXPECT_EQ(kept({}), std::vector<std::uint32_t>{});
}

TEST(SubscriptionThatWasNeverStarted, RefusesEverythingElse) {
    const std::vector<SubscriptionCommand> commands{
        OpenRenewal{},         RenewSubscription{}, RecordRenewalFailure{}, SuspendSubscription{},
        RecoverSubscription{}, ChangePlan{},        CancelSubscription{},   EndSubscription{}};
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<SubscriptionCommand>);
    for (const SubscriptionCommand& command : commands)
        given<Subscription>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(Renewal, IsDueOncePerPeriod) {
    given<Subscription>(active).when(OpenRenewal{2}, may).then({RenewalDue{2, may, june, terms}});
    given<Subscription>(due).when(OpenRenewal{2}, may).then_nothing();
    given<Subscription>(renewed).when(OpenRenewal{2}, june).then_nothing();
    given<Subscription>(renewed).when(OpenRenewal{1}, june).then_nothing();
    given<Subscription>(renewed)
        .when(OpenRenewal{3}, june)
        .then({RenewalDue{3, june, july, terms}});
}

TEST(Renewal, WaitsForItsTurn) {
    given<Subscription>(active)
        .when(OpenRenewal{2}, {may.milliseconds - 1})
        .then_rejected(Rejection::not_due);
    given<Subscription>(active).when(OpenRenewal{3}, may).then_rejected(Rejection::period_unknown);
    given<Subscription>(due).when(OpenRenewal{3}, june).then_rejected(Rejection::renewal_pending);
    for (const History& history : {past_due, suspended, ending, ended, cancelled})
        given<Subscription>(history)
            .when(OpenRenewal{3}, june)
            .then_rejected(Rejection::not_active);
}

TEST(Renewal, IsDoneWhenItsInvoiceIsPaid) {
    given<Subscription>(due)
        .when(RenewSubscription{2, true}, may)
        .then({SubscriptionRenewed{2, may, june, june, terms}});
    given<Subscription>(due)
        .when(RenewSubscription{2, false})
        .then_rejected(Rejection::invoice_unpaid);
    for (const std::uint32_t period : {0U, 3U})
        given<Subscription>(due)
            .when(RenewSubscription{period, true})
            .then_rejected(Rejection::period_unknown);
    given<Subscription>(active).when(RenewSubscription{1, true}).then_nothing();
    given<Subscription>(renewed).when(RenewSubscription{2, true}).then_nothing();
    given<Subscription>(due).when(RenewSubscription{1, true}).then_nothing();
    const History over = after(due, {CancelSubscription{now, {}}}, may);
    given<Subscription>(over).when(RenewSubscription{2, true}).then_rejected(Rejection::not_active);
}

TEST(FailedRenewal, IsTriedAgainByTheDunningPolicy) {
    given<Subscription>(due)
        .when(failure(1), may)
        .then({RenewalFailed{2, 1, day(31), "insufficient_funds", false, terms},
               SubscriptionPastDue{2, may, terms}});
    given<Subscription>(past_due)
        .when(failure(2), day(31))
        .then({RenewalFailed{2, 2, day(33), "insufficient_funds", false, terms}});
    // The last one of the policy, and of what a payment allows.
    const History second = after(past_due, {failure(2)}, day(31));
    given<Subscription>(second)
        .when(failure(3), day(33))
        .then({RenewalFailed{2, 3, {}, "insufficient_funds", false, terms}});
}

TEST(FailedRenewal, LeavesOutTheTriesThatHavePassed) {
    given<Subscription>(due)
        .when(failure(1), day(32))
        .then({RenewalFailed{2, 1, day(33), "insufficient_funds", false, terms},
               SubscriptionPastDue{2, may, terms}});
    const auto late = decide(state(due), failure(1), day(33));
    EXPECT_EQ(std::get<RenewalFailed>(late->front()).next_try, std::nullopt);
}

TEST(FailedRenewal, GoesToTheLastStepWhenTheBankSaysSo) {
    const auto decision = decide(state(due), RecordRenewalFailure{2, 1, "stolen_card", true}, may);
    EXPECT_EQ(std::get<RenewalFailed>(decision->front()).next_try, std::nullopt);
}

TEST(FailedRenewal, NeverAsksForMoreTriesThanAPaymentHas) {
    History history =
        after({}, {StartSubscription{true, terms, april, {{1, 2, 3, 4, 5}, true}}}, april);
    history = after(history, {OpenRenewal{2}}, may);
    std::uint32_t attempt = 1;
    for (;; ++attempt) {
        history = after(history, {failure(attempt)}, day(29 + attempt));
        if (!state(history).next_try) break;
    }
    EXPECT_EQ(attempt, 3U);
    EXPECT_TRUE(std::get<RenewalFailed>(history.back()).cancels);
}

TEST(FailedRenewal, SaysNothingNewTheSecondTime) {
    given<Subscription>(past_due).when(failure(1)).then_nothing();
    given<Subscription>(renewed).when(failure(1)).then_nothing();
    given<Subscription>(suspended).when(failure(2)).then_nothing();
    given<Subscription>(cancelled).when(RecordRenewalFailure{1, 1, {}, false}).then_nothing();
    given<Subscription>(active).when(failure(1)).then_rejected(Rejection::period_unknown);
    given<Subscription>(due).when(failure(0)).then_rejected(Rejection::period_unknown);
}

TEST(SubscriptionSuspension, LastsAWeekAtMost) {
    given<Subscription>(past_due)
        .when(SuspendSubscription{}, day(34))
        .then({SubscriptionSuspended{2, day(34), day(41), terms}});
    given<Subscription>(suspended).when(SuspendSubscription{}).then_nothing();
    for (const History& history : {active, due, renewed})
        given<Subscription>(history)
            .when(SuspendSubscription{})
            .then_rejected(Rejection::not_past_due);
    for (const History& history : {cancelled, ended})
        given<Subscription>(history)
            .when(SuspendSubscription{})
            .then_rejected(Rejection::not_active);
}

TEST(SubscriptionRecovery, ComesWithTheMoney) {
    const SubscriptionRenewed renewal{2, may, june, june, terms};
    for (const SubscriptionCommand& command : {SubscriptionCommand{RecoverSubscription{true}},
                                               SubscriptionCommand{RenewSubscription{2, true}}}) {
        given<Subscription>(past_due).when(command).then(
            {SubscriptionRecovered{2, false}, renewal});
        given<Subscription>(suspended).when(command).then(
            {SubscriptionRecovered{2, true}, renewal});
        given<Subscription>(renewed).when(command).then_nothing();
    }
    given<Subscription>(past_due)
        .when(RecoverSubscription{false})
        .then_rejected(Rejection::invoice_unpaid);
    for (const History& history : {cancelled, ended})
        given<Subscription>(history)
            .when(RecoverSubscription{true})
            .then_rejected(Rejection::not_active);
    // The next period begins where it would have.
    const History again = after(suspended, {RecoverSubscription{true}}, day(40));
    EXPECT_EQ(state(again).suspended_at, std::nullopt);
    given<Subscription>(again).when(OpenRenewal{3}, june).then({RenewalDue{3, june, july, terms}});
}

ChangePlan change(const BillingTerms& to, SubscriptionMoment when = period_end) {
    return {to, when, true, false, false};
}

TEST(PlanChange, WaitsForTheEndOfThePeriod) {
    given<Subscription>(active)
        .when(change(other_terms))
        .then({PlanChangeScheduled{other_terms, may}});
    const History scheduled = after(active, {change(other_terms)}, day(5));
    given<Subscription>(scheduled).when(change(other_terms)).then_nothing();
    given<Subscription>(scheduled)
        .when(OpenRenewal{2}, may)
        .then({PlanChanged{other_terms}, RenewalDue{2, may, june, other_terms}});
    const Subscription changed = state(after(scheduled, {OpenRenewal{2}}, may));
    EXPECT_EQ(changed.terms, other_terms);
    EXPECT_EQ(changed.scheduled_terms, std::nullopt);
    // Thought better of.
    given<Subscription>(scheduled).when(change(terms)).then({PlanChangeScheduled{terms, may}});
}

TEST(PlanChange, AtOnceIsForTheNextInvoice) {
    given<Subscription>(active).when(change(other_terms, now)).then({PlanChanged{other_terms}});
    const History changed = after(active, {change(other_terms, now)}, day(5));
    given<Subscription>(changed).when(change(other_terms, now)).then_nothing();
    given<Subscription>(changed)
        .when(OpenRenewal{2}, may)
        .then({RenewalDue{2, may, june, other_terms}});
    EXPECT_EQ(state(changed).period_terms, terms);
    const History scheduled = after(active, {change(other_terms)}, day(5));
    given<Subscription>(scheduled).when(change(terms, now)).then({PlanChanged{terms}});
}

TEST(PlanChange, IsToAPlanOnOfferForTheSamePayer) {
    const auto refuse = [](Rejection reason, const ChangePlan& command) {
        given<Subscription>(active).when(command).then_rejected(reason);
    };
    auto command = change(other_terms);
    command.plan_offered = false;
    refuse(Rejection::plan_not_offered, command);
    command = change(other_terms);
    command.loses_data = true;
    refuse(Rejection::downgrade_data_loss, command);
    command.loss_accepted = true;
    EXPECT_TRUE(decide(state(active), command, april));
    for (auto* wrong :
         {+[](BillingTerms& one) { one.payer = {"user-b"}; },
          +[](BillingTerms& one) { one.dashboard = {"operator-u"}; },
          +[](BillingTerms& one) { one.net = usd(1); },
          +[](BillingTerms& one) {
              for (Money* part : {&one.price, &one.discount, &one.net, &one.tax, &one.gross})
                  part->currency = Currency::eur;
          }}) {
        command = change(other_terms);
        wrong(command.terms);
        refuse(Rejection::terms_invalid, command);
    }
    for (const History& history : {cancelled, ended})
        given<Subscription>(history).when(change(other_terms)).then_rejected(Rejection::not_active);
}

TEST(SubscriptionCancellation, AtOnceSaysWhatWasServed) {
    // 17 of 30 days.
    given<Subscription>(active)
        .when(CancelSubscription{now, CancellationReason::erasure}, day(17))
        .then({SubscriptionCancelled{CancellationReason::erasure, day(17), 1, april, may, true,
                                     terms, usd(566), usd(434), usd(434)}});
    for (const History& history : {cancelled, ended})
        for (const SubscriptionMoment when : {now, period_end})
            given<Subscription>(history)
                .when(CancelSubscription{when, {}})
                .then_rejected(Rejection::already_cancelled);
}

TEST(SubscriptionCancellation, CountsWhatWasNotPaidButServedUntilTheSuspension) {
    // Suspended on the fourth of 31 days, and cancelled a week later.
    const auto decision =
        decide(state(suspended), CancelSubscription{now, CancellationReason::unpaid}, day(41));
    const auto& event = std::get<SubscriptionCancelled>(decision->front());
    EXPECT_EQ(event.period, 2U);
    EXPECT_FALSE(event.paid);
    EXPECT_EQ(event.used, usd(1000 * 4 / 31));
    EXPECT_EQ(event.used + event.unused, usd(1000));
}

TEST(SubscriptionCancellation, CountsNoMoreThanThePeriod) {
    const auto decision = decide(state(active), CancelSubscription{now, {}}, june);
    const auto& event = std::get<SubscriptionCancelled>(decision->front());
    EXPECT_EQ(event.used, usd(1000));
    EXPECT_EQ(event.unused_gross, usd(0));
    // Nor less than nothing, should clocks differ.
    const auto early = decide(state(due), CancelSubscription{now, {}}, april);
    EXPECT_EQ(std::get<SubscriptionCancelled>(early->front()).used, usd(0));
}

TEST(SubscriptionCancellation, AtThePeriodsEndLetsItRunOut) {
    given<Subscription>(active)
        .when(CancelSubscription{period_end, {}})
        .then({CancellationScheduled{CancellationReason::customer, may}});
    given<Subscription>(ending)
        .when(CancelSubscription{period_end, {}})
        .then_rejected(Rejection::already_cancelled);
    given<Subscription>(ending)
        .when(EndSubscription{}, {may.milliseconds - 1})
        .then_rejected(Rejection::not_due);
    given<Subscription>(ending)
        .when(EndSubscription{}, may)
        .then({SubscriptionEnded{CancellationReason::customer, 1, may, true, terms}});
    given<Subscription>(ended).when(EndSubscription{}).then_nothing();
    given<Subscription>(cancelled).when(EndSubscription{}).then_nothing();
    given<Subscription>(active)
        .when(EndSubscription{}, may)
        .then_rejected(Rejection::not_scheduled);
    // At once is still possible.
    EXPECT_EQ(state(after(ending, {CancelSubscription{now, {}}}, day(12))).status,
              Status::cancelled);
}

TEST(UnusedPart, WithItsTaxLeavesNothingOver) {
    for (const std::int64_t net : {0, 1, 3, 50, 999, 1000, 1500})
        for (const std::int64_t tax : {0, 1, 2, 315, 10'000}) {
            const BillingTerms all = terms_of(net, tax);
            for (std::int64_t part = 0; part <= net; ++part) {
                const Money gross = with_tax(all, usd(part));
                const Money rest = gross - refund_tax(all.gross, all.tax, usd(0), usd(0), gross);
                ASSERT_EQ(rest, usd(part)) << net << "+" << tax;
                ASSERT_LE(gross, all.gross);
            }
            if (net > 0) {
                EXPECT_EQ(with_tax(all, usd(net)), all.gross);
            }
            EXPECT_EQ(with_tax(all, usd(0)), usd(0));
        }
    EXPECT_EQ(with_tax(terms_of(1500, 315), usd(750)), usd(908));
}

} // namespace

} // namespace domain
