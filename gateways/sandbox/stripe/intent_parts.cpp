#include "gateways/sandbox/stripe/intent_parts.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace json = boost::json;

AllowedMethods read_methods(const Parameters& given) {
    AllowedMethods methods;
    methods.types = given.list("allowed_payment_method_types");
    const Parameters automatic = given.inside("automatic_payment_methods");
    automatic.only("enabled allow_redirects");
    if (given.has("automatic_payment_methods")) {
        if (!automatic.has("enabled")) automatic.required("enabled");
        methods.automatic = automatic.flag("enabled").value_or(false);
    } else {
        methods.automatic = methods.types.empty();
    }
    if (methods.automatic && !methods.types.empty())
        refuse_parameter("parameters_exclusive", "allowed_payment_method_types",
                         "You may only specify one of these parameters: "
                         "automatic_payment_methods, allowed_payment_method_types.");
    methods.redirects = automatic.choice("allow_redirects", "always never") != "never";
    return methods;
}

void expect_return_url(const AllowedMethods& methods, const Parameters& given) {
    const bool may_redirect = methods.automatic && methods.redirects;
    if (!may_redirect || given.has("return_url") || given.flag("use_stripe_sdk").value_or(false))
        return;
    refuse_parameter(
        {}, "return_url",
        "This intent is configured to accept payment methods enabled in your Dashboard. Because "
        "some of these payment methods might redirect your customer off of your page, you must "
        "provide a `return_url`. If you don't want to accept redirect-based payment methods, set "
        "`automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
        "Payment Intents.");
}

void check_method_options(const Parameters& given) {
    const Parameters card = given.inside("payment_method_options").inside("card");
    card.choice("request_three_d_secure", "automatic any challenge");
    card.choice("stored_credential_usage", "recurring unscheduled installment");
    card.choice("setup_credential_usage", "recurring unscheduled installment");
    if (card.has("stored_credential_usage") && given.has("setup_future_usage"))
        refuse_parameter("parameters_exclusive", card.name_of("stored_credential_usage"),
                         "stored_credential_usage cannot be combined with setup_future_usage.");
}

bool asks_for_authentication(const json::object& method_options) {
    const json::value* card = method_options.if_contains("card");
    if (card == nullptr || !card->is_object()) return false;
    const json::value* asked = card->get_object().if_contains("request_three_d_secure");
    return asked != nullptr && (*asked == "any" || *asked == "challenge");
}

} // namespace gateways::sandbox::stripe
