// Discount codes: reserved with the order, used up when it runs, released when it does not.

#include "domain/policies/rules.hpp"

#include <boost/describe/enum_to_string.hpp>

namespace domain {

void reserve_discount(const PlacementChosen& event, const Cause& cause, FollowUps& all) {
    if (!event.discount_code) return;
    Policy{"reserve_discount", all}.ask<DiscountCode>(
        code_of(event.dashboard, *event.discount_code),
        ReserveDiscount{
            {std::string{cause.id}}, event.payer, event.first_order.value_or(false), true});
}

void consume_discount(const DeploymentRunning& event, const Cause& cause, FollowUps& all) {
    if (!event.terms.discount_code) return;
    Policy{"consume_discount", all}.ask<DiscountCode>(
        code_of(event.terms.dashboard, *event.terms.discount_code),
        ConsumeDiscount{{std::string{cause.id}}});
}

void release_discount(const DashboardId& dashboard, const std::string& code, const Cause& cause,
                      FollowUps& all) {
    Policy{"release_discount", all}.ask<DiscountCode>(code_of(dashboard, code),
                                                      ReleaseDiscount{{std::string{cause.id}}});
}

void tell_order(const DiscountReserved& event, FollowUps& all) {
    Policy{"tell_order", all}.ask<Deployment>(event.deployment.value, RecordDiscount{true, {}});
}

void tell_order(const DiscountRefused& event, FollowUps& all) {
    Policy{"tell_order", all}.ask<Deployment>(
        event.deployment.value,
        RecordDiscount{false, boost::describe::enum_to_string(event.reason, "refused")});
}

} // namespace domain
