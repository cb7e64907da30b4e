// A card as the payment provider keeps it for us: their names for it, and what people know it by.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace domain {

using StoredCardId = Id<struct StoredCardTag>; // Ours: the card's stream names it.

// How many cards an account may keep at one dashboard.
inline constexpr std::size_t cards_max = 10;

// All that is ever kept of a card's number is its last four digits.
struct CardFace {
    std::string brand; // "visa", in the provider's word.
    std::string last4;
    std::uint32_t expiry_month = 0; // 1 to 12.
    std::uint32_t expiry_year = 0;  // Four digits.
};
BOOST_DESCRIBE_STRUCT(CardFace, (), (brand, last4, expiry_month, expiry_year))

// Twelve to nineteen digits in a row, perhaps grouped by single blanks or dashes. Digits within a
// longer name, as in "pm_..." or a UUID, are none.
bool looks_like_a_card_number(std::string_view text);

} // namespace domain
