// What can be asked of a book, what can happen to it, and why it is refused. Stored names are never
// renamed or reused; a new field is optional.

#pragma once

#include "domain/described.hpp"
#include "domain/id.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace domain {

struct AdjustmentLine {
    std::string account; // Of the ledger: "receivable:user-a".
    Money amount;        // Above zero: debit.
};
BOOST_DESCRIBE_STRUCT(AdjustmentLine, (), (account, amount))

// Commands.

struct ProposeAdjustment {
    static constexpr std::string_view type = "book.propose_adjustment";
    std::string month; // Which it belongs to: "2027-04".
    std::vector<AdjustmentLine> lines;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ProposeAdjustment, (), (month, lines, reason))

struct ApproveAdjustment {
    static constexpr std::string_view type = "book.approve_adjustment";
    std::uint32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(ApproveAdjustment, (), (number))

struct RejectAdjustment {
    static constexpr std::string_view type = "book.reject_adjustment";
    std::uint32_t number = 0;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RejectAdjustment, (), (number, reason))

struct CloseBooks {
    static constexpr std::string_view type = "book.close";
    std::string month;
    // Filled in by the door from the ledger.
    std::vector<Money> suspense; // What the accounts for unexplained money hold, per currency.
    bool reconciled = false;     // With Stripe, the chain and the wallets, to the month's end.
};
BOOST_DESCRIBE_STRUCT(CloseBooks, (), (month, suspense, reconciled))

using BookCommand =
    std::variant<ProposeAdjustment, ApproveAdjustment, RejectAdjustment, CloseBooks>;

// Events.

struct AdjustmentProposed {
    static constexpr std::string_view type = "book.adjustment_proposed";
    std::uint32_t number = 0; // 1, 2, 3 ...
    std::string month;
    std::vector<AdjustmentLine> lines;
    std::string reason;
    ActorId proposed_by;
};
BOOST_DESCRIBE_STRUCT(AdjustmentProposed, (), (number, month, lines, reason, proposed_by))

// The ledger posts it.
struct AdjustmentApproved {
    static constexpr std::string_view type = "book.adjustment_approved";
    std::uint32_t number = 0;
    std::string month;
    std::vector<AdjustmentLine> lines;
    std::string reason;
    ActorId proposed_by;
    ActorId approved_by;
};
BOOST_DESCRIBE_STRUCT(AdjustmentApproved, (),
                      (number, month, lines, reason, proposed_by, approved_by))

struct AdjustmentRejected {
    static constexpr std::string_view type = "book.adjustment_rejected";
    std::uint32_t number = 0;
    ActorId rejected_by;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(AdjustmentRejected, (), (number, rejected_by, reason))

struct BooksClosed {
    static constexpr std::string_view type = "book.closed";
    std::string month;
};
BOOST_DESCRIBE_STRUCT(BooksClosed, (), (month))

using BookEvent =
    std::variant<AdjustmentProposed, AdjustmentApproved, AdjustmentRejected, BooksClosed>;

// Clients see the name. Each says what would have to be otherwise.
enum class BookRejection {
    lines_missing, // Fewer than two.
    too_many_lines,
    account_unknown, // No name of an account in the ledger.
    amount_zero,
    unbalanced, // In some currency, the lines do not sum to zero.
    reason_missing,
    month_malformed,
    month_closed,
    month_not_begun,
    month_not_over,
    month_out_of_order, // The month before it is open.
    asker_missing,      // Nobody is named who could be told from the second.
    same_approver,
    adjustment_unknown, // Never proposed.
    adjustment_decided,
    too_many_adjustments,
    adjustments_open, // Some that belong to the month wait for a second person.
    suspense_not_empty,
    reconciliation_missing,
};
BOOST_DESCRIBE_ENUM(BookRejection, lines_missing, too_many_lines, account_unknown, amount_zero,
                    unbalanced, reason_missing, month_malformed, month_closed, month_not_begun,
                    month_not_over, month_out_of_order, asker_missing, same_approver,
                    adjustment_unknown, adjustment_decided, too_many_adjustments, adjustments_open,
                    suspense_not_empty, reconciliation_missing)

} // namespace domain
