// A card that an account keeps with the payment provider, for one dashboard.
//
//     setup_started --> action_required --> attached <--> expired
//          \------------------\--> setup_failed   (a later try of the same setup may attach it)
//     all of them --> removed
//
// Which card is the default is known to the account, because it is one for each dashboard; a card
// only says that it was chosen. A removed card is never attached again: what comes too late is
// detached.

#pragma once

#include "domain/card_messages.hpp"
#include "domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// `none`: its setup was never started.
enum class CardStatus {
    none,
    setup_started,
    action_required,
    setup_failed,
    attached,
    expired,
    removed
};
BOOST_DESCRIBE_ENUM(CardStatus, none, setup_started, action_required, setup_failed, attached,
                    expired, removed)

// How much a status settles. What arrives late never takes a card to a lower rank.
int rank(CardStatus status);

struct Card {
    static constexpr std::string_view name = "card";
    using Command = CardCommand;
    using Event = CardEvent;
    using Rejection = CardRejection;

    CardStatus status = CardStatus::none;
    AccountId account;
    DashboardId dashboard;
    std::optional<std::string> customer;
    std::optional<bool> make_default;
    std::optional<std::string> provider_reference;
    std::optional<CardId> payment_method;
    std::optional<CardFace> face;
    std::optional<Time> expires;
    std::optional<std::string> reason; // Why the setup failed.
    std::optional<std::string> action; // What the holder has to do, in the provider's word.
};
BOOST_DESCRIBE_STRUCT(Card, (),
                      (status, account, dashboard, customer, make_default, provider_reference,
                       payment_method, face, expires, reason, action))

inline bool exists(const Card& card) { return card.status != CardStatus::none; }

// The first moment at which the card is not good any more: a card is good through its last month.
Time end_of(const CardFace& face);

// No events: accepted, and nothing changes.
using CardDecision = Result<std::vector<CardEvent>, CardRejection>;

CardDecision decide(const Card& card, const CardCommand& command, Time now);
Card evolve(Card card, const CardEvent& event);

// Whose it is.
inline std::string_view owner(const Card& card) { return card.account.value; }

} // namespace domain
