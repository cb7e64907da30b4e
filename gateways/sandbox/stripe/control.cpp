#include "gateways/sandbox/stripe/control.hpp"

#include "gateways/sandbox/stripe/charging.hpp"
#include "gateways/sandbox/stripe/disputes.hpp"
#include "gateways/sandbox/stripe/refunds.hpp"
#include "gateways/sandbox/stripe/render.hpp"
#include "gateways/sandbox/stripe/setup_intents.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

// The body of a control request: JSON, and nothing in it that is not known.
class Body {
public:
    Body(const Call& call, std::string_view known) {
        const json::value parsed = json::parse(call.body.empty() ? "{}" : call.body);
        if (!parsed.is_object()) throw BadScript{"an object is needed"};
        fields_ = parsed.get_object();
        for (const auto& field : fields_)
            if ((" " + std::string{known} + " ").find(" " + std::string{field.key()} + " ") ==
                std::string::npos)
                throw BadScript{"unknown field " + std::string{field.key()}};
    }
    std::string text(std::string_view name) const {
        const json::value* value = fields_.if_contains(name);
        if (value == nullptr) return {};
        if (!value->is_string()) throw BadScript{std::string{name} + " must be text"};
        return std::string{value->get_string()};
    }
    std::string needed(std::string_view name) const {
        std::string value = text(name);
        if (value.empty()) throw BadScript{std::string{name} + " is needed"};
        return value;
    }
    bool flag(std::string_view name) const {
        const json::value* value = fields_.if_contains(name);
        if (value != nullptr && !value->is_bool())
            throw BadScript{std::string{name} + " must be true or false"};
        return value != nullptr && value->get_bool();
    }
    std::int64_t number(std::string_view name, std::int64_t otherwise) const {
        const json::value* value = fields_.if_contains(name);
        if (value == nullptr) return otherwise;
        if (!value->is_int64() || value->get_int64() < 0)
            throw BadScript{std::string{name} + " must be a whole number, 0 or more"};
        return value->get_int64();
    }
    std::vector<std::string> texts(std::string_view name) const {
        std::vector<std::string> list;
        const json::value* value = fields_.if_contains(name);
        if (value == nullptr) return list;
        if (!value->is_array()) throw BadScript{std::string{name} + " must be a list"};
        for (const json::value& one : value->get_array()) {
            if (!one.is_string()) throw BadScript{std::string{name} + " must hold texts"};
            list.emplace_back(one.get_string());
        }
        return list;
    }

private:
    json::object fields_;
};

Answer missing(std::string_view what) { return refused(404, "no such " + std::string{what}); }

Answer finish_challenge(Account& account, const std::string& id, const Call& call) {
    const Body body{call, "outcome"};
    const std::string outcome = body.needed("outcome");
    if (outcome != "succeeded" && outcome != "failed")
        throw BadScript{"outcome is succeeded or failed"};
    const bool succeeded = outcome == "succeeded";
    if (PaymentIntent* intent = account.payment_intents.find(id)) {
        if (intent->status != IntentStatus::requires_action)
            return refused(409, "it waits for no challenge");
        finish_challenge(account, *intent, succeeded);
        return json_answer(200, render(*intent));
    }
    SetupIntent* intent = account.setup_intents.find(id);
    if (intent == nullptr) return missing("intent");
    if (intent->status != IntentStatus::requires_action)
        return refused(409, "it waits for no challenge");
    finish_challenge(account, *intent, succeeded);
    return json_answer(200, render(*intent));
}

Answer open_dispute(Account& account, const Call& call) {
    const Body body{call, "charge payment_intent reason inquiry"};
    std::string id = body.text("charge");
    if (const PaymentIntent* intent = account.payment_intents.find(body.text("payment_intent")))
        id = intent->latest_charge;
    Charge* charge = account.charges.find(id);
    if (charge == nullptr) return missing("charge");
    if (!charge->captured || charge->amount_refunded == charge->amount_captured)
        return refused(409, "there is no money in it to dispute");
    const Dispute* before = account.disputes.find(charge->dispute);
    if (before != nullptr && is_open(*before)) return refused(409, "it is disputed already");
    if (before != nullptr && before->status == DisputeStatus::lost)
        return refused(409, "a dispute took its money already");
    const std::string reason = body.text("reason");
    const Dispute& dispute = open_dispute(account, *charge, reason.empty() ? "fraudulent" : reason,
                                          body.flag("inquiry"));
    return json_answer(200, render(dispute, account));
}

Answer decide_dispute(Account& account, const std::string& id, const Call& call) {
    const Body body{call, "outcome"};
    Dispute* dispute = account.disputes.find(id);
    if (dispute == nullptr) return missing("dispute");
    if (!is_open(*dispute)) return refused(409, "it is closed already");
    const std::string outcome = body.needed("outcome");
    const bool inquiry = is_inquiry(*dispute);
    if (outcome == "won" && !inquiry)
        decide_dispute(account, *dispute, DisputeStatus::won);
    else if (outcome == "lost" && !inquiry)
        decide_dispute(account, *dispute, DisputeStatus::lost);
    else if (outcome == "closed" && inquiry)
        decide_dispute(account, *dispute, DisputeStatus::warning_closed);
    else if (outcome == "escalated" && inquiry)
        escalate(account, *dispute);
    else
        throw BadScript{"outcome is won or lost; of an inquiry, closed or escalated"};
    return json_answer(200, render(*dispute, account));
}

Answer conclude_refund(Account& account, const std::string& id, const Call& call) {
    const Body body{call, "outcome failure_reason"};
    Refund* refund = account.refunds.find(id);
    if (refund == nullptr) return missing("refund");
    const std::string outcome = body.needed("outcome");
    const bool over =
        refund->status == RefundStatus::failed || refund->status == RefundStatus::canceled;
    if (outcome == "failed" && !over) {
        const std::string reason = body.text("failure_reason");
        fail_refund(account, *refund, reason.empty() ? "expired_or_canceled_card" : reason);
    } else if (outcome == "succeeded" && refund->status == RefundStatus::pending) {
        conclude_refund(account, *refund);
    } else {
        return refused(409, "outcome is failed, or succeeded for a pending refund");
    }
    return json_answer(200, render(*refund));
}

// The card network tells of a new card for the old one.
Answer renew_card(Account& account, const std::string& id, const Call& call) {
    const Body body{call, "exp_month exp_year"};
    PaymentMethod* method = account.payment_methods.find(id);
    if (method == nullptr) return missing("payment method");
    const json::object before{
        {"card", json::object{{"exp_month", method->exp_month}, {"exp_year", method->exp_year}}}};
    const auto month = body.number("exp_month", method->exp_month);
    const auto year = body.number("exp_year", method->exp_year);
    if (month < 1 || month > 12 || year > 9999) throw BadScript{"that is no expiry"};
    method->exp_month = static_cast<unsigned>(month);
    method->exp_year = static_cast<unsigned>(year);
    account.emit("payment_method.automatically_updated", render(*method), before);
    return json_answer(200, render(*method));
}

Answer add_endpoint(Webhooks& webhooks, const Call& call) {
    const Body body{call, "url secret secrets enabled_events retry_seconds"};
    WebhookEndpoint endpoint;
    endpoint.url = body.needed("url");
    endpoint.secrets = body.texts("secrets");
    if (const std::string secret = body.text("secret"); !secret.empty())
        endpoint.secrets.push_back(secret);
    if (endpoint.secrets.empty()) throw BadScript{"secret is needed"};
    endpoint.event_types = body.texts("enabled_events");
    if (endpoint.event_types.empty()) endpoint.event_types = {"*"};
    endpoint.first_retry = std::chrono::seconds{
        std::max<std::int64_t>(body.number("retry_seconds", endpoint.first_retry.count()), 1)};
    return json_answer(200, json::object{{"id", webhooks.add(std::move(endpoint))}});
}

Answer resend(Account& account, Webhooks& webhooks, const std::string& endpoint, const Call& call) {
    const Body body{call, "event"};
    const auto event = std::ranges::find(account.events, body.needed("event"), &Event::id);
    if (event == account.events.end()) return missing("event");
    if (!webhooks.resend(endpoint, *event)) return missing("endpoint");
    return json_answer(200, json::object{});
}

std::vector<std::string> steps_of(std::string_view path) {
    std::vector<std::string> steps;
    while (!path.empty()) {
        const auto end = path.find('/');
        steps.emplace_back(path.substr(0, end));
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
    }
    return steps;
}

} // namespace

std::optional<Answer> control(Account& account, Webhooks& webhooks, const Call& call) {
    const auto steps = steps_of(std::string_view{call.path}.substr(sizeof "/sandbox/" - 1));
    if (steps.empty()) return std::nullopt;
    const std::string& what = steps[0];
    const bool posts = call.verb == http::Verb::post;
    if (what == "webhook_endpoints") {
        if (steps.size() == 1 && posts) return add_endpoint(webhooks, call);
        if (steps.size() == 1 && call.verb == http::Verb::get)
            return json_answer(200, webhooks.describe());
        if (steps.size() == 2 && call.verb == http::Verb::delete_)
            return webhooks.remove(steps[1]) ? json_answer(200, json::object{})
                                             : missing("endpoint");
        if (steps.size() == 3 && steps[2] == "resend" && posts)
            return resend(account, webhooks, steps[1], call);
        return std::nullopt;
    }
    if (!posts) return std::nullopt;
    if (what == "disputes" && steps.size() == 1) return open_dispute(account, call);
    if (steps.size() != 2) return std::nullopt;
    if (what == "challenges") return finish_challenge(account, steps[1], call);
    if (what == "disputes") return decide_dispute(account, steps[1], call);
    if (what == "refunds") return conclude_refund(account, steps[1], call);
    if (what == "payment_methods") return renew_card(account, steps[1], call);
    return std::nullopt;
}

} // namespace gateways::sandbox::stripe
