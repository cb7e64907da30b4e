// The description of the routes is the committed one, is served, and names what there is.

#include "gateways/market/openapi.hpp"

#include "gateways/market/routes.hpp"
#include "tests/market/running_market.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <map>
#include <regex>

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

// Values that a parameter of this schema may have, and some that it may not.
std::map<std::string, bool> samples_of(const boost::json::object& schema) {
    std::map<std::string, bool> samples;
    if (const auto* names = schema.if_contains("enum")) {
        for (const auto& name : names->as_array())
            samples[std::string{name.as_string()}] = true;
        for (const char* none : {"", "no_such", "-"})
            samples[none] = false;
    } else if (const auto* pattern = schema.if_contains("pattern")) {
        const std::regex form{std::string{pattern->as_string()}};
        for (const std::string text :
             {"", ",", "BE", "be", "BE,NL", "BE,,NL", "BE,", "2026-04-01T00:00:00Z",
              "2026-04-01T00:00:00.5Z", "2026-04-01", "2026-04-01T00:00:00", "yesterday"})
            samples[text] = std::regex_match(text, form);
    } else if (schema.at("type") == "integer") {
        const auto least = schema.at("minimum").as_int64(), most = schema.at("maximum").as_int64();
        samples = {{std::to_string(least), true},
                   {std::to_string(least - 1), false},
                   {std::to_string(most), true},
                   {std::to_string(most + 1), false},
                   {"", false},
                   {"1.0", false}};
    } else if (schema.at("type") == "boolean") {
        samples = {{"true", true}, {"false", true}, {"", false}, {"1", false}};
    } else {
        samples = {{"", true}, {"x", true}};
    }
    return samples;
}

TEST_F(OpenApiTest, QueriesAreTakenAsTheyAreDescribed) {
    const auto document = boost::json::parse(committed());
    for (const market::Route& route : market::all_routes()) {
        if (route.method != http::Verb::get || route.query.empty()) continue;
        std::string path = route.path;
        if (const auto open = path.find('{'); open != std::string::npos)
            path.replace(open, path.find('}') + 1 - open, "x");
        const auto& operation = document.at("paths").as_object().at(route.path).at("get");
        for (const auto& parameter : operation.at("parameters").as_array()) {
            const auto& one = parameter.as_object();
            if (one.contains("$ref") || one.at("in") != "query") continue;
            const std::string name{one.at("name").as_string()};
            for (const auto& [value, taken] : samples_of(one.at("schema").as_object())) {
                const std::string query = path + "?" + name + "=" + value;
                EXPECT_EQ(market_.get(robot, query).status() != 400u, taken) << query;
            }
        }
    }
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
