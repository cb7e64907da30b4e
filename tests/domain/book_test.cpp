// A book: adjustments that two persons agree on, and months that end.

#include "domain/book.hpp"

#include "tests/domain/given_by.hpp"

#include <limits>
#include <map>
#include <random>

namespace domain {

namespace {

using tests::some_time; // 2027-01-15
using History = std::vector<BookEvent>;
using Rejection = BookRejection;

const ActorId first_person{"staff-1"}, second_person{"staff-2"}, nobody{};
const std::vector<AdjustmentLine> lines{{"suspense", {500, Currency::usd}},
                                        {"receivable:user-a", {-500, Currency::usd}}};

History operator+(History history, const BookEvent& event) {
    history.push_back(event);
    return history;
}

const History proposed{AdjustmentProposed{1, "2027-01", lines, "bank error", first_person}};
const History approved =
    proposed + AdjustmentApproved{1, "2027-01", lines, "bank error", first_person, second_person};
const History rejected = proposed + AdjustmentRejected{1, second_person, "no"};
const History november_closed{BooksClosed{"2026-11"}};

ProposeAdjustment proposal() { return {"2027-01", lines, "bank error"}; }

TEST(BookMonths, AreReadWrittenAndFollowEachOther) {
    for (const char* month : {"2027-01", "2027-12", "0000-10", "9999-09"})
        EXPECT_TRUE(is_month(month)) << month;
    for (const char* text : {"", "2027", "2027-1", "2027-13", "2027-00", "2027/01", "2027-01-01",
                             "20a7-01", "2027-1 ", "+027-01"})
        EXPECT_FALSE(is_month(text)) << text;
    EXPECT_EQ(month_after("2026-11"), "2026-12");
    EXPECT_EQ(month_after("2026-12"), "2027-01");
    EXPECT_EQ(month_after("2099-09"), "2099-10");
    EXPECT_EQ(month_of(some_time), "2027-01");
    EXPECT_EQ(month_of({0}), "1970-01");
    EXPECT_EQ(month_of({-1}), "1969-12");
    EXPECT_EQ(month_of({1'798'761'600'000}), "2027-01");
    EXPECT_EQ(month_of({1'798'761'599'999}), "2026-12");
}

TEST(BookAdjustment, IsProposedByOneAndApprovedByAnother) {
    given_by<Book>(first_person, {}).when(proposal()).then(proposed);
    given_by<Book>(second_person, proposed)
        .when(ApproveAdjustment{1})
        .then({AdjustmentApproved{1, "2027-01", lines, "bank error", first_person, second_person}});
    given_by<Book>(second_person, proposed)
        .when(RejectAdjustment{1, "no"})
        .then({AdjustmentRejected{1, second_person, "no"}});
    given_by<Book>(first_person, proposed)
        .when(ApproveAdjustment{1})
        .then_rejected(Rejection::same_approver);
    given_by<Book>(first_person, proposed)
        .when(RejectAdjustment{1, {}})
        .then_rejected(Rejection::same_approver);
}

TEST(BookAdjustment, IsMadeBySomebody) {
    given_by<Book>(nobody, {}).when(proposal()).then_rejected(Rejection::asker_missing);
    given_by<Book>(nobody, proposed)
        .when(ApproveAdjustment{1})
        .then_rejected(Rejection::asker_missing);
    given_by<Book>(nobody, proposed)
        .when(RejectAdjustment{1, {}})
        .then_rejected(Rejection::asker_missing);
}

TEST(BookAdjustment, IsNumberedAndDecidedOnce) {
    given_by<Book>(first_person, approved)
        .when(proposal())
        .then({AdjustmentProposed{2, "2027-01", lines, "bank error", first_person}});
    for (const History& history : {approved, rejected}) {
        given_by<Book>(second_person, history)
            .when(ApproveAdjustment{1})
            .then_rejected(Rejection::adjustment_decided);
        given_by<Book>(second_person, history)
            .when(RejectAdjustment{1, {}})
            .then_rejected(Rejection::adjustment_decided);
    }
    for (const std::uint32_t number : {0U, 2U})
        given_by<Book>(second_person, proposed)
            .when(ApproveAdjustment{number})
            .then_rejected(Rejection::adjustment_unknown);
    EXPECT_FALSE(exists(given_by<Book>(nobody, {}).state()));
    EXPECT_TRUE(exists(given_by<Book>(nobody, rejected).state()));
}

TEST(BookAdjustment, SumsToZeroInEveryCurrency) {
    const auto propose = [](std::vector<AdjustmentLine> some) {
        return given_by<Book>(first_person, {})
            .when(ProposeAdjustment{"2027-01", std::move(some), "x"});
    };
    const std::vector<AdjustmentLine> two_currencies{{"a", {1, Currency::usd}},
                                                     {"b", {7, Currency::tft}},
                                                     {"c", {-1, Currency::usd}},
                                                     {"d", {-7, Currency::tft}}};
    propose(two_currencies)
        .then({AdjustmentProposed{1, "2027-01", two_currencies, "x", first_person}});
    propose({{"a", {1, Currency::usd}}, {"b", {-1, Currency::eur}}})
        .then_rejected(Rejection::unbalanced);
    propose({{"a", {1, Currency::usd}}, {"b", {-2, Currency::usd}}})
        .then_rejected(Rejection::unbalanced);
    // As large as they come, the sum does not wrap around.
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    propose({{"a", {largest, Currency::usd}},
             {"b", {largest, Currency::usd}},
             {"c", {2, Currency::usd}}})
        .then_rejected(Rejection::unbalanced);
}

TEST(BookAdjustment, HasLinesOnAccounts) {
    const auto refused = [](std::vector<AdjustmentLine> some, Rejection reason) {
        given_by<Book>(first_person, {})
            .when(ProposeAdjustment{"2027-01", std::move(some), "x"})
            .then_rejected(reason);
    };
    refused({}, Rejection::lines_missing);
    refused({lines.front()}, Rejection::lines_missing);
    refused(std::vector<AdjustmentLine>(adjustment_lines_max + 1, lines.front()),
            Rejection::too_many_lines);
    refused({{"a", {0, Currency::usd}}, {"b", {0, Currency::usd}}}, Rejection::amount_zero);
    for (const std::string& account :
         {std::string{}, std::string{":"}, std::string{"a:"}, std::string{":a"},
          std::string{"a::b"}, std::string{"a b"}, std::string{"a\n"}, std::string(201, 'a')})
        refused({{account, {1, Currency::usd}}, {"b", {-1, Currency::usd}}},
                Rejection::account_unknown);
}

TEST(BookAdjustment, HasAReasonAndAMonthThatIsOpen) {
    const auto refused = [](const History& history, auto change, Rejection reason) {
        ProposeAdjustment command = proposal();
        change(command);
        given_by<Book>(first_person, history).when(command).then_rejected(reason);
    };
    refused(
        {}, [](auto& one) { one.reason.clear(); }, Rejection::reason_missing);
    refused(
        {}, [](auto& one) { one.month = "2027-1"; }, Rejection::month_malformed);
    refused(
        {}, [](auto& one) { one.month = "2027-02"; }, Rejection::month_not_begun);
    for (const char* month : {"2026-11", "2026-10", "1999-01"})
        refused(
            november_closed, [&](auto& one) { one.month = month; }, Rejection::month_closed);
    ProposeAdjustment december = proposal();
    december.month = "2026-12";
    given_by<Book>(first_person, november_closed)
        .when(december)
        .then({AdjustmentProposed{1, "2026-12", lines, "bank error", first_person}});
}

TEST(BookAdjustment, IsNotApprovedIntoAClosedMonth) {
    given_by<Book>(second_person, proposed + BooksClosed{"2027-01"})
        .when(ApproveAdjustment{1})
        .then_rejected(Rejection::month_closed);
}

TEST(BookAdjustments, WaitInANumberThatIsBounded) {
    History history;
    for (std::uint32_t number = 1; number <= adjustments_waiting_max; ++number)
        history.push_back(AdjustmentProposed{number, "2027-01", lines, "x", first_person});
    given_by<Book>(first_person, history)
        .when(proposal())
        .then_rejected(Rejection::too_many_adjustments);
}

TEST(BookClosing, EndsAMonthThatIsOverAndExplained) {
    const auto book = given_by<Book>(first_person, {});
    book.when(CloseBooks{"2026-12", {{0, Currency::usd}, {0, Currency::tft}}, true})
        .then({BooksClosed{"2026-12"}});
    book.when(CloseBooks{"2027-01", {}, true}).then_rejected(Rejection::month_not_over);
    book.when(CloseBooks{"January", {}, true}).then_rejected(Rejection::month_malformed);
    for (const std::int64_t minor : {1, -1})
        book.when(CloseBooks{"2026-12", {{0, Currency::usd}, {minor, Currency::tft}}, true})
            .then_rejected(Rejection::suspense_not_empty);
    book.when(CloseBooks{"2026-12", {}, false}).then_rejected(Rejection::reconciliation_missing);
}

TEST(BookClosing, GoesMonthByMonth) {
    const auto book = given_by<Book>(first_person, november_closed);
    book.when(CloseBooks{"2026-12", {}, true}).then({BooksClosed{"2026-12"}});
    for (const char* month : {"2026-11", "2026-10", "1999-01"})
        book.when(CloseBooks{month, {}, true}).then_nothing();
    book.when(CloseBooks{"2027-01", {}, true}).then_rejected(Rejection::month_out_of_order);
    const BookEvent december = BooksClosed{"2026-12"};
    given_by<Book>(first_person, november_closed + december)
        .when(CloseBooks{"2027-01", {}, true}, {1'801'440'000'000}) // 2027-02-01
        .then({BooksClosed{"2027-01"}});
}

TEST(BookClosing, WaitsForItsAdjustments) {
    const History waiting =
        november_closed + AdjustmentProposed{1, "2026-12", lines, "x", first_person};
    given_by<Book>(first_person, waiting)
        .when(CloseBooks{"2026-12", {}, true})
        .then_rejected(Rejection::adjustments_open);
    given_by<Book>(first_person, waiting + AdjustmentRejected{1, second_person, {}})
        .when(CloseBooks{"2026-12", {}, true})
        .then({BooksClosed{"2026-12"}});
    // One of the next month is none of this one's business.
    given_by<Book>(first_person,
                   november_closed + AdjustmentProposed{1, "2027-01", lines, "x", first_person})
        .when(CloseBooks{"2026-12", {}, true})
        .then({BooksClosed{"2026-12"}});
}

// Random people, months and amounts: nothing that does not balance is approved, nothing into a
// closed month, nothing by one person, and months close one after the other.
TEST(BookWalk, KeepsItsRules) {
    std::map<std::size_t, int> events_seen;
    const std::vector<std::string> months{"2026-09", "2026-10", "2026-11", "2026-12", "2027-01"};
    for (std::uint64_t seed = 0; seed < 1'000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 random{seed};
        const auto draw = [&](std::size_t below) { return random() % below; };
        Book book;
        for (int step = 0; step < 50; ++step) {
            const auto by = draw(2) == 0 ? first_person : second_person;
            const auto number = static_cast<std::uint32_t>(draw(book.adjustments + 2));
            const auto small = [&] {
                return Money{static_cast<std::int64_t>(draw(5)) - 2,
                             draw(6) == 0 ? Currency::tft : Currency::usd};
            };
            BookCommand command = CloseBooks{months[draw(months.size())], {}, draw(4) != 0};
            switch (draw(4)) {
            case 0:
                command = ProposeAdjustment{months[draw(months.size())],
                                            {{"a", small()}, {"b", small()}, {"c", small()}},
                                            "x"};
                break;
            case 1: command = ApproveAdjustment{number}; break;
            case 2: command = RejectAdjustment{number, {}}; break;
            default: break;
            }
            const auto decision = decide(book, command, some_time, by);
            if (!decision) continue;
            for (const BookEvent& event : *decision) {
                ++events_seen[event.index()];
                if (const auto* one = std::get_if<AdjustmentApproved>(&event)) {
                    EXPECT_NE(one->proposed_by, one->approved_by);
                    EXPECT_GT(one->month, book.closed_through.value_or(""));
                    std::map<Currency, std::int64_t> sums;
                    for (const AdjustmentLine& line : one->lines)
                        sums[line.amount.currency] += line.amount.minor;
                    for (const auto& [currency, sum] : sums)
                        EXPECT_EQ(sum, 0);
                }
                if (const auto* one = std::get_if<BooksClosed>(&event);
                    one && book.closed_through) {
                    EXPECT_EQ(one->month, month_after(*book.closed_through));
                }
                book = evolve(std::move(book), event);
                for (const WaitingAdjustment& one : book.waiting)
                    EXPECT_GT(one.month, book.closed_through.value_or(""));
            }
        }
    }
    EXPECT_EQ(events_seen.size(), std::variant_size_v<BookEvent>);
}

} // namespace

} // namespace domain
