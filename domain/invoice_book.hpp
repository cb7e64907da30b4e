// A dashboard's invoice numbers: 1, 2, 3 ... without a gap. The stream has the dashboard's id.

#pragma once

#include "domain/market_types.hpp"
#include "domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

// Numbers that are remembered, so that who asks again is told the same one. A drafted invoice asks
// once, and a command that comes twice is known by its id; this is for those that ask anew.
inline constexpr std::size_t numbers_remembered_max = 200;

struct AssignNumber {
    static constexpr std::string_view type = "invoice_book.assign";
    InvoiceId invoice;
};
BOOST_DESCRIBE_STRUCT(AssignNumber, (), (invoice))

using InvoiceBookCommand = std::variant<AssignNumber>;

struct NumberAssigned {
    static constexpr std::string_view type = "invoice_book.number_assigned";
    InvoiceId invoice;
    std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(NumberAssigned, (), (invoice, number))

using InvoiceBookEvent = std::variant<NumberAssigned>;

enum class InvoiceBookRejection { invoice_missing };
BOOST_DESCRIBE_ENUM(InvoiceBookRejection, invoice_missing)

struct InvoiceBook {
    static constexpr std::string_view name = "invoice_book";
    using Command = InvoiceBookCommand;
    using Event = InvoiceBookEvent;
    using Rejection = InvoiceBookRejection;

    std::uint64_t last = 0;
    std::vector<NumberAssigned> recent; // Oldest first.
};
BOOST_DESCRIBE_STRUCT(InvoiceBook, (), (last, recent))

inline bool exists(const InvoiceBook& book) { return book.last != 0; }

using InvoiceBookDecision = Result<std::vector<InvoiceBookEvent>, InvoiceBookRejection>;

// Who asks again is told again, with the same number.
InvoiceBookDecision decide(const InvoiceBook& book, const InvoiceBookCommand& command, Time now);
InvoiceBook evolve(InvoiceBook book, const InvoiceBookEvent& event);

} // namespace domain
