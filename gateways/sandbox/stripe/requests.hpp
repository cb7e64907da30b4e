// What each of Stripe's calls does to the account: one function a call, with the object it answers.
// A function refuses by throwing a Refusal, and has then changed nothing, save that a declined
// card leaves its failed charge.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"
#include "gateways/sandbox/stripe/parameters.hpp"

namespace gateways::sandbox::stripe {

struct Asked {
    Parameters parameters;
    std::vector<std::string> ids; // Of the path, in order.
};

using Request = boost::json::object (*)(Account& account, const Asked& asked);

boost::json::object create_customer(Account& account, const Asked& asked);
boost::json::object read_customer(Account& account, const Asked& asked);
boost::json::object update_customer(Account& account, const Asked& asked);
boost::json::object delete_customer(Account& account, const Asked& asked);
boost::json::object list_customers(Account& account, const Asked& asked);

boost::json::object create_payment_method(Account& account, const Asked& asked);
boost::json::object read_payment_method(Account& account, const Asked& asked);
boost::json::object update_payment_method(Account& account, const Asked& asked);
boost::json::object attach_payment_method(Account& account, const Asked& asked);
boost::json::object detach_payment_method(Account& account, const Asked& asked);
boost::json::object list_payment_methods(Account& account, const Asked& asked);
boost::json::object list_methods_of_customer(Account& account, const Asked& asked);
boost::json::object read_method_of_customer(Account& account, const Asked& asked);

boost::json::object create_setup_intent(Account& account, const Asked& asked);
boost::json::object read_setup_intent(Account& account, const Asked& asked);
boost::json::object update_setup_intent(Account& account, const Asked& asked);
boost::json::object confirm_setup_intent(Account& account, const Asked& asked);
boost::json::object cancel_setup_intent(Account& account, const Asked& asked);
boost::json::object list_setup_intents(Account& account, const Asked& asked);

boost::json::object create_payment_intent(Account& account, const Asked& asked);
boost::json::object read_payment_intent(Account& account, const Asked& asked);
boost::json::object update_payment_intent(Account& account, const Asked& asked);
boost::json::object confirm_payment_intent(Account& account, const Asked& asked);
boost::json::object capture_payment_intent(Account& account, const Asked& asked);
boost::json::object cancel_payment_intent(Account& account, const Asked& asked);
boost::json::object list_payment_intents(Account& account, const Asked& asked);
boost::json::object search_payment_intents(Account& account, const Asked& asked);

boost::json::object read_charge(Account& account, const Asked& asked);
boost::json::object update_charge(Account& account, const Asked& asked);
boost::json::object list_charges(Account& account, const Asked& asked);

boost::json::object create_refund(Account& account, const Asked& asked);
boost::json::object read_refund(Account& account, const Asked& asked);
boost::json::object update_refund(Account& account, const Asked& asked);
boost::json::object cancel_refund(Account& account, const Asked& asked);
boost::json::object list_refunds(Account& account, const Asked& asked);

boost::json::object read_dispute(Account& account, const Asked& asked);
boost::json::object update_dispute(Account& account, const Asked& asked);
boost::json::object close_dispute(Account& account, const Asked& asked);
boost::json::object list_disputes(Account& account, const Asked& asked);

boost::json::object read_fraud_warning(Account& account, const Asked& asked);
boost::json::object list_fraud_warnings(Account& account, const Asked& asked);

boost::json::object read_balance(Account& account, const Asked& asked);
boost::json::object read_balance_transaction(Account& account, const Asked& asked);
boost::json::object list_balance_transactions(Account& account, const Asked& asked);

boost::json::object read_event(Account& account, const Asked& asked);
boost::json::object list_events(Account& account, const Asked& asked);

} // namespace gateways::sandbox::stripe
