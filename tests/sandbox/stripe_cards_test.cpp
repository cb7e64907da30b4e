// Customers, their cards, setting cards up, and 3-D Secure.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class StripeCards : public Stripe {
protected:
    // A payment by the payer himself.
    Reply pay(const std::string& card, Form more = {}) const {
        more.emplace_back("return_url", "https://shop.example/back");
        return post("/v1/payment_intents", payment("1000", card, std::move(more)));
    }
};

TEST_F(StripeCards, ACustomerIsKeptAndChanged) {
    const Reply made = post("/v1/customers", {{"email", "a@example.com"},
                                              {"name", "User A"},
                                              {"address[country]", "BE"},
                                              {"preferred_locales[0]", "nl"},
                                              {"metadata[account]", "user-a"}});
    EXPECT_THAT(made.id(), StartsWith("cus_"));
    EXPECT_EQ(made.text("/address/country"), "BE");
    EXPECT_EQ(made.text("/preferred_locales/0"), "nl");
    const std::string path = "/v1/customers/" + made.id();
    EXPECT_EQ(get(path).body, made.body);
    const Reply changed = post(path, {{"email", "b@example.com"},
                                      {"metadata[account]", ""},
                                      {"metadata[dashboard]", "operator-t"}});
    EXPECT_EQ(changed.text("/email"), "b@example.com");
    EXPECT_EQ(changed.text("/name"), "User A");
    EXPECT_EQ(changed.at("/metadata"), (json::object{{"dashboard", "operator-t"}}));
    const Reply event = get("/v1/events", {{"type", "customer.updated"}});
    EXPECT_EQ(event.text("/data/0/data/previous_attributes/email"), "a@example.com");
    EXPECT_EQ(post("/v1/customers", {{"email", "no address"}}).code(), "email_invalid");
    // The address of a customer is not unique at Stripe.
    EXPECT_NE(post("/v1/customers", {{"email", "b@example.com"}}).id(), made.id());
    EXPECT_EQ(get("/v1/customers", {{"email", "b@example.com"}}).at("/data").as_array().size(), 2U);
}

TEST_F(StripeCards, MetadataHasLimits) {
    const auto refused = [&](const std::string& key, const std::string& value) {
        return post("/v1/customers", {{"metadata[" + key + "]", value}}).status;
    };
    EXPECT_EQ(refused(std::string(40, 'k'), std::string(500, 'v')), 200U);
    EXPECT_EQ(refused(std::string(41, 'k'), "v"), 400U);
    EXPECT_EQ(refused("k", std::string(501, 'v')), 400U);
    Form many;
    for (int i = 0; i < 51; ++i)
        many.emplace_back("metadata[k" + std::to_string(i) + "]", "v");
    EXPECT_EQ(post("/v1/customers", many).status, 400U);
    many.pop_back();
    EXPECT_EQ(post("/v1/customers", many).status, 200U);
}

TEST_F(StripeCards, CardsAreAttachedListedAndDetached) {
    const std::string payer = customer();
    const Reply visa = post("/v1/payment_methods/pm_card_visa/attach", {{"customer", payer}});
    ASSERT_EQ(visa.status, 200U) << visa.response.body;
    EXPECT_NE(visa.id(), "pm_card_visa");
    EXPECT_EQ(visa.text("/customer"), payer);
    const Reply amex = post("/v1/payment_methods/pm_card_amex/attach", {{"customer", payer}});
    EXPECT_EQ(amex.text("/card/brand"), "amex");
    const std::string list = "/v1/customers/" + payer + "/payment_methods";
    const Reply both = get(list, {{"type", "card"}});
    ASSERT_EQ(both.at("/data").as_array().size(), 2U);
    EXPECT_EQ(both.text("/data/0/id"), amex.id()); // Newest first.
    EXPECT_EQ(get(list + "/" + visa.id()).body, visa.body);

    EXPECT_EQ(
        post("/v1/customers/" + payer, {{"invoice_settings[default_payment_method]", visa.id()}})
            .text("/invoice_settings/default_payment_method"),
        visa.id());
    const Reply detached = post("/v1/payment_methods/" + visa.id() + "/detach");
    EXPECT_TRUE(detached.null("/customer"));
    EXPECT_TRUE(get("/v1/customers/" + payer).null("/invoice_settings/default_payment_method"));
    EXPECT_EQ(get(list).at("/data").as_array().size(), 1U);
    EXPECT_EQ(post("/v1/payment_methods/" + visa.id() + "/attach", {{"customer", payer}}).status,
              400U);
    EXPECT_EQ(post("/v1/payment_methods/" + visa.id() + "/detach").code(),
              "payment_method_unexpected_state");
    EXPECT_EQ(pay(visa.id(), {{"customer", payer}}).status, 400U);
}

TEST_F(StripeCards, ACardHasOneCustomer) {
    const std::string owner = customer(), other = customer();
    const Reply card = post("/v1/payment_methods/pm_card_visa/attach", {{"customer", owner}});
    const std::string path = "/v1/payment_methods/" + card.id();
    EXPECT_EQ(post(path + "/attach", {{"customer", other}}).code(),
              "payment_method_unexpected_state");
    EXPECT_EQ(post(path + "/attach", {{"customer", owner}}).status, 200U); // A repeat.
    EXPECT_EQ(
        post("/v1/customers/" + other, {{"invoice_settings[default_payment_method]", card.id()}})
            .status,
        400U);
    EXPECT_EQ(get("/v1/customers/" + other + "/payment_methods/" + card.id()).status, 404U);
}

TEST_F(StripeCards, ADecliningCardCannotBeSaved) {
    const std::string payer = customer();
    const Reply attached =
        post("/v1/payment_methods/pm_card_visa_chargeDeclined/attach", {{"customer", payer}});
    EXPECT_EQ(attached.status, 402U);
    EXPECT_EQ(attached.code(), "card_declined");
    const Reply setup =
        post("/v1/setup_intents", {{"customer", payer},
                                   {"confirm", "true"},
                                   {"payment_method", "pm_card_visa_chargeDeclinedLostCard"},
                                   {"allowed_payment_method_types[]", "card"}});
    EXPECT_EQ(setup.status, 402U);
    EXPECT_EQ(setup.text("/error/decline_code"), "lost_card");
    EXPECT_EQ(setup.text("/error/setup_intent/status"), "requires_payment_method");
    EXPECT_EQ(event_types().back(), "setup_intent.setup_failed");

    // This one is saved, and declines later.
    const std::string card = saved_card(payer, "pm_card_chargeCustomerFail");
    EXPECT_EQ(post("/v1/payment_intents",
                   payment("1000", card, {{"customer", payer}, {"off_session", "true"}}))
                  .code(),
              "card_declined");
}

TEST_F(StripeCards, ADeletedCustomerTakesHisCardsWithHim) {
    const std::string payer = customer();
    const std::string card = saved_card(payer, "pm_card_visa");
    const std::string request = "DELETE /v1/customers/" + payer +
                                " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                "sk_test_sandbox\r\nConnection: close\r\n\r\n";
    EXPECT_THAT(raw(request), testing::HasSubstr("\"deleted\":true"));
    EXPECT_TRUE(get("/v1/customers/" + payer).at("/deleted").as_bool());
    EXPECT_TRUE(get("/v1/payment_methods/" + card).null("/customer"));
    EXPECT_EQ(pay("pm_card_visa", {{"customer", payer}}).code(), "resource_missing");
    EXPECT_EQ(event_types().back(), "customer.deleted");
}

TEST_F(StripeCards, ASetupGoesThroughItsStates) {
    const std::string payer = customer();
    const Reply made = post("/v1/setup_intents", {{"customer", payer}});
    EXPECT_THAT(made.id(), StartsWith("seti_"));
    EXPECT_EQ(made.text("/status"), "requires_payment_method");
    EXPECT_EQ(made.text("/usage"), "off_session");
    const std::string path = "/v1/setup_intents/" + made.id();
    EXPECT_EQ(post(path + "/confirm", {{"return_url", "https://x.example"}}).code(),
              "setup_intent_unexpected_state");
    EXPECT_EQ(post(path, {{"payment_method", "pm_card_visa"}}).text("/status"),
              "requires_confirmation");
    const Reply done = post(path + "/confirm", {{"return_url", "https://x.example"}});
    EXPECT_EQ(done.text("/status"), "succeeded");
    EXPECT_EQ(get("/v1/payment_methods/" + done.text("/payment_method")).text("/customer"), payer);
    for (const char* verb : {"/confirm", "/cancel"})
        EXPECT_EQ(post(path + verb, {}).code(), "setup_intent_unexpected_state") << verb;
    EXPECT_THAT(event_types(), ElementsAre("customer.created", "setup_intent.created",
                                           "payment_method.attached", "setup_intent.succeeded"));

    const Reply other = post("/v1/setup_intents", {{"customer", payer}});
    EXPECT_EQ(
        post("/v1/setup_intents/" + other.id() + "/cancel", {{"cancellation_reason", "abandoned"}})
            .text("/cancellation_reason"),
        "abandoned");
}

TEST_F(StripeCards, ThePayersBrowserMayConfirmWithTheSecret) {
    const Reply made = post("/v1/setup_intents", {{"customer", customer()}});
    const auto browser = [&](const std::string& path, const Form& form) {
        const http::Header headers[]{{"Authorization", "Bearer pk_test_sandbox"},
                                     {"Content-Type", "application/x-www-form-urlencoded"}};
        return reply_of(http::post(url + path, encoded(form), patient, headers));
    };
    const std::string path = "/v1/setup_intents/" + made.id() + "/confirm";
    const Form right{{"client_secret", made.text("/client_secret")},
                     {"payment_method", "pm_card_visa"},
                     {"use_stripe_sdk", "true"}};
    EXPECT_EQ(browser(path, {{"client_secret", "wrong"}}).status, 400U);
    EXPECT_EQ(browser(path, {}).code(), "parameter_missing");
    EXPECT_EQ(browser("/v1/customers", {}).code(), "secret_key_required");
    EXPECT_EQ(browser(path, right).text("/status"), "succeeded");
}

TEST_F(StripeCards, ThePayerAuthenticatesHisCard) {
    const Reply asked = pay("pm_card_threeDSecure2Required");
    ASSERT_EQ(asked.status, 200U);
    EXPECT_EQ(asked.text("/status"), "requires_action");
    EXPECT_EQ(asked.text("/next_action/type"), "redirect_to_url");
    EXPECT_EQ(asked.text("/next_action/redirect_to_url/return_url"), "https://shop.example/back");
    EXPECT_TRUE(asked.null("/latest_charge"));
    EXPECT_EQ(event_types().back(), "payment_intent.requires_action");
    const Reply done = control("challenges/" + asked.id(), {{"outcome", "succeeded"}});
    EXPECT_EQ(done.text("/status"), "succeeded");
    EXPECT_TRUE(done.null("/next_action"));
    EXPECT_EQ(get("/v1/charges/" + done.text("/latest_charge"))
                  .text("/payment_method_details/card/three_d_secure/result"),
              "authenticated");
    EXPECT_EQ(control("challenges/" + asked.id(), {{"outcome", "failed"}}).status, 409U);
}

TEST_F(StripeCards, AFailedChallengeLeavesTheIntentForAnotherCard) {
    const Reply asked = pay("pm_card_threeDSecure2Required", {{"capture_method", "manual"}});
    const Reply failed = control("challenges/" + asked.id(), {{"outcome", "failed"}});
    EXPECT_EQ(failed.text("/status"), "requires_payment_method");
    EXPECT_EQ(failed.text("/last_payment_error/code"), "payment_intent_authentication_failure");
    EXPECT_EQ(event_types().back(), "payment_intent.payment_failed");
    EXPECT_EQ(
        post("/v1/payment_intents/" + asked.id() + "/confirm", {{"payment_method", "pm_card_visa"}})
            .text("/status"),
        "requires_capture");
}

TEST_F(StripeCards, AChallengeMayEndInADecline) {
    const Reply asked = pay("pm_card_threeDSecureRequiredChargeDeclined");
    EXPECT_EQ(asked.text("/status"), "requires_action");
    const Reply declined = control("challenges/" + asked.id(), {{"outcome", "succeeded"}});
    EXPECT_EQ(declined.text("/status"), "requires_payment_method");
    EXPECT_EQ(declined.text("/last_payment_error/code"), "card_declined");
}

TEST_F(StripeCards, AWaitingIntentCanBeCancelled) {
    const Reply asked = pay("pm_card_authenticationRequired");
    const Reply cancelled = post("/v1/payment_intents/" + asked.id() + "/cancel");
    EXPECT_EQ(cancelled.text("/status"), "canceled");
    EXPECT_TRUE(cancelled.null("/next_action"));
}

TEST_F(StripeCards, AnErrorInsteadOfAChallengeWhenTheMerchantWantsIt) {
    const Reply refused =
        pay("pm_card_threeDSecure2Required", {{"error_on_requires_action", "true"}});
    EXPECT_EQ(refused.status, 402U);
    EXPECT_EQ(refused.code(), "authentication_required");
    EXPECT_EQ(refused.text("/error/payment_intent/status"), "requires_payment_method");
}

TEST_F(StripeCards, AuthenticationIsAskedForOnlyWhereItCan) {
    EXPECT_EQ(pay("pm_card_threeDSecureOptional").text("/status"), "succeeded");
    const std::string option = "payment_method_options[card][request_three_d_secure]";
    EXPECT_EQ(pay("pm_card_threeDSecureOptional", {{option, "any"}}).text("/status"),
              "requires_action");
    EXPECT_EQ(pay("pm_card_visa", {{option, "any"}}).text("/status"), "succeeded");
    EXPECT_EQ(pay("pm_card_visa", {{option, "perhaps"}}).status, 400U);
}

TEST_F(StripeCards, AnAbsentPayerCannotAuthenticate) {
    const std::string payer = customer();
    const auto charge = [&](const std::string& card) {
        return post("/v1/payment_intents",
                    payment("1000", card, {{"customer", payer}, {"off_session", "true"}}));
    };
    // Asks every time.
    const Reply always = charge(saved_card(payer, "pm_card_authenticationRequired"));
    EXPECT_EQ(always.status, 402U);
    EXPECT_EQ(always.code(), "authentication_required");
    EXPECT_EQ(always.text("/error/payment_intent/status"), "requires_payment_method");
    // Asked while it was set up, and not any more.
    EXPECT_EQ(charge(saved_card(payer, "pm_card_authenticationRequiredOnSetup")).status, 200U);
    EXPECT_EQ(charge(saved_card(payer, "pm_card_threeDSecure2Required")).status, 200U);
    // Attached without a setup, so nobody was asked.
    const Reply bare = post("/v1/payment_methods/pm_card_authenticationRequiredOnSetup/attach",
                            {{"customer", payer}});
    EXPECT_EQ(charge(bare.id()).code(), "authentication_required");
    // Is known to be set up, and yet asks a payer who is there.
    const Reply known =
        post("/v1/payment_methods/pm_card_authenticationRequiredSetupForOffSession/attach",
             {{"customer", payer}});
    EXPECT_EQ(charge(known.id()).status, 200U);
    EXPECT_EQ(pay(known.id(), {{"customer", payer}}).text("/status"), "requires_action");
}

TEST_F(StripeCards, ASetupNeedsItsChallengeToo) {
    const Reply setup =
        post("/v1/setup_intents", {{"customer", customer()},
                                   {"confirm", "true"},
                                   {"payment_method", "pm_card_authenticationRequiredOnSetup"},
                                   {"allowed_payment_method_types[]", "card"}});
    EXPECT_EQ(setup.text("/status"), "requires_action");
    EXPECT_EQ(setup.text("/next_action/type"), "use_stripe_sdk");
    const Reply failed = control("challenges/" + setup.id(), {{"outcome", "failed"}});
    EXPECT_EQ(failed.text("/status"), "requires_payment_method");
    EXPECT_EQ(failed.text("/last_setup_error/code"), "setup_intent_authentication_failure");
    EXPECT_EQ(control("challenges/" + setup.id(), {{"outcome", "succeeded"}}).status, 409U);
}

TEST_F(StripeCards, CardNumbersAreChecked) {
    const auto create = [&](const char* number) {
        return post("/v1/payment_methods", {{"type", "card"},
                                            {"card[number]", number},
                                            {"card[exp_month]", "12"},
                                            {"card[exp_year]", "2034"}});
    };
    EXPECT_EQ(create("4242424242424241").code(), "incorrect_number");
    EXPECT_EQ(create("4242424242424241").status, 402U);
    EXPECT_EQ(create("4111111111111111").code(), "card_declined"); // Nobody's test card.
    EXPECT_EQ(create("4000000000009995").text("/card/last4"), "9995");
    EXPECT_EQ(post("/v1/payment_methods", {{"type", "card"}, {"card[token]", "tok_visa"}})
                  .text("/card/brand"),
              "visa");
    EXPECT_EQ(post("/v1/payment_methods", {{"type", "sepa_debit"}}).status, 400U);
}

TEST_F(StripeCards, TheNetworkRenewsACard) {
    const std::string card = saved_card(customer(), "pm_card_visa");
    const Reply renewed =
        control("payment_methods/" + card, {{"exp_month", 3}, {"exp_year", 2040}});
    EXPECT_EQ(renewed.number("/card/exp_year"), 2040);
    EXPECT_EQ(event_types().back(), "payment_method.automatically_updated");
}

} // namespace
} // namespace tests::sandbox
