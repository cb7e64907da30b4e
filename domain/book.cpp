#include "domain/book.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace domain {

namespace {

using Events = std::vector<BookEvent>;
using Rejection = BookRejection;

// An initializer list would copy the event.
template <class Event>
BookDecision decided(Event&& event) {
    Events events;
    events.emplace_back(std::forward<Event>(event));
    return events;
}

BookDecision nothing() { return Events{}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string month_text(int year, unsigned month) {
    std::string text = "0000-00";
    for (std::size_t at = 4; at-- > 0; year /= 10)
        text[at] = static_cast<char>('0' + year % 10);
    text[5] = static_cast<char>('0' + month / 10);
    text[6] = static_cast<char>('0' + month % 10);
    return text;
}

// As the ledger writes them: words of letters, digits, '_', '-' and '.', joined by ':'.
bool is_account_name(std::string_view name) {
    constexpr std::size_t name_max = 200;
    char before = ':';
    for (const char c : name) {
        const bool in_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
                             c == '_' || c == '-' || c == '.';
        if (!in_word && (c != ':' || before == ':')) return false;
        before = c;
    }
    return before != ':' && name.size() <= name_max;
}

bool is_balanced(const std::vector<AdjustmentLine>& lines) {
    std::array<Int128, 4> sums{};
    for (const AdjustmentLine& line : lines)
        sums[static_cast<std::size_t>(line.amount.currency)] += line.amount.minor;
    return std::ranges::all_of(sums, [](Int128 sum) { return sum == 0; });
}

std::optional<Rejection> wrong(const std::vector<AdjustmentLine>& lines) {
    if (lines.size() < 2) return Rejection::lines_missing;
    if (lines.size() > adjustment_lines_max) return Rejection::too_many_lines;
    for (const AdjustmentLine& line : lines) {
        if (!is_account_name(line.account)) return Rejection::account_unknown;
        if (line.amount.minor == 0) return Rejection::amount_zero;
    }
    if (!is_balanced(lines)) return Rejection::unbalanced;
    return std::nullopt;
}

bool is_closed(const Book& book, const std::string& month) {
    return book.closed_through && month <= *book.closed_through;
}

BookDecision handle(const Book& book, const ProposeAdjustment& command, Time now,
                    const ActorId& by) {
    if (by.value.empty()) return Rejection::asker_missing;
    if (!is_month(command.month)) return Rejection::month_malformed;
    if (is_closed(book, command.month)) return Rejection::month_closed;
    if (command.month > month_of(now)) return Rejection::month_not_begun;
    if (const auto reason = wrong(command.lines)) return *reason;
    if (command.reason.empty()) return Rejection::reason_missing;
    if (book.waiting.size() >= adjustments_waiting_max) return Rejection::too_many_adjustments;
    return decided(
        AdjustmentProposed{book.adjustments + 1, command.month, command.lines, command.reason, by});
}

// The adjustment that waits, when `by` may decide about it.
Result<const WaitingAdjustment*, BookRejection> find(const Book& book, std::uint32_t number,
                                                     const ActorId& by) {
    if (number == 0 || number > book.adjustments) return Rejection::adjustment_unknown;
    const auto place = std::ranges::find(book.waiting, number, &WaitingAdjustment::number);
    if (place == book.waiting.end()) return Rejection::adjustment_decided;
    if (by.value.empty()) return Rejection::asker_missing;
    if (by == place->proposed_by) return Rejection::same_approver;
    return &*place;
}

BookDecision handle(const Book& book, const ApproveAdjustment& command, Time, const ActorId& by) {
    const auto found = find(book, command.number, by);
    if (!found) return found.error();
    const WaitingAdjustment& one = **found;
    // A month is not closed while something waits for it; this holds whatever the log says.
    if (is_closed(book, one.month)) return Rejection::month_closed;
    return decided(
        AdjustmentApproved{one.number, one.month, one.lines, one.reason, one.proposed_by, by});
}

BookDecision handle(const Book& book, const RejectAdjustment& command, Time, const ActorId& by) {
    const auto found = find(book, command.number, by);
    if (!found) return found.error();
    return decided(AdjustmentRejected{command.number, by, command.reason});
}

BookDecision handle(const Book& book, const CloseBooks& command, Time now, const ActorId&) {
    if (!is_month(command.month)) return Rejection::month_malformed;
    if (is_closed(book, command.month)) return nothing();
    if (book.closed_through && command.month != month_after(*book.closed_through))
        return Rejection::month_out_of_order;
    if (command.month >= month_of(now)) return Rejection::month_not_over;
    if (std::ranges::any_of(book.waiting,
                            [&](const auto& one) { return one.month <= command.month; }))
        return Rejection::adjustments_open;
    if (std::ranges::any_of(command.suspense, [](const Money& one) { return one.minor != 0; }))
        return Rejection::suspense_not_empty;
    if (!command.reconciled) return Rejection::reconciliation_missing;
    return decided(BooksClosed{command.month});
}

void drop(Book& book, std::uint32_t number) {
    std::erase_if(book.waiting, [&](const WaitingAdjustment& one) { return one.number == number; });
}

void apply(Book& book, const AdjustmentProposed& event) {
    book.adjustments = event.number;
    book.waiting.push_back(
        {event.number, event.month, event.lines, event.reason, event.proposed_by});
}

void apply(Book& book, const AdjustmentApproved& event) { drop(book, event.number); }

void apply(Book& book, const AdjustmentRejected& event) { drop(book, event.number); }

void apply(Book& book, const BooksClosed& event) { book.closed_through = event.month; }

} // namespace

bool is_month(std::string_view text) {
    if (text.size() != 7 || text[4] != '-') return false;
    for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U})
        if (!is_digit(text[at])) return false;
    const int month = (text[5] - '0') * 10 + (text[6] - '0');
    return month >= 1 && month <= 12;
}

std::string month_of(Time time) {
    using namespace std::chrono;
    const sys_days day = floor<days>(sys_time<milliseconds>{milliseconds{time.milliseconds}});
    const year_month_day date{day};
    return month_text(static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
}

std::string month_after(std::string_view month) {
    expects(is_month(month), "what follows a month is asked of a month");
    int year = 0;
    for (const char c : month.substr(0, 4))
        year = year * 10 + (c - '0');
    const auto number = static_cast<unsigned>((month[5] - '0') * 10 + (month[6] - '0'));
    return number == 12 ? month_text(year + 1, 1) : month_text(year, number + 1);
}

BookDecision decide(const Book& book, const BookCommand& command, Time now, const ActorId& by) {
    return std::visit([&](const auto& one) { return handle(book, one, now, by); }, command);
}

Book evolve(Book book, const BookEvent& event) {
    std::visit([&](const auto& one) { apply(book, one); }, event);
    return book;
}

} // namespace domain
