// What all of the sandbox's servers stand on.

#include "gateways/sandbox/clock.hpp"
#include "gateways/sandbox/faults.hpp"
#include "gateways/sandbox/form.hpp"
#include "gateways/sandbox/later.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace gateways::sandbox {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time noon{seconds{1'800'000'000}};

TEST(SandboxClock, StandsStillUntilItIsMoved) {
    Clock clock{noon};
    std::this_thread::sleep_for(milliseconds{5});
    EXPECT_EQ(clock.now(), noon);
    clock.advance(seconds{60});
    EXPECT_EQ(clock.now(), noon + seconds{60});
    clock.set(noon - seconds{1});
    EXPECT_EQ(clock.now(), noon - seconds{1});
    EXPECT_TRUE(clock.frozen());
}

TEST(SandboxClock, RunsFromWhereItIs) {
    Clock clock{noon};
    clock.freeze(false);
    const auto until = std::chrono::steady_clock::now() + seconds{20};
    while (clock.now() < noon + milliseconds{3} && std::chrono::steady_clock::now() < until) {
    }
    EXPECT_GE(clock.now(), noon + milliseconds{3});
    clock.freeze(true);
    const Time stopped = clock.now();
    std::this_thread::sleep_for(milliseconds{5});
    EXPECT_EQ(clock.now(), stopped);
}

TEST(SandboxClock, TellsThoseWhoListen) {
    Clock clock{noon};
    int told = 0;
    Time seen{};
    const unsigned listener = clock.listen([&] {
        ++told;
        seen = clock.now();
    });
    clock.advance(seconds{5});
    EXPECT_EQ(told, 1);
    EXPECT_EQ(seen, noon + seconds{5});
    clock.set(noon);
    clock.freeze(true);
    EXPECT_EQ(told, 3);
    clock.forget(listener);
    clock.advance(seconds{5});
    EXPECT_EQ(told, 3);
}

TEST(SandboxLater, RunsTasksInTheirOrder) {
    Later later;
    later.start();
    std::promise<void> done;
    std::vector<int> order;
    later.after(milliseconds{30}, [&] {
        order.push_back(2);
        later.after(milliseconds{0}, [&] { done.set_value(); });
    });
    later.after(milliseconds{0}, [&] { order.push_back(1); });
    ASSERT_EQ(done.get_future().wait_for(seconds{20}), std::future_status::ready);
    EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(SandboxLater, DropsWhatWaitsWhenItStops) {
    Later later;
    later.start();
    std::atomic<bool> ran = false;
    later.after(std::chrono::hours{1}, [&] { ran = true; });
    later.stop();
    later.after(milliseconds{0}, [&] { ran = true; });
    EXPECT_FALSE(ran);
}

TEST(SandboxForm, IsDecoded) {
    const auto fields = decode_form("a=1&b%20c=d+e&&empty=&bare&%C3%A9=%41");
    ASSERT_TRUE(fields);
    EXPECT_EQ(*fields,
              (Fields{{"a", "1"}, {"b c", "d e"}, {"empty", ""}, {"bare", ""}, {"\xC3\xA9", "A"}}));
    for (const char* wrong : {"a=%", "a=%4", "%zz=1"})
        EXPECT_FALSE(decode_form(wrong)) << wrong;
}

TEST(SandboxForm, IsNested) {
    const auto object = [](std::string_view form) { return nested(*decode_form(form)); };
    EXPECT_EQ(*object("a[b][c]=1&a[b][d]=2&e=3"),
              (json::object{{"a", {{"b", {{"c", "1"}, {"d", "2"}}}}}, {"e", "3"}}));
    EXPECT_EQ(*object("a[]=x&a[]=y"), (json::object{{"a", {{"0", "x"}, {"1", "y"}}}}));
    EXPECT_EQ(*object("a[0]=x&a[1]=y"), (json::object{{"a", {{"0", "x"}, {"1", "y"}}}}));
    for (const char* wrong : {"a=1&a[b]=2", "a[b]=1&a=2", "[a]=1", "a[b=1", "a[b]c=1",
                              "a[1][2][3][4][5][6][7][8][9]=1"})
        EXPECT_FALSE(object(wrong)) << wrong;
}

constexpr FaultKind both[]{FaultKind::error, FaultKind::decline};

TEST(SandboxFaults, MeetTheCallsTheyName) {
    Faults faults;
    faults.add(json::parse(R"({"script": [
        {"operation": "refunds.create", "kind": "error", "status": 503},
        {"operation": "payment_intents.*", "kind": "decline", "skip": 1, "times": 2}]})")
                   .get_object());
    EXPECT_FALSE(faults.next("customers.create", both));
    EXPECT_FALSE(faults.next("payment_intents.create", both)); // Skipped.
    EXPECT_EQ(faults.next("refunds.create", both)->status, 503U);
    EXPECT_FALSE(faults.next("refunds.create", both));
    EXPECT_FALSE(faults.next("payment_intents.confirm", std::span{both}.first(1)));
    EXPECT_EQ(faults.next("payment_intents.confirm", both)->kind, FaultKind::decline);
    EXPECT_TRUE(faults.next("payment_intents.create", both));
    EXPECT_FALSE(faults.next("payment_intents.create", both));
    EXPECT_EQ(faults.describe().at("happened"), (json::value{{"decline", 2}, {"error", 1}}));
}

TEST(SandboxFaults, ASeedDrawsForEachOperationApart) {
    const auto draw = [](bool disturbed) {
        Faults faults;
        faults.add(json::parse(R"({"seeded": {"seed": 3, "rules": [
            {"operation": "*", "kind": "error", "per_mille": 500}]}})")
                       .get_object());
        std::string drawn;
        for (int i = 0; i < 40; ++i) {
            if (disturbed) faults.next("other", both);
            drawn.push_back(faults.next("one", both) ? 'x' : '.');
        }
        return drawn;
    };
    EXPECT_EQ(draw(false), draw(true));
    EXPECT_NE(draw(false).find('x'), std::string::npos);
    EXPECT_NE(draw(false).find('.'), std::string::npos);
}

} // namespace
} // namespace gateways::sandbox
