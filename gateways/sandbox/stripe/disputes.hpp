// What a bank takes back.

#pragma once

#include "gateways/sandbox/stripe/account.hpp"

namespace gateways::sandbox::stripe {

// Of what was captured and not refunded. An inquiry moves no money.
Dispute& open_dispute(Account& account, Charge& charge, std::string_view reason, bool inquiry);

// Ends one that is not decided yet: won, lost or warning_closed.
void decide_dispute(Account& account, Dispute& dispute, DisputeStatus outcome);

// An inquiry becomes a dispute.
void escalate(Account& account, Dispute& dispute);

bool is_open(const Dispute& dispute);
bool is_inquiry(const Dispute& dispute); // As long as no money moved.

FraudWarning& warn_of_fraud(Account& account, const Charge& charge);

} // namespace gateways::sandbox::stripe
