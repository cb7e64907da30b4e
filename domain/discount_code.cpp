#include "domain/discount_code.hpp"

#include <algorithm>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<DiscountCodeEvent>;
using Rejection = DiscountCodeRejection;

template <class Event>
DiscountCodeDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

DiscountCodeDecision nothing() { return Events{}; }

template <class Uses>
auto place_of(Uses& uses, const DeploymentId& deployment) {
    return std::ranges::lower_bound(uses, deployment, {}, &DiscountUse::deployment);
}

const DiscountUse* find(const DiscountCode& code, const DeploymentId& deployment) {
    const auto place = place_of(code.uses, deployment);
    return place == code.uses.end() || place->deployment != deployment ? nullptr : &*place;
}

bool is_valid_code(std::string_view code) {
    return code.size() >= 3 && code.size() <= 32 && std::ranges::all_of(code, [](char letter) {
               return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
                      letter == '-';
           });
}

std::optional<Rejection> wrong(const DiscountTerms& terms) {
    switch (terms.kind) {
    case DiscountKind::percent:
        if (terms.basis_points == 0 || terms.basis_points > basis_points_all)
            return Rejection::terms_invalid;
        break;
    case DiscountKind::amount:
        if (terms.amount.currency != Currency::usd) return Rejection::wrong_currency;
        if (terms.amount.minor <= 0 || terms.amount > price_max) return Rejection::terms_invalid;
        break;
    case DiscountKind::waive_markup: break;
    }
    return std::nullopt;
}

bool are_valid(const DiscountLimits& limits) {
    const bool named = limits.audience == DiscountAudience::accounts;
    return limits.uses > 0 && limits.uses <= discount_uses_max && limits.uses_per_account != 0U &&
           limits.accounts.size() <= discount_accounts_max && named != limits.accounts.empty() &&
           (!limits.from || !limits.until || *limits.from < *limits.until);
}

// The tax of a plan is the same before and after, so it is left out.
bool violates_floor(const CreateDiscountCode& command) {
    return std::ranges::any_of(command.plans, [&](const PlanCost& plan) {
        const Money net = net_price(plan.price, command.terms, plan.list);
        return margin_of(net, net, plan.expected) < command.margin_floor;
    });
}

bool is_in_usd(const CreateDiscountCode& command) {
    const auto usd = [](const Money& amount) { return amount.currency == Currency::usd; };
    return usd(command.margin_floor) &&
           std::ranges::all_of(command.plans, [&](const PlanCost& plan) {
               return usd(plan.list) && usd(plan.expected) && usd(plan.price);
           });
}

DiscountCodeDecision handle(const DiscountCode& code, const CreateDiscountCode& command, Time) {
    if (exists(code)) return Rejection::code_taken;
    if (command.dashboard.value.empty()) return Rejection::dashboard_missing;
    if (!is_valid_code(command.code)) return Rejection::code_invalid;
    if (const auto reason = wrong(command.terms)) return *reason;
    if (!are_valid(command.limits)) return Rejection::limits_invalid;
    if (!is_in_usd(command)) return Rejection::wrong_currency;
    if (violates_floor(command)) return Rejection::floor_violated;
    return decided(
        DiscountCodeCreated{command.dashboard, command.code, command.terms, command.limits});
}

Rejection rejection_of(DiscountRefusal reason) {
    switch (reason) {
    case DiscountRefusal::code_unknown: return Rejection::code_unknown;
    case DiscountRefusal::code_expired: return Rejection::code_expired;
    case DiscountRefusal::code_exhausted: return Rejection::code_exhausted;
    case DiscountRefusal::not_eligible: break;
    }
    return Rejection::not_eligible;
}

DiscountCodeDecision handle(const DiscountCode& code, const ReserveDiscount& command, Time now) {
    if (command.deployment.value.empty()) return Rejection::deployment_missing;
    if (command.account.value.empty()) return Rejection::account_missing;
    if (const DiscountUse* known = find(code, command.deployment)) {
        if (known->account == command.account) return nothing();
        return Rejection::reservation_exists;
    }
    if (const auto reason = refusal_of(code, command.account, command.first_order, now)) {
        // An order waits for an answer; anybody else is told at once.
        if (!command.for_order.value_or(false)) return rejection_of(*reason);
        return decided(DiscountRefused{command.deployment, command.account, *reason});
    }
    return decided(DiscountReserved{command.deployment, command.account});
}

// What was reserved in time may be consumed after the code has expired or was retired.
DiscountCodeDecision handle(const DiscountCode& code, const ConsumeDiscount& command, Time) {
    const DiscountUse* known = find(code, command.deployment);
    if (known == nullptr) return Rejection::reservation_unknown;
    if (known->consumed) return nothing();
    return decided(DiscountConsumed{known->deployment, known->account});
}

// What is not there has been released before.
DiscountCodeDecision handle(const DiscountCode& code, const ReleaseDiscount& command, Time) {
    const DiscountUse* known = find(code, command.deployment);
    if (known == nullptr) return nothing();
    if (known->consumed) return Rejection::already_consumed;
    return decided(DiscountReleased{known->deployment, known->account});
}

DiscountCodeDecision handle(const DiscountCode& code, const RetireDiscountCode&, Time) {
    if (code.retired) return nothing();
    return decided(DiscountCodeRetired{});
}

void apply(DiscountCode& code, const DiscountCodeCreated& event) {
    code.dashboard = event.dashboard;
    code.code = event.code;
    code.terms = event.terms;
    code.limits = event.limits;
}

void apply(DiscountCode& code, const DiscountReserved& event) {
    code.uses.insert(place_of(code.uses, event.deployment),
                     {event.deployment, event.account, false});
}

// An answer: the code is as before.
void apply(DiscountCode&, const DiscountRefused&) {}

void apply(DiscountCode& code, const DiscountConsumed& event) {
    const auto place = place_of(code.uses, event.deployment);
    if (place == code.uses.end() || place->deployment != event.deployment) return;
    place->consumed = true;
    ++code.consumed;
}

void apply(DiscountCode& code, const DiscountReleased& event) {
    const auto place = place_of(code.uses, event.deployment);
    if (place != code.uses.end() && place->deployment == event.deployment) code.uses.erase(place);
}

void apply(DiscountCode& code, const DiscountCodeRetired&) { code.retired = true; }

} // namespace

DiscountCodeStatus status_of(const DiscountCode& code, Time now) {
    if (!exists(code)) return DiscountCodeStatus::none;
    if (code.retired) return DiscountCodeStatus::retired;
    if (code.consumed >= code.limits.uses) return DiscountCodeStatus::exhausted;
    if (code.limits.until && now >= *code.limits.until) return DiscountCodeStatus::expired;
    return DiscountCodeStatus::active;
}

std::optional<DiscountRefusal> refusal_of(const DiscountCode& code, const AccountId& account,
                                          bool first_order, Time now) {
    const DiscountLimits& limits = code.limits;
    if (!exists(code)) return DiscountRefusal::code_unknown;
    if (code.retired || (limits.from && now < *limits.from) ||
        (limits.until && now >= *limits.until))
        return DiscountRefusal::code_expired;
    if (limits.audience == DiscountAudience::accounts &&
        std::ranges::find(limits.accounts, account) == limits.accounts.end())
        return DiscountRefusal::not_eligible;
    if (limits.audience == DiscountAudience::first_order && !first_order)
        return DiscountRefusal::not_eligible;
    if (code.uses.size() >= limits.uses) return DiscountRefusal::code_exhausted;
    if (limits.uses_per_account &&
        std::ranges::count(code.uses, account, &DiscountUse::account) >= *limits.uses_per_account)
        return DiscountRefusal::code_exhausted;
    return std::nullopt;
}

DiscountCodeDecision decide(const DiscountCode& code, const DiscountCodeCommand& command,
                            Time now) {
    // A reservation of a code that never was is answered, as every other refusal.
    if (!exists(code) && !std::holds_alternative<CreateDiscountCode>(command) &&
        !std::holds_alternative<ReserveDiscount>(command))
        return Rejection::code_unknown;
    return std::visit([&](const auto& one) { return handle(code, one, now); }, command);
}

DiscountCode evolve(DiscountCode code, const DiscountCodeEvent& event) {
    std::visit([&](const auto& one) { apply(code, one); }, event);
    return code;
}

} // namespace domain
