// What people decide about a dashboard's ledger: adjustments by two persons, and the end of a
// month. The ledger itself is a fold of events; this aggregate holds no balances.
//
//     adjustment: proposed --> approved | rejected, by another person
//     month:      open --> closed, one after the other
//
// A book needs no making: its first adjustment or its first closed month begins it. The first
// month that is closed may be any; what lies before it is closed with it.

#pragma once

#include "domain/book_messages.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace domain {

inline constexpr std::size_t adjustment_lines_max = 100;
inline constexpr std::size_t adjustments_waiting_max = 100;

struct WaitingAdjustment {
    std::uint32_t number = 0;
    std::string month;
    std::vector<AdjustmentLine> lines;
    std::string reason;
    ActorId proposed_by;
};
BOOST_DESCRIBE_STRUCT(WaitingAdjustment, (), (number, month, lines, reason, proposed_by))

struct Book {
    static constexpr std::string_view name = "book";
    using Command = BookCommand;
    using Event = BookEvent;
    using Rejection = BookRejection;

    std::uint32_t adjustments = 0; // Proposed so far.
    std::vector<WaitingAdjustment> waiting;
    std::optional<std::string> closed_through; // The last closed month.
};
BOOST_DESCRIBE_STRUCT(Book, (), (adjustments, waiting, closed_through))

inline bool exists(const Book& book) { return book.adjustments > 0 || book.closed_through; }

// Months as "2027-04" sort as they follow each other. Nothing for what is no month.
bool is_month(std::string_view text);
std::string month_of(Time time); // In UTC.
std::string month_after(std::string_view month);

// No events: accepted, and nothing changes.
using BookDecision = Result<std::vector<BookEvent>, BookRejection>;

// `by`: who asks. Nobody decides about what they proposed.
BookDecision decide(const Book& book, const BookCommand& command, Time now, const ActorId& by);
Book evolve(Book book, const BookEvent& event);

} // namespace domain
