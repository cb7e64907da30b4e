// What an object at Stripe, seen after its change did not conclude, or before it is tried, means to
// the effect; internal to answers.cpp.

#pragma once

#include "gateways/stripe/answers.hpp"

namespace gateways::stripe {

// The reason when the change met an error that says nothing.
inline constexpr std::string_view provider_error = "provider_error";

Directive payment_outcome_unknown(const Effect& effect, std::uint32_t attempt,
                                  std::optional<std::string> intent);
Directive capture_outcome(const Effect& effect, const domain::CaptureRequested& event,
                          domain::CaptureOutcome outcome, std::optional<domain::Money> amount,
                          std::optional<std::string> reason);
Directive refund_failed(const Effect& effect, const domain::RefundRequested& event,
                        std::string reason);

// The payment's intent.
Verdict seen_intent(const Effect& effect, const Step& step, const json::object& intent,
                    const Standing& standing);
// What a search found.
Verdict seen_search(const Effect& effect, const Step& step, const json::object& list,
                    const Standing& standing);
Verdict seen_refunds(const Effect& effect, const Step& step, const json::object& list,
                     const Standing& standing);
Verdict seen_dispute(const Effect& effect, const Step& step, const json::object& dispute,
                     const Standing& standing);

} // namespace gateways::stripe
