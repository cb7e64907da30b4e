// Which card an account pays with.

#include "domain/policies/rules.hpp"

namespace domain {

void record_default_card(const DefaultCardChosen& event, const Cause& cause, FollowUps& all) {
    Policy{"record_default_card", all}.ask<Account>(
        event.account.value,
        RecordDefaultCard{
            {event.dashboard, {std::string{cause.id}}, event.payment_method, event.customer}});
}

void forget_default_card(const CardRemoved& event, const Cause& cause, FollowUps& all) {
    Policy{"forget_default_card", all}.ask<Account>(
        event.account.value, ForgetDefaultCard{event.dashboard, {std::string{cause.id}}});
}

} // namespace domain
