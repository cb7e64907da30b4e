#include "domain/invoice_book.hpp"

#include <algorithm>

namespace domain {

InvoiceBookDecision decide(const InvoiceBook& book, const InvoiceBookCommand& command, Time) {
    const auto& asked = std::get<AssignNumber>(command);
    if (asked.invoice.value.empty()) return InvoiceBookRejection::invoice_missing;
    const auto known = std::ranges::find(book.recent, asked.invoice, &NumberAssigned::invoice);
    std::vector<InvoiceBookEvent> events;
    events.push_back(known != book.recent.end() ? *known
                                                : NumberAssigned{asked.invoice, book.last + 1});
    return events;
}

InvoiceBook evolve(InvoiceBook book, const InvoiceBookEvent& event) {
    const auto& assigned = std::get<NumberAssigned>(event);
    if (assigned.number <= book.last) return book;
    book.last = assigned.number;
    book.recent.push_back(assigned);
    if (book.recent.size() > numbers_remembered_max) book.recent.erase(book.recent.begin());
    return book;
}

} // namespace domain
