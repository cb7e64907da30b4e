// A dashboard's numbers: each invoice has one, and none is left out.

#include "domain/invoice_book.hpp"

#include "tests/support/given.hpp"

#include <map>
#include <random>

namespace domain {

namespace {

using History = std::vector<InvoiceBookEvent>;
using tests::given;

TEST(InvoiceNumbers, BeginAtOne) {
    EXPECT_FALSE(exists(InvoiceBook{}));
    given<InvoiceBook>({}).when(AssignNumber{{"d1.1"}}).then({NumberAssigned{{"d1.1"}, 1}});
    const History one{NumberAssigned{{"d1.1"}, 1}};
    given<InvoiceBook>(one).when(AssignNumber{{"d2.1"}}).then({NumberAssigned{{"d2.1"}, 2}});
    EXPECT_TRUE(exists(given<InvoiceBook>(one).state()));
}

TEST(InvoiceNumbers, AreToldAgainToWhoAsksAgain) {
    const History two{NumberAssigned{{"d1.1"}, 1}, NumberAssigned{{"d2.1"}, 2}};
    given<InvoiceBook>(two).when(AssignNumber{{"d1.1"}}).then({NumberAssigned{{"d1.1"}, 1}});
    const auto again = evolve(given<InvoiceBook>(two).state(), NumberAssigned{{"d1.1"}, 1});
    EXPECT_EQ(again, given<InvoiceBook>(two).state());
}

TEST(InvoiceNumbers, AreForInvoices) {
    given<InvoiceBook>({})
        .when(AssignNumber{})
        .then_rejected(InvoiceBookRejection::invoice_missing);
}

TEST(InvoiceNumbers, HaveNoGapsWhoeverAsksHoweverOften) {
    std::mt19937_64 random{3};
    InvoiceBook book;
    std::map<std::string, std::uint64_t> numbers;
    std::uint64_t next = 1;
    for (int step = 0; step < 5'000; ++step) {
        // Within what is remembered.
        const auto which = static_cast<std::uint64_t>(step) / 2 - random() % 50;
        const InvoiceId invoice{std::to_string(which)};
        const auto decision = decide(book, AssignNumber{invoice}, tests::some_time);
        ASSERT_TRUE(decision);
        const auto& assigned = std::get<NumberAssigned>(decision->front());
        book = evolve(std::move(book), decision->front());
        const auto [known, fresh] = numbers.emplace(invoice.value, assigned.number);
        ASSERT_EQ(known->second, assigned.number);
        if (fresh) {
            ASSERT_EQ(assigned.number, next++);
        }
    }
    EXPECT_GT(numbers.size(), 2'000U);
    EXPECT_EQ(book.recent.size(), numbers_remembered_max);
}

} // namespace

} // namespace domain
