#include "gateways/sandbox/stripe/refusal.hpp"

#include "gateways/sandbox/stripe/objects.hpp"

namespace gateways::sandbox::stripe {

namespace json = boost::json;

json::object render(const Refusal& refusal) {
    json::object error{{"type", refusal.type}, {"message", refusal.message}};
    if (!refusal.code.empty()) {
        error["code"] = refusal.code;
        error["doc_url"] = "https://docs.stripe.com/error-codes#" + refusal.code;
    }
    if (!refusal.param.empty()) error["param"] = refusal.param;
    for (const auto& field : refusal.more)
        error[field.key()] = field.value();
    return {{"error", std::move(error)}};
}

void refuse_parameter(std::string_view code, std::string_view param, std::string message) {
    Refusal refusal;
    refusal.code = code;
    refusal.param = param;
    refusal.message = std::move(message);
    refusal.before_execution = true;
    throw refusal;
}

void refuse_missing(std::string_view kind, std::string_view id, std::string_view param,
                    Named named) {
    Refusal refusal;
    refusal.status = named == Named::by_path ? 404 : 400;
    refusal.code = "resource_missing";
    refusal.param = param;
    refusal.message = "No such " + std::string{kind} + ": '" + std::string{id} + "'";
    throw refusal;
}

void refuse_state(std::string_view code, std::string message, json::object more) {
    Refusal refusal;
    refusal.code = code;
    refusal.message = std::move(message);
    refusal.more = std::move(more);
    throw refusal;
}

void refuse_card(const CardProblem& problem, json::object more) {
    Refusal refusal;
    refusal.status = 402;
    refusal.type = "card_error";
    refusal.code = problem.code;
    refusal.message = problem.message;
    refusal.more = std::move(more);
    if (!problem.decline_code.empty()) refusal.more["decline_code"] = problem.decline_code;
    if (!problem.advice_code.empty()) refusal.more["advice_code"] = problem.advice_code;
    if (!problem.charge.empty()) refusal.more["charge"] = problem.charge;
    throw refusal;
}

} // namespace gateways::sandbox::stripe
