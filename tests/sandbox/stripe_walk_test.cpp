// Random walks over everything a merchant and the banks can do, with the books checked after each
// step: what the parts say about themselves has to agree.

#include "gateways/sandbox/random.hpp"
#include "tests/sandbox/stripe_client.hpp"

#include <map>

namespace tests::sandbox {
namespace {

class StripeWalk : public Stripe, public testing::WithParamInterface<int> {
protected:
    // All of a list, whatever it takes.
    json::array all(const std::string& path) const {
        json::array objects;
        Form form{{"limit", "100"}};
        for (;;) {
            const Reply page = get(path, form);
            EXPECT_EQ(page.status, 200U) << page.response.body;
            for (const json::value& object : page.at("/data").as_array())
                objects.push_back(object);
            if (!page.at("/has_more").as_bool()) return objects;
            form = {{"limit", "100"},
                    {"starting_after", std::string{objects.back().at("id").as_string()}}};
        }
    }

    void step(gateways::sandbox::Random& random);
    void check() const;

    std::string some(const std::string& path, gateways::sandbox::Random& random) const {
        const json::array objects = all(path);
        if (objects.empty()) return "none";
        return std::string{objects[random.below(objects.size())].at("id").as_string()};
    }
};

void StripeWalk::step(gateways::sandbox::Random& random) {
    static constexpr const char* cards[]{
        "pm_card_visa",          "pm_card_chargeCustomerFail", "pm_card_authenticationRequired",
        "pm_card_createDispute", "pm_card_pendingRefund",      "pm_card_refundFail",
        "pm_card_bypassPending", "pm_card_radarBlock",         "pm_card_createDisputeInquiry"};
    static constexpr const char* methods[]{"automatic", "automatic_async", "manual"};
    const std::string card = cards[random.below(std::size(cards))];
    const std::string amount = std::to_string(random.between(50, 5000));
    const std::string intent = "/v1/payment_intents/" + some("/v1/payment_intents", random);
    const std::string id = intent.substr(sizeof "/v1/payment_intents/" - 1);
    switch (random.below(11)) {
    case 0:
    case 1:
    case 2:
        post("/v1/payment_intents",
             payment(amount, card, {{"capture_method", methods[random.below(3)]}}));
        break;
    case 3: post(intent + "/capture", {{"amount_to_capture", amount}}); break;
    case 4: post(intent + "/cancel"); break;
    case 5: post(intent + "/confirm", {{"payment_method", card}}); break;
    case 6:
        control("challenges/" + id, {{"outcome", random.chance(700) ? "succeeded" : "failed"}});
        break;
    case 7:
    case 8: post("/v1/refunds", {{"payment_intent", id}, {"amount", amount}}); break;
    case 9:
        if (random.chance(500))
            control("disputes", {{"payment_intent", id}});
        else
            control("disputes/" + some("/v1/disputes", random),
                    {{"outcome", random.chance(500) ? "won" : "lost"}});
        break;
    default: pass(std::chrono::seconds{random.between(1, 100'000)}); break;
    }
}

void StripeWalk::check() const {
    std::int64_t sum = 0;
    std::map<std::string, std::int64_t> captured, refunded, disputed;
    for (const json::value& line : all("/v1/balance_transactions")) {
        const auto amount = line.at("amount").as_int64(), fee = line.at("fee").as_int64();
        ASSERT_EQ(line.at("net").as_int64(), amount - fee);
        sum += amount - fee;
        if (line.at("type") == "charge") {
            ASSERT_EQ(fee, (amount * 29 + 500) / 1000 + 30);
            ASSERT_TRUE(captured.emplace(line.at("source").as_string(), amount).second);
        }
    }
    const Reply balance = get("/v1/balance");
    ASSERT_EQ(sum, balance.number("/available/0/amount") + balance.number("/pending/0/amount"));

    for (const json::value& refund : all("/v1/refunds"))
        if (refund.at("status") != "failed")
            refunded[std::string{refund.at("charge").as_string()}] +=
                refund.at("amount").as_int64();
    for (const json::value& dispute : all("/v1/disputes"))
        if (dispute.at("status") == "needs_response" || dispute.at("status") == "lost")
            disputed[std::string{dispute.at("charge").as_string()}] +=
                dispute.at("amount").as_int64();
    for (const json::value& charge : all("/v1/charges")) {
        const std::string id{charge.at("id").as_string()};
        const auto taken = charge.at("amount_captured").as_int64();
        ASSERT_EQ(charge.at("amount_refunded").as_int64(), refunded[id]);
        // Nothing is given back twice.
        ASSERT_LE(refunded[id] + disputed[id], taken);
        ASSERT_LE(taken, charge.at("amount").as_int64());
        ASSERT_EQ(charge.at("captured").as_bool(), taken > 0);
        if (!charge.at("balance_transaction").is_null()) {
            ASSERT_EQ(captured[id], taken);
        }
    }
    for (const json::value& intent : all("/v1/payment_intents")) {
        const auto status = intent.at("status").as_string();
        const auto amount = intent.at("amount").as_int64();
        const auto received = intent.at("amount_received").as_int64();
        ASSERT_EQ(received > 0, status == "succeeded");
        ASSERT_EQ(intent.at("amount_capturable").as_int64(),
                  status == "requires_capture" ? amount : 0);
        ASSERT_EQ(!intent.at("next_action").is_null(), status == "requires_action");
        ASSERT_EQ(!intent.at("canceled_at").is_null(), status == "canceled");
        if (status != "succeeded" && status != "requires_capture") continue;
        const Reply charge =
            get("/v1/charges/" + std::string{intent.at("latest_charge").as_string()});
        ASSERT_EQ(charge.text("/status"), "succeeded");
        ASSERT_EQ(charge.number("/amount_captured"), received);
    }
}

TEST_P(StripeWalk, TheBooksAlwaysAgree) {
    gateways::sandbox::Random random{static_cast<std::uint64_t>(GetParam())};
    for (int i = 0; i < 60; ++i) {
        step(random);
        if (i % 4 == 3) {
            ASSERT_NO_FATAL_FAILURE(check()) << "seed " << GetParam() << " step " << i;
        }
    }
    EXPECT_GT(all("/v1/charges").size(), 5U); // Something has happened.
}

INSTANTIATE_TEST_SUITE_P(Seeds, StripeWalk, testing::Range(1, 9));

} // namespace
} // namespace tests::sandbox
