// The description of the routes is the committed one, is served, and names what there is.

#include "gateways/market/openapi.hpp"

#include "gateways/market/routes.hpp"
#include "tests/market/running_market.hpp"

#include <boost/json.hpp>

#include <fstream>

namespace tests {

namespace {

namespace market = gateways::market;

std::string committed() {
    std::ifstream file{SOURCE_DIR "/schemas/openapi.json", std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(OpenApi, IsAsTheRoutesHaveIt) {
    EXPECT_TRUE(committed() == market::make_openapi(SOURCE_DIR "/schemas/examples"))
        << "it differs: run openapi_generate schemas/examples schemas/openapi.json";
    EXPECT_TRUE(committed() == market::openapi_document());
}

TEST(OpenApi, NamesEveryRouteOnce) {
    const auto document = boost::json::parse(committed());
    std::size_t operations = 0;
    for (const auto& [path, methods] : document.at("paths").as_object())
        operations += methods.as_object().size();
    EXPECT_EQ(operations, market::all_routes().size());
    for (const market::Route& route : market::all_routes())
        EXPECT_TRUE(document.at("paths")
                        .as_object()
                        .at(route.path)
                        .as_object()
                        .contains(route.method == http::Verb::get ? "get" : "post"))
            << route.path;
}

// They are written into one object.
TEST(OpenApi, NoStateHasAMemberOfTheHeadOfItsResource) {
    const auto document = boost::json::parse(committed());
    const auto& schemas = document.at("components").at("schemas").as_object();
    const auto& head = schemas.at("resource_head").at("properties").as_object();
    EXPECT_GT(head.size(), 3u);
    for (const market::ResourceRoute& resource : market::resource_routes())
        for (const auto& [name, schema] :
             schemas.at(resource.aggregate).at("properties").as_object())
            EXPECT_FALSE(head.contains(name)) << resource.aggregate << "." << name;
}

TEST(Routes, SayWhatAPathAllows) {
    EXPECT_EQ(market::allowed_methods("/v1/payments"), "GET, HEAD, POST");
    EXPECT_EQ(market::allowed_methods("/v1/books"), "GET, HEAD");
    EXPECT_EQ(market::allowed_methods("/v1/payments/1"), "GET, HEAD");
    EXPECT_EQ(market::allowed_methods("/v1/payments/1/capture"), "POST");
    EXPECT_EQ(market::allowed_methods("/v1/payments/1/events"), "GET, HEAD");
    for (const char* path : {"", "/", "/v1", "/v1/", "/v1/payments/", "/v1/payments//capture",
                             "/v1/payments/1/fly", "/v1/payments/1/capture/", "/v2/payments"})
        EXPECT_EQ(market::allowed_methods(path), "") << path;
}

class OpenApiTest : public testing::Test {
protected:
    RunningMarket market_;
};

TEST_F(OpenApiTest, IsServedToAnybody) {
    const Response served = market_.request_plain("/v1/openapi.json");
    EXPECT_EQ(served.status(), 200u);
    EXPECT_EQ(served.header("Content-Type"), "application/json");
    EXPECT_TRUE(served.http.body == committed());
    const std::string tag{served.header("ETag")};
    const auto again = http::get(market_.url() + "/v1/openapi.json", {},
                                 std::vector<http::Header>{{"If-None-Match", tag}});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 304u);
    EXPECT_EQ(again->body, "");
}

TEST_F(OpenApiTest, AMethodThatIsNotThereIsRefusedWithThoseThatAre) {
    for (const market::Route& route : market::all_routes()) {
        const std::string allowed = market::allowed_methods(route.path);
        if (allowed == "GET, HEAD, POST") continue;
        const Response refused = allowed == "POST" ? market_.get(robot, route.path)
                                                   : market_.post(robot, route.path, "k", "{}");
        EXPECT_EQ(refused.status(), 405u) << route.path;
        EXPECT_EQ(refused.header("Allow"), allowed) << route.path;
    }
    EXPECT_EQ(market_.get(robot, "/v1/nothing").status(), 404u);
    EXPECT_EQ(market_.post(robot, "/v1/nothing/1/x", "k", "{}").at("/code"), "route_not_found");
}

TEST_F(OpenApiTest, AListBeginsWithoutACursorAndEndsAtTheLargestLimit) {
    for (const char* path : {"/v1/payments", "/v1/nodes", "/v1/ledger/accounts"}) {
        const std::string list = path;
        EXPECT_EQ(market_.get(robot, list + "?cursor=").status(), 200u) << list;
        EXPECT_EQ(market_.get(robot, list + "?limit=99999999999999999999999").status(), 200u)
            << list;
        for (const char* wrong : {"limit=1&limit=2", "limit=", "limit=-1", "limit=1.0"})
            EXPECT_EQ(market_.get(robot, list + "?" + wrong).at("/errors/0/field"), "limit")
                << list << wrong;
    }
    EXPECT_EQ(market_.get(robot, "/v1/books?payer=x").status(), 400u);
    EXPECT_EQ(market_.get(robot, "/v1/books?owner=x").at("/errors/0/field"), "owner");
    EXPECT_EQ(market_.get(robot, "/v1/payments/x?limit=1").at("/errors/0/field"), "limit");
}

TEST_F(OpenApiTest, AKeyIsBareOrQuoted) {
    const auto code = [&](std::string_view key) {
        return market_.post(robot, "/v1/payments/x/void", key, "{}").at("/code");
    };
    for (const char* key : {"\"", "\"\"", "\"abc", "a b"})
        EXPECT_EQ(code(key), "idempotency_key_invalid") << key;
    for (const char* key : {"a\"", "\"abc\"", "a"})
        EXPECT_NE(code(key), "idempotency_key_invalid") << key;
    EXPECT_EQ(market_.post(robot, "/v1/payments/x/void?a=1", "k", "{}").at("/code"),
              "query_invalid");
    EXPECT_EQ(market_.post(robot, "/v1/quotes?a=1", "", "{}").at("/code"), "query_invalid");
    EXPECT_EQ(market_.post(robot, "/v1/commands?a=1", "", "{}").at("/code"), "query_invalid");
}

} // namespace

} // namespace tests
