// A payment: what a payer owes once, held on a card, captured, and perhaps given back.
//
//     requested --> held --> captured --> partly_refunded --> refunded
//        ^  \--> action_required, unknown --> held | declined
//        '------ declined, action_required (another card: a new attempt)
//     all before captured --> voided; held --> hold_expired
//
// A dispute goes its own way beside that: none --> open --> won | lost. The stream names the
// payment, so neither commands nor events repeat its id. The provider is never called here: an
// intent is an event, and what came of it arrives as a Record... command.

#pragma once

#include "domain/payment_messages.hpp"
#include "domain/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

// How often a payer may try cards for one payment, and how often timers may try again. What timers
// did does not keep the payer from paying.
inline constexpr std::uint32_t payment_attempts_max = 3;
inline constexpr std::uint32_t payment_retries_max = 3;
// Failed ones count too: they stay visible.
inline constexpr std::size_t payment_refunds_max = 100;
// A capture may need retries, so it is not begun this shortly before the hold ends.
inline constexpr std::chrono::milliseconds capture_margin = std::chrono::hours{12};

// `none`: never requested.
enum class PaymentStatus {
    none,
    requested,
    unknown,
    action_required,
    declined,
    held,
    hold_expired,
    voided,
    captured,
    partly_refunded,
    refunded,
};
BOOST_DESCRIBE_ENUM(PaymentStatus, none, requested, unknown, action_required, declined, held,
                    hold_expired, voided, captured, partly_refunded, refunded)

// How much a status settles. What arrives late never takes a payment to a lower rank; only a new
// attempt begins again. How far a captured payment was refunded is a matter of amounts, and a
// refund may fail after it had succeeded, so those three share a rank.
int rank(PaymentStatus status);

enum class RefundStatus { requested, pending, succeeded, failed };
BOOST_DESCRIBE_ENUM(RefundStatus, requested, pending, succeeded, failed)

struct PaymentRefund {
    std::uint32_t number = 0; // 1, 2, 3 ... within the payment.
    Money amount;
    RefundStatus status = RefundStatus::requested;
    std::optional<std::string> reason; // Why it failed.
};
BOOST_DESCRIBE_STRUCT(PaymentRefund, (), (number, amount, status, reason))

enum class DisputeStatus { open, accepted, won, lost };
BOOST_DESCRIBE_ENUM(DisputeStatus, open, accepted, won, lost)

struct PaymentDispute {
    DisputeId id;
    Money amount;
    std::string reason;
    DisputeStatus status = DisputeStatus::open;
    std::optional<Time> evidence_due;
    std::uint32_t evidence = 0; // How often it was submitted.
};
BOOST_DESCRIBE_STRUCT(PaymentDispute, (), (id, amount, reason, status, evidence_due, evidence))

struct PendingCapture {
    std::uint32_t number = 0;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(PendingCapture, (), (number, amount))

// The state: what clients see, and all that deciding needs. All amounts but the card's fee are in
// the currency of `amount`, and held >= captured >= refunded + lost.
struct Payment {
    static constexpr std::string_view name = "payment";
    using Command = PaymentCommand;
    using Event = PaymentEvent;
    using Rejection = PaymentRejection;

    PaymentStatus status = PaymentStatus::none;
    AccountId payer;
    Money amount;
    Money held;
    Money captured;
    Money refunded;        // Succeeded refunds.
    Money refunds_pending; // Asked for, not concluded.
    Money lost;            // Taken back by a lost dispute.
    std::uint32_t attempt = 0;
    std::uint32_t retries = 0;  // Of the attempts, those of timers.
    std::uint32_t captures = 0; // Asked for so far.
    std::optional<CardId> card;
    std::optional<std::string> reference;
    std::optional<bool> charge_first;
    std::optional<Money> fraud_refund_limit;
    std::optional<std::string> provider_reference;
    std::optional<std::string> reason; // Why it was declined, voided, or the capture failed.
    std::optional<std::string> action; // What the payer has to do, in the provider's word.
    std::optional<Time> capture_before;
    std::optional<PendingCapture> capture_pending;
    std::optional<Money> card_fee;
    std::vector<PaymentRefund> refunds;
    std::optional<PaymentDispute> dispute;
    std::optional<WarningId> fraud_warning; // The latest.
};
BOOST_DESCRIBE_STRUCT(Payment, (),
                      (status, payer, amount, held, captured, refunded, refunds_pending, lost,
                       attempt, retries, captures, card, reference, charge_first,
                       fraud_refund_limit, provider_reference, reason, action, capture_before,
                       capture_pending, card_fee, refunds, dispute, fraud_warning))

inline bool exists(const Payment& payment) { return payment.status != PaymentStatus::none; }

// No events: accepted, and nothing changes.
using PaymentDecision = Result<std::vector<PaymentEvent>, PaymentRejection>;

PaymentDecision decide(const Payment& payment, const PaymentCommand& command, Time now);
Payment evolve(Payment payment, const PaymentEvent& event);
// The same, in place.
void change(Payment& payment, const PaymentEvent& event);

// Who pays it.
inline std::string_view owner(const Payment& payment) { return payment.payer.value; }

} // namespace domain
