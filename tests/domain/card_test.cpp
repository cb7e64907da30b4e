// A card: set up with the provider, kept, renewed, removed.

#include "domain/card.hpp"

#include "tests/support/given.hpp"

namespace domain {

namespace {

using tests::given;
using tests::some_time; // 2027-01-15
using History = std::vector<CardEvent>;
using Rejection = CardRejection;

const AccountId account{"user-a"};
const DashboardId dashboard{"operator-t"};
const CardId payment_method{"pm_1MqLiJLkdIwHu7ix"};
const std::string customer = "cus_NffrFeUfNV2Hib", setup = "seti_1";
const CardFace face{"visa", "4242", 12, 2028};
const CardFace renewed_face{"visa", "1881", 6, 2031};
const CardFace past_face{"visa", "4242", 12, 2026};

// 2029-01-01, 2031-07-01, 2027-01-01.
constexpr Time face_end{1'861'920'000'000}, renewed_end{1'940'630'400'000},
    past_end{1'798'761'600'000};

History operator+(History history, const CardEvent& event) {
    history.push_back(event);
    return history;
}

const CardEvent attached_event =
    CardAttached{account, dashboard, payment_method, customer, face, face_end};

const History started{CardSetupStarted{account, dashboard, customer, {}}};
const History action_required =
    started + CardSetupActionRequired{account, dashboard, setup, "redirect_to_url"};
const History failed = started + CardSetupFailed{account, dashboard, setup, "card_declined"};
const History attached = started + attached_event;
const History expired = attached + CardExpired{account, dashboard, face};
const History removed = attached + CardRemoved{account, dashboard, payment_method, {}};
const History removed_early = action_required + CardRemoved{account, dashboard, {}, setup};

StartCardSetup start() { return {account, dashboard, customer, {}, 0, false}; }

RecordCardSetupOutcome outcome(CardSetupOutcome what) {
    RecordCardSetupOutcome command;
    command.outcome = what;
    command.provider_reference = setup;
    return command;
}
RecordCardSetupOutcome attached_outcome() {
    RecordCardSetupOutcome command = outcome(CardSetupOutcome::attached);
    command.payment_method = payment_method;
    command.customer = customer;
    command.face = face;
    return command;
}

TEST(CardSetup, IsStartedOnce) {
    given<Card>({}).when(start()).then(started);
    for (const History& history : {started, failed, attached, removed})
        given<Card>(history).when(start()).then_rejected(Rejection::already_started);
}

TEST(CardSetup, NeedsAHolderRoomAndLeaveToSpend) {
    const auto refused = [](auto change, Rejection reason) {
        StartCardSetup command = start();
        change(command);
        given<Card>({}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.account = {}; }, Rejection::account_missing);
    refused([](auto& one) { one.dashboard = {}; }, Rejection::dashboard_missing);
    refused([](auto& one) { one.cards = cards_max; }, Rejection::too_many_cards);
    refused([](auto& one) { one.spending_suspended = true; }, Rejection::spending_suspended);
    refused([](auto& one) { one.customer = "4242 4242 4242 4242"; },
            Rejection::looks_like_a_card_number);
    StartCardSetup last = start();
    last.cards = cards_max - 1;
    given<Card>({}).when(last).then(started);
}

TEST(CardThatWasNeverStarted, RefusesEverythingElse) {
    const std::vector<CardCommand> commands{RecordCardSetupOutcome{}, MakeCardDefault{},
                                            RemoveCard{}, RecordCardUpdate{}};
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<CardCommand>);
    for (const CardCommand& command : commands)
        given<Card>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(CardSetup, IsConcluded) {
    RecordCardSetupOutcome command = outcome(CardSetupOutcome::action_required);
    command.action = "redirect_to_url";
    given<Card>(started).when(command).then(
        {CardSetupActionRequired{account, dashboard, setup, "redirect_to_url"}});
    command = outcome(CardSetupOutcome::failed);
    command.reason = "card_declined";
    for (const History& history : {started, action_required})
        given<Card>(history).when(command).then(
            {CardSetupFailed{account, dashboard, setup, "card_declined"}});
    // A setup that had failed may be tried again with the provider.
    for (const History& history : {started, action_required, failed})
        given<Card>(history).when(attached_outcome()).then({attached_event});
}

TEST(CardSetup, MayMakeTheCardTheDefaultAtOnce) {
    given<Card>({CardSetupStarted{account, dashboard, customer, true}})
        .when(attached_outcome())
        .then({attached_event, DefaultCardChosen{account, dashboard, payment_method, customer}});
}

TEST(CardSetup, KnowsItsHolderWithoutBeingToldAgain) {
    RecordCardSetupOutcome command = attached_outcome();
    command.customer.reset();
    given<Card>(started).when(command).then({attached_event});
}

TEST(CardSetup, SaysNothingNewTheSecondTime) {
    given<Card>(action_required).when(outcome(CardSetupOutcome::action_required)).then_nothing();
    given<Card>(failed).when(outcome(CardSetupOutcome::failed)).then_nothing();
    for (const History& history : {attached, expired, removed})
        given<Card>(history).when(attached_outcome()).then_nothing();
}

TEST(CardSetup, OutcomesOlderThanTheStateChangeNothing) {
    const auto older = [](const History& history, CardSetupOutcome what) {
        given<Card>(history).when(outcome(what)).then_rejected(Rejection::outcome_older_than_state);
    };
    older(failed, CardSetupOutcome::action_required);
    for (const History& history : {attached, expired, removed, removed_early}) {
        older(history, CardSetupOutcome::action_required);
        older(history, CardSetupOutcome::failed);
    }
}

TEST(CardSetup, IsOneSetupAndOneCard) {
    RecordCardSetupOutcome command = attached_outcome();
    command.provider_reference = "seti_2";
    given<Card>(action_required).when(command).then_rejected(Rejection::setup_differs);
    command = attached_outcome();
    command.payment_method = CardId{"pm_2"};
    given<Card>(attached).when(command).then_rejected(Rejection::payment_method_differs);
    for (const std::optional<CardId>& none : {std::optional<CardId>{}, std::optional{CardId{}}}) {
        command.payment_method = none;
        given<Card>(started).when(command).then_rejected(Rejection::payment_method_missing);
    }
}

TEST(CardSetup, KeepsFourDigitsAndNoMore) {
    const auto refused = [](CardFace wrong, Rejection reason) {
        RecordCardSetupOutcome command = attached_outcome();
        command.face = std::move(wrong);
        given<Card>(started).when(command).then_rejected(reason);
        given<Card>(attached).when(RecordCardUpdate{command.face}).then_rejected(reason);
    };
    refused({"visa", "424", 12, 2028}, Rejection::card_malformed);
    refused({"visa", "42 2", 12, 2028}, Rejection::card_malformed);
    refused({"", "4242", 12, 2028}, Rejection::card_malformed);
    refused({"visa", "4242", 0, 2028}, Rejection::card_malformed);
    refused({"visa", "4242", 13, 2028}, Rejection::card_malformed);
    refused({"visa", "4242", 12, 28}, Rejection::card_malformed);
    refused({"visa", "4242424242424242", 12, 2028}, Rejection::looks_like_a_card_number);
    refused({"visa 4242424242424242", "4242", 12, 2028}, Rejection::looks_like_a_card_number);
    RecordCardSetupOutcome faceless = attached_outcome();
    faceless.face.reset();
    given<Card>(started).when(faceless).then_rejected(Rejection::card_malformed);
}

TEST(CardSetup, LetsNoNumberInThroughAnyText) {
    const std::string number = "4242 4242 4242 4242";
    const std::vector<std::optional<std::string> RecordCardSetupOutcome::*> texts{
        &RecordCardSetupOutcome::provider_reference, &RecordCardSetupOutcome::customer,
        &RecordCardSetupOutcome::reason, &RecordCardSetupOutcome::action};
    for (const auto text : texts) {
        RecordCardSetupOutcome command = attached_outcome();
        command.*text = number;
        given<Card>(started).when(command).then_rejected(Rejection::looks_like_a_card_number);
    }
    RecordCardSetupOutcome command = attached_outcome();
    command.payment_method = CardId{number};
    given<Card>(started).when(command).then_rejected(Rejection::looks_like_a_card_number);
}

TEST(CardDefault, IsAnAttachedCard) {
    given<Card>(attached)
        .when(MakeCardDefault{})
        .then({DefaultCardChosen{account, dashboard, payment_method, customer}});
    for (const History& history : {started, action_required, failed, expired, removed})
        given<Card>(history).when(MakeCardDefault{}).then_rejected(Rejection::card_not_attached);
}

TEST(CardRemoval, MayBeAskedForAtAnyTimeUnlessTheCardIsNeeded) {
    for (const History& history : {attached, expired})
        given<Card>(history)
            .when(RemoveCard{})
            .then({CardRemoved{account, dashboard, payment_method, {}}});
    given<Card>(action_required)
        .when(RemoveCard{})
        .then({CardRemoved{account, dashboard, {}, setup}});
    given<Card>(attached)
        .when(RemoveCard{1})
        .then_rejected(Rejection::needed_for_active_subscription);
    given<Card>(removed).when(RemoveCard{1}).then_nothing();
}

// The provider has it by then, and nobody wants it there.
TEST(CardRemoval, DetachesWhatIsAttachedTooLate) {
    const CardEvent detach = CardRemoved{account, dashboard, payment_method, setup};
    given<Card>(removed_early).when(attached_outcome()).then({detach});
    const Card card = given<Card>(removed_early + detach).state();
    EXPECT_EQ(card.status, CardStatus::removed);
    given<Card>(removed_early + detach).when(attached_outcome()).then_nothing();
    given<Card>(removed_early + detach)
        .when(MakeCardDefault{})
        .then_rejected(Rejection::card_not_attached);
}

TEST(CardExpiry, IsTheEndOfItsMonth) {
    EXPECT_EQ(end_of(face), face_end);
    EXPECT_EQ(end_of(renewed_face), renewed_end);
    EXPECT_EQ(end_of(past_face), past_end);
    given<Card>(attached).when(RecordCardUpdate{}, {face_end.milliseconds - 1}).then_nothing();
    given<Card>(attached)
        .when(RecordCardUpdate{}, face_end)
        .then({CardExpired{account, dashboard, face}});
    given<Card>(expired).when(RecordCardUpdate{}, face_end).then_nothing();
}

TEST(CardUpdate, ChangesTheFace) {
    const CardEvent updated = CardUpdated{account, dashboard, renewed_face, renewed_end};
    for (const History& history : {attached, expired})
        given<Card>(history).when(RecordCardUpdate{renewed_face}, face_end).then({updated});
    given<Card>(attached + updated).when(RecordCardUpdate{renewed_face}).then_nothing();
    const Card card = given<Card>(expired + updated).state();
    EXPECT_EQ(card.status, CardStatus::attached);
    EXPECT_EQ(card.face, renewed_face);
    EXPECT_EQ(card.expires, renewed_end);
}

TEST(CardUpdate, MayTellOfAnExpiredCard) {
    for (const History& history : {attached, expired})
        given<Card>(history)
            .when(RecordCardUpdate{past_face})
            .then({CardUpdated{account, dashboard, past_face, past_end},
                   CardExpired{account, dashboard, past_face}});
}

TEST(CardUpdate, OfACardThatIsNotThereChangesNothing) {
    for (const History& history : {started, action_required, failed, removed})
        given<Card>(history).when(RecordCardUpdate{renewed_face}).then_nothing();
}

TEST(CardState, ShowsTheCourseOfTheSetup) {
    EXPECT_EQ(given<Card>(started).state().status, CardStatus::setup_started);
    EXPECT_EQ(given<Card>(action_required).state().action, "redirect_to_url");
    EXPECT_EQ(given<Card>(failed).state().reason, "card_declined");
    const Card card = given<Card>(failed + attached_event).state();
    EXPECT_EQ(card.status, CardStatus::attached);
    EXPECT_EQ(card.payment_method, payment_method);
    EXPECT_EQ(card.reason, std::nullopt);
    EXPECT_EQ(given<Card>(removed).state().status, CardStatus::removed);
}

} // namespace

} // namespace domain
