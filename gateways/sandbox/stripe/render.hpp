// Objects as Stripe shows them, all fields of the pinned version. References are ids. All of it is
// in scratch memory: what is to outlive the call has to be copied.

#pragma once

#include "gateways/sandbox/stripe/objects.hpp"

#include <boost/json/value.hpp>

namespace gateways::sandbox::stripe {

class Account;

boost::json::value text_or_null(std::string_view text);

boost::json::object render(const Customer& customer);
boost::json::object render(const PaymentMethod& method);
boost::json::object render(const SetupIntent& intent);
boost::json::object render(const PaymentIntent& intent);
boost::json::object render(const Charge& charge);
boost::json::object render(const Refund& refund);
// Holds whole balance transactions.
boost::json::object render(const Dispute& dispute, const Account& account);
boost::json::object render(const BalanceTransaction& line, Seconds now);
boost::json::object render(const FraudWarning& warning);

std::string_view name_of(IntentStatus status);
std::string_view name_of(RefundStatus status);
std::string_view name_of(DisputeStatus status);
std::string_view name_of(CaptureMethod method);

// The error of a failed attempt, as an intent keeps it.
boost::json::value render_problem(const CardProblem& problem);

} // namespace gateways::sandbox::stripe
