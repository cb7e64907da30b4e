// What policies answer to one event, and the parts that such events are made of.

#pragma once

#include "domain/calendar.hpp"
#include "tests/domain/deployment_samples.hpp"
#include "tests/domain/policies/follow_up_text.hpp"

namespace domain::stories {

using namespace deployment_samples;

inline const BillingTerms terms = billing_terms(with_code(double_quote()), CardId{"pm_1"});
inline const PaymentId payment{"d1.1"};
inline const InvoiceId invoice{"d1.1"};
inline const Time month_later = add_months(some_time, 1);
inline const InvoicePeriod first_period{{"d1"}, 1, some_time, month_later};
inline const InvoicePeriod second_period{{"d1"}, 2, month_later, add_months(some_time, 2)};

template <class Event>
auto answers(const Event& event, std::string_view id) {
    return texts_of(follow_ups(event, {id, "event-1", some_time}));
}
inline auto of_deployment(const DeploymentEvent& event) { return answers(event, "d1"); }
inline auto of_payment(const PaymentEvent& event, std::string_view id = "d1.1") {
    return answers(event, id);
}
inline auto of_renewal(const PaymentEvent& event) { return answers(event, "d1.2"); }
inline auto of_subscription(const SubscriptionEvent& event) { return answers(event, "d1"); }
inline auto of_invoice(const InvoiceEvent& event, std::string_view id = "d1.2") {
    return answers(event, id);
}

inline ReserveCapacity reserving(WorkloadRole role, std::uint32_t number) {
    return {{"d1"}, role, number, small, DashboardId{"operator-t"}, {}, true};
}
inline ServingWorkload serving(const WorkloadPlacement& place) {
    return {place, {"9001"}, "d1p1", {}};
}
inline GiveBack all_of(ChargeState charge) {
    GiveBack all;
    all.reservations = {placed(primary, 1, node_11), placed(backup, 1, node_21)};
    all.discount_code = "SPRING";
    all.charge = charge;
    all.terms = terms;
    all.payment = payment;
    all.invoice = invoice;
    return all;
}

} // namespace domain::stories
