// What Stripe keeps, as far as the marketplace uses it. Times are Unix seconds, amounts the
// currency's smallest unit.

#pragma once

#include "gateways/sandbox/stripe/test_cards.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateways::sandbox::stripe {

using Metadata = std::map<std::string, std::string>;
using Seconds = std::int64_t;
using Amount = std::int64_t;

struct Customer {
    std::string id;
    Seconds created = 0;
    bool deleted = false;
    // Optional texts of Stripe are null when empty.
    std::string email, name, phone, description, default_payment_method;
    boost::json::object address; // Empty: null.
    boost::json::array preferred_locales;
    Metadata metadata;
};

struct PaymentMethod {
    std::string id;
    Seconds created = 0;
    TestCard card;
    unsigned exp_month = 0, exp_year = 0;
    std::string customer;  // Empty: not attached.
    bool detached = false; // Was attached; it cannot be used again.
    bool used = false;     // Paid without being attached; neither.
    bool set_up_for_off_session = false;
    boost::json::object billing_details;
    Metadata metadata;
};

// Why a card did not pay. The code is empty when there is no problem.
struct CardProblem {
    std::string code, decline_code, message;
    std::string advice_code;    // Empty: none.
    std::string charge;         // The failed one; empty for a setup.
    boost::json::object method; // The payment method as it was.

    explicit operator bool() const { return !code.empty(); }
};

enum class IntentStatus {
    requires_payment_method,
    requires_confirmation,
    requires_action,
    requires_capture,
    succeeded,
    canceled,
};

// Where the payer is sent for 3-D Secure.
struct NextAction {
    bool pending = false;
    std::string return_url; // Empty: the browser's library handles it.
};

// How methods are chosen; both payment and setup intents have it.
struct AllowedMethods {
    bool automatic = true;
    bool redirects = true;          // automatic_payment_methods[allow_redirects] is "always".
    std::vector<std::string> types; // allowed_payment_method_types; empty: any.
};

struct SetupIntent {
    std::string id, client_secret;
    Seconds created = 0;
    IntentStatus status = IntentStatus::requires_payment_method;
    std::string customer, payment_method, description, latest_attempt;
    std::string usage = "off_session";
    std::string cancellation_reason;
    AllowedMethods methods;
    NextAction next_action;
    CardProblem last_error;
    boost::json::object method_options; // payment_method_options
    Metadata metadata;
};

enum class CaptureMethod { automatic, automatic_async, manual };

struct PaymentIntent {
    std::string id, client_secret;
    Seconds created = 0, canceled_at = 0;
    IntentStatus status = IntentStatus::requires_payment_method;
    Amount amount = 0, amount_capturable = 0, amount_received = 0;
    std::string currency;
    CaptureMethod capture_method = CaptureMethod::automatic_async;
    std::string customer, payment_method, latest_charge;
    std::string setup_future_usage, cancellation_reason;
    std::string description, receipt_email, statement_suffix, transfer_group;
    AllowedMethods methods;
    NextAction next_action;
    bool off_session = false; // The last confirm's; told to the charge.
    CardProblem last_error;
    boost::json::object method_options;
    Metadata metadata;
};

enum class ChargeStatus { succeeded, failed };

struct Charge {
    std::string id;
    Seconds created = 0;
    ChargeStatus status = ChargeStatus::succeeded;
    Amount amount = 0, amount_captured = 0, amount_refunded = 0;
    std::string currency, customer, payment_intent, payment_method;
    std::string balance_transaction; // Empty: not yet known, or nothing was captured.
    std::string dispute;             // The latest; empty: never disputed.
    std::string description, receipt_email, statement_suffix, transfer_group;
    bool captured = false, expired = false, blocked = false;
    Seconds capture_before = 0; // Of a hold.
    CardProblem problem;
    bool authenticated = false; // By 3-D Secure.
    TestCard card;
    unsigned exp_month = 0, exp_year = 0;
    boost::json::object billing_details;
    Metadata metadata;
};

enum class RefundStatus { pending, succeeded, failed, canceled };

struct Refund {
    std::string id;
    Seconds created = 0;
    RefundStatus status = RefundStatus::succeeded;
    Amount amount = 0;
    std::string currency, charge, payment_intent, reason;
    std::string balance_transaction, failure_balance_transaction, failure_reason;
    Metadata metadata;
};

enum class DisputeStatus {
    warning_needs_response,
    warning_under_review,
    warning_closed,
    needs_response,
    under_review,
    won,
    lost,
};

struct Dispute {
    std::string id;
    Seconds created = 0, due_by = 0;
    DisputeStatus status = DisputeStatus::needs_response;
    Amount amount = 0;
    std::string currency, charge, payment_intent, reason;
    std::vector<std::string> balance_transactions; // Withdrawal, and maybe reinstatement.
    unsigned submissions = 0;
    std::map<std::string, std::string> evidence;
    Metadata metadata;
};

// One line of the account's books.
struct BalanceTransaction {
    std::string id;
    Seconds created = 0, available_on = 0;
    Amount amount = 0, fee = 0;
    std::string currency, type, reporting_category, source, description;

    Amount net() const { return amount - fee; }
};

struct FraudWarning {
    std::string id;
    Seconds created = 0;
    std::string charge, payment_intent;
};

struct Event {
    std::string id, type;
    Seconds created = 0;
    std::string body; // As it is delivered.
};

} // namespace gateways::sandbox::stripe
