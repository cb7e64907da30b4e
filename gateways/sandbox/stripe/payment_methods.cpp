#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

PaymentMethod& add_method(Account& account, const TestCard& card) {
    PaymentMethod method;
    method.id = account.new_id("pm_");
    method.created = account.now();
    method.card = card;
    method.exp_month = 12;
    // Never expired by itself, whatever the sandbox's clock says.
    const std::chrono::year_month_day today{
        std::chrono::floor<std::chrono::days>(Time{std::chrono::seconds{account.now()}})};
    method.exp_year = static_cast<unsigned>(static_cast<int>(today.year()) + 3);
    return account.payment_methods.add(std::move(method));
}

const TestCard& card_of(const Parameters& card) {
    card.only("number exp_month exp_year cvc token");
    if (card.has("token")) {
        const std::string token = card.required("token");
        const TestCard* found =
            token.starts_with("tok_") ? find_test_card("pm_card_" + token.substr(4)) : nullptr;
        if (found == nullptr)
            refuse_missing("token", token, card.name_of("token"), Named::by_parameter);
        return *found;
    }
    const std::string number = card.required("number");
    if (!is_valid_number(number)) {
        Refusal refusal;
        refusal.status = 402;
        refusal.type = "card_error";
        refusal.code = "incorrect_number";
        refusal.param = card.name_of("number");
        refusal.message = message_for("incorrect_number", {});
        throw refusal;
    }
    const TestCard* found = find_card_by_number(number);
    if (found == nullptr) {
        CardProblem live = card_problem("card_declined", "test_mode_live_card");
        live.message = "Your card was declined. Your request was in test mode, but used a non "
                       "test card.";
        refuse_card(live, {});
    }
    return *found;
}

void update_expiry(const Parameters& card, PaymentMethod& method) {
    const auto month = card.number("exp_month");
    const auto year = card.number("exp_year");
    if (month && (*month < 1 || *month > 12))
        refuse_parameter("invalid_expiry_month", card.name_of("exp_month"),
                         "Your card's expiration month is invalid.");
    if (year && (*year < 1970 || *year > 9999))
        refuse_parameter("invalid_expiry_year", card.name_of("exp_year"),
                         "Your card's expiration year is invalid.");
    if (month) method.exp_month = static_cast<unsigned>(*month);
    if (year) method.exp_year = static_cast<unsigned>(*year);
}

} // namespace

CardProblem card_problem(std::string_view code, std::string_view decline_code) {
    CardProblem problem;
    problem.code = code;
    problem.decline_code = decline_code;
    problem.message = message_for(code, decline_code);
    problem.advice_code = advice_for(code, decline_code);
    return problem;
}

CardProblem problem_of(const TestCard& card) {
    return card.code.empty() ? CardProblem{} : card_problem(card.code, card.decline_code);
}

PaymentMethod& method_named(Account& account, std::string_view id, std::string_view param,
                            Named named) {
    if (PaymentMethod* found = account.payment_methods.find(id)) return *found;
    if (const TestCard* card = find_test_card(id)) return add_method(account, *card);
    refuse_missing("PaymentMethod", id, param, named);
}

void expect_usable(const PaymentMethod& method, std::string_view customer) {
    if (method.detached || method.used)
        refuse_state({}, "The provided PaymentMethod was previously used with a PaymentIntent "
                         "without Customer attachment, shared with a connected account without "
                         "Customer attachment, or was detached from a Customer. It may not be "
                         "used again. To use a PaymentMethod multiple times, you must attach it "
                         "to a Customer first.");
    if (method.customer.empty() || method.customer == customer) return;
    if (customer.empty())
        refuse_state({}, "The payment method you provided is attached to a customer so for "
                         "security purposes you must provide the customer in the request.");
    refuse_state({}, "The customer does not have a payment method with the ID " + method.id +
                         ". The payment method must be attached to the customer.");
}

void attach(Account& account, PaymentMethod& method, std::string_view customer) {
    if (method.customer == customer) return;
    method.customer = customer;
    account.emit("payment_method.attached", render(method));
}

void detach(Account& account, PaymentMethod& method) {
    Customer* customer = account.customers.find(method.customer);
    if (customer != nullptr && customer->default_payment_method == method.id)
        customer->default_payment_method.clear();
    const std::string before = std::exchange(method.customer, {});
    method.detached = true;
    account.emit("payment_method.detached", render(method), {{"customer", before}});
}

json::object create_payment_method(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    given.required("type");
    given.choice("type", "card");
    const Parameters card = given.inside("card");
    const TestCard& kind = card_of(card);
    PaymentMethod wanted;
    update_expiry(card, wanted);
    given.update(wanted.metadata);
    PaymentMethod& method = add_method(account, kind);
    if (wanted.exp_month != 0) method.exp_month = wanted.exp_month;
    if (wanted.exp_year != 0) method.exp_year = wanted.exp_year;
    method.metadata = std::move(wanted.metadata);
    method.billing_details = given.inside("billing_details").all();
    return render(method);
}

json::object read_payment_method(Account& account, const Asked& asked) {
    return render(method_named(account, asked.ids[0], "payment_method", Named::by_path));
}

json::object update_payment_method(Account& account, const Asked& asked) {
    PaymentMethod& method = method_named(account, asked.ids[0], "payment_method", Named::by_path);
    if (method.customer.empty())
        refuse_state({},
                     "You must save this PaymentMethod to a customer before you can update it.");
    PaymentMethod changed = method;
    update_expiry(asked.parameters.inside("card"), changed);
    asked.parameters.update(changed.metadata);
    if (asked.parameters.has("billing_details"))
        changed.billing_details = asked.parameters.inside("billing_details").all();
    method = std::move(changed);
    account.emit("payment_method.updated", render(method));
    return render(method);
}

json::object attach_payment_method(Account& account, const Asked& asked) {
    const std::string id = asked.parameters.required("customer");
    const Customer& customer = customer_named(account, id, "customer", Named::by_parameter);
    PaymentMethod& method = method_named(account, asked.ids[0], "payment_method", Named::by_path);
    if (!method.customer.empty() && method.customer != customer.id)
        refuse_state("payment_method_unexpected_state",
                     "The payment method you provided has already been attached to a customer.");
    expect_usable(method, customer.id);
    if (!method.card.attaches) refuse_card(problem_of(method.card), {});
    if (account.decline) {
        const CardProblem scripted = *std::exchange(account.decline, std::nullopt);
        refuse_card(scripted, {});
    }
    attach(account, method, customer.id);
    return render(method);
}

json::object detach_payment_method(Account& account, const Asked& asked) {
    PaymentMethod& method = method_named(account, asked.ids[0], "payment_method", Named::by_path);
    if (method.customer.empty())
        refuse_state("payment_method_unexpected_state",
                     "The payment method you provided is not attached to a customer so detachment "
                     "is impossible.");
    detach(account, method);
    return render(method);
}

json::object read_method_of_customer(Account& account, const Asked& asked) {
    const Customer& customer = customer_named(account, asked.ids[0], "customer", Named::by_path);
    const PaymentMethod* method = account.payment_methods.find(asked.ids[1]);
    if (method == nullptr || method->customer != customer.id)
        refuse_missing("PaymentMethod", asked.ids[1], "payment_method", Named::by_path);
    return render(*method);
}

} // namespace gateways::sandbox::stripe
