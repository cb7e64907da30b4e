// What a period of a deployment costs, and who pays it: what order, subscription and invoice
// agree on.

#pragma once

#include "domain/quote.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

struct BillingTerms {
    AccountId payer;
    DashboardId dashboard;
    PlanId plan;
    std::uint32_t plan_version = 0;
    Money price;    // Before discount and tax.
    Money discount; // Taken off it.
    Money net;      // price - discount
    Money tax;
    Money gross; // net + tax
    std::int64_t tax_basis_points = 0;
    std::optional<std::string> tax_country; // Who gets the tax.
    std::optional<std::string> discount_code;
    std::optional<CardId> card; // Absent: the payer's default card.
    // A payment up to this that the card's network warns of is given back; absent: none is.
    std::optional<Money> fraud_refund_limit;
};
BOOST_DESCRIBE_STRUCT(BillingTerms, (),
                      (payer, dashboard, plan, plan_version, price, discount, net, tax, gross,
                       tax_basis_points, tax_country, discount_code, card, fraud_refund_limit))

// What is done about a renewal that is not paid, as the dashboard had it when the order was placed.
struct DunningTerms {
    std::vector<std::uint32_t>
        retry_days;       // When the card is tried again, in days since it was due.
    bool cancels = false; // After the last one; otherwise it is suspended first.
};
BOOST_DESCRIBE_STRUCT(DunningTerms, (), (retry_days, cancels))

inline BillingTerms billing_terms(const QuoteTerms& quote, const std::optional<CardId>& card) {
    return {quote.account, quote.dashboard,         quote.plan,        quote.plan_version,
            quote.price,   quote.discount,          quote.net,         quote.tax,
            quote.gross,   quote.tax_basis_points,  quote.tax_country, quote.discount_code,
            card,          quote.fraud_refund_limit};
}

// One currency, nothing below zero or beyond counting, and the sums are right.
inline bool adds_up(const BillingTerms& terms) {
    constexpr std::int64_t amount_max = std::int64_t{1} << 60;
    for (const Money& part : {terms.price, terms.discount, terms.net, terms.tax, terms.gross})
        if (part.currency != terms.gross.currency || part.minor < 0 || part.minor > amount_max)
            return false;
    return terms.price - terms.discount == terms.net && terms.net + terms.tax == terms.gross;
}

// A period's payment and its invoice have the same name.
inline PaymentId payment_of(std::string_view deployment, std::uint32_t period) {
    return {period_id(deployment, period)};
}
inline InvoiceId invoice_of(std::string_view deployment, std::uint32_t period) {
    return {period_id(deployment, period)};
}

} // namespace domain
