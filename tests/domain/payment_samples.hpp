// Payments by name: what had happened to each.

#pragma once

#include "domain/payment.hpp"
#include "tests/support/given.hpp"

namespace domain {

using tests::given;
using tests::some_time;
using History = std::vector<PaymentEvent>;
using Rejection = PaymentRejection;

constexpr Money usd(std::int64_t cents) { return {cents, Currency::usd}; }
constexpr Money eur(std::int64_t cents) { return {cents, Currency::eur}; }
constexpr Time later(std::int64_t hours) { return {some_time.milliseconds + hours * 3'600'000}; }

inline const AccountId payer{"user-a"};
inline const CardId first_card{"pm_1"}, second_card{"pm_2"};
inline const DisputeId dispute{"du_1"}, other_dispute{"du_2"};
inline const std::string intent = "pi_1";

inline History operator+(History history, const PaymentEvent& event) {
    history.push_back(event);
    return history;
}

inline PaymentEvent attempt(std::uint32_t number, const CardId& card) {
    return PaymentRequested{payer, usd(1000), number, card, "invoice 7", {}};
}
inline PaymentEvent refund_requested(std::uint32_t number, std::int64_t cents) {
    return RefundRequested{number, usd(cents), "goodwill"};
}
inline PaymentEvent refund_succeeded(std::uint32_t number, std::int64_t cents) {
    return RefundSucceeded{number, usd(cents)};
}

inline const History requested{attempt(1, first_card)};
inline const History unknown = requested + PaymentOutcomeUnknown{1, intent};
inline const History action_required =
    requested + PaymentActionRequired{1, intent, "redirect_to_url"};
inline const History declined = requested + PaymentDeclined{1, intent, "insufficient_funds", {}};
inline const History retried = declined + attempt(2, second_card);
inline const History held = requested + PaymentHeld{usd(1000), 1, intent, later(168)};
inline const History capturing = held + CaptureRequested{1, usd(1000)};
inline const History capture_failed = capturing + CaptureFailed{1, usd(1000), "processing_error"};
inline const History captured = capturing + PaymentCaptured{usd(1000), 1, intent};
inline const History captured_in_part =
    held + CaptureRequested{1, usd(600)} + PaymentCaptured{usd(600), 1, intent};
inline const History voided = held + PaymentVoided{"not delivered"};
inline const History hold_expired = held + HoldExpired{usd(1000)};
inline const History refunding = captured + refund_requested(1, 400);
inline const History partly_refunded = refunding + refund_succeeded(1, 400);
inline const History refunded =
    partly_refunded + refund_requested(2, 600) + refund_succeeded(2, 600);
inline const History disputed =
    captured + DisputeOpened{dispute, usd(1000), "fraudulent", later(24), payer};
inline const History accepted = disputed + DisputeAccepted{dispute};
inline const History won = disputed + DisputeWon{dispute, usd(1000), payer};
inline const History lost = disputed + DisputeLost{dispute, usd(1000), payer};

} // namespace domain
