#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

// Stripe's check is no stricter than this either.
bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return at != text.npos && at > 0 && text.find('.', at) != text.npos &&
           text.find(' ') == text.npos;
}

void read_fields(Account& account, const Parameters& given, Customer& customer) {
    const auto take = [&](std::string_view name, std::string& field) {
        if (given.has(name)) field = given.text(name);
    };
    take("email", customer.email);
    take("name", customer.name);
    take("phone", customer.phone);
    take("description", customer.description);
    if (!customer.email.empty() && !is_email(customer.email))
        refuse_parameter("email_invalid", "email", "Invalid email address: " + customer.email);
    if (given.has("address")) customer.address = given.inside("address").all();
    if (given.has("preferred_locales")) {
        customer.preferred_locales.clear();
        for (const std::string& locale : given.list("preferred_locales"))
            customer.preferred_locales.emplace_back(locale);
    }
    given.update(customer.metadata);
    const Parameters invoices = given.inside("invoice_settings");
    if (!invoices.has("default_payment_method")) return;
    const std::string id = invoices.text("default_payment_method");
    if (!id.empty()) {
        const PaymentMethod* method = account.payment_methods.find(id);
        if (method == nullptr)
            refuse_missing("PaymentMethod", id, invoices.name_of("default_payment_method"),
                           Named::by_parameter);
        if (method->customer != customer.id)
            refuse_state({}, "The customer does not have a payment method with the ID " + id +
                                 ". The payment method must be attached to the customer.");
    }
    customer.default_payment_method = id;
}

} // namespace

Customer& customer_named(Account& account, std::string_view id, std::string_view param,
                         Named named) {
    Customer* found = account.customers.find(id);
    if (found == nullptr || found->deleted)
        refuse_missing("customer", id, named == Named::by_path ? "id" : param, named);
    return *found;
}

json::object create_customer(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    Customer customer;
    read_fields(account, given, customer);
    PaymentMethod* method = nullptr;
    if (const std::string id = given.text("payment_method"); !id.empty()) {
        method = &method_named(account, id, "payment_method", Named::by_parameter);
        expect_usable(*method, {});
        if (!method->card.attaches) refuse_card(problem_of(method->card), {});
    }
    customer.id = account.new_id("cus_");
    customer.created = account.now();
    const Customer& added = account.customers.add(std::move(customer));
    account.emit("customer.created", render(added));
    if (method != nullptr) attach(account, *method, added.id);
    return render(added);
}

json::object read_customer(Account& account, const Asked& asked) {
    const Customer* found = account.customers.find(asked.ids[0]);
    if (found == nullptr) refuse_missing("customer", asked.ids[0], "id", Named::by_path);
    return render(*found);
}

json::object update_customer(Account& account, const Asked& asked) {
    Customer& customer = customer_named(account, asked.ids[0], "id", Named::by_path);
    Customer changed = customer;
    read_fields(account, asked.parameters, changed);
    const json::object before = render(customer);
    customer = std::move(changed);
    const json::object after = render(customer);
    json::object previous;
    for (const auto& field : before)
        if (field.value() != after.at(field.key())) previous[field.key()] = field.value();
    if (!previous.empty()) account.emit("customer.updated", after, previous);
    return after;
}

json::object delete_customer(Account& account, const Asked& asked) {
    Customer& customer = customer_named(account, asked.ids[0], "id", Named::by_path);
    for (PaymentMethod& method : account.payment_methods.all())
        if (method.customer == customer.id) detach(account, method);
    account.emit("customer.deleted", render(customer));
    customer.deleted = true;
    return render(customer);
}

} // namespace gateways::sandbox::stripe
