// What cannot be read is refused with its path; hostile documents are, too.

#include "tests/schemas/sample.hpp"

#include <gtest/gtest.h>

namespace tests {

namespace {

using domain::Money;
using schemas::Unknown;

const std::string good = written(Sample{});

// The good sample with the value of one of its own fields replaced.
std::string with(const std::string& field, const std::string& value) {
    const std::string member = "\"" + field + "\":";
    const auto begin = good.rfind(member) + member.size();
    auto end = good.find(',', begin);
    if (good[begin] == '{' || good[begin] == '[') {
        int depth = 0;
        end = begin;
        do {
            depth += good[end] == '{' || good[end] == '[' ? 1 : 0;
            depth -= good[end] == '}' || good[end] == ']' ? 1 : 0;
            ++end;
        } while (depth > 0);
    }
    return good.substr(0, begin) + value + good.substr(end);
}

struct Row {
    const char* field;
    const char* value;
    const char* complaint;
};

class CodecErrors : public testing::TestWithParam<Row> {};

TEST_P(CodecErrors, NameThePathAndTheProblem) {
    const auto& [field, value, expected] = GetParam();
    EXPECT_EQ(complaint<Sample>(with(field, value)), expected) << with(field, value);
}

INSTANTIATE_TEST_SUITE_P(
    AllKinds, CodecErrors,
    testing::Values(
        Row{"flag", "1", "flag is not true or false"},
        Row{"flag", "null", "flag is not true or false"},
        Row{"wide", "64.0", "wide is not an integer"}, Row{"wide", "1e3", "wide is not an integer"},
        Row{"wide", "\"1\"", "wide is not an integer"},
        Row{"wide", "null", "wide is not an integer"},
        Row{"wide", "9223372036854775808", "wide is out of range"},
        Row{"count", "-1", "count is out of range"}, Row{"count", "0.5", "count is not an integer"},
        Row{"narrow", "2147483648", "narrow is out of range"},
        Row{"narrow", "-2147483649", "narrow is out of range"},
        Row{"small", "256", "small is out of range"}, Row{"text", "1", "text is not a string"},
        Row{"text", "null", "text is not a string"}, Row{"id", "{}", "id is not a string"},
        Row{"money", "10", "money is not an object"},
        Row{"money", R"({"minor":1})", "money.currency is missing"},
        Row{"money", R"({"currency":"USD"})", "money.minor is missing"},
        Row{"money", R"({"minor":1,"currency":"usd"})",
            "money.currency is not one of USD, EUR, USDC, TFT"},
        Row{"money", R"({"minor":1,"currency":1})", "money.currency is not a string"},
        Row{"money", R"({"minor":1.0,"currency":"USD"})", "money.minor is not an integer"},
        Row{"money", R"({"minor":"1","currency":"USD"})", "money.minor is not an integer"},
        Row{"money", R"({"minor":9007199254740992,"currency":"USD"})",
            "money.minor is out of range"},
        Row{"money", R"({"minor":-9007199254740992,"currency":"EUR"})",
            "money.minor is out of range"},
        Row{"money", R"({"minor":1,"currency":"TFT"})",
            "money.minor is not a string, as amounts of tokens are"},
        Row{"money", R"({"minor":"","currency":"TFT"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"-","currency":"TFT"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"01","currency":"TFT"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"-0","currency":"TFT"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"+1","currency":"USDC"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"1 ","currency":"USDC"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":"9223372036854775808","currency":"USDC"})",
            "money.minor is not a whole number of 64 bits"},
        Row{"money", R"({"minor":1,"minor":1,"currency":"USD"})", "money.minor is given twice"},
        Row{"money", R"({"minor":1,"currency":"USD","currency":"USD"})",
            "money.currency is given twice"},
        Row{"money", R"({"minor":1,"currency":"USD","x":1})", "money.x is unknown"},
        Row{"time", "\"soon\"", "time is not a time as 2026-04-01T12:00:00.000Z"},
        Row{"time", "5", "time is not a string"},
        Row{"colour", "\"green\"", "colour is not one of red, dark_blue"},
        Row{"colour", "0", "colour is not a string"},
        Row{"currency", "\"usd\"", "currency is not one of USD, EUR, USDC, TFT"},
        Row{"currency", "1", "currency is not a string"},
        Row{"lines", "{}", "lines is not an array"},
        Row{"lines", "[null]", "lines[0] is not an object"},
        Row{"lines", R"([{"text":"","amount":{"minor":1,"currency":"USD"}},{"text":"a"}])",
            "lines[1].amount is missing"},
        Row{"lines", R"([{"text":"","amount":{"minor":0.5,"currency":"USD"}}])",
            "lines[0].amount.minor is not an integer"},
        Row{"counts", "[]", "counts is not an object"},
        Row{"counts", R"({"a":1,"a":2})", "counts.a is given twice"},
        Row{"counts", R"({"a":"1"})", "counts.a is not an integer"},
        Row{"message", "1", "message is not an object"},
        Row{"message", R"({"data":{}})", "message.type is missing"},
        Row{"message", R"({"type":"sample.stopped"})", "message.data is missing"},
        Row{"message", R"({"type":1,"data":{}})", "message.type is not a string"},
        Row{"message", R"({"type":"a","type":"a","data":{}})", "message.type is given twice"},
        Row{"message", R"({"type":"a","data":{},"data":{}})", "message.data is given twice"},
        Row{"message", R"({"type":"a","data":{}})", "message.data is of a type that is not known"},
        Row{"message", R"({"type":"sample.stopped","data":{},"x":1})", "message.x is unknown"},
        Row{"message", R"({"type":"sample.started","data":{}})", "message.data.by is missing"}));

TEST(CodecErrors, SayWhatIsMissingTwiceOrUnknownAtTheTop) {
    EXPECT_EQ(complaint<Line>("{}"), "text is missing");
    EXPECT_EQ(complaint<Line>(R"({"text":"a"})"), "amount is missing");
    EXPECT_EQ(complaint<Line>(R"({"text":"a","text":"a"})"), "text is given twice");
    EXPECT_EQ(complaint<Line>(R"({"te\u0078t":"a","text":"a"})"), "text is given twice");
    EXPECT_EQ(complaint<Line>(R"({"Text":"a"})"), "Text is unknown");
    EXPECT_EQ(complaint<Stopped>(R"({"x":1})"), "x is unknown");
    EXPECT_EQ(complaint<Stopped>(R"({"x":1})", Unknown::skip), "");
    EXPECT_EQ(complaint<Line>("[]"), "is not an object");
    EXPECT_EQ(complaint<std::vector<std::vector<int>>>("[[1],[2,true]]"),
              "[1][1] is not an integer");
}

struct Hostile {
    std::string text;
    std::string complaint;
};

TEST(HostileDocuments, AreRefused) {
    using namespace std::string_literals;
    const std::vector<Hostile> rows{
        {"", "is empty"},
        {" \n", "is empty"},
        {"{}{}", "is not valid JSON"},
        {"\"a\" x", "is not valid JSON"},
        {"\"a\",", "is not valid JSON"},
        {"\"a\"\0"s, "is not valid JSON"},
        {"\xef\xbb\xbf\"a\"", "is not valid JSON"},
        {"'a'", "is not valid JSON"},
        {"{\"a\":1,}", "is not valid JSON"},
        {"// a\n1", "is not valid JSON"},
        {"NaN", "is not valid JSON"},
        {"\"a\0b\""s, "has a control character in a string"},
        {"\"a\nb\"", "has a control character in a string"},
        {"\"a", "has a string without an end"},
        {"\"\\x\"", "has a malformed string"},
        {"\"\\u12\"", "has a malformed string"},
        {"\"\\ud800\"", "has a malformed string"},
        {"\"\\ud800\\u0041\"", "has a malformed string"},
        {"\"\\udc00\"", "has a malformed string"},
        {"\"\\udc00\\ud800\"", "has a malformed string"},
        {"\"\xff\"", "is not valid UTF-8"},
        {"\"\xc0\x80\"", "is not valid UTF-8"},         // Overlong NUL.
        {"\"\xe0\x80\xaf\"", "is not valid UTF-8"},     // Overlong slash.
        {"\"\xed\xa0\x80\"", "is not valid UTF-8"},     // A surrogate.
        {"\"\xf4\x90\x80\x80\"", "is not valid UTF-8"}, // Beyond U+10FFFF.
        {"\"\xe2\x82\"", "is not valid UTF-8"},         // Cut short.
        {"1e400", "has a number that is malformed or out of range"},
        {"01", "has a number that is malformed or out of range"},
        {"-", "has a number that is malformed or out of range"},
        {"1.", "has a number that is malformed or out of range"},
        {std::string(400, '9'), "has a number that is malformed or out of range"},
        {"18446744073709551616", "has a number that is malformed or out of range"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(complaint<std::string>(text), expected) << testing::PrintToString(text);
}

// A key in quotes may hide what its bytes do not show.
TEST(HostileDocuments, CannotHideSurrogatesInKeys) {
    EXPECT_EQ(complaint<Stopped>("{\"\\ud800\":1}"), "has a malformed string");
    using Map = std::map<std::string, int>;
    EXPECT_EQ(read_strictly<Map>("{\"\\ud83d\\ude00\":1}").value(), (Map{{"\U0001f600", 1}}));
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(HostileDocuments, AreNestedOnlySoDeep) {
    schemas::Parser parser;
    for (std::size_t depth = 1; depth <= schemas::depth_max; ++depth)
        EXPECT_TRUE(parser.parse(nested(depth), 1'000)) << depth;
    for (const std::size_t depth : {schemas::depth_max + 1, std::size_t{100'000}})
        EXPECT_EQ(parser.parse(nested(depth), 1'000'000).error().problem, "is nested too deeply");
    EXPECT_FALSE(parser.parse(std::string(100'000, '['), 1'000'000));
}

TEST(HostileDocuments, AreNotLargerThanAllowed) {
    schemas::Parser parser;
    EXPECT_TRUE(parser.parse("\"123\"", 5));
    EXPECT_EQ(parser.parse("\"1234\"", 5).error().problem, "is too large");
    EXPECT_EQ(parser.parse("\"1234\"", 0).error().problem, "is too large");
}

// Depth stays bounded after the buffers have grown and shrunk again.
TEST(HostileDocuments, FindTheLimitsUnchangedByLargeOnes) {
    schemas::Parser parser;
    const std::string large = "[\"" + std::string(2'000'000, 'x') + "\"]";
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(parser.parse(large, 3'000'000));
        EXPECT_EQ(parser.parse(nested(schemas::depth_max + 1), 100).error().problem,
                  "is nested too deeply");
        EXPECT_TRUE(parser.parse(nested(schemas::depth_max), 100));
    }
}

TEST(HostileDocuments, LeaveTheParserUsable) {
    EXPECT_EQ(complaint<std::string>("\"\xff\""), "is not valid UTF-8");
    EXPECT_EQ(read_strictly<std::string>("\"a\"").value(), "a");
}

} // namespace

} // namespace tests
