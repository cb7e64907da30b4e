// Our partitions are those of Kafka's own client. The vectors come from it: see
// tests/bus/murmur2/README.md.

#include "bus/topic.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace bus {

namespace {

std::string bytes_of(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

TEST(Murmur2, AgreesWithKafkasJavaClient) {
    std::ifstream file{SOURCE_DIR "/tests/bus/murmur2/vectors.csv"};
    ASSERT_TRUE(file) << "no vectors";
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    ASSERT_EQ(line, "key_hex,murmur2,partition_of_1,partition_of_8,partition_of_13,"
                    "partition_of_64");
    int count = 0;
    while (std::getline(file, line)) {
        std::istringstream fields{line};
        std::string hex, hash, partition;
        std::getline(fields, hex, ',');
        std::getline(fields, hash, ',');
        const std::string key = bytes_of(hex);
        EXPECT_EQ(murmur2(key), static_cast<std::uint32_t>(std::stoul(hash))) << line;
        for (const int partitions : {1, 8, 13, 64}) {
            std::getline(fields, partition, ',');
            EXPECT_EQ(partition_of(key, partitions), std::stoi(partition)) << line;
        }
        ++count;
    }
    EXPECT_GE(count, 300);
}

} // namespace

} // namespace bus
