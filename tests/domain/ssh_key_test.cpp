// Keys made by ssh-keygen, and what is made of them by people.

#include "domain/ssh_key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace domain {

namespace {

const std::string ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO5SEAPdcIH8/uFsFBSE9zl7r3BUXRMk2YxubZa6qNrt";
const std::string rsa_2048 =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDBb/VqShPhK3E6X8KIIHGFTWnksaSD/+1wsZIr2PNuL+52t58X/Kkbb3S6rZ6a"
    "EESU1klTkYtHMaKRbrGuHqyModD904SR1h+hMnHa4ksXy7jQC7sxolSm/LAXMhaVNbFsra9PA7fGoWQoDFNUWJULrzGZ"
    "aHUlVeIiydb8HoeZ0ZIBM0iDWpDuVqcm6rDzcpvDf0ZNybrfMfxYDrhVtdyEEz+PyKSVXKy2q1EvJxYqy7V/waQyGhqz"
    "tgJt6s44yc5vwDJxDOSGC5FMofsaGyurjy9k0k98Tm50AccDY096eyQGmZmTjFGVY5jvCLUw1k0L/fcoRWNXD9rLMSVu"
    "uozP";
const std::string rsa_1024 =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQC8jXGET/0H+UI09DsbwoRXIXkMJ3urovxrKG/Yv2+J4X56x8h1bxcbqPyy2e4m"
    "MARRxi/J7q5vRLmMoGrtk7Z+PgWxODROzRyyeYJ74Faac5IVgT67IS3w4XyrUeKC2wDfTcpe1NyC90boUbRbwIBYkqO7"
    "Lu+FAsF0sc6ox0Ab7Q==";
const std::string nistp256 =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNDY2EphyrP2TQzCmWzN+rJn9bCRfx0yjSzswQ0z"
    "DAI9oh/tmXxh75rPpfp5HRTngSqf5zWDqAnhb7nue1UZH7I=";
const std::string nistp384 =
    "ecdsa-sha2-nistp384 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBHyl/OFAQDFgZYsm6Ay8jN4sXTgXF824hxL9YBe+"
    "WruFBAnxy8LMG5SfI2Lm4/zQ0cU25OcUUze1BwwWUdIvxtzublBmE4PvVuNsfAohOONba54Qz5HzFmHFW5dmbb7Nkg==";
const std::string nistp521 =
    "ecdsa-sha2-nistp521 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBABs76FHfClh3V3Wz3h7dLKIhq8leq7jCY6CLrq8"
    "s7txXajVkhRYvVdHtQao9O5/UETg5kMabEUnzXWyhRt8ME/N6wDIw24nSQxdzBbTlnSCVNHV+NI3GL2SIq7Ly7DtRqFh"
    "5vxmUtFbmqKqCRw/2tC2MGaHCz/WqEQWdQGj1DsAFrgCkw==";

TEST(SshKey, IsKeptAsItIs) {
    for (const std::string& key : {ed25519, rsa_2048, nistp256, nistp384, nistp521})
        EXPECT_EQ(canonical_ssh_key(key), key);
}

TEST(SshKey, LosesItsCommentAndItsSpaces) {
    for (const std::string& text :
         {ed25519 + " ada@example", ed25519 + " Ada Lovelace\n", "  " + ed25519 + "\r\n",
          ed25519.substr(0, 11) + "\t " + ed25519.substr(12) + "\n"})
        EXPECT_EQ(canonical_ssh_key(text), ed25519) << text;
}

TEST(SshKey, IsOneKeyOfAKnownKind) {
    const std::string body = ed25519.substr(12);
    for (const std::string& text : std::vector<std::string>{
             "",
             " ",
             "ssh-ed25519",
             body,
             "ssh-ed25519 ",
             "ssh-ed25519 AAAA",
             "ssh-dss " + body,
             "ssh-rsa " + body,                            // Says another kind than it is.
             "ecdsa-sha2-nistp384 " + nistp256.substr(20), // Another curve.
             "ecdsa-sha2-nistp192 " + body,
             "command=\"rm -rf /\" " + ed25519,              // Options are not for us to grant.
             ed25519 + "\n" + nistp256,                      // Two keys.
             ed25519.substr(0, ed25519.size() - 4),          // Cut off.
             ed25519 + "AAAA",                               // Something behind it.
             ed25519.substr(0, ed25519.size() - 1),          // Not a whole number of bytes.
             nistp256.substr(0, nistp256.size() - 1),        // Without its padding.
             nistp256.substr(0, nistp256.size() - 2) + "J=", // Bits that mean nothing.
             "ssh-ed25519 " + body.substr(0, 8) + "*" + body.substr(9),
             rsa_1024, // Too short to be safe.
             std::string(9'000, 'A'),
         })
        EXPECT_EQ(canonical_ssh_key(text), std::nullopt) << text;
}

// A text that is damaged in one place is another key or none, and never harmful.
TEST(SshKey, SurvivesAnyDamage) {
    for (const std::string& key : {ed25519, rsa_2048, nistp256, nistp384, nistp521})
        for (std::size_t at = 0; at < key.size(); ++at)
            for (const char c : {'\0', ' ', 'A', '=', '/', '\n', '\xFF'}) {
                std::string damaged = key;
                damaged[at] = c;
                const auto kept = canonical_ssh_key(damaged);
                if (kept) {
                    EXPECT_EQ(canonical_ssh_key(*kept), *kept);
                }
            }
}

} // namespace

} // namespace domain
