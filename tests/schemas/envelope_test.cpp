#include "schemas/envelope.hpp"

#include "tests/schemas/sample.hpp"

#include <gtest/gtest.h>

namespace tests {

namespace {

using schemas::CommandView;
using schemas::EnvelopeReader;
using schemas::EventView;
using schemas::OutcomeView;

const std::string event_text =
    R"({"id":"c-1.1","type":"sample.started","stream":"sample-1","sequence":3,)"
    R"("time":"2026-04-01T12:00:00.000Z","tenant":"acme","actor":"user-a","command":"c-1",)"
    R"("fingerprint":"0123456789abcdef","correlation":"c-0",)"
    R"("trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
    R"("data":{"by":"me"},)"
    R"("previous":"0000000000000000000000000000000000000000000000000000000000000000"})";

const std::string command_text =
    R"({"id":"c-1","type":"sample.start","stream":"sample-1","time":"2026-04-01T12:00:00.000Z",)"
    R"("tenant":"acme","actor":"user-a","correlation":"c-0","trace":"t","reply":"desk-1",)"
    R"("expected":4,"data":{"by":"me"}})";

const std::string outcome_text =
    R"({"command":"c-1","stream":"sample-1","sequence":3,"position":-1,)"
    R"("rejection":"not_held","replayed":true})";

std::string without(std::string text, const std::string& part) {
    return text.erase(text.find(part), part.size());
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
    return text.replace(text.find(part), part.size(), by);
}

TEST(EventEnvelope, IsReadAndWrittenAlike) {
    EnvelopeReader reader;
    const EventView event = reader.event(event_text).value();
    EXPECT_EQ(event.id, "c-1.1");
    EXPECT_EQ(event.type, "sample.started");
    EXPECT_EQ(event.stream, "sample-1");
    EXPECT_EQ(event.sequence, 3U);
    EXPECT_EQ(event.time, domain::Time{1'775'044'800'000});
    EXPECT_EQ(event.tenant, "acme");
    EXPECT_EQ(event.actor, "user-a");
    EXPECT_EQ(event.command, "c-1");
    EXPECT_EQ(event.fingerprint, "0123456789abcdef");
    EXPECT_EQ(event.correlation, "c-0");
    EXPECT_EQ(event.trace, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    EXPECT_EQ(event.previous, std::string(64, '0'));
    std::string text;
    write_event(event, R"({"by":"me"})", text);
    EXPECT_EQ(text, event_text);
}

// A record in the writer's own form is read where it lies, any other is parsed: both say the same.
TEST(EventEnvelope, SaysTheSameInWhicheverFormItStands) {
    for (const std::string actor :
         {"user-a", "", "w\\\\o", "n\xc3\xafl", "q\\\"q", "a long one of more than eight bytes"})
        for (const std::string sequence : {"0", "3", "18446744073709551615"}) {
            std::string compact = replaced(event_text, "user-a", actor);
            compact = replaced(compact, "\"sequence\":3", "\"sequence\":" + sequence);
            const std::string spaced = replaced(compact, ",\"stream\"", ", \"stream\"");
            EnvelopeReader reader, other;
            const auto one = reader.event(compact);
            const auto two = other.event(spaced);
            ASSERT_TRUE(one && two);
            EXPECT_EQ(one->actor, two->actor);
            EXPECT_EQ(one->sequence, two->sequence);
            EXPECT_EQ(one->id, two->id);
            EXPECT_EQ(one->time, two->time);
            EXPECT_EQ(one->trace, two->trace);
            EXPECT_EQ(one->previous, two->previous);
            EXPECT_EQ(simdjson::minify(one->data), simdjson::minify(two->data));
        }
}

TEST(EventEnvelope, RefusesTheSameInWhicheverFormItStands) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"\"sequence\":3", "\"sequence\":03"},
        {"\"sequence\":3", "\"sequence\":-3"},
        {"\"sequence\":3", "\"sequence\":3.0"},
        {"2026-04-01", "2026-13-01"},
        {"user-a", "a\nb"},
        {"user-a", "a\xff"
                   "b"},
        {"{\"by\":\"me\"}", "[]"},
        {"{\"by\":\"me\"}", "{\"by\":\"me\"},"},
        {"{\"by\":\"me\"}", "{\"by\":\"me\"},\"data\":{}"},
    };
    for (const auto& [part, by] : wrong) {
        const std::string compact = replaced(event_text, part, by);
        EnvelopeReader reader;
        EXPECT_FALSE(reader.event(compact)) << compact;
        EXPECT_FALSE(reader.event(replaced(compact, ",\"stream\"", ", \"stream\""))) << compact;
    }
}

TEST(EventEnvelope, GoesWithoutATraceAndWithNewFields) {
    EnvelopeReader reader;
    const std::string trace =
        R"("trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)";
    const std::string shorter = without(event_text, trace);
    const EventView event = reader.event(shorter).value();
    EXPECT_EQ(event.trace, "");
    std::string text;
    write_event(event, R"({"by":"me"})", text);
    EXPECT_EQ(text, shorter);
    EXPECT_TRUE(reader.event(replaced(event_text, "{", R"({"new":[],)")));
}

TEST(CommandEnvelope, IsReadAndWrittenAlike) {
    EnvelopeReader reader;
    const CommandView command = reader.command(command_text).value();
    EXPECT_EQ(command.reply, "desk-1");
    EXPECT_EQ(command.expected, 4U);
    std::string text;
    write_command(command, R"({"by":"me"})", text);
    EXPECT_EQ(text, command_text);
}

TEST(CommandEnvelope, MayLeaveOutWhoWaitsAndWhy) {
    EnvelopeReader reader;
    const std::string shorter =
        without(command_text, R"("correlation":"c-0","trace":"t","reply":"desk-1","expected":4,)");
    const CommandView command = reader.command(shorter).value();
    EXPECT_EQ(command.correlation, "");
    EXPECT_EQ(command.reply, "");
    EXPECT_EQ(command.expected, 0U);
    std::string text;
    write_command(command, R"({"by":"me"})", text);
    EXPECT_EQ(text, shorter);
}

TEST(OutcomeEnvelope, IsReadAndWrittenAlike) {
    EnvelopeReader reader;
    for (const std::string& expected :
         {outcome_text, without(outcome_text, R"("rejection":"not_held",)")}) {
        const OutcomeView outcome = reader.outcome(expected).value();
        EXPECT_EQ(outcome.position, -1);
        EXPECT_TRUE(outcome.replayed);
        std::string text;
        write_outcome(outcome, text);
        EXPECT_EQ(text, expected);
    }
}

TEST(Envelopes, NameWhatIsWrong) {
    EnvelopeReader reader;
    const auto complaint = [](const auto& read) {
        return read ? "" : read.error().where + " " + read.error().problem;
    };
    const auto event = [&](const std::string& part, const std::string& by) {
        return complaint(reader.event(replaced(event_text, part, by)));
    };
    EXPECT_EQ(event(R"("sequence":3,)", ""), "sequence is missing");
    EXPECT_EQ(event(R"("sequence":3)", R"("sequence":-3)"), "sequence is out of range");
    EXPECT_EQ(event(R"("sequence":3)", R"("sequence":3.0)"), "sequence is not an integer");
    EXPECT_EQ(event(R"("sequence":3)", R"("sequence":3,"sequence":3)"), "sequence is given twice");
    EXPECT_EQ(event(R"("c-1.1")", "1"), "id is not a string");
    EXPECT_EQ(event(R"({"by":"me"})", "[]"), "data is not an object");
    EXPECT_EQ(event(R"("2026-04-01T12:00:00.000Z")", R"("x")"),
              "time is not a time as 2026-04-01T12:00:00.000Z");
    EXPECT_EQ(complaint(reader.command(replaced(command_text, "{", R"({"new":1,)"))),
              "new is unknown");
    EXPECT_EQ(complaint(reader.command(without(command_text, R"("actor":"user-a",)"))),
              "actor is missing");
    EXPECT_EQ(complaint(reader.outcome("[]")), " is not an object");
    EXPECT_EQ(complaint(reader.outcome("{")), " is not valid JSON");
    EXPECT_EQ(complaint(reader.event(std::string(schemas::record_bytes_max + 1, ' '))),
              " is too large");
}

TEST(CommandAnsweredRecords, SayTheRejectionOrNothing) {
    EXPECT_EQ(written(schemas::CommandAnswered{"not_held"}), R"({"rejection":"not_held"})");
    EXPECT_EQ(written(schemas::CommandAnswered{}), "{}");
}

TEST(ParkedRecords, AreReadAndWrittenAlike) {
    const schemas::Parked parked{
        "commands/0/7", "commands", 0, 7, "id is missing", "2026-04-01T12:00:00.000Z",
        "e30=",         true,       ""};
    const std::string text =
        R"({"id":"commands/0/7","topic":"commands","partition":0,"offset":7,)"
        R"("reason":"id is missing","time":"2026-04-01T12:00:00.000Z","payload":"e30=",)"
        R"("base64":true,"resolution":""})";
    EXPECT_EQ(written(parked), text);
    EXPECT_EQ(written(read_strictly<schemas::Parked>(text).value()), text);
}

TEST(Fingerprint, IsOfTypeAndDataAndNeverChanges) {
    const auto text = [](std::string_view type, std::string_view data) {
        const auto digits = schemas::fingerprint(type, data);
        return std::string{digits.begin(), digits.end()};
    };
    // Stored in logs; taken from libxxhash itself.
    EXPECT_EQ(text("a", "{}"), "3f8cde39149274d6");
    EXPECT_NE(text("a", "{}"), text("b", "{}"));
    EXPECT_NE(text("a", "{}"), text("a", "{ }"));
    EXPECT_NE(text("a{", "}"), text("a", "{}"));
}

} // namespace

} // namespace tests
