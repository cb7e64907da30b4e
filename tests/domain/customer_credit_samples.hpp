// Credits by name: what had happened to each.

#pragma once

#include "domain/customer_credit.hpp"
#include "tests/domain/given_by.hpp"

namespace domain::customer_credit_samples {

using tests::some_time;
using History = std::vector<CustomerCreditEvent>;
using Rejection = CustomerCreditRejection;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Money eur(std::int64_t cents) { return {cents, Currency::eur}; }
constexpr Time later(std::int64_t hours) { return {some_time.milliseconds + hours * 3'600'000}; }

inline const AccountId account{"user-a"}, other_account{"user-b"};
inline const DashboardId dashboard{"operator-t"}, other_dashboard{"operator-u"};
inline const ActorId first_person{"staff-1"}, second_person{"staff-2"}, policy{"policies"};

inline History operator+(History history, const CustomerCreditEvent& event) {
    history.push_back(event);
    return history;
}

inline CustomerCreditEvent granted(std::uint32_t number, CreditKind kind, std::int64_t cents,
                                   std::optional<Time> expires = {}) {
    return CreditGranted{account, dashboard, number, kind, usd(cents), {}, expires, {}, {}, {}};
}
inline GrantCredit grant(CreditKind kind, std::int64_t cents,
                         std::optional<std::string> source = {}) {
    return {account, dashboard, kind, usd(cents), std::move(source), {}, "late"};
}
inline HoldCredit hold(std::string purpose, std::int64_t cents, std::optional<bool> up_to = {}) {
    return {account, dashboard, std::move(purpose), usd(cents), up_to};
}
inline CreditPart part(std::uint32_t number, CreditKind kind, std::int64_t cents) {
    return {number, kind, usd(cents)};
}

inline const History goodwill{granted(1, CreditKind::goodwill, 250)};
inline const History held =
    goodwill + CreditHeld{account,  dashboard, "invoice-1",
                          usd(100), usd(100),  {part(1, CreditKind::goodwill, 100)}};
inline const CustomerCreditEvent proposed_event = CreditProposed{
    account, dashboard, 1, CreditKind::goodwill, usd(10'001), first_person, {}, {}, "outage"};
inline const History proposed{proposed_event};

} // namespace domain::customer_credit_samples
