// What is the same for every effect: how it begins, and what the answers mean that are not about
// what was asked.

#include "gateways/stripe/translate.hpp"

#include "gateways/stripe/answers.hpp"
#include "gateways/stripe/currency.hpp"
#include "gateways/stripe/requests.hpp"

#include <algorithm>
#include <charconv>

namespace gateways::stripe {

namespace {

constexpr milliseconds first_pause{500}, longest_pause = std::chrono::minutes{5};
constexpr std::chrono::seconds longest_wish = std::chrono::hours{1};
// An answer that is no JSON comes from somebody between us and Stripe.
constexpr unsigned unreadable_max = 8;

bool same_letters(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(left, right, {}, lower, lower);
}

milliseconds pause_after(unsigned tries) {
    return std::min(first_pause * (std::int64_t{1} << std::min(tries, 20U)), longest_pause);
}

// Stripe documents none for 429, but whoever stands before it may send one.
milliseconds wished_pause(const Answer& answer) {
    const std::string_view text = answer.header("Retry-After");
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size() || seconds < 0) return {};
    return std::min(std::chrono::seconds{seconds}, longest_wish);
}

bool looks_only(Operation operation) { return operation >= Operation::find_intent; }

Verdict change_or_look(const Effect& effect, const Standing& standing, Step change, Step look) {
    // Past its life a key does not protect any more.
    Step& step = standing.age >= key_life ? look : change;
    if (effect.intent) step.intent = *effect.intent;
    return Ask{std::move(step)};
}

Verdict begin(const Effect& effect, const domain::PaymentRequested& event,
              const Standing& standing) {
    if (!currency_name(event.amount.currency)) return Park{"no card pays this currency"};
    const auto card = event.card ? event.card : effect.card;
    if (!card) return card_missing(effect, event);
    if (effect.intent) {
        // The first attempt makes the intent, so there has been an answer to it.
        Step look = read_intent(*effect.intent);
        if (event.attempt == 1) return Ask{std::move(look)};
        return change_or_look(effect, standing, confirm(effect, event, *card), std::move(look));
    }
    if (event.attempt > 1) return Ask{find_intent(effect)};
    return change_or_look(effect, standing, confirm(effect, event, *card), find_intent(effect));
}

Verdict begin(const Effect& effect, const domain::PaymentOutcomeUnknown& event, const Standing&) {
    const auto& intent = event.provider_reference ? event.provider_reference : effect.intent;
    return Ask{intent ? read_intent(*intent) : find_intent(effect)};
}

Verdict begin(const Effect& effect, const domain::CaptureRequested& event,
              const Standing& standing) {
    if (!effect.intent) return Ask{find_intent(effect)};
    return change_or_look(effect, standing, capture(effect, event), read_intent(*effect.intent));
}

Verdict begin(const Effect& effect, const domain::PaymentVoided&, const Standing& standing) {
    if (!effect.intent) return Ask{find_intent(effect)};
    return change_or_look(effect, standing, cancel(effect), read_intent(*effect.intent));
}

Verdict begin(const Effect& effect, const domain::RefundRequested& event,
              const Standing& standing) {
    if (!effect.intent) return Ask{find_intent(effect)};
    return change_or_look(effect, standing, refund(effect, event), read_refunds(*effect.intent));
}

Verdict begin(const Effect& effect, const domain::DisputeAccepted& event,
              const Standing& standing) {
    return change_or_look(effect, standing, accept_dispute(effect, event),
                          read_dispute(event.dispute.value));
}

Verdict begin(const Effect& effect, const domain::EvidenceSubmitted& event,
              const Standing& standing) {
    if (!effect.evidence) return Park{"the evidence is not where it was kept"};
    return change_or_look(effect, standing, submit_evidence(effect, event),
                          read_dispute(event.dispute.value));
}

// Neither moves money, so a customer or a setup too many does no harm.
Verdict begin(const Effect& effect, const domain::CardSetupStarted& event, const Standing&) {
    const auto& customer = event.customer ? event.customer : effect.customer;
    return Ask{customer ? set_up_card(effect, *customer) : make_customer(event)};
}

Verdict begin(const Effect& effect, const domain::CardRemoved& event, const Standing&) {
    if (event.payment_method) return Ask{detach_card(effect, event.payment_method->value)};
    if (event.provider_reference) return Ask{cancel_setup(effect, *event.provider_reference)};
    return Conclude{}; // It never got as far as Stripe.
}

// All other events ask for nothing.
template <class Event>
Verdict begin(const Effect&, const Event&, const Standing&) {
    return Conclude{};
}

Verdict begin(const Effect& effect, const Reading& reading, const Standing&) {
    switch (reading.operation) {
    case Operation::read_refunds: return Ask{read_refunds(reading.object)};
    case Operation::read_dispute: return Ask{read_dispute(reading.object)};
    case Operation::read_setup: return Ask{read_setup(reading.object)};
    case Operation::read_fee: return Ask{read_fee(reading.object)};
    case Operation::read_intent: return Ask{read_intent(reading.object)};
    default: return Park{"a change is no reading, of " + effect.id};
    }
}

struct Asks {
    bool operator()(const domain::PaymentRequested&) const { return true; }
    bool operator()(const domain::PaymentOutcomeUnknown&) const { return true; }
    bool operator()(const domain::CaptureRequested&) const { return true; }
    bool operator()(const domain::PaymentVoided&) const { return true; }
    bool operator()(const domain::RefundRequested&) const { return true; }
    bool operator()(const domain::DisputeAccepted&) const { return true; }
    bool operator()(const domain::EvidenceSubmitted&) const { return true; }
    bool operator()(const domain::CardSetupStarted&) const { return true; }
    bool operator()(const domain::CardRemoved&) const { return true; }
    template <class Event>
    bool operator()(const Event&) const {
        return false;
    }
};

std::string described(const Answer& answer, const Problem& problem) {
    std::string text = "Stripe refused with " + std::to_string(answer.status);
    for (const std::string* part : {&problem.type, &problem.code, &problem.param})
        if (!part->empty()) text.append(" ").append(*part);
    return text;
}

bool is_of_configuration(const Answer& answer, const Problem& problem) {
    return answer.status == 401 || answer.status == 403 || problem.code == "api_key_expired" ||
           problem.code == "secret_key_required" || problem.code == "livemode_mismatch" ||
           problem.code == "tls_version_unsupported";
}

// An error that says nothing of what became of the request.
Verdict unclear(const Effect& effect, const Step& step, const Answer& answer,
                const Standing& standing) {
    // Stored: the same key will have the same answer for as long as it lives.
    const bool final = !answer.header("Idempotent-Replayed").empty() ||
                       answer.header("Stripe-Should-Retry") == "false";
    if (final && !looks_only(step.operation)) return look_after_error(effect, step, standing);
    return again(standing, pause_after(standing.tries));
}

Verdict understand(const Effect& effect, const Step& step, const Answer& answer,
                   const Standing& standing) {
    if (answer.status < 200 || (answer.status >= 300 && answer.status < 400) ||
        answer.status >= 500)
        return unclear(effect, step, answer, standing);
    if (answer.status == 409 || answer.status == 424 || answer.status == 429)
        return again(standing, std::max(pause_after(standing.tries), wished_pause(answer)));
    json::object body;
    try {
        body = parse_object(answer.body);
    } catch (const Unreadable&) {
        if (standing.tries >= unreadable_max) return Park{"answers that are not Stripe's"};
        return again(standing, pause_after(standing.tries));
    }
    if (answer.status < 300) return concluded(effect, step, body, standing);
    const json::object* error = object_in(body, "error");
    const Problem problem = error == nullptr ? Problem{} : problem_of(*error);
    if (is_of_configuration(answer, problem)) return Halt{described(answer, problem)};
    // Another request had this key before: what that one did is not known here.
    if (problem.type == "idempotency_error") return Park{described(answer, problem)};
    if (answer.header("Stripe-Should-Retry") == "true")
        return again(standing, pause_after(standing.tries));
    if (error != nullptr)
        if (auto verdict = refused(effect, step, answer.status, problem, *error, standing))
            return std::move(*verdict);
    return Park{described(answer, problem)};
}

} // namespace

std::string_view Answer::header(std::string_view name) const {
    for (const auto& [field, value] : headers)
        if (same_letters(field, name)) return value;
    return {};
}

bool asks_stripe(const domain::PaymentEvent& event) { return std::visit(Asks{}, event); }
bool asks_stripe(const domain::CardEvent& event) { return std::visit(Asks{}, event); }

Verdict again(const Standing& standing, milliseconds after) {
    if (standing.age >= give_up_after) return Park{"no clear answer for three days"};
    return Repeat{after};
}

Verdict begin(const Effect& effect, const Standing& standing) {
    if (const auto* reading = std::get_if<Reading>(&effect.what))
        return begin(effect, *reading, standing);
    const auto one = [&](const auto& event) { return begin(effect, event, standing); };
    if (const auto* payment = std::get_if<domain::PaymentEvent>(&effect.what))
        return std::visit(one, *payment);
    return std::visit(one, std::get<domain::CardEvent>(effect.what));
}

Verdict conclude(const Effect& given, const Step& step, const Answer& answer,
                 const Standing& standing) {
    if (answer.came != Came::answered) return again(standing, pause_after(standing.tries));
    Effect effect = given;
    if (!effect.intent) effect.intent = if_any(step.intent);
    try {
        return understand(effect, step, answer, standing);
    } catch (const Unreadable& problem) {
        return Park{std::string{"Stripe's answer cannot be read: "} + problem.what()};
    }
}

} // namespace gateways::stripe
