#include "gateways/stripe/webhook.hpp"

#include "gateways/stripe/facts.hpp"
#include "gateways/stripe/kept.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace gateways::stripe {

namespace {

using Fault = MessageFault;

constexpr std::size_t id_bytes_max = 255;
constexpr std::string_view intent_unknown = "the payment is not known yet";

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= id_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

bool is_kind(std::string_view text) {
    return !text.empty() && text.size() <= id_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

// "p2/1/confirm" is of attempt 1.
std::optional<std::uint32_t> attempt_in(std::string_view key, std::string_view payment) {
    constexpr std::string_view operation = "/confirm";
    if (!key.starts_with(payment) || !key.ends_with(operation)) return std::nullopt;
    key.remove_prefix(payment.size());
    key.remove_suffix(operation.size());
    if (!key.starts_with('/')) return std::nullopt;
    key.remove_prefix(1);
    std::uint32_t attempt = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), attempt);
    if (error != std::errc{} || end != key.data() + key.size() || attempt == 0) return std::nullopt;
    return attempt;
}

// One message on its way to its meaning.
class Message {
public:
    Message(const json::object& event, const Directory& directory)
        : directory_{directory}, id_{text_in(event, "id")}, kind_{text_in(event, "type")} {
        const json::object* data = object_in(event, "data");
        const json::object* object = data == nullptr ? nullptr : object_in(*data, "object");
        if (object == nullptr) throw Unreadable{"data.object is missing"};
        object_ = *object;
        if (const json::object* request = object_in(event, "request"))
            key_ = text_in(*request, "idempotency_key");
    }

    Meaning meaning() && {
        if (kind_.starts_with("payment_intent."))
            of_intent();
        else if (kind_.starts_with("charge.dispute."))
            of_dispute();
        else if (kind_ == "charge.refund.updated" || kind_.starts_with("refund."))
            of_refund();
        else if (kind_.starts_with("charge."))
            of_charge();
        else if (kind_ == "radar.early_fraud_warning.created")
            of_fraud_warning();
        else if (kind_.starts_with("setup_intent."))
            of_setup();
        else if (kind_.starts_with("payment_method."))
            of_payment_method();
        meaning_.last = {message_stream(id_),
                         park_.empty() ? domain::InboundEventCommand{domain::ApplyInboundEvent{}}
                                       : domain::InboundEventCommand{
                                             domain::ParkInboundEvent{park_, std::nullopt}}};
        return std::move(meaning_);
    }

private:
    // Whose metadata name a payment is ours, even when we have not heard of it yet. What else
    // there is at the account is not our business.
    std::optional<KnownPayment> payment() const {
        const std::string ours = metadata_in(object_, "payment");
        if (ours.empty()) return std::nullopt;
        if (auto known = directory_.payment({}, ours)) return known;
        return KnownPayment{domain::PaymentId{ours}, 0, false};
    }
    // Of an object without our metadata.
    std::optional<KnownPayment> payment_of_intent() {
        const std::string intent = id_in(object_, "payment_intent");
        auto known = intent.empty() ? std::nullopt : directory_.payment(intent, std::string_view{});
        if (!known) park_ = intent_unknown;
        return known;
    }

    void add(Directives commands) {
        for (Directive& command : commands)
            meaning_.commands.push_back(std::move(command));
    }
    void read(Operation operation, std::string object, std::string id,
              bool waits_for_payer = false) {
        Effect effect;
        effect.id = std::move(id);
        effect.event = id_;
        effect.what = Reading{operation, std::move(object)};
        effect.waits_for_payer = waits_for_payer;
        meaning_.readings.push_back(std::move(effect));
    }

    void of_intent() {
        const auto known = payment();
        if (!known) return;
        const std::string id = text_in(object_, "id");
        const bool of_card =
            kind_ == "payment_intent.payment_failed" || kind_ == "payment_intent.requires_action";
        if (of_card) {
            // There may have been several, and the message may be old.
            auto attempt = attempt_in(key_, known->id.value);
            if (!attempt && known->attempt == 1) attempt = 1;
            if (!attempt)
                return read(Operation::read_intent, id, known->id.value, known->waits_for_payer);
            return add(intent_facts(known->id, attempt, object_).commands);
        }
        if (kind_ == "payment_intent.amount_capturable_updated") {
            const IntentFacts facts = intent_facts(known->id, std::nullopt, object_);
            // A hold whose end is not known would be captured too late.
            if (facts.deadline_missing || facts.unclear)
                return read(Operation::read_intent, id, known->id.value, known->waits_for_payer);
            return add(facts.commands);
        }
        if (kind_ == "payment_intent.succeeded")
            return add(intent_facts(known->id, std::nullopt, object_).commands);
        if (kind_ == "payment_intent.canceled") {
            // What we canceled ourselves is no news.
            if (key_ == known->id.value + "/1/cancel") return;
            return add(intent_facts(known->id, std::nullopt, object_).commands);
        }
    }

    void of_charge() {
        const auto known = payment();
        if (!known) return;
        if (kind_ == "charge.refunded")
            return read(Operation::read_refunds, id_in(object_, "payment_intent"), known->id.value);
        if (kind_ == "charge.expired") {
            meaning_.commands.push_back(
                {payment_stream(known->id), domain::PaymentCommand{domain::ExpireHold{}}});
            return;
        }
        if (kind_ != "charge.succeeded" && kind_ != "charge.captured" && kind_ != "charge.updated")
            return;
        if (!flag_in(object_, "captured")) {
            if (kind_ == "charge.succeeded")
                meaning_.commands.push_back(held_fact(known->id, object_));
            return;
        }
        add(captured_facts(known->id, object_));
        const json::value* line = object_.if_contains("balance_transaction");
        if (line != nullptr && line->is_string())
            read(Operation::read_fee, id_in(object_, "balance_transaction"), known->id.value);
    }

    void of_refund() {
        const auto number = metadata_number_in(object_, "refund");
        const std::string payment = metadata_in(object_, "payment");
        if (number && !payment.empty()) {
            meaning_.commands.push_back(refund_fact({payment}, *number, object_));
            return;
        }
        // Made by hand, of a payment of ours: its books are wrong from now on.
        if (directory_.payment(id_in(object_, "payment_intent"), std::string_view{}))
            park_ = "a refund that is not ours";
    }

    void of_dispute() {
        const auto known = payment_of_intent();
        if (!known) return;
        DisputeFacts facts = dispute_facts(known->id, object_);
        add(std::move(facts.commands));
        if (facts.inquiry) park_ = "a bank asks about a payment";
    }

    void of_fraud_warning() {
        if (const auto known = payment_of_intent())
            meaning_.commands.push_back(fraud_fact(known->id, object_));
    }

    void of_setup() {
        const std::string card = metadata_in(object_, "card");
        if (card.empty() || kind_ == "setup_intent.created") return;
        if (kind_ == "setup_intent.succeeded") // The card's face is not in it.
            return read(Operation::read_setup, text_in(object_, "id"), card);
        meaning_.commands.push_back(setup_fact({card}, object_));
    }

    void of_payment_method() {
        const auto card = directory_.card(text_in(object_, "id"));
        if (!card) return; // Its setup tells as much.
        if (kind_ == "payment_method.detached")
            meaning_.commands.push_back(
                {card_stream(*card), domain::CardCommand{domain::RemoveCard{}}});
        else
            meaning_.commands.push_back(face_fact(*card, object_));
    }

    const Directory& directory_;
    std::string id_, kind_, key_;
    json::object object_;
    Meaning meaning_;
    std::string park_;
};

} // namespace

domain::Result<Received, MessageFault> receive(std::string_view body, domain::Time signed_at,
                                               domain::Time now, bool live_expected) {
    if (body.size() > message_bytes_max) return Fault::too_large;
    try {
        const json::object event = parse_object(body);
        const std::string id = text_in(event, "id"), kind = text_in(event, "type");
        // The "thin" events of another interface carry nothing to go by.
        if (text_in(event, "object") != "event" || !is_id(id) || !is_kind(kind))
            return Fault::unreadable;
        const json::value* live = event.if_contains("livemode");
        if (live == nullptr || !live->is_bool()) return Fault::unreadable;
        domain::ReceiveInboundEvent command;
        command.source = "stripe";
        command.kind = kind;
        command.body = json::serialize(kept(event));
        command.received_at = now;
        command.signature_valid = true;
        command.signed_at = signed_at;
        command.live = live->get_bool();
        command.live_expected = live_expected;
        return Received{{message_stream(id), domain::InboundEventCommand{std::move(command)}},
                        text_in(event, "api_version") != api_version};
    } catch (const Unreadable&) {
        return Fault::unreadable;
    }
}

Meaning meaning(std::string_view body, const Directory& directory) {
    std::string id;
    try {
        const json::object event = parse_object(body);
        id = text_in(event, "id");
        return Message{event, directory}.meaning();
    } catch (const Unreadable& problem) {
        return {{},
                {},
                {message_stream(id),
                 domain::InboundEventCommand{domain::ParkInboundEvent{
                     std::string{"it cannot be read: "} + problem.what(), std::nullopt}}}};
    }
}

} // namespace gateways::stripe
