#include "domain/card.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<CardEvent>;
using Rejection = CardRejection;
using Status = CardStatus;

// An initializer list would copy the event.
template <class Event>
CardDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

CardDecision nothing() { return Events{}; }

std::string_view view(const std::optional<std::string>& text) {
    return text ? std::string_view{*text} : std::string_view{};
}

bool any_is_a_card_number(std::initializer_list<std::string_view> texts) {
    return std::ranges::any_of(texts, looks_like_a_card_number);
}

bool is_well_formed(const CardFace& face) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return face.last4.size() == 4 && std::ranges::all_of(face.last4, is_digit) &&
           !face.brand.empty() && face.expiry_month >= 1 && face.expiry_month <= 12 &&
           face.expiry_year >= 2000 && face.expiry_year <= 2199;
}

// What the provider said of a card: why it cannot be believed.
std::optional<Rejection> wrong(const CardFace& face) {
    if (any_is_a_card_number({face.brand, face.last4})) return Rejection::looks_like_a_card_number;
    if (!is_well_formed(face)) return Rejection::card_malformed;
    return std::nullopt;
}

DefaultCardChosen chosen(const Card& card, const CardId& payment_method, std::string customer) {
    return {card.account, card.dashboard, payment_method, std::move(customer)};
}

CardRemoved removed(const Card& card, std::optional<CardId> payment_method) {
    return {card.account, card.dashboard, std::move(payment_method), card.provider_reference};
}

CardDecision handle(const Card& card, const StartCardSetup& command, Time) {
    if (exists(card)) return Rejection::already_started;
    if (command.account.value.empty()) return Rejection::account_missing;
    if (command.dashboard.value.empty()) return Rejection::dashboard_missing;
    if (any_is_a_card_number(
            {command.account.value, command.dashboard.value, view(command.customer)}))
        return Rejection::looks_like_a_card_number;
    if (command.spending_suspended) return Rejection::spending_suspended;
    if (command.cards >= cards_max) return Rejection::too_many_cards;
    return decided(CardSetupStarted{command.account, command.dashboard, command.customer,
                                    command.make_default});
}

CardDecision attach(const Card& card, const RecordCardSetupOutcome& command) {
    if (!command.payment_method || command.payment_method->value.empty())
        return Rejection::payment_method_missing;
    if (card.payment_method) {
        if (*card.payment_method != *command.payment_method)
            return Rejection::payment_method_differs;
        return nothing();
    }
    // Its holder gave up while the setup was under way.
    if (card.status == Status::removed) return decided(removed(card, command.payment_method));
    if (!command.face) return Rejection::card_malformed;
    if (const auto reason = wrong(*command.face)) return *reason;
    std::string customer{view(command.customer ? command.customer : card.customer)};
    Events events;
    events.emplace_back(CardAttached{card.account, card.dashboard, *command.payment_method,
                                     customer, *command.face, end_of(*command.face)});
    if (card.make_default.value_or(false))
        events.emplace_back(chosen(card, *command.payment_method, std::move(customer)));
    return events;
}

CardDecision handle(const Card& card, const RecordCardSetupOutcome& command, Time) {
    if (any_is_a_card_number({view(command.provider_reference), view(command.customer),
                              view(command.reason), view(command.action),
                              command.payment_method ? command.payment_method->value : ""}))
        return Rejection::looks_like_a_card_number;
    if (card.provider_reference && command.provider_reference &&
        *card.provider_reference != *command.provider_reference)
        return Rejection::setup_differs;
    if (command.outcome == CardSetupOutcome::attached) return attach(card, command);
    const Status status = command.outcome == CardSetupOutcome::failed ? Status::setup_failed
                                                                      : Status::action_required;
    if (rank(status) < rank(card.status)) return Rejection::outcome_older_than_state;
    if (status == card.status) return nothing();
    if (status == Status::setup_failed)
        return decided(CardSetupFailed{card.account, card.dashboard, command.provider_reference,
                                       command.reason});
    return decided(CardSetupActionRequired{card.account, card.dashboard, command.provider_reference,
                                           command.action});
}

CardDecision handle(const Card& card, const MakeCardDefault&, Time) {
    if (card.status != Status::attached || !card.payment_method)
        return Rejection::card_not_attached;
    return decided(chosen(card, *card.payment_method, std::string{view(card.customer)}));
}

CardDecision handle(const Card& card, const RemoveCard& command, Time) {
    if (card.status == Status::removed) return nothing();
    if (command.active_subscriptions > 0) return Rejection::needed_for_active_subscription;
    return decided(removed(card, card.payment_method));
}

CardDecision handle(const Card& card, const RecordCardUpdate& command, Time now) {
    if (command.face)
        if (const auto reason = wrong(*command.face)) return *reason;
    if (card.status != Status::attached && card.status != Status::expired) return nothing();
    const CardFace& face = command.face ? *command.face : *card.face;
    Events events;
    if (face != *card.face)
        events.emplace_back(CardUpdated{card.account, card.dashboard, face, end_of(face)});
    // A new face makes an expired card good again, until the next line says otherwise.
    const bool was_expired = card.status == Status::expired && events.empty();
    if (now >= end_of(face) && !was_expired)
        events.emplace_back(CardExpired{card.account, card.dashboard, face});
    return events;
}

void apply(Card& card, const CardSetupStarted& event) {
    card.status = Status::setup_started;
    card.account = event.account;
    card.dashboard = event.dashboard;
    card.customer = event.customer;
    card.make_default = event.make_default;
}

void learn_reference(Card& card, const std::optional<std::string>& reference) {
    if (reference) card.provider_reference = reference;
}

void apply(Card& card, const CardSetupActionRequired& event) {
    card.status = Status::action_required;
    card.action = event.action;
    learn_reference(card, event.provider_reference);
}

void apply(Card& card, const CardSetupFailed& event) {
    card.status = Status::setup_failed;
    card.reason = event.reason;
    card.action.reset();
    learn_reference(card, event.provider_reference);
}

void apply(Card& card, const CardAttached& event) {
    card.status = Status::attached;
    card.payment_method = event.payment_method;
    card.customer = event.customer;
    card.face = event.face;
    card.expires = event.expires;
    card.reason.reset();
    card.action.reset();
}

void apply(Card&, const DefaultCardChosen&) {}

void apply(Card& card, const CardRemoved& event) {
    card.status = Status::removed;
    if (event.payment_method) card.payment_method = event.payment_method;
    card.action.reset();
}

void apply(Card& card, const CardUpdated& event) {
    card.status = Status::attached;
    card.face = event.face;
    card.expires = event.expires;
}

void apply(Card& card, const CardExpired&) { card.status = Status::expired; }

} // namespace

int rank(CardStatus status) {
    switch (status) {
    case Status::none: return 0;
    case Status::setup_started: return 1;
    case Status::action_required: return 2;
    case Status::setup_failed: return 3;
    case Status::attached:
    case Status::expired: return 4;
    case Status::removed: return 5;
    }
    return 0;
}

Time end_of(const CardFace& face) {
    using namespace std::chrono;
    const auto last =
        year_month{year{static_cast<int>(face.expiry_year)}, month{face.expiry_month}};
    const auto end = sys_days{(last + months{1}) / day{1}}.time_since_epoch();
    return {duration_cast<milliseconds>(end).count()};
}

CardDecision decide(const Card& card, const CardCommand& command, Time now) {
    if (!exists(card) && !std::holds_alternative<StartCardSetup>(command))
        return Rejection::not_found;
    return std::visit([&](const auto& one) { return handle(card, one, now); }, command);
}

Card evolve(Card card, const CardEvent& event) {
    std::visit([&](const auto& one) { apply(card, one); }, event);
    return card;
}

} // namespace domain
