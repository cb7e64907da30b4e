// Links to pay with: whoever has one sees what one payment is about and may try a card for it, in
// its payer's name, until the link expires. Nothing is kept of a link.

#pragma once

#include "domain/described.hpp"
#include "domain/time.hpp"
#include "gateways/market/seal.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gateways::market {

struct PayLink {
    std::string tenant, payer, payment;
    domain::Time expires;
};
BOOST_DESCRIBE_STRUCT(PayLink, (), (tenant, payer, payment, expires))

// Nothing when it is not ours, was changed, or is for another payment. It may have expired.
std::optional<PayLink> open_pay_link(const Seal& seal, std::string_view token,
                                     std::string_view payment);

} // namespace gateways::market
