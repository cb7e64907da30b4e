// Messages that were kept when they came: now they are believed, as far as they concern us.

#include "gateways/stripe/facts.hpp"
#include "gateways/stripe/requests.hpp"
#include "gateways/workers/payments.hpp"
#include "gateways/workers/states.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <future>
#include <stdexcept>

namespace gateways::workers {

using projections::Performed;
using projections::PostedCommand;
using projections::TodoItem;

namespace {

constexpr std::string_view payment_unknown = "the payment is not known yet";
constexpr std::string_view card_unknown = "the card is not known yet";

// Ids that we put into paths come from messages.
bool is_plain(std::string_view id) {
    return !id.empty() && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

const std::string* why_parked(const stripe::Directive& last) {
    const auto* command = std::get_if<domain::InboundEventCommand>(&last.command);
    const auto* park =
        command == nullptr ? nullptr : std::get_if<domain::ParkInboundEvent>(command);
    return park == nullptr ? nullptr : &park->reason;
}

bool is_dispute(const stripe::Directive& one) {
    const auto* command = std::get_if<domain::PaymentCommand>(&one.command);
    return command != nullptr && std::holds_alternative<domain::RecordDispute>(*command);
}

} // namespace

// The view is a few milliseconds behind the log, and a message may be quicker.
bool PaymentsPerformer::view_catches_up(std::string_view stream) const {
    const int partition = bus::partition_of(stream, log_.partitions());
    const bus::Offset end = log_.end(bus::Topic::events, partition);
    if (end == 0) return false;
    const auto told = std::make_shared<std::promise<bool>>();
    views_.when(projections::ResourcesView::view_name, {partition, end - 1},
                projections::view_wait_max, [told](bool reached) { told->set_value(reached); });
    return told->get_future().get();
}

bool PaymentsPerformer::is_unknown(const std::string& stream) const {
    const auto look = [&] {
        const auto rows = views_.rows(projections::ResourcesView::view_name);
        return projections::Resources{*rows, registry_}.row(stream).has_value();
    };
    return !look() && !(view_catches_up(stream) && look());
}

std::optional<domain::Payment> PaymentsPerformer::known_payment(const std::string& stream,
                                                                bool captured) const {
    const auto look = [&] {
        const auto rows = views_.rows(projections::ResourcesView::view_name);
        return state_of<domain::Payment>(projections::Resources{*rows, registry_}, stream);
    };
    auto payment = look();
    const bool enough = payment && (!captured || payment->captured.minor > 0);
    if (!enough && view_catches_up(stream)) payment = look();
    return payment;
}

// Why it would be refused for good, though it only came too early. Empty: it would not.
std::string PaymentsPerformer::too_early(const stripe::Directive& one) const {
    if (std::holds_alternative<domain::CardCommand>(one.command))
        return is_unknown(one.stream) ? std::string{card_unknown} : std::string{};
    if (!std::holds_alternative<domain::PaymentCommand>(one.command)) return {};
    const auto payment = known_payment(one.stream, is_dispute(one));
    if (!payment) return std::string{payment_unknown};
    if (is_dispute(one) && payment->captured.minor == 0) return "the payment is not captured yet";
    return {};
}

// As it was received; when it is tried again, only its first event has it.
std::string PaymentsPerformer::kept_message(const TodoItem& item) const {
    const auto body_in = [](std::string_view kind, std::string_view data) -> std::string {
        const auto event = event_of<domain::InboundEventEvent>(kind, data);
        const auto* received = event ? std::get_if<domain::InboundEventReceived>(&*event) : nullptr;
        return received == nullptr ? std::string{} : received->body;
    };
    if (item.kind == domain::InboundEventReceived::type) return body_in(item.kind, item.data);
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    const auto row = resources.row(item.stream);
    if (!row) throw std::runtime_error{"the view does not have the message yet"};
    schemas::EnvelopeReader reader;
    for (const std::string& record : log_.fetch(bus::Topic::events, item.partition,
                                                resources.events(item.stream, row->head, 1)))
        if (const auto event = reader.event(record))
            return body_in(event->type, simdjson::minify(event->data));
    return {};
}

Performed PaymentsPerformer::not_applicable(const TodoItem& item, std::string reason) const {
    Performed performed;
    const auto event = event_of<domain::InboundEventEvent>(item.kind, item.data);
    const auto* parked = event ? std::get_if<domain::InboundEventParked>(&*event) : nullptr;
    if (parked != nullptr && !parked->retry_at) {
        performed.kind = Performed::Kind::parked;
        performed.reason = std::move(reason);
        return performed;
    }
    performed.commands.push_back(posted(
        {item.stream,
         domain::InboundEventCommand{domain::ParkInboundEvent{std::move(reason), std::nullopt}}}));
    return performed;
}

Performed PaymentsPerformer::read_message(const TodoItem& item) {
    const std::string body = kept_message(item);
    if (body.empty()) {
        Performed performed;
        performed.kind = Performed::Kind::parked;
        performed.reason = "the message cannot be read";
        return performed;
    }
    const stripe::Meaning meaning = stripe::meaning(body, *this);
    const auto rows = views_.rows(projections::ResourcesView::view_name);
    const projections::Resources resources{*rows, registry_};
    for (const stripe::Directive& one : meaning.commands)
        if (std::string reason = too_early(one); !reason.empty())
            return not_applicable(item, std::move(reason));
    Performed performed;
    const auto add = [&](PostedCommand command) {
        // A message is of the account; what it tells of may be another tenant's.
        if (const auto row = resources.row(command.stream)) command.tenant = row->head.tenant;
        performed.commands.push_back(std::move(command));
    };
    for (const stripe::Effect& reading : meaning.readings) {
        const bool of_card =
            std::get<stripe::Reading>(reading.what).operation == stripe::Operation::read_setup;
        if (is_unknown(of_card ? stripe::card_stream({reading.id})
                               : stripe::payment_stream({reading.id})))
            return not_applicable(item, std::string{of_card ? card_unknown : payment_unknown});
    }
    for (const stripe::Directive& one : meaning.commands)
        add(posted(one));
    for (const stripe::Effect& reading : meaning.readings) {
        Performed read = carry_out(reading, item);
        if (read.kind != Performed::Kind::concluded) return read;
        std::ranges::for_each(read.commands, add);
    }
    const std::string* reason = why_parked(meaning.last);
    if (reason == nullptr) {
        performed.commands.push_back(posted(meaning.last));
        return performed;
    }
    Performed parked = not_applicable(item, *reason);
    if (parked.kind == Performed::Kind::parked) return parked;
    std::ranges::move(parked.commands, std::back_inserter(performed.commands));
    return performed;
}

// Of an object at Stripe; empty when there is none. Throws when nobody can say.
boost::json::object PaymentsPerformer::look_up(const stripe::Step& step) const {
    const stripe::Answer answer = transport_.send(step.request);
    if (answer.came == stripe::Came::answered && answer.status == 404) return {};
    if (answer.came != stripe::Came::answered || answer.status != 200)
        throw std::runtime_error{"Stripe does not say whose it is: " +
                                 (answer.came == stripe::Came::answered
                                      ? std::to_string(answer.status)
                                      : std::string{"no answer"})};
    return stripe::parse_object(answer.body);
}

std::optional<stripe::KnownPayment> PaymentsPerformer::payment(std::string_view intent,
                                                               std::string_view payment_id) const {
    std::string id{payment_id};
    if (id.empty() && is_plain(intent))
        id = stripe::metadata_in(look_up(stripe::read_intent(std::string{intent})), "payment");
    if (id.empty()) return std::nullopt;
    const auto payment = known_payment(stripe::payment_stream({id}));
    if (!payment) return std::nullopt;
    if (payment->provider_reference && !intent.empty() && *payment->provider_reference != intent)
        return std::nullopt;
    return stripe::KnownPayment{
        {id}, payment->attempt, payment->status == domain::PaymentStatus::action_required};
}

// A payment method does not say which card of ours it is; the setup that attached it does.
std::optional<domain::StoredCardId> PaymentsPerformer::card(std::string_view payment_method) const {
    if (!is_plain(payment_method)) return std::nullopt;
    const auto setups = look_up(stripe::find_setup(std::string{payment_method}));
    const auto* list = stripe::array_in(setups, "data");
    if (list == nullptr) return std::nullopt;
    for (const boost::json::value& setup : *list)
        if (setup.is_object())
            if (std::string id = stripe::metadata_in(setup.get_object(), "card"); !id.empty())
                return domain::StoredCardId{std::move(id)};
    return std::nullopt;
}

} // namespace gateways::workers
