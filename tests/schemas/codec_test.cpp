// Each kind of value, written and read.

#include "schemas/codec.hpp"

#include "tests/schemas/sample.hpp"

#include <gtest/gtest.h>

namespace tests {

namespace {

using domain::Currency;
using domain::Money;
using domain::Time;
using schemas::Unknown;

const std::string full =
    R"({"flag":true,"wide":-9223372036854775808,"count":18446744073709551615,)"
    R"("narrow":-2147483648,"small":255,"text":"\"\\\u0001\n\u00e9","id":"p-1",)"
    R"("money":{"minor":-1000,"currency":"EUR"},"time":"2026-04-01T12:00:00.000Z",)"
    R"("colour":"dark_blue","currency":"TFT","note":"n",)"
    R"("extra":{"text":"e","amount":{"minor":"-5","currency":"TFT"}},)"
    R"("lines":[{"text":"l","amount":{"minor":1,"currency":"USD"}}],"counts":{"a":1,"b":-2},)"
    R"("message":{"type":"sample.started","data":{"by":"me"}}})";

TEST(Codec, ReadsEveryKindOfValue) {
    const auto sample = read_strictly<Sample>(full).value();
    EXPECT_TRUE(sample.flag);
    EXPECT_EQ(sample.wide, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(sample.count, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(sample.narrow, std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(sample.small, 255);
    EXPECT_EQ(sample.text, "\"\\\x01\n\u00e9");
    EXPECT_EQ(sample.id.value, "p-1");
    EXPECT_EQ(sample.money, (Money{-1000, Currency::eur}));
    EXPECT_EQ(sample.time, Time{1'775'044'800'000});
    EXPECT_EQ(sample.colour, Colour::dark_blue);
    EXPECT_EQ(sample.currency, Currency::tft);
    EXPECT_EQ(sample.note, "n");
    EXPECT_EQ(sample.extra, (Line{"e", {-5, Currency::tft}}));
    EXPECT_EQ(sample.lines, (std::vector<Line>{{"l", {1, Currency::usd}}}));
    EXPECT_EQ(sample.counts, (std::map<std::string, std::int64_t>{{"a", 1}, {"b", -2}}));
    EXPECT_EQ(sample.message, (SampleMessage{Started{"me"}}));
}

TEST(Codec, WritesInTheOrderOfTheFields) {
    std::string expected = full;
    // Letters beyond ASCII are written as they are.
    expected.replace(expected.find("\\u00e9"), 6, "\u00e9");
    EXPECT_EQ(written(read_strictly<Sample>(full).value()), expected);
}

TEST(Codec, LeavesOutWhatIsEmptyAndReadsItAsAbsentOrNull) {
    const std::string text = R"({"text":"t","amount":{"minor":0,"currency":"USD"}})";
    EXPECT_EQ(written(Line{"t", {}}), text);
    const std::string empty = written(Sample{});
    EXPECT_EQ(empty.find("note"), empty.npos);
    std::string null = empty;
    null.insert(1, R"("note":null,)");
    EXPECT_EQ(read_strictly<Sample>(null).value(), Sample{});
    EXPECT_EQ(read_strictly<Sample>(empty).value(), Sample{});
}

TEST(Codec, ReadsFieldsInAnyOrder) {
    EXPECT_EQ(read_strictly<Line>(
                  " {\t\"amount\":{\"currency\":\"USD\",\"minor\":7},\r\n\"text\":\"t\"} ")
                  .value(),
              (Line{"t", {7, Currency::usd}}));
}

TEST(Codec, SkipsUnknownFieldsWhereToldTo) {
    const std::string text =
        R"({"new":[1,{}],"text":"t","amount":{"minor":7,"currency":"USD","more":1}})";
    EXPECT_EQ(schemas::read_text<Line>(text, Unknown::skip, 1000).value(),
              (Line{"t", {7, Currency::usd}}));
    EXPECT_EQ(complaint<Line>(text), "new is unknown");
    EXPECT_EQ(complaint<Line>(text.substr(0, 1) + text.substr(14)), "amount.more is unknown");
}

TEST(Codec, CountsTokensInTextAndCentsInNumbers) {
    EXPECT_EQ(written(Money{9'007'199'254'740'991, Currency::usd}),
              R"({"minor":9007199254740991,"currency":"USD"})");
    EXPECT_EQ(written(Money{std::numeric_limits<std::int64_t>::min(), Currency::usdc}),
              R"({"minor":"-9223372036854775808","currency":"USDC"})");
    EXPECT_EQ(read_strictly<Money>(R"({"minor":"0","currency":"TFT"})").value(),
              (Money{0, Currency::tft}));
}

TEST(CodecDeath, WritesNoCentsThatReadersRound) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(written(Money{9'007'199'254'740'992, Currency::usd}), "below 2\\^53");
}

TEST(Codec, EscapesWhatJsonForbids) {
    std::string all;
    for (int code = 0; code < 128; ++code)
        all += static_cast<char>(code);
    all += "\u20ac\U0001f600";
    for (std::size_t shift = 0; shift < 9; ++shift) {
        const std::string text = std::string(shift, 'x') + all;
        const std::string json = written(text);
        for (const char one : json)
            EXPECT_GE(static_cast<unsigned char>(one), 0x20);
        EXPECT_EQ(read_strictly<std::string>(json).value(), text);
    }
    EXPECT_EQ(written(std::string{"a\"b\\c\b\f\n\r\t\x1f\x7f/"}),
              "\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u001f\x7f/\"");
}

TEST(Codec, WritesMessagesByTheirStoredNames) {
    EXPECT_EQ(schemas::type_of(SampleMessage{Stopped{}}), "sample.stopped");
    std::string data;
    schemas::write_data(SampleMessage{Started{"me"}}, data);
    EXPECT_EQ(data, R"({"by":"me"})");
    EXPECT_EQ(written(SampleMessage{Stopped{}}), R"({"type":"sample.stopped","data":{}})");
}

TEST(Codec, ReadsMessagesByTheirStoredNames) {
    schemas::Parser parser;
    const auto json = parser.parse(R"({"by":"me","new":1})", 100).value();
    EXPECT_EQ(schemas::read_data<SampleMessage>("sample.started", json, Unknown::skip).value(),
              (SampleMessage{Started{"me"}}));
    const auto refused =
        schemas::read_data<SampleMessage>("sample.started", json, Unknown::refuse).error();
    EXPECT_EQ(refused.where, "data.new");
    const auto unknown =
        schemas::read_data<SampleMessage>("sample.paused", json, Unknown::skip, "x").error();
    EXPECT_EQ(unknown.where + " " + unknown.problem, "x is of a type that is not known");
}

TEST(Codec, NamesThePlaceItWasTold) {
    schemas::Parser parser;
    const auto json = parser.parse(R"([{"text":1}])", 100).value();
    const auto error = schemas::read<std::vector<Line>>(json, Unknown::skip, "body").error();
    EXPECT_EQ(error.where, "body[0].text");
    EXPECT_EQ(schemas::read<Line>(json, Unknown::skip, "body").error().where, "body");
}

TEST(Codec, ThrowsWhereAnErrorIsAFault) {
    EXPECT_THROW((void)read_strictly<Line>("{}").value(), std::runtime_error);
}

TEST(CodecTimes, AreReadWithAnyDecimalsAndWrittenWithThree) {
    const auto read = [](std::string_view text) { return schemas::parse_time(text); };
    EXPECT_EQ(read("1970-01-01T00:00:00Z"), Time{0});
    EXPECT_EQ(read("2026-04-01T12:00:00.1Z"), Time{1'775'044'800'100});
    EXPECT_EQ(read("2026-04-01T12:00:00.123456789Z"), Time{1'775'044'800'123});
    EXPECT_EQ(read("2024-02-29T23:59:59.999Z"), Time{1'709'251'199'999});
    EXPECT_EQ(read("1969-12-31T23:59:59.999Z"), Time{-1});
    EXPECT_EQ(written(Time{-1}), R"("1969-12-31T23:59:59.999Z")");
    EXPECT_EQ(written(Time{1'775'044'800'120}), R"("2026-04-01T12:00:00.120Z")");
    for (const auto* edge : {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
                             "2000-02-29T00:00:00.000Z", "1900-03-01T00:00:00.000Z"})
        EXPECT_EQ(written(read(edge).value()), "\"" + std::string{edge} + "\"");
}

TEST(CodecTimes, AreRefusedInOtherForms) {
    for (const auto* text : {"",
                             "Z",
                             "2026-04-01T12:00:00",
                             "2026-04-01T12:00:00+00:00",
                             "2026-04-01 12:00:00Z",
                             "2026-04-01t12:00:00z",
                             "2026-04-01T12:00:00.Z",
                             "2026-04-01T12:00:00.1234567890Z",
                             "2026-13-01T12:00:00Z",
                             "2026-00-01T12:00:00Z",
                             "2026-04-31T12:00:00Z",
                             "2026-04-00T12:00:00Z",
                             "2025-02-29T12:00:00Z",
                             "1900-02-29T12:00:00Z",
                             "2026-04-01T24:00:00Z",
                             "2026-04-01T12:60:00Z",
                             "2026-04-01T12:00:60Z",
                             "2026-04-01T12:00:0xZ",
                             "-026-04-01T12:00:00Z",
                             "2026-04-01T12:00:00,1Z",
                             "2026-04-01T12:00:00.1 Z",
                             "12026-04-01T12:00:00Z"})
        EXPECT_EQ(schemas::parse_time(text), std::nullopt) << text;
}

TEST(CodecDeath, WritesNoYearBeyondFourDigits) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(written(Time{253'402'300'800'000}), "four-digit year");
}

} // namespace

} // namespace tests
