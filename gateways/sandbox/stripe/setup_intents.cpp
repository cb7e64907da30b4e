#include "gateways/sandbox/stripe/setup_intents.hpp"

#include "gateways/sandbox/stripe/charging.hpp"
#include "gateways/sandbox/stripe/intent_parts.hpp"
#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

SetupIntent& setup_intent_named(Account& account, std::string_view id) {
    SetupIntent* found = account.setup_intents.find(id);
    if (found == nullptr) refuse_missing("setup_intent", id, "intent", Named::by_path);
    return *found;
}

void expect_open(const SetupIntent& intent, std::string_view action) {
    if (intent.status == IntentStatus::succeeded || intent.status == IntentStatus::canceled)
        refuse_state("setup_intent_unexpected_state",
                     "You cannot " + std::string{action} +
                         " this SetupIntent because it has a status of " +
                         std::string{name_of(intent.status)} + ".",
                     {{"setup_intent", render(intent)}});
}

void read_fields(Account& account, const Parameters& given, SetupIntent& intent) {
    if (given.has("description")) intent.description = given.text("description");
    check_method_options(given);
    if (given.has("payment_method_options"))
        intent.method_options = given.inside("payment_method_options").all();
    given.update(intent.metadata);
    if (given.has("customer")) {
        const std::string id = given.text("customer");
        if (!id.empty()) customer_named(account, id, "customer", Named::by_parameter);
        intent.customer = id;
    }
}

void expect_savable(const PaymentMethod& method, const SetupIntent& intent) {
    if (!method.customer.empty() && method.customer != intent.customer)
        refuse_state("payment_method_unexpected_state",
                     "The payment method you provided has already been attached to a customer.");
    expect_usable(method, intent.customer);
}

CardProblem fail(Account& account, SetupIntent& intent, const PaymentMethod& method,
                 CardProblem problem) {
    problem.method = render(method);
    intent.status = IntentStatus::requires_payment_method;
    intent.payment_method.clear();
    intent.next_action = {};
    intent.last_error = problem;
    account.emit("setup_intent.setup_failed", render(intent));
    return problem;
}

CardProblem save(Account& account, SetupIntent& intent, PaymentMethod& method) {
    if (account.decline)
        return fail(account, intent, method, *std::exchange(account.decline, std::nullopt));
    if (!method.card.attaches) return fail(account, intent, method, problem_of(method.card));
    intent.status = IntentStatus::succeeded;
    intent.next_action = {};
    if (!intent.customer.empty()) attach(account, method, intent.customer);
    if (intent.usage == "off_session") method.set_up_for_off_session = true;
    account.emit("setup_intent.succeeded", render(intent));
    return {};
}

CardProblem confirm(Account& account, SetupIntent& intent, PaymentMethod& method,
                    std::string_view return_url) {
    intent.payment_method = method.id;
    intent.latest_attempt = account.new_id("setatt_");
    intent.last_error = {};
    if (account.decline ||
        !needs_authentication(method, false, asks_for_authentication(intent.method_options), true))
        return save(account, intent, method);
    intent.status = IntentStatus::requires_action;
    intent.next_action = {true, std::string{return_url}};
    account.emit("setup_intent.requires_action", render(intent));
    return {};
}

json::object tried(const SetupIntent& intent, const CardProblem& problem) {
    if (!problem) return render(intent);
    refuse_card(problem, {{"setup_intent", render(intent)}, {"payment_method", problem.method}});
}

} // namespace

void finish_challenge(Account& account, SetupIntent& intent, bool authenticated) {
    PaymentMethod& method = *account.payment_methods.find(intent.payment_method);
    if (authenticated) {
        save(account, intent, method);
        return;
    }
    CardProblem problem;
    problem.code = "setup_intent_authentication_failure";
    problem.message = "We are unable to authenticate your payment method. Please choose a "
                      "different payment method and try again.";
    fail(account, intent, method, std::move(problem));
}

json::object create_setup_intent(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    SetupIntent intent;
    intent.methods = read_methods(given);
    if (given.has("usage")) intent.usage = given.choice("usage", "off_session on_session");
    read_fields(account, given, intent);
    const bool confirms = given.flag("confirm").value_or(false);
    const std::string id = given.text("payment_method");
    if (confirms) expect_return_url(intent.methods, given);
    if (confirms && id.empty())
        refuse_parameter("parameter_missing", "payment_method",
                         "You cannot confirm this SetupIntent because it's missing a payment "
                         "method.");
    PaymentMethod* method = nullptr;
    if (!id.empty()) {
        method = &method_named(account, id, "payment_method", Named::by_parameter);
        expect_savable(*method, intent);
        intent.payment_method = method->id;
        intent.status = IntentStatus::requires_confirmation;
    }
    intent.id = account.new_id("seti_");
    intent.client_secret = account.new_secret(intent.id);
    intent.created = account.now();
    SetupIntent& added = account.setup_intents.add(std::move(intent));
    account.emit("setup_intent.created", render(added));
    if (!confirms) return render(added);
    const CardProblem problem = confirm(account, added, *method, given.text("return_url"));
    return tried(added, problem);
}

json::object read_setup_intent(Account& account, const Asked& asked) {
    return render(setup_intent_named(account, asked.ids[0]));
}

json::object update_setup_intent(Account& account, const Asked& asked) {
    SetupIntent& intent = setup_intent_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    SetupIntent changed = intent;
    if (given.has("customer") || given.has("payment_method")) expect_open(intent, "update");
    read_fields(account, given, changed);
    if (given.has("payment_method")) {
        const std::string id = given.required("payment_method");
        const PaymentMethod& method =
            method_named(account, id, "payment_method", Named::by_parameter);
        expect_savable(method, changed);
        changed.payment_method = method.id;
        changed.next_action = {};
        changed.status = IntentStatus::requires_confirmation;
    }
    intent = std::move(changed);
    return render(intent);
}

json::object confirm_setup_intent(Account& account, const Asked& asked) {
    SetupIntent& intent = setup_intent_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    expect_open(intent, "confirm");
    expect_return_url(intent.methods, given);
    const std::string id =
        given.has("payment_method") ? given.required("payment_method") : intent.payment_method;
    if (id.empty())
        refuse_state("setup_intent_unexpected_state",
                     "You cannot confirm this SetupIntent because it's missing a payment method.",
                     {{"setup_intent", render(intent)}});
    PaymentMethod& method = method_named(account, id, "payment_method", Named::by_parameter);
    expect_savable(method, intent);
    const CardProblem problem = confirm(account, intent, method, given.text("return_url"));
    return tried(intent, problem);
}

json::object cancel_setup_intent(Account& account, const Asked& asked) {
    SetupIntent& intent = setup_intent_named(account, asked.ids[0]);
    const std::string reason =
        asked.parameters.choice("cancellation_reason", "abandoned duplicate requested_by_customer");
    expect_open(intent, "cancel");
    intent.status = IntentStatus::canceled;
    intent.cancellation_reason = reason;
    intent.next_action = {};
    account.emit("setup_intent.canceled", render(intent));
    return render(intent);
}

} // namespace gateways::sandbox::stripe
