#include "gateways/stripe/facts.hpp"

#include "domain/card.hpp"
#include "domain/inbound_event.hpp"
#include "domain/payment.hpp"

#include <boost/json.hpp>

#include <utility>

namespace gateways::stripe {

namespace {

template <class Command>
Directive of_payment(const domain::PaymentId& payment, Command command) {
    return {payment_stream(payment), domain::PaymentCommand{std::move(command)}};
}

template <class Command>
Directive of_card(const domain::StoredCardId& card, Command command) {
    return {card_stream(card), domain::CardCommand{std::move(command)}};
}

std::optional<domain::Time> capture_before_of(const json::object& charge) {
    const json::object* details = object_in(charge, "payment_method_details");
    const json::object* card = details == nullptr ? nullptr : object_in(*details, "card");
    return card == nullptr ? std::nullopt : seconds_in(*card, "capture_before");
}

// When it was expanded.
const json::object* charge_of(const json::object& intent) {
    const json::value* charge = intent.if_contains("latest_charge");
    return charge != nullptr && charge->is_object() ? &charge->get_object() : nullptr;
}

// What the payer, or his browser, has to do.
std::optional<std::string> action_of(const json::object& intent) {
    const json::object* action = object_in(intent, "next_action");
    return if_any(action == nullptr ? text_in(intent, "status") : text_in(*action, "type"));
}

Directive declined(const domain::PaymentId& payment, std::optional<std::uint32_t> attempt,
                   const json::object& intent, std::string reason, std::string advice) {
    domain::RecordPaymentOutcome outcome;
    outcome.outcome = domain::PaymentOutcome::declined;
    outcome.attempt = attempt;
    outcome.provider_reference = if_any(text_in(intent, "id"));
    outcome.reason = if_any(std::move(reason));
    outcome.advice = if_any(std::move(advice));
    return of_payment(payment, std::move(outcome));
}

domain::CardFace expanded_face(const json::object& setup) {
    const json::value* method = setup.if_contains("payment_method");
    if (method == nullptr || !method->is_object())
        throw Unreadable{"payment_method is not expanded"};
    return face_of(method->get_object());
}

} // namespace

std::string payment_stream(const domain::PaymentId& payment) {
    return std::string{domain::Payment::name} + "-" + payment.value;
}

std::string card_stream(const domain::StoredCardId& card) {
    return std::string{domain::Card::name} + "-" + card.value;
}

std::string message_stream(const std::string& event_id) {
    return std::string{domain::InboundEvent::name} + "-stripe." + event_id;
}

IntentFacts intent_facts(const domain::PaymentId& payment, std::optional<std::uint32_t> attempt,
                         const json::object& intent) {
    const std::string status = text_in(intent, "status");
    IntentFacts facts;
    domain::RecordPaymentOutcome outcome;
    outcome.attempt = attempt;
    outcome.provider_reference = if_any(text_in(intent, "id"));
    if (status == "requires_capture") {
        outcome.outcome = domain::PaymentOutcome::held;
        outcome.amount = money_in(intent, "amount_capturable");
        if (const json::object* charge = charge_of(intent))
            outcome.capture_before = capture_before_of(*charge);
        facts.deadline_missing = !outcome.capture_before;
        facts.commands.push_back(of_payment(payment, std::move(outcome)));
    } else if (status == "succeeded") {
        outcome.outcome = domain::PaymentOutcome::charged;
        outcome.amount = money_in(intent, "amount_received");
        facts.commands.push_back(of_payment(payment, std::move(outcome)));
        const json::object* charge = charge_of(intent);
        const json::value* line =
            charge == nullptr ? nullptr : charge->if_contains("balance_transaction");
        if (line != nullptr && line->is_object())
            facts.commands.push_back(fee_fact(payment, line->get_object()));
    } else if (status == "requires_action") {
        outcome.outcome = domain::PaymentOutcome::action_required;
        outcome.action = action_of(intent);
        facts.commands.push_back(of_payment(payment, std::move(outcome)));
    } else if (status == "requires_payment_method" || status == "requires_confirmation") {
        const json::object* error = object_in(intent, "last_payment_error");
        const Problem problem = error == nullptr ? Problem{} : problem_of(*error);
        // No card was tried: whatever should have confirmed it did not get that far.
        facts.commands.push_back(declined(
            payment, attempt, intent, problem.code.empty() ? "not_confirmed" : problem.reason(),
            problem.code.empty() ? "try_again_later" : problem.advice_code));
    } else if (status == "canceled") {
        // Ends a hold; where there is none, the other one says so.
        facts.commands.push_back(of_payment(payment, domain::ExpireHold{}));
        facts.commands.push_back(declined(payment, attempt, intent, std::string{intent_canceled},
                                          std::string{do_not_try_again}));
    } else {
        facts.unclear = true;
    }
    return facts;
}

Directives captured_facts(const domain::PaymentId& payment, const json::object& charge) {
    domain::RecordPaymentOutcome outcome;
    outcome.outcome = domain::PaymentOutcome::charged;
    outcome.provider_reference = if_any(id_in(charge, "payment_intent"));
    outcome.amount = money_in(charge, "amount_captured");
    Directives commands{of_payment(payment, std::move(outcome))};
    const json::value* line = charge.if_contains("balance_transaction");
    if (line != nullptr && line->is_object())
        commands.push_back(fee_fact(payment, line->get_object()));
    return commands;
}

Directive held_fact(const domain::PaymentId& payment, const json::object& charge) {
    domain::RecordPaymentOutcome outcome;
    outcome.outcome = domain::PaymentOutcome::held;
    outcome.provider_reference = if_any(id_in(charge, "payment_intent"));
    outcome.amount = money_in(charge, "amount");
    outcome.capture_before = capture_before_of(charge);
    return of_payment(payment, std::move(outcome));
}

Directive fee_fact(const domain::PaymentId& payment, const json::object& balance_transaction) {
    return of_payment(payment, domain::RecordCardFee{money_in(balance_transaction, "fee")});
}

Directive refund_fact(const domain::PaymentId& payment, std::uint32_t number,
                      const json::object& refund) {
    const std::string status = text_in(refund, "status");
    domain::RecordRefundOutcome outcome;
    outcome.refund = number;
    if (status == "succeeded") {
        outcome.outcome = domain::RefundOutcome::succeeded;
    } else if (status == "pending" || status == "requires_action") {
        outcome.outcome = domain::RefundOutcome::pending;
        outcome.reason = if_any(text_in(refund, "pending_reason"));
    } else if (status == "failed" || status == "canceled") {
        outcome.outcome = domain::RefundOutcome::failed;
        outcome.reason = if_any(text_in(refund, "failure_reason"));
        if (!outcome.reason) outcome.reason = status;
    } else {
        throw Unreadable{"a refund's status is new"};
    }
    return of_payment(payment, std::move(outcome));
}

DisputeFacts dispute_facts(const domain::PaymentId& payment, const json::object& dispute) {
    const std::string status = text_in(dispute, "status");
    DisputeFacts facts;
    facts.over =
        status == "won" || status == "lost" || status == "warning_closed" || status == "prevented";
    facts.inquiry = status == "warning_needs_response" || status == "warning_under_review";
    if (facts.inquiry || status == "warning_closed" || status == "prevented") return facts;
    const bool answers = status == "needs_response" || status == "under_review" ||
                         status == "appeal_needs_response" || status == "appeal_under_review";
    if (!answers && !facts.over) throw Unreadable{"a dispute's status is new"};

    const domain::DisputeId id{text_in(dispute, "id")};
    domain::RecordDispute opened;
    opened.dispute = id;
    opened.amount = money_in(dispute, "amount");
    opened.reason = text_in(dispute, "reason");
    if (const json::object* evidence = object_in(dispute, "evidence_details"))
        opened.evidence_due = seconds_in(*evidence, "due_by");
    // Also before its end: messages may overtake each other.
    facts.commands.push_back(of_payment(payment, std::move(opened)));
    if (!facts.over) return facts;
    facts.commands.push_back(of_payment(
        payment, domain::RecordDisputeOutcome{id, status == "won" ? domain::DisputeOutcome::won
                                                                  : domain::DisputeOutcome::lost}));
    return facts;
}

Directive fraud_fact(const domain::PaymentId& payment, const json::object& warning) {
    return of_payment(payment, domain::RecordFraudWarning{domain::WarningId{text_in(warning, "id")},
                                                          text_in(warning, "fraud_type")});
}

Directive setup_fact(const domain::StoredCardId& card, const json::object& setup) {
    const std::string status = text_in(setup, "status");
    domain::RecordCardSetupOutcome outcome;
    outcome.provider_reference = if_any(text_in(setup, "id"));
    outcome.customer = if_any(id_in(setup, "customer"));
    const json::object* error = object_in(setup, "last_setup_error");
    if (status == "succeeded") {
        outcome.outcome = domain::CardSetupOutcome::attached;
        outcome.face = expanded_face(setup);
        outcome.payment_method = domain::CardId{id_in(setup, "payment_method")};
    } else if (status == "canceled" || (status == "requires_payment_method" && error != nullptr)) {
        outcome.outcome = domain::CardSetupOutcome::failed;
        outcome.reason =
            error == nullptr ? std::string{"setup_intent_canceled"} : problem_of(*error).reason();
    } else if (status == "requires_action" || status == "requires_payment_method" ||
               status == "requires_confirmation" || status == "processing") {
        outcome.outcome = domain::CardSetupOutcome::action_required;
        outcome.action = action_of(setup);
    } else {
        throw Unreadable{"a setup's status is new"};
    }
    return of_card(card, std::move(outcome));
}

Directive face_fact(const domain::StoredCardId& card, const json::object& payment_method) {
    return of_card(card, domain::RecordCardUpdate{face_of(payment_method)});
}

} // namespace gateways::stripe
