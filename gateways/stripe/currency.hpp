// Amounts at Stripe are whole smallest units, as ours are; only the currency is spelled otherwise.

#pragma once

#include "domain/money.hpp"

#include <optional>
#include <string_view>

namespace gateways::stripe {

// "usd"; nothing for what no card pays.
inline std::optional<std::string_view> currency_name(domain::Currency currency) {
    switch (currency) {
    case domain::Currency::usd: return "usd";
    case domain::Currency::eur: return "eur";
    case domain::Currency::usdc:
    case domain::Currency::tft: break;
    }
    return std::nullopt;
}

inline std::optional<domain::Currency> currency_named(std::string_view name) {
    if (name == "usd") return domain::Currency::usd;
    if (name == "eur") return domain::Currency::eur;
    return std::nullopt;
}

} // namespace gateways::stripe
