// Deployments by name: what had happened to each. Histories are made by deciding, so that each is
// one that can be.

#pragma once

#include "domain/deployment.hpp"
#include "tests/support/given.hpp"

#include <algorithm>
#include <initializer_list>

namespace domain::deployment_samples {

using tests::given;
using tests::some_time;
using History = std::vector<DeploymentEvent>;
using Rejection = DeploymentRejection;
using enum WorkloadRole;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Time minutes_later(std::int64_t minutes) {
    return {some_time.milliseconds + minutes * 60'000};
}

inline const Resources small{2, 4, 50, 0, 0, 0};
inline const Resources large{4, 8, 100, 0, 0, 0};

inline const Candidate node_11{{"11"}, {"7"}, "BE"}, node_12{{"12"}, {"7"}, "BE"},
    node_21{{"21"}, {"9"}, "DE"}, node_31{{"31"}, {"12"}, "FR"};

inline WorkloadPlacement placed(WorkloadRole role, std::uint32_t attempt, const Candidate& node) {
    return {role, attempt, node.node, node.farm, node.country, small};
}

// One virtual machine; with tax.
inline QuoteTerms single_quote() {
    QuoteTerms quote;
    quote.id = {"q2"};
    quote.dashboard = {"operator-t"};
    quote.account = {"user-b"};
    quote.plan = {"vm-s"};
    quote.plan_version = 1;
    quote.application = "ubuntu-24.04";
    quote.workloads = {{primary, small}};
    quote.price = quote.net = usd(1500);
    quote.tax = usd(315);
    quote.gross = usd(1815);
    quote.discount = quote.list_cost = quote.expected_cost = usd(0);
    quote.tax_basis_points = 2100;
    quote.tax_country = "BE";
    quote.candidates = {node_11, node_12, node_21, node_31};
    quote.expires = minutes_later(15);
    return quote;
}

// With a backup and a name.
inline QuoteTerms double_quote() {
    QuoteTerms quote = single_quote();
    quote.id = {"q1"};
    quote.plan = {"nextcloud-s-backup"};
    quote.sla_version = 1;
    quote.application = "nextcloud";
    quote.workloads = {{primary, small}, {backup, small}};
    quote.web_name = true;
    quote.price = quote.net = quote.gross = usd(1000);
    quote.tax = usd(0);
    quote.tax_basis_points = 0;
    quote.tax_country.reset();
    return quote;
}

inline QuoteTerms with_code(QuoteTerms quote) {
    quote.discount_code = "SPRING";
    return quote;
}

inline PlaceOrder order(const QuoteTerms& quote) {
    PlaceOrder command;
    command.deployment = {"d1"};
    command.quote = quote;
    command.name = "acme";
    command.ssh_key = "ssh-ed25519 AAAA";
    command.terms_accepted = command.card_present = command.dashboard_live = true;
    command.committed = usd(0);
    command.dunning = {{1, 3, 7}, false};
    if (quote.web_name) command.domain_label = "acme";
    return command;
}

// What happens when these are asked one after the other, all at one time.
inline History after(History history, std::initializer_list<DeploymentCommand> commands,
                     Time now = some_time) {
    for (const DeploymentCommand& command : commands) {
        const auto decision = decide(given<Deployment>(history).state(), command, now);
        EXPECT_TRUE(decision) << boost::describe::enum_to_string(decision.error(), "?");
        if (decision) history.insert(history.end(), decision->begin(), decision->end());
    }
    return history;
}

inline RecordReservation reserved(WorkloadRole role, std::uint32_t attempt, const Candidate& node) {
    return {role, attempt, node.node, true, {}, {}};
}
inline RecordReservation refused(WorkloadRole role, std::uint32_t attempt, const Candidate& node) {
    return {role, attempt, node.node, false, {}, "capacity_exhausted"};
}
inline RecordContract contract(WorkloadRole role, std::uint32_t attempt, const char* id) {
    return {role, attempt, {id}, ContractKind::node};
}
inline RecordContract name_contract(const char* id) { return {{}, {}, {id}, ContractKind::name}; }
inline RecordWorkload ready(WorkloadRole role, std::uint32_t attempt) {
    return {role, attempt, true, {}, WorkloadAccess{{"10.0.0.2"}, {8080}, {}}};
}
inline RecordWorkload failed(WorkloadRole role, std::uint32_t attempt) {
    return {role, attempt, false, "flist mount failed", {}};
}
inline RecordDomain attached(std::uint32_t number, const char* id) {
    return {number, true, ContractId{id}, "acme.gw.example", {}};
}
inline RecordPayment payment(OrderPayment kind) {
    RecordPayment command{kind, {}};
    if (kind == OrderPayment::held) command.capture_before = minutes_later(7 * 24 * 60);
    return command;
}
inline const DeploymentCommand held = payment(OrderPayment::held);
inline const DeploymentCommand charged = payment(OrderPayment::charged);

// With one workload.
inline const History ordered = after({}, {order(single_quote())});
inline const History reserving = after(ordered, {PlaceWorkloads{}});
inline const History awaiting = after(reserving, {reserved(primary, 1, node_11)});
inline const History provisioning = after(awaiting, {held});
inline const History contracted = after(provisioning, {contract(primary, 1, "9001")});
inline const History running = after(contracted, {ready(primary, 1)});
inline const History paid = after(running, {charged});
inline const History suspended = after(paid, {SuspendDeployment{SuspensionReason::unpaid}});
inline const History cancelling = after(paid, {CancelDeployment{}});
inline const History cancelled = after(cancelling, {RecordRelease{{"9001"}}});
inline const History abandoned = after(awaiting, {payment(OrderPayment::abandoned)});

// With a backup and a name.
inline const History double_reserving = after({}, {order(double_quote()), PlaceWorkloads{}});
inline const History double_provisioning =
    after(double_reserving, {reserved(primary, 1, node_11), reserved(backup, 1, node_21), held});
inline const History double_ready =
    after(double_provisioning, {contract(primary, 1, "9001"), ready(primary, 1),
                                contract(backup, 1, "9002"), ready(backup, 1)});
inline const History double_paid = after(double_ready, {attached(1, "9003"), charged});

inline const BillingTerms terms = billing_terms(single_quote(), {});
inline const PaymentId first_payment{"d1.1"};
inline const InvoiceId first_invoice{"d1.1"};
inline const WorkloadAccess access{{"10.0.0.2"}, {8080}, {}};
inline const ServingWorkload first_workload{placed(primary, 1, node_11), {"9001"}, "d1p1", access};
inline const GridContract third_contract{{"9003"}, ContractKind::name, {}, {}, {}, {}};
inline const GridContract first_contract{{"9001"}, ContractKind::node, primary,
                                         1,        node_11.node,       "d1p1"};

inline Deployment state(const History& history) { return given<Deployment>(history).state(); }

template <class Event>
const Event* last(const History& history) {
    for (auto event = history.rbegin(); event != history.rend(); ++event)
        if (const auto* found = std::get_if<Event>(&*event)) return found;
    return nullptr;
}

template <class Event>
std::size_t count(const History& history) {
    return static_cast<std::size_t>(
        std::count_if(history.begin(), history.end(),
                      [](const auto& event) { return std::holds_alternative<Event>(event); }));
}

} // namespace domain::deployment_samples
