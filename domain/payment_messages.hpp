// What can be asked of a payment, what can happen to it, and why it is refused. Stored names are
// never renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace domain {

// Commands of people and policies.

struct RequestPayment {
    static constexpr std::string_view type = "payment.request";
    AccountId payer;
    Money amount;
    std::optional<CardId> card;           // Absent: the payer's default card.
    std::optional<std::string> reference; // What is paid for, in the asker's words.
    std::optional<bool> charge_first;     // Charge at once, without a hold.
    // A payment up to this that the card's network warns of is given back; absent: none is.
    std::optional<Money> fraud_refund_limit = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(RequestPayment, (),
                      (payer, amount, card, reference, charge_first, fraud_refund_limit))

// Tries the same payment again, with another card. A timer's retry names the attempt that failed,
// and no card: it is the same one again, and nothing happens when that attempt is not the latest.
struct ConfirmPayment {
    static constexpr std::string_view type = "payment.confirm";
    CardId card;
    std::optional<std::uint32_t> after_attempt = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(ConfirmPayment, (), (card, after_attempt))

// Card networks let a hold be captured once: what a capture in part leaves is released.
struct CapturePayment {
    static constexpr std::string_view type = "payment.capture";
    std::optional<Money> amount; // Absent: all that is held.
};
BOOST_DESCRIBE_STRUCT(CapturePayment, (), (amount))

struct VoidPayment {
    static constexpr std::string_view type = "payment.void";
    std::optional<std::string> reason;
    // Only while this attempt waits for its payer: it is the latest, and failed or needs an action.
    std::optional<std::uint32_t> after_attempt = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(VoidPayment, (), (reason, after_attempt))

struct RequestRefund {
    static constexpr std::string_view type = "payment.refund";
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RequestRefund, (), (amount, reason))

struct SubmitEvidence {
    static constexpr std::string_view type = "payment.submit_evidence";
    std::string document; // Where the evidence is kept: it is personal, and never in the log.
};
BOOST_DESCRIBE_STRUCT(SubmitEvidence, (), (document))

struct AcceptDispute {
    static constexpr std::string_view type = "payment.accept_dispute";
};
BOOST_DESCRIBE_STRUCT(AcceptDispute, (), ())

// Commands of services: what the outside concluded. Repeating one changes nothing.

// `charged`: held and captured in one, as cards without holds do.
enum class PaymentOutcome { held, action_required, declined, unknown, charged };
BOOST_DESCRIBE_ENUM(PaymentOutcome, held, action_required, declined, unknown, charged)

struct RecordPaymentOutcome {
    static constexpr std::string_view type = "payment.record_outcome";
    PaymentOutcome outcome = PaymentOutcome::unknown;
    std::optional<std::uint32_t> attempt;          // Absent: the latest.
    std::optional<std::string> provider_reference; // The provider's intent: one per payment.
    std::optional<Money> amount;                   // Held or charged; absent: all.
    std::optional<Time> capture_before;            // When the hold ends; absent: not told.
    std::optional<std::string> reason;             // Why declined, in the provider's code.
    std::optional<std::string> advice;             // "do_not_try_again", "try_again_later", ...
    std::optional<std::string> action;             // "redirect_to_url", "use_stripe_sdk", ...
};
BOOST_DESCRIBE_STRUCT(RecordPaymentOutcome, (),
                      (outcome, attempt, provider_reference, amount, capture_before, reason, advice,
                       action))

enum class CaptureOutcome { captured, failed };
BOOST_DESCRIBE_ENUM(CaptureOutcome, captured, failed)

struct RecordCaptureOutcome {
    static constexpr std::string_view type = "payment.record_capture_outcome";
    CaptureOutcome outcome = CaptureOutcome::failed;
    std::optional<std::uint32_t> capture; // Number in CaptureRequested; absent: the latest.
    std::optional<Money> amount;          // Absent: as requested.
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RecordCaptureOutcome, (), (outcome, capture, amount, reason))

// The hold is over: its time ran out, or the provider says so.
struct ExpireHold {
    static constexpr std::string_view type = "payment.expire_hold";
};
BOOST_DESCRIBE_STRUCT(ExpireHold, (), ())

struct RecordCardFee {
    static constexpr std::string_view type = "payment.record_card_fee";
    Money fee; // May be in the currency the provider settles in.
};
BOOST_DESCRIBE_STRUCT(RecordCardFee, (), (fee))

enum class RefundOutcome { pending, succeeded, failed };
BOOST_DESCRIBE_ENUM(RefundOutcome, pending, succeeded, failed)

struct RecordRefundOutcome {
    static constexpr std::string_view type = "payment.record_refund_outcome";
    std::uint32_t refund = 0; // Number in RefundRequested.
    RefundOutcome outcome = RefundOutcome::pending;
    std::optional<std::string> reason; // Why it failed or waits.
};
BOOST_DESCRIBE_STRUCT(RecordRefundOutcome, (), (refund, outcome, reason))

struct RecordDispute {
    static constexpr std::string_view type = "payment.record_dispute";
    DisputeId dispute;
    Money amount;
    std::string reason;
    std::optional<Time> evidence_due;
};
BOOST_DESCRIBE_STRUCT(RecordDispute, (), (dispute, amount, reason, evidence_due))

enum class DisputeOutcome { won, lost };
BOOST_DESCRIBE_ENUM(DisputeOutcome, won, lost)

struct RecordDisputeOutcome {
    static constexpr std::string_view type = "payment.record_dispute_outcome";
    DisputeId dispute;
    DisputeOutcome outcome = DisputeOutcome::won;
};
BOOST_DESCRIBE_STRUCT(RecordDisputeOutcome, (), (dispute, outcome))

struct RecordFraudWarning {
    static constexpr std::string_view type = "payment.record_fraud_warning";
    WarningId warning;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(RecordFraudWarning, (), (warning, reason))

using PaymentCommand =
    std::variant<RequestPayment, RecordPaymentOutcome, ConfirmPayment, CapturePayment,
                 RecordCaptureOutcome, VoidPayment, ExpireHold, RecordCardFee, RequestRefund,
                 RecordRefundOutcome, RecordDispute, SubmitEvidence, AcceptDispute,
                 RecordDisputeOutcome, RecordFraudWarning>;

// Events.

// Asks the provider to confirm the payment's one intent with this card. The first attempt makes
// the intent.
struct PaymentRequested {
    static constexpr std::string_view type = "payment.requested";
    AccountId payer;
    Money amount;
    std::uint32_t attempt = 0; // 1, 2, 3 ...
    std::optional<CardId> card;
    std::optional<std::string> reference;
    std::optional<bool> charge_first;
    std::optional<Money> fraud_refund_limit = std::nullopt;
    std::optional<bool> retry = std::nullopt; // A timer's, with the card of the attempt before.
};
BOOST_DESCRIBE_STRUCT(PaymentRequested, (),
                      (payer, amount, attempt, card, reference, charge_first, fraud_refund_limit,
                       retry))

struct PaymentHeld {
    static constexpr std::string_view type = "payment.held";
    Money amount;
    std::uint32_t attempt = 0;
    std::optional<std::string> provider_reference;
    std::optional<Time> capture_before;
};
BOOST_DESCRIBE_STRUCT(PaymentHeld, (), (amount, attempt, provider_reference, capture_before))

struct PaymentActionRequired {
    static constexpr std::string_view type = "payment.action_required";
    std::uint32_t attempt = 0;
    std::optional<std::string> provider_reference;
    std::optional<std::string> action;
};
BOOST_DESCRIBE_STRUCT(PaymentActionRequired, (), (attempt, provider_reference, action))

struct PaymentDeclined {
    static constexpr std::string_view type = "payment.declined";
    std::uint32_t attempt = 0;
    std::optional<std::string> provider_reference;
    std::optional<std::string> reason;
    std::optional<std::string> advice;
};
BOOST_DESCRIBE_STRUCT(PaymentDeclined, (), (attempt, provider_reference, reason, advice))

// Asks to look the intent up at the provider until the outcome is clear.
struct PaymentOutcomeUnknown {
    static constexpr std::string_view type = "payment.outcome_unknown";
    std::uint32_t attempt = 0;
    std::optional<std::string> provider_reference;
};
BOOST_DESCRIBE_STRUCT(PaymentOutcomeUnknown, (), (attempt, provider_reference))

// Asks the provider to capture.
struct CaptureRequested {
    static constexpr std::string_view type = "payment.capture_requested";
    std::uint32_t capture = 0; // 1, 2, 3 ...: a failed one may be followed by another.
    Money amount;
};
BOOST_DESCRIBE_STRUCT(CaptureRequested, (), (capture, amount))

struct PaymentCaptured {
    static constexpr std::string_view type = "payment.captured";
    Money amount;
    std::optional<std::uint32_t> capture; // Absent: charged without a request of ours.
    std::optional<std::string> provider_reference;
};
BOOST_DESCRIBE_STRUCT(PaymentCaptured, (), (amount, capture, provider_reference))

struct CaptureFailed {
    static constexpr std::string_view type = "payment.capture_failed";
    std::uint32_t capture = 0;
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(CaptureFailed, (), (capture, amount, reason))

// Asks the provider to cancel the intent, which releases what it holds.
struct PaymentVoided {
    static constexpr std::string_view type = "payment.voided";
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(PaymentVoided, (), (reason))

struct HoldExpired {
    static constexpr std::string_view type = "payment.hold_expired";
    Money amount; // What was held.
};
BOOST_DESCRIBE_STRUCT(HoldExpired, (), (amount))

struct CardFeeRecorded {
    static constexpr std::string_view type = "payment.card_fee_recorded";
    Money fee;
};
BOOST_DESCRIBE_STRUCT(CardFeeRecorded, (), (fee))

// Asks the provider to give the amount back.
struct RefundRequested {
    static constexpr std::string_view type = "payment.refund_requested";
    std::uint32_t refund = 0; // 1, 2, 3 ...
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RefundRequested, (), (refund, amount, reason))

struct RefundSucceeded {
    static constexpr std::string_view type = "payment.refund_succeeded";
    std::uint32_t refund = 0;
    Money amount;
};
BOOST_DESCRIBE_STRUCT(RefundSucceeded, (), (refund, amount))

struct RefundPending {
    static constexpr std::string_view type = "payment.refund_pending";
    std::uint32_t refund = 0;
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RefundPending, (), (refund, amount, reason))

// A refund may fail after it had succeeded: then the money came back to us.
struct RefundFailed {
    static constexpr std::string_view type = "payment.refund_failed";
    std::uint32_t refund = 0;
    Money amount;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RefundFailed, (), (refund, amount, reason))

struct DisputeOpened {
    static constexpr std::string_view type = "payment.dispute_opened";
    DisputeId dispute;
    Money amount;
    std::string reason;
    std::optional<Time> evidence_due;
    std::optional<AccountId> payer = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(DisputeOpened, (), (dispute, amount, reason, evidence_due, payer))

// Asks the provider to take the evidence.
struct EvidenceSubmitted {
    static constexpr std::string_view type = "payment.evidence_submitted";
    DisputeId dispute;
    std::string document;
};
BOOST_DESCRIBE_STRUCT(EvidenceSubmitted, (), (dispute, document))

// Asks the provider to close the dispute as lost.
struct DisputeAccepted {
    static constexpr std::string_view type = "payment.dispute_accepted";
    DisputeId dispute;
};
BOOST_DESCRIBE_STRUCT(DisputeAccepted, (), (dispute))

struct DisputeWon {
    static constexpr std::string_view type = "payment.dispute_won";
    DisputeId dispute;
    Money amount;
    std::optional<AccountId> payer = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(DisputeWon, (), (dispute, amount, payer))

struct DisputeLost {
    static constexpr std::string_view type = "payment.dispute_lost";
    DisputeId dispute;
    Money amount;
    std::optional<AccountId> payer = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(DisputeLost, (), (dispute, amount, payer))

struct FraudWarningReceived {
    static constexpr std::string_view type = "payment.fraud_warning_received";
    WarningId warning;
    std::string reason;
    std::optional<Money> refund = std::nullopt; // To be given back before it is disputed.
};
BOOST_DESCRIBE_STRUCT(FraudWarningReceived, (), (warning, reason, refund))

using PaymentEvent =
    std::variant<PaymentRequested, PaymentHeld, PaymentActionRequired, PaymentDeclined,
                 PaymentOutcomeUnknown, CaptureRequested, PaymentCaptured, CaptureFailed,
                 PaymentVoided, HoldExpired, CardFeeRecorded, RefundRequested, RefundSucceeded,
                 RefundPending, RefundFailed, DisputeOpened, EvidenceSubmitted, DisputeAccepted,
                 DisputeWon, DisputeLost, FraudWarningReceived>;

// Clients see the name. Each says what would have to be otherwise.
enum class PaymentRejection {
    not_found,         // Never requested.
    already_requested, // A payment is requested once; another attempt is confirmed.
    payer_missing,
    card_missing,
    amount_zero, // Not above zero; a fee: below zero.
    wrong_currency,
    attempts_exhausted,
    payment_settled, // Held or past it: no other card is tried.
    outcome_pending, // The last attempt is not concluded: no other card is tried.
    attempt_unknown, // No such attempt yet.
    outcome_older_than_state,
    intent_differs, // Another provider reference than the payment's.
    amount_exceeds_payment,
    not_held,
    hold_too_old,
    amount_exceeds_hold,
    capture_pending,
    already_captured,
    capture_unknown, // No such capture was requested.
    not_captured,
    fee_differs, // Another fee was recorded.
    refund_exceeds_payment,
    too_many_refunds,
    payment_disputed,
    refund_unknown,
    not_disputed,
    dispute_differs, // The payment has, or had, another dispute.
    dispute_exceeds_payment,
    dispute_accepted,
    evidence_missing,
    past_due,
};
BOOST_DESCRIBE_ENUM(PaymentRejection, not_found, already_requested, payer_missing, card_missing,
                    amount_zero, wrong_currency, attempts_exhausted, payment_settled,
                    outcome_pending, attempt_unknown, outcome_older_than_state, intent_differs,
                    amount_exceeds_payment, not_held, hold_too_old, amount_exceeds_hold,
                    capture_pending, already_captured, capture_unknown, not_captured, fee_differs,
                    refund_exceeds_payment, too_many_refunds, payment_disputed, refund_unknown,
                    not_disputed, dispute_differs, dispute_exceeds_payment, dispute_accepted,
                    evidence_missing, past_due)

} // namespace domain
