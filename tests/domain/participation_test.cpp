// A participation: asked for, talked about, decided, ended.

#include "domain/participation.hpp"

#include "tests/support/given.hpp"

namespace domain {

namespace {

using tests::given;
using History = std::vector<ParticipationEvent>;
using Rejection = ParticipationRejection;

const ProviderId provider{"provider-p"};
const DashboardId dashboard{"operator-t"};
const std::vector<NodeId> nodes{{"11"}, {"12"}};
const ParticipationOffer offer{nodes, "main", {"nextcloud"}, "sealed-contact", 3};

History operator+(History history, const ParticipationEvent& event) {
    history.push_back(event);
    return history;
}

const History requested{ParticipationRequested{provider, dashboard, offer, "sealed-comment"}};
const History approved =
    requested + ParticipationApproved{provider, dashboard, nodes, {"nextcloud"}, 3};
const History denied = requested + ParticipationDenied{provider, dashboard, "too small"};
const History withdrawn = requested + ParticipationWithdrawn{provider, dashboard};
const History ended = approved + ParticipationEnded{provider, dashboard, nodes, "moved"};

RequestParticipation request() {
    return {provider, dashboard, offer, "sealed-comment", true, {{"12"}, {"11"}, {"13"}}, 3};
}

TEST(ParticipationRequest, CarriesTheOffer) {
    given<Participation>({}).when(request()).then(requested);
    const Participation state = given<Participation>(requested).state();
    EXPECT_EQ(state.status, ParticipationStatus::requested);
    EXPECT_EQ(state.offer, offer);
}

TEST(ParticipationRequest, IsOneAtATime) {
    for (const History& history : {requested, approved})
        given<Participation>(history).when(request()).then_rejected(
            Rejection::already_participating);
    for (const History& history : {denied, withdrawn, ended})
        given<Participation>(history).when(request()).then(requested);
    const Participation again =
        given<Participation>(requested + ParticipationCommented{1, "x"} +
                             ParticipationDenied{provider, dashboard, "no"} + requested.front())
            .state();
    EXPECT_EQ(again.comments, 0U);
    EXPECT_EQ(again.reason, std::nullopt);
}

TEST(ParticipationRequest, IsOfAnApprovedProviderWithItsOwnNodes) {
    const auto refused = [](auto change, Rejection reason) {
        RequestParticipation command = request();
        change(command);
        given<Participation>({}).when(command).then_rejected(reason);
    };
    refused([](auto& one) { one.provider = {}; }, Rejection::provider_missing);
    refused([](auto& one) { one.dashboard = {}; }, Rejection::dashboard_missing);
    refused([](auto& one) { one.provider_approved = false; }, Rejection::provider_not_approved);
    refused([](auto& one) { one.offer.nodes.clear(); }, Rejection::node_missing);
    refused([](auto& one) { one.offer.nodes.push_back({}); }, Rejection::node_missing);
    refused([](auto& one) { one.offer.nodes.push_back({"11"}); }, Rejection::node_repeated);
    refused([](auto& one) { one.offer.nodes.push_back({"14"}); }, Rejection::node_not_owned);
    refused([](auto& one) { one.nodes_owned.clear(); }, Rejection::node_not_owned);
    refused([](auto& one) { one.offer.nodes.resize(participation_nodes_max + 1); },
            Rejection::too_many_nodes);
    refused([](auto& one) { one.offer.network.clear(); }, Rejection::network_missing);
    refused([](auto& one) { one.offer.sealed_contact.clear(); }, Rejection::contact_missing);
    refused([](auto& one) { one.offer.sla_version = 2; }, Rejection::sla_not_accepted);
}

TEST(ParticipationThatWasNeverRequested, RefusesEverythingElse) {
    const std::vector<ParticipationCommand> commands{
        CommentOnParticipation{}, ApproveParticipation{},   DenyParticipation{},
        WithdrawParticipation{},  AcceptParticipationSla{}, EndParticipation{}};
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<ParticipationCommand>);
    for (const ParticipationCommand& command : commands)
        given<Participation>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(ParticipationComments, AreNumberedWhileTheCaseIsOpen) {
    given<Participation>(requested)
        .when(CommentOnParticipation{"sealed"})
        .then({ParticipationCommented{1, "sealed"}});
    given<Participation>(requested + ParticipationCommented{1, "sealed"})
        .when(CommentOnParticipation{"sealed"})
        .then({ParticipationCommented{2, "sealed"}});
    given<Participation>(requested)
        .when(CommentOnParticipation{})
        .then_rejected(Rejection::comment_missing);
    given<Participation>(requested + ParticipationCommented{participation_comments_max, "x"})
        .when(CommentOnParticipation{"sealed"})
        .then_rejected(Rejection::too_many_comments);
    for (const History& history : {approved, denied, withdrawn, ended})
        given<Participation>(history)
            .when(CommentOnParticipation{"sealed"})
            .then_rejected(Rejection::case_closed);
}

TEST(ParticipationDecision, IsTheOperators) {
    given<Participation>(requested)
        .when(ApproveParticipation{3, true})
        .then({ParticipationApproved{provider, dashboard, nodes, {"nextcloud"}, 3}});
    given<Participation>(requested)
        .when(DenyParticipation{"too small", true})
        .then({ParticipationDenied{provider, dashboard, "too small"}});
    for (const History& history : {requested, approved, denied}) {
        given<Participation>(history)
            .when(ApproveParticipation{3, false})
            .then_rejected(Rejection::not_dashboard_operator);
        given<Participation>(history)
            .when(DenyParticipation{"too small", false})
            .then_rejected(Rejection::not_dashboard_operator);
    }
}

TEST(ParticipationDecision, NamesTheSlaOrTheReason) {
    given<Participation>(requested)
        .when(ApproveParticipation{4, true})
        .then_rejected(Rejection::sla_not_accepted);
    given<Participation>(requested)
        .when(DenyParticipation{"", true})
        .then_rejected(Rejection::reason_missing);
}

TEST(ParticipationDecision, IsMadeOnce) {
    given<Participation>(approved).when(ApproveParticipation{3, true}).then_nothing();
    given<Participation>(denied).when(DenyParticipation{"again", true}).then_nothing();
    for (const History& history : {denied, withdrawn, ended})
        given<Participation>(history)
            .when(ApproveParticipation{3, true})
            .then_rejected(Rejection::case_closed);
    for (const History& history : {approved, withdrawn, ended})
        given<Participation>(history)
            .when(DenyParticipation{"too late", true})
            .then_rejected(Rejection::case_closed);
}

TEST(ParticipationRequest, IsWithdrawnBeforeItIsDecided) {
    given<Participation>(requested)
        .when(WithdrawParticipation{})
        .then({ParticipationWithdrawn{provider, dashboard}});
    given<Participation>(withdrawn).when(WithdrawParticipation{}).then_nothing();
    for (const History& history : {approved, denied, ended})
        given<Participation>(history)
            .when(WithdrawParticipation{})
            .then_rejected(Rejection::case_closed);
}

TEST(ParticipationSla, ALaterVersionNeedsANewYes) {
    given<Participation>(approved)
        .when(AcceptParticipationSla{4, 4})
        .then({ParticipationSlaAccepted{provider, dashboard, 4}});
    EXPECT_EQ(given<Participation>(approved + ParticipationSlaAccepted{provider, dashboard, 4})
                  .state()
                  .offer.sla_version,
              4U);
    given<Participation>(approved).when(AcceptParticipationSla{3, 3}).then_nothing();
    given<Participation>(approved)
        .when(AcceptParticipationSla{4, 5})
        .then_rejected(Rejection::sla_not_accepted);
    given<Participation>(approved)
        .when(AcceptParticipationSla{2, 2})
        .then_rejected(Rejection::sla_not_accepted);
    for (const History& history : {requested, denied, withdrawn, ended})
        given<Participation>(history)
            .when(AcceptParticipationSla{4, 4})
            .then_rejected(Rejection::not_participating);
}

TEST(ParticipationEnd, WaitsForItsWorkloads) {
    given<Participation>(approved)
        .when(EndParticipation{"moved", 0})
        .then({ParticipationEnded{provider, dashboard, nodes, "moved"}});
    given<Participation>(approved)
        .when(EndParticipation{"moved", 1})
        .then_rejected(Rejection::workloads_still_placed);
    given<Participation>(ended).when(EndParticipation{{}, 1}).then_nothing();
    for (const History& history : {requested, denied, withdrawn})
        given<Participation>(history)
            .when(EndParticipation{})
            .then_rejected(Rejection::not_participating);
}

} // namespace

} // namespace domain
