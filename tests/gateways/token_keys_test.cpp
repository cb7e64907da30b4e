// How a key set is kept: read at the right times, and gently.

#include "gateways/token/key_source.hpp"

#include <gtest/gtest.h>

namespace tests {
namespace {

namespace token = gateways::token;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string key_set(const std::string& id) {
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":")" + id +
           R"(","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
}

// A key server that the test holds in its hand.
class Server {
public:
    std::optional<std::string> fetch() {
        std::unique_lock lock{mutex_};
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        return text_;
    }
    void hold(bool held) {
        const std::lock_guard lock{mutex_};
        held_ = held;
        changed_.notify_all();
    }
    void say(std::optional<std::string> text) {
        const std::lock_guard lock{mutex_};
        text_ = std::move(text);
    }
    bool wait_for(std::uint64_t begun) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, seconds{20}, [&] { return begun_ >= begun; });
    }
    std::uint64_t begun() {
        const std::lock_guard lock{mutex_};
        return begun_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::string> text_ = key_set("one");
    std::uint64_t begun_ = 0;
    bool held_ = false;
};

token::KeySourceOptions options() {
    token::KeySourceOptions made;
    made.algorithms = {token::Algorithm::eddsa};
    return made;
}

bool has(const token::KeySource& source, const std::string& id) {
    const auto keys = source.keys();
    return keys && keys->find(id, token::Algorithm::eddsa) != nullptr;
}

TEST(TokenKeys, AreReadAgainForAnUnknownOne) {
    Server server;
    token::KeySource source{options(), [&] { return server.fetch(); }};
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    const auto version = source.version();
    server.say(key_set("two"));
    const auto begun = server.begun();
    EXPECT_TRUE(source.miss("two"));
    ASSERT_TRUE(server.wait_for(begun + 1));
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    EXPECT_TRUE(has(source, "two"));
    EXPECT_FALSE(has(source, "one"));
    EXPECT_GT(source.version(), version);
}

TEST(TokenKeys, AFloodOfUnknownOnesIsOneRead) {
    Server server;
    token::KeySource source{options(), [&] { return server.fetch(); }};
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    const auto begun = server.begun();
    server.hold(true);
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(source.miss(std::to_string(i)));
    ASSERT_TRUE(server.wait_for(begun + 1));
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(source.miss(std::to_string(i)));
    server.hold(false);
    const auto reads = begun + 1;
    while (source.reads() < reads)
        std::this_thread::yield();
    // The cool-down has begun, and the first is known to be unknown.
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(source.miss(std::to_string(i)));
    EXPECT_EQ(server.begun(), begun + 1);
}

TEST(TokenKeys, AnUnknownOneIsNotAskedForAgain) {
    Server server;
    auto hot = options();
    hot.cool_down = milliseconds{0};
    token::KeySource source{hot, [&] { return server.fetch(); }};
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    const auto reads = source.reads();
    EXPECT_TRUE(source.miss("x"));
    while (source.reads() == reads)
        std::this_thread::yield();
    EXPECT_FALSE(source.miss("x"));
    EXPECT_TRUE(source.miss("y"));
}

TEST(TokenKeys, AreReadAgainAtHalfTheirAge) {
    Server server;
    auto young = options();
    young.age_max = milliseconds{20};
    token::KeySource source{young, [&] { return server.fetch(); }};
    EXPECT_TRUE(server.wait_for(5));
}

TEST(TokenKeys, StayWhenTheServerIsDown) {
    Server server;
    token::KeySource source{options(), [&] { return server.fetch(); }};
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    const auto version = source.version();
    for (const std::optional<std::string>& wrong :
         {std::optional<std::string>{}, std::optional<std::string>{"<html>"},
          std::optional<std::string>{R"({"keys":5})"}}) {
        server.say(wrong);
        ASSERT_TRUE(source.wait_for_read(seconds{20}));
        EXPECT_TRUE(has(source, "one"));
    }
    EXPECT_EQ(source.version(), version);
}

TEST(TokenKeys, DoNotStayForEver) {
    Server server;
    auto brief = options();
    brief.stale_max = milliseconds{30};
    token::KeySource source{brief, [&] { return server.fetch(); }};
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    server.say(std::nullopt);
    const auto until = std::chrono::steady_clock::now() + seconds{20};
    while (source.keys() && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    EXPECT_FALSE(source.keys());
}

TEST(TokenKeys, AreMissingUntilTheFirstRead) {
    Server server;
    server.say(std::nullopt);
    auto again = options();
    again.retry_after = milliseconds{1};
    token::KeySource source{again, [&] { return server.fetch(); }};
    ASSERT_TRUE(server.wait_for(3));
    EXPECT_FALSE(source.keys());
    server.say(key_set("one"));
    ASSERT_TRUE(source.wait_for_read(seconds{20}));
    EXPECT_TRUE(has(source, "one"));
}

TEST(TokenKeys, WithoutAnIdThereMustBeJustOne) {
    const std::vector allowed{token::Algorithm::eddsa};
    const auto one = token::KeySet::parse(key_set("a"), allowed);
    EXPECT_NE(one->find(std::nullopt, token::Algorithm::eddsa), nullptr);
    EXPECT_EQ(one->find(std::nullopt, token::Algorithm::rs256), nullptr);
    std::string two = key_set("a");
    two.insert(two.rfind(']'),
               "," + two.substr(two.find("[") + 1, two.rfind(']') - two.find("[") - 1));
    two.replace(two.rfind("\"a\""), 3, "\"b\"");
    const auto both = token::KeySet::parse(two, allowed);
    ASSERT_EQ(both->size(), 2U);
    EXPECT_EQ(both->find(std::nullopt, token::Algorithm::eddsa), nullptr);
    EXPECT_NE(both->find("b", token::Algorithm::eddsa), nullptr);
}

} // namespace
} // namespace tests
