// Who may ask, how it is asked, and how answers are paged, expanded and searched.

#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StripeRequests : public Stripe {
protected:
    using Stripe::Stripe;

    Reply get_with(const std::string& path, std::vector<http::Header> headers) const {
        return reply_of(http::get(url + path, patient, headers));
    }
    static std::vector<std::string> ids(const Reply& list) {
        std::vector<std::string> ids;
        for (const json::value& one : list.at("/data").as_array())
            ids.emplace_back(one.at("id").as_string());
        return ids;
    }
};

TEST_F(StripeRequests, NeedAKey) {
    const Reply none = get_with("/v1/balance", {});
    EXPECT_EQ(none.status, 401U);
    EXPECT_EQ(none.text("/error/type"), "invalid_request_error");
    const Reply wrong = get_with("/v1/balance", {{"Authorization", "Bearer sk_test_other_key"}});
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_THAT(wrong.response.body, Not(HasSubstr("other_key")));
    EXPECT_EQ(get_with("/v1/balance", {{"Authorization", "Bearer sk_test_sandbox"}}).status, 200U);
    // "sk_test_sandbox:" in base64.
    EXPECT_EQ(get_with("/v1/balance", {{"Authorization", "Basic c2tfdGVzdF9zYW5kYm94Og=="}}).status,
              200U);
}

TEST_F(StripeRequests, SpeakOneVersion) {
    const http::Header key{"Authorization", "Bearer sk_test_sandbox"};
    const Reply right = get_with("/v1/balance", {key, {"Stripe-Version", "2026-10-28.endive"}});
    EXPECT_EQ(right.status, 200U);
    EXPECT_EQ(right.response.header("Stripe-Version"), "2026-10-28.endive");
    EXPECT_FALSE(right.response.header("Request-Id").empty());
    EXPECT_EQ(get_with("/v1/balance", {key, {"Stripe-Version", "2020-08-27"}}).status, 400U);
}

TEST_F(StripeRequests, NeedARouteAndAForm) {
    EXPECT_EQ(get("/v1/nothing").status, 404U);
    EXPECT_EQ(get("/v1/customers/").status, 404U);
    EXPECT_EQ(get("/").status, 404U);
    const http::Header headers[]{{"Authorization", "Bearer sk_test_sandbox"},
                                 {"Content-Type", "application/json"}};
    EXPECT_EQ(reply_of(http::post(url + "/v1/customers", "{}", patient, headers)).status, 400U);
    EXPECT_EQ(post("/v1/customers", {{"emial", "a@b.c"}}).code(), "parameter_unknown");
    EXPECT_EQ(get("/v1/customers/cus_nobody").code(), "resource_missing");
    EXPECT_EQ(get("/v1/customers/cus_nobody").status, 404U);
    EXPECT_EQ(get("/v1/payment_intents/pi_nothing").text("/error/message"),
              "No such payment_intent: 'pi_nothing'");
    EXPECT_EQ(post("/v1/customers", {{"email", "a@b.c"}, {"email[x]", "y"}}).status, 400U);
}

TEST_F(StripeRequests, BracketsMayBeEncodedOrNot) {
    const http::Header headers[]{{"Authorization", "Bearer sk_test_sandbox"},
                                 {"Content-Type", "application/x-www-form-urlencoded"}};
    for (const char* body : {"metadata[a b]=c%20d", "metadata%5Ba+b%5D=c+d"}) {
        const Reply made = reply_of(http::post(url + "/v1/customers", body, patient, headers));
        EXPECT_EQ(made.at("/metadata"), (json::object{{"a b", "c d"}})) << body;
    }
}

TEST_F(StripeRequests, ListsArePaged) {
    std::vector<std::string> made;
    for (int i = 0; i < 25; ++i)
        made.insert(made.begin(), post("/v1/customers").id());
    const auto part = [&](std::size_t from, std::size_t to) {
        return std::vector<std::string>(made.begin() + static_cast<std::ptrdiff_t>(from),
                                        made.begin() + static_cast<std::ptrdiff_t>(to));
    };
    const Reply first = get("/v1/customers");
    EXPECT_EQ(ids(first), part(0, 10));
    EXPECT_TRUE(first.at("/has_more").as_bool());
    EXPECT_EQ(first.text("/url"), "/v1/customers");
    EXPECT_EQ(ids(get("/v1/customers", {{"starting_after", made[9]}})), part(10, 20));
    const Reply last = get("/v1/customers", {{"starting_after", made[19]}, {"limit", "100"}});
    EXPECT_EQ(ids(last), part(20, 25));
    EXPECT_FALSE(last.at("/has_more").as_bool());
    const Reply back = get("/v1/customers", {{"ending_before", made[20]}, {"limit", "5"}});
    EXPECT_EQ(ids(back), part(15, 20));
    EXPECT_TRUE(back.at("/has_more").as_bool());
    EXPECT_TRUE(ids(get("/v1/customers", {{"starting_after", made[24]}})).empty());

    EXPECT_EQ(get("/v1/customers", {{"limit", "0"}}).status, 400U);
    EXPECT_EQ(get("/v1/customers", {{"limit", "101"}}).status, 400U);
    EXPECT_EQ(get("/v1/customers", {{"starting_after", "cus_nobody"}}).status, 400U);
    EXPECT_EQ(
        get("/v1/customers", {{"starting_after", made[0]}, {"ending_before", made[1]}}).status,
        400U);
}

TEST_F(StripeRequests, ListsAreNarrowedByTime) {
    const auto pay = [&] { return post("/v1/payment_intents", payment("1000", "pm_card_visa")); };
    const std::string first = pay().id();
    pass(std::chrono::seconds{100});
    const std::string second = pay().id();
    const std::string time = std::to_string(start_seconds + 100);
    const auto found = [&](const std::string& name, const std::string& value) {
        return ids(get("/v1/payment_intents", {{name, value}}));
    };
    EXPECT_THAT(found("created[gte]", time), ElementsAre(second));
    EXPECT_THAT(found("created[lt]", time), ElementsAre(first));
    EXPECT_THAT(found("created", time), ElementsAre(second));
    EXPECT_THAT(found("created[gt]", time), ElementsAre());
    EXPECT_THAT(found("created[lte]", time), ElementsAre(second, first));
    EXPECT_EQ(get("/v1/payment_intents", {{"created[gte]", "soon"}}).status, 400U);
    EXPECT_EQ(get("/v1/payment_intents", {{"created[from]", "1"}}).status, 400U);
}

TEST_F(StripeRequests, IdsAreExpanded) {
    const std::string payer = customer();
    const Reply paid =
        post("/v1/payment_intents", payment("1000", "pm_card_visa",
                                            {{"customer", payer},
                                             {"expand[0]", "customer"},
                                             {"expand[1]", "payment_method"},
                                             {"expand[2]", "latest_charge.balance_transaction"}}));
    EXPECT_EQ(paid.text("/customer/email"), "user-a@example.com");
    EXPECT_EQ(paid.text("/payment_method/card/brand"), "visa");
    EXPECT_EQ(paid.text("/latest_charge/balance_transaction/object"), "balance_transaction");
    const Reply list = get("/v1/payment_intents", {{"expand[]", "data.latest_charge.customer"}});
    EXPECT_EQ(list.text("/data/0/latest_charge/customer/id"), payer);
    const Reply line = get("/v1/balance_transactions", {{"expand[]", "data.source"}});
    EXPECT_EQ(line.text("/data/0/source/object"), "charge");
    EXPECT_EQ(get("/v1/payment_intents", {{"expand[]", "latest_charge"}}).status, 400U);
    EXPECT_EQ(get("/v1/payment_intents/" + paid.id(), {{"expand[]", "amount"}}).status, 400U);
    EXPECT_EQ(get("/v1/payment_intents/" + paid.id(),
                  {{"expand[]", "latest_charge.payment_intent.latest_charge.payment_intent."
                                "latest_charge"}})
                  .status,
              400U);
}

TEST_F(StripeRequests, AWrongExpansionChangesNothing) {
    EXPECT_EQ(
        post("/v1/payment_intents", payment("1000", "pm_card_visa", {{"expand[]", "nonsense"}}))
            .status,
        400U);
    EXPECT_TRUE(ids(get("/v1/payment_intents")).empty());
}

TEST_F(StripeRequests, IntentsAreFoundByMetadata) {
    const auto pay = [&](const char* amount, const char* order) {
        return post("/v1/payment_intents",
                    payment(amount, "pm_card_visa", {{"metadata[order]", order}}))
            .id();
    };
    const std::string one = pay("1000", "d1"), two = pay("2000", "it's");
    const std::string held =
        post("/v1/payment_intents",
             payment("3000", "pm_card_visa",
                     {{"capture_method", "manual"}, {"metadata[order]", "d1-long"}}))
            .id();
    const auto search = [&](const char* query) {
        return ids(get("/v1/payment_intents/search", {{"query", query}}));
    };
    EXPECT_THAT(search("metadata['order']:'d1'"), ElementsAre(one));
    EXPECT_THAT(search("metadata[\"order\"]~\"d1\""), ElementsAre(held, one));
    EXPECT_THAT(search("metadata['order']:'it\\'s'"), ElementsAre(two));
    EXPECT_THAT(search("status:'requires_capture'"), ElementsAre(held));
    EXPECT_THAT(search("amount>1000 AND amount<3000"), ElementsAre(two));
    EXPECT_THAT(search("amount>=2000 status:'succeeded'"), ElementsAre(two));
    EXPECT_THAT(search("metadata['order']:'d1' OR amount:3000"), ElementsAre(held, one));
    EXPECT_THAT(search("-status:'succeeded'"), ElementsAre(held));
    EXPECT_THAT(search("metadata['other']:null amount<=1000"), ElementsAre(one));
    for (const char* wrong :
         {"", "order:'d1'", "status:'a' AND amount>1 OR amount<1", "amount>'", "status>'a'",
          "metadata:'x'", "amount>ten", "status:succeeded", "amount>1AND amount<2"})
        EXPECT_EQ(get("/v1/payment_intents/search", {{"query", wrong}}).status, 400U) << wrong;
}

TEST_F(StripeRequests, SearchIsPaged) {
    std::vector<std::string> made;
    for (int i = 0; i < 5; ++i)
        made.insert(made.begin(),
                    post("/v1/payment_intents", payment("1000", "pm_card_visa")).id());
    Form form{{"query", "amount:1000"}, {"limit", "2"}};
    std::vector<std::string> found;
    for (;;) {
        const Reply page = get("/v1/payment_intents/search", form);
        for (const std::string& id : ids(page))
            found.push_back(id);
        if (!page.at("/has_more").as_bool()) break;
        form = {{"query", "amount:1000"}, {"limit", "2"}, {"page", page.text("/next_page")}};
    }
    EXPECT_EQ(found, made);
}

class StripeSlowSearch : public StripeRequests {
protected:
    static gateways::sandbox::stripe::Terms terms() {
        gateways::sandbox::stripe::Terms terms;
        terms.search_lag = std::chrono::seconds{60};
        return terms;
    }
    StripeSlowSearch() : StripeRequests{terms()} {}
};

TEST_F(StripeSlowSearch, WhatIsNewIsFoundLater) {
    const Reply paid = post("/v1/payment_intents", payment("1000", "pm_card_visa"));
    const Form query{{"query", "amount:1000"}};
    EXPECT_TRUE(ids(get("/v1/payment_intents/search", query)).empty());
    EXPECT_THAT(ids(get("/v1/payment_intents")), ElementsAre(paid.id())); // Lists know at once.
    pass(std::chrono::seconds{60});
    EXPECT_THAT(ids(get("/v1/payment_intents/search", query)), ElementsAre(paid.id()));
}

TEST_F(StripeRequests, EventsTellWhoAskedForThem) {
    const Reply paid =
        post("/v1/payment_intents", payment("1000", "pm_card_visa"), "order-1/confirm");
    const Reply events = get("/v1/events", {{"type", "payment_intent.*"}});
    ASSERT_EQ(events.at("/data").as_array().size(), 2U);
    EXPECT_EQ(events.text("/data/0/type"), "payment_intent.succeeded");
    EXPECT_EQ(events.text("/data/0/request/idempotency_key"), "order-1/confirm");
    EXPECT_EQ(events.text("/data/0/request/id"), paid.response.header("Request-Id"));
    EXPECT_EQ(events.text("/data/0/api_version"), "2026-10-28.endive");
    EXPECT_EQ(events.at("/data/0/data/object"), paid.body);
    EXPECT_EQ(get("/v1/events/" + events.text("/data/0/id")).body, events.at("/data/0"));
    EXPECT_EQ(get("/v1/events", {{"types[0]", "charge.succeeded"}, {"types[1]", "refund.created"}})
                  .at("/data")
                  .as_array()
                  .size(),
              1U);
}

TEST_F(StripeRequests, EverythingCanBeForgotten) {
    const Reply paid = post("/v1/payment_intents", payment("1000", "pm_card_visa"), "key");
    EXPECT_THAT(raw("DELETE /sandbox/data HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr("200 OK"));
    EXPECT_EQ(get("/v1/payment_intents/" + paid.id()).status, 404U);
    EXPECT_TRUE(ids(get("/v1/events")).empty());
    EXPECT_EQ(post("/v1/payment_intents", payment("2000", "pm_card_visa"), "key").status, 200U);
}

} // namespace
} // namespace tests::sandbox
