// What is sent on the wire, and what is known when no answer comes.

#include "gateways/stripe/transport.hpp"

#include "gateways/http/server.hpp"
#include "gateways/stripe/webhook.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tests::stripe {
namespace {

using namespace gateways::stripe;
using namespace std::chrono_literals;
namespace http = gateways::http;
using testing::HasSubstr;

// Says what it was asked.
class Mirror final : public http::Handler {
public:
    Mirror() : server_{{}, *this} { server_.start(); }
    ~Mirror() { server_.stop(0ms); }

    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    std::uint64_t connections() const { return server_.counts().accepted; }

    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        std::string text{request.method};
        text.append(" ").append(request.target).append("\n");
        for (const http::Header& header : request.headers)
            text.append(header.name).append(": ").append(header.value).append("\n");
        text.append("\n").append(request.body);
        const http::Header headers[]{{"Idempotent-Replayed", "true"}};
        http::write_response(request.reply, http::Status::payment_required, http::json_type,
                             headers, text, answer);
    }

private:
    http::Server server_;
};

// A port that somebody listens on and says nothing, or nobody.
class Port {
public:
    explicit Port(bool listens) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&place), size), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&place), &size), 0);
        if (listens) {
            EXPECT_EQ(::listen(socket_, 4), 0);
        }
        origin_ = "http://127.0.0.1:" + std::to_string(ntohs(place.sin_port));
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port() { ::close(socket_); }
    const std::string& origin() const { return origin_; }

private:
    int socket_;
    std::string origin_;
};

class StripeTransport : public testing::Test {
protected:
    TransportOptions options(const std::string& origin, const std::string& key = "sk_test_1\n") {
        TransportOptions options;
        options.origin = origin;
        options.key_file = folder_.path() / "key";
        options.time_max = 300ms;
        std::ofstream{options.key_file} << key;
        return options;
    }
    TemporaryFolder folder_;
};

const StripeRequest creation{http::Verb::post, "/v1/payment_intents", "amount=1000&a[b]=c%20d",
                             "p1/1/confirm"};

TEST_F(StripeTransport, APostCarriesItsFormItsKeyAndTheVersion) {
    Mirror mirror;
    Transport transport{options(mirror.origin())};
    const Answer answer = transport.send(creation);
    EXPECT_EQ(answer.came, Came::answered);
    EXPECT_EQ(answer.status, 402U);
    EXPECT_EQ(answer.header("idempotent-replayed"), "true");
    EXPECT_THAT(answer.body, HasSubstr("POST /v1/payment_intents\n"));
    EXPECT_THAT(answer.body, HasSubstr("Authorization: Bearer sk_test_1\n"));
    EXPECT_THAT(answer.body, HasSubstr("Stripe-Version: 2026-10-28.endive\n"));
    EXPECT_THAT(answer.body, HasSubstr("Idempotency-Key: p1/1/confirm\n"));
    EXPECT_THAT(answer.body, HasSubstr("Content-Type: application/x-www-form-urlencoded\n"));
    EXPECT_THAT(answer.body, HasSubstr("\n\namount=1000&a[b]=c%20d"));
}

TEST_F(StripeTransport, AGetCarriesItsFormInTheQuery) {
    Mirror mirror;
    Transport transport{options(mirror.origin())};
    const std::string body =
        transport.send({http::Verb::get, "/v1/refunds", "payment_intent=pi_1&limit=100", {}}).body;
    EXPECT_THAT(body, HasSubstr("GET /v1/refunds?payment_intent=pi_1&limit=100\n"));
    EXPECT_THAT(body, testing::Not(HasSubstr("Idempotency-Key")));
}

TEST_F(StripeTransport, OneConnectionCarriesManyRequests) {
    Mirror mirror;
    Transport transport{options(mirror.origin())};
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(transport.send(creation).status, 402U);
    EXPECT_EQ(mirror.connections(), 1U);
}

TEST_F(StripeTransport, AnIdMayNotBecomeAHeader) {
    Mirror mirror;
    Transport transport{options(mirror.origin())};
    StripeRequest forged = creation;
    forged.idempotency_key = "p1\r\nStripe-Account: acct_1";
    EXPECT_EQ(transport.send(forged).came, Came::not_sent);
    forged = creation;
    forged.path = "/v1/x HTTP/1.1";
    EXPECT_EQ(transport.send(forged).came, Came::not_sent);
    EXPECT_EQ(mirror.connections(), 0U);
}

TEST_F(StripeTransport, WhatWasNotSentIsKnownNotToBe) {
    const Port nobody{false};
    Transport transport{options(nobody.origin())};
    EXPECT_EQ(transport.send(creation).came, Came::not_sent);
}

TEST_F(StripeTransport, WhatWasSentMayHaveHappened) {
    const Port silent{true};
    Transport transport{options(silent.origin())};
    EXPECT_EQ(transport.send(creation).came, Came::maybe_sent);
}

TEST_F(StripeTransport, AKeyIsOneWordInAFile) {
    for (const char* key : {"", "\n", "two words", "sk\tx", "line\nline"})
        EXPECT_ANY_THROW((Transport{options("https://api.stripe.com", key)})) << key;
    auto missing = options("https://api.stripe.com");
    missing.key_file = folder_.path() / "absent";
    EXPECT_ANY_THROW((Transport{missing}));
    EXPECT_NO_THROW((Transport{options("https://api.stripe.com", "sk_test_1\r\n")}));
}

TEST_F(StripeTransport, TheKeyIsNotSentInClearTextToOthers) {
    for (const char* origin :
         {"http://api.stripe.com", "http://127.0.0.1.example.com", "http://localhost.example.com",
          "http://127.0.0.1@example.com", "ftp://api.stripe.com", "", "https://"})
        EXPECT_ANY_THROW((Transport{options(origin)})) << origin;
}

} // namespace
} // namespace tests::stripe
