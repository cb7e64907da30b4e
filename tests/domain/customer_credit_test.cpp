// Credit: granted by one person or two, held for a purpose, spent, lost.

#include "tests/domain/customer_credit_samples.hpp"

namespace domain {

namespace {

using namespace customer_credit_samples;

TEST(CreditGrant, OfALittleIsOnePersonsMatter) {
    given_by<CustomerCredit>(first_person, {})
        .when(grant(CreditKind::goodwill, 10'000))
        .then({CreditGranted{
            account, dashboard, 1, CreditKind::goodwill, usd(10'000), {}, {}, "late", {}, {}}});
    const CustomerCredit state = given_by<CustomerCredit>(policy, goodwill).state();
    EXPECT_EQ(state.available, usd(250));
    EXPECT_EQ(state.granted, usd(250));
}

TEST(CreditGrant, OfMuchNeedsASecondPerson) {
    GrantCredit command = grant(CreditKind::goodwill, 10'001);
    command.reason = "outage";
    given_by<CustomerCredit>(first_person, {}).when(command).then(proposed);
    given_by<CustomerCredit>({}, {}).when(command).then_rejected(Rejection::four_eyes_required);
    EXPECT_EQ(given_by<CustomerCredit>(policy, proposed).state().granted.minor, 0);
    given_by<CustomerCredit>(second_person, proposed)
        .when(ApproveCredit{1})
        .then({CreditGranted{account,
                             dashboard,
                             1,
                             CreditKind::goodwill,
                             usd(10'001),
                             {},
                             {},
                             "outage",
                             1,
                             first_person}});
    for (const ActorId& nobody_else : {first_person, ActorId{}})
        given_by<CustomerCredit>(nobody_else, proposed)
            .when(ApproveCredit{1})
            .then_rejected(Rejection::same_approver);
}

TEST(CreditProposal, IsDecidedOnce) {
    given_by<CustomerCredit>(second_person, proposed)
        .when(RejectCredit{1, "too much"})
        .then({CreditRejected{account, dashboard, 1, usd(10'001), "too much"}});
    const History rejected =
        proposed + CreditRejected{account, dashboard, 1, usd(10'001), "too much"};
    const History approved =
        proposed + CreditGranted{account, dashboard, 1, CreditKind::goodwill, usd(10'001), {},
                                 {},      {},        1, first_person};
    for (const History& history : {rejected, approved, goodwill}) {
        given_by<CustomerCredit>(second_person, history)
            .when(ApproveCredit{1})
            .then_rejected(Rejection::proposal_unknown);
        given_by<CustomerCredit>(second_person, history)
            .when(RejectCredit{1, {}})
            .then_rejected(Rejection::proposal_unknown);
    }
    EXPECT_EQ(given_by<CustomerCredit>(policy, approved).state().available, usd(10'001));
}

TEST(CreditProposal, MayComeToNothingMeanwhile) {
    const History euros{
        CreditGranted{account, dashboard, 1, CreditKind::goodwill, eur(5), {}, {}, {}, {}, {}}};
    given_by<CustomerCredit>(second_person, proposed + euros.front())
        .when(ApproveCredit{1})
        .then_rejected(Rejection::wrong_currency);
    const History expiring{CreditProposed{
        account, dashboard, 1, CreditKind::promo, usd(20'000), first_person, {}, later(1), {}}};
    given_by<CustomerCredit>(second_person, expiring)
        .when(ApproveCredit{1}, later(1))
        .then_rejected(Rejection::expiry_past);
}

TEST(CreditProposals, AreTwentyAtMost) {
    History history;
    for (std::uint32_t number = 1; number <= credit_proposals_max; ++number)
        history.push_back(CreditProposed{account,
                                         dashboard,
                                         number,
                                         CreditKind::goodwill,
                                         usd(10'001),
                                         first_person,
                                         {},
                                         {},
                                         {}});
    given_by<CustomerCredit>(first_person, history)
        .when(grant(CreditKind::goodwill, 10'001))
        .then_rejected(Rejection::too_many_proposals);
}

TEST(CreditGrant, NeedsAnOwnerAnAmountAndAFuture) {
    const auto refused = [](auto change, Rejection reason) {
        GrantCredit command = grant(CreditKind::goodwill, 250);
        change(command);
        given_by<CustomerCredit>(first_person, {}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.account = {}; }, Rejection::account_missing);
    refused([](auto& one) { one.dashboard = {}; }, Rejection::dashboard_missing);
    for (const std::int64_t cents : {0, -1})
        refused([&](auto& one) { one.amount = usd(cents); }, Rejection::amount_zero);
    refused([](auto& one) { one.amount = usd(credit_grant_max + 1); }, Rejection::amount_too_large);
    for (const Currency currency : {Currency::tft, Currency::usdc})
        refused([&](auto& one) { one.amount.currency = currency; }, Rejection::wrong_currency);
    refused([](auto& one) { one.expires = some_time; }, Rejection::expiry_past);
}

TEST(CreditGrant, IsOfOneOwnerInOneCurrency) {
    const auto refused = [](auto change, Rejection reason) {
        GrantCredit command = grant(CreditKind::goodwill, 250);
        change(command);
        given_by<CustomerCredit>(first_person, goodwill).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.account = other_account; }, Rejection::owner_differs);
    refused([](auto& one) { one.dashboard = other_dashboard; }, Rejection::owner_differs);
    refused([](auto& one) { one.amount = eur(250); }, Rejection::wrong_currency);
}

TEST(CreditGrant, OfWhatIsOwedNamesWhatFor) {
    for (const CreditKind kind : {CreditKind::sla, CreditKind::refund_as_credit})
        for (const std::optional<std::string>& none :
             {std::optional<std::string>{}, std::optional<std::string>{""}})
            given_by<CustomerCredit>(policy, {})
                .when(grant(kind, 250, none))
                .then_rejected(Rejection::source_unknown);
    given_by<CustomerCredit>(policy, {})
        .when(grant(CreditKind::sla, 250, "d1.2"))
        .then({CreditGranted{
            account, dashboard, 1, CreditKind::sla, usd(250), "d1.2", {}, "late", {}, {}}});
}

TEST(CreditGrant, ForTheSameThingHappensOnce) {
    const History sla{
        CreditGranted{account, dashboard, 1, CreditKind::sla, usd(250), "d1.2", {}, {}, {}, {}}};
    given_by<CustomerCredit>(policy, sla).when(grant(CreditKind::sla, 250, "d1.2")).then_nothing();
    given_by<CustomerCredit>(policy, sla)
        .when(grant(CreditKind::sla, 251, "d1.2"))
        .then_rejected(Rejection::source_already_granted);
    given_by<CustomerCredit>(policy, sla)
        .when(grant(CreditKind::goodwill, 250, "d1.2"))
        .then({CreditGranted{
            account, dashboard, 2, CreditKind::goodwill, usd(250), "d1.2", {}, "late", {}, {}}});
    // Also while it waits.
    const History waiting{CreditProposed{
        account, dashboard, 1, CreditKind::sla, usd(20'000), policy, "d1.2", {}, {}}};
    given_by<CustomerCredit>(policy, waiting)
        .when(grant(CreditKind::sla, 20'000, "d1.2"))
        .then_nothing();
}

TEST(CreditGrants, AreBounded) {
    History history;
    for (std::uint32_t number = 1; number <= credit_grants_max; ++number)
        history.push_back(granted(number, CreditKind::goodwill, 1));
    given_by<CustomerCredit>(first_person, history)
        .when(grant(CreditKind::goodwill, 1))
        .then_rejected(Rejection::too_many_grants);
    given_by<CustomerCredit>(second_person, history + proposed_event)
        .when(ApproveCredit{1})
        .then_rejected(Rejection::too_many_grants);
}

TEST(CreditHold, TakesPromotionsFirstThenWhatExpiresFirst) {
    const History mixed = History{} + granted(1, CreditKind::goodwill, 100) +
                          granted(2, CreditKind::sla, 100, later(48)) +
                          granted(3, CreditKind::refund_as_credit, 100, later(24)) +
                          granted(4, CreditKind::promo, 100) +
                          granted(5, CreditKind::promo, 100, later(72)) +
                          granted(6, CreditKind::goodwill, 100);
    given_by<CustomerCredit>(policy, mixed)
        .when(hold("invoice-1", 550))
        .then(
            {CreditHeld{account,
                        dashboard,
                        "invoice-1",
                        usd(550),
                        usd(550),
                        {part(5, CreditKind::promo, 100), part(4, CreditKind::promo, 100),
                         part(3, CreditKind::refund_as_credit, 100), part(2, CreditKind::sla, 100),
                         part(1, CreditKind::goodwill, 100), part(6, CreditKind::goodwill, 50)}}});
}

TEST(CreditHold, TakesNothingWhoseTimeIsOver) {
    const History history = goodwill + granted(2, CreditKind::promo, 100, later(1));
    given_by<CustomerCredit>(policy, history)
        .when(hold("invoice-1", 300), later(1))
        .then_rejected(Rejection::insufficient_credit);
    given_by<CustomerCredit>(policy, history)
        .when(hold("invoice-1", 250), later(1))
        .then({CreditHeld{account,
                          dashboard,
                          "invoice-1",
                          usd(250),
                          usd(250),
                          {part(1, CreditKind::goodwill, 250)}}});
}

TEST(CreditHold, IsWholeUnlessAskedOtherwise) {
    given_by<CustomerCredit>(policy, goodwill)
        .when(hold("invoice-1", 251))
        .then_rejected(Rejection::insufficient_credit);
    given_by<CustomerCredit>(policy, goodwill)
        .when(hold("invoice-1", 1000, true))
        .then({CreditHeld{account,
                          dashboard,
                          "invoice-1",
                          usd(250),
                          usd(1000),
                          {part(1, CreditKind::goodwill, 250)}}});
    // Who waits for the answer gets one.
    const CustomerCreditEvent none = CreditUnavailable{account, dashboard, "invoice-1", usd(1000)};
    given_by<CustomerCredit>(policy, {}).when(hold("invoice-1", 1000, true)).then({none});
    given_by<CustomerCredit>(policy, {none}).when(hold("invoice-1", 1000, true)).then_nothing();
    given_by<CustomerCredit>(policy, {})
        .when(hold("invoice-1", 1000))
        .then_rejected(Rejection::insufficient_credit);
}

TEST(CreditHold, OfAnotherCurrencyIsNone) {
    HoldCredit command = hold("invoice-1", 100);
    command.amount = eur(100);
    given_by<CustomerCredit>(policy, goodwill)
        .when(command)
        .then_rejected(Rejection::wrong_currency);
    command.up_to = true;
    given_by<CustomerCredit>(policy, goodwill)
        .when(command)
        .then({CreditUnavailable{account, dashboard, "invoice-1", eur(100)}});
    command.amount = {100, Currency::tft};
    given_by<CustomerCredit>(policy, goodwill)
        .when(command)
        .then_rejected(Rejection::wrong_currency);
}

TEST(CreditHold, HasAPurposeOfItsOwn) {
    given_by<CustomerCredit>(policy, held).when(hold("invoice-1", 100)).then_nothing();
    given_by<CustomerCredit>(policy, held)
        .when(hold("invoice-1", 101))
        .then_rejected(Rejection::hold_differs);
    given_by<CustomerCredit>(policy, held)
        .when(hold("", 1))
        .then_rejected(Rejection::purpose_missing);
    given_by<CustomerCredit>(policy, held)
        .when(hold("invoice-2", 0))
        .then_rejected(Rejection::amount_zero);
    HoldCredit foreign = hold("invoice-2", 1);
    foreign.account = other_account;
    given_by<CustomerCredit>(policy, held).when(foreign).then_rejected(Rejection::owner_differs);
    given_by<CustomerCredit>(policy, held)
        .when(hold("invoice-2", 151))
        .then_rejected(Rejection::insufficient_credit);
}

TEST(CreditHolds, AreBounded) {
    History history = goodwill + granted(2, CreditKind::goodwill, 10'000);
    for (std::size_t i = 0; i < credit_holds_max; ++i)
        history.push_back(CreditHeld{account,
                                     dashboard,
                                     "invoice-" + std::to_string(i),
                                     usd(1),
                                     usd(1),
                                     {part(2, CreditKind::goodwill, 1)}});
    given_by<CustomerCredit>(policy, history)
        .when(hold("another", 1))
        .then_rejected(Rejection::too_many_holds);
}

TEST(CreditRelease, GivesBack) {
    const CustomerCreditEvent released = CreditReleased{
        account, dashboard, "invoice-1", usd(100), {part(1, CreditKind::goodwill, 100)}};
    given_by<CustomerCredit>(policy, held).when(ReleaseCredit{"invoice-1"}).then({released});
    given_by<CustomerCredit>(policy, held)
        .when(ReleaseCredit{"invoice-2"})
        .then_rejected(Rejection::hold_unknown);
    const auto after = given_by<CustomerCredit>(policy, held + released);
    EXPECT_EQ(after.state().available, usd(250));
    EXPECT_EQ(after.state().held, usd(0));
    EXPECT_EQ(after.state().grants.front().left, usd(250));
    after.when(ReleaseCredit{"invoice-1"}).then_nothing();
    after.when(hold("invoice-1", 100)).then_nothing();
    after.when(SpendCredit{"invoice-1", {}}).then_rejected(Rejection::hold_unknown);
}

TEST(CreditRelease, DoesNotReviveWhatIsOver) {
    const History history =
        History{} + granted(1, CreditKind::goodwill, 50) +
        granted(2, CreditKind::promo, 100, later(1)) +
        CreditHeld{
            account,     dashboard,
            "invoice-1", usd(120),
            usd(120),    {part(2, CreditKind::promo, 100), part(1, CreditKind::goodwill, 20)}};
    given_by<CustomerCredit>(policy, history)
        .when(ReleaseCredit{"invoice-1"}, later(1))
        .then({CreditReleased{account,
                              dashboard,
                              "invoice-1",
                              usd(120),
                              {part(2, CreditKind::promo, 100), part(1, CreditKind::goodwill, 20)}},
               CreditExpired{account, dashboard, usd(100), {part(2, CreditKind::promo, 100)}}});
    // What is held is not lost while it is.
    given_by<CustomerCredit>(policy, history).when(ExpireCredit{}, later(1)).then_nothing();
    given_by<CustomerCredit>(policy, history)
        .when(SpendCredit{"invoice-1", {}}, later(1))
        .then({CreditSpent{account,
                           dashboard,
                           "invoice-1",
                           usd(120),
                           {part(2, CreditKind::promo, 100), part(1, CreditKind::goodwill, 20)}}});
}

TEST(CreditSpending, TakesWhatIsHeld) {
    const CustomerCreditEvent spent = CreditSpent{
        account, dashboard, "invoice-1", usd(100), {part(1, CreditKind::goodwill, 100)}};
    given_by<CustomerCredit>(policy, held).when(SpendCredit{"invoice-1", {}}).then({spent});
    const auto after = given_by<CustomerCredit>(policy, held + spent);
    EXPECT_EQ(after.state().available, usd(150));
    EXPECT_EQ(after.state().spent, usd(100));
    after.when(SpendCredit{"invoice-1", {}}).then_nothing();
    after.when(ReleaseCredit{"invoice-1"}).then_nothing();
    after.when(hold("invoice-1", 100)).then_nothing();
    given_by<CustomerCredit>(policy, held)
        .when(SpendCredit{"invoice-2", {}})
        .then_rejected(Rejection::hold_unknown);
}

TEST(CreditSpending, OfAPartReleasesTheRest) {
    given_by<CustomerCredit>(policy, held)
        .when(SpendCredit{"invoice-1", usd(30)})
        .then({CreditSpent{
                   account, dashboard, "invoice-1", usd(30), {part(1, CreditKind::goodwill, 30)}},
               CreditReleased{
                   account, dashboard, "invoice-1", usd(70), {part(1, CreditKind::goodwill, 70)}}});
    given_by<CustomerCredit>(policy, held)
        .when(SpendCredit{"invoice-1", usd(101)})
        .then_rejected(Rejection::amount_exceeds_hold);
    given_by<CustomerCredit>(policy, held)
        .when(SpendCredit{"invoice-1", usd(0)})
        .then_rejected(Rejection::amount_zero);
    given_by<CustomerCredit>(policy, held)
        .when(SpendCredit{"invoice-1", eur(30)})
        .then_rejected(Rejection::wrong_currency);
}

TEST(CreditExpiry, TakesWhatIsLeftOfGrantsWhoseTimeIsOver) {
    const History history = goodwill + granted(2, CreditKind::promo, 100, later(1)) +
                            granted(3, CreditKind::sla, 70, later(2));
    given_by<CustomerCredit>(policy, history).when(ExpireCredit{}).then_nothing();
    const CustomerCreditEvent first =
        CreditExpired{account, dashboard, usd(100), {part(2, CreditKind::promo, 100)}};
    given_by<CustomerCredit>(policy, history).when(ExpireCredit{}, later(1)).then({first});
    given_by<CustomerCredit>(policy, history)
        .when(ExpireCredit{}, later(2))
        .then({CreditExpired{account,
                             dashboard,
                             usd(170),
                             {part(2, CreditKind::promo, 100), part(3, CreditKind::sla, 70)}}});
    given_by<CustomerCredit>(policy, history + first).when(ExpireCredit{}, later(1)).then_nothing();
    EXPECT_EQ(given_by<CustomerCredit>(policy, history + first).state().available, usd(320));
}

TEST(CreditForfeit, TakesWhatIsNotHeld) {
    const CustomerCreditEvent all = CreditForfeited{
        account, dashboard, usd(150), {part(1, CreditKind::goodwill, 150)}, "erasure"};
    given_by<CustomerCredit>(policy, held).when(ForfeitCredit{{}, "erasure"}).then({all});
    given_by<CustomerCredit>(policy, held + all).when(ForfeitCredit{{}, "erasure"}).then_nothing();
    given_by<CustomerCredit>(policy, held)
        .when(ForfeitCredit{usd(50), {}})
        .then({CreditForfeited{
            account, dashboard, usd(50), {part(1, CreditKind::goodwill, 50)}, {}}});
    given_by<CustomerCredit>(policy, held)
        .when(ForfeitCredit{usd(151), {}})
        .then_rejected(Rejection::insufficient_credit);
    given_by<CustomerCredit>(policy, held)
        .when(ForfeitCredit{usd(0), {}})
        .then_rejected(Rejection::amount_zero);
    given_by<CustomerCredit>(policy, held)
        .when(ForfeitCredit{eur(1), {}})
        .then_rejected(Rejection::wrong_currency);
}

TEST(CreditThatNobodyHas, RefusesWhatNeedsSome) {
    const std::vector<CustomerCreditCommand> commands{ApproveCredit{}, RejectCredit{},
                                                      ReleaseCredit{}, SpendCredit{},
                                                      ExpireCredit{},  ForfeitCredit{}};
    EXPECT_EQ(commands.size() + 2, std::variant_size_v<CustomerCreditCommand>);
    for (const CustomerCreditCommand& command : commands)
        given_by<CustomerCredit>(policy, {}).when(command).then_rejected(Rejection::not_found);
}

} // namespace

} // namespace domain
