#include "gateways/sandbox/stripe/lists.hpp"

#include "gateways/sandbox/stripe/methods.hpp"
#include "gateways/sandbox/stripe/render.hpp"

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

constexpr std::int64_t limit_max = 100;

// A parameter that narrows a list when it is given.
class Wanted {
public:
    Wanted(const Parameters& given, std::string_view name) : value_{given.text(name)} {}
    bool matches(std::string_view value) const { return value_.empty() || value_ == value; }
    const std::string& value() const { return value_; }

private:
    std::string value_;
};

constexpr auto shown = [](const auto& object) { return render(object); };

} // namespace

PageRequest read_page(const Parameters& given) {
    PageRequest page;
    if (const auto limit = given.number("limit")) {
        if (*limit < 1 || *limit > limit_max)
            refuse_parameter("parameter_invalid_integer", "limit",
                             "This value must be between 1 and 100.");
        page.limit = static_cast<std::size_t>(*limit);
    }
    page.starting_after = given.text("starting_after");
    page.ending_before = given.text("ending_before");
    if (!page.starting_after.empty() && !page.ending_before.empty())
        refuse_parameter("parameters_exclusive", "ending_before",
                         "You may only specify one of these parameters: ending_before, "
                         "starting_after.");
    return page;
}

SpanOfTime read_created(const Parameters& given) {
    SpanOfTime span;
    const json::value* created = given.all().if_contains("created");
    if (created == nullptr) return span;
    if (created->is_string()) {
        span.from = span.to = *given.number("created");
        return span;
    }
    const Parameters bounds = given.inside("created");
    bounds.only("gt gte lt lte");
    if (const auto value = bounds.number("gt")) span.from = std::max(span.from, *value + 1);
    if (const auto value = bounds.number("gte")) span.from = std::max(span.from, *value);
    if (const auto value = bounds.number("lt")) span.to = std::min(span.to, *value - 1);
    if (const auto value = bounds.number("lte")) span.to = std::min(span.to, *value);
    return span;
}

json::object page_of(json::array data, bool has_more, std::string_view url) {
    return {{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}, {"url", url}};
}

json::object list_customers(Account& account, const Asked& asked) {
    const Wanted email{asked.parameters, "email"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.customers.all(), asked.parameters, "/v1/customers",
        [&](const Customer& one) {
            return !one.deleted && email.matches(one.email) && created.contains(one.created);
        },
        shown);
}

json::object list_payment_methods(Account& account, const Asked& asked) {
    const Wanted type{asked.parameters, "type"};
    const std::string customer = asked.parameters.text("customer");
    if (!customer.empty()) customer_named(account, customer, "customer", Named::by_parameter);
    return list_of(
        account.payment_methods.all(), asked.parameters, "/v1/payment_methods",
        [&](const PaymentMethod& one) {
            return !one.customer.empty() && (customer.empty() || one.customer == customer) &&
                   type.matches("card");
        },
        shown);
}

json::object list_methods_of_customer(Account& account, const Asked& asked) {
    const Customer& customer = customer_named(account, asked.ids[0], "customer", Named::by_path);
    const Wanted type{asked.parameters, "type"};
    return list_of(
        account.payment_methods.all(), asked.parameters,
        "/v1/customers/" + customer.id + "/payment_methods",
        [&](const PaymentMethod& one) {
            return one.customer == customer.id && type.matches("card");
        },
        shown);
}

json::object list_setup_intents(Account& account, const Asked& asked) {
    const Wanted customer{asked.parameters, "customer"};
    const Wanted method{asked.parameters, "payment_method"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.setup_intents.all(), asked.parameters, "/v1/setup_intents",
        [&](const SetupIntent& one) {
            return customer.matches(one.customer) && method.matches(one.payment_method) &&
                   created.contains(one.created);
        },
        shown);
}

json::object list_payment_intents(Account& account, const Asked& asked) {
    const Wanted customer{asked.parameters, "customer"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.payment_intents.all(), asked.parameters, "/v1/payment_intents",
        [&](const PaymentIntent& one) {
            return customer.matches(one.customer) && created.contains(one.created);
        },
        shown);
}

json::object list_charges(Account& account, const Asked& asked) {
    const Wanted customer{asked.parameters, "customer"};
    const Wanted intent{asked.parameters, "payment_intent"};
    const Wanted group{asked.parameters, "transfer_group"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.charges.all(), asked.parameters, "/v1/charges",
        [&](const Charge& one) {
            return customer.matches(one.customer) && intent.matches(one.payment_intent) &&
                   group.matches(one.transfer_group) && created.contains(one.created);
        },
        shown);
}

json::object read_charge(Account& account, const Asked& asked) {
    const Charge* found = account.charges.find(asked.ids[0]);
    if (found == nullptr) refuse_missing("charge", asked.ids[0], "id", Named::by_path);
    return render(*found);
}

json::object update_charge(Account& account, const Asked& asked) {
    Charge* found = account.charges.find(asked.ids[0]);
    if (found == nullptr) refuse_missing("charge", asked.ids[0], "id", Named::by_path);
    asked.parameters.update(found->metadata);
    if (asked.parameters.has("description"))
        found->description = asked.parameters.text("description");
    if (asked.parameters.has("receipt_email"))
        found->receipt_email = asked.parameters.text("receipt_email");
    account.emit("charge.updated", render(*found));
    return render(*found);
}

json::object list_refunds(Account& account, const Asked& asked) {
    const Wanted charge{asked.parameters, "charge"};
    const Wanted intent{asked.parameters, "payment_intent"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.refunds.all(), asked.parameters, "/v1/refunds",
        [&](const Refund& one) {
            return charge.matches(one.charge) && intent.matches(one.payment_intent) &&
                   created.contains(one.created);
        },
        shown);
}

json::object list_disputes(Account& account, const Asked& asked) {
    const Wanted charge{asked.parameters, "charge"};
    const Wanted intent{asked.parameters, "payment_intent"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.disputes.all(), asked.parameters, "/v1/disputes",
        [&](const Dispute& one) {
            return charge.matches(one.charge) && intent.matches(one.payment_intent) &&
                   created.contains(one.created);
        },
        [&](const Dispute& one) { return render(one, account); });
}

json::object list_fraud_warnings(Account& account, const Asked& asked) {
    const Wanted charge{asked.parameters, "charge"};
    const Wanted intent{asked.parameters, "payment_intent"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.fraud_warnings.all(), asked.parameters, "/v1/radar/early_fraud_warnings",
        [&](const FraudWarning& one) {
            return charge.matches(one.charge) && intent.matches(one.payment_intent) &&
                   created.contains(one.created);
        },
        shown);
}

json::object list_balance_transactions(Account& account, const Asked& asked) {
    const Wanted type{asked.parameters, "type"}, source{asked.parameters, "source"};
    const Wanted currency{asked.parameters, "currency"};
    const SpanOfTime created = read_created(asked.parameters);
    return list_of(
        account.balance_transactions.all(), asked.parameters, "/v1/balance_transactions",
        [&](const BalanceTransaction& one) {
            return type.matches(one.type) && source.matches(one.source) &&
                   currency.matches(one.currency) && created.contains(one.created);
        },
        [&](const BalanceTransaction& one) { return render(one, account.now()); });
}

json::object read_balance_transaction(Account& account, const Asked& asked) {
    const BalanceTransaction* found = account.balance_transactions.find(asked.ids[0]);
    if (found == nullptr) refuse_missing("balance transaction", asked.ids[0], "id", Named::by_path);
    return render(*found, account.now());
}

json::object read_balance(Account& account, const Asked&) {
    struct Sums {
        Amount available = 0, pending = 0;
    };
    std::map<std::string, Sums> sums{{"usd", {}}};
    for (const BalanceTransaction& line : account.balance_transactions.all()) {
        Sums& sum = sums[line.currency];
        (line.available_on <= account.now() ? sum.available : sum.pending) += line.net();
    }
    json::array available, pending;
    const auto entry = [](std::string_view currency, Amount amount) {
        return json::object{{"amount", amount},
                            {"currency", currency},
                            {"source_types", json::object{{"card", amount}}}};
    };
    for (const auto& [currency, sum] : sums) {
        available.push_back(entry(currency, sum.available));
        pending.push_back(entry(currency, sum.pending));
    }
    return {{"object", "balance"},
            {"available", std::move(available)},
            {"livemode", false},
            {"pending", std::move(pending)},
            {"refund_and_dispute_prefunding",
             json::object{{"available", json::array{}}, {"pending", json::array{}}}}};
}

json::object read_event(Account& account, const Asked& asked) {
    const auto found = std::ranges::find(account.events, asked.ids[0], &Event::id);
    if (found == account.events.end()) refuse_missing("event", asked.ids[0], "id", Named::by_path);
    return account.shown(*found);
}

json::object list_events(Account& account, const Asked& asked) {
    const Wanted type{asked.parameters, "type"};
    const std::vector<std::string> types = asked.parameters.list("types");
    const SpanOfTime created = read_created(asked.parameters);
    const auto delivered = asked.parameters.flag("delivery_success");
    if (!type.value().empty() && !types.empty())
        refuse_parameter("parameters_exclusive", "types",
                         "You may only specify one of these parameters: type, types.");
    // "charge.*" names a family.
    const auto is_of = [](std::string_view wanted, std::string_view name) {
        if (wanted.ends_with(".*")) return name.starts_with(wanted.substr(0, wanted.size() - 1));
        return wanted == name;
    };
    return list_of(
        account.events, asked.parameters, "/v1/events",
        [&](const Event& one) {
            const bool named = types.empty() || std::ranges::find(types, one.type) != types.end();
            return named && (type.value().empty() || is_of(type.value(), one.type)) &&
                   created.contains(one.created) &&
                   (!delivered || *delivered == (account.pending(one) == 0));
        },
        [&](const Event& one) { return account.shown(one); });
}

} // namespace gateways::sandbox::stripe
