// Who signs as Stripe, and who only tries to.

#include "gateways/stripe/webhook.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

namespace tests::stripe {
namespace {

using namespace gateways::stripe;
using domain::Time;

// Computed by Stripe's own library, and by Python.
const std::string body = R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded"})";
const std::string stripes = "b5d16909735dfcdc338e1f1e170cbb5d2ea57494fe5f638399aebcce132ec538";
const std::string old_secrets = "3ce3deb03ce8afeae8ca77ba9591d26dc4568a4f7975ec65242cda7fda976bfa";
constexpr std::int64_t signed_at = 1'700'000'000'000;
constexpr Time on_time{signed_at + 2000};

std::string verified(const std::string& header, const std::string& bytes = body, Time now = on_time,
                     const std::vector<std::string>& secrets = {"whsec_test"}) {
    const auto result = verify(header, bytes, secrets, now);
    return result ? "at " + std::to_string(result->milliseconds)
                  : boost::describe::enum_to_string(result.error(), "?");
}

const std::string good = "t=1700000000,v1=" + stripes;
const std::string yes = "at 1700000000000";

TEST(StripeSignature, StripesOwnIsBelieved) { EXPECT_EQ(verified(good), yes); }

TEST(StripeSignature, AnyOfSeveralSecretsAndSignaturesIsEnough) {
    EXPECT_EQ(verified(good, body, on_time, {"whsec_new", "whsec_test"}), yes);
    const std::string both = "t=1700000000,v1=" + old_secrets + ",v1=" + stripes;
    EXPECT_EQ(verified(both), yes);
    EXPECT_EQ(verified(both, body, on_time, {"whsec_old"}), yes);
    EXPECT_EQ(verified(both, body, on_time, {"whsec_third"}), "signature_invalid");
    EXPECT_EQ(verified("v0=ffff,v1=" + stripes + ",t=1700000000,v9=x"), yes);
}

TEST(StripeSignature, AForgedOneIsNot) {
    std::string changed = body;
    changed[8] = '2';
    EXPECT_EQ(verified(good, changed), "signature_invalid");
    EXPECT_EQ(verified(good, body + " "), "signature_invalid");
    EXPECT_EQ(verified("t=1700000001,v1=" + stripes), "signature_invalid");
    // The bytes that were signed hold the number as it was written.
    EXPECT_EQ(verified("t=01700000000,v1=" + stripes), "signature_invalid");
    std::string upper = stripes;
    upper[0] = 'B';
    EXPECT_EQ(verified("t=1700000000,v1=" + upper), "signature_invalid");
    for (std::size_t place = 0; place < stripes.size(); ++place) {
        std::string wrong = stripes;
        wrong[place] = wrong[place] == '0' ? '1' : '0';
        EXPECT_EQ(verified("t=1700000000,v1=" + wrong), "signature_invalid") << place;
    }
    EXPECT_EQ(verified("t=1700000000,v1=" + stripes.substr(0, 63)), "signature_invalid");
    EXPECT_EQ(verified("t=1700000000,v1=" + stripes + "0"), "signature_invalid");
    EXPECT_EQ(verified("t=1700000000,v1="), "signature_invalid");
}

TEST(StripeSignature, OtherSchemesProveNothing) {
    EXPECT_EQ(verified("t=1700000000,v0=" + stripes), "signature_missing");
}

TEST(StripeSignature, AHeaderThatIsNoneIsRefused) {
    for (const std::string& header :
         {std::string{}, std::string{"t=1700000000"}, "v1=" + stripes, std::string{"nonsense"},
          "t=,v1=" + stripes, "t=x,v1=" + stripes, "t=-1,v1=" + stripes, "t=+1,v1=" + stripes,
          "t=99999999999999999999,v1=" + stripes, good + ",t=1700000000", good + ",junk",
          good + std::string(5000, ',')})
        EXPECT_EQ(verified(header), "signature_missing") << header.substr(0, 100);
}

TEST(StripeSignature, TheTimeIsBoundedOnBothSides) {
    EXPECT_EQ(verified(good, body, Time{signed_at + 300'000}), yes);
    EXPECT_EQ(verified(good, body, Time{signed_at + 300'001}), "timestamp_outside");
    EXPECT_EQ(verified(good, body, Time{signed_at - 300'000}), yes);
    EXPECT_EQ(verified(good, body, Time{signed_at - 300'001}), "timestamp_outside");
}

TEST(StripeSignature, WithoutASecretNobodyIsBelieved) {
    // What anybody could sign: the key is empty.
    unsigned char digest[32];
    unsigned size = 0;
    const std::string text = "1700000000." + body;
    HMAC(EVP_sha256(), "", 0, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest, &size);
    std::string hex;
    for (const unsigned char byte : digest) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    const std::string forged = "t=1700000000,v1=" + hex;
    EXPECT_EQ(verified(forged, body, on_time, {}), "no_secret");
    EXPECT_EQ(verified(forged, body, on_time, {""}), "no_secret");
    EXPECT_EQ(verified(forged, body, on_time, {"", "whsec_test"}), "signature_invalid");
}

TEST(StripeSignature, ATooLargeBodyIsNotEvenLookedAt) {
    EXPECT_EQ(verified(good, std::string(message_bytes_max + 1, ' ')), "too_large");
}

} // namespace
} // namespace tests::stripe
