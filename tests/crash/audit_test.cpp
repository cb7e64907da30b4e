// The audit has to notice what it is there for. Each test takes a story that is right and spoils
// one thing.

#include "tests/crash/audit.hpp"

#include "bus/topic.hpp"
#include "gateways/market/identity.hpp"
#include "tests/crash/fake_market.hpp"

#include <gmock/gmock.h>

namespace tests::crash {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int partitions = 4;

// A journal and a log that tell the same story, until one of them is changed.
struct Story {
    struct Record {
        int partition;
        std::int64_t offset;
        std::string value;
    };

    const Identity identity{[](std::string_view path, std::string_view key) {
                                return gateways::market::command_id("tenant", "subject", path, key);
                            },
                            [](std::string_view id) { return gateways::market::resource_id(id); }};
    std::vector<std::string> journal;
    std::vector<Record> log;
    std::map<std::string, std::uint64_t> sequences;

    template <class Line>
    void note(const Line& line) {
        std::string text;
        write(line, text);
        text.pop_back();
        journal.push_back(std::move(text));
    }

    std::string id(std::string_view path, std::string_view key) const {
        return identity.command(path, key);
    }
    std::string payment(std::string_view key) const {
        return identity.resource(id("/v1/payments", key));
    }

    void send(std::string_view path, std::string_view key, std::string_view type, int amount) {
        const std::string body =
            R"({"amount":{"minor":)" + std::to_string(amount) + R"(,"currency":"USD"}})";
        note(Sent{key, path, type, body});
    }

    // `data` of the event; a refusal's has no sequence.
    Record& append(const std::string& payment, const std::string& command, int number,
                   const std::string& type, const std::string& data) {
        const std::string stream = "payment-" + payment;
        const int partition = bus::partition_of(stream, partitions);
        const std::string sequence =
            std::to_string(type == "command.answered" ? 0 : ++sequences[stream]);
        std::string previous(64, '0');
        std::int64_t offset = 0;
        for (const Record& one : log)
            if (one.partition == partition) {
                previous = sha256(one.value);
                offset = one.offset + 1;
            }
        log.push_back({partition, offset,
                       R"({"id":")" + command + "." + std::to_string(number) + R"(","type":")" +
                           type + R"(","stream":")" + stream + R"(","sequence":)" + sequence +
                           R"(,"tenant":"tenant","command":")" + command + R"(","data":)" + data +
                           R"(,"previous":")" + previous + R"("})"});
        return log.back();
    }

    static std::string money(int amount) {
        return R"({"amount":{"minor":)" + std::to_string(amount) + R"(,"currency":"USD"}})";
    }

    static std::string position(const Record& record) {
        return std::to_string(record.partition) + ":" + std::to_string(record.offset);
    }

    // What a client is told, twice.
    void answer(Answered answered) {
        note(answered);
        answered.replayed = true;
        note(answered);
    }

    // A payment that is requested and captured, a capture that is refused, and a command that was
    // never answered.
    Story() {
        send("/v1/payments", "ask", "payment.request", 100);
        const std::string made = payment("ask");
        const std::string requested =
            position(append(made, id("/v1/payments", "ask"), 1, "payment.requested", money(100)));
        answer({.key = "ask",
                .path = "/v1/payments",
                .status = 201,
                .id = made,
                .version = 1,
                .position = requested,
                .hash = "1111"});

        const std::string path = "/v1/payments/" + made + "/capture";
        send(path, "take", "payment.capture", 60);
        append(made, id(path, "take"), 1, "payment.capture_requested", money(60));
        const std::string captured =
            position(append(made, id(path, "take"), 2, "payment.captured", money(60)));
        answer({.key = "take",
                .path = path,
                .via = Via::batch,
                .status = 200,
                .id = made,
                .version = 3,
                .position = captured});

        send(path, "again", "payment.capture", 60);
        append(made, id(path, "again"), 1, "command.answered", R"({"rejection":"not_held"})");
        answer({.key = "again", .path = path, .status = 409, .code = "not_held", .hash = "2222"});

        send("/v1/payments", "open", "payment.request", 7);
        note(Reused{"ask", "/v1/payments", 422, "idempotency_key_reused"});
    }

    std::vector<std::string> findings() const {
        Audit audit{partitions, identity};
        for (const std::string& line : journal)
            audit.journal(line);
        for (const Record& one : log)
            audit.logged(one.partition, one.offset, one.value);
        audit.compare();
        audit.compare();
        EXPECT_EQ(audit.findings().size(), audit.violations());
        return audit.findings();
    }

    // Gives the log a chain that holds again, after a record was changed or taken out.
    void chain_again() {
        std::map<int, std::pair<std::string, std::int64_t>> last;
        for (Record& one : log) {
            auto [at, first] = last.try_emplace(one.partition, std::string(64, '0'), -1);
            auto& [previous, offset] = at->second;
            const auto begin = one.value.find(R"("previous":")") + 12;
            one.value.replace(begin, 64, previous);
            one.offset = ++offset;
            previous = sha256(one.value);
        }
    }
};

void replace(std::string& text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, what.size(), with);
}

TEST(AuditTest, FindsNothingWhereNothingIsWrong) {
    const Story story;
    EXPECT_THAT(story.findings(), IsEmpty());
}

TEST(AuditTest, CountsWhatHappened) {
    const Story story;
    Audit audit{partitions, story.identity};
    for (const std::string& line : story.journal)
        audit.journal(line);
    for (const auto& one : story.log)
        audit.logged(one.partition, one.offset, one.value);
    const Audit::Counts counts = audit.counts();
    EXPECT_EQ(counts.sent, 4U);
    EXPECT_EQ(counts.acknowledged, 3U);
    EXPECT_EQ(counts.accepted, 2U);
    EXPECT_EQ(counts.refused, 1U);
    EXPECT_EQ(counts.repeats, 3U);
    EXPECT_EQ(counts.reused, 1U);
    EXPECT_EQ(counts.unanswered_not_done, 1U);
}

TEST(AuditTest, AnUnansweredCommandMayHaveHappened) {
    Story story;
    story.append(story.payment("open"), story.id("/v1/payments", "open"), 1, "payment.requested",
                 Story::money(7));
    EXPECT_THAT(story.findings(), IsEmpty());
}

TEST(AuditTest, FindsAnAcknowledgedCommandThatIsLost) {
    Story story;
    story.log.pop_back(); // The refusal is remembered in the last record.
    EXPECT_THAT(story.findings(), Contains(HasSubstr("lost: again ")));
    story.log.pop_back();
    story.log.pop_back();
    EXPECT_THAT(story.findings(), Contains(HasSubstr("lost: take ")));
}

TEST(AuditTest, FindsACommandWithoutEventsThatWasToldItsOwnPlace) {
    for (const bool own : {false, true}) {
        Story story;
        const std::string made = story.payment("ask");
        const std::string path = "/v1/payments/" + made + "/expire-hold";
        const std::string last = Story::position(story.log[2]);
        story.send(path, "early", "payment.expire_hold", 0);
        const std::string place = Story::position(
            story.append(made, story.id(path, "early"), 1, "command.answered", "{}"));
        story.answer({.key = "early",
                      .path = path,
                      .status = 200,
                      .id = made,
                      .version = 3,
                      .position = own ? place : last});
        if (own)
            EXPECT_THAT(story.findings(), Contains(HasSubstr("was answered with position")));
        else
            EXPECT_THAT(story.findings(), IsEmpty());
    }
}

TEST(AuditTest, FindsHalfAnEffect) {
    Story story;
    story.log.erase(story.log.begin() + 2);
    story.chain_again();
    EXPECT_THAT(story.findings(), Contains(HasSubstr("was answered with version 3")));
}

TEST(AuditTest, FindsACommandThatTookEffectTwice) {
    Story story;
    const std::string path = "/v1/payments/" + story.payment("ask") + "/capture";
    story.append(story.payment("ask"), story.id(path, "take"), 3, "payment.captured",
                 Story::money(60));
    EXPECT_THAT(story.findings(), Contains(HasSubstr("took effect twice: take ")));
}

TEST(AuditTest, FindsAnUnansweredCommandThatTookEffectTwice) {
    Story story;
    const std::string id = story.id("/v1/payments", "open"), made = story.payment("open");
    story.append(made, id, 1, "payment.requested", Story::money(7));
    story.append(story.payment("ask"), "x/policy/step", 1, "payment.noted", "{}");
    story.append(made, id, 1, "payment.requested", Story::money(7));
    EXPECT_THAT(story.findings(), Contains(HasSubstr("took effect twice: open ")));
}

TEST(AuditTest, FindsARefusalThatIsRememberedTwice) {
    Story story;
    const std::string path = "/v1/payments/" + story.payment("ask") + "/capture";
    story.append(story.payment("ask"), story.id(path, "again"), 2, "command.answered",
                 R"({"rejection":"not_held"})");
    EXPECT_THAT(story.findings(), Contains(HasSubstr("took effect twice: again ")));
}

TEST(AuditTest, FindsARefusalThatIsRememberedOtherwise) {
    Story story;
    replace(story.log.back().value, "not_held", "not_mine");
    EXPECT_THAT(story.findings(), Contains(HasSubstr("was refused as not_held")));
}

TEST(AuditTest, FindsACommandNobodySent) {
    Story story;
    const std::string id = story.id("/v1/payments", "stranger");
    story.append(story.identity.resource(id), id, 1, "payment.requested", Story::money(1));
    EXPECT_THAT(story.findings(), Contains(HasSubstr("in the log, and never sent: command " + id)));
}

TEST(AuditTest, FindsAnotherAmount) {
    Story story;
    replace(story.log.front().value, R"("minor":100)", R"("minor":101)");
    story.chain_again();
    EXPECT_THAT(story.findings(), Contains(HasSubstr("ask /v1/payments was about 100")));
}

TEST(AuditTest, FindsAnotherPlace) {
    Story story;
    replace(story.journal[1], ":0\t", ":5\t");
    replace(story.journal[2], ":0\t", ":5\t");
    EXPECT_THAT(story.findings(), Contains(HasSubstr(":5, and is at ")));
}

TEST(AuditTest, FindsAChangedAnswer) {
    for (const auto& [what, with, finding] :
         std::vector<std::array<const char*, 3>>{{"1111", "1112", "got another body"},
                                                 {"\t201\t", "\t200\t", "got another status"},
                                                 {"\t1\t", "\t2\t", "got another version"},
                                                 {":0\t", ":9\t", "got another position"}}) {
        Story story;
        replace(story.journal[2], what, with);
        EXPECT_THAT(story.findings(), Contains(HasSubstr(finding)));
    }
}

TEST(AuditTest, FindsAKeyThatWasTakenForAnotherBody) {
    Story story;
    replace(story.journal.back(), "422", "200");
    EXPECT_THAT(story.findings(), Contains(HasSubstr("with another body was answered 200")));
}

TEST(AuditTest, FindsWhatTheClientFound) {
    Story story;
    std::string line;
    write_complaint("an answer that is not HTTP", line);
    line.pop_back();
    story.journal.push_back(line);
    EXPECT_THAT(story.findings(), Contains(HasSubstr("not HTTP")));
}

TEST(AuditTest, FindsAChangedByteInTheLog) {
    Story story;
    replace(story.log.front().value, "tenant", "tenamt"); // The name of the field.
    EXPECT_THAT(story.findings(), Contains(HasSubstr("does not carry the SHA-256")));
}

TEST(AuditTest, FindsAGapAndAReorderedPartition) {
    Story gap;
    gap.log.erase(gap.log.begin());
    gap.chain_again();
    EXPECT_THAT(gap.findings(), Contains(HasSubstr("goes from sequence 0 to 2")));

    Story turned;
    std::swap(turned.log[1].value, turned.log[2].value);
    EXPECT_THAT(turned.findings(), Contains(HasSubstr("goes from sequence 1 to 3")));
}

TEST(AuditTest, FindsARecordInTheWrongPartition) {
    Story story;
    for (auto& one : story.log)
        one.partition = (one.partition + 1) % partitions;
    EXPECT_THAT(story.findings(), Contains(HasSubstr("does not belong into this partition")));
}

TEST(AuditTest, AJournalThatCannotBeReadProvesNothing) {
    Audit audit{partitions, Story{}.identity};
    EXPECT_THROW(audit.journal("A\tkey"), std::runtime_error);
    EXPECT_THROW(audit.journal("Z\tkey"), std::runtime_error);
    EXPECT_THROW(audit.journal(""), std::runtime_error);
}

} // namespace
} // namespace tests::crash
