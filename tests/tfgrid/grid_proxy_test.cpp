#include "gateways/tfgrid/grid_proxy.hpp"

#include "gateways/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

namespace {

using namespace gateways;
using namespace gateways::tfgrid;
using testing::ElementsAre;
using testing::SizeIs;

// As the proxy's list has it: mixed cases, bytes, nulls.
const std::string node_11 = R"({"id":"0000","nodeId":11,"farmId":1,"farmName":"Freefarm",
 "twinId":8,"country":"Belgium","city":"Lochristi","gridVersion":3,"uptime":1,"created":1,
 "farmingPolicyId":1,"updatedAt":1700000000,
 "total_resources":{"cru":56,"sru":1024209530880,"hru":0,"mru":202802909184},
 "used_resources":{"cru":4,"sru":2048419061760,"hru":0,"mru":20280290918},
 "location":{"country":"Belgium","city":"Lochristi","region":"Europe","longitude":null,"latitude":3.8},
 "publicConfig":{"domain":"gent01.grid.tf","gw4":"1.2.3.1","gw6":"","ipv4":"1.2.3.4/24","ipv6":""},
 "status":"up","certificationType":"Certified","dedicated":true,"inDedicatedFarm":false,
 "rentContractId":0,"rented":false,"rentable":true,"rentedByTwinId":0,"power":{"state":"","target":""},
 "num_gpu":1,"extraFee":0,"healthy":true,"dmi":null,"speed":{"upload":1.5,"download":2.5},
 "gpus":[{"id":"0000:0e:00.0/1002/744c","vendor":"AMD","device":"Navi 31","contract":0,"updated_at":1}],
 "price_usd":12.345,"farm_free_ips":3,"features":["zmachine"]})";

TEST(GridProxyReading, a_node_of_the_list) {
    const auto listing = read_nodes("[" + node_11 + "]");
    ASSERT_THAT(listing.all, SizeIs(1));
    const GridNode& node = listing.all[0];
    EXPECT_EQ(node.node, 11);
    EXPECT_EQ(node.farm, 1);
    EXPECT_EQ(node.country, "Belgium");
    EXPECT_EQ(node.region, "Europe");
    EXPECT_EQ(node.capacity, (GridCapacity{56, 188, 953, 0})) << "whole GiB, rounded down";
    EXPECT_GT(node.used.sru, node.capacity.sru) << "it oversells";
    EXPECT_EQ(node.certification, "Certified");
    EXPECT_TRUE(node.healthy && node.dedicated && node.rentable);
    EXPECT_FALSE(node.rented);
    ASSERT_THAT(node.gpus, SizeIs(1));
    EXPECT_EQ(node.gpus[0].contract, 0);
    EXPECT_EQ(node.ipv4, "1.2.3.4/24");
    EXPECT_EQ(node.gateway_domain, "gent01.grid.tf");
    EXPECT_EQ(node.farm_free_ips, 3);
}

TEST(GridProxyReading, one_bad_node_does_not_hide_the_others) {
    const auto listing = read_nodes(
        R"([{"nodeId":12,"farmId":2,"gpus":null,"publicConfig":null},{"nodeId":"x"},5,{}])");
    ASSERT_THAT(listing.all, SizeIs(1));
    EXPECT_EQ(listing.all[0].node, 12);
    EXPECT_EQ(listing.unreadable, 3U);
    EXPECT_THROW(read_nodes("{}"), std::runtime_error);
    EXPECT_THROW(read_nodes("upstream timed out"), std::runtime_error);
}

TEST(GridProxyReading, a_farm_and_its_free_addresses) {
    const auto listing = read_farms(
        R"([{"farmId":1,"name":"Freefarm","twinId":3,"certificationType":"Gold","dedicated":false,
             "publicIps":[{"id":"a","ip":"1.2.3.4/24","gateway":"1.2.3.1","contract_id":0},
                          {"id":"b","ip":"1.2.3.5/24","gateway":"1.2.3.1","contract_id":77}]}])");
    ASSERT_THAT(listing.all, SizeIs(1));
    EXPECT_EQ(listing.all[0].public_ips, 2);
    EXPECT_EQ(listing.all[0].free_public_ips, 1);
}

// Pages of two, of five nodes.
class Pages final : public http::Handler {
public:
    void handle(const http::Request& request, http::Exchange, std::string& answer) override {
        const std::lock_guard lock{mutex_};
        targets_.emplace_back(request.target);
        const auto at = request.target.find("page=");
        const int page = request.target[at + 5] - '0';
        if (page == failing_) {
            http::write_response(request.reply, http::Status::bad_gateway, "text/plain", "late",
                                 answer);
            return;
        }
        std::string body = "[";
        for (int node = 2 * page - 1; node <= std::min(2 * page, 5); ++node)
            body += (body.size() > 1 ? "," : "") + std::string{R"({"farmId":1,"nodeId":)"} +
                    std::to_string(node) + "}";
        http::write_response(request.reply, http::Status::ok, http::json_type, body + "]", answer);
    }

    std::mutex mutex_;
    std::vector<std::string> targets_;
    int failing_ = 0;
};

TEST(GridProxyPaging, all_pages_are_read_or_none) {
    Pages pages;
    http::Server server{{}, pages};
    server.start();
    GridProxyOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(server.port());
    options.page_size = 2;
    GridProxy proxy{options};
    EXPECT_THAT(proxy.nodes("status=up").all, SizeIs(5));
    EXPECT_THAT(pages.targets_,
                ElementsAre("/nodes?size=2&page=1&status=up", "/nodes?size=2&page=2&status=up",
                            "/nodes?size=2&page=3&status=up"));
    pages.failing_ = 2;
    EXPECT_THROW(proxy.nodes(), std::runtime_error);
    server.stop(std::chrono::milliseconds{0});
}

} // namespace
