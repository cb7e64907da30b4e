// The stream of events.

#include "gateways/market/cursor.hpp"
#include "tests/gateways/http_wire.hpp"
#include "tests/market/running_market.hpp"

#include <memory>
#include <set>

namespace tests {

namespace {

// One listener. A frame is what stands before an empty line.
class Ear {
public:
    Ear(const RunningMarket& market, const Person& who, const std::string& last = {})
        : wire_{static_cast<unsigned short>(
              std::stoi(market.url().substr(market.url().rfind(':') + 1)))} {
        wire_.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                   market.token(who) + "\r\n" +
                   (last.empty() ? "" : "Last-Event-ID: " + last + "\r\n") + "\r\n");
        head = wire_.receive_until("\r\n\r\n");
        if (head.starts_with("HTTP/1.1 200")) begin = wire_.receive_until("\n\n");
    }

    // The next event: its stream, and its type behind that.
    std::string next() {
        std::string frame;
        do
            frame = wire_.receive_until("\n\n");
        while (frame.starts_with(":"));
        id = field(frame, "id: ");
        const std::string data = field(frame, "data: ");
        simdjson::dom::parser parser;
        simdjson::dom::element json;
        std::string_view stream;
        if (parser.parse(data).get(json) || json["stream"].get(stream)) return frame;
        return std::string{stream} + " " + field(frame, "event: ");
    }
    bool ended() {
        const bool is = wire_.ended();
        wire_.close();
        return is;
    }
    void close() { wire_.close(); }

    static std::string field(const std::string& frame, const std::string& name) {
        const auto at = frame.find(name);
        if (at == std::string::npos) return {};
        const auto from = at + name.size();
        return frame.substr(from, frame.find('\n', from) - from);
    }

    std::string head, begin, id;

private:
    wire::Wire wire_;
};

class MarketEventsTest : public testing::Test {
protected:
    // A payment's stream.
    std::string request(const Person& who, const std::string& key) {
        return "payment-" + market.request_payment(who, key).at("/id");
    }
    RunningMarket market;
};

TEST_F(MarketEventsTest, EachHearsWhatConcernsHim) {
    const Person other{"alice", Roles::cloud_user, "other"};
    Ear all{market, operator_o}, own{market, alice}, elsewhere{market, other};
    EXPECT_NE(all.head.find("Content-Type: text/event-stream"), std::string::npos) << all.head;
    EXPECT_NE(all.head.find("Cache-Control: no-store"), std::string::npos);
    EXPECT_NE(all.begin.find("retry: "), std::string::npos);
    EXPECT_NE(all.begin.find("id: "), std::string::npos);

    const std::string of_bob = request(bob, "k1"), of_alice = request(alice, "k2"),
                      of_other = request(other, "k3");
    EXPECT_EQ(own.next(), of_alice + " payment.requested");
    EXPECT_EQ(elsewhere.next(), of_other + " payment.requested");
    std::set<std::string> heard{all.next(), all.next()};
    EXPECT_EQ(heard, (std::set{of_bob + " payment.requested", of_alice + " payment.requested"}));
    // Refusals are nobody's events.
    market.post(operator_o, "/v1/payments/" + of_alice.substr(8) + "/capture", "k4", "{}");
    market.post(robot, "/v1/payments/" + of_alice.substr(8) + "/record-outcome", "k5",
                R"({"outcome":"held"})");
    EXPECT_EQ(own.next(), of_alice + " payment.held");
    EXPECT_EQ(all.next(), of_alice + " payment.held");
}

TEST_F(MarketEventsTest, WhatWasHeardOfCanBeRead) {
    Ear ear{market, alice};
    for (int i = 0; i < 20; ++i) {
        const std::string stream = request(alice, "k" + std::to_string(i));
        ASSERT_EQ(ear.next(), stream + " payment.requested");
        EXPECT_EQ(market.get(alice, "/v1/payments/" + stream.substr(8)).status(), 200u);
    }
}

TEST_F(MarketEventsTest, AListenerGoesOnWhereItWas) {
    std::string last;
    {
        Ear ear{market, alice};
        request(alice, "k0");
        ear.next();
        last = ear.id;
    }
    std::multiset<std::string> missed, heard;
    for (int i = 1; i <= 30; ++i) {
        missed.insert(request(alice, "k" + std::to_string(i)) + " payment.requested");
        request(bob, "b" + std::to_string(i));
    }
    Ear again{market, alice, last};
    for (int i = 0; i < 30; ++i)
        heard.insert(again.next());
    EXPECT_EQ(heard, missed);
    const std::string live = request(alice, "later");
    EXPECT_EQ(again.next(), live + " payment.requested");
    // Nothing is told twice, also after a restart.
    again.close();
    market.stop();
    market.start();
    Ear after{market, alice, again.id};
    const std::string newest = request(alice, "newest");
    EXPECT_EQ(after.next(), newest + " payment.requested");
}

TEST_F(MarketEventsTest, WhoWasSomewhereElseBeginsAnew) {
    const auto place = [](const std::string& text) {
        return gateways::market::base64(text); // Offsets of the four partitions.
    };
    Ear ahead{market, alice, place("99999.0.0.0")};
    EXPECT_NE(ahead.begin.find("event: reset"), std::string::npos) << ahead.begin;
    const std::string stream = request(alice, "k1");
    EXPECT_EQ(ahead.next(), stream + " payment.requested");
    for (const std::string& wrong :
         {place("1.2"), place("1.2.3.x"), place("1.2.3.-4"), std::string{"%"}}) {
        Ear refused{market, alice, wrong};
        EXPECT_TRUE(refused.head.starts_with("HTTP/1.1 400")) << wrong << refused.head;
    }
}

TEST_F(MarketEventsTest, StreamsAreBoundedAndTheirPlacesComeBack) {
    std::vector<std::unique_ptr<Ear>> ears;
    for (int i = 0; i < 8; ++i)
        ears.push_back(std::make_unique<Ear>(market, alice));
    EXPECT_TRUE(ears.back()->head.starts_with("HTTP/1.1 200"));
    EXPECT_TRUE((Ear{market, alice}.head.starts_with("HTTP/1.1 429")));
    EXPECT_TRUE((Ear{market, bob}.head.starts_with("HTTP/1.1 200")));
    ears.clear();
    // That they have gone is noticed with what is said next.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    bool again = false;
    for (int i = 0; !again && std::chrono::steady_clock::now() < end; ++i) {
        request(alice, "k" + std::to_string(i));
        again = Ear{market, alice}.head.starts_with("HTTP/1.1 200");
    }
    EXPECT_TRUE(again);
    const Person nobody{"nobody", Roles::none};
    EXPECT_TRUE((Ear{market, nobody}.head.starts_with("HTTP/1.1 403")));
}

TEST_F(MarketEventsTest, TheServersEndEndsIt) {
    Ear ear{market, alice};
    std::thread client{[&] { EXPECT_TRUE(ear.ended()); }};
    const auto before = std::chrono::steady_clock::now();
    market.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{9});
    client.join();
}

} // namespace

} // namespace tests
