// What may be a card's number, and what only looks long.

#include "domain/stored_card.hpp"

#include <gtest/gtest.h>

namespace domain {

namespace {

TEST(CardNumbers, AreSeenHoweverTheyAreWritten) {
    for (const char* text :
         {"4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242",
          "my card is 4242 4242 4242 4242, thanks", "pan=378282246310005", "(6304000000000000)",
          "123456789012", "1234567890123456789", "12 then 4242424242424242"})
        EXPECT_TRUE(looks_like_a_card_number(text)) << text;
}

TEST(CardNumbers, AreNotSeenInOtherNames) {
    for (const char* text :
         {"", "4242", "12345678901", "12345678901234567890", "pm_1MqLiJLkdIwHu7ixUEgbFdYl",
          "pm_4242424242424242", "cus_NffrFeUfNV2Hib", "seti_1Mm8s8LkdIwHu7ix0OXBfTRG",
          "0192837a-6501-7234-8abc-123456789012", "insufficient_funds", "4242 4242 and 4242 4242",
          "123456789012abc", "123456789012-abc", "4242  4242  4242  4242"})
        EXPECT_FALSE(looks_like_a_card_number(text)) << text;
}

} // namespace

} // namespace domain
