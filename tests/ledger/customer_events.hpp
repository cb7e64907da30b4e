// Events of one deployment's life as the ledger needs them: whole where it looks, short elsewhere.

#pragma once

#include "domain/ledger_entries.hpp"
#include "domain/pricing.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace tests {

using domain::Money;
using domain::Time;

inline Money cents(std::int64_t minor, domain::Currency currency = domain::Currency::usd) {
    return {minor, currency};
}
inline Money tft(std::int64_t minor) { return {minor, domain::Currency::tft}; }

inline constexpr std::int64_t hour = 3'600'000, day = 24 * hour;
// 2027-04-01T00:00:00Z
inline constexpr Time april{1'806'537'600'000};
inline Time after(std::int64_t milliseconds) { return {april.milliseconds + milliseconds}; }

inline domain::BillingTerms terms_of(const std::string& payer, const Money& net, std::int64_t tax,
                                     const std::string& dashboard = "operator-t") {
    domain::BillingTerms terms;
    terms.payer = {payer};
    terms.dashboard = {dashboard};
    terms.plan = {"vm-s"};
    terms.plan_version = 1;
    terms.price = terms.net = net;
    terms.discount = {0, net.currency};
    terms.tax = {tax, net.currency};
    terms.gross = net + terms.tax;
    if (tax != 0) terms.tax_country = "BE";
    return terms;
}

inline domain::DeploymentEvent ordered(const std::string& deployment,
                                       const domain::BillingTerms& terms) {
    domain::DeploymentOrdered event;
    event.deployment = {deployment};
    event.quote.account = terms.payer;
    event.quote.dashboard = terms.dashboard;
    event.name = deployment;
    event.ssh_key = "ssh-ed25519 AAAA";
    return event;
}

inline domain::WorkloadPlacement placed(domain::WorkloadRole role, std::uint32_t attempt) {
    domain::WorkloadPlacement place;
    place.role = role;
    place.attempt = attempt;
    place.node = {"11"};
    place.farm = {"7"};
    return place;
}

inline domain::GridContract contract_of(const std::string& contract) {
    return {{contract}, domain::ContractKind::node, {}, {}, {}, {}};
}

inline domain::DeploymentEvent ready(const std::string& contract) {
    return domain::WorkloadReady{
        {placed(domain::WorkloadRole::primary, 1), {contract}, "d1p1", {}}};
}

inline domain::DeploymentEvent failed(const std::string& contract) {
    return domain::WorkloadFailed{placed(domain::WorkloadRole::primary, 1), contract_of(contract),
                                  "flist mount failed"};
}

inline domain::InvoicePeriod period_of(const std::string& deployment, std::uint32_t number) {
    return {{deployment}, number, after(0), after(30 * day)};
}

inline domain::InvoiceEvent issued(const std::string& deployment, std::uint32_t number,
                                   const domain::BillingTerms& terms) {
    return domain::InvoiceIssued{number, period_of(deployment, number), terms, terms.gross};
}

inline domain::InvoiceEvent noted(const std::string& deployment, std::uint32_t number,
                                  const domain::BillingTerms& terms, std::uint32_t note,
                                  const Money& amount, const Money& tax) {
    domain::CreditNoteIssued event;
    event.note = note;
    event.reference = "note-" + std::to_string(note);
    event.amount = amount;
    event.net = amount - tax;
    event.tax = tax;
    event.due = {0, amount.currency};
    event.period = period_of(deployment, number);
    event.payer = terms.payer;
    event.dashboard = terms.dashboard;
    event.tax_country = terms.tax_country;
    return event;
}

inline domain::PaymentEvent requested(const domain::BillingTerms& terms) {
    domain::PaymentRequested event;
    event.payer = terms.payer;
    event.amount = terms.gross;
    event.attempt = 1;
    return event;
}

inline domain::PaymentEvent captured(const Money& amount) {
    return domain::PaymentCaptured{amount, 1, "pi_1"};
}

inline domain::SubscriptionEvent started(const domain::BillingTerms& terms) {
    return domain::SubscriptionStarted{terms, 1, after(0), after(30 * day), after(30 * day), {}};
}

inline domain::SubscriptionEvent renewal(std::uint32_t period, const domain::BillingTerms& terms) {
    return domain::RenewalDue{period, after((period - 1) * 30 * day), after(period * 30 * day),
                              terms};
}

// Cancelled in its period, when `used` of the net price had been served.
inline domain::SubscriptionEvent cancelled(std::uint32_t period, const domain::BillingTerms& terms,
                                           const Money& used) {
    domain::SubscriptionCancelled event;
    event.at = after(17 * day);
    event.period = period;
    event.paid = true;
    event.terms = terms;
    event.used = used;
    event.unused = terms.net - used;
    event.unused_gross = event.unused;
    return event;
}

inline domain::UsageEvent bill(Time time, std::int64_t amount,
                               std::optional<std::string> deployment) {
    domain::ChainBillObserved event;
    event.timestamp = time;
    event.amount = event.total = tft(amount);
    event.tier = domain::DiscountTier::gold;
    if (deployment) event.deployment = domain::DeploymentId{*deployment};
    return event;
}

inline domain::UsageEvent reward(Time time, std::optional<std::string> farm, std::int64_t farmer,
                                 std::int64_t foundation, std::int64_t staking_pool) {
    domain::RewardObserved event;
    event.timestamp = time;
    if (farm) event.farm = domain::FarmId{*farm};
    event.farmer = tft(farmer);
    event.foundation = tft(foundation);
    event.staking_pool = tft(staking_pool);
    return event;
}

} // namespace tests
