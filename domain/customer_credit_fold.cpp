// How events change a customer's credit. No rule is here: what happened, happened.

#include "domain/customer_credit.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

template <class Value>
void remember(std::vector<Value>& values, Value value) {
    values.push_back(std::move(value));
    if (values.size() > credit_names_remembered) values.erase(values.begin());
}

// Numbers in a log come from decide(); a grant that is not there changes nothing.
void add_to_grants(CustomerCredit& credit, const std::vector<CreditPart>& parts, int sign) {
    for (const CreditPart& part : parts) {
        const auto grant = std::ranges::find(credit.grants, part.grant, &CreditGrant::number);
        if (grant == credit.grants.end()) continue;
        grant->left = sign > 0 ? grant->left + part.amount : grant->left - part.amount;
    }
}

void drop_spent_grants(CustomerCredit& credit) {
    std::erase_if(credit.grants, [&](const CreditGrant& grant) {
        const auto is_held = [&](const CreditHold& hold) {
            return std::ranges::find(hold.parts, grant.number, &CreditPart::grant) !=
                   hold.parts.end();
        };
        return grant.left.minor == 0 && std::ranges::none_of(credit.holds, is_held);
    });
}

// Takes `parts` out of the purpose's hold, which ends with its last part.
void take_from_hold(CustomerCredit& credit, const std::string& purpose,
                    const std::vector<CreditPart>& parts, bool spent) {
    const auto hold = std::ranges::find(credit.holds, purpose, &CreditHold::purpose);
    if (hold == credit.holds.end()) return;
    hold->spent = hold->spent || spent;
    for (const CreditPart& part : parts) {
        const auto place = std::ranges::find(hold->parts, part.grant, &CreditPart::grant);
        if (place != hold->parts.end()) place->amount = place->amount - part.amount;
    }
    std::erase_if(hold->parts, [](const CreditPart& part) { return part.amount.minor == 0; });
    if (!hold->parts.empty()) return;
    remember(credit.settled, {purpose, hold->spent});
    credit.holds.erase(hold);
}

template <class Event>
void learn_owner(CustomerCredit& credit, const Event& event) {
    credit.account = event.account;
    credit.dashboard = event.dashboard;
}

void drop_proposal(CustomerCredit& credit, std::uint32_t number) {
    std::erase_if(credit.proposals,
                  [&](const CreditProposal& one) { return one.number == number; });
}

void apply(CustomerCredit& credit, const CreditProposed& event) {
    learn_owner(credit, event);
    credit.proposals_made = event.proposal;
    credit.proposals.push_back({event.proposal, event.kind, event.amount, event.proposed_by,
                                event.source, event.expires, event.reason});
}

void apply(CustomerCredit& credit, const CreditRejected& event) {
    drop_proposal(credit, event.proposal);
}

void apply(CustomerCredit& credit, const CreditGranted& event) {
    learn_owner(credit, event);
    if (credit.granted.minor == 0) {
        const Money none{0, event.amount.currency};
        credit.available = credit.held = credit.granted = none;
        credit.spent = credit.expired = credit.forfeited = none;
    }
    if (event.proposal) drop_proposal(credit, *event.proposal);
    credit.grants_made = event.grant;
    credit.grants.push_back({event.grant, event.kind, event.amount, event.expires});
    credit.granted = credit.granted + event.amount;
    credit.available = credit.available + event.amount;
    if (event.source) remember(credit.sources, {event.kind, *event.source, event.amount});
}

void apply(CustomerCredit& credit, const CreditHeld& event) {
    learn_owner(credit, event);
    add_to_grants(credit, event.parts, -1);
    credit.holds.push_back({event.purpose, event.wanted, event.parts, false});
    credit.available = credit.available - event.amount;
    credit.held = credit.held + event.amount;
}

void apply(CustomerCredit& credit, const CreditUnavailable& event) {
    learn_owner(credit, event);
    remember(credit.settled, {event.purpose, false});
}

void apply(CustomerCredit& credit, const CreditReleased& event) {
    add_to_grants(credit, event.parts, 1);
    take_from_hold(credit, event.purpose, event.parts, false);
    credit.held = credit.held - event.amount;
    credit.available = credit.available + event.amount;
}

void apply(CustomerCredit& credit, const CreditSpent& event) {
    take_from_hold(credit, event.purpose, event.parts, true);
    credit.held = credit.held - event.amount;
    credit.spent = credit.spent + event.amount;
}

void apply(CustomerCredit& credit, const CreditExpired& event) {
    add_to_grants(credit, event.parts, -1);
    credit.available = credit.available - event.amount;
    credit.expired = credit.expired + event.amount;
}

void apply(CustomerCredit& credit, const CreditForfeited& event) {
    add_to_grants(credit, event.parts, -1);
    credit.available = credit.available - event.amount;
    credit.forfeited = credit.forfeited + event.amount;
}

} // namespace

CustomerCredit evolve(CustomerCredit credit, const CustomerCreditEvent& event) {
    std::visit([&](const auto& one) { apply(credit, one); }, event);
    drop_spent_grants(credit);
    return credit;
}

} // namespace domain
