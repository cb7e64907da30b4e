// What an answer means to the effect that asked; internal to translate.cpp.

#pragma once

#include "gateways/stripe/objects.hpp"
#include "gateways/stripe/translate.hpp"

namespace gateways::stripe {

// Later, with the same key; or for an operator, when that has gone on for too long.
Verdict again(const Standing& standing, milliseconds after);

Verdict card_missing(const Effect& effect, const domain::PaymentRequested& event);

// `body` of a 2xx.
Verdict concluded(const Effect& effect, const Step& step, const json::object& body,
                  const Standing& standing);
// A 4xx that is about what was asked. Nothing: it cannot be explained by anything but a mistake of
// ours.
std::optional<Verdict> refused(const Effect& effect, const Step& step, unsigned status,
                               const Problem& problem, const json::object& error,
                               const Standing& standing);
// An error was stored under the key, and will be repeated: only looking helps.
Verdict look_after_error(const Effect& effect, const Step& step, const Standing& standing);

} // namespace gateways::stripe
