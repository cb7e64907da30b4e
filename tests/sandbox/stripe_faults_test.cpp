// Idempotency keys, and what goes wrong on purpose.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace tests::sandbox {
namespace {

using std::chrono::milliseconds;

class StripeFaults : public Stripe {
protected:
    static Form usual() { return payment("1000", "pm_card_visa"); }
    Reply create(std::string_view key, const Form& form = usual()) const {
        return post("/v1/payment_intents", form, key);
    }
    std::size_t count() const {
        return get("/v1/payment_intents", {{"limit", "100"}}).at("/data").as_array().size();
    }
    void script(json::object fault) const {
        if (!fault.contains("operation")) fault["operation"] = "payment_intents.create";
        const Reply added = control("faults", {{"script", json::array{fault}}});
        EXPECT_EQ(added.status, 200U) << added.response.body;
    }
};

TEST_F(StripeFaults, AKeyIsExecutedOnce) {
    const Reply first = create("k1"), again = create("k1");
    EXPECT_EQ(again.response.body, first.response.body);
    EXPECT_EQ(again.response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.response.header("Original-Request"), first.response.header("Request-Id"));
    EXPECT_TRUE(first.response.header("Idempotent-Replayed").empty());
    EXPECT_EQ(count(), 1U);
    create("k2");
    create({});
    create({});
    EXPECT_EQ(count(), 4U);
}

TEST_F(StripeFaults, AKeyStandsForItsParameters) {
    create("k1");
    const Reply other = create("k1", payment("1001", "pm_card_visa"));
    EXPECT_EQ(other.status, 400U);
    EXPECT_EQ(other.text("/error/type"), "idempotency_error");
    EXPECT_EQ(post("/v1/customers", {}, "k1").text("/error/type"), "idempotency_error");
    // The same ones in another order are the same.
    Form reversed = usual();
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(create("k1", reversed).response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(create(std::string(256, 'k')).status, 400U);
    EXPECT_EQ(create(std::string(255, 'k')).status, 200U);
}

TEST_F(StripeFaults, AKeyLivesADay) {
    create("k1");
    pass(std::chrono::hours{24} - std::chrono::seconds{1});
    EXPECT_EQ(create("k1").response.header("Idempotent-Replayed"), "true");
    pass(std::chrono::seconds{1});
    EXPECT_TRUE(create("k1").response.header("Idempotent-Replayed").empty());
    EXPECT_EQ(count(), 2U);
}

TEST_F(StripeFaults, ADeclineIsRememberedAndABadRequestIsNot) {
    const Form declined = payment("1000", "pm_card_visa_chargeDeclined");
    EXPECT_EQ(create("k1", declined).status, 402U);
    const Reply again = create("k1", declined);
    EXPECT_EQ(again.status, 402U);
    EXPECT_EQ(again.response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(create("k2", {{"amount", "1000"}}).code(), "parameter_missing");
    EXPECT_EQ(create("k2").status, 200U); // The key was still free.
    EXPECT_EQ(count(), 2U);
}

TEST_F(StripeFaults, AScriptedDeclineIsTheBanksOwn) {
    script({{"kind", "decline"}, {"decline_code", "insufficient_funds"}, {"skip", 1}});
    EXPECT_EQ(create("k1").status, 200U);
    const Reply declined = create("k2");
    EXPECT_EQ(declined.status, 402U);
    EXPECT_EQ(declined.text("/error/decline_code"), "insufficient_funds");
    EXPECT_EQ(declined.text("/error/payment_intent/status"), "requires_payment_method");
    EXPECT_EQ(get("/v1/charges/" + declined.text("/error/charge")).text("/status"), "failed");
    EXPECT_EQ(create("k2").response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(create("k3").status, 200U);
}

TEST_F(StripeFaults, ADeclineWaitsForACallThatAsksTheBank) {
    script({{"kind", "decline"}, {"operation", "*"}});
    EXPECT_EQ(get("/v1/balance").status, 200U);
    EXPECT_EQ(post("/v1/customers").status, 200U);
    EXPECT_EQ(create("k1").status, 402U);
}

TEST_F(StripeFaults, AStoredErrorStays) {
    script({{"kind", "error"}});
    const Reply error = create("k1");
    EXPECT_EQ(error.status, 500U);
    EXPECT_EQ(error.text("/error/type"), "api_error");
    EXPECT_EQ(create("k1").status, 500U);
    EXPECT_EQ(count(), 0U);
    script({{"kind", "error_after"}});
    EXPECT_EQ(create("k2").status, 500U);
    EXPECT_EQ(create("k2").response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(count(), 1U); // It happened, whatever was said.
}

TEST_F(StripeFaults, AnErrorMayHaveAnyStatus) {
    script({{"kind", "error"}, {"status", 402}, {"code", "processing_error"}});
    EXPECT_EQ(create("k1").text("/error/type"), "card_error");
    EXPECT_EQ(create("k1").code(), "processing_error");
    script({{"kind", "error"}, {"status", 403}, {"message", "no permission"}});
    EXPECT_EQ(create("k2").text("/error/message"), "no permission");
    EXPECT_EQ(create("k2").status, 200U); // That one is not remembered.
}

TEST_F(StripeFaults, TheRateLimiterStandsBeforeEverything) {
    create("k1");
    script({{"kind", "rate_limit"}, {"times", 2}, {"retry_after_seconds", 3}});
    for (const char* key : {"k1", "k2"}) { // Also before what is remembered.
        const Reply limited = create(key);
        EXPECT_EQ(limited.status, 429U);
        EXPECT_EQ(limited.code(), "rate_limit");
        EXPECT_EQ(limited.response.header("Retry-After"), "3");
        EXPECT_EQ(limited.response.header("Stripe-Rate-Limited-Reason"), "global-rate");
    }
    EXPECT_EQ(create("k1").response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(create("k2").status, 200U);
    EXPECT_EQ(count(), 2U);
}

TEST_F(StripeFaults, AConflictChangesNothing) {
    script({{"kind", "conflict"}});
    const Reply conflict = create("k1");
    EXPECT_EQ(conflict.status, 409U);
    EXPECT_EQ(conflict.code(), "idempotency_key_in_use");
    EXPECT_EQ(create("k1").status, 200U);
}

TEST_F(StripeFaults, AKeyInUseIsAConflict) {
    script({{"kind", "delay"}, {"delay_milliseconds", 2000}});
    Reply slow;
    std::thread first{[&] { slow = create("k1"); }};
    // Until the first one has begun, this one may be the first.
    Reply second;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    do {
        second = get("/v1/balance");
        std::this_thread::sleep_for(milliseconds{5});
    } while (control("faults").at("/happened").as_object().empty() &&
             std::chrono::steady_clock::now() < until);
    second = create("k1");
    EXPECT_EQ(second.status, 409U);
    EXPECT_EQ(second.code(), "idempotency_key_in_use");
    EXPECT_EQ(create("k1", payment("5000", "pm_card_visa")).status, 400U);
    first.join();
    EXPECT_EQ(slow.status, 200U);
    EXPECT_EQ(create("k1").response.body, slow.response.body);
    EXPECT_EQ(count(), 1U);
}

TEST_F(StripeFaults, AnAnswerMayComeTooLate) {
    script({{"kind", "timeout_after"}});
    client.time_max = milliseconds{500};
    EXPECT_EQ(create("k1").status, 0U);
    EXPECT_EQ(count(), 1U);
    client = patient;
    const Reply replayed = create("k1");
    EXPECT_EQ(replayed.response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(replayed.text("/status"), "succeeded");
    script({{"kind", "timeout_after"}, {"delay_milliseconds", 50}});
    EXPECT_EQ(create("k2").status, 200U); // Whoever waits gets it.
}

TEST_F(StripeFaults, AConnectionMayEndBeforeOrAfterTheEffect) {
    script({{"kind", "cut_before"}});
    EXPECT_EQ(create("k1").status, 0U);
    EXPECT_EQ(count(), 0U);
    EXPECT_TRUE(create("k1").response.header("Idempotent-Replayed").empty());
    script({{"kind", "cut_after"}});
    EXPECT_EQ(create("k2").status, 0U);
    EXPECT_EQ(count(), 2U);
    EXPECT_EQ(create("k2").response.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(count(), 2U);
    // The one connection ended, and nothing else.
    EXPECT_THAT(raw("GET /v1/balance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    "sk_test_sandbox\r\nConnection: close\r\n\r\n"),
                testing::HasSubstr("200 OK"));
    script({{"kind", "cut_after"}, {"operation", "balance.get"}});
    EXPECT_EQ(raw("GET /v1/balance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                  "sk_test_sandbox\r\n\r\n"),
              "");
}

TEST_F(StripeFaults, TheSameSeedGivesTheSameFaults) {
    const auto run = [&](int seed) {
        EXPECT_EQ(
            control("faults",
                    {{"seeded",
                      {{"seed", seed},
                       {"rules",
                        {json::object{
                            {"operation", "payment_*"}, {"kind", "error"}, {"per_mille", 300}}}}}}})
                .status,
            200U);
        std::string outcome;
        for (int i = 0; i < 60; ++i)
            outcome.push_back(create({}).status == 200 ? '.' : 'x');
        return outcome;
    };
    const std::string first = run(7);
    EXPECT_EQ(run(7), first);
    EXPECT_NE(run(8), first);
    const auto failed = std::count(first.begin(), first.end(), 'x');
    EXPECT_GT(failed, 6);
    EXPECT_LT(failed, 36);
}

TEST_F(StripeFaults, AScriptIsReadStrictly) {
    const auto refused = [&](json::value fault) {
        return control("faults", {{"script", {std::move(fault)}}}).status;
    };
    EXPECT_EQ(refused({{"operation", "*"}, {"kind", "explode"}}), 400U);
    EXPECT_EQ(refused({{"kind", "error"}}), 400U);
    EXPECT_EQ(refused({{"operation", "*"}, {"kind", "error"}, {"tims", 2}}), 400U);
    EXPECT_EQ(refused({{"operation", "*"}, {"kind", "error"}, {"times", 0}}), 400U);
    EXPECT_EQ(refused({{"operation", "*"}, {"kind", "error"}, {"status", 200}}), 400U);
    EXPECT_EQ(control("faults", {{"scripts", json::array{}}}).status, 400U);
    EXPECT_EQ(control("faults", json::array{}).status, 400U);
    EXPECT_EQ(reply_of(http::post(url + "/sandbox/faults", "{", patient)).status, 400U);
    EXPECT_TRUE(control("faults").at("/script").as_array().empty());

    script({{"kind", "error"}, {"times", 5}});
    EXPECT_EQ(create("k1").status, 500U);
    EXPECT_EQ(control("faults").number("/script/0/times"), 4);
    EXPECT_EQ(control("faults").number("/happened/error"), 1);
    EXPECT_THAT(raw("DELETE /sandbox/faults HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                testing::HasSubstr("200 OK"));
    EXPECT_EQ(create("k2").status, 200U);
}

TEST_F(StripeFaults, TheClockIsSetFromOutside) {
    EXPECT_EQ(control("clock").number("/now"), start_seconds);
    EXPECT_TRUE(control("clock").at("/frozen").as_bool());
    EXPECT_EQ(control("clock", {{"advance_seconds", 60}}).number("/now"), start_seconds + 60);
    EXPECT_EQ(control("clock", {{"now", start_seconds + 5}}).number("/now"), start_seconds + 5);
    EXPECT_EQ(create({}).number("/created"), start_seconds + 5);
    EXPECT_FALSE(control("clock", {{"frozen", false}}).at("/frozen").as_bool());
    for (const json::value& wrong :
         {json::value{{"advance", 1}}, json::value{{"now", "today"}}, json::value{{"now", -1}},
          json::value{{"frozen", 1}}, json::value{json::array{}}})
        EXPECT_EQ(control("clock", wrong).status, 400U) << wrong;
    EXPECT_EQ(control("nothing", json::object{}).status, 404U);
}

} // namespace
} // namespace tests::sandbox
