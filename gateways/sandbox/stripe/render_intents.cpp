#include "gateways/sandbox/stripe/render_parts.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

json::array texts(const std::vector<std::string>& list) {
    json::array out(scratch());
    for (const std::string& one : list)
        out.emplace_back(one);
    return out;
}

// Where the sandbox's control endpoint plays the bank's page.
json::value render_next_action(const NextAction& action, std::string_view intent) {
    if (!action.pending) return nullptr;
    if (action.return_url.empty())
        return json::value(
            {{"type", "use_stripe_sdk"}, {"use_stripe_sdk", {{"type", "three_d_secure_redirect"}}}},
            scratch());
    return json::object{{"type", "redirect_to_url"},
                        {"redirect_to_url",
                         {{"return_url", action.return_url},
                          {"url", "https://hooks.stripe.com/3d_secure_2/" + std::string{intent}}}}};
}

json::value render_automatic(const AllowedMethods& methods) {
    if (!methods.automatic) return nullptr;
    return json::value(
        {{"allow_redirects", methods.redirects ? "always" : "never"}, {"enabled", true}},
        scratch());
}

json::value render_types(const AllowedMethods& methods) {
    return methods.types.empty() ? json::value{} : json::value(texts(methods.types));
}

json::value object_or_null(const json::object& given) {
    return given.empty() ? json::value{} : json::value(given);
}

} // namespace

std::string_view name_of(IntentStatus status) {
    switch (status) {
    case IntentStatus::requires_payment_method: return "requires_payment_method";
    case IntentStatus::requires_confirmation: return "requires_confirmation";
    case IntentStatus::requires_action: return "requires_action";
    case IntentStatus::requires_capture: return "requires_capture";
    case IntentStatus::succeeded: return "succeeded";
    case IntentStatus::canceled: break;
    }
    return "canceled";
}

std::string_view name_of(CaptureMethod method) {
    switch (method) {
    case CaptureMethod::automatic: return "automatic";
    case CaptureMethod::automatic_async: return "automatic_async";
    case CaptureMethod::manual: break;
    }
    return "manual";
}

json::value render_problem(const CardProblem& problem) {
    if (!problem) return nullptr;
    json::object out({{"code", problem.code},
                      {"doc_url", "https://docs.stripe.com/error-codes#" + problem.code},
                      {"message", problem.message},
                      {"type", "card_error"}},
                     scratch());
    if (!problem.decline_code.empty()) out["decline_code"] = problem.decline_code;
    if (!problem.advice_code.empty()) out["advice_code"] = problem.advice_code;
    if (!problem.charge.empty()) out["charge"] = problem.charge;
    if (!problem.method.empty()) out["payment_method"] = problem.method;
    return out;
}

json::object render(const SetupIntent& intent) {
    return json::object({{"id", intent.id},
                         {"object", "setup_intent"},
                         {"allowed_payment_method_types", render_types(intent.methods)},
                         {"application", nullptr},
                         {"automatic_payment_methods", render_automatic(intent.methods)},
                         {"cancellation_reason", text_or_null(intent.cancellation_reason)},
                         {"client_secret", intent.client_secret},
                         {"created", intent.created},
                         {"customer", text_or_null(intent.customer)},
                         {"customer_account", nullptr},
                         {"description", text_or_null(intent.description)},
                         {"excluded_payment_method_types", nullptr},
                         {"flow_directions", nullptr},
                         {"last_setup_error", render_problem(intent.last_error)},
                         {"latest_attempt", text_or_null(intent.latest_attempt)},
                         {"livemode", false},
                         {"mandate", nullptr},
                         {"metadata", render_metadata(intent.metadata)},
                         {"next_action", render_next_action(intent.next_action, intent.id)},
                         {"on_behalf_of", nullptr},
                         {"payment_method", text_or_null(intent.payment_method)},
                         {"payment_method_configuration_details", nullptr},
                         {"payment_method_options", object_or_null(intent.method_options)},
                         {"payment_method_types", json::array{"card"}},
                         {"single_use_mandate", nullptr},
                         {"status", name_of(intent.status)},
                         {"usage", intent.usage}},
                        scratch());
}

json::object render(const PaymentIntent& intent) {
    return json::object(
        {{"id", intent.id},
         {"object", "payment_intent"},
         {"allowed_payment_method_types", render_types(intent.methods)},
         {"amount", intent.amount},
         {"amount_capturable", intent.amount_capturable},
         {"amount_details", {{"tip", json::object{}}}},
         {"amount_received", intent.amount_received},
         {"application", nullptr},
         {"application_fee_amount", nullptr},
         {"automatic_payment_methods", render_automatic(intent.methods)},
         {"canceled_at", intent.canceled_at == 0 ? json::value{} : json::value(intent.canceled_at)},
         {"cancellation_reason", text_or_null(intent.cancellation_reason)},
         {"capture_method", name_of(intent.capture_method)},
         {"client_secret", intent.client_secret},
         {"confirmation_method", "automatic"},
         {"created", intent.created},
         {"currency", intent.currency},
         {"customer", text_or_null(intent.customer)},
         {"customer_account", nullptr},
         {"description", text_or_null(intent.description)},
         {"excluded_payment_method_types", nullptr},
         {"last_payment_error", render_problem(intent.last_error)},
         {"latest_charge", text_or_null(intent.latest_charge)},
         {"livemode", false},
         {"managed_payments", nullptr},
         {"metadata", render_metadata(intent.metadata)},
         {"next_action", render_next_action(intent.next_action, intent.id)},
         {"on_behalf_of", nullptr},
         {"payment_method", text_or_null(intent.payment_method)},
         {"payment_method_configuration_details", nullptr},
         {"payment_method_options", object_or_null(intent.method_options)},
         {"payment_method_types", json::array{"card"}},
         {"payment_record", nullptr},
         {"processing", nullptr},
         {"receipt_email", text_or_null(intent.receipt_email)},
         {"review", nullptr},
         {"setup_future_usage", text_or_null(intent.setup_future_usage)},
         {"shipping", nullptr},
         {"source", nullptr},
         {"statement_descriptor", nullptr},
         {"statement_descriptor_suffix", text_or_null(intent.statement_suffix)},
         {"status", name_of(intent.status)},
         {"transfer_data", nullptr},
         {"transfer_group", text_or_null(intent.transfer_group)}},
        scratch());
}

} // namespace gateways::sandbox::stripe
