#include "domain/customer_credit.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<CustomerCreditEvent>;
using Parts = std::vector<CreditPart>;
using Rejection = CustomerCreditRejection;

// An initializer list would copy the event.
template <class Event>
CustomerCreditDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

CustomerCreditDecision nothing() { return Events{}; }

bool is_over(const std::optional<Time>& expires, Time now) { return expires && *expires <= now; }

// The currency is settled by the first grant.
bool fits(const CustomerCredit& credit, Currency currency) {
    return credit.granted.minor == 0 || credit.granted.currency == currency;
}

Money sum(const Parts& parts, Currency currency) {
    Money total{0, currency};
    for (const CreditPart& part : parts)
        total = total + part.amount;
    return total;
}

// Takes up to `amount` from the front of `parts`, and leaves the rest there.
Parts take_front(Parts& parts, Money amount) {
    Parts taken;
    for (CreditPart& part : parts) {
        if (amount.minor == 0) break;
        const Money piece = part.amount < amount ? part.amount : amount;
        taken.push_back({part.grant, part.kind, piece});
        part.amount = part.amount - piece;
        amount = amount - piece;
    }
    std::erase_if(parts, [](const CreditPart& part) { return part.amount.minor == 0; });
    return taken;
}

// What is left, in the order it is spent in. Without `over`, grants whose time is over are
// not counted, though nobody may have said so yet.
Parts in_order(const CustomerCredit& credit, Time now, bool over) {
    std::vector<const CreditGrant*> grants;
    for (const CreditGrant& grant : credit.grants)
        if (grant.left.minor > 0 && (over || !is_over(grant.expires, now)))
            grants.push_back(&grant);
    static constexpr Time never{std::numeric_limits<std::int64_t>::max()};
    std::ranges::sort(grants, {}, [](const CreditGrant* grant) {
        return std::tuple{grant->kind != CreditKind::promo, grant->expires.value_or(never),
                          grant->number};
    });
    Parts parts;
    for (const CreditGrant* grant : grants)
        parts.push_back({grant->number, grant->kind, grant->left});
    return parts;
}

const CreditHold* find_hold(const CustomerCredit& credit, const std::string& purpose) {
    const auto place = std::ranges::find(credit.holds, purpose, &CreditHold::purpose);
    return place == credit.holds.end() ? nullptr : &*place;
}

const SettledPurpose* find_settled(const CustomerCredit& credit, const std::string& purpose) {
    const auto place = std::ranges::find(credit.settled, purpose, &SettledPurpose::purpose);
    return place == credit.settled.end() ? nullptr : &*place;
}

const CreditProposal* find_proposal(const CustomerCredit& credit, std::uint32_t number) {
    const auto place = std::ranges::find(credit.proposals, number, &CreditProposal::number);
    return place == credit.proposals.end() ? nullptr : &*place;
}

// Granting.

// What is owed is owed for something.
bool needs_source(CreditKind kind) {
    return kind == CreditKind::sla || kind == CreditKind::refund_as_credit;
}

std::optional<Rejection> wrong_owner(const CustomerCredit& credit, const AccountId& account,
                                     const DashboardId& dashboard) {
    if (account.value.empty()) return Rejection::account_missing;
    if (dashboard.value.empty()) return Rejection::dashboard_missing;
    if (exists(credit) && (credit.account != account || credit.dashboard != dashboard))
        return Rejection::owner_differs;
    return std::nullopt;
}

std::optional<Rejection> wrong_amount(const Money& amount) {
    if (amount.currency != Currency::usd && amount.currency != Currency::eur)
        return Rejection::wrong_currency;
    if (amount.minor <= 0) return Rejection::amount_zero;
    return std::nullopt;
}

// The amount that was granted, or waits, for the same thing.
std::optional<Money> granted_before(const CustomerCredit& credit, const GrantCredit& command) {
    if (!command.source) return std::nullopt;
    for (const GrantedSource& one : credit.sources)
        if (one.kind == command.kind && one.source == *command.source) return one.amount;
    for (const CreditProposal& one : credit.proposals)
        if (one.kind == command.kind && one.source == command.source) return one.amount;
    return std::nullopt;
}

CustomerCreditDecision handle(const CustomerCredit& credit, const GrantCredit& command, Time now,
                              const ActorId& by) {
    if (const auto reason = wrong_owner(credit, command.account, command.dashboard)) return *reason;
    if (const auto reason = wrong_amount(command.amount)) return *reason;
    if (command.amount.minor > credit_grant_max) return Rejection::amount_too_large;
    if (needs_source(command.kind) && command.source.value_or("").empty())
        return Rejection::source_unknown;
    if (const auto before = granted_before(credit, command)) {
        if (before == command.amount) return nothing();
        return Rejection::source_already_granted;
    }
    if (!fits(credit, command.amount.currency)) return Rejection::wrong_currency;
    if (is_over(command.expires, now)) return Rejection::expiry_past;
    if (command.amount.minor > credit_without_second_approval_max) {
        if (by.value.empty()) return Rejection::four_eyes_required;
        if (credit.proposals.size() >= credit_proposals_max) return Rejection::too_many_proposals;
        return decided(CreditProposed{command.account, command.dashboard, credit.proposals_made + 1,
                                      command.kind, command.amount, by, command.source,
                                      command.expires, command.reason});
    }
    if (credit.grants.size() >= credit_grants_max) return Rejection::too_many_grants;
    return decided(CreditGranted{command.account,
                                 command.dashboard,
                                 credit.grants_made + 1,
                                 command.kind,
                                 command.amount,
                                 command.source,
                                 command.expires,
                                 command.reason,
                                 {},
                                 {}});
}

CustomerCreditDecision handle(const CustomerCredit& credit, const ApproveCredit& command, Time now,
                              const ActorId& by) {
    const CreditProposal* proposal = find_proposal(credit, command.proposal);
    if (proposal == nullptr) return Rejection::proposal_unknown;
    if (by.value.empty() || by == proposal->proposed_by) return Rejection::same_approver;
    if (!fits(credit, proposal->amount.currency)) return Rejection::wrong_currency;
    if (is_over(proposal->expires, now)) return Rejection::expiry_past;
    if (credit.grants.size() >= credit_grants_max) return Rejection::too_many_grants;
    return decided(CreditGranted{credit.account, credit.dashboard, credit.grants_made + 1,
                                 proposal->kind, proposal->amount, proposal->source,
                                 proposal->expires, proposal->reason, proposal->number,
                                 proposal->proposed_by});
}

CustomerCreditDecision handle(const CustomerCredit& credit, const RejectCredit& command, Time,
                              const ActorId&) {
    const CreditProposal* proposal = find_proposal(credit, command.proposal);
    if (proposal == nullptr) return Rejection::proposal_unknown;
    return decided(CreditRejected{credit.account, credit.dashboard, proposal->number,
                                  proposal->amount, command.reason});
}

// Holding and spending.

CustomerCreditDecision handle(const CustomerCredit& credit, const HoldCredit& command, Time now,
                              const ActorId&) {
    if (const auto reason = wrong_owner(credit, command.account, command.dashboard)) return *reason;
    if (command.purpose.empty()) return Rejection::purpose_missing;
    if (const auto reason = wrong_amount(command.amount)) return *reason;
    if (const CreditHold* hold = find_hold(credit, command.purpose)) {
        if (hold->wanted == command.amount) return nothing();
        return Rejection::hold_differs;
    }
    if (find_settled(credit, command.purpose) != nullptr) return nothing();
    const bool up_to = command.up_to.value_or(false);
    const bool spendable = fits(credit, command.amount.currency);
    if (!spendable && !up_to) return Rejection::wrong_currency;
    Parts parts = spendable ? in_order(credit, now, false) : Parts{};
    parts = take_front(parts, command.amount);
    const Money amount = sum(parts, command.amount.currency);
    if (amount < command.amount && !up_to) return Rejection::insufficient_credit;
    if (credit.holds.size() >= credit_holds_max) return Rejection::too_many_holds;
    if (amount.minor == 0)
        return decided(CreditUnavailable{command.account, command.dashboard, command.purpose,
                                         command.amount, command.card, command.fraud_refund_limit});
    return decided(CreditHeld{command.account, command.dashboard, command.purpose, amount,
                              command.amount, std::move(parts), command.card,
                              command.fraud_refund_limit});
}

// Gives `parts` back. What is over by now does not become available again.
void release(const CustomerCredit& credit, const std::string& purpose, Parts parts, Time now,
             Events& events) {
    const Currency currency = credit.granted.currency;
    Parts over;
    for (const CreditPart& part : parts) {
        const auto grant = std::ranges::find(credit.grants, part.grant, &CreditGrant::number);
        if (grant != credit.grants.end() && is_over(grant->expires, now)) over.push_back(part);
    }
    const Money amount = sum(parts, currency), amount_over = sum(over, currency);
    events.emplace_back(
        CreditReleased{credit.account, credit.dashboard, purpose, amount, std::move(parts)});
    if (!over.empty())
        events.emplace_back(
            CreditExpired{credit.account, credit.dashboard, amount_over, std::move(over)});
}

CustomerCreditDecision handle(const CustomerCredit& credit, const ReleaseCredit& command, Time now,
                              const ActorId&) {
    if (find_settled(credit, command.purpose) != nullptr) return nothing();
    const CreditHold* hold = find_hold(credit, command.purpose);
    if (hold == nullptr) return Rejection::hold_unknown;
    Events events;
    release(credit, hold->purpose, hold->parts, now, events);
    return events;
}

CustomerCreditDecision handle(const CustomerCredit& credit, const SpendCredit& command, Time now,
                              const ActorId&) {
    const CreditHold* hold = find_hold(credit, command.purpose);
    if (hold == nullptr) {
        const SettledPurpose* settled = find_settled(credit, command.purpose);
        if (settled != nullptr && settled->spent) return nothing();
        return Rejection::hold_unknown;
    }
    const Money held = sum(hold->parts, credit.granted.currency);
    const Money amount = command.amount.value_or(held);
    if (amount.currency != held.currency) return Rejection::wrong_currency;
    if (amount.minor <= 0) return Rejection::amount_zero;
    if (amount > held) return Rejection::amount_exceeds_hold;
    Parts rest = hold->parts;
    Parts parts = take_front(rest, amount);
    Events events;
    events.emplace_back(
        CreditSpent{credit.account, credit.dashboard, hold->purpose, amount, std::move(parts)});
    if (!rest.empty()) release(credit, hold->purpose, std::move(rest), now, events);
    return events;
}

// What is lost.

CustomerCreditDecision handle(const CustomerCredit& credit, const ExpireCredit&, Time now,
                              const ActorId&) {
    Parts parts;
    for (const CreditGrant& grant : credit.grants)
        if (grant.left.minor > 0 && is_over(grant.expires, now))
            parts.push_back({grant.number, grant.kind, grant.left});
    if (parts.empty()) return nothing();
    const Money amount = sum(parts, credit.granted.currency);
    return decided(CreditExpired{credit.account, credit.dashboard, amount, std::move(parts)});
}

CustomerCreditDecision handle(const CustomerCredit& credit, const ForfeitCredit& command, Time now,
                              const ActorId&) {
    const Money amount = command.amount.value_or(credit.available);
    if (command.amount) {
        if (const auto reason = wrong_amount(amount)) return *reason;
        if (!fits(credit, amount.currency)) return Rejection::wrong_currency;
        if (amount.minor > credit.available.minor) return Rejection::insufficient_credit;
    }
    if (amount.minor == 0) return nothing();
    Parts all = in_order(credit, now, true);
    return decided(CreditForfeited{credit.account, credit.dashboard, amount,
                                   take_front(all, amount), command.reason});
}

} // namespace

CustomerCreditDecision decide(const CustomerCredit& credit, const CustomerCreditCommand& command,
                              Time now, const ActorId& by) {
    // Who never got any may be asked for credit: the answer is that there is none.
    if (!exists(credit) && !std::holds_alternative<GrantCredit>(command) &&
        !std::holds_alternative<HoldCredit>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(credit, one, now, by); }, command);
}

} // namespace domain
