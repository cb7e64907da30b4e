#include "gateways/sandbox/stripe/charging.hpp"
#include "gateways/sandbox/stripe/intent_parts.hpp"
#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

constexpr Amount amount_min = 50, amount_max = 99'999'999;

constexpr std::array<std::string_view, 12> currencies{"usd", "eur", "gbp", "chf", "sek", "nok",
                                                      "dkk", "pln", "cad", "aud", "egp", "aed"};

PaymentIntent& intent_named(Account& account, std::string_view id) {
    PaymentIntent* found = account.payment_intents.find(id);
    if (found == nullptr) refuse_missing("payment_intent", id, "intent", Named::by_path);
    return *found;
}

[[noreturn]] void refuse_status(const PaymentIntent& intent, std::string_view action,
                                std::string_view allowed) {
    refuse_state("payment_intent_unexpected_state",
                 "You cannot " + std::string{action} +
                     " this PaymentIntent because it has a status of " +
                     std::string{name_of(intent.status)} +
                     ". Only a PaymentIntent with one of the following statuses may be used: " +
                     std::string{allowed} + ".",
                 {{"payment_intent", render(intent)}});
}

bool waits_for_payer(IntentStatus status) {
    return status == IntentStatus::requires_payment_method ||
           status == IntentStatus::requires_confirmation || status == IntentStatus::requires_action;
}

Amount read_amount(const Parameters& given) {
    const auto amount = given.number("amount");
    if (!amount) given.required("amount");
    if (*amount < 1)
        refuse_parameter("parameter_invalid_integer", "amount",
                         "This value must be greater than or equal to 1.");
    if (*amount < amount_min)
        refuse_parameter("amount_too_small", "amount",
                         "Amount must be at least $0.50 usd, or its worth in the currency.");
    if (*amount > amount_max)
        refuse_parameter("amount_too_large", "amount", "Amount must be no more than $999,999.99");
    return *amount;
}

std::string read_currency(const Parameters& given) {
    std::string currency = given.required("currency");
    std::ranges::transform(currency, currency.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (std::ranges::find(currencies, currency) == currencies.end())
        refuse_parameter({}, "currency", "Invalid currency: " + currency + ".");
    return currency;
}

void read_capture_method(const Parameters& given, PaymentIntent& intent) {
    const std::string method = given.choice("capture_method", "automatic automatic_async manual");
    if (method == "automatic") intent.capture_method = CaptureMethod::automatic;
    if (method == "automatic_async") intent.capture_method = CaptureMethod::automatic_async;
    if (method == "manual") intent.capture_method = CaptureMethod::manual;
}

// What create, update and confirm may all set.
void read_texts(Account& account, const Parameters& given, PaymentIntent& intent) {
    const auto take = [&](std::string_view name, std::string& field) {
        if (given.has(name)) field = given.text(name);
    };
    take("description", intent.description);
    take("receipt_email", intent.receipt_email);
    take("statement_descriptor_suffix", intent.statement_suffix);
    take("transfer_group", intent.transfer_group);
    if (intent.statement_suffix.size() > 22)
        refuse_parameter({}, "statement_descriptor_suffix",
                         "The statement descriptor suffix may have at most 22 characters.");
    if (given.has("setup_future_usage"))
        intent.setup_future_usage = given.choice("setup_future_usage", "off_session on_session");
    check_method_options(given);
    if (given.has("payment_method_options"))
        intent.method_options = given.inside("payment_method_options").all();
    given.update(intent.metadata);
    read_capture_method(given, intent);
    if (given.has("customer")) {
        const std::string id = given.text("customer");
        if (!id.empty()) customer_named(account, id, "customer", Named::by_parameter);
        intent.customer = id;
    }
}

bool is_off_session(const Parameters& given) {
    // Also accepted: why the payer is absent, as an older form has it.
    const std::string value = given.text("off_session");
    return value == "one_off" || value == "recurring" || given.flag("off_session").value_or(false);
}

Confirm read_confirm(const Parameters& given, const PaymentIntent& intent) {
    Confirm how;
    how.off_session = is_off_session(given);
    how.error_on_requires_action = given.flag("error_on_requires_action").value_or(false);
    how.return_url = given.text("return_url");
    how.asks_for_authentication = asks_for_authentication(intent.method_options);
    if (!how.off_session) expect_return_url(intent.methods, given);
    return how;
}

// Answers the intent, or refuses with the card's problem.
json::object tried(const PaymentIntent& intent, const CardProblem& problem) {
    if (!problem) return render(intent);
    refuse_card(problem, {{"payment_intent", render(intent)}, {"payment_method", problem.method}});
}

} // namespace

json::object create_payment_intent(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    PaymentIntent intent;
    intent.amount = read_amount(given);
    intent.currency = read_currency(given);
    intent.methods = read_methods(given);
    read_texts(account, given, intent);
    const bool confirms = given.flag("confirm").value_or(false);
    for (const char* name : {"off_session", "error_on_requires_action", "return_url"})
        if (given.has(name) && !confirms)
            refuse_parameter({}, name,
                             std::string{"You can only use "} + name + " with confirm=true.");
    Confirm how;
    if (confirms) how = read_confirm(given, intent);
    const std::string method_id = given.text("payment_method");
    if (confirms && method_id.empty())
        refuse_parameter("parameter_missing", "payment_method",
                         "You cannot confirm this PaymentIntent because it's missing a payment "
                         "method.");
    PaymentMethod* method = nullptr;
    if (!method_id.empty()) {
        method = &method_named(account, method_id, "payment_method", Named::by_parameter);
        expect_usable(*method, intent.customer);
        intent.payment_method = method->id;
        intent.status = IntentStatus::requires_confirmation;
    }
    intent.id = account.new_id("pi_");
    intent.client_secret = account.new_secret(intent.id);
    intent.created = account.now();
    PaymentIntent& added = account.payment_intents.add(std::move(intent));
    account.emit("payment_intent.created", render(added));
    if (!confirms) return render(added);
    const CardProblem problem = confirm(account, added, *method, how);
    return tried(added, problem);
}

json::object read_payment_intent(Account& account, const Asked& asked) {
    return render(intent_named(account, asked.ids[0]));
}

json::object update_payment_intent(Account& account, const Asked& asked) {
    PaymentIntent& intent = intent_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    PaymentIntent changed = intent;
    const bool of_money = given.has("amount") || given.has("currency") || given.has("customer") ||
                          given.has("payment_method") || given.has("capture_method");
    if (of_money && !waits_for_payer(intent.status))
        refuse_status(intent, "update",
                      "requires_payment_method, requires_confirmation, requires_action");
    if (given.has("amount")) changed.amount = read_amount(given);
    if (given.has("currency")) changed.currency = read_currency(given);
    read_texts(account, given, changed);
    if (given.has("payment_method")) {
        const std::string id = given.required("payment_method");
        const PaymentMethod& method =
            method_named(account, id, "payment_method", Named::by_parameter);
        expect_usable(method, changed.customer);
        changed.payment_method = method.id;
    }
    // Whatever the payer was asked to do was for the intent as it was.
    if (of_money) {
        changed.next_action = {};
        changed.status = changed.payment_method.empty() ? IntentStatus::requires_payment_method
                                                        : IntentStatus::requires_confirmation;
    }
    intent = std::move(changed);
    return render(intent);
}

json::object confirm_payment_intent(Account& account, const Asked& asked) {
    PaymentIntent& intent = intent_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    if (!waits_for_payer(intent.status))
        refuse_status(intent, "confirm",
                      "requires_payment_method, requires_confirmation, requires_action");
    PaymentIntent changed = intent;
    read_texts(account, given, changed);
    const Confirm how = read_confirm(given, changed);
    const std::string id =
        given.has("payment_method") ? given.required("payment_method") : intent.payment_method;
    if (id.empty())
        refuse_state("payment_intent_unexpected_state",
                     "You cannot confirm this PaymentIntent because it's missing a payment "
                     "method. You can either update the PaymentIntent with a payment method and "
                     "then confirm it again, or confirm it again directly with a payment method.",
                     {{"payment_intent", render(intent)}});
    PaymentMethod& method = method_named(account, id, "payment_method", Named::by_parameter);
    expect_usable(method, changed.customer);
    intent = std::move(changed);
    const CardProblem problem = confirm(account, intent, method, how);
    return tried(intent, problem);
}

json::object capture_payment_intent(Account& account, const Asked& asked) {
    PaymentIntent& intent = intent_named(account, asked.ids[0]);
    const Parameters& given = asked.parameters;
    const auto wanted = given.number("amount_to_capture");
    if (wanted && *wanted < 1)
        refuse_parameter("parameter_invalid_integer", "amount_to_capture",
                         "This value must be greater than or equal to 1.");
    if (!given.flag("final_capture").value_or(true))
        refuse_parameter({}, "final_capture",
                         "This PaymentIntent cannot be captured more than once.");
    if (intent.status != IntentStatus::requires_capture)
        refuse_state("payment_intent_unexpected_state",
                     "This PaymentIntent could not be captured because it has a status of " +
                         std::string{name_of(intent.status)} +
                         ". Only a PaymentIntent with one of the following statuses may be "
                         "captured: requires_capture.",
                     {{"payment_intent", render(intent)}});
    const Amount amount = wanted.value_or(intent.amount_capturable);
    if (amount > intent.amount_capturable) {
        Refusal refusal;
        refusal.code = "amount_too_large";
        refusal.param = "amount_to_capture";
        refusal.message = "The remaining amount authorized for the PaymentIntent is " +
                          std::to_string(intent.amount_capturable) +
                          ", but the amount to capture is " + std::to_string(amount) + ".";
        throw refusal;
    }
    Metadata metadata = intent.metadata;
    given.update(metadata);
    intent.metadata = std::move(metadata);
    if (given.has("statement_descriptor_suffix"))
        intent.statement_suffix = given.text("statement_descriptor_suffix");
    capture(account, intent, amount);
    return render(intent);
}

json::object cancel_payment_intent(Account& account, const Asked& asked) {
    PaymentIntent& intent = intent_named(account, asked.ids[0]);
    const std::string reason = asked.parameters.choice(
        "cancellation_reason", "duplicate fraudulent requested_by_customer abandoned");
    if (!waits_for_payer(intent.status) && intent.status != IntentStatus::requires_capture)
        refuse_status(intent, "cancel",
                      "requires_payment_method, requires_capture, requires_confirmation, "
                      "requires_action, processing");
    cancel(account, intent, reason);
    return render(intent);
}

} // namespace gateways::sandbox::stripe
