// From the order to the payment: places on nodes, the discount code, the money.

#include "domain/deployment_placement.hpp"
#include "domain/deployment_rules.hpp"
#include "domain/payment.hpp"

#include <algorithm>

namespace domain {

namespace {

using Rejection = DeploymentRejection;
using Status = DeploymentStatus;

bool is_unpaid(Status status) { return status == Status::ordered || status == Status::reserving; }

// What the search for nodes begins with.
struct Search {
    std::vector<Workload> homeless;           // Roles without a place.
    std::vector<Workload> movable;            // Those, and roles that are not started yet.
    std::vector<WorkloadPlacement> staying;   // Of the roles that have one.
    std::vector<WorkloadPlacement> immovable; // Of the roles that are started.
    std::vector<NodeId> unfit;
};

Search search_in(const Deployment& deployment) {
    Search search;
    for (const Workload& workload : wanted_quote(deployment).workloads) {
        const WorkloadAttempt* current = current_attempt(deployment, workload.role);
        if (current == nullptr) search.homeless.push_back(workload);
        if (current == nullptr || !is_open(current->status)) search.movable.push_back(workload);
        if (current != nullptr) search.staying.push_back(current->place);
        if (current != nullptr && is_open(current->status))
            search.immovable.push_back(current->place);
    }
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.unfit) search.unfit.push_back(one.place.node);
    return search;
}

WorkloadPlacement place_at(const Deployment& deployment, const ChosenNode& chosen) {
    WorkloadPlacement place;
    place.role = chosen.role;
    place.attempt = attempts_of(deployment, chosen.role) + 1;
    place.node = chosen.candidate.node;
    place.farm = chosen.candidate.farm;
    place.country = chosen.candidate.country;
    if (const Workload* workload = find_workload(wanted_quote(deployment), chosen.role))
        place.resources = workload->resources;
    return place;
}

// Whether another attempt of the role may be begun.
bool may_try(const Deployment& deployment, WorkloadRole role, Time now) {
    const std::uint32_t before =
        role == WorkloadRole::backup ? deployment.attempts_before : std::uint32_t{0};
    if (attempts_of(deployment, role) - before >= workload_attempts_max) return false;
    if (deployment.trying_since && has_passed(now, *deployment.trying_since, attempts_time_max))
        return false;
    // Later, what is held could not be captured any more.
    return is_served(deployment.status) || deployment.charge != ChargeState::held ||
           !deployment.capture_before ||
           now.milliseconds + capture_margin.count() < deployment.capture_before->milliseconds;
}

bool all_reserved(const Deployment& deployment) {
    return std::ranges::all_of(deployment.quote.workloads, [&](const Workload& workload) {
        const WorkloadAttempt* current = current_attempt(deployment, workload.role);
        return current != nullptr && current->reservation == PlaceReservation::held;
    });
}

std::vector<WorkloadPlacement> waiting_places(const Deployment& deployment) {
    std::vector<WorkloadPlacement> places;
    for (const WorkloadAttempt& one : deployment.attempts)
        if (one.status == WorkloadStatus::placed) places.push_back(one.place);
    return places;
}

} // namespace

void place(DeploymentCourse& course) {
    const Deployment& deployment = course.state();
    const Search search = search_in(deployment);
    const auto& candidates = wanted_quote(deployment).candidates;
    auto chosen = choose(candidates, search.homeless, search.unfit, search.staying);
    // A place that nobody has started on is given up for two in different countries.
    if (chosen && search.movable.size() > search.homeless.size() &&
        !are_abroad(*chosen, search.staying)) {
        auto moved = choose(candidates, search.movable, search.unfit, search.immovable);
        if (moved && are_abroad(*moved, search.immovable)) chosen = std::move(moved);
    }
    if (!chosen) {
        PlacementFailed failed{deployment.round + 1, {}};
        for (const Workload& workload : search.homeless)
            failed.roles.push_back(workload.role);
        course.add(std::move(failed));
        return give_up(course, is_unpaid(deployment.status) ? FailureReason::no_capacity
                                                            : FailureReason::no_node_could_deploy);
    }
    PlacementChosen round{
        deployment.round + 1, deployment.quote.account, deployment.quote.dashboard, {}, {}, {}};
    for (const ChosenNode& one : *chosen) {
        const WorkloadAttempt* current = current_attempt(deployment, one.role);
        if (current != nullptr && current->place.node == one.candidate.node) continue;
        if (current != nullptr) round.released.push_back(current->place);
        round.placements.push_back(place_at(deployment, one));
    }
    if (is_unpaid(deployment.status)) {
        if (round.round == 1 && deployment.quote.discount_code) {
            round.discount_code = deployment.quote.discount_code;
            round.first_order = deployment.first_order;
        }
        return course.add(std::move(round));
    }
    if (!round.released.empty()) course.add(ReservationsReleased{std::move(round.released)});
    for (WorkloadPlacement& one : round.placements)
        course.add(ReservationRequested{std::move(one), deployment.quote.dashboard});
}

void advance(DeploymentCourse& course) {
    const Deployment& deployment = course.state();
    if (deployment.status != Status::reserving) {
        if (deployment.status == Status::provisioning || is_served(deployment.status))
            start(course);
        return;
    }
    if (deployment.discount == OrderDiscount::asked || !all_reserved(deployment)) return;
    course.add(AllReserved{terms_of(deployment), deployment.charge_first,
                           payment_of(deployment.deployment.value, 1),
                           invoice_of(deployment.deployment.value, 1)});
    if (deployment.status == Status::provisioning) start(course);
}

void start(DeploymentCourse& course) {
    const Deployment& deployment = course.state();
    for (const WorkloadPlacement& place : waiting_places(deployment)) {
        const auto* one = find_place(deployment, place.role, place.attempt, place.node);
        if (one->reservation == PlaceReservation::held && one->reserved_until &&
            course.now() >= *one->reserved_until)
            course.add(ReservationRequested{place, deployment.quote.dashboard});
    }
    // The first attempts begin together: none is in vain while the other has no place.
    if (!deployment.trying_since && !all_reserved(deployment) && !is_served(deployment.status))
        return;
    for (const WorkloadPlacement& place : waiting_places(deployment)) {
        const auto* one = find_place(deployment, place.role, place.attempt, place.node);
        if (one->reservation != PlaceReservation::held) continue;
        AttemptStarted started{place,
                               course.now(),
                               grid_name(deployment.deployment, place.role, place.attempt),
                               deployment.ssh_key,
                               wanted_quote(deployment).application,
                               {}};
        if (place.role == WorkloadRole::primary) started.web_name = deployment.domain_label;
        course.add(std::move(started));
    }
}

void try_next(DeploymentCourse& course, WorkloadRole role) {
    if (!is_unpaid(course.state().status) && !may_try(course.state(), role, course.now()))
        return give_up(course, FailureReason::no_node_could_deploy);
    place(course);
    advance(course);
}

void give_up(DeploymentCourse& course, FailureReason reason) {
    const Deployment& deployment = course.state();
    if (is_served(deployment.status)) return course.add(BackupFailed{deployment.changes});
    course.add(DeploymentFailed{reason, to_give_back(deployment)});
}

DeploymentDecision handle(const Deployment& deployment, const PlaceOrder& command, Time now) {
    if (exists(deployment)) return Rejection::already_ordered;
    if (command.deployment.value.empty()) return Rejection::deployment_missing;
    if (!command.dashboard_live) return Rejection::dashboard_not_live;
    if (!command.terms_accepted) return Rejection::terms_missing;
    if (command.spending_stopped) return Rejection::spending_stopped;
    const QuoteTerms& quote = command.quote;
    if (const auto reason = wrong(quote, now)) return *reason;
    if (command.name.empty()) return Rejection::name_missing;
    if (command.ssh_key.empty()) return Rejection::ssh_key_missing;
    if (command.domain_label && !quote.web_name) return Rejection::plan_forbids;
    if (command.domain_label && !is_domain_label(*command.domain_label))
        return Rejection::domain_malformed;
    if (command.card && command.card->value.empty()) return Rejection::card_missing;
    if (quote.gross.minor > 0 && !command.card_present) return Rejection::card_missing;
    if (command.spending_limit && (command.spending_limit->currency != quote.gross.currency ||
                                   command.committed.currency != quote.gross.currency ||
                                   quote.gross > *command.spending_limit ||
                                   command.committed > *command.spending_limit - quote.gross))
        return Rejection::limit_exceeded;
    DeploymentCourse course{deployment, now};
    course.add(DeploymentOrdered{command.deployment, quote, command.name, command.ssh_key,
                                 command.domain_label, command.card, command.charge_first,
                                 command.dunning, command.first_order});
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const PlaceWorkloads&, Time now) {
    if (deployment.status != Status::ordered) return nothing_decided();
    DeploymentCourse course{deployment, now};
    place(course);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordReservation& command,
                          Time now) {
    const auto* attempt = find_place(deployment, command.role, command.attempt, command.node);
    if (attempt == nullptr) return Rejection::attempt_unknown;
    DeploymentCourse course{deployment, now};
    if (!is_current(attempt->status)) {
        // Nobody waits for it any more, and the node has not heard so.
        const bool unheard = attempt->reservation == PlaceReservation::withdrawn ||
                             attempt->reservation == PlaceReservation::refused;
        if (command.reserved && unheard) course.add(ReservationsReleased{{attempt->place}});
        return course.take();
    }
    if (attempt->status != WorkloadStatus::placed ||
        attempt->reservation != PlaceReservation::asked)
        return nothing_decided();
    if (command.reserved) {
        const Time until =
            command.until.value_or(Time{now.milliseconds + reservation_time.count()});
        course.add(ReservationHeld{command.role, command.attempt, command.node, until});
        advance(course);
    } else {
        course.add(ReservationRefused{command.role, command.attempt, command.node, command.reason});
        try_next(course, command.role);
    }
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordDiscount& command, Time now) {
    if (!deployment.quote.discount_code) return Rejection::discount_unknown;
    DeploymentCourse course{deployment, now};
    if (deployment.discount == OrderDiscount::withdrawn && command.reserved)
        course.add(DiscountReleaseRequested{deployment.quote.account, deployment.quote.dashboard,
                                            *deployment.quote.discount_code});
    if (deployment.discount != OrderDiscount::asked) return course.take();
    course.add(DiscountRecorded{command.reserved, command.reason});
    if (command.reserved)
        advance(course);
    else
        give_up(course, FailureReason::discount_refused);
    return course.take();
}

DeploymentDecision handle(const Deployment& deployment, const RecordPayment& command, Time now) {
    const bool money = command.kind == OrderPayment::held || command.kind == OrderPayment::charged;
    const ChargeState charge =
        command.kind == OrderPayment::charged ? ChargeState::charged : ChargeState::held;
    const bool unpaid = deployment.status == Status::awaiting_payment;
    if (deployment.charge == ChargeState::none) {
        if (is_over(deployment.status)) return nothing_decided();
        return Rejection::payment_not_requested;
    }
    if (money ? deployment.charge >= charge : !unpaid || deployment.payment == command.kind)
        return nothing_decided();

    DeploymentCourse course{deployment, now};
    const bool ran = deployment.running_since.has_value();
    const PaymentId payment = payment_of(deployment.deployment.value, 1);
    const InvoiceId invoice = invoice_of(deployment.deployment.value, 1);
    const BillingTerms terms = terms_of(deployment);
    OrderPaymentRecorded recorded{command.kind, command.capture_before, ran, terms, payment,
                                  invoice};
    if (is_over(deployment.status)) recorded.over = true;
    course.add(std::move(recorded));
    if (command.kind == OrderPayment::abandoned) give_up(course, FailureReason::payment_abandoned);
    if (!money) return course.take();
    if (is_over(deployment.status)) {
        // What ran is for others to settle.
        if (!ran) course.add(PaymentReturnRequested{charge, terms, payment, invoice});
    } else if (unpaid) {
        start(course);
    } else if (ran && charge == ChargeState::charged && !deployment.paid) {
        course.add(DeploymentPaid{terms, payment, invoice, *deployment.running_since,
                                  deployment.quote.sla_version, deployment.dunning});
    }
    return course.take();
}

} // namespace domain
