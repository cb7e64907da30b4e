// What can be asked of a card, what can happen to it, and why it is refused. A card's number comes
// nowhere near: people type it into the payment provider's own form. Stored names are never
// renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/stored_card.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace domain {

// Commands.

struct StartCardSetup {
    static constexpr std::string_view type = "card.start_setup";
    AccountId account;
    DashboardId dashboard;
    std::optional<std::string> customer; // The provider's name of the holder; absent: to be made.
    std::optional<bool> make_default;    // Once it is attached.
    // Filled in by the door.
    std::uint32_t cards = 0; // Which the account has at the dashboard.
    bool spending_suspended = false;
};
BOOST_DESCRIBE_STRUCT(StartCardSetup, (),
                      (account, dashboard, customer, make_default, cards, spending_suspended))

enum class CardSetupOutcome { action_required, failed, attached };
BOOST_DESCRIBE_ENUM(CardSetupOutcome, action_required, failed, attached)

struct RecordCardSetupOutcome {
    static constexpr std::string_view type = "card.record_setup_outcome";
    CardSetupOutcome outcome = CardSetupOutcome::failed;
    std::optional<std::string> provider_reference; // The provider's setup intent.
    std::optional<CardId> payment_method;          // When attached.
    std::optional<std::string> customer;
    std::optional<CardFace> face;
    std::optional<std::string> reason; // Why it failed, in the provider's code.
    std::optional<std::string> action; // "redirect_to_url", "use_stripe_sdk", ...
};
BOOST_DESCRIBE_STRUCT(RecordCardSetupOutcome, (),
                      (outcome, provider_reference, payment_method, customer, face, reason, action))

struct MakeCardDefault {
    static constexpr std::string_view type = "card.make_default";
};
BOOST_DESCRIBE_STRUCT(MakeCardDefault, (), ())

struct RemoveCard {
    static constexpr std::string_view type = "card.remove";
    std::uint32_t active_subscriptions = 0; // Which only this card can pay for.
};
BOOST_DESCRIBE_STRUCT(RemoveCard, (), (active_subscriptions))

// What the provider says of the card now, or, without a face, that it is time to look whether it
// has expired.
struct RecordCardUpdate {
    static constexpr std::string_view type = "card.record_update";
    std::optional<CardFace> face;
};
BOOST_DESCRIBE_STRUCT(RecordCardUpdate, (), (face))

using CardCommand = std::variant<StartCardSetup, RecordCardSetupOutcome, MakeCardDefault,
                                 RemoveCard, RecordCardUpdate>;

// Events.

// Asks the provider for a setup intent.
struct CardSetupStarted {
    static constexpr std::string_view type = "card.setup_started";
    AccountId account;
    DashboardId dashboard;
    std::optional<std::string> customer;
    std::optional<bool> make_default;
};
BOOST_DESCRIBE_STRUCT(CardSetupStarted, (), (account, dashboard, customer, make_default))

struct CardSetupActionRequired {
    static constexpr std::string_view type = "card.setup_action_required";
    AccountId account;
    DashboardId dashboard;
    std::optional<std::string> provider_reference;
    std::optional<std::string> action;
};
BOOST_DESCRIBE_STRUCT(CardSetupActionRequired, (), (account, dashboard, provider_reference, action))

struct CardSetupFailed {
    static constexpr std::string_view type = "card.setup_failed";
    AccountId account;
    DashboardId dashboard;
    std::optional<std::string> provider_reference;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CardSetupFailed, (), (account, dashboard, provider_reference, reason))

struct CardAttached {
    static constexpr std::string_view type = "card.attached";
    AccountId account;
    DashboardId dashboard;
    CardId payment_method;
    std::string customer;
    CardFace face;
    Time expires; // When its last month is over.
};
BOOST_DESCRIBE_STRUCT(CardAttached, (),
                      (account, dashboard, payment_method, customer, face, expires))

// The account keeps which card that is.
struct DefaultCardChosen {
    static constexpr std::string_view type = "card.default_chosen";
    AccountId account;
    DashboardId dashboard;
    CardId payment_method;
    std::string customer;
};
BOOST_DESCRIBE_STRUCT(DefaultCardChosen, (), (account, dashboard, payment_method, customer))

// Asks the provider to detach it; without a payment method, to cancel the setup.
struct CardRemoved {
    static constexpr std::string_view type = "card.removed";
    AccountId account;
    DashboardId dashboard;
    std::optional<CardId> payment_method;
    std::optional<std::string> provider_reference; // Of the setup.
};
BOOST_DESCRIBE_STRUCT(CardRemoved, (), (account, dashboard, payment_method, provider_reference))

struct CardUpdated {
    static constexpr std::string_view type = "card.updated";
    AccountId account;
    DashboardId dashboard;
    CardFace face;
    Time expires;
};
BOOST_DESCRIBE_STRUCT(CardUpdated, (), (account, dashboard, face, expires))

struct CardExpired {
    static constexpr std::string_view type = "card.expired";
    AccountId account;
    DashboardId dashboard;
    CardFace face;
};
BOOST_DESCRIBE_STRUCT(CardExpired, (), (account, dashboard, face))

using CardEvent =
    std::variant<CardSetupStarted, CardSetupActionRequired, CardSetupFailed, CardAttached,
                 DefaultCardChosen, CardRemoved, CardUpdated, CardExpired>;

// Clients see the name. Each says what would have to be otherwise.
enum class CardRejection {
    not_found,       // Its setup was never started.
    already_started, // A card is set up once.
    account_missing,
    dashboard_missing,
    too_many_cards,
    spending_suspended,
    looks_like_a_card_number, // A text holds what may be a card's number.
    outcome_older_than_state,
    setup_differs,          // Another setup intent than the card's.
    payment_method_missing, // Attached, but as what?
    payment_method_differs,
    card_malformed, // The last four digits, the expiry or the brand.
    card_not_attached,
    needed_for_active_subscription,
};
BOOST_DESCRIBE_ENUM(CardRejection, not_found, already_started, account_missing, dashboard_missing,
                    too_many_cards, spending_suspended, looks_like_a_card_number,
                    outcome_older_than_state, setup_differs, payment_method_missing,
                    payment_method_differs, card_malformed, card_not_attached,
                    needed_for_active_subscription)

} // namespace domain
