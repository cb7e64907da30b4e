#include "gateways/sandbox/stripe/account.hpp"
#include "gateways/sandbox/stripe/render_parts.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

namespace {

json::value seconds_or_null(Seconds seconds) {
    return seconds == 0 ? json::value{} : json::value(seconds);
}

json::object render_outcome(const Charge& charge) {
    const CardProblem& problem = charge.problem;
    const bool paid = charge.status == ChargeStatus::succeeded;
    const std::string_view reason =
        charge.blocked
            ? "highest_risk_level"
            : std::string_view{problem.decline_code.empty() ? problem.code : problem.decline_code};
    return json::object(
        {{"advice_code", text_or_null(problem.advice_code)},
         {"network_advice_code", nullptr},
         {"network_decline_code", nullptr},
         {"network_status", paid             ? "approved_by_network"
                            : charge.blocked ? "not_sent_to_network"
                                             : "declined_by_network"},
         {"reason", paid ? json::value{} : text_or_null(reason)},
         {"risk_level", charge.blocked ? "highest" : "normal"},
         {"risk_score", charge.blocked ? 95 : 20},
         {"seller_message", paid             ? "Payment complete."
                            : charge.blocked ? "Stripe blocked this payment as too risky."
                                             : "The bank did not complete this payment."},
         {"type", paid             ? "authorized"
                  : charge.blocked ? "blocked"
                                   : "issuer_declined"}},
        scratch());
}

json::object render_card_details(const Charge& charge) {
    const TestCard& card = charge.card;
    json::object details(
        {{"amount_authorized",
          charge.status == ChargeStatus::succeeded ? json::value(charge.amount) : json::value{}},
         {"authorization_code", nullptr},
         {"brand", card.brand},
         {"checks",
          {{"address_line1_check", nullptr},
           {"address_postal_code_check", nullptr},
           {"cvc_check", nullptr}}},
         {"country", card.country},
         {"electronic_commerce_indicator", nullptr},
         {"exp_month", charge.exp_month},
         {"exp_year", charge.exp_year},
         {"extended_authorization", {{"status", "disabled"}}},
         {"fingerprint", fingerprint_of(card)},
         {"funding", card.funding},
         {"incremental_authorization", {{"status", "unavailable"}}},
         {"installments", nullptr},
         {"last4", card.last4()},
         {"mandate", nullptr},
         {"multicapture", {{"status", "unavailable"}}},
         {"network", card.brand},
         {"network_token", {{"used", false}}},
         {"network_transaction_id", nullptr},
         {"overcapture", {{"maximum_amount_capturable", charge.amount}, {"status", "unavailable"}}},
         {"regulated_status", "unregulated"},
         {"three_d_secure", nullptr},
         {"transaction_link_id", nullptr},
         {"wallet", nullptr}},
        scratch());
    if (charge.capture_before != 0) details["capture_before"] = charge.capture_before;
    if (charge.authenticated)
        details["three_d_secure"] = {{"authentication_flow", "challenge"},
                                     {"electronic_commerce_indicator", "05"},
                                     {"exemption_indicator", nullptr},
                                     {"result", "authenticated"},
                                     {"result_reason", nullptr},
                                     {"transaction_id", nullptr},
                                     {"version", "2.2.0"}};
    return details;
}

// In Stripe's order.
constexpr std::string_view evidence_texts[]{"access_activity_log",
                                            "billing_address",
                                            "cancellation_policy",
                                            "cancellation_policy_disclosure",
                                            "cancellation_rebuttal",
                                            "customer_communication",
                                            "customer_email_address",
                                            "customer_name",
                                            "customer_purchase_ip",
                                            "customer_signature",
                                            "duplicate_charge_documentation",
                                            "duplicate_charge_explanation",
                                            "duplicate_charge_id",
                                            "product_description",
                                            "receipt",
                                            "refund_policy",
                                            "refund_policy_disclosure",
                                            "refund_refusal_explanation",
                                            "service_date",
                                            "service_documentation",
                                            "shipping_address",
                                            "shipping_carrier",
                                            "shipping_date",
                                            "shipping_documentation",
                                            "shipping_tracking_number",
                                            "uncategorized_file",
                                            "uncategorized_text"};

} // namespace

json::object render(const Charge& charge) {
    const bool paid = charge.status == ChargeStatus::succeeded;
    return json::object(
        {{"id", charge.id},
         {"object", "charge"},
         {"amount", charge.amount},
         {"amount_captured", charge.amount_captured},
         {"amount_refunded", charge.amount_refunded},
         {"application", nullptr},
         {"application_fee", nullptr},
         {"application_fee_amount", nullptr},
         {"balance_transaction", text_or_null(charge.balance_transaction)},
         {"billing_details", render_billing_details(charge.billing_details)},
         {"calculated_statement_descriptor", "SANDBOX"},
         {"captured", charge.captured},
         {"created", charge.created},
         {"currency", charge.currency},
         {"customer", text_or_null(charge.customer)},
         {"description", text_or_null(charge.description)},
         {"disputed", !charge.dispute.empty()},
         {"failure_balance_transaction", nullptr},
         {"failure_code", text_or_null(charge.problem.code)},
         {"failure_message", text_or_null(charge.problem.message)},
         {"fraud_details", json::object{}},
         {"livemode", false},
         {"metadata", render_metadata(charge.metadata)},
         {"on_behalf_of", nullptr},
         {"outcome", render_outcome(charge)},
         {"paid", paid},
         {"payment_intent", text_or_null(charge.payment_intent)},
         {"payment_method", text_or_null(charge.payment_method)},
         {"payment_method_details", {{"card", render_card_details(charge)}, {"type", "card"}}},
         {"radar_options", json::object{}},
         {"receipt_email", text_or_null(charge.receipt_email)},
         {"receipt_number", nullptr},
         {"receipt_url",
          paid ? json::value("https://pay.stripe.com/receipts/" + charge.id) : json::value{}},
         {"refunded", charge.captured && charge.amount_refunded == charge.amount_captured},
         {"review", nullptr},
         {"shipping", nullptr},
         {"source", nullptr},
         {"source_transfer", nullptr},
         {"statement_descriptor", nullptr},
         {"statement_descriptor_suffix", text_or_null(charge.statement_suffix)},
         {"status", paid ? "succeeded" : "failed"},
         {"transfer_data", nullptr},
         {"transfer_group", text_or_null(charge.transfer_group)}},
        scratch());
}

json::object render(const Dispute& dispute, const Account& account) {
    json::array lines(scratch());
    for (const std::string& id : dispute.balance_transactions)
        lines.push_back(render(*account.balance_transactions.find(id), account.now()));
    json::object evidence(scratch());
    for (const std::string_view name : evidence_texts) {
        const auto given = dispute.evidence.find(std::string{name});
        evidence[name] =
            given == dispute.evidence.end() ? json::value{} : json::value(given->second);
    }
    evidence["enhanced_evidence"] = json::object{};
    const Charge& charge = *account.charges.find(dispute.charge);
    const bool refundable = dispute.status == DisputeStatus::warning_needs_response ||
                            dispute.status == DisputeStatus::warning_under_review;
    return json::object(
        {{"id", dispute.id},
         {"object", "dispute"},
         {"amount", dispute.amount},
         {"balance_transactions", std::move(lines)},
         {"charge", dispute.charge},
         {"created", dispute.created},
         {"currency", dispute.currency},
         {"enhanced_eligibility_types", json::array{}},
         {"evidence", std::move(evidence)},
         {"evidence_details",
          {{"due_by", seconds_or_null(dispute.due_by)},
           {"enhanced_eligibility", json::object{}},
           {"has_evidence", !dispute.evidence.empty()},
           {"past_due", dispute.due_by <= account.now()},
           {"submission_count", dispute.submissions},
           {"submission_method", dispute.submissions == 0 ? "not_submitted" : "manual"}}},
         {"intended_submission_method", "manual"},
         {"is_charge_refundable", refundable},
         {"livemode", false},
         {"metadata", render_metadata(dispute.metadata)},
         {"payment_intent", text_or_null(dispute.payment_intent)},
         {"payment_method_details",
          {{"card",
            {{"brand", charge.card.brand},
             {"case_type", refundable ? "inquiry" : "chargeback"},
             {"network", charge.card.brand},
             {"network_reason_code", nullptr}}},
           {"type", "card"}}},
         {"reason", dispute.reason},
         {"status", name_of(dispute.status)}},
        scratch());
}

std::string_view name_of(DisputeStatus status) {
    switch (status) {
    case DisputeStatus::warning_needs_response: return "warning_needs_response";
    case DisputeStatus::warning_under_review: return "warning_under_review";
    case DisputeStatus::warning_closed: return "warning_closed";
    case DisputeStatus::needs_response: return "needs_response";
    case DisputeStatus::under_review: return "under_review";
    case DisputeStatus::won: return "won";
    case DisputeStatus::lost: break;
    }
    return "lost";
}

} // namespace gateways::sandbox::stripe
