// The grid's proxy: its lists, its filters, its pages, and a grid that a test hands in.

#include "gateways/sandbox/grid_proxy/catalogue.hpp"
#include "gateways/sandbox/grid_proxy/grid_proxy_sandbox.hpp"
#include "tests/sandbox/stripe_client.hpp"

#include <gmock/gmock.h>

#include <set>

namespace tests::sandbox {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr std::int64_t start_seconds = 1'800'000'000;

class GridProxy : public testing::Test {
protected:
    GridProxy() : GridProxy{0} {}
    explicit GridProxy(std::size_t nodes)
        : clock{std::make_shared<gateways::sandbox::Clock>(
              Time{std::chrono::seconds{start_seconds}})},
          sandbox{options_with(clock, nodes)},
          url{"http://127.0.0.1:" + std::to_string(sandbox.port())} {
        sandbox.start();
    }

    Reply get(const std::string& path) const {
        http::ClientOptions options = patient;
        options.body_bytes_max = 64 * 1024 * 1024;
        return reply_of(http::get(url + path, options));
    }
    Reply control(const std::string& path, const json::value& body) const {
        return reply_of(http::post(url + "/sandbox/" + path, json::serialize(body), patient));
    }
    std::vector<std::int64_t> ids(const std::string& path, const char* name = "nodeId") const {
        std::vector<std::int64_t> ids;
        const Reply list = get(path);
        EXPECT_EQ(list.status, 200U) << path << list.response.body;
        for (const json::value& one : list.body.as_array())
            ids.push_back(one.at(name).as_int64());
        return ids;
    }

    std::shared_ptr<gateways::sandbox::Clock> clock;
    gateways::sandbox::GridProxySandbox sandbox;
    const std::string url;

private:
    static gateways::sandbox::GridProxyOptions
    options_with(std::shared_ptr<gateways::sandbox::Clock> clock, std::size_t nodes) {
        gateways::sandbox::GridProxyOptions options;
        options.front.clock = std::move(clock);
        options.nodes = nodes;
        return options;
    }
};

// Four nodes in three farms.
class SmallGrid : public GridProxy {
protected:
    SmallGrid() {
        const Reply loaded = reply_of(http::post(url + "/sandbox/catalogue", R"({
            "farms": [
              {"farmId": 7, "name": "Farm H", "twinId": 100, "publicIps": [
                {"id": "a", "ip": "185.1.1.2/24", "gateway": "185.1.1.1", "contract_id": 0},
                {"id": "b", "ip": "185.1.1.3/24", "gateway": "185.1.1.1", "contract_id": 9}]},
              {"farmId": 9, "name": "Farm G", "dedicated": true, "certificationType": "Gold"}],
            "nodes": [
              {"nodeId": 11, "farmId": 7, "twinId": 1011, "country": "Belgium", "city": "Ghent"},
              {"nodeId": 12, "farmId": 7, "twinId": 1012, "country": "Belgium",
               "certificationType": "Certified",
               "total_resources": {"cru": 8, "mru": 34359738368, "sru": 536870912000, "hru": 0},
               "used_resources": {"cru": 20, "mru": 17179869184, "sru": 600000000000, "hru": 0}},
              {"nodeId": 21, "farmId": 9, "twinId": 1021, "country": "Germany", "extraFee": 5000,
               "publicConfig": {"domain": "gw.example", "ipv4": "185.1.2.2/24"},
               "gpus": [{"id": "0000:0e:00.0/1002/744c", "vendor": "AMD", "device": "Navi 31",
                         "contract": 0}]},
              {"nodeId": 31, "farmId": 12, "twinId": 1031, "country": "United States",
               "status": "down", "healthy": false, "features": ["zmachine"]}],
            "contracts": [
              {"contract_id": 9001, "twin_id": 42, "type": "node",
               "details": {"nodeId": 11, "deployment_hash": "d1p1", "deployment_data": "{}"}},
              {"contract_id": 9002, "twin_id": 43, "type": "rent", "details": {"nodeId": 12}},
              {"contract_id": 9003, "twin_id": 42, "type": "name", "state": "GracePeriod",
               "details": {"name": "acme"}}],
            "twins": [{"twinId": 42, "accountId": "5Operator", "relay": "relay.grid.tf"}]})",
                                                 patient));
        EXPECT_EQ(loaded.status, 200U) << loaded.response.body;
    }
};

TEST_F(SmallGrid, ANodeIsShownWithWhatFollowsFromTheRest) {
    const Reply list = get("/nodes");
    const json::object node = list.body.as_array()[0].as_object();
    EXPECT_EQ(node.at("nodeId"), 11);
    EXPECT_EQ(node.at("farmName"), "Farm H");
    EXPECT_EQ(node.at("status"), "up");
    EXPECT_EQ(node.at("certificationType"), "Diy");
    EXPECT_EQ(node.at("farm_free_ips"), 1);
    EXPECT_EQ(node.at("rentable"), false); // Somebody's contract is on it.
    EXPECT_EQ(node.at("total_resources").at("cru"), 16);
    EXPECT_EQ(node.at("location").at("region"), "Europe");
    const json::object rented = list.body.as_array()[1].as_object();
    EXPECT_EQ(rented.at("rented"), true);
    EXPECT_EQ(rented.at("rentedByTwinId"), 43);
    EXPECT_EQ(rented.at("rentContractId"), 9002);
    EXPECT_EQ(rented.at("dedicated"), true);
    EXPECT_EQ(list.body.as_array()[2].at("inDedicatedFarm"), true);
}

TEST_F(SmallGrid, OneNodeAloneNestsItsResources) {
    const Reply one = get("/nodes/12");
    EXPECT_EQ(one.number("/capacity/total_resources/cru"), 8);
    EXPECT_EQ(one.number("/capacity/used_resources/cru"), 20);
    EXPECT_FALSE(one.body.as_object().contains("total_resources"));
    EXPECT_EQ(get("/nodes/99").status, 404U);
    EXPECT_EQ(get("/nodes/99").text("/error"), "node not found");
    EXPECT_EQ(get("/nodes/x").status, 404U);
    EXPECT_EQ(get("/nodes/31/status").text("/status"), "down");
    EXPECT_EQ(get("/nodes/31/statistics").status, 500U); // It cannot be asked.
    EXPECT_EQ(get("/nodes/11/statistics").number("/users/deployments"), 1);
    EXPECT_EQ(get("/nodes/21/gpu").body.as_array().size(), 1U);
}

TEST_F(SmallGrid, NodesAreNarrowed) {
    const auto nodes = [&](const char* query) { return ids("/nodes?" + std::string{query}); };
    EXPECT_THAT(nodes(""), ElementsAre(11, 12, 21, 31));
    EXPECT_THAT(nodes("status=up"), ElementsAre(11, 12, 21));
    EXPECT_THAT(nodes("status=up,down"), ElementsAre(11, 12, 21, 31));
    EXPECT_THAT(nodes("healthy=true"), ElementsAre(11, 12, 21));
    EXPECT_THAT(nodes("country=belgium"), ElementsAre(11, 12));
    EXPECT_THAT(nodes("country_contains=e"), ElementsAre(11, 12, 21, 31));
    EXPECT_THAT(nodes("city=ghent"), ElementsAre(11));
    EXPECT_THAT(nodes("region=Europe"), ElementsAre(11, 12, 21));
    EXPECT_THAT(nodes("farm_ids=7,12"), ElementsAre(11, 12, 31));
    EXPECT_THAT(nodes("farm_name=farm%20h"), ElementsAre(11, 12));
    EXPECT_THAT(nodes("free_mru=17179869184"), ElementsAre(11, 12, 21, 31));
    EXPECT_THAT(nodes("free_mru=17179869185"), ElementsAre(11, 21, 31));
    EXPECT_THAT(nodes("free_sru=0"), ElementsAre(11, 21, 31)); // 12 promised more than it has.
    EXPECT_THAT(nodes("total_cru=16"), ElementsAre(11, 21, 31));
    EXPECT_THAT(nodes("certification_type=certified"), ElementsAre(12));
    EXPECT_THAT(nodes("has_gpu=true"), ElementsAre(21));
    EXPECT_THAT(nodes("gpu_device_name=navi&gpu_available=true"), ElementsAre(21));
    EXPECT_THAT(nodes("gpu_vendor_id=10de"), ElementsAre());
    EXPECT_THAT(nodes("ipv4=true"), ElementsAre(21));
    EXPECT_THAT(nodes("domain=false"), ElementsAre(11, 12, 31));
    EXPECT_THAT(nodes("free_ips=1"), ElementsAre(11, 12));
    EXPECT_THAT(nodes("rented=true"), ElementsAre(12));
    EXPECT_THAT(nodes("rented_by=43"), ElementsAre(12));
    EXPECT_THAT(nodes("rentable=true"), ElementsAre(21, 31));
    EXPECT_THAT(nodes("rentable_or_rented_by=43"), ElementsAre(12, 21, 31));
    EXPECT_THAT(nodes("available_for=42"), ElementsAre(11, 31));
    EXPECT_THAT(nodes("available_for=43"), ElementsAre(11, 12, 31));
    EXPECT_THAT(nodes("in_dedicated_farm=true"), ElementsAre(21));
    EXPECT_THAT(nodes("owned_by=100"), ElementsAre(11, 12));
    EXPECT_THAT(nodes("node_ids=11,31&excluded=11"), ElementsAre(31));
    EXPECT_THAT(nodes("features=zmachine,network"), ElementsAre(11, 12, 21));
    EXPECT_THAT(nodes("price_min=1&price_max=1"), ElementsAre());
    EXPECT_THAT(nodes("twin_id=1021"), ElementsAre(21));
    EXPECT_THAT(ids("/gateways"), ElementsAre(21));
}

TEST_F(SmallGrid, AMistypedQueryIsRefused) {
    for (const char* wrong : {"free_cru=1", "contry=Belgium", "status=upp", "node_id=x",
                              "healthy=maybe", "page=0", "sort_by=nothing", "sort_order=up"}) {
        const Reply refused = get("/nodes?" + std::string{wrong});
        EXPECT_EQ(refused.status, 400U) << wrong;
        EXPECT_TRUE(refused.at("/error").is_string()) << wrong;
    }
    EXPECT_EQ(get("/nodes?country=").status, 200U); // An empty value is none.
    EXPECT_EQ(get("/nothing").status, 404U);
    EXPECT_EQ(reply_of(http::post(url + "/nodes", "", patient)).status, 405U);
}

TEST_F(SmallGrid, FarmsContractsAndTwinsAreListed) {
    EXPECT_THAT(ids("/farms", "farmId"), ElementsAre(7, 9, 12));
    EXPECT_THAT(ids("/farms?free_ips=1", "farmId"), ElementsAre(7));
    EXPECT_THAT(ids("/farms?node_has_gpu=true", "farmId"), ElementsAre(9));
    EXPECT_THAT(ids("/farms?country=Belgium&node_certified=true", "farmId"), ElementsAre(7));
    EXPECT_THAT(ids("/farms?name_contains=farm%20", "farmId"), ElementsAre(7, 9));
    EXPECT_EQ(get("/farms?farm_id=7").text("/0/publicIps/0/ip"), "185.1.1.2/24");
    EXPECT_EQ(get("/public_ips?free=true").body.as_array().size(), 1U);

    EXPECT_THAT(ids("/contracts", "contract_id"), ElementsAre(9001, 9002, 9003));
    EXPECT_THAT(ids("/contracts?twin_id=42&type=node", "contract_id"), ElementsAre(9001));
    EXPECT_THAT(ids("/contracts?state=graceperiod", "contract_id"), ElementsAre(9003));
    EXPECT_THAT(ids("/contracts?deployment_hash=d1p1", "contract_id"), ElementsAre(9001));
    EXPECT_EQ(get("/contracts/9001").text("/details/farm_name"), "Farm H");
    EXPECT_EQ(get("/contracts/9003").text("/details/name"), "acme");
    EXPECT_EQ(get("/contracts/1").status, 404U);
    EXPECT_EQ(get("/twins?account_id=5Operator").number("/0/twinId"), 42);

    const Reply stats = get("/stats?status=up");
    EXPECT_EQ(stats.number("/nodes"), 3);
    EXPECT_EQ(stats.number("/nodesDistribution/Belgium"), 2);
    EXPECT_EQ(stats.number("/gateways"), 1);
    EXPECT_EQ(get("/ping").text("/ping"), "pong");
    EXPECT_EQ(get("/health").status, 200U);
}

TEST_F(SmallGrid, WhatIsListedIsSorted) {
    const auto farms = [&](const std::string& by) { return ids("/farms?sort_by=" + by, "farmId"); };
    EXPECT_THAT(farms("farm_id&sort_order=desc"), ElementsAre(12, 9, 7));
    EXPECT_THAT(farms("dedicated&sort_order=desc").front(), 9);
    EXPECT_THAT(farms("free_ips&sort_order=desc").front(), 7);
    EXPECT_THAT(farms("used_ips&sort_order=desc").front(), 7);
    const auto contracts = [&](const std::string& by) {
        return ids("/contracts?sort_by=" + by, "contract_id");
    };
    EXPECT_THAT(contracts("type"), ElementsAre(9003, 9001, 9002));
    EXPECT_THAT(contracts("state"), ElementsAre(9001, 9002, 9003));
    EXPECT_THAT(contracts("twin_id&sort_order=desc"), ElementsAre(9002, 9001, 9003));
    EXPECT_EQ(get("/public_ips?sort_by=contract_id&sort_order=desc").number("/0/contract_id"), 9);
    EXPECT_EQ(get("/twins?sort_by=relay").number("/0/twinId"), 42);
    for (const char* list : {"farms", "contracts", "public_ips", "twins"})
        EXPECT_EQ(get("/" + std::string{list} + "?sort_by=colour").status, 400U) << list;
}

TEST_F(SmallGrid, ContractsAreAddedAndBilled) {
    EXPECT_EQ(control("contracts",
                      {{"contract_id", 9004}, {"twin_id", 42}, {"details", {{"nodeId", 31}}}})
                  .status,
              200U);
    EXPECT_EQ(get("/nodes/31").at("/rentable"), false);
    for (int hour = 1; hour <= 3; ++hour) {
        clock->advance(std::chrono::hours{1});
        EXPECT_EQ(control("contracts/9004/bills",
                          {{"amountBilled", 4'500'000 + hour}, {"discountReceived", "Gold"}})
                      .status,
                  200U);
    }
    const Reply bills = get("/contracts/9004/bills?size=2&ret_count=true");
    EXPECT_EQ(bills.response.header("count"), "3");
    EXPECT_EQ(bills.body.as_array().size(), 2U);
    EXPECT_EQ(bills.number("/0/amountBilled"), 4'500'003); // Newest first.
    EXPECT_EQ(bills.number("/0/timestamp"), start_seconds + 3 * 3600);
    EXPECT_EQ(bills.text("/0/discountReceived"), "Gold");
    EXPECT_DOUBLE_EQ(get("/twins/42/consumption").at("/last_hour_consumption").as_double(),
                     0.4500003);
    control("contracts", {{"contract_id", 9004}, {"state", "Deleted"}});
    EXPECT_EQ(get("/nodes/31").at("/rentable"), true);
    EXPECT_EQ(get("/contracts/9004").number("/twin_id"), 42); // The rest stayed.
    EXPECT_EQ(control("contracts/1/bills", {{"amountBilled", 1}}).status, 404U);
}

TEST_F(SmallGrid, ANodeThatFallsSilentIsNoticedLater) {
    EXPECT_EQ(control("nodes/11", {{"reports", false}}).status, 200U);
    EXPECT_EQ(get("/nodes/11/status").text("/status"), "up");
    clock->advance(std::chrono::minutes{81});
    EXPECT_EQ(get("/nodes/11/status").text("/status"), "down");
    EXPECT_EQ(get("/nodes/12/status").text("/status"), "up"); // Goes on reporting.
    EXPECT_EQ(control("nodes/11", {{"reports", true}}).text("/status"), "up");
    EXPECT_EQ(control("nodes/11", {{"status", "down"}}).text("/status"), "down");
    EXPECT_EQ(control("nodes/11", {{"status", "standby"}}).text("/status"), "standby");
    EXPECT_EQ(control("nodes/11", {{"power", {{"state", "Up"}, {"target", "Up"}}}}).text("/status"),
              "up");
    EXPECT_EQ(control("nodes/11", {{"healthy", false}}).at("/healthy"), false);
    EXPECT_EQ(control("nodes/11", {{"nodeId", 12}}).status, 400U);
    EXPECT_EQ(control("nodes/11", {{"helthy", false}}).status, 400U);
    EXPECT_EQ(control("nodes/99", {{"healthy", false}}).status, 404U);
}

TEST_F(SmallGrid, WhatIsReadCanBeLoaded) {
    const json::value nodes = get("/nodes").body, farms = get("/farms").body;
    const json::value contracts = get("/contracts").body;
    EXPECT_EQ(
        control("catalogue", {{"nodes", nodes}, {"farms", farms}, {"contracts", contracts}}).status,
        200U);
    EXPECT_EQ(get("/farms").body, farms);
    EXPECT_EQ(get("/contracts").body, contracts);
    EXPECT_EQ(ids("/nodes?status=up"), (std::vector<std::int64_t>{11, 12, 21}));
    EXPECT_EQ(control("catalogue", {{"nodes", {json::object{{"farmId", 1}}}}}).status, 400U);
    EXPECT_EQ(control("catalogue", {{"node", json::array{}}}).status, 400U);
    EXPECT_EQ(ids("/nodes").size(), 4U); // A refused load changes nothing.
}

TEST_F(SmallGrid, ReadsFailAsTheyAreTold) {
    const auto script = [&](json::object fault) {
        fault["operation"] = "nodes.*";
        EXPECT_EQ(control("faults", {{"script", json::array{fault}}}).status, 200U);
    };
    script({{"kind", "error"}, {"status", 502}});
    EXPECT_EQ(get("/nodes").status, 502U);
    script({{"kind", "rate_limit"}});
    EXPECT_EQ(get("/nodes").response.header("Retry-After"), "1");
    script({{"kind", "cut_before"}});
    EXPECT_EQ(get("/nodes").status, 0U);
    script({{"kind", "delay"}, {"delay_milliseconds", 20}});
    EXPECT_EQ(get("/nodes").status, 200U);
    EXPECT_EQ(get("/farms").status, 200U);
}

class LargeGrid : public GridProxy {
protected:
    LargeGrid() : GridProxy{3000} {}
};

TEST_F(LargeGrid, IsPaged) {
    const Reply first = get("/nodes?ret_count=true");
    EXPECT_EQ(first.body.as_array().size(), 50U);
    EXPECT_EQ(first.response.header("count"), "3000");
    EXPECT_EQ(first.response.header("size"), "50");
    EXPECT_EQ(first.response.header("pages"), "60");
    EXPECT_TRUE(get("/nodes").response.header("count").empty());
    std::set<std::int64_t> seen;
    for (int page = 1; page <= 7; ++page)
        for (const std::int64_t id : ids("/nodes?size=500&page=" + std::to_string(page)))
            EXPECT_TRUE(seen.insert(id).second);
    EXPECT_EQ(seen.size(), 3000U);
    EXPECT_TRUE(ids("/nodes?size=500&page=8").empty());
}

TEST_F(LargeGrid, IsSortedAndShuffled) {
    const auto fees = [&](const char* order) {
        std::vector<std::int64_t> found;
        const Reply nodes =
            get("/nodes?size=20&sort_by=extra_fee&sort_order=" + std::string{order});
        for (const json::value& node : nodes.body.as_array())
            found.push_back(node.at("extraFee").as_int64());
        return found;
    };
    EXPECT_TRUE(std::ranges::is_sorted(fees("asc")));
    EXPECT_TRUE(std::ranges::is_sorted(fees("desc"), std::greater{}));
    EXPECT_GT(fees("desc")[0], 0);
    EXPECT_NE(ids("/nodes?randomize=true"), ids("/nodes?randomize=true"));
}

TEST_F(LargeGrid, IsLikeARealOne) {
    const Reply stats = get("/stats");
    EXPECT_EQ(stats.number("/nodes"), 3000);
    EXPECT_GT(stats.number("/countries"), 10);
    EXPECT_GT(stats.number("/gpus"), 50);
    EXPECT_GT(stats.number("/gateways"), 50);
    EXPECT_GT(stats.number("/publicIps"), 100);
    EXPECT_GT(stats.number("/contracts"), 1000);
    const auto share = [&](const char* query) {
        return std::stoi(std::string{
            get("/nodes?size=1&ret_count=true&" + std::string{query}).response.header("count")});
    };
    EXPECT_GT(share("status=up"), 2000);
    EXPECT_GT(share("status=down"), 200);
    EXPECT_GT(share("status=standby"), 100);
    EXPECT_EQ(share("status=up") + share("status=down") + share("status=standby"), 3000);
    EXPECT_GT(share("rented=true"), 50);
    EXPECT_GT(share("rentable=true&status=up&region=Europe&free_mru=17179869184"), 100);
    EXPECT_GT(share("certification_type=Certified"), 100);
    EXPECT_EQ(share("price_min=0.01"), 3000);
}

TEST_F(LargeGrid, ComesFromItsSeedAlone) {
    const json::value before = get("/nodes?size=3000").body;
    EXPECT_EQ(control("generate", {{"seed", 2}, {"nodes", 200}}).status, 200U);
    EXPECT_EQ(ids("/nodes?size=3000").size(), 200U);
    EXPECT_EQ(control("generate", {{"seed", 1}, {"nodes", 3000}}).status, 200U);
    EXPECT_EQ(get("/nodes?size=3000").body, before);
    EXPECT_EQ(control("generate", {{"nodes", 1'000'000}}).status, 400U);
}

TEST(GridPrice, IsTheProxysEstimate) {
    gateways::sandbox::grid_proxy::Node node;
    constexpr std::int64_t gib = std::int64_t{1} << 30;
    node.total = {16, 1000 * gib, 0, 64 * gib};
    // 16 CU and 5 SU, at half price.
    EXPECT_DOUBLE_EQ(price_usd(node, 0), 211.018);
    EXPECT_DOUBLE_EQ(price_usd(node, 18 * 212), 84.407); // 60 % off.
    node.certified = true;
    EXPECT_DOUBLE_EQ(price_usd(node, 0), 263.772);
    node.extra_fee = 5000;
    EXPECT_DOUBLE_EQ(price_usd(node, 0), 268.772);
}

} // namespace
} // namespace tests::sandbox
