// Bills of the chain: which of those that the proxy shows are news, and when it is looked for them.

#include "gateways/tfgrid/bills.hpp"
#include "tests/tfgrid/bill_samples.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <gmock/gmock.h>

#include <random>

namespace {

using namespace gateways;
using namespace gateways::tfgrid;
using namespace bill_samples;
using domain::RecordBillGap;
using domain::RecordChainBill;
using domain::Time;
using domain::Usage;
using domain::UsageCommand;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const BilledContract live{{"9001"}, {"d1"}, domain::ContractKind::node, true};
const BilledContract over{{"9001"}, {"d1"}, domain::ContractKind::node, false};

std::vector<GridBill> bills(int first, int last) {
    std::vector<GridBill> all;
    for (int hour = first; hour <= last; ++hour)
        all.insert(all.begin(), bill(hour)); // Newest first, as the proxy has them.
    return all;
}

Usage after(Usage usage, const std::vector<UsageCommand>& commands, Time now) {
    for (const UsageCommand& command : commands) {
        const auto events = decide(usage, command, now);
        EXPECT_TRUE(events) << boost::describe::enum_to_string(events.error(), "?");
        if (!events) continue;
        for (const auto& event : *events)
            usage = evolve(std::move(usage), event);
    }
    return usage;
}

// "b3" for the bill of the third hour, "g4" for the gap of the fourth.
std::vector<std::string> words(const std::vector<UsageCommand>& commands) {
    std::vector<std::string> all;
    for (const UsageCommand& command : commands) {
        const auto* one = std::get_if<RecordChainBill>(&command);
        const Time time = one != nullptr ? one->timestamp : std::get<RecordBillGap>(command).hour;
        all.push_back((one != nullptr ? "b" : "g") +
                      std::to_string((time.milliseconds - first_hour) / (60 * minute)));
    }
    return all;
}

TEST(BillNews, are_those_that_are_not_known_and_the_oldest_first) {
    const auto first = bill_news(live, bills(1, 3), {}, at(0), at(3));
    EXPECT_THAT(words(first), ElementsAre("b1", "b2", "b3"));
    const auto& told = std::get<RecordChainBill>(first[0]);
    EXPECT_EQ(told.amount, bill(1).amount);
    EXPECT_EQ(told.tier, domain::DiscountTier::gold);
    EXPECT_EQ(told.deployment, live.deployment);
    const Usage usage = after({}, first, at(3));
    EXPECT_THAT(bill_news(live, bills(1, 3), usage, {}, at(3)), IsEmpty());
    EXPECT_THAT(words(bill_news(live, bills(1, 4), usage, {}, at(4))), ElementsAre("b4"));
    auto twice = bills(1, 5);
    twice.push_back(bill(4));
    EXPECT_THAT(words(bill_news(live, twice, usage, {}, at(5))), ElementsAre("b4", "b5"));
}

TEST(BillNews, an_hour_without_a_bill_is_a_gap_before_the_bill_that_has_it) {
    auto some = bills(1, 2);
    some.insert(some.begin(), bill(5.2, 18'000'000));
    EXPECT_THAT(words(bill_news(live, some, {}, at(0), at(5.3))),
                ElementsAre("b1", "b2", "g3", "g4", "b5"));
    // A few blocks early or late are no gap.
    EXPECT_THAT(words(bill_news(live, {bill(2.4), bill(1)}, {}, at(0), at(3))),
                ElementsAre("b1", "b2"));
}

TEST(BillNews, a_gap_is_seen_when_the_next_hour_is_over_too) {
    const Usage usage = after({}, bill_news(live, bills(1, 2), {}, at(0), at(2)), at(2));
    EXPECT_THAT(bill_news(live, bills(1, 2), usage, {}, at(3.9)), IsEmpty());
    EXPECT_THAT(words(bill_news(live, bills(1, 2), usage, {}, at(4))), ElementsAre("g3"));
    const auto gaps = bill_news(live, bills(1, 2), usage, {}, at(5));
    EXPECT_THAT(words(gaps), ElementsAre("g3", "g4"));
    const Usage waiting = after(usage, gaps, at(5));
    EXPECT_THAT(bill_news(live, bills(1, 2), waiting, {}, at(5.5)), IsEmpty());
    // A contract that is over has no more hours.
    EXPECT_THAT(bill_news(over, bills(1, 2), usage, {}, at(9)), IsEmpty());
    // The bill that has them fills them.
    auto late = bills(1, 2);
    late.insert(late.begin(), bill(5, 13'500'000));
    const auto filled = bill_news(live, late, waiting, {}, at(5.5));
    EXPECT_THAT(words(filled), ElementsAre("b5"));
    EXPECT_THAT(after(waiting, filled, at(5.5)).gaps, IsEmpty());
}

TEST(BillNews, a_contract_that_was_never_billed_has_gaps_since_it_was_made) {
    EXPECT_THAT(bill_news(live, {}, {}, at(0), at(1.9)), IsEmpty());
    EXPECT_THAT(words(bill_news(live, {}, {}, at(0), at(2))), ElementsAre("g1"));
    EXPECT_THAT(words(bill_news(live, {bill(3)}, {}, at(0), at(3))), ElementsAre("g1", "g2", "b3"));
    EXPECT_THAT(bill_news(live, {}, {}, {}, at(9)), IsEmpty());
}

// Whatever order posts are lost in, no bill is forgotten before it was told.
TEST(BillNews, all_count_once_however_many_came_at_once_and_whatever_is_put_off) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        std::vector<GridBill> all;
        std::int64_t sum = 0;
        const int hours = 200 + static_cast<int>(random() % 300);
        for (int hour = 1; hour <= hours; ++hour)
            if (random() % 10 != 0) {
                all.push_back(bill(hour, 1 + static_cast<std::int64_t>(random() % 1000)));
                sum += all.back().amount.minor;
            }
        std::ranges::shuffle(all, random);
        Usage usage;
        for (int round = 0; round < 10'000; ++round) {
            const auto commands = bill_news(over, all, usage, at(0), at(hours));
            if (commands.empty()) break;
            for (const UsageCommand& command : commands)
                if (random() % 4 != 0) usage = after(usage, {command}, at(hours));
        }
        EXPECT_EQ(usage.total.minor, sum);
        EXPECT_THAT(bill_news(over, all, usage, at(0), at(hours)), IsEmpty());
    }
}

TEST(BillNews, more_gaps_than_a_usage_keeps_do_not_stop_its_bills) {
    const auto gaps = bill_news(live, {}, {}, at(0), at(2000));
    EXPECT_THAT(gaps, SizeIs(domain::gaps_open_max));
    const Usage usage = after({}, gaps, at(2000));
    EXPECT_THAT(words(bill_news(live, {bill(2000)}, usage, at(0), at(2000))), ElementsAre("b2000"));
}

TEST(BillCommands, have_the_ids_of_what_they_say) {
    const RecordChainBill told{at(1), {1, domain::Currency::tft}, {}, {}, {}};
    EXPECT_EQ(command_id({"9001"}, told), "watch/usage-9001/bill/1800003600000");
    EXPECT_EQ(command_id({"9001"}, RecordBillGap{at(1)}), "watch/usage-9001/gap/1800003600000");
}

TEST(BillLook, is_taken_when_an_hour_is_over_and_for_a_while_after_the_end) {
    const Usage none;
    EXPECT_TRUE(is_worth_a_look(none, live, {}, at(0)));
    const Usage billed = after({}, bill_news(live, bills(1, 2), {}, at(0), at(2)), at(2));
    EXPECT_FALSE(is_worth_a_look(billed, live, {}, at(2.9)));
    EXPECT_TRUE(is_worth_a_look(billed, live, {}, at(3)));
    EXPECT_TRUE(is_worth_a_look(billed, over, {}, at(2.1)));
    const Usage closed = after(billed, {domain::CloseUsage{at(2.5)}}, at(3.5));
    EXPECT_TRUE(is_worth_a_look(closed, over, {}, at(3.5)));
    EXPECT_FALSE(is_worth_a_look(closed, over, at(3.5), at(4.4)));
    EXPECT_TRUE(is_worth_a_look(closed, over, at(3.5), at(4.5)));
    EXPECT_FALSE(is_worth_a_look(closed, over, {}, at(2.5 + 72)));
}

TEST(BillReading, takes_all_bills_or_none) {
    const auto all = read_bills(R"([{"amountBilled":4500000,"discountReceived":"Gold",
        "timestamp":1800003600},{"amountBilled":9,"discountReceived":"Default",
        "timestamp":1800000000}])");
    EXPECT_THAT(all, ElementsAre(bill(1), GridBill{at(0),
                                                   {9, domain::Currency::tft},
                                                   domain::DiscountTier::standard}));
    for (const char* body :
         {R"([{"amountBilled":1,"discountReceived":"Gold"}])",
          R"([{"discountReceived":"Gold","timestamp":1}])",
          R"([{"amountBilled":-1,"discountReceived":"Gold","timestamp":1}])",
          R"([{"amountBilled":1,"discountReceived":"Platinum","timestamp":1}])", "[5]", "late"})
        EXPECT_THROW(read_bills(body), std::runtime_error) << body;
    EXPECT_EQ(read_contract_created(R"({"contract_id":9001,"created_at":1800000000})"), at(0));
    for (const char* body : {"{}", "[]", R"({"created_at":"x"})", R"({"created_at":0})", "late"})
        EXPECT_THROW(read_contract_created(body), std::runtime_error) << body;
}

} // namespace
