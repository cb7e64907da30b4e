#include "gateways/workers/payments.hpp"

#include "domain/account.hpp"
#include "schemas/messages.hpp"

namespace gateways::workers {

using projections::Performed;
using projections::PostedCommand;
using projections::TodoItem;

namespace {

constexpr int steps_max = 20; // A conclusion needs a few; more would be a circle.

std::string_view id_of(std::string_view stream) { return stream.substr(stream.find('-') + 1); }

PostedCommand posted(const stripe::Directive& directive) {
    PostedCommand command;
    command.stream = directive.stream;
    std::visit(
        [&](const auto& one) {
            command.type = schemas::type_of(one);
            schemas::write_data(one, command.data);
        },
        directive.command);
    return command;
}

template <class Event>
std::optional<Event> event_of(std::string_view type, std::string_view data) {
    const auto json = schemas::thread_parser().parse(data, data.size());
    if (!json) return std::nullopt;
    auto event = schemas::read_data<Event>(type, *json, schemas::Unknown::skip);
    if (!event) return std::nullopt;
    return std::move(*event);
}

template <class Domain>
std::optional<Domain> state_of(const projections::Resources& resources, std::string_view stream) {
    if (stream.substr(0, stream.find('-')) != Domain::name) return std::nullopt;
    const auto row = resources.row(stream);
    if (!row) return std::nullopt;
    return static_cast<const typename projections::Aggregate<Domain>::State&>(*row->state).state();
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
    } else if (event.stream.starts_with("inbound_event-stripe")) {
        asks = event.type == domain::InboundEventReceived::type;
    }
    if (asks)
        openings.push_back(
            {"stripe", std::string{event.type}, simdjson::minify(event.data), event.time});
}

Performed PaymentsPerformer::perform(const TodoItem& item) {
    if (item.kind == domain::InboundEventReceived::type) return read_message(item);
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

// A message that was kept when it came: now it is believed, as far as it concerns us.
Performed PaymentsPerformer::read_message(const TodoItem& item) {
    const auto event = event_of<domain::InboundEventEvent>(item.kind, item.data);
    const auto* received = event ? std::get_if<domain::InboundEventReceived>(&*event) : nullptr;
    Performed performed;
    if (received == nullptr) {
        performed.kind = Performed::Kind::parked;
        performed.reason = "the message cannot be read";
        return performed;
    }
    const stripe::Meaning meaning = stripe::meaning(received->body, *this);
    for (const stripe::Directive& one : meaning.commands)
        performed.commands.push_back(posted(one));
    for (const stripe::Effect& reading : meaning.readings) {
        Performed read = carry_out(reading, item);
        if (read.kind != Performed::Kind::concluded) return read;
        std::ranges::move(read.commands, std::back_inserter(performed.commands));
    }
    performed.commands.push_back(posted(meaning.last));
    return performed;
}

std::optional<stripe::KnownPayment> PaymentsPerformer::payment(std::string_view intent,
                                                               std::string_view payment_id) const {
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const auto payment = state_of<domain::Payment>(projections::Resources{*rows, registry_},
                                                   "payment-" + std::string{payment_id});
    if (!payment || payment_id.empty()) return std::nullopt;
    if (payment->provider_reference && !intent.empty() && *payment->provider_reference != intent)
        return std::nullopt;
    return stripe::KnownPayment{{std::string{payment_id}},
                                payment->attempt,
                                payment->status == domain::PaymentStatus::action_required};
}

std::optional<domain::StoredCardId> PaymentsPerformer::card(std::string_view) const {
    // A payment method is told by its card's own metadata; without it, it is nobody's we know.
    return std::nullopt;
}

} // namespace gateways::workers
