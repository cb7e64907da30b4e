#include "gateways/stripe/answers.hpp"

#include "gateways/stripe/facts.hpp"
#include "gateways/stripe/looks.hpp"
#include "gateways/stripe/requests.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace gateways::stripe {

namespace {

template <class Event>
const Event& payment_event(const Effect& effect) {
    return std::get<Event>(std::get<domain::PaymentEvent>(effect.what));
}

// No money moves, and the reason is nobody's mistake.
constexpr std::array<std::string_view, 3> capture_refusals{
    "amount_too_large", "capture_charge_authorization_expired", "charge_expired_for_capture"};
constexpr std::array<std::string_view, 6> refund_refusals{
    "amount_too_large",      "balance_insufficient",    "charge_disputed",
    "charge_not_refundable", "refund_disputed_payment", "payment_intent_unexpected_state"};

bool is_one_of(std::span<const std::string_view> codes, const std::string& code) {
    return std::ranges::find(codes, code) != codes.end();
}

bool is_of_state(const Problem& problem) {
    return problem.code == "payment_intent_unexpected_state" ||
           problem.code == "intent_invalid_state" ||
           problem.code == "setup_intent_unexpected_state";
}

const std::string& named(const Problem& problem, const std::string& otherwise) {
    return problem.code.empty() ? otherwise : problem.reason();
}

Directive declined(const Effect& effect, const Problem& problem, const json::object* intent) {
    const auto& event = payment_event<domain::PaymentRequested>(effect);
    domain::RecordPaymentOutcome outcome;
    outcome.outcome = domain::PaymentOutcome::declined;
    outcome.attempt = event.attempt;
    outcome.provider_reference = intent == nullptr ? effect.intent : if_any(text_in(*intent, "id"));
    outcome.reason = named(problem, "declined");
    outcome.advice = if_any(problem.advice_code);
    // It will never be confirmed again, with any card.
    if (intent != nullptr && text_in(*intent, "status") == "canceled")
        outcome.advice = do_not_try_again;
    return {payment_stream({effect.id}), domain::PaymentCommand{std::move(outcome)}};
}

Directive setup_failed(const Effect& effect, std::string reason) {
    domain::RecordCardSetupOutcome outcome;
    outcome.outcome = domain::CardSetupOutcome::failed;
    outcome.reason = std::move(reason);
    return {card_stream({effect.id}), domain::CardCommand{std::move(outcome)}};
}

Verdict ask_after(const Effect& effect, Step look, std::string refusal) {
    look.refusal = std::move(refusal);
    look.intent = effect.intent.value_or("");
    return Ask{std::move(look)};
}

Verdict ask_intent(const Effect& effect, std::string refusal) {
    return ask_after(effect, effect.intent ? read_intent(*effect.intent) : find_intent(effect),
                     std::move(refusal));
}

std::string dispute_of(const Effect& effect) {
    const auto& event = std::get<domain::PaymentEvent>(effect.what);
    if (const auto* accepted = std::get_if<domain::DisputeAccepted>(&event))
        return accepted->dispute.value;
    return std::get<domain::EvidenceSubmitted>(event).dispute.value;
}

std::string setup_of(const Effect& effect) {
    const auto& event = std::get<domain::CardEvent>(effect.what);
    return std::get<domain::CardRemoved>(event).provider_reference.value();
}

Verdict seen_setup(const Effect& effect, const Step& step, const json::object& setup,
                   const Standing& standing) {
    if (std::holds_alternative<Reading>(effect.what))
        return Conclude{{setup_fact({effect.id}, setup)}};
    const std::string status = text_in(setup, "status");
    if (status == "canceled") return Conclude{};
    // The card was attached while its holder gave up.
    if (status == "succeeded") return Ask{detach_card(effect, id_in(setup, "payment_method"))};
    if (step.refusal == provider_error) return again(standing, std::chrono::minutes{10});
    return Park{"the setup is open, and yet not to be canceled: " + step.refusal};
}

std::optional<Verdict> confirm_refused(const Effect& effect, unsigned status,
                                       const Problem& problem, const json::object* intent) {
    if (status == 402) return Conclude{{declined(effect, problem, intent)}};
    // Something else has confirmed or ended it. What is embedded lacks its charge.
    if (!is_of_state(problem)) return std::nullopt;
    Effect known = effect;
    if (intent != nullptr) known.intent = text_in(*intent, "id");
    return ask_intent(known, problem.code);
}

std::optional<Verdict> capture_refused(const Effect& effect, unsigned status,
                                       const Problem& problem) {
    if (is_of_state(problem) || problem.code == "charge_already_captured")
        return ask_intent(effect, problem.code);
    if (status != 402 && !is_one_of(capture_refusals, problem.code)) return std::nullopt;
    Directives commands{capture_outcome(effect, payment_event<domain::CaptureRequested>(effect),
                                        domain::CaptureOutcome::failed, std::nullopt,
                                        named(problem, "declined"))};
    if (problem.code == "capture_charge_authorization_expired" ||
        problem.code == "charge_expired_for_capture")
        commands.push_back(
            {payment_stream({effect.id}), domain::PaymentCommand{domain::ExpireHold{}}});
    return Conclude{std::move(commands)};
}

std::optional<Verdict> refund_refused(const Effect& effect, unsigned status,
                                      const Problem& problem) {
    // Perhaps by us.
    if (problem.code == "charge_already_refunded")
        return ask_after(effect, read_refunds(effect.intent.value()), problem.code);
    if (status != 402 && !is_one_of(refund_refusals, problem.code)) return std::nullopt;
    return Conclude{{refund_failed(effect, payment_event<domain::RefundRequested>(effect),
                                   named(problem, "declined"))}};
}

} // namespace

Verdict card_missing(const Effect& effect, const domain::PaymentRequested& event) {
    domain::RecordPaymentOutcome outcome;
    outcome.outcome = domain::PaymentOutcome::declined;
    outcome.attempt = event.attempt;
    outcome.reason = "card_missing";
    return Conclude{{{payment_stream({effect.id}), domain::PaymentCommand{std::move(outcome)}}}};
}

Verdict concluded(const Effect& effect, const Step& step, const json::object& body,
                  const Standing& standing) {
    switch (step.operation) {
    case Operation::confirm:
    case Operation::capture:
    case Operation::cancel: {
        // Should it not be what was asked for, it is not asked for at once again.
        Step done = step;
        done.refusal = provider_error;
        return seen_intent(effect, done, body, standing);
    }
    case Operation::read_intent: return seen_intent(effect, step, body, standing);
    case Operation::find_intent: return seen_search(effect, step, body, standing);
    case Operation::refund:
        return Conclude{{refund_fact({effect.id},
                                     payment_event<domain::RefundRequested>(effect).refund, body)}};
    case Operation::read_refunds: return seen_refunds(effect, step, body, standing);
    case Operation::submit_evidence: {
        DisputeFacts facts = dispute_facts({effect.id}, body);
        return Conclude{facts.over ? std::move(facts.commands) : Directives{}};
    }
    case Operation::accept_dispute: {
        Step done = step;
        done.refusal = provider_error;
        return seen_dispute(effect, done, body, standing);
    }
    case Operation::read_dispute: return seen_dispute(effect, step, body, standing);
    case Operation::make_customer: {
        const std::string customer = text_in(body, "id");
        if (customer.empty()) throw Unreadable{"id is missing"};
        return Ask{set_up_card(effect, customer)};
    }
    case Operation::set_up_card: return Conclude{{setup_fact({effect.id}, body)}};
    case Operation::cancel_setup:
    case Operation::detach_card: return Conclude{};
    case Operation::read_setup: return seen_setup(effect, step, body, standing);
    case Operation::find_setup: break; // No effect asks for it.
    case Operation::read_fee: return Conclude{{fee_fact({effect.id}, body)}};
    }
    return Park{"an operation that nobody knows"};
}

std::optional<Verdict> refused(const Effect& effect, const Step& step, unsigned status,
                               const Problem& problem, const json::object& error, const Standing&) {
    const json::object* intent = object_in(error, "payment_intent");
    switch (step.operation) {
    case Operation::confirm: return confirm_refused(effect, status, problem, intent);
    case Operation::capture: return capture_refused(effect, status, problem);
    case Operation::cancel:
        if (is_of_state(problem)) return ask_intent(effect, problem.code);
        return std::nullopt;
    case Operation::refund: return refund_refused(effect, status, problem);
    case Operation::accept_dispute:
    case Operation::submit_evidence:
        if (status != 400) return std::nullopt;
        return ask_after(effect, read_dispute(dispute_of(effect)), named(problem, "refused"));
    case Operation::make_customer:
    case Operation::set_up_card:
        if (status != 402) return std::nullopt;
        return Conclude{{setup_failed(effect, named(problem, "declined"))}};
    case Operation::cancel_setup:
        if (!is_of_state(problem)) return std::nullopt;
        return ask_after(effect, read_setup(setup_of(effect)), problem.code);
    case Operation::detach_card:
        // It is not attached any more, which is what was wanted.
        if (problem.code == "payment_method_unexpected_state" || problem.code == "resource_missing")
            return Conclude{};
        return std::nullopt;
    default: return std::nullopt;
    }
}

Verdict look_after_error(const Effect& effect, const Step& step, const Standing& standing) {
    const std::string reason{provider_error};
    switch (step.operation) {
    case Operation::refund: return ask_after(effect, read_refunds(effect.intent.value()), reason);
    case Operation::accept_dispute:
    case Operation::submit_evidence:
        return ask_after(effect, read_dispute(dispute_of(effect)), reason);
    case Operation::make_customer:
    case Operation::set_up_card: return Conclude{{setup_failed(effect, reason)}};
    case Operation::cancel_setup: return ask_after(effect, read_setup(setup_of(effect)), reason);
    case Operation::detach_card: return again(standing, std::chrono::hours{1});
    default: return ask_intent(effect, reason);
    }
}

} // namespace gateways::stripe
