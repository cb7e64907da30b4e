// The requests, one function each.

#pragma once

#include "gateways/stripe/translate.hpp"

namespace gateways::stripe {

// With the card, in the currency of `requested`, which cards can pay. Without an intent it makes
// the payment's one intent.
Step confirm(const Effect& effect, const domain::PaymentRequested& requested,
             const domain::CardId& card);
Step capture(const Effect& effect, const domain::CaptureRequested& requested);
Step cancel(const Effect& effect);
Step refund(const Effect& effect, const domain::RefundRequested& requested);
Step accept_dispute(const Effect& effect, const domain::DisputeAccepted& accepted);
Step submit_evidence(const Effect& effect, const domain::EvidenceSubmitted& submitted);

Step make_customer(const domain::CardSetupStarted& started);
Step set_up_card(const Effect& effect, const std::string& customer);
Step cancel_setup(const Effect& effect, const std::string& setup);
Step detach_card(const Effect& effect, const std::string& payment_method);

Step find_intent(const Effect& effect);
Step read_intent(const std::string& intent);
Step read_refunds(const std::string& intent);
Step read_dispute(const std::string& dispute);
Step read_setup(const std::string& setup);
Step find_setup(const std::string& payment_method);
Step read_fee(const std::string& balance_transaction);

} // namespace gateways::stripe
