#include "gateways/workers/payments.hpp"

#include "domain/account.hpp"
#include "gateways/workers/states.hpp"
#include "schemas/messages.hpp"

namespace gateways::workers {

using projections::Performed;
using projections::PostedCommand;
using projections::TodoItem;

namespace {

constexpr int steps_max = 20; // A conclusion needs a few; more would be a circle.

std::string_view id_of(std::string_view stream) { return stream.substr(stream.find('-') + 1); }

// A message that came, or that could not be applied and is to be tried again.
void open_message(const schemas::EventView& event,
                  std::vector<projections::TodoFold::Opening>& openings) {
    domain::Time due = event.time;
    if (event.type == domain::InboundEventParked::type) {
        const auto one = schemas::read_data<domain::InboundEventEvent>(event.type, event.data,
                                                                       schemas::Unknown::skip);
        const auto* parked = one ? std::get_if<domain::InboundEventParked>(&*one) : nullptr;
        if (parked == nullptr) return;
        // After the last time it is tried at once, and then it is an effect for a person.
        due = parked->retry_at.value_or(event.time);
    } else if (event.type != domain::InboundEventReceived::type) {
        return;
    }
    openings.push_back({"stripe", std::string{event.type}, simdjson::minify(event.data), due});
}

} // namespace

void PaymentsTodo::open(const schemas::EventView& event, std::vector<Opening>& openings) const {
    bool asks = false;
    if (event.stream.starts_with("payment-")) {
        const auto one = schemas::read_data<domain::PaymentEvent>(event.type, event.data,
                                                                  schemas::Unknown::skip);
        asks = one && stripe::asks_stripe(*one);
    } else if (event.stream.starts_with("card-")) {
        const auto one =
            schemas::read_data<domain::CardEvent>(event.type, event.data, schemas::Unknown::skip);
        asks = one && stripe::asks_stripe(*one);
    } else if (event.stream.starts_with("inbound_event-stripe.")) {
        return open_message(event, openings);
    }
    if (asks)
        openings.push_back(
            {"stripe", std::string{event.type}, simdjson::minify(event.data), event.time});
}

Performed PaymentsPerformer::perform(const TodoItem& item) {
    if (item.stream.starts_with(domain::InboundEvent::name)) return read_message(item);
    stripe::Effect effect;
    effect.id = id_of(item.stream);
    effect.event = item.name.substr(0, item.name.find("/payments/"));
    if (item.stream.starts_with("payment-")) {
        auto event = event_of<domain::PaymentEvent>(item.kind, item.data);
        if (event) effect.what = std::move(*event);
    } else {
        auto event = event_of<domain::CardEvent>(item.kind, item.data);
        if (event) effect.what = std::move(*event);
    }
    recall(effect, item);
    return carry_out(effect, item);
}

// What the event itself does not repeat.
void PaymentsPerformer::recall(stripe::Effect& effect, const TodoItem& item) const {
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    std::string account;
    domain::DashboardId dashboard;
    if (const auto payment = state_of<domain::Payment>(resources, item.stream)) {
        effect.intent = payment->provider_reference;
        effect.waits_for_payer = payment->status == domain::PaymentStatus::action_required;
        account = payment->payer.value;
        // Renewals are nobody's click: "<deployment>.<period>", from the second on.
        const auto point = effect.id.rfind('.');
        effect.off_session = point != std::string::npos && effect.id.substr(point) != ".1";
        if (point != std::string::npos)
            if (const auto deployment = state_of<domain::Deployment>(
                    resources, "deployment-" + effect.id.substr(0, point)))
                dashboard = deployment->quote.dashboard;
    }
    if (const auto card = state_of<domain::Card>(resources, item.stream)) {
        effect.customer = card->customer;
        account = card->account.value;
        dashboard = card->dashboard;
    }
    if (account.empty()) return;
    if (const auto payer = state_of<domain::Account>(resources, "account-" + account))
        for (const domain::DefaultCard& one : payer->default_cards)
            if (one.dashboard == dashboard) {
                effect.card = one.payment_method;
                if (!effect.customer) effect.customer = one.customer;
            }
}

Performed PaymentsPerformer::carry_out(const stripe::Effect& effect, const TodoItem& item) {
    const stripe::Standing standing{item.attempts,
                                    std::chrono::milliseconds{std::max<std::int64_t>(
                                        0, milliseconds_now_() - item.asked.milliseconds)}};
    stripe::Verdict verdict = begin(effect, standing);
    for (int steps = 0; steps < steps_max; ++steps) {
        const auto* ask = std::get_if<stripe::Ask>(&verdict);
        if (ask == nullptr) break;
        const stripe::Answer answer = transport_.send(ask->step.request);
        verdict = conclude(effect, ask->step, answer, standing);
    }
    Performed performed;
    if (const auto* it = std::get_if<stripe::Conclude>(&verdict)) {
        for (const stripe::Directive& one : it->commands)
            performed.commands.push_back(posted(one));
    } else if (const auto* later = std::get_if<stripe::Repeat>(&verdict)) {
        performed.kind = Performed::Kind::again;
        performed.wait = later->after;
        performed.reason = "not clear yet";
    } else if (const auto* parked = std::get_if<stripe::Park>(&verdict)) {
        performed.kind = Performed::Kind::parked;
        performed.reason = parked->reason;
    } else if (const auto* halted = std::get_if<stripe::Halt>(&verdict)) {
        performed.kind = Performed::Kind::parked;
        performed.reason = halted->reason;
    } else {
        performed.kind = Performed::Kind::parked;
        performed.reason = "asks without an end";
    }
    return performed;
}

} // namespace gateways::workers
