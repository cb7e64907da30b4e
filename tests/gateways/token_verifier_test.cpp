// Tokens of the development issuer through the real checks; what is remembered; what may not be
// configured. Forged tokens: tests/interop/token_attacks.py.

#include "gateways/token/issuer.hpp"
#include "gateways/token/verifier.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>

namespace tests {
namespace {

namespace token = gateways::token;
using token::Refusal;
using token::Roles;

constexpr domain::Time now{1'790'000'000'000};

domain::Time later(std::int64_t seconds) { return {now.milliseconds + seconds * 1000}; }

class TokenVerifier : public testing::Test {
protected:
    token::VerifierOptions options() const {
        token::VerifierOptions made;
        made.claims.issuer = "http://localhost/";
        made.claims.audience = "market";
        made.keys = folder_.path() / token::Issuer::key_set_file;
        made.environment = "development";
        return made;
    }
    token::Issuer issuer(token::Algorithm algorithm = token::Algorithm::es256) const {
        return {folder_.path(), "http://localhost/", "market", algorithm};
    }
    static token::Grant grant() {
        return {.subject = "alice",
                .tenant = "acme",
                .roles = Roles::cloud_operator | Roles::auditor,
                .scope = "a bc",
                .now = now,
                .lifetime_seconds = 600,
                .mfa = later(-30)};
    }
    TemporaryFolder folder_;
};

TEST_F(TokenVerifier, AcceptsWhatTheIssuerSays) {
    for (const auto algorithm : {token::Algorithm::es256, token::Algorithm::rs256}) {
        const auto from = issuer(algorithm);
        token::Verifier verifier{options()};
        ASSERT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
        const auto verified = verifier.verify("bearer " + from.token(grant()), now);
        ASSERT_TRUE(verified);
        EXPECT_EQ((*verified)->subject, "alice");
        EXPECT_EQ((*verified)->tenant, "acme");
        EXPECT_TRUE((*verified)->has(Roles::auditor));
        EXPECT_TRUE((*verified)->has(Roles::cloud_user | Roles::cloud_operator));
        EXPECT_FALSE((*verified)->has(Roles::service));
        EXPECT_TRUE((*verified)->has_scope("bc"));
        EXPECT_FALSE((*verified)->has_scope("b"));
        EXPECT_EQ((*verified)->expires, later(600));
        EXPECT_EQ((*verified)->mfa, later(-30));
        std::filesystem::remove(folder_.path() / token::Issuer::key_file);
    }
}

TEST_F(TokenVerifier, RemembersUntilTheTokenExpires) {
    const auto from = issuer();
    token::Verifier verifier{options()};
    ASSERT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
    const std::string text = "Bearer " + from.token(grant());
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(verifier.verify(text, later(i)));
    EXPECT_EQ(verifier.counts().accepted, 1U);
    EXPECT_EQ(verifier.counts().remembered, 2U);
    EXPECT_TRUE(verifier.verify(text, later(629)));
    const auto expired = verifier.verify(text, later(630));
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error(), Refusal::expired);
}

TEST_F(TokenVerifier, ForgetsTokensOfAKeyThatIsGone) {
    const auto from = issuer();
    token::Verifier verifier{options()};
    ASSERT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
    const std::string text = from.token(grant());
    EXPECT_TRUE(verifier.verify_token(text, now));
    std::filesystem::remove(folder_.path() / token::Issuer::key_file);
    const auto next = issuer();
    ASSERT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
    EXPECT_FALSE(verifier.verify_token(text, now));
    EXPECT_TRUE(verifier.verify_token(next.token(grant()), now));
}

TEST_F(TokenVerifier, RemembersOnlySoMany) {
    const auto from = issuer();
    auto few = options();
    few.remembered_max = 1; // The least there is: one set of four on each of sixteen shelves.
    token::Verifier verifier{few};
    ASSERT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
    std::vector<std::string> tokens;
    for (int i = 0; i < 200; ++i) {
        auto one = grant();
        one.subject = std::to_string(i);
        tokens.push_back(from.token(one));
    }
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 200; ++i) {
            const auto verified = verifier.verify_token(tokens[static_cast<std::size_t>(i)], now);
            ASSERT_TRUE(verified);
            EXPECT_EQ((*verified)->subject, std::to_string(i));
        }
    EXPECT_LE(verifier.counts().remembered, 64U);
}

TEST_F(TokenVerifier, IsNotReadyWithoutKeys) {
    token::Verifier verifier{options()};
    EXPECT_FALSE(verifier.wait_for_keys(std::chrono::seconds{10}));
    EXPECT_FALSE(verifier.ready());
    const auto from = issuer();
    const auto refused = verifier.verify_token(from.token(grant()), now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Refusal::keys_unavailable);
    EXPECT_TRUE(verifier.wait_for_keys(std::chrono::seconds{10}));
    EXPECT_TRUE(verifier.verify_token(from.token(grant()), now));
}

TEST_F(TokenVerifier, NeedsABearer) {
    issuer();
    token::Verifier verifier{options()};
    for (const char* wrong : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc"}) {
        const auto refused = verifier.verify(wrong, now);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(), Refusal::missing) << wrong;
    }
}

TEST_F(TokenVerifier, RefusesUnsafeOptions) {
    const auto refused = [](token::VerifierOptions wrong) {
        EXPECT_THROW(token::Verifier{std::move(wrong)}, std::invalid_argument);
    };
    auto production = options();
    production.environment = "production";
    production.claims.issuer = "https://login.example/";
    refused(production); // A file.
    production.keys = "http://login.example/jwks.json";
    refused(production);
    production.keys = "https://login.example/jwks.json";
    for (const char* issuer :
         {"http://login.example/", "https://localhost/", "https://127.0.0.1/"}) {
        auto wrong = production;
        wrong.claims.issuer = issuer;
        refused(wrong);
    }
    for (const auto& spoil : std::vector<void (*)(token::VerifierOptions&)>{
             [](auto& wrong) { wrong.claims.issuer.clear(); },
             [](auto& wrong) { wrong.claims.audience.clear(); },
             [](auto& wrong) { wrong.algorithms.clear(); },
             [](auto& wrong) { wrong.types.clear(); }, [](auto& wrong) { wrong.keys.clear(); },
             [](auto& wrong) { wrong.keys = "ftp://login.example/jwks.json"; },
             [](auto& wrong) { wrong.claims.leeway_milliseconds = 60'001; }}) {
        auto wrong = options();
        spoil(wrong);
        refused(wrong);
    }
}

TEST_F(TokenVerifier, TheIssuersKeyIsItsOwn) {
    const auto path = folder_.path() / token::Issuer::key_file;
    const std::string set = issuer().key_set();
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(set.find("\"d\""), set.npos); // The private part.
    EXPECT_EQ(issuer().key_set(), set);     // The same key again.
    ::chmod(path.c_str(), 0644);
    EXPECT_THROW(issuer(), std::runtime_error);
    ::chmod(path.c_str(), 0600);
    std::ofstream{path} << "damaged";
    EXPECT_THROW(issuer(), std::runtime_error);
}

} // namespace
} // namespace tests
