// What the outside concluded, as commands for the aggregates it concerns.

#pragma once

#include "domain/card_messages.hpp"
#include "domain/inbound_event_messages.hpp"
#include "domain/payment_messages.hpp"

#include <string>
#include <variant>
#include <vector>

namespace gateways::stripe {

struct Directive {
    std::string stream; // "payment-p1"
    std::variant<domain::PaymentCommand, domain::CardCommand, domain::InboundEventCommand> command;
};
using Directives = std::vector<Directive>;

std::string payment_stream(const domain::PaymentId& payment);
std::string card_stream(const domain::StoredCardId& card);
std::string message_stream(const std::string& event_id);

} // namespace gateways::stripe
