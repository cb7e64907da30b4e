#include "gateways/sandbox/stripe/render.hpp"

#include "gateways/sandbox/stripe/render_parts.hpp"

#include <boost/json.hpp>

namespace gateways::sandbox::stripe {

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value{} : json::value(text);
}

json::object render_metadata(const Metadata& metadata) {
    json::object out(scratch());
    for (const auto& [key, value] : metadata)
        out[key] = value;
    return out;
}

json::object render_billing_details(const json::object& given) {
    json::object out({{"address",
                       {{"city", nullptr},
                        {"country", nullptr},
                        {"line1", nullptr},
                        {"line2", nullptr},
                        {"postal_code", nullptr},
                        {"state", nullptr}}},
                      {"email", nullptr},
                      {"name", nullptr},
                      {"phone", nullptr},
                      {"tax_id", nullptr}},
                     scratch());
    for (const auto& field : given) {
        if (field.key() != "address")
            out[field.key()] = field.value();
        else if (const json::object* address = field.value().if_object())
            for (const auto& line : *address)
                out["address"].get_object()[line.key()] = line.value();
    }
    return out;
}

std::string fingerprint_of(const TestCard& card) {
    // The same card has the same one, whoever holds it.
    std::string text{"fp_"};
    text.append(card.number.substr(0, 6)).append("x").append(card.last4());
    return text;
}

json::object render(const Customer& customer) {
    if (customer.deleted)
        return json::object({{"id", customer.id}, {"object", "customer"}, {"deleted", true}},
                            scratch());
    return json::object(
        {{"id", customer.id},
         {"object", "customer"},
         {"address", customer.address.empty() ? json::value{} : json::value(customer.address)},
         {"balance", 0},
         {"created", customer.created},
         {"currency", nullptr},
         {"customer_account", nullptr},
         {"default_source", nullptr},
         {"delinquent", false},
         {"description", text_or_null(customer.description)},
         {"discount", nullptr},
         {"email", text_or_null(customer.email)},
         {"invoice_prefix", customer.id.substr(customer.id.size() - 8)},
         {"invoice_settings",
          {{"custom_fields", nullptr},
           {"default_payment_method", text_or_null(customer.default_payment_method)},
           {"footer", nullptr},
           {"rendering_options", nullptr}}},
         {"livemode", false},
         {"metadata", render_metadata(customer.metadata)},
         {"name", text_or_null(customer.name)},
         {"next_invoice_sequence", 1},
         {"phone", text_or_null(customer.phone)},
         {"preferred_locales", customer.preferred_locales},
         {"shipping", nullptr},
         {"tax_exempt", "none"},
         {"test_clock", nullptr}},
        scratch());
}

json::object render(const PaymentMethod& method) {
    const TestCard& card = method.card;
    return json::object(
        {{"id", method.id},
         {"object", "payment_method"},
         {"allow_redisplay", "unspecified"},
         {"billing_details", render_billing_details(method.billing_details)},
         {"card",
          {{"brand", card.brand},
           {"checks",
            {{"address_line1_check", nullptr},
             {"address_postal_code_check", nullptr},
             {"cvc_check", "pass"}}},
           {"country", card.country},
           {"display_brand", card.brand},
           {"exp_month", method.exp_month},
           {"exp_year", method.exp_year},
           {"fingerprint", fingerprint_of(card)},
           {"funding", card.funding},
           {"generated_from", nullptr},
           {"last4", card.last4()},
           {"networks", {{"available", json::array{card.brand}}, {"preferred", nullptr}}},
           {"regulated_status", "unregulated"},
           {"three_d_secure_usage", {{"supported", true}}},
           {"wallet", nullptr}}},
         {"created", method.created},
         {"customer", text_or_null(method.customer)},
         {"customer_account", nullptr},
         {"livemode", false},
         {"metadata", render_metadata(method.metadata)},
         {"type", "card"}},
        scratch());
}

json::object render(const Refund& refund) {
    json::object out({{"id", refund.id},
                      {"object", "refund"},
                      {"amount", refund.amount},
                      {"balance_transaction", text_or_null(refund.balance_transaction)},
                      {"charge", text_or_null(refund.charge)},
                      {"created", refund.created},
                      {"currency", refund.currency},
                      {"customer", nullptr},
                      {"customer_account", nullptr},
                      {"destination_details",
                       {{"card",
                         {{"reference_status", "pending"},
                          {"reference_type", "acquirer_reference_number"},
                          {"type", "refund"}}},
                        {"type", "card"}}},
                      {"metadata", render_metadata(refund.metadata)},
                      {"payment_intent", text_or_null(refund.payment_intent)},
                      {"payment_method", nullptr},
                      {"reason", text_or_null(refund.reason)},
                      {"receipt_number", nullptr},
                      {"source_transfer_reversal", nullptr},
                      {"status", name_of(refund.status)},
                      {"transfer_reversal", nullptr}},
                     scratch());
    if (refund.status == RefundStatus::pending) out["pending_reason"] = "processing";
    if (!refund.failure_reason.empty()) out["failure_reason"] = refund.failure_reason;
    if (!refund.failure_balance_transaction.empty())
        out["failure_balance_transaction"] = refund.failure_balance_transaction;
    return out;
}

json::object render(const BalanceTransaction& line, Seconds now) {
    json::array details(scratch());
    if (line.fee != 0)
        details.push_back(json::object{
            {"amount", line.fee},
            {"application", nullptr},
            {"currency", line.currency},
            {"description", line.type == "charge" ? "Stripe processing fees" : "Dispute fee"},
            {"type", "stripe_fee"}});
    return json::object({{"id", line.id},
                         {"object", "balance_transaction"},
                         {"amount", line.amount},
                         {"available_on", line.available_on},
                         {"balance_type", "payments"},
                         {"created", line.created},
                         {"currency", line.currency},
                         {"description", text_or_null(line.description)},
                         {"exchange_rate", nullptr},
                         {"fee", line.fee},
                         {"fee_details", std::move(details)},
                         {"net", line.net()},
                         {"reporting_category", line.reporting_category},
                         {"source", text_or_null(line.source)},
                         {"status", line.available_on <= now ? "available" : "pending"},
                         {"type", line.type}},
                        scratch());
}

json::object render(const FraudWarning& warning) {
    return json::object({{"id", warning.id},
                         {"object", "radar.early_fraud_warning"},
                         {"actionable", true},
                         {"charge", warning.charge},
                         {"created", warning.created},
                         {"fraud_type", "misc"},
                         {"livemode", false},
                         {"payment_intent", text_or_null(warning.payment_intent)}},
                        scratch());
}

std::string_view name_of(RefundStatus status) {
    switch (status) {
    case RefundStatus::pending: return "pending";
    case RefundStatus::succeeded: return "succeeded";
    case RefundStatus::failed: return "failed";
    case RefundStatus::canceled: break;
    }
    return "canceled";
}

} // namespace gateways::sandbox::stripe
