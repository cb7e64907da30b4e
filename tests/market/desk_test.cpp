// Commands for another process, and its answers: there is no processor here, the test writes what
// one would.

#include "gateways/market/desk.hpp"

#include "bus/embedded/embedded.hpp"
#include "schemas/envelope.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

namespace tests {

namespace {

using projections::Answer;

class DeskTest : public testing::Test {
protected:
    DeskTest() {
        desk_.start();
        commands_ = log_->read(bus::Topic::commands, {{0, 0}});
    }

    void ask(std::uint64_t item, std::int64_t amount) {
        std::vector<projections::Submission> one;
        one.push_back(submission(1, "key-1", "tally-a", Add{amount}));
        one.back().asker_item = item;
        std::string data;
        one.back().command->write_data(data);
        const auto fingerprint = schemas::fingerprint(Add::type, data);
        fingerprints_.emplace_back(fingerprint.begin(), fingerprint.end());
        ASSERT_TRUE(desk_.submit(std::move(one)));
        for (const bus::Record& record : commands_->read(1 << 20, bus::milliseconds{5000})) {
            const auto command = reader_.command(record.value);
            ASSERT_TRUE(command);
            reply_ = command->reply;
        }
    }

    void answer(std::string_view fingerprint, std::string_view rejection) {
        bus::Transaction transaction;
        transaction.append(bus::Topic::outcomes, bus::partition_of(reply_, 1), reply_,
                           [&](std::string& out) {
                               schemas::write_outcome({.command = "key-1",
                                                       .fingerprint = fingerprint,
                                                       .stream = "tally-a",
                                                       .sequence = 1,
                                                       .position = 7,
                                                       .rejection = rejection,
                                                       .replayed = false},
                                                      out);
                           });
        log_->append(transaction);
    }

    std::vector<Answer> answers(std::size_t count) {
        std::unique_lock lock{mutex_};
        heard_.wait_for(lock, std::chrono::seconds{10}, [&] { return all_.size() >= count; });
        return std::exchange(all_, {});
    }

    std::vector<std::string> fingerprints_; // Of the commands, in their order.

private:
    TemporaryFolder folder_;
    std::unique_ptr<bus::Log> log_ =
        bus::embedded::open({.folder = folder_.path() / "log", .partitions = 1});
    schemas::EnvelopeReader reader_;
    std::unique_ptr<bus::Reader> commands_;
    std::string reply_;
    std::mutex mutex_;
    std::condition_variable heard_;
    std::vector<Answer> all_;
    gateways::market::Desk desk_{*log_, {}, [this](std::vector<Answer>& answers) {
                                     const std::lock_guard lock{mutex_};
                                     for (Answer& one : answers)
                                         all_.push_back(std::move(one));
                                     heard_.notify_all();
                                 }};
};

// A repeated request leaves a second outcome, which may come when the key has been used again.
TEST_F(DeskTest, AnOutcomeAnswersNoOtherBodyUnderTheSameKey) {
    ask(1, 5);
    ask(2, 5);
    answer(fingerprints_[0], "");
    EXPECT_EQ(answers(2).size(), 2U);
    ask(3, 6);
    answer(fingerprints_[1], "");
    answer(fingerprints_[2], "idempotency_key_reused");
    const std::vector<Answer> got = answers(1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].asker_item, 3U);
    EXPECT_EQ(got[0].kind, Answer::Kind::conflict);
}

// As programs wrote them that did not tell it yet.
TEST_F(DeskTest, AnOutcomeWithoutAFingerprintAnswersItsCommand) {
    ask(1, 5);
    answer("", "");
    const std::vector<Answer> got = answers(1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].kind, Answer::Kind::accepted);
    EXPECT_EQ(got[0].position.offset, 7);
}

} // namespace

} // namespace tests
