#include "gateways/stripe/looks.hpp"

#include "gateways/stripe/facts.hpp"
#include "gateways/stripe/requests.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace gateways::stripe {

namespace {

using domain::PaymentEvent;

template <class Event>
const Event* asked(const Effect& effect) {
    const auto* event = std::get_if<PaymentEvent>(&effect.what);
    return event == nullptr ? nullptr : std::get_if<Event>(event);
}

bool is_certain(const Step& step, const Standing& standing) {
    return step.refusal != provider_error || standing.age >= absence_is_certain_after;
}

Directive expire_hold(const Effect& effect) {
    return {payment_stream({effect.id}), domain::PaymentCommand{domain::ExpireHold{}}};
}

Verdict look_again(const Standing& standing) {
    if (standing.tries >= look_again_after.size()) return Park{"the outcome stays unknown"};
    return Repeat{look_again_after[standing.tries]};
}

// The request was sent, and this is what there is.
Verdict outcome(const Effect& effect, const domain::PaymentRequested& event,
                const json::object& intent) {
    IntentFacts facts = intent_facts({effect.id}, event.attempt, intent);
    if (facts.unclear)
        return Conclude{
            {payment_outcome_unknown(effect, event.attempt, if_any(text_in(intent, "id")))}};
    return Conclude{std::move(facts.commands)};
}

Verdict outcome(const Effect& effect, const domain::PaymentOutcomeUnknown& event,
                const json::object& intent, const Standing& standing) {
    IntentFacts facts = intent_facts({effect.id}, event.attempt, intent);
    if (facts.unclear) return look_again(standing);
    return Conclude{std::move(facts.commands)};
}

Verdict outcome(const Effect& effect, const domain::CaptureRequested& event, const Step& step,
                const json::object& intent, const Standing& standing) {
    const std::string status = text_in(intent, "status");
    if (status == "succeeded") {
        Directives commands{capture_outcome(effect, event, domain::CaptureOutcome::captured,
                                            money_in(intent, "amount_received"), std::nullopt)};
        // The fee, if it is known already, is all that is left of the facts.
        for (Directive& fact : intent_facts({effect.id}, std::nullopt, intent).commands) {
            const auto& command = std::get<domain::PaymentCommand>(fact.command);
            if (std::holds_alternative<domain::RecordCardFee>(command))
                commands.push_back(std::move(fact));
        }
        return Conclude{std::move(commands)};
    }
    const auto failed = [&](std::string reason) {
        return capture_outcome(effect, event, domain::CaptureOutcome::failed, std::nullopt,
                               std::move(reason));
    };
    if (status == "canceled")
        return Conclude{{failed(std::string{intent_canceled}), expire_hold(effect)}};
    if (status == "processing") return look_again(standing);
    if (status != "requires_capture") return Conclude{{failed(status)}};
    if (step.refusal.empty()) return Ask{capture(effect, event)};
    if (!is_certain(step, standing)) return again(standing, std::chrono::minutes{1});
    return Conclude{{failed(step.refusal)}};
}

// After a void the intent must hold nothing.
Verdict ended(const Effect& effect, const Step& step, const json::object& intent,
              const Standing& standing) {
    const std::string status = text_in(intent, "status");
    if (status == "canceled") return Conclude{};
    // Charged after all: then the money can be given back.
    if (status == "succeeded")
        return Conclude{intent_facts({effect.id}, std::nullopt, intent).commands};
    if (status == "processing" || !step.refusal.empty())
        return again(standing, std::chrono::minutes{10});
    return Ask{cancel(effect)};
}

// What a message told to look at. Whether what a card did was the latest attempt's doing is only
// known when that was answered; money is money, whichever attempt it was.
Verdict read_for_message(const Effect& effect, const json::object& intent,
                         const Standing& standing) {
    const std::string status = text_in(intent, "status");
    if (status == "processing") return look_again(standing);
    const bool of_money =
        status == "requires_capture" || status == "succeeded" || status == "canceled";
    if (!of_money && !effect.waits_for_payer) return Conclude{};
    IntentFacts facts = intent_facts({effect.id}, std::nullopt, intent);
    if (facts.unclear) throw Unreadable{"an intent's status is new"};
    return Conclude{std::move(facts.commands)};
}

Verdict not_found(const Effect& effect, const Step& step, const Standing& standing) {
    if (const auto* event = asked<domain::PaymentRequested>(effect)) {
        // Nothing that was sent before made one, so this attempt does.
        const auto card = event->card ? event->card : effect.card;
        if (event->attempt > 1 && step.refusal.empty() && standing.age < key_life)
            return Ask{confirm(effect, *event, card.value())};
        // Never a second intent: whether there is a first one has to become clear.
        return Conclude{{payment_outcome_unknown(effect, event->attempt, std::nullopt)}};
    }
    if (asked<domain::PaymentOutcomeUnknown>(effect) != nullptr) return look_again(standing);
    if (standing.age < search_lag_max) return again(standing, std::chrono::minutes{5});
    if (asked<domain::PaymentVoided>(effect) != nullptr) return Conclude{};
    return Park{"the payment's intent is not found"};
}

} // namespace

Directive payment_outcome_unknown(const Effect& effect, std::uint32_t attempt,
                                  std::optional<std::string> intent) {
    domain::RecordPaymentOutcome unknown;
    unknown.outcome = domain::PaymentOutcome::unknown;
    unknown.attempt = attempt;
    unknown.provider_reference = intent ? std::move(intent) : effect.intent;
    return {payment_stream({effect.id}), domain::PaymentCommand{std::move(unknown)}};
}

Directive capture_outcome(const Effect& effect, const domain::CaptureRequested& event,
                          domain::CaptureOutcome outcome, std::optional<domain::Money> amount,
                          std::optional<std::string> reason) {
    return {payment_stream({effect.id}), domain::PaymentCommand{domain::RecordCaptureOutcome{
                                             outcome, event.capture, amount, std::move(reason)}}};
}

Directive refund_failed(const Effect& effect, const domain::RefundRequested& event,
                        std::string reason) {
    return {payment_stream({effect.id}),
            domain::PaymentCommand{domain::RecordRefundOutcome{
                event.refund, domain::RefundOutcome::failed, std::move(reason)}}};
}

Verdict seen_intent(const Effect& effect, const Step& step, const json::object& intent,
                    const Standing& standing) {
    if (const auto* event = asked<domain::PaymentRequested>(effect))
        return outcome(effect, *event, intent);
    if (const auto* event = asked<domain::PaymentOutcomeUnknown>(effect))
        return outcome(effect, *event, intent, standing);
    if (const auto* event = asked<domain::CaptureRequested>(effect))
        return outcome(effect, *event, step, intent, standing);
    if (asked<domain::PaymentVoided>(effect) != nullptr)
        return ended(effect, step, intent, standing);
    return read_for_message(effect, intent, standing);
}

Verdict seen_search(const Effect& effect, const Step& step, const json::object& list,
                    const Standing& standing) {
    const json::array* data = array_in(list, "data");
    if (data == nullptr) throw Unreadable{"data is missing"};
    if (data->empty()) return not_found(effect, step, standing);
    if (data->size() > 1) return Park{"the payment has more than one intent"};
    const json::value& found = data->front();
    if (!found.is_object()) throw Unreadable{"data holds no object"};
    const json::object& intent = found.get_object();
    // A search also finds what only looks like it.
    if (metadata_in(intent, "payment") != effect.id) return Park{"a search found another payment"};

    Effect known = effect;
    known.intent = text_in(intent, "id");
    const auto learned = [&](Step next) {
        next.intent = *known.intent;
        return Verdict{Ask{std::move(next)}};
    };
    const bool old = standing.age >= key_life;
    if (const auto* event = asked<domain::PaymentRequested>(effect)) {
        const bool made_by_it = metadata_number_in(intent, "attempt") == event->attempt;
        if (made_by_it || old || !step.refusal.empty())
            return seen_intent(known, step, intent, standing);
        const auto card = event->card ? event->card : effect.card;
        return learned(confirm(known, *event, card.value()));
    }
    if (const auto* event = asked<domain::RefundRequested>(effect))
        return learned(old ? read_refunds(*known.intent) : refund(known, *event));
    Verdict verdict = seen_intent(known, step, intent, standing);
    if (auto* ask = std::get_if<Ask>(&verdict)) ask->step.intent = *known.intent;
    return verdict;
}

Verdict seen_refunds(const Effect& effect, const Step& step, const json::object& list,
                     const Standing& standing) {
    const json::array* data = array_in(list, "data");
    if (data == nullptr) throw Unreadable{"data is missing"};
    const auto* event = asked<domain::RefundRequested>(effect);
    Directives commands;
    bool strange = flag_in(list, "has_more"); // More than ours can be.
    for (const json::value& one : *data) {
        if (!one.is_object()) throw Unreadable{"data holds no object"};
        const json::object& found = one.get_object();
        const auto number = metadata_number_in(found, "refund");
        const bool ours = number && metadata_in(found, "payment") == effect.id;
        if (event == nullptr && ours)
            commands.push_back(refund_fact({effect.id}, *number, found));
        else if (event == nullptr)
            strange = true;
        else if (ours && *number == event->refund)
            return Conclude{{refund_fact({effect.id}, *number, found)}};
    }
    if (event == nullptr) {
        if (strange && commands.empty()) return Park{"a refund that is not ours"};
        return Conclude{std::move(commands)};
    }
    if (strange) return Park{"more refunds than can be looked through"};
    if (step.refusal.empty()) return Ask{refund(effect, *event)};
    if (!is_certain(step, standing)) return again(standing, std::chrono::minutes{1});
    return Conclude{{refund_failed(effect, *event, step.refusal)}};
}

Verdict seen_dispute(const Effect& effect, const Step& step, const json::object& dispute,
                     const Standing& standing) {
    DisputeFacts facts = dispute_facts({effect.id}, dispute);
    const auto* accepted = asked<domain::DisputeAccepted>(effect);
    const auto* submitted = asked<domain::EvidenceSubmitted>(effect);
    if (facts.over || (accepted == nullptr && submitted == nullptr))
        return Conclude{std::move(facts.commands)};
    const std::string status = text_in(dispute, "status");
    if (submitted != nullptr && status.ends_with("under_review")) return Conclude{};
    if (step.refusal.empty())
        return Ask{accepted != nullptr ? accept_dispute(effect, *accepted)
                                       : submit_evidence(effect, *submitted)};
    if (step.refusal == provider_error) return again(standing, std::chrono::minutes{10});
    return Park{"the dispute is open, and yet not to be answered: " + step.refusal};
}

} // namespace gateways::stripe
