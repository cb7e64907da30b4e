// Stripe's errors, thrown where they arise and written as Stripe writes them.

#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace gateways::sandbox::stripe {

struct CardProblem;
struct PaymentMethod;

struct Refusal {
    unsigned status = 400;
    std::string type = "invalid_request_error";
    std::string code, param, message;
    // decline_code, charge, payment_intent ...: what else stands in the error.
    boost::json::object more = {};
    // Found before the request had begun to be executed, so that no idempotency key remembers it.
    bool before_execution = false;
};

boost::json::object render(const Refusal& refusal);

// 400, before execution.
[[noreturn]] void refuse_parameter(std::string_view code, std::string_view param,
                                   std::string message);
// 404 for what the path names, 400 for what a parameter names.
enum class Named { by_path, by_parameter };
[[noreturn]] void refuse_missing(std::string_view kind, std::string_view id, std::string_view param,
                                 Named named);
// 400: the object is not in a state for this.
[[noreturn]] void refuse_state(std::string_view code, std::string message,
                               boost::json::object more = {});
// 402.
[[noreturn]] void refuse_card(const CardProblem& problem, boost::json::object more);

} // namespace gateways::sandbox::stripe
