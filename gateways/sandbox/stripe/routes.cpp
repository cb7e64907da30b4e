#include "gateways/sandbox/stripe/routes.hpp"

namespace gateways::sandbox::stripe {

namespace {

using http::Verb;

// expand is for every call.
constexpr std::string_view page = "limit starting_after ending_before created customer";
constexpr std::string_view customer_fields =
    "address description email invoice_settings metadata name phone preferred_locales "
    "payment_method tax tax_exempt shipping balance";
constexpr std::string_view setup_fields =
    "allowed_payment_method_types automatic_payment_methods confirm customer description metadata "
    "payment_method payment_method_options return_url usage use_stripe_sdk "
    "excluded_payment_method_types payment_method_configuration";
constexpr std::string_view payment_fields =
    "amount currency allowed_payment_method_types automatic_payment_methods capture_method confirm "
    "confirmation_method customer description error_on_requires_action "
    "excluded_payment_method_types hooks metadata off_session payment_method "
    "payment_method_configuration payment_method_options receipt_email return_url "
    "setup_future_usage shipping statement_descriptor statement_descriptor_suffix transfer_group "
    "use_stripe_sdk";
constexpr std::string_view confirm_fields =
    "payment_method off_session return_url capture_method receipt_email error_on_requires_action "
    "payment_method_options setup_future_usage shipping use_stripe_sdk hooks client_secret";

constexpr Route routes[]{
    {Verb::post, "/v1/customers", "customers.create", "customer", customer_fields, create_customer},
    {Verb::get, "/v1/customers", "customers.list", "list:customer",
     "limit starting_after ending_before created email", list_customers},
    {Verb::get, "/v1/customers/{}", "customers.get", "customer", "", read_customer},
    {Verb::post, "/v1/customers/{}", "customers.update", "customer", customer_fields,
     update_customer},
    {Verb::delete_, "/v1/customers/{}", "customers.delete", "", "", delete_customer},
    {Verb::get, "/v1/customers/{}/payment_methods", "customers.payment_methods",
     "list:payment_method", "limit starting_after ending_before type allow_redisplay",
     list_methods_of_customer},
    {Verb::get, "/v1/customers/{}/payment_methods/{}", "customers.payment_method", "payment_method",
     "", read_method_of_customer},

    {Verb::post, "/v1/payment_methods", "payment_methods.create", "payment_method",
     "type card billing_details metadata allow_redisplay", create_payment_method, true},
    {Verb::get, "/v1/payment_methods", "payment_methods.list", "list:payment_method",
     "limit starting_after ending_before type customer allow_redisplay", list_payment_methods},
    {Verb::get, "/v1/payment_methods/{}", "payment_methods.get", "payment_method", "",
     read_payment_method},
    {Verb::post, "/v1/payment_methods/{}", "payment_methods.update", "payment_method",
     "billing_details card metadata allow_redisplay", update_payment_method},
    {Verb::post, "/v1/payment_methods/{}/attach", "payment_methods.attach", "payment_method",
     "customer", attach_payment_method, true},
    {Verb::post, "/v1/payment_methods/{}/detach", "payment_methods.detach", "payment_method", "",
     detach_payment_method},

    {Verb::post, "/v1/setup_intents", "setup_intents.create", "setup_intent", setup_fields,
     create_setup_intent, true},
    {Verb::get, "/v1/setup_intents", "setup_intents.list", "list:setup_intent",
     "limit starting_after ending_before created customer payment_method", list_setup_intents},
    {Verb::get, "/v1/setup_intents/{}", "setup_intents.get", "setup_intent", "client_secret",
     read_setup_intent, false, true},
    {Verb::post, "/v1/setup_intents/{}", "setup_intents.update", "setup_intent",
     "customer description metadata payment_method payment_method_options", update_setup_intent},
    {Verb::post, "/v1/setup_intents/{}/confirm", "setup_intents.confirm", "setup_intent",
     "payment_method payment_method_options return_url use_stripe_sdk client_secret",
     confirm_setup_intent, true, true},
    {Verb::post, "/v1/setup_intents/{}/cancel", "setup_intents.cancel", "setup_intent",
     "cancellation_reason", cancel_setup_intent},

    {Verb::post, "/v1/payment_intents", "payment_intents.create", "payment_intent", payment_fields,
     create_payment_intent, true},
    {Verb::get, "/v1/payment_intents", "payment_intents.list", "list:payment_intent", page,
     list_payment_intents},
    {Verb::get, "/v1/payment_intents/search", "payment_intents.search", "list:payment_intent",
     "query limit page", search_payment_intents},
    {Verb::get, "/v1/payment_intents/{}", "payment_intents.get", "payment_intent", "client_secret",
     read_payment_intent, false, true},
    {Verb::post, "/v1/payment_intents/{}", "payment_intents.update", "payment_intent",
     "amount currency capture_method customer description hooks metadata payment_method "
     "payment_method_options receipt_email setup_future_usage shipping "
     "statement_descriptor_suffix transfer_group",
     update_payment_intent},
    {Verb::post, "/v1/payment_intents/{}/confirm", "payment_intents.confirm", "payment_intent",
     confirm_fields, confirm_payment_intent, true, true},
    {Verb::post, "/v1/payment_intents/{}/capture", "payment_intents.capture", "payment_intent",
     "amount_to_capture final_capture metadata statement_descriptor_suffix hooks",
     capture_payment_intent},
    {Verb::post, "/v1/payment_intents/{}/cancel", "payment_intents.cancel", "payment_intent",
     "cancellation_reason", cancel_payment_intent},

    {Verb::get, "/v1/charges", "charges.list", "list:charge",
     "limit starting_after ending_before created customer payment_intent transfer_group",
     list_charges},
    {Verb::get, "/v1/charges/{}", "charges.get", "charge", "", read_charge},
    {Verb::post, "/v1/charges/{}", "charges.update", "charge", "description metadata receipt_email",
     update_charge},

    {Verb::post, "/v1/refunds", "refunds.create", "refund",
     "payment_intent charge amount reason metadata", create_refund},
    {Verb::get, "/v1/refunds", "refunds.list", "list:refund",
     "limit starting_after ending_before created charge payment_intent", list_refunds},
    {Verb::get, "/v1/refunds/{}", "refunds.get", "refund", "", read_refund},
    {Verb::post, "/v1/refunds/{}", "refunds.update", "refund", "metadata", update_refund},
    {Verb::post, "/v1/refunds/{}/cancel", "refunds.cancel", "refund", "", cancel_refund},

    {Verb::get, "/v1/disputes", "disputes.list", "list:dispute",
     "limit starting_after ending_before created charge payment_intent", list_disputes},
    {Verb::get, "/v1/disputes/{}", "disputes.get", "dispute", "", read_dispute},
    {Verb::post, "/v1/disputes/{}", "disputes.update", "dispute", "evidence metadata submit",
     update_dispute},
    {Verb::post, "/v1/disputes/{}/close", "disputes.close", "dispute", "", close_dispute},

    {Verb::get, "/v1/radar/early_fraud_warnings", "fraud_warnings.list",
     "list:radar.early_fraud_warning",
     "limit starting_after ending_before created charge payment_intent", list_fraud_warnings},
    {Verb::get, "/v1/radar/early_fraud_warnings/{}", "fraud_warnings.get",
     "radar.early_fraud_warning", "", read_fraud_warning},

    {Verb::get, "/v1/balance", "balance.get", "", "", read_balance},
    {Verb::get, "/v1/balance_transactions", "balance_transactions.list", "list:balance_transaction",
     "limit starting_after ending_before created type source currency", list_balance_transactions},
    {Verb::get, "/v1/balance_transactions/{}", "balance_transactions.get", "balance_transaction",
     "", read_balance_transaction},

    {Verb::get, "/v1/events", "events.list", "",
     "limit starting_after ending_before created type types delivery_success", list_events},
    {Verb::get, "/v1/events/{}", "events.get", "", "", read_event},
};

std::string_view next_step(std::string_view& path) {
    path.remove_prefix(1); // The slash.
    const std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(step.size());
    return step;
}

bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& ids) {
    ids.clear();
    while (!pattern.empty() && !path.empty()) {
        const std::string_view expected = next_step(pattern), step = next_step(path);
        if (expected == "{}" && !step.empty())
            ids.emplace_back(step);
        else if (expected != step)
            return false;
    }
    return pattern.empty() && path.empty();
}

} // namespace

const Route* find_route(http::Verb verb, std::string_view path, std::vector<std::string>& ids) {
    if (!path.starts_with('/')) return nullptr;
    for (const Route& route : routes)
        if (route.verb == verb && fits(route.pattern, path, ids)) return &route;
    return nullptr;
}

} // namespace gateways::sandbox::stripe
