#include "gateways/stripe/kept.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace gateways::stripe {

namespace {

// Names mean the same in all of Stripe's objects, so one list is enough. None of them is what a
// person typed, and none lets a browser in.
constexpr std::array<std::string_view, 51> known{"account",
                                                 "advice_code",
                                                 "amount",
                                                 "amount_capturable",
                                                 "amount_captured",
                                                 "amount_received",
                                                 "amount_refunded",
                                                 "api_version",
                                                 "attempt",
                                                 "balance_transaction",
                                                 "brand",
                                                 "cancellation_reason",
                                                 "capture_before",
                                                 "captured",
                                                 "card",
                                                 "charge",
                                                 "code",
                                                 "created",
                                                 "currency",
                                                 "customer",
                                                 "dashboard",
                                                 "data",
                                                 "decline_code",
                                                 "due_by",
                                                 "event",
                                                 "evidence_details",
                                                 "exp_month",
                                                 "exp_year",
                                                 "failure_reason",
                                                 "fee",
                                                 "fraud_type",
                                                 "id",
                                                 "idempotency_key",
                                                 "last4",
                                                 "last_payment_error",
                                                 "last_setup_error",
                                                 "latest_charge",
                                                 "livemode",
                                                 "metadata",
                                                 "next_action",
                                                 "object",
                                                 "payment",
                                                 "payment_intent",
                                                 "payment_method",
                                                 "payment_method_details",
                                                 "pending_reason",
                                                 "reason",
                                                 "refund",
                                                 "request",
                                                 "status",
                                                 "type"};

json::value kept_value(const json::value& value) {
    if (value.is_object()) return kept(value.get_object());
    if (!value.is_array()) return value;
    json::array out;
    for (const json::value& one : value.get_array())
        out.push_back(kept_value(one));
    return out;
}

} // namespace

json::object kept(const json::object& event) {
    json::object out;
    for (const auto& field : event)
        if (!field.value().is_null() &&
            std::ranges::find(known, std::string_view{field.key()}) != known.end())
            out[field.key()] = kept_value(field.value());
    return out;
}

} // namespace gateways::stripe
