// The committed files: JSON Schemas as the types have them, and a stored example of each event.

#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"
#include "schemas/schema_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace tests {

namespace {

namespace fs = std::filesystem;
using schemas::Unknown;

const fs::path folder = fs::path{SOURCE_DIR} / "schemas";

std::string text_of(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::set<std::string> names_in(const fs::path& path) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator{path})
        names.insert(entry.path().filename());
    return names;
}

// Old forms of events have a name that no event has: <type>.<what was different>.json.
const std::set<std::string> old_examples{"payment.requested.flat_amount.json"};

template <class Visit>
void for_each_aggregate(Visit visit) {
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>(visit);
}

template <class Variant, class Visit>
void for_each_message(Visit visit) {
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Variant>>>(
        [&](auto at) { visit(std::string{std::variant_alternative_t<at, Variant>::type}); });
}

std::set<std::string> example_names() {
    std::set<std::string> names{std::string{schemas::CommandAnswered::type} + ".json"};
    for_each_aggregate([&](auto aggregate) {
        for_each_message<typename decltype(aggregate)::type::Event>(
            [&](const std::string& type) { names.insert(type + ".json"); });
    });
    return names;
}

std::string data_again(const schemas::EventView& event) {
    std::string data;
    if (event.type == schemas::CommandAnswered::type)
        schemas::write(schemas::read<schemas::CommandAnswered>(event.data, Unknown::refuse).value(),
                       data);
    for_each_aggregate([&](auto aggregate) {
        using Aggregate = typename decltype(aggregate)::type;
        if (event.type.substr(0, event.type.find('.')) == Aggregate::name)
            schemas::write_data(schemas::read_data<typename Aggregate::Event>(
                                    event.type, event.data, Unknown::refuse)
                                    .value(),
                                data);
    });
    return data;
}

TEST(SchemaFiles, AreAsTheTypesHaveThem) {
    const auto files = schemas::schema_files();
    std::set<std::string> names;
    for (const auto& [name, text] : files) {
        names.insert(name);
        EXPECT_EQ(text_of(folder / "json" / name), text)
            << name << " differs: run schemas_generate schemas/json";
    }
    EXPECT_EQ(names_in(folder / "json"), names);
}

TEST(SchemaFiles, AreJsonAndCloseCommands) {
    const auto files = schemas::schema_files();
    simdjson::dom::parser parser; // Schemas nest deeper than what they describe may.
    for (const auto& [name, text] : files)
        EXPECT_EQ(parser.parse(text).error(), simdjson::SUCCESS) << name;
    for_each_aggregate([&](auto aggregate) {
        for_each_message<typename decltype(aggregate)::type::Command>([&](const std::string& type) {
            EXPECT_NE(files.at(type + ".json").find("\"additionalProperties\": false"),
                      std::string::npos)
                << type;
        });
    });
}

// A value that is not described has no name to tell a client.
TEST(Rejections, AllHaveNames) {
    for_each_aggregate([&](auto aggregate) {
        using Rejection = typename decltype(aggregate)::type::Rejection;
        int expected = 0;
        schemas::for_each_name<Rejection>([&](auto name) {
            EXPECT_EQ(static_cast<int>(name.value), expected++) << "before " << name.name;
        });
    });
}

TEST(Examples, ThereIsOneOfEachEvent) {
    auto expected = example_names();
    expected.insert(old_examples.begin(), old_examples.end());
    EXPECT_EQ(names_in(folder / "examples"), expected);
}

TEST(Examples, OfTodaysEventsAreWrittenAgainAsTheyWere) {
    schemas::EnvelopeReader reader;
    for (const std::string& name : example_names()) {
        SCOPED_TRACE(name);
        const std::string text = text_of(folder / "examples" / name);
        const auto event = reader.event(text).value();
        EXPECT_EQ(std::string{event.type} + ".json", name);
        std::string again;
        schemas::write_event(event, data_again(event), again);
        EXPECT_EQ(again + "\n", text);
    }
}

TEST(Examples, OfOldFormsAreBroughtToTodays) {
    schemas::EnvelopeReader reader;
    const auto event = reader.event(text_of(folder / "examples" / *old_examples.begin())).value();
    const auto read = [](const schemas::EventView& head) {
        return schemas::read_data<domain::PaymentEvent>(head.type, head.data, Unknown::skip);
    };
    const domain::PaymentRequested expected{
        {"user-a"}, {1000, domain::Currency::usd}, 1, domain::CardId{"pm_1"}, {}, {}};
    EXPECT_TRUE(read(event).value() == domain::PaymentEvent{expected});
}

TEST(Upcasts, LeaveErrorsToTheReader) {
    schemas::Parser parser;
    const auto complaint = [&](std::string_view data) {
        const auto read = schemas::read_data<domain::PaymentEvent>(
            "payment.requested", parser.parse(data, 1000).value(), Unknown::skip);
        return read ? "" : read.error().where + " " + read.error().problem;
    };
    EXPECT_EQ(complaint(R"({"amount_minor":5,"currency":"USD"})"), "data.payer is missing");
    EXPECT_EQ(complaint(R"({"payer":"p","amount_minor":5,"currency":7})"),
              "data.amount.currency is not a string");
    EXPECT_EQ(complaint(R"({"payer":"p","amount_minor":[],"currency":"USD"})"),
              "data.amount.minor is not an integer");
    EXPECT_EQ(complaint(R"({"payer":"p","amount_minor":5})"), "data.amount is missing");
}

TEST(Upcasts, LeaveTodaysFormsAlone) {
    schemas::Parser parser;
    const auto json = parser.parse(R"({"amount_minor":1,"currency":"USD"})", 100).value();
    EXPECT_FALSE(schemas::upcast("payment.request", json));
    const auto now = parser.parse(R"({"payer":"p","amount":{"minor":1,"currency":"USD"}})", 100);
    EXPECT_FALSE(schemas::upcast("payment.requested", now.value()));
}

// The schema of money has to say what 64 bits hold in a pattern.
TEST(SchemaFiles, TokensAreDescribedAsTheyAreRead) {
    const std::string money = schemas::message_schemas().at("money").text;
    const auto begin = money.find(R"("pattern":")") + 11;
    const std::regex described{money.substr(begin, money.find('"', begin) - begin)};
    for (const std::string minor : {"0",
                                    "-0",
                                    "00",
                                    "1",
                                    "-1",
                                    "01",
                                    "+1",
                                    "1.0",
                                    "",
                                    "-",
                                    "10",
                                    "999999999999999999",
                                    "-999999999999999999",
                                    "1000000000000000000",
                                    "8999999999999999999",
                                    "9223372036854775799",
                                    "9223372036854775800",
                                    "9223372036854775806",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "9223372036854775810",
                                    "9223372036854776000",
                                    "9300000000000000000",
                                    "9999999999999999999",
                                    "10000000000000000000",
                                    "-9223372036854775807",
                                    "-9223372036854775808",
                                    "-9223372036854775809",
                                    "-9300000000000000000"}) {
        const std::string text = R"({"minor":")" + minor + R"(","currency":"TFT"})";
        EXPECT_EQ(std::regex_match(minor, described),
                  schemas::read_text<domain::Money>(text, Unknown::refuse, 1000).has_value())
            << minor;
    }
}

} // namespace

} // namespace tests
