// What the sandbox's chain bills, as its Grid Proxy shows it.

#include "gateways/http/client.hpp"
#include "gateways/sandbox/servers.hpp"
#include "gateways/tfgrid/grid_proxy.hpp"
#include "tests/tfgrid/bill_samples.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include <tuple>

namespace {

namespace json = boost::json;
using namespace gateways;
using namespace gateways::tfgrid;
using namespace bill_samples;
using domain::Time;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SandboxChain : public testing::Test {
protected:
    SandboxChain() {
        servers_.start();
        grid_ = std::make_unique<http::Client>(servers_.directory().grid, http::ClientOptions{});
        GridProxyOptions options;
        options.url = servers_.directory().grid_proxy;
        options.bills_page_size = 10;
        proxy_ = std::make_unique<GridProxy>(options);
        servers_.clock()->freeze(true);
        servers_.clock()->set(sandbox::Time{std::chrono::milliseconds{first_hour + 400}});
    }

    void ask(http::Verb verb, std::string_view path, std::string_view body = {}) {
        std::vector<http::Header> headers{{"Authorization", "Bearer sandbox"}};
        if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
        const auto answer = grid_->send(verb, path, body, headers);
        ASSERT_TRUE(answer);
        ASSERT_LT(answer->status, 300) << answer->body;
    }
    void deploy() {
        ask(http::Verb::post, "/v1/deployments",
            R"({"name":"d1p1","node":11,"resources":{"cru":2,"mru":4,"sru":50},
                "ssh_key":"ssh-ed25519 A b","application":"ubuntu-22.04"})");
    }
    void wallet(std::int64_t free) {
        ask(http::Verb::post, "/sandbox/balance",
            json::serialize(json::object{{"free", std::to_string(free)}}));
    }
    void pass(std::int64_t minutes) { servers_.clock()->advance(std::chrono::minutes{minutes}); }

    sandbox::Servers servers_;
    std::unique_ptr<http::Client> grid_;
    std::unique_ptr<GridProxy> proxy_;
    const domain::ContractId machine_{"9002"}; // After its network.
};

TEST_F(SandboxChain, bills_by_the_hour_and_the_rest_at_the_end) {
    EXPECT_THAT(proxy_->bills(machine_, {}), IsEmpty());
    EXPECT_EQ(proxy_->created(machine_), std::nullopt);
    deploy();
    EXPECT_EQ(proxy_->created(machine_), at(0));
    pass(2 * 60);
    EXPECT_THAT(proxy_->bills(machine_, {}), ElementsAre(bill(2), bill(1)));
    EXPECT_THAT(proxy_->bills({"9001"}, {}), IsEmpty()); // A network costs nothing.
    pass(6);
    ask(http::Verb::delete_, "/v1/contracts/9002");
    pass(60);
    EXPECT_THAT(proxy_->bills(machine_, {}), ElementsAre(bill(2.1, 450'000), bill(2), bill(1)));
    pass(25 * 60);
    EXPECT_THAT(proxy_->bills(machine_, {}), SizeIs(3));
}

TEST_F(SandboxChain, shows_bills_in_pages_as_far_back_as_is_asked) {
    deploy();
    pass(25 * 60);
    EXPECT_THAT(proxy_->bills(machine_, {}), SizeIs(25));
    EXPECT_THAT(proxy_->bills(machine_, at(16)), SizeIs(10));
    EXPECT_THAT(proxy_->bills(machine_, at(15)), SizeIs(20));
}

TEST_F(SandboxChain, bills_with_the_tier_that_the_wallet_reaches_at_that_hour) {
    deploy();
    const std::int64_t month = 720LL * 11'250'000; // Without any discount.
    std::vector<GridBill> expected;
    for (const auto& [months, tier, amount] :
         {std::tuple{18, domain::DiscountTier::gold, 4'500'000},
          {6, domain::DiscountTier::silver, 6'750'000},
          {3, domain::DiscountTier::bronze, 7'875'000},
          {2, domain::DiscountTier::standard, 9'000'000},
          {1, domain::DiscountTier::none, 11'250'000}}) {
        wallet(months * month);
        pass(60);
        expected.insert(expected.begin(),
                        GridBill{at(static_cast<double>(expected.size() + 1)),
                                 {amount, domain::Currency::tft},
                                 tier});
    }
    EXPECT_EQ(proxy_->bills(machine_, {}), expected);
}

TEST_F(SandboxChain, bills_with_the_level_that_it_is_told) {
    deploy();
    ask(http::Verb::post, "/sandbox/level", R"({"level":"Silver"})");
    pass(60);
    ask(http::Verb::post, "/sandbox/level", R"({"level":null})");
    pass(60);
    const std::vector<GridBill> all{
        bill(2), {at(1), {6'750'000, domain::Currency::tft}, domain::DiscountTier::silver}};
    EXPECT_EQ(proxy_->bills(machine_, {}), all);
}

TEST_F(SandboxChain, bills_nothing_while_the_wallet_is_empty_and_then_all_at_once) {
    deploy();
    wallet(0);
    pass(3 * 60);
    EXPECT_THAT(proxy_->bills(machine_, {}), IsEmpty());
    wallet(3 * 11'250'000);
    const std::vector<GridBill> all{
        {at(3), {3 * 11'250'000, domain::Currency::tft}, domain::DiscountTier::none}};
    EXPECT_EQ(proxy_->bills(machine_, {}), all);
}

TEST_F(SandboxChain, bills_with_the_prices_that_it_is_told) {
    ask(http::Verb::post, "/sandbox/prices",
        R"({"tft":20,"policy":{"id":1,"cu":305600,"su":194400,"ipu":69400,"unique_name":13900}})");
    deploy();
    pass(60);
    EXPECT_THAT(proxy_->bills(machine_, {}), ElementsAre(bill(1, 7'084'000)));
}

} // namespace
