// Two hashes at once are the same two hashes.

#include "projections/chain.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace projections {

namespace {

TEST(ChainHashPair, IsTheTwoHashesOfTwoRecordsOfAnyLength) {
    std::mt19937_64 random{7};
    std::string bytes(1024, '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    const std::string_view all = bytes;
    for (std::size_t first = 0; first < 300; ++first)
        for (const std::size_t second : {std::size_t{0}, std::size_t{55}, std::size_t{56},
                                         std::size_t{64}, first, random() % 700}) {
            ChainHash one, other;
            chain_hash_pair(all.substr(random() % 300, first), all.substr(3, second), one, other);
            EXPECT_EQ(other, chain_hash(all.substr(3, second)));
            const std::string copy{all.substr(1, first)};
            chain_hash_pair(copy, all.substr(9, second), one, other);
            EXPECT_EQ(one, chain_hash(copy));
        }
}

TEST(ChainHash, IsSha256) {
    EXPECT_EQ(chain_hash("abc").text(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ChainHash one, other;
    chain_hash_pair("abc", "", one, other);
    EXPECT_EQ(one, chain_hash("abc"));
    EXPECT_EQ(other.text(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

} // namespace

} // namespace projections
