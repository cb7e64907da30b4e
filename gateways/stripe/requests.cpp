#include "gateways/stripe/requests.hpp"

#include "gateways/stripe/currency.hpp"
#include "gateways/stripe/form.hpp"

namespace gateways::stripe {

namespace {

std::string key(std::string_view id, std::string_view number, std::string_view operation) {
    return std::string{id}.append("/").append(number).append("/").append(operation);
}

std::string path(std::string_view kind, std::string_view id, std::string_view verb = {}) {
    std::string text = "/v1/" + std::string{kind} + "/" + percent_encoded(id);
    if (!verb.empty()) text.append("/").append(verb);
    return text;
}

Step post(Operation operation, std::string where, const Form& form, std::string idempotency_key) {
    return {
        .operation = operation,
        .request = {http::Verb::post, std::move(where), form.text(), std::move(idempotency_key)}};
}

Step get(Operation operation, std::string where, const Form& form = {}) {
    return {.operation = operation,
            .request = {http::Verb::get, std::move(where), form.text(), {}}};
}

// The charge says when a hold ends, its balance transaction what Stripe took.
Form& with_charge(Form& form) { return form.add("expand[0]", "latest_charge.balance_transaction"); }

std::string quoted(std::string_view text) {
    std::string out{"'"};
    for (const char c : text) {
        if (c == '\'' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "'";
}

} // namespace

Step confirm(const Effect& effect, const domain::PaymentRequested& requested,
             const domain::CardId& card) {
    const std::string attempt = std::to_string(requested.attempt);
    Form form;
    if (!effect.intent) {
        form.add("amount", requested.amount.minor)
            .add("currency", currency_name(requested.amount.currency).value());
        if (effect.customer) form.add("customer", *effect.customer);
        form.add("capture_method", requested.charge_first.value_or(false) ? "automatic" : "manual")
            .add("automatic_payment_methods[enabled]", "true")
            .add("automatic_payment_methods[allow_redirects]", "never")
            .add("metadata[payment]", effect.id)
            .add("metadata[attempt]", attempt)
            .add("metadata[event]", effect.event)
            .add("confirm", "true");
    }
    form.add("payment_method", card.value);
    // Whoever retries by a timer is not asked either.
    if (effect.off_session || requested.retry.value_or(false))
        form.add("off_session", "true")
            .add("payment_method_options[card][stored_credential_usage]", "recurring");
    with_charge(form);
    return post(Operation::confirm,
                effect.intent ? path("payment_intents", *effect.intent, "confirm")
                              : "/v1/payment_intents",
                form, key(effect.id, attempt, "confirm"));
}

Step capture(const Effect& effect, const domain::CaptureRequested& requested) {
    Form form;
    form.add("amount_to_capture", requested.amount.minor);
    return post(Operation::capture, path("payment_intents", effect.intent.value(), "capture"),
                with_charge(form), key(effect.id, std::to_string(requested.capture), "capture"));
}

Step cancel(const Effect& effect) {
    return post(Operation::cancel, path("payment_intents", effect.intent.value(), "cancel"),
                Form{}.add("cancellation_reason", "abandoned"), key(effect.id, "1", "cancel"));
}

Step refund(const Effect& effect, const domain::RefundRequested& requested) {
    const std::string number = std::to_string(requested.refund);
    Form form;
    form.add("payment_intent", effect.intent.value())
        .add("amount", requested.amount.minor)
        .add("metadata[payment]", effect.id)
        .add("metadata[refund]", number)
        .add("metadata[event]", effect.event);
    // Stripe knows three reasons; ours may be in a person's own words.
    const std::string reason = requested.reason.value_or("");
    if (reason == "duplicate" || reason == "fraudulent" || reason == "requested_by_customer")
        form.add("reason", reason);
    return post(Operation::refund, "/v1/refunds", form, key(effect.id, number, "refund"));
}

Step accept_dispute(const Effect& effect, const domain::DisputeAccepted& accepted) {
    return post(Operation::accept_dispute, path("disputes", accepted.dispute.value, "close"), {},
                key(effect.id, "1", "accept_dispute"));
}

// It may be submitted again with another document, and has no number: the event is one.
Step submit_evidence(const Effect& effect, const domain::EvidenceSubmitted& submitted) {
    Form form;
    form.add("evidence[uncategorized_text]", effect.evidence.value()).add("submit", "true");
    return post(Operation::submit_evidence, path("disputes", submitted.dispute.value), form,
                key(effect.id, effect.event, "evidence"));
}

// Two cards of one account that are set up at once meet in one customer: neither key nor
// parameters are of the card.
Step make_customer(const domain::CardSetupStarted& started) {
    Form form;
    form.add("metadata[account]", started.account.value)
        .add("metadata[dashboard]", started.dashboard.value);
    return post(Operation::make_customer, "/v1/customers", form,
                key(started.account.value + "." + started.dashboard.value, "1", "customer"));
}

Step set_up_card(const Effect& effect, const std::string& customer) {
    Form form;
    form.add("customer", customer)
        .add("usage", "off_session")
        .add("automatic_payment_methods[enabled]", "true")
        .add("automatic_payment_methods[allow_redirects]", "never")
        .add("metadata[card]", effect.id)
        .add("metadata[event]", effect.event);
    return post(Operation::set_up_card, "/v1/setup_intents", form, key(effect.id, "1", "setup"));
}

Step cancel_setup(const Effect& effect, const std::string& setup) {
    return post(Operation::cancel_setup, path("setup_intents", setup, "cancel"),
                Form{}.add("cancellation_reason", "abandoned"),
                key(effect.id, "1", "cancel_setup"));
}

Step detach_card(const Effect& effect, const std::string& payment_method) {
    return post(Operation::detach_card, path("payment_methods", payment_method, "detach"), {},
                key(effect.id, "1", "detach"));
}

Step find_intent(const Effect& effect) {
    return get(Operation::find_intent, "/v1/payment_intents/search",
               Form{}
                   .add("query", "metadata['payment']:" + quoted(effect.id))
                   .add("limit", 2)
                   .add("expand[0]", "data.latest_charge.balance_transaction"));
}

Step read_intent(const std::string& intent) {
    Form form;
    return get(Operation::read_intent, path("payment_intents", intent), with_charge(form));
}

Step read_refunds(const std::string& intent) {
    return get(Operation::read_refunds, "/v1/refunds",
               Form{}.add("payment_intent", intent).add("limit", 100));
}

Step read_dispute(const std::string& dispute) {
    return get(Operation::read_dispute, path("disputes", dispute));
}

Step read_setup(const std::string& setup) {
    return get(Operation::read_setup, path("setup_intents", setup),
               Form{}.add("expand[0]", "payment_method"));
}

Step find_setup(const std::string& payment_method) {
    return get(Operation::find_setup, "/v1/setup_intents",
               Form{}.add("payment_method", payment_method));
}

Step read_fee(const std::string& balance_transaction) {
    return get(Operation::read_fee, path("balance_transactions", balance_transaction));
}

} // namespace gateways::stripe
