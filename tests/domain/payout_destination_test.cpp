// Addresses as they are written, and as they are mistyped.

#include "domain/payout_destination.hpp"

#include <gtest/gtest.h>

#include <string>

namespace domain {

namespace {

// TFT's issuer on Stellar.
const std::string stellar = "GBOVQKJYHXRR3DX6NOX2RRYFRCUMSADGDESTDNBDS6CDVLGVESRTAC47";

TEST(PayoutDestination, MayBeAStellarAddress) {
    for (const std::string& address :
         {stellar, std::string{"GAQH7XXFBRWXT2SBK6AHPOLXDCLXVFAKFSOJIRMRNCDINWKHGI6UYVKM"},
          std::string{"GAAACAQDAQCQMBYIBEFAWDANBYHRAEISCMKBKFQXDAMRUGY4DUPB7JZX"}})
        EXPECT_TRUE(is_valid({PayoutKind::stellar, address, {}})) << address;
    EXPECT_TRUE(is_valid({PayoutKind::stellar, stellar, "account 7"}));
    EXPECT_TRUE(is_valid({PayoutKind::stellar, stellar, std::string(28, 'm')}));
}

TEST(PayoutDestination, IsRefusedWhenMistyped) {
    for (std::size_t at = 0; at < stellar.size(); ++at) {
        std::string mistyped = stellar;
        mistyped[at] = mistyped[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(is_valid({PayoutKind::stellar, mistyped, {}})) << mistyped;
    }
    for (const std::string& address :
         {std::string{}, stellar.substr(1), stellar + "A", "S" + stellar.substr(1),
          "g" + stellar.substr(1), stellar.substr(0, 55) + "1"})
        EXPECT_FALSE(is_valid({PayoutKind::stellar, address, {}})) << address;
    EXPECT_FALSE(is_valid({PayoutKind::stellar, stellar, std::string(29, 'm')}));
    EXPECT_FALSE(is_valid({PayoutKind::stellar, stellar, ""}));
}

TEST(PayoutDestination, MayBeAConnectedAccountAtStripe) {
    EXPECT_TRUE(is_valid({PayoutKind::stripe, "acct_1032D82eZvKYlo2C", {}}));
    for (const char* address : {"", "acct_", "acct-1", "cus_1", "acct_1 2", "acct_1/2"})
        EXPECT_FALSE(is_valid({PayoutKind::stripe, address, {}})) << address;
    EXPECT_FALSE(is_valid({PayoutKind::stripe, "acct_" + std::string(60, '1'), {}}));
    EXPECT_FALSE(is_valid({PayoutKind::stripe, "acct_1", "memo"}));
    EXPECT_FALSE(is_valid({PayoutKind::stripe, stellar, {}}));
}

} // namespace

} // namespace domain
